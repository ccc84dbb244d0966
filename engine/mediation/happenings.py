"""What may happen to a case at any time: noted by the staff, halts the case, and is settled by a task."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, audit, clocks, errors, idempotency, instances, messages, policy
from engine.clocks import Because
from engine.idempotency import Request
from engine.mediation import compartments, law, parties, wording
from engine.mediation.cases import leave_unreached
from engine.mediation.compartments import Compartment
from engine.mediation.guards import require_open
from engine.mediation.lookup import case_of, find_case
from engine.models.base import dump_json, load_json, new_id
from engine.models.cases import Case
from engine.models.clocks import Pause
from engine.models.happenings import Happening
from engine.models.processes import ProcessInstance
from engine.policy import Actor
from engine.services import Effect, Step

REPORT = "suspended_report"
STATES = (REPORT, "suspended", "suspended_expiry", "suspended_appraisal")
"""The states of a suspended case: of several the first counts."""


@dataclass(frozen=True)
class Kind:
    """What a happening does: the message that it is to the diagrams, its article, and the case's state.

    One without a message and a state ends the mediation for its party and halts nothing.
    `item` is that of the table of who may see what. `stops_clocks` and `stops_steps` hold while it is open;
    one `about_party` names somebody; one that is not `by_staff` is noted by the diagrams.
    """

    message: str
    rule: str
    state: str
    item: str
    stops_clocks: bool = True
    stops_steps: bool = True
    about_party: bool = False
    by_staff: bool = True


def _report(rule: str) -> Kind:
    return Kind("report_needed", rule, REPORT, "report")


KINDS: Mapping[str, Kind] = {
    "crime": _report("escalation"),
    "minor": _report("minors"),
    "domestic_violence": _report("domestic_report"),
    "false_mediation": _report("false_mediation"),
    "appraisal": Kind("appraisal_begun", "appraisal", "suspended_appraisal", "happening", stops_steps=False),
    "mediator": Kind(
        "mediator_contested", "online_replacement", "suspended", "complaint", stops_clocks=False
    ),
    "incapacity": Kind("party_incapable", "standstill", "suspended", "happening", about_party=True),
    "other_body": Kind(
        "other_body_competent", "online_unsuitable", "suspended", "happening", stops_clocks=False
    ),
    "unreachable": Kind(
        "", "online_end", "", "happening", stops_clocks=False, stops_steps=False, about_party=True
    ),
    "expiry": Kind("", "period", "suspended_expiry", "happening", stops_clocks=False, by_staff=False),
}
BROUGHT = frozenset({"happening_id", "happening_kind"})
MESSAGES = {kind.message: BROUGHT for kind in KINDS.values() if kind.message}
SETTLING = frozenset({"extension_answered", "appraisal_ended", "handed_over", "successor_known"})
"""The effects that settle a happening, and so are not halted by one: only a report halts them too."""

CHOOSING = frozenset({"mediator_proposed", "conflicts_disclosed", "mediator_confirmed"})
"""The effects by which a mediator is chosen: they settle a conflict or complaint about the one before."""

REPORTING = frozenset({"report_made", "report_decided"})
NOT_HALTED = REPORTING | {"routes_notice_served", "footage_taken_down"}


@dataclass(frozen=True)
class Happened:
    """What somebody of the staff has seen in a case: a key of KINDS, in words, and of whom."""

    case_id: str
    kind: str
    text: str
    party_id: str | None = None


def note_happening(engine: Engine, actor: Actor, happened: Happened, key: str) -> None:
    """Write down what has happened, halt the case as its kind says, and let the diagrams go on from it.

    Raises NotFound, Forbidden, ReasonMissing, PartyMissing, PartyGone, NobodyMediates, KeyReused, CaseClosed,
    UnreadableRequest for an unknown kind, and LawForbids once the agreement binds.
    """
    policy.allow(actor, "happening.note")
    if happened.kind not in KINDS or not KINDS[happened.kind].by_staff:
        raise errors.UnreadableRequest
    if not happened.text.strip():
        raise errors.ReasonMissing
    if KINDS[happened.kind].about_party and not happened.party_id:
        raise errors.PartyMissing
    content = ["happening.note", happened.case_id, happened.kind, happened.text, happened.party_id]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, happened.case_id, actor)
        if idempotency.recall(session, request) is None:
            _note(session, engine, root, actor, happened)
            idempotency.remember(session, request, True, engine.now())


def open_in(session: Session, case_id: str) -> Sequence[Happening]:
    """What has happened in a case and is not settled yet, oldest first."""
    found = select(Happening).where(Happening.case_id == case_id, Happening.closed_at.is_(None))
    return session.scalars(found.order_by(Happening.id)).all()


def happening_of(step: Step) -> Happening:
    """The open happening that the process of the step's task was called for; NotFound for another."""
    here = (step.root.tenant_id, step.task.instance_id)
    variables = step.session.get_one(ProcessInstance, here).variables
    for one in open_in(step.session, step.root.id):
        if one.id == variables.get("happening_id"):
            return one
    raise errors.NotFound


