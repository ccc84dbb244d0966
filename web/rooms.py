"""The way into an online meeting: a link out to the configured server's own page, with a pass for minutes."""

from typing import cast

from flask import Blueprint, current_app, redirect
from flask.typing import ResponseReturnValue

from engine.mediation.rooms import Rooms, way_in
from web.access import actor, engine, parties_only, staff_only

ROOMS = "rooms"
pages = Blueprint("rooms", __name__)


@pages.get("/cases/<case_id>/meeting")
@staff_only
def enter(case_id: str) -> ResponseReturnValue:
    """The mediator goes into the meeting that was arranged."""
    return redirect(way_in(engine(), actor(), case_id, _rooms()), 303)


@pages.get("/party/meeting")
@parties_only
def enter_own() -> ResponseReturnValue:
    """A party goes into the meeting of its case."""
    return redirect(way_in(engine(), actor(), actor().instance_id or "", _rooms()), 303)


def _rooms() -> Rooms | None:
    return cast("Rooms | None", current_app.extensions.get(ROOMS))
