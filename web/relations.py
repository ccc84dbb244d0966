"""Related cases: those that name the same people, and what a person says of them."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.mediation import relations
from web.access import actor, engine, staff_only
from web.bodies import Wrong, attempt

pages = Blueprint("relations", __name__, url_prefix="/cases/<case_id>/relations")


@pages.get("")
@staff_only
def index(case_id: str) -> ResponseReturnValue:
    """What was decided, and the cases that may belong to this one."""
    return _page(case_id)


@pages.post("/<other_id>")
@staff_only
def note(case_id: str, other_id: str) -> ResponseReturnValue:
    """Record what the other case is to this one."""
    form = request.form
    found = relations.Related(case_id, other_id, form.get("kind", ""), form.get("reason", "")[:500])
    return attempt(
        other_id,
        lambda: relations.note_relation(engine(), actor(), found, form.get("key", "")),
        lambda wrong: _page(case_id, wrong),
        (
            gettext("It is recorded how the two cases belong together."),
            url_for("relations.index", case_id=case_id),
        ),
    )


def _page(case_id: str, wrong: Wrong | None = None) -> str:
    found = relations.candidates(engine(), actor(), case_id)
    decided = relations.relations_of(engine(), actor(), case_id)
    shown = {"found": found, "decided": decided, "kinds": relations.KINDS}
    return render_template("relations/list.html", case_id=case_id, wrong=wrong, **shown)
