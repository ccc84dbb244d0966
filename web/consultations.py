"""Consultations: what departments and experts were to do is marked as done."""

import datetime as dt

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors
from engine.mediation.consultation_opinions import DutyDone, finish_duty
from web.access import actor, engine, staff_only

pages = Blueprint("consultations", __name__, url_prefix="/cases/<case_id>/opinion/duties")


@pages.post("/<duty_id>")
@staff_only
def finish(case_id: str, duty_id: str) -> ResponseReturnValue:
    """Record the day on which a duty was done."""
    form = request.form
    day = form.get("done_on", type=dt.date.fromisoformat)
    if day is None:
        raise errors.UnreadableTime
    done = DutyDone(case_id, duty_id, day, form.get("note", "")[:2000])
    finish_duty(engine(), actor(), done, form.get("key", ""))
    flash(gettext("The duty is marked as done."), "success")
    return redirect(url_for("cases.show", case_id=case_id, _anchor="duties"), 303)
