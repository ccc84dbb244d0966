"""The period of a mediation: when it is over the parties are asked, and only if all agree it is extended."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from engine import policy
from engine.mediation import law, parties, wording
from engine.mediation.answers import Problems, one_row_each, today
from engine.mediation.happenings import Happened, kept, open_in, settle
from engine.mediation.lookup import case_of, parties_of
from engine.models.cases import Party
from engine.services import Call, Result, ServiceTask, Step

EXPIRY, CODE = "expiry", "expired"
ONE = dt.timedelta(days=1)


def note_expiry() -> ServiceTask:
    """Write down that the period is over: until all parties agree to more time nothing goes on.

    What is settled already is not halted any more, whatever the diagram says.
    """
    variables = frozenset({"happening_id"})
    return ServiceTask(_nothing, _expired, effects=frozenset({"period_expired"}), variables=variables)


def extend_period() -> ServiceTask:
    """Let the mediation go on; LawForbids where one party has not agreed (Mediation Work Rules Art. 33)."""
    none = frozenset[str]()
    return ServiceTask(_nothing, _extended, effects=frozenset({"period_extended"}), variables=none)


def extension_answered(step: Step) -> None:
    """Whether each party agrees to go on until a day that is still to come; else the mediation ends."""
    case = case_of(step.session, step.root.id)
    known = {party.id: party for party in parties.active(parties_of(step.session, case.id))}
    rows, problems = one_row_each(step, "extensions", "party_id", known), Problems()
    for row in rows:
        known[row["party_id"]].agrees_to_extension = row["agrees"] == "yes"
    if unwilling(list(known.values())):
        case.end_code = case.end_code or CODE
        return
    until = step.answers.get("extended_until")
    if until is None:
        problems.add("extended_until", "Choose the new last day.")
    problems.not_before("extended_until", until, today(step) + ONE)
    problems.refuse()


def unwilling(everybody: list[Party]) -> list[Party]:
    """Those who take part and have not agreed to an extension."""
    return [party for party in parties.active(everybody) if party.agrees_to_extension is not True]


def _nothing(_call: Call) -> None:
    return None


def _expired(result: Result) -> Mapping[str, Any]:
    if case_of(result.session, result.root.id).ended_at is not None:
        return {"happening_id": None}
    for party in parties_of(result.session, result.root.id):
        party.agrees_to_extension = None
    actor = policy.system(result.root.tenant_id)
    happened = Happened(result.root.id, EXPIRY, wording.HAPPENINGS[EXPIRY])
    happening = kept(result.session, result.engine, result.root, actor, happened)
    settle(result.session, result.engine, result.root, actor)
    return {"happening_id": happening.id}


def _extended(result: Result) -> Mapping[str, Any]:
    if unwilling(parties_of(result.session, result.root.id)):
        raise law.forbids("period", result.at, "not every party has agreed to more time")
    actor = policy.system(result.root.tenant_id)
    for happening in open_in(result.session, result.root.id):
        if happening.kind == EXPIRY:
            happening.closed_at, happening.outcome = result.at, "extended"
    settle(result.session, result.engine, result.root, actor)
    return {}
