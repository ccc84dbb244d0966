"""Rooms on a LiveKit server, where one is configured: names nobody guesses, passes that last for minutes."""

import datetime as dt
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode

import jwt
from sqlalchemy.orm import Session

from engine import Engine, errors
from engine.mediation import law, parties
from engine.mediation.lookup import case_of, visible_case
from engine.mediation.notes import last
from engine.mediation.online import parties_to_ask, unidentified
from engine.models.cases import Case
from engine.models.online import OnlineMeeting
from engine.policy import Actor

LASTS = dt.timedelta(minutes=10)
RANDOM_BYTES = 24


@dataclass(frozen=True)
class Rooms:
    """The server's address (wss://…), its own meeting page (https://…), and the key that signs passes."""

    url: str
    page: str
    key: str
    secret: str = field(repr=False)


def new_room() -> str:
    """A name for a room that nobody can guess; it names neither the case nor anybody in it."""
    return secrets.token_urlsafe(RANDOM_BYTES)


def pass_for(rooms: Rooms, room: str, identity: str, at: dt.datetime) -> str:
    """An access token of LiveKit: a JWT (HS256) that lets one identity into one room for ten minutes."""
    video = {"room": room, "roomJoin": True, "canPublish": True, "canSubscribe": True, "canPublishData": True}
    claims = {"iss": rooms.key, "sub": identity, "nbf": at, "exp": at + LASTS, "video": video}
    return jwt.encode(claims, rooms.secret, algorithm="HS256")


def way_in(engine: Engine, actor: Actor, case_id: str, rooms: Rooms | None) -> str:
    """The address of the arranged meeting with a pass of the actor's own; it is kept and logged nowhere.

    NotFound for who does not take part and where no meeting waits in a room, LawForbids before all parties
    agreed and were identified (Online Rules Arts. 4 and 17).
    """
    with engine.sessions.query(actor.tenant_id) as session:
        visible_case(session, actor, case_id)
        case, at = case_of(session, case_id), engine.now()
        room, identity = _open_room(session, case_id), _identity(actor, case)
        if rooms is None or not room or not identity:
            raise errors.NotFound
        if parties_to_ask(session, case_id):
            raise law.forbids("online_consent", at, "not every party has agreed to online mediation")
        if unidentified(session, case_id):
            raise law.forbids("online_identity", at, "the identity of a party has not been checked")
    token = pass_for(rooms, room, identity, at)
    return f"{rooms.page}?{urlencode({'liveKitUrl': rooms.url, 'token': token})}"


def may_enter(session: Session, actor: Actor, case: Case) -> bool:
    """Whether a meeting waits in a room that the actor takes part in."""
    return bool(_open_room(session, case.id) and _identity(actor, case))


def _open_room(session: Session, case_id: str) -> str:
    meeting = last(session, OnlineMeeting, case_id)
    return meeting.room if meeting is not None and meeting.state != "held" else ""


def _identity(actor: Actor, case: Case) -> str:
    """Who somebody is in the room: side and place, never a name or a number; empty for everybody else."""
    if actor.party_id is None:
        return "mediator" if actor.id == case.mediator_id else ""
    here = (party for party in parties.active(case.parties) if party.id == actor.party_id)
    return next((f"{party.side}-{party.position}" for party in here), "")
