"""What was registered of a dispute, and how its parties are reached, as the case page shows the staff."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from engine.keys import Keys
from engine.mediation import compartments, visibility
from engine.mediation.contacts import contact_of
from engine.models.cases import Case
from engine.policy import Actor

REACHING = frozenset({"reception", "mediator"})
"""Who calls parties and goes to see them."""


@dataclass(frozen=True)
class RegistrationView:
    """The dispute as it was told at the reception.

    `reached_at` is party id → (phone, address), empty for who does not reach parties. `amount` is in yuan,
    None where the dispute is not about money.
    """

    dispute_type: str
    happened_on: dt.date | None
    place: str
    amount: Decimal | None
    facts: str
    requests: list[str]
    reached_at: Mapping[str, tuple[str, str]]


def registration_for(session: Session, keys: Keys, actor: Actor, case: Case) -> RegistrationView | None:
    """The registration of a case that the actor sees, for whoever of the staff reads the application.

    The reception and the mediator learn also how the parties are reached (PML Art. 22). None before it was
    registered, and for parties. SealBroken where the numbers can't be opened.
    """
    if case.number is None or visibility.reading("application", actor, case, case.parties) != visibility.ALL:
        return None
    reaches = visibility.reader_of(actor, case, case.parties) in REACHING
    return RegistrationView(
        case.dispute_type, case.happened_on, case.place, case.amount, case.facts, case.requests,
        _reached_at(session, keys, case) if reaches else {},
    )  # fmt: skip


def _reached_at(session: Session, keys: Keys, case: Case) -> dict[str, tuple[str, str]]:
    compartment = compartments.of_case(session, keys, case.id)
    return {party.id: (contact_of(compartment, party).phone, party.address) for party in case.parties}
