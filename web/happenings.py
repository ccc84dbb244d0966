"""Something has happened in a case: the page on which the staff says what, and what each choice does."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors
from engine.mediation import happening_page, happenings
from web import metrics, refusals
from web.access import actor, engine, staff_only

pages = Blueprint("happenings", __name__, url_prefix="/cases/<case_id>/happenings")
LONGEST = 2000


@dataclass(frozen=True)
class Wrong:
    """What is missing in the form of a choice, and what was typed."""

    kind: str
    field: str
    text: str
    typed: Mapping[str, str]


@pages.get("")
@staff_only
def choose(case_id: str) -> ResponseReturnValue:
    """Every choice with what it does and by which article."""
    return _page(case_id)


@pages.post("/<kind>")
@staff_only
def note(case_id: str, kind: str) -> ResponseReturnValue:
    """Write down what has happened, and go on with what follows from it."""
    form = request.form
    happened = happenings.Happened(
        case_id, kind, form.get("text", "").strip()[:LONGEST], form.get("party_id") or None
    )
    try:
        happenings.note_happening(engine(), actor(), happened, form.get("key", ""))
    except (errors.ReasonMissing, errors.PartyMissing) as refusal:
        metrics.refused(refusal)
        field = "text" if isinstance(refusal, errors.ReasonMissing) else "party"
        return _page(case_id, Wrong(kind, field, refusals.say(refusal), form)), 422
    flash(gettext("It is written down. What must be done now stands under “To do now”."), "success")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _page(case_id: str, wrong: Wrong | None = None) -> str:
    view = happening_page.choices(engine(), actor(), case_id)
    return render_template("happenings/choose.html", view=view, wrong=wrong)
