"""What is published of consultations: for everybody, and the texts of a case for the staff."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.mediation import publication_page, publications
from engine.mediation.publications import Draft, Review, Withdrawn
from web.access import actor, engine, known_actor, staff_only, tenant_id
from web.bodies import Wrong, attempt

pages = Blueprint("publications", __name__)
LONGEST_REASON = 2000


@pages.get("/publications")
def index() -> ResponseReturnValue:
    """What everybody may read, without an account; for the staff also what waits for their review."""
    me = known_actor()
    waiting = publication_page.list_waiting(engine(), me) if me and not me.party_id else []
    found = publication_page.list_published(engine(), tenant_id())
    return render_template("publications/list.html", found=found, waiting=waiting)


@pages.get("/cases/<case_id>/publications")
@staff_only
def show(case_id: str) -> ResponseReturnValue:
    """The texts of a case."""
    return _page(case_id, None)


@pages.post("/cases/<case_id>/publications")
@staff_only
def prepare(case_id: str) -> ResponseReturnValue:
    """Prepare a text for the review of another person."""
    draft = Draft(case_id, _text("title"), _text("text"))
    return attempt(
        "prepare",
        lambda: publications.prepare(engine(), actor(), draft, _text("key")),
        lambda wrong: _page(case_id, wrong),
        (gettext("The text waits for the review of another person."), _address(case_id)),
    )


@pages.post("/cases/<case_id>/publications/<publication_id>/review")
@staff_only
def review(case_id: str, publication_id: str) -> ResponseReturnValue:
    """Publish a text or send it back."""
    publishes = _text("decision") == "publish"
    found = Review(case_id, publication_id, publishes, _text("note")[:LONGEST_REASON])
    said = gettext("The text is published.") if publishes else gettext("The text has been sent back.")
    return attempt(
        f"review-{publication_id}",
        lambda: publications.review(engine(), actor(), found, _text("key")),
        lambda wrong: _page(case_id, wrong),
        (said, _address(case_id)),
    )


@pages.post("/cases/<case_id>/publications/<publication_id>/withdrawal")
@staff_only
def withdraw(case_id: str, publication_id: str) -> ResponseReturnValue:
    """Take a published text off again."""
    asked = Withdrawn(case_id, publication_id, _text("reason")[:LONGEST_REASON])
    return attempt(
        f"withdraw-{publication_id}",
        lambda: publications.withdraw(engine(), actor(), asked, _text("key")),
        lambda wrong: _page(case_id, wrong),
        (gettext("The text is withdrawn."), _address(case_id)),
    )


def _page(case_id: str, wrong: Wrong | None) -> str:
    found = publication_page.show_publications(engine(), actor(), case_id)
    return render_template("publications/case.html", found=found, wrong=wrong)


def _address(case_id: str) -> str:
    return url_for("publications.show", case_id=case_id)


def _text(name: str) -> str:
    return request.form.get(name, "")