def keep_result(step: Step, happening: Happening, result: Mapping[str, Any]) -> None:
    """Encrypt what came of it, beside what was noted."""
    compartment = compartments.ensure(step.session, step.engine.keys, happening.case_id)
    place = compartments.happening_place(happening.id, "result")
    happening.result = compartment.seal(dump_json(result), *place)


def result_of(step: Step, happening: Happening) -> dict[str, Any]:
    """What was kept of it so far; SealBroken where it can't be opened."""
    compartment = compartments.ensure(step.session, step.engine.keys, happening.case_id)
    return opened(compartment, happening) if happening.result else {}


def opened(compartment: Compartment, happening: Happening) -> dict[str, Any]:
    """What came of a happening that has a result; SealBroken where it can't be opened."""
    place = compartments.happening_place(happening.id, "result")
    return dict(load_json(compartment.open(happening.result or b"", *place)))


def close(step: Step, happening: Happening, outcome: str) -> None:
    """Settle it, and the case goes on where nothing else halts it.

    One by which the mediation is to be `ended` halts the case until its parties were told of other ways.
    """
    happening.outcome = outcome
    if outcome != "ended" or case_of(step.session, step.root.id).ended_at is not None:
        happening.closed_at = step.at
    settle(step.session, step.engine, step.root, step.actor)


def kept(
    session: Session, engine: Engine, root: ProcessInstance, actor: Actor, happened: Happened
) -> Happening:
    """The row of what has happened in a locked case, its words encrypted."""
    happening_id = new_id()
    compartment = compartments.ensure(session, engine.keys, root.id)
    place = compartments.happening_place(happening_id, "sealed")
    happening = Happening(
        tenant_id=root.tenant_id, id=happening_id, case_id=root.id, kind=happened.kind,
        party_id=happened.party_id, mediator_id=case_of(session, root.id).mediator_id,
        sealed=compartment.seal(happened.text, *place), noted_at=engine.now(), noted_by=actor.id,
    )  # fmt: skip
    session.add(happening)
    session.flush()
    return happening


def settle(session: Session, engine: Engine, root: ProcessInstance, actor: Actor) -> None:
    """Bring a locked case into the state that its open happenings give it, and its clocks too."""
    session.flush()
    found = open_in(session, root.id)
    case, states = case_of(session, root.id), {KINDS[one.kind].state for one in found}
    case.suspended = next((state for state in STATES if state in states), None)
    pause = clocks.paused(session, root.id)
    if pause is None or not pause.held or any(KINDS[one.kind].stops_clocks for one in found):
        return
    begun = session.scalars(select(Happening).where(Happening.pause_id == pause.id)).first()
    if begun is None:
        pause.held = False
    else:
        clocks.go_on(session, engine, root, actor, _because(begun.kind, engine.now()))


