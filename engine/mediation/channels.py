"""Channels of an online mediation: one that all parties read, and one of the mediator with each party."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.keys import Keys
from engine.mediation import compartments, parties, visibility
from engine.mediation.answers import Problems
from engine.mediation.compartments import Compartment
from engine.mediation.notes import written
from engine.mediation.online import online_case, require_asynchronous
from engine.models.cases import Case, Party
from engine.models.online import OnlineMessage
from engine.policy import Actor
from engine.services import Step

PRIVATE = frozenset({"channel", "message_party", "author", "message"})
ITEM_OF = {"joint": "joint_messages", "private": "private_messages"}


@dataclass(frozen=True)
class MessageView:
    """A message as somebody reads it; text and author are None for who may only know that it is there."""

    channel: str
    party_name: str
    author: str | None
    text: str | None
    made_at: dt.datetime


def message_recorded(step: Step) -> None:
    """Keep what was said in a channel, encrypted; to write at different times all must agree (Art. 16).

    What was said to the mediator alone is told to nobody (Online Rules Art. 18).
    """
    if step.answers["next_step"] != "message":
        return
    case, answers, problems = online_case(step), step.answers, Problems()
    require_asynchronous(step, case)
    known = {party.id for party in parties.active(case.parties)}
    problems.one_of("message_party", answers["message_party"], known)
    problems.refuse()
    compartment = compartments.ensure(step.session, step.engine.keys, case.id)
    columns = written(step)
    step.session.add(
        OnlineMessage(
            **columns, channel=answers["channel"], party_id=answers["message_party"],
            author=answers["author"],
            sealed=compartment.seal(answers["message"], *_place(columns["id"])),
        )
    )  # fmt: skip


def messages_for(session: Session, keys: Keys, actor: Actor, case: Case) -> list[MessageView]:
    """The messages of a case that the actor sees, oldest first, as annex A4 lets the actor read them."""
    how = {channel: visibility.reading(item, actor, case, case.parties) for channel, item in ITEM_OF.items()}
    found = select(OnlineMessage, Party.name).join(Party, Party.id == OnlineMessage.party_id)
    found = found.where(OnlineMessage.case_id == case.id).order_by(OnlineMessage.id)
    rows = [
        (row, name)
        for row, name in session.execute(found).all()
        if how[row.channel] != visibility.NOTHING
        and (how[row.channel] != visibility.OWN or row.party_id == actor.party_id)
    ]
    compartment = compartments.of_case(session, keys, case.id) if rows else None
    return [_view(compartment, row, name, how[row.channel]) for row, name in rows]


def _view(compartment: Compartment | None, row: OnlineMessage, name: str, how: str) -> MessageView:
    if compartment is None or how == visibility.SEALED:
        return MessageView(row.channel, name, None, None, row.made_at)
    text = compartment.open(row.sealed, *_place(row.id))
    return MessageView(row.channel, name, row.author, text, row.made_at)


def _place(message_id: str) -> tuple[str, str, str]:
    return (OnlineMessage.__tablename__, message_id, "sealed")
