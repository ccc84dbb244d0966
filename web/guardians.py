"""Guardians of parties under age: recorded on a page of the case, and replaced there."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.mediation import case_page, guardian_records
from engine.mediation.guardian_records import NewGuardian
from engine.policy import ACTIONS
from web.access import actor, engine, staff_only
from web.bodies import Wrong, attempt
from web.posted import text_given

pages = Blueprint("guardians", __name__)


@pages.get("/cases/<case_id>/guardians")
@staff_only
def index(case_id: str) -> ResponseReturnValue:
    """The guardians of a case, with the form that records one."""
    return page_of(case_id)


@pages.post("/cases/<case_id>/guardians")
@staff_only
def record(case_id: str) -> ResponseReturnValue:
    """Record a party's guardian; the former one is ended."""
    return attempt(
        "record",
        lambda: guardian_records.record_guardian(
            engine(), actor(), case_id, _new(), request.form.get("key", "")
        ),
        lambda wrong: page_of(case_id, wrong),
        (gettext("The guardian is on record."), url_for("guardians.index", case_id=case_id)),
    )


def page_of(case_id: str, wrong: Wrong | None = None) -> str:
    """The page of a case's guardians, with what is `wrong` in its form; NotFound, Forbidden."""
    former = guardian_records.former_guardians(engine(), actor(), case_id)
    case = case_page.show_case(engine(), actor(), case_id)
    may = {action: allows(actor()) for action, allows in ACTIONS.items()}
    return render_template("guardians/show.html", case=case, former=former, wrong=wrong, may=may)


def _new() -> NewGuardian:
    return NewGuardian(*map(text_given, NewGuardian.__annotations__))
