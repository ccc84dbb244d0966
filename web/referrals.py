"""Referrals: the results that other bodies are owed, and that they were sent."""

import datetime as dt

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors
from engine.calendar import day_of
from engine.mediation import case_page, referrals
from web.access import actor, engine, staff_only
from web.bodies import Wrong, attempt

pages = Blueprint("referrals", __name__)


@pages.get("/referrals")
@staff_only
def index() -> ResponseReturnValue:
    """All that is owed, results that are there first."""
    rows, today = referrals.list_owed(engine(), actor()), day_of(engine().now())
    return render_template("referrals/list.html", rows=rows, today=today)


@pages.get("/cases/<case_id>/referral")
@staff_only
def show(case_id: str) -> ResponseReturnValue:
    """What one body is owed, and the form that records that it was sent."""
    return _page(case_id)


@pages.post("/cases/<case_id>/referral")
@staff_only
def answer(case_id: str) -> ResponseReturnValue:
    """The result was sent to the body that referred the case."""
    goal = (gettext("It is recorded that the result was sent."), url_for("cases.show", case_id=case_id))
    return attempt("sent", lambda: _record(case_id), lambda wrong: _page(case_id, wrong), goal)


def _record(case_id: str) -> None:
    form = request.form
    try:
        day = dt.date.fromisoformat(form.get("on", ""))
    except ValueError as unreadable:
        raise errors.InvalidAnswers({"on": ("Answer this question.", {})}) from unreadable
    sent = referrals.Sent(day, form.get("manner", ""))
    referrals.record_sent(engine(), actor(), case_id, sent, form.get("key", ""))


def _page(case_id: str, wrong: Wrong | None = None) -> str:
    case = case_page.show_case(engine(), actor(), case_id)
    if case.intake is None or case.intake.referral is None:
        raise errors.NotFound
    chosen = {"owed": case.intake.referral, "manners": referrals.MANNERS}
    return render_template("referrals/show.html", wrong=wrong, **chosen)
