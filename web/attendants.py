"""Interpreters and witnesses of a case: added and removed on a page of it."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.mediation import attendant_records, case_page
from engine.mediation.attendant_records import NewAttendant
from engine.mediation.attendants import ROLES
from engine.policy import ACTIONS
from web.access import actor, engine, staff_only
from web.bodies import Wrong, attempt
from web.posted import text_given

pages = Blueprint("attendants", __name__)


@pages.get("/cases/<case_id>/attendants")
@staff_only
def index(case_id: str) -> ResponseReturnValue:
    """Who interprets and witnesses in a case, with the form that adds somebody."""
    return page_of(case_id)


@pages.post("/cases/<case_id>/attendants")
@staff_only
def add(case_id: str) -> ResponseReturnValue:
    """Add an interpreter or witness."""
    return attempt(
        "add",
        lambda: attendant_records.add_attendant(
            engine(), actor(), case_id, _new(), request.form.get("key", "")
        ),
        lambda wrong: page_of(case_id, wrong),
        (gettext("The person is on record."), url_for("attendants.index", case_id=case_id)),
    )


@pages.post("/cases/<case_id>/attendants/<attendant_id>/end")
@staff_only
def remove(case_id: str, attendant_id: str) -> ResponseReturnValue:
    """Note that somebody attends no more."""
    return attempt(
        "remove",
        lambda: attendant_records.remove_attendant(
            engine(), actor(), case_id, attendant_id, request.form.get("key", "")
        ),
        lambda wrong: page_of(case_id, wrong),
        (gettext("The person attends no more."), url_for("attendants.index", case_id=case_id)),
    )


def page_of(case_id: str, wrong: Wrong | None = None) -> str:
    """The page of who attends, with what is `wrong` in one of its forms; NotFound, Forbidden."""
    removed = attendant_records.removed_attendants(engine(), actor(), case_id)
    case = case_page.show_case(engine(), actor(), case_id)
    may = {action: allows(actor()) for action, allows in ACTIONS.items()}
    chosen = request.form.getlist("party_ids")
    return render_template(
        "attendants/show.html",
        case=case, removed=removed, wrong=wrong, may=may, roles=ROLES, chosen=chosen,
    )  # fmt: skip


def _new() -> NewAttendant:
    role, name, language, phone = map(text_given, ("role", "name", "language", "phone"))
    return NewAttendant(role, name, language, phone, tuple(dict.fromkeys(request.form.getlist("party_ids"))))
