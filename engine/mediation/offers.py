"""Offers and counter-offers: their terms, to whom they are disclosed, and what those answered."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.keys import Keys
from engine.mediation import agents, compartments, law, parties, visibility
from engine.mediation.answers import Problems, today
from engine.mediation.compartments import Compartment
from engine.mediation.notes import written
from engine.mediation.online import online_case, require_scope
from engine.models.base import dump_json, load_json
from engine.models.cases import Case
from engine.models.online import Offer, OfferAnswer
from engine.policy import Actor
from engine.services import Step

ITEM = "offers"
MEDIATOR = "调解员"
PRIVATE = frozenset({"offer_by", "offer_from", "offer_to", "disclosed", "terms", "answered_by", "answer"})


@dataclass(frozen=True)
class Term:
    """One thing that is offered; an amount in yuan, None where no money is due."""

    action: str
    amount: Decimal | None
    manner: str
    due_on: dt.date | None


@dataclass(frozen=True)
class OfferView:
    """An offer as somebody reads it; `by` is None for the mediator, `counters` the number it counters.

    `state` is open, accepted, declined or countered; `answers` are (name, answer).
    """

    number: int
    by: str | None
    to: list[str]
    counters: int | None
    disclosed: bool
    terms: list[Term]
    answers: list[tuple[str, str]]
    state: str


def offer_made(step: Step) -> None:
    """Keep a party's or the mediator's offer; undisclosed it stays with them (Online Rules Art. 18)."""
    if step.answers["next_step"] == "offer":
        by_party = step.answers["offer_by"] == "party"
        _make(step, online_case(step), step.answers["offer_from"] if by_party else None)


def offer_disclosed(step: Step) -> None:
    """Tell the other side an offer that was confidential, with the permission of whoever made it."""
    if step.answers["next_step"] != "disclose":
        return
    case, problems = online_case(step), Problems()
    offer = _one_of(step, case, "disclosed_offer", problems)
    problems.refuse()
    if step.answers["permitted"] is not True:
        raise law.forbids("online_offers", step.at, "whoever made the offer has not permitted it")
    offer.disclosed_at = offer.disclosed_at or step.at


def offer_answered(step: Step) -> None:
    """Keep what one of those to whom an offer was made said of it; a counter-offer is an offer itself."""
    if step.answers["next_step"] != "answer":
        return
    case, who, problems = online_case(step), step.answers["answered_by"], Problems()
    offer = _one_of(step, case, "answered_offer", problems)
    if who not in offer.to:
        problems.add("answered_by", "The offer was not made to this party.")
    if any(row.party_id == who for row in answers_of(step.session, case.id) if row.offer_id == offer.id):
        problems.add("answered_by", "This party has answered already.")
    problems.refuse()
    if offer.disclosed_at is None:
        raise law.forbids("online_offers", step.at, "the offer has not been disclosed to the other side")
    if step.answers["answer"] == "accept":
        require_scope(step, case, who, agents.SETTLE)
    elif step.answers["answer"] == "counter":
        _make(step, case, who, offer.id)
    step.session.add(
        OfferAnswer(**written(step), offer_id=offer.id, party_id=who, answer=step.answers["answer"])
    )


def offers_of(session: Session, case_id: str) -> Sequence[Offer]:
    """All offers of a case, in the order of their numbers."""
    return session.scalars(select(Offer).where(Offer.case_id == case_id).order_by(Offer.number)).all()


def answers_of(session: Session, case_id: str) -> Sequence[OfferAnswer]:
    """All answers to the offers of a case, oldest first."""
    found = select(OfferAnswer).where(OfferAnswer.case_id == case_id)
    return session.scalars(found.order_by(OfferAnswer.id)).all()


def offer_options(session: Session, case: Case) -> Mapping[str, list[dict[str, str]]]:
    """To choose from: the disclosed offers that are not answered by all, and the undisclosed ones."""
    said = answers_of(session, case.id)
    names = {party.id: party.name for party in case.parties}
    open_, private = [], []
    for offer in offers_of(session, case.id):
        by = names[offer.party_id] if offer.party_id else MEDIATOR
        to = "、".join(names[one] for one in offer.to)
        option = {"value": offer.id, "label": f"{offer.number}. {by} → {to}"}
        if offer.disclosed_at is None:
            private.append(option)
        elif _state(offer, said) == "open":
            open_.append(option)
    return {"open_offers": open_, "private_offers": private}


def offers_for(session: Session, keys: Keys, actor: Actor, case: Case) -> list[OfferView]:
    """The offers that the actor may read: a party its own and those disclosed to it (annex A4)."""
    how = visibility.reading(ITEM, actor, case, case.parties)
    if how == visibility.NOTHING:
        return []
    found = [one for one in offers_of(session, case.id) if _reads(how, actor, one)]
    compartment = compartments.of_case(session, keys, case.id) if found else None
    if compartment is None:
        return []
    names, said = {party.id: party.name for party in case.parties}, answers_of(session, case.id)
    numbers = {one.id: one.number for one in found}
    return [_view(compartment, one, names, said, numbers) for one in found]


def disclosed_terms(session: Session, inside: Compartment | None, case: Case) -> list[list[Term]]:
    """The terms of each offer that was told to those it was made to, in their order."""
    found = [one for one in offers_of(session, case.id) if one.disclosed_at is not None]
    return [_terms(inside, one) for one in found] if inside else []


def _make(step: Step, case: Case, made_by: str | None, counters_id: str | None = None) -> None:
    answers, problems = step.answers, Problems()
    here = {party.id for party in parties.active(case.parties)}
    if made_by is not None:
        problems.one_of("offer_from", made_by, here)
    for one in answers["offer_to"]:
        problems.one_of("offer_to", one, here - {made_by})
    for index, row in enumerate(answers["terms"]):
        problems.not_before(f"terms.{index}.due_on", row.get("due_on"), today(step))
    if not answers["terms"]:
        problems.add("terms", "Write at least one thing that is offered.")
    problems.refuse()
    if made_by is not None:
        require_scope(step, case, made_by, agents.SETTLE)
    compartment = compartments.ensure(step.session, step.engine.keys, case.id)
    columns = written(step)
    step.session.add(
        Offer(
            **columns, number=_next_number(step.session, case.id), party_id=made_by,
            to=list(answers["offer_to"]), counters_id=counters_id,
            disclosed_at=step.at if answers["disclosed"] == "yes" else None,
            sealed=compartment.seal(_written_terms(answers["terms"]), *_place(columns["id"])),
        )
    )  # fmt: skip
    step.session.flush()


def _one_of(step: Step, case: Case, path: str, problems: Problems) -> Offer:
    known = {one.id: one for one in offers_of(step.session, case.id)}
    if step.answers[path] not in known:
        problems.add(path, "Choose an offer of this case.")
        problems.refuse()
    return known[step.answers[path]]


def _next_number(session: Session, case_id: str) -> int:
    last = session.scalars(select(func.max(Offer.number)).where(Offer.case_id == case_id)).one()
    return (last or 0) + 1


def _reads(how: str, actor: Actor, offer: Offer) -> bool:
    if how != visibility.DISCLOSED or offer.party_id == actor.party_id:
        return True
    return offer.disclosed_at is not None and actor.party_id in offer.to


def _state(offer: Offer, said: Collection[OfferAnswer]) -> str:
    answers = {row.party_id: row.answer for row in said if row.offer_id == offer.id}
    for answer, state in (("counter", "countered"), ("decline", "declined")):
        if answer in answers.values():
            return state
    return "accepted" if set(answers) >= set(offer.to) else "open"


def _view(
    compartment: Compartment,
    offer: Offer,
    names: Mapping[str, str],
    said: Sequence[OfferAnswer],
    numbers: Mapping[str, int],
) -> OfferView:
    return OfferView(
        number=offer.number,
        by=names[offer.party_id] if offer.party_id else None,
        to=[names[one] for one in offer.to],
        counters=numbers.get(offer.counters_id or ""),
        disclosed=offer.disclosed_at is not None,
        terms=_terms(compartment, offer),
        answers=[(names[row.party_id], row.answer) for row in said if row.offer_id == offer.id],
        state=_state(offer, said),
    )


def _written_terms(rows: Sequence[Mapping[str, Any]]) -> str:
    return dump_json(
        [
            {
                "action": row["action"],
                "amount": None if row.get("amount") is None else format(row["amount"], "f"),
                "manner": row.get("manner") or "",
                "due_on": row.get("due_on"),
            }
            for row in rows
        ]
    )


def _terms(compartment: Compartment, offer: Offer) -> list[Term]:
    return [_term(row) for row in load_json(compartment.open(offer.sealed, *_place(offer.id)))]


def _term(row: Mapping[str, Any]) -> Term:
    return Term(
        row["action"],
        None if row["amount"] is None else Decimal(row["amount"]),
        row["manner"],
        None if row["due_on"] is None else dt.date.fromisoformat(row["due_on"]),
    )


def _place(offer_id: str) -> tuple[str, str, str]:
    return (Offer.__tablename__, offer_id, "sealed")
