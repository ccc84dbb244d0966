"""The duty roster of chief mediators, week by week."""

import datetime as dt
from collections.abc import Iterator

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors
from engine.mediation import roster
from engine.mediation.roster import Shift
from web.access import actor, engine, staff_only

pages = Blueprint("duties", __name__, url_prefix="/bodies/<body_id>/duties")
WEEK = dt.timedelta(days=7)
YEARS = range(2000, 2100)


@pages.get("")
@staff_only
def show(body_id: str) -> ResponseReturnValue:
    """The week in which the asked day lies, else this one."""
    asked = request.args.get("day")
    week = roster.show_week(engine(), actor(), body_id, _day(asked) if asked else None)
    return render_template("duties/show.html", week=week, halves=roster.HALVES, step=WEEK, shift=Shift)


@pages.post("")
@staff_only
def plan(body_id: str) -> ResponseReturnValue:
    """Make what is ticked the roster of that week."""
    day = _day(request.form.get("day", ""))
    roster.plan_week(engine(), actor(), body_id, day, list(_ticked()))
    flash(gettext("The roster of this week has been saved."), "success")
    return redirect(url_for("duties.show", body_id=body_id, day=day.isoformat()), 303)


def _ticked() -> Iterator[Shift]:
    for ticked in request.form.getlist("shift"):
        day, _, rest = ticked.partition(" ")
        half, _, account_id = rest.partition(" ")
        yield Shift(_day(day), half, account_id)


def _day(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as unreadable:
        raise errors.UnreadableTime from unreadable
    if day.year not in YEARS:
        raise errors.UnreadableTime
    return day
