"""Whether a case may go on television: asks the decision tv_eligibility, and gives its reasons."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import Engine
from engine.mediation.broadcast_items import CHILD
from engine.mediation.broadcast_ledger import standing_of
from engine.mediation.lookup import parties_of
from engine.models.processes import ProcessInstance

DECISION = "tv_eligibility"
QUESTIONS = (
    "child_under_14",
    "guardian_consents",
    "sexual_or_domestic",
    "trade_secret",
    "party_objects",
    "court_pending",
)


def speaks_against(
    session: Session, engine: Engine, root: ProcessInstance, answers: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Every rule that forbids television here: `rule` (a key of law.py), `reason` and `law_ref` in Chinese.

    Empty where none does. What the tables know goes before the answers: a party's age, and a consent to take
    part that was refused or withdrawn. NotFound where the case's release has no such decision.
    """
    given = {name: answers.get(name) or "no" for name in QUESTIONS}
    if any(party.age is not None and party.age < CHILD for party in parties_of(session, root.id)):
        given["child_under_14"] = "yes"
    decided = standing_of(session, root.id)
    if any(item == "take_part" and row.decision != "given" for (_, item), row in decided.items()):
        given["party_objects"] = "yes"
    model = engine.definitions.decision(session, root.release_id, DECISION)
    rows = model.evaluate(DECISION, given)
    return [
        {name: str(row[name]) for name in ("rule", "reason", "law_ref")}
        for row in rows
        if not row["eligible"]
    ]
