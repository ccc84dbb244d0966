"""An online mediation on the page of its case, for the staff: consents, identities, talks, offers, record."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.keys import Keys
from engine.mediation import compartments, parties, visibility
from engine.mediation.channels import MessageView, messages_for
from engine.mediation.offers import OfferView, offers_for
from engine.mediation.on_site import may_move
from engine.mediation.online import checks_of, consents_of
from engine.mediation.online_consents import address_of
from engine.mediation.online_records import ITEM, confirmations_of, record_for
from engine.models.cases import Case
from engine.models.online import (
    IdentityCheck,
    OnlineConsent,
    OnlineMeeting,
    OnlineRecord,
    RecordConfirmation,
)
from engine.policy import ACTIONS, Actor


@dataclass(frozen=True)
class PartyOnline:
    """What a party agreed to and how it was identified; None before it was asked or checked.

    `e_address` is empty for everybody but the case's mediator.
    """

    party_id: str
    name: str
    consent: OnlineConsent | None
    e_address: str
    check: IdentityCheck | None


@dataclass(frozen=True)
class OnlineView:
    """What somebody of the staff may read; `confirmations` are (name, what was said) of the `record`.

    Meetings and record are for the mediator and the head of the committee. `may_ask` are the ids of the
    parties for whom this actor may ask for mediation on site now.
    """

    parties: list[PartyOnline]
    messages: list[MessageView]
    offers: list[OfferView]
    meetings: list[OnlineMeeting]
    record: OnlineRecord | None
    confirmations: list[tuple[str, RecordConfirmation]]
    may_ask: list[str]


def online_view(session: Session, keys: Keys, actor: Actor, case: Case) -> OnlineView | None:
    """The online mediation of a case; None for a party, and where nobody was asked for it."""
    consents = consents_of(session, case.id) if actor.party_id is None else {}
    if not consents:
        return None
    reads = visibility.reading(ITEM, actor, case, case.parties) == visibility.ALL
    record = record_for(session, actor, case)
    names = {party.id: party.name for party in case.parties}
    said = confirmations_of(session, record) if record else []
    found = select(OnlineMeeting).where(OnlineMeeting.case_id == case.id).order_by(OnlineMeeting.id)
    return OnlineView(
        parties=_parties(session, keys, actor, case, consents),
        messages=messages_for(session, keys, actor, case),
        offers=offers_for(session, keys, actor, case),
        meetings=list(session.scalars(found)) if reads else [],
        record=record,
        confirmations=[(names[row.party_id], row) for row in said],
        may_ask=_may_ask(actor, case),
    )


def _parties(
    session: Session, keys: Keys, actor: Actor, case: Case, consents: Mapping[str, OnlineConsent]
) -> list[PartyOnline]:
    is_mediator = visibility.reader_of(actor, case, case.parties) == "mediator"
    compartment = compartments.of_case(session, keys, case.id) if is_mediator else None
    checks = checks_of(session, case.id)
    return [
        PartyOnline(
            party.id,
            party.name,
            consent := consents.get(party.id),
            address_of(compartment, consent) if compartment and consent else "",
            checks.get(party.id),
        )
        for party in parties.active(case.parties)
    ]


def _may_ask(actor: Actor, case: Case) -> list[str]:
    if not may_move(case) or not ACTIONS["case.move_on_site"](actor):
        return []
    return [party.id for party in parties.active(case.parties)]
