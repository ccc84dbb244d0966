"""How a case came here, as its page shows it to the staff: channel, filing, referral, related cases."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.mediation.filing_queue import filing_of_case
from engine.mediation.referrals import ReferralView, referral_view
from engine.mediation.relations import RelationView, linked_to
from engine.models.cases import Case
from engine.policy import Actor


@dataclass(frozen=True)
class IntakeView:
    """`related` are the linked cases that the reader may see too."""

    channel: str | None
    filing_id: str | None
    referral: ReferralView | None
    related: list[RelationView]


def intake_view(session: Session, actor: Actor, case: Case) -> IntakeView | None:
    """All of it for the staff; nothing for a party."""
    if actor.party_id is not None:
        return None
    return IntakeView(
        case.intake_channel,
        filing_of_case(session, actor, case.id),
        referral_view(session, actor, case),
        linked_to(session, actor, case.id),
    )