def while_going(name: str, effect: Effect) -> Effect:
    """The effect, refused while something that happened halts the case, whatever the diagram says.

    What is open is settled with the end of the case, but for a report that is still to be made.
    """

    @wraps(effect)
    def guarded(step: Step) -> None:
        if name not in NOT_HALTED:
            require_going(step.session, step.actor, step.root.id, step.at, name)
        effect(step)
        _end_with_case(step)

    return guarded


def require_going(session: Session, actor: Actor, case_id: str, at: dt.datetime, name: str = "") -> None:
    """LawForbids while something that happened halts the case; a report halts even what settles the rest.

    `name` is that of an effect, if it is one. A party is not told what it is (CaseSuspended), for it may be
    a report.
    """
    case = find_case(session, case_id)
    if case is None or case.suspended is None:
        return
    found = open_in(session, case.id)
    contested = any(one.kind == "mediator" for one in found)
    settles = name in SETTLING or (contested and name in CHOOSING)
    for one in found:
        kind = KINDS[one.kind]
        if not kind.stops_steps or (settles and kind.state != REPORT):
            continue
        if actor.party_id is not None:
            raise errors.CaseSuspended
        raise law.forbids(kind.rule, at, "something has happened that must be settled first")


def shown_state(case: Case, actor: Actor) -> str:
    """The state of a case as somebody sees it: no party learns of a report."""
    hidden = actor.party_id is not None and case.suspended == REPORT
    if case.suspended is None or case.ended_at is not None or hidden:
        return case.status
    return case.suspended


def _end_with_case(step: Step) -> None:
    case = find_case(step.session, step.root.id)
    if case is None or case.suspended is None or case.ended_at is None:
        return
    for one in open_in(step.session, case.id):
        if KINDS[one.kind].state != REPORT or one.outcome is not None:
            one.closed_at, one.outcome = step.at, "ended"
    settle(step.session, step.engine, step.root, step.actor)


def _note(session: Session, engine: Engine, root: ProcessInstance, actor: Actor, happened: Happened) -> None:
    at, kind = engine.now(), KINDS[happened.kind]
    require_open(session, root.id, at)
    if root.status != "active":
        raise errors.CaseClosed
    if happened.kind == "mediator" and case_of(session, root.id).mediator_id is None:
        raise errors.NobodyMediates
    if kind.about_party:
        parties.active_party(session, root.id, happened.party_id or "")
    happening = kept(session, engine, root, actor, happened)
    if kind.stops_clocks:
        _hold_clocks(session, engine, root, actor, happening)
    if kind.state:
        settle(session, engine, root, actor)
    law_ref = law.rule(kind.rule, at.date()).law_ref_zh
    entry = audit.Entry("happening.noted", happening.id, at, law_ref=law_ref, content=[happened.text])
    audit.record(session, engine.keys, root, actor, entry)
    if not kind.message:
        happening.closed_at, happening.outcome = at, "left"
        leave_unreached(session, engine, root, happened.party_id or "")
        return
    brought = {"happening_id": happening.id, "happening_kind": happening.kind}
    if kind.state == REPORT:
        messages.tell(session, engine, root, kind.message, brought)
    elif not messages.throw(session, engine, root, kind.message, brought):
        # Nobody could settle it: the case would stand still for ever.
        raise errors.NoReceiver(message=kind.message)


def _hold_clocks(
    session: Session, engine: Engine, root: ProcessInstance, actor: Actor, happening: Happening
) -> None:
    pause: Pause | None = clocks.paused(session, root.id)
    if pause is None:
        because = _because(happening.kind, engine.now())
        pause = clocks.stop(session, engine, root, actor, because)
        session.flush()
        happening.pause_id = pause.id
    pause.held = True


def _because(kind: str, at: dt.datetime) -> Because:
    return Because(wording.HAPPENINGS[kind], law.rule(KINDS[kind].rule, at.date()).law_ref_zh)
