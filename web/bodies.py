"""The tree of bodies and the page of one: its place, its committee and the register of its mediators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import bodies, errors
from engine.bodies import NewBody
from engine.mediation import committees
from engine.policy import ACTIONS
from web import metrics, refusals
from web.access import actor, engine, staff_only
from web.words import filled

pages = Blueprint("bodies", __name__, url_prefix="/bodies")
SHOWN_AGAIN = (409, 422)


@dataclass(frozen=True)
class Wrong:
    """What can't be taken in a form of the page: the form, a text by field ("" for all), what was typed."""

    form: str
    texts: Mapping[str, str]
    typed: Mapping[str, str]


def attempt(
    form: str, command: Callable[[], object], page: Callable[[Wrong], str], goal: tuple[str, str]
) -> ResponseReturnValue:
    """Do it, say so and go to the `goal` (text, address); what is refused is told on the page again."""
    try:
        command()
    except errors.Refusal as refusal:
        if refusal.status not in SHOWN_AGAIN:
            raise
        metrics.refused(refusal)
        return page(Wrong(form, texts(refusal), request.form)), refusal.status
    flash(goal[0], "success")
    return redirect(goal[1], 303)


@pages.get("")
@staff_only
def index() -> ResponseReturnValue:
    """The tree."""
    return _tree(None)


@pages.post("")
@staff_only
def add() -> ResponseReturnValue:
    """Add a body under another or at the top."""
    typed = {name: request.form.get(name, "").strip() for name in ("name", "code", "court", "kind")}
    new = NewBody(parent_id=request.form.get("parent_id") or None, **typed)
    goal = (gettext("The body has been added."), url_for("bodies.index"))
    return attempt("add", lambda: bodies.add_body(engine(), actor(), new), _tree, goal)


@pages.get("/<body_id>")
@staff_only
def show(body_id: str) -> ResponseReturnValue:
    """The page of one body."""
    return page_of(body_id)


@pages.post("/<body_id>/name")
@staff_only
def rename(body_id: str) -> ResponseReturnValue:
    """Give it another name."""
    name = request.form.get("name", "").strip()
    return _change(
        "rename", body_id, lambda: bodies.rename_body(engine(), actor(), body_id, name),
        gettext("The name has been changed."),
    )  # fmt: skip


@pages.post("/<body_id>/place")
@staff_only
def move(body_id: str) -> ResponseReturnValue:
    """Put it under another body or at the top."""
    parent_id = request.form.get("parent_id") or None
    return _change(
        "move", body_id, lambda: bodies.move_body(engine(), actor(), body_id, parent_id),
        gettext("The body has been moved, with all that stands under it."),
    )  # fmt: skip


@pages.post("/<body_id>/closing")
@staff_only
def close(body_id: str) -> ResponseReturnValue:
    """Close it."""
    return _change(
        "close", body_id, lambda: bodies.close_body(engine(), actor(), body_id),
        gettext("The body has been closed."),
    )  # fmt: skip


@pages.post("/<body_id>/population")
@staff_only
def note_population(body_id: str) -> ResponseReturnValue:
    """Say whether people of several nationalities live where it works."""
    is_mixed = request.form.get("is_mixed") == "yes"
    return _change(
        "population", body_id,
        lambda: committees.set_mixed(engine(), actor(), body_id, is_mixed=is_mixed),
        gettext("This has been noted."),
    )  # fmt: skip


def page_of(body_id: str, wrong: Wrong | None = None) -> str:
    """The page of a body, with what is `wrong` in one of its forms; NotFound."""
    body = committees.show_committee(engine(), actor(), body_id)
    tree = bodies.list_bodies(engine(), actor())
    above = next((row for row in tree if row.id == body.parent_id), None)
    places = [row for row in tree if row.kind in bodies.STANDS_UNDER[body.kind] and not row.is_closed]
    may_stand_on_top = None in bodies.STANDS_UNDER[body.kind]
    return render_template(
        "bodies/show.html", body=body, above=above, places=places, on_top=may_stand_on_top, wrong=wrong
    )


def _change(form: str, body_id: str, command: Callable[[], object], said: str) -> ResponseReturnValue:
    goal = (said, url_for("bodies.show", body_id=body_id))
    return attempt(form, command, lambda wrong: page_of(body_id, wrong), goal)


def _tree(wrong: Wrong | None) -> str:
    found = bodies.list_bodies(engine(), actor())
    may = {action: allows(actor()) for action, allows in ACTIONS.items()}
    kinds = list(bodies.STANDS_UNDER)
    return render_template("bodies/list.html", found=found, may=may, kinds=kinds, wrong=wrong)


def texts(refusal: errors.Refusal) -> dict[str, str]:
    """What a refusal says, by the field that it is about, "" for all."""
    if isinstance(refusal, errors.InvalidAnswers):
        return {path: filled(message, params) for path, (message, params) in refusal.errors.items()}
    return {"": refusals.say(refusal)}
