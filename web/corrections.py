"""What was written wrongly: a party's details put right, and an unsigned agreement drafted again."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.mediation import case_page, corrections
from engine.mediation.corrections import Correction
from engine.policy import ACTIONS
from web.access import actor, engine, staff_only
from web.bodies import Wrong, attempt
from web.posted import text_given

pages = Blueprint("corrections", __name__, url_prefix="/cases/<case_id>/corrections")


@pages.get("")
@staff_only
def index(case_id: str) -> ResponseReturnValue:
    """What can be put right in a case, and how."""
    return page_of(case_id)


@pages.post("/party")
@staff_only
def party(case_id: str) -> ResponseReturnValue:
    """Put a party's details right."""
    return attempt(
        "party",
        lambda: corrections.correct_party(engine(), actor(), case_id, _right(), request.form.get("key", "")),
        lambda wrong: page_of(case_id, wrong),
        (gettext("The details are corrected."), url_for("cases.show", case_id=case_id)),
    )


@pages.post("/agreement")
@staff_only
def agreement(case_id: str) -> ResponseReturnValue:
    """Have the agreement drafted again."""
    return attempt(
        "agreement",
        lambda: corrections.return_text(engine(), actor(), case_id, request.form.get("key", "")),
        lambda wrong: page_of(case_id, wrong),
        (
            gettext("The agreement is drafted again: the mediator finds it under “To do now”."),
            url_for("cases.show", case_id=case_id),
        ),
    )


def page_of(case_id: str, wrong: Wrong | None = None) -> str:
    """The page, with what is `wrong` in one of its forms; NotFound."""
    case = case_page.show_case(engine(), actor(), case_id)
    may = {action: allows(actor()) for action, allows in ACTIONS.items()}
    return render_template("corrections/show.html", case=case, wrong=wrong, may=may)


def _right() -> Correction:
    return Correction(
        text_given("party_id"), text_given("name"), text_given("address"), text_given("phone"),
        text_given("id_number"),
    )  # fmt: skip
