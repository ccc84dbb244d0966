"""Evidence: the list of a case, items added, shown to the other side and handed back, their files."""

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors
from engine.calendar import day_of
from engine.mediation import case_page, evidence, evidence_page
from engine.policy import ACTIONS
from web.access import actor, engine, signed_in, staff_only
from web.bodies import Wrong, attempt
from web.documents import sent
from web.posted import day_given, text_given

pages = Blueprint("evidence", __name__)
COMMITTEE = "committee"


@pages.get("/cases/<case_id>/evidence")
@staff_only
def index(case_id: str) -> ResponseReturnValue:
    """The list of a case's evidence, with the form that adds to it."""
    return page_of(case_id)


@pages.post("/cases/<case_id>/evidence")
@staff_only
def add(case_id: str) -> ResponseReturnValue:
    """Put an item on the list."""
    return _change(
        "add",
        case_id,
        lambda: evidence.add_evidence(engine(), actor(), case_id, _new(), request.form.get("key", "")),
        gettext("The evidence is on the list."),
    )


@pages.post("/cases/<case_id>/evidence/<item_id>/return")
@staff_only
def hand_back(case_id: str, item_id: str) -> ResponseReturnValue:
    """An item was handed back."""
    return _change(
        f"return-{item_id}",
        case_id,
        lambda: evidence.hand_back(
            engine(),
            actor(),
            case_id,
            evidence.HandedBack(item_id, day_given("on"), text_given("note")),
            request.form.get("key", ""),
        ),
        gettext("It is recorded that this was handed back."),
    )


@pages.post("/cases/<case_id>/evidence/<item_id>/disclosure")
@staff_only
def disclose(case_id: str, item_id: str) -> ResponseReturnValue:
    """Who brought an item lets it be shown to the other side, or no longer."""
    return _change(
        f"disclose-{item_id}",
        case_id,
        lambda: evidence.set_disclosure(
            engine(), actor(), (case_id, item_id), text_given("disclosure"), request.form.get("key", "")
        ),
        gettext("Who may see it has been changed."),
    )


@pages.get("/evidence/<item_id>")
@signed_in
def show(item_id: str) -> ResponseReturnValue:
    """An item's file; `?save` has the browser save it."""
    return sent(evidence_page.read_evidence(engine(), actor(), item_id))


def page_of(case_id: str, wrong: Wrong | None = None) -> str:
    """The page of a case's evidence, with what is `wrong` in one of its forms; NotFound."""
    case = case_page.show_case(engine(), actor(), case_id)
    may = {action: allows(actor()) for action, allows in ACTIONS.items()}
    today = day_of(engine().now()).isoformat()
    return render_template(
        "evidence/show.html", case=case, wrong=wrong, may=may, today=today, committee=COMMITTEE
    )


def _change(form: str, case_id: str, command: Callable[[], object], said: str) -> ResponseReturnValue:
    goal = (said, url_for("evidence.index", case_id=case_id))
    return attempt(form, command, lambda wrong: page_of(case_id, wrong), goal)


def _new() -> evidence.NewEvidence:
    file = request.files.get("file")
    return evidence.NewEvidence(
        name=text_given("name"),
        party_id=_brought_by(),
        brought_on=day_given("brought_on"),
        kind=text_given("kind"),
        disclosure=text_given("disclosure"),
        description=text_given("description"),
        original=text_given("original") == "yes",
        file=(file.filename, file.read()) if file and file.filename else None,
    )


def _brought_by() -> str:
    given = text_given("party_id")
    if not given:
        raise errors.InvalidAnswers({"party_id": ("Choose one of these.", {})})
    return "" if given == COMMITTEE else given
