"""The list of experts for consultations: shown, an expert entered, an entry ended."""

import datetime as dt

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors
from engine.mediation import experts
from engine.mediation.experts import NewExpert
from web.access import actor, engine, staff_only
from web.bodies import Wrong, attempt
from web.posted import text_given

pages = Blueprint("experts", __name__, url_prefix="/experts")
LONGEST_TEXT = 500


@pages.get("")
@staff_only
def index() -> ResponseReturnValue:
    """The whole list."""
    return _page(None)


@pages.post("")
@staff_only
def enter() -> ResponseReturnValue:
    """Enter an expert."""
    goal = (gettext("The expert is on the list."), url_for("experts.index"))
    return attempt("enter", lambda: experts.enter_expert(engine(), actor(), _new()), _page, goal)


@pages.post("/<expert_id>/end")
@staff_only
def end(expert_id: str) -> ResponseReturnValue:
    """Take an expert off the list from a day on."""
    goal = (gettext("The expert has been taken off the list."), url_for("experts.index"))
    return attempt(
        f"end-{expert_id}",
        lambda: experts.end_expert(engine(), actor(), expert_id, _day("ended_on"), _text("reason")),
        _page,
        goal,
    )


def _new() -> NewExpert:
    return NewExpert(
        kind=_text("kind"),
        name=_text("name"),
        field=_text("field"),
        institution=_text("institution"),
        contact=_text("contact"),
        available_from=_day("available_from"),
        available_until=_day("available_until") if _text("available_until") else None,
    )


def _page(wrong: Wrong | None) -> str:
    found = experts.list_experts(engine(), actor())
    return render_template("experts/list.html", found=found, kinds=experts.KINDS, wrong=wrong)


def _text(name: str) -> str:
    return text_given(name, LONGEST_TEXT)


def _day(name: str) -> dt.date:
    try:
        return dt.date.fromisoformat(_text(name))
    except ValueError as unreadable:
        raise errors.InvalidAnswers({name: (errors.UnreadableTime.__doc__ or "", {})}) from unreadable
