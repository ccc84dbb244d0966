"""The register of mediators: entering a term, ending it, trainings, and the file for the justice bureau."""

import datetime as dt
from collections.abc import Callable

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors
from engine.mediation import committees, register
from engine.mediation.committees import MediatorRow
from engine.mediation.register import NewMediator, NewTraining
from web.access import actor, engine, staff_only
from web.bodies import attempt, page_of
from web.posted import text_given
from web.spreadsheets import csv_file
from web.words import word

pages = Blueprint("mediators", __name__, url_prefix="/bodies")
LONGEST_TEXT = 500


@pages.post("/<body_id>/mediators")
@staff_only
def enter(body_id: str) -> ResponseReturnValue:
    """Enter a mediator's term."""
    said = gettext("The mediator is in the register.")
    return _change("enter", body_id, lambda: register.register_mediator(engine(), actor(), _new()), said)


@pages.post("/<body_id>/mediators/<mediator_id>/end")
@staff_only
def end(body_id: str, mediator_id: str) -> ResponseReturnValue:
    """End a term."""
    return _change(
        f"end-{mediator_id}", body_id,
        lambda: register.end_term(engine(), actor(), mediator_id, _day("ended_on"), _text("reason")),
        gettext("The term has been ended; the cases at hand go on."),
    )  # fmt: skip


@pages.post("/<body_id>/trainings")
@staff_only
def train(body_id: str) -> ResponseReturnValue:
    """Record a training."""
    said = gettext("The training has been recorded.")
    return _change("train", body_id, lambda: register.record_training(engine(), actor(), _training()), said)


@pages.get("/register.csv")
@staff_only
def export() -> ResponseReturnValue:
    """The register of the bodies in care as CSV for the justice bureau (PML Art. 10)."""
    rows = committees.list_register(engine(), actor())
    return csv_file("register.csv", [_heading(), *map(_line, rows)])


def _heading() -> list[str]:
    return [
        gettext("Body"), gettext("Name"), gettext("Standing"), gettext("Chosen how"), gettext("Chosen on"),
        gettext("Term ends on"), gettext("Ended on"), gettext("Why it ended"), gettext("State"),
        gettext("Education"), gettext("Woman"), gettext("Of a minority"), gettext("Hours of training"),
    ]  # fmt: skip


def _line(row: MediatorRow) -> list[str]:
    return [
        row.body, row.name, word(row.standing, "standing"), word(row.chosen_by, "standing"),
        row.chosen_on.isoformat(), row.term_end.isoformat(),
        row.ended_on.isoformat() if row.ended_on else "", row.end_reason, word(row.state, "term"),
        row.education, _yes(is_so=row.is_woman), _yes(is_so=row.is_minority), str(row.hours),
    ]  # fmt: skip


def _yes(*, is_so: bool) -> str:
    return str(gettext("yes") if is_so else gettext("no"))


def _change(form: str, body_id: str, command: Callable[[], object], said: str) -> ResponseReturnValue:
    goal = (said, url_for("bodies.show", body_id=body_id, _anchor="register"))
    return attempt(form, command, lambda wrong: page_of(body_id, wrong), goal)


def _new() -> NewMediator:
    return NewMediator(
        account_id=_text("account_id"),
        chosen_on=_day("chosen_on"),
        standing=_text("standing"),
        chosen_by=_text("chosen_by"),
        term_end=_day("term_end") if _text("term_end") else None,
        education=_text("education"),
        is_woman=_text("is_woman") == "yes",
        is_minority=_text("is_minority") == "yes",
    )


def _training() -> NewTraining:
    hours = _text("hours")
    # What is no number is refused as 0 is.
    number = int(hours) if hours.isascii() and hours.isdigit() and len(hours) < len("10000") else 0
    return NewTraining(_text("account_id"), _day("held_on"), _text("subject"), number)


def _text(name: str) -> str:
    return text_given(name, LONGEST_TEXT)


def _day(name: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(_text(name))
        # Far off every calendar a term of three years would have no end.
        return day.replace(year=day.year if day.year in range(1950, 2100) else 0)
    except ValueError as unreadable:
        raise errors.InvalidAnswers({name: (errors.UnreadableTime.__doc__ or "", {})}) from unreadable
