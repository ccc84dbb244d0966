"""Agents of parties: what the letter of authority allows them, and until when."""

from engine.mediation import law
from engine.mediation.answers import today
from engine.models.cases import Party
from engine.services import Step

SETTLE, TAKE_PART = "claims", "sign"


def require_authority(step: Step, party: Party, scope: str) -> None:
    """LawForbids where the party's agent lacks this scope, or has ended (Civil Code Arts. 165, 171)."""
    if scope not in party.agent_scope:
        raise law.forbids("agent", step.at, "the agent's letter of authority does not cover it")
    if party.agent_until is not None and party.agent_until < today(step):
        raise law.forbids("agent", step.at, "the agent's authority has ended")
