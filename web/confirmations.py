"""Judicial confirmation of an agreement: the joint application, and what the court decided."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.calendar import day_of
from engine.mediation import confirmation_page
from engine.mediation.confirmations import Application, Ruling, apply_for_confirmation, record_ruling
from web.access import actor, engine, staff_only
from web.bodies import Wrong, attempt
from web.posted import day_given, text_given

pages = Blueprint("confirmations", __name__)


@pages.get("/cases/<case_id>/confirmation")
@staff_only
def show(case_id: str) -> ResponseReturnValue:
    """Until when all may apply, and the forms that record an application and a ruling."""
    return _page(case_id)


@pages.post("/cases/<case_id>/confirmation")
@staff_only
def apply(case_id: str) -> ResponseReturnValue:
    """Record that the parties apply together."""
    return attempt(
        "apply",
        lambda: apply_for_confirmation(
            engine(), actor(), case_id, _application(), request.form.get("key", "")
        ),
        lambda wrong: _page(case_id, wrong),
        (gettext("It has been recorded."), url_for("confirmations.show", case_id=case_id)),
    )


@pages.post("/cases/<case_id>/confirmation/ruling")
@staff_only
def rule(case_id: str) -> ResponseReturnValue:
    """Record what the court decided."""
    return attempt(
        "ruling",
        lambda: record_ruling(engine(), actor(), case_id, _ruling(), request.form.get("key", "")),
        lambda wrong: _page(case_id, wrong),
        (gettext("It has been recorded."), url_for("confirmations.show", case_id=case_id)),
    )


def _page(case_id: str, wrong: Wrong | None = None) -> str:
    case = confirmation_page.show_confirmation(engine(), actor(), case_id)
    today = day_of(engine().now()).isoformat()
    return render_template("confirmations/show.html", case=case, wrong=wrong, today=today)


def _application() -> Application:
    return Application(request.form.getlist("party_id"), text_given("court"), day_given("applied_on"))


def _ruling() -> Ruling:
    return Ruling(text_given("result"), day_given("ruled_on"), text_given("reference"), text_given("note"))
