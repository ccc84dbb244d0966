"""The page of one case: parties, where it stands on its diagrams, what was done, papers and open tasks."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine import Engine, errors
from engine.mediation import evidence, fact_sheets, guardians, happenings, parties
from engine.mediation.attendant_records import attendants_for
from engine.mediation.attendants import AttendantView
from engine.mediation.broadcast_page import BroadcastView, broadcast_view
from engine.mediation.confirmation_page import ConfirmationView, confirmation_view
from engine.mediation.consultation_page import ConsultationView, consultation_view
from engine.mediation.documents import DocumentRow, documents_for
from engine.mediation.evidence_page import EvidenceView, evidence_for
from engine.mediation.follow_up_page import PerformanceView, performance_view
from engine.mediation.group_page import GroupView, group_view
from engine.mediation.guardian_records import guardians_for
from engine.mediation.guardians import Person
from engine.mediation.happening_page import HappeningView, happenings_for, may_note
from engine.mediation.inbox import Query, TaskRow, mine_of, role_of, task_rows, tasks_query
from engine.mediation.intake_page import IntakeView, intake_view
from engine.mediation.joint_sessions import RecordView, records_for
from engine.mediation.lookup import account_name, agreement_of, case_of, parties_of, visible_case
from engine.mediation.marks import required_signers
from engine.mediation.online_page import OnlineView, online_view
from engine.mediation.positions import Names, Position, names_of, positions_of
from engine.mediation.registration_page import RegistrationView, registration_for
from engine.mediation.rooms import may_enter
from engine.mediation.standstills import Standstill, standstills_of
from engine.mediation.statements import StatementView, statements_for
from engine.mediation.time_limits import ChangeView, TimeLimits, changes_of, time_limits_of
from engine.models.agreements import Agreement
from engine.models.cases import Case, Party
from engine.models.people import Account, Body
from engine.models.processes import ProcessInstance, UserTask
from engine.models.records import AuditRow
from engine.policy import ACTIONS, Actor

OF_STAFF = (
    "clocks.", "happening.", "admission.", "follow_up.", "payment_order.", "confirmation.",
    evidence.ADDED, evidence.CHANGED,
)  # fmt: skip
"""What the record says of these could tell a party of a report, or of what is another party's alone."""


@dataclass(frozen=True)
class PartyView:
    """A party on the case page; `withdrawn_at` is None for one who has not withdrawn.

    `agent` acts for it within `agent_scope`, until the end of `agent_until` if a day was set; `guardian` is
    the one on record, and the flags say whether there must be one, and whether there may.
    """

    id: str
    name: str
    side: str
    kind: str
    takes_part: bool
    withdrawn_at: dt.datetime | None
    agent: str
    agent_scope: list[str]
    agent_until: dt.date | None
    guardian: Person | None
    needs_guardian: bool
    may_have_guardian: bool


@dataclass(frozen=True)
class TimelineRow:
    """A recorded step: the action in the past tense, the node's names, the article as the diagram has it.

    `change` says why, where it changed the clocks.
    """

    at: dt.datetime
    actor_name: str
    action: str
    node_id: str
    node_name: str
    node_name_en: str
    law_ref: str
    change: ChangeView | None


@dataclass(frozen=True)
class MissingMark:
    """A mark that the agreement still needs: signer kind is party, mediator or seal."""

    signer_kind: str
    name: str


@dataclass(frozen=True)
class CaseView:
    """Everything on the page; `may_withdraw` are the ids of parties that this actor may withdraw.

    `whose` says of each open task's node who does it: a name, or the roles of which anybody may; to a party
    it says nothing.
    """

    id: str
    number: str
    status: str
    end_code: str | None
    happenings: list[HappeningView]
    may_note: bool
    registration: RegistrationView | None
    intake: IntakeView | None
    mediator: str
    effective_at: dt.datetime | None
    missing_marks: list[MissingMark]
    parties: list[PartyView]
    attendants: list[AttendantView]
    positions: list[Position]
    timeline: list[TimelineRow]
    documents: list[DocumentRow]
    talks: list[StatementView]
    records: list[RecordView]
    evidence: list[EvidenceView]
    may_add_evidence: bool
    tasks: list[TaskRow]
    whose: Mapping[str, list[str]]
    may_withdraw: list[str]
    may_enter: bool
    time_limits: TimeLimits
    standstills: list[Standstill]
    broadcast: BroadcastView | None
    path: str | None
    consultation: ConsultationView | None
    online: OnlineView | None
    group: GroupView | None
    performance: PerformanceView
    confirmation: ConfirmationView | None


def show_case(engine: Engine, actor: Actor, case_id: str) -> CaseView:
    """The page of a case that the actor may see; else NotFound."""
    with engine.sessions.query(actor.tenant_id) as session:
        case = visible_case(session, actor, case_id)
        names, agreement = names_of(session, engine, case_id), agreement_of(session, case_id)
        return CaseView(
            id=case.id,
            number=case.number or "",
            status=happenings.shown_state(case, actor),
            end_code=case.end_code,
            may_note=may_note(actor, case, agreement),
            happenings=happenings_for(session, engine.keys, actor, case_of(session, case_id)),
            registration=registration_for(session, engine.keys, actor, case_of(session, case_id)),
            intake=intake_view(session, actor, case_of(session, case_id)),
            mediator=account_name(session, case.mediator_id),
            effective_at=agreement.effective_at if agreement else None,
            missing_marks=_missing(session, case, agreement),
            parties=_parties(session, engine, actor, case_of(session, case_id)),
            attendants=attendants_for(session, engine.keys, actor, case_of(session, case_id)),
            positions=positions_of(session, engine, actor, case_id),
            timeline=_timeline(session, actor, case_id, names),
            documents=documents_for(session, actor, case_id),
            talks=statements_for(session, engine.keys, actor, case_of(session, case_id)),
            records=records_for(session, actor, case_of(session, case_id)),
            evidence=evidence_for(session, engine.keys, actor, case_of(session, case_id)),
            may_add_evidence=_goes_on(case, agreement),
            tasks=_to_do(session, actor, case_id, agreement, engine.now()),
            whose=_whose(session, case_id) if actor.party_id is None else {},
            may_withdraw=_may_withdraw(actor, case, agreement, parties_of(session, case_id)),
            may_enter=may_enter(session, actor, case_of(session, case_id)),
            time_limits=time_limits_of(session, actor, case_id, names, engine.now()),
            standstills=standstills_of(session, engine, actor, case_id),
            broadcast=broadcast_view(session, actor, case, engine.now()),
            path=case.path,
            consultation=consultation_view(session, actor, case, engine.now()),
            online=online_view(session, engine.keys, actor, case),
            group=group_view(session, actor, case, agreement),
            performance=performance_view(session, actor, case, engine.now()),
            confirmation=confirmation_view(session, engine, actor, case),
        )


def _parties(session: Session, engine: Engine, actor: Actor, case: Case) -> list[PartyView]:
    acting = guardians_for(session, engine.keys, actor, case)
    return [_party(party, acting.get(party.id)) for party in case.parties]


def _tasks_of(actor: Actor, case_id: str) -> Query:
    mine = or_(mine_of(actor), role_of(actor))
    return tasks_query(actor).where(UserTask.root_id == case_id, mine).order_by(UserTask.id)


def _whose(session: Session, case_id: str) -> dict[str, list[str]]:
    has_it = Account.id == func.coalesce(UserTask.claimed_by, UserTask.assignee_id)
    rows = session.execute(
        select(UserTask.node_id, UserTask.candidate_groups, Account.name)
        .outerjoin(Account, has_it)
        .where(UserTask.root_id == case_id, UserTask.status == "open")
    )
    return {node_id: [name] if name else list(groups) for node_id, groups, name in rows}


def diagram(engine: Engine, actor: Actor, case_id: str, instance_id: str) -> bytes:
    """The BPMN of one of the case's process instances, as it was deployed; NotFound, also for parties."""
    if actor.party_id is not None:
        raise errors.NotFound
    with engine.sessions.query(actor.tenant_id) as session:
        visible_case(session, actor, case_id)
        row = session.scalars(
            select(ProcessInstance).where(
                ProcessInstance.id == instance_id, ProcessInstance.root_id == case_id
            )
        ).one_or_none()
        if row is None:
            raise errors.NotFound
        return engine.definitions.source(session, row.release_id, "process", row.process_id)[1]


def _party(party: Party, guardian: Person | None) -> PartyView:
    return PartyView(
        party.id, party.name, party.side, party.kind, parties.takes_part(party), party.withdrawn_at,
        party.agent, party.agent_scope, party.agent_until,
        guardian, guardians.needs_guardian(party), guardians.may_have_guardian(party),
    )  # fmt: skip


def _to_do(
    session: Session, actor: Actor, case_id: str, agreement: Agreement | None, now: dt.datetime
) -> list[TaskRow]:
    if _has_marked(actor, agreement):
        return []
    rows = task_rows(session, _tasks_of(actor, case_id), now)
    answered = actor.party_id is not None and fact_sheets.has_answered(session, case_id, actor.party_id)
    return [row for row in rows if not (answered and row.node_id == fact_sheets.SIGNING)]


def _has_marked(actor: Actor, agreement: Agreement | None) -> bool:
    """Whether a party has signed: the task of signing that is still open is then another party's."""
    if actor.party_id is None or agreement is None:
        return False
    return any(mark.signer_id == actor.party_id for mark in agreement.marks)


def _missing(session: Session, case: Case, agreement: Agreement | None) -> list[MissingMark]:
    if agreement is None or agreement.legality != "approved":
        return []
    made = {(mark.signer_kind, mark.signer_id) for mark in agreement.marks}
    committee = session.scalars(select(Body.name).where(Body.id == case.body_id)).one()
    by_id = {party.id: party.name for party in parties_of(session, case.id)}
    by_id |= {case.mediator_id or "": account_name(session, case.mediator_id), case.body_id: committee}
    missing = required_signers(case, agreement) - made
    return [MissingMark(kind, by_id[signer_id]) for kind, signer_id in sorted(missing)]


def _timeline(session: Session, actor: Actor, case_id: str, names: Mapping[str, Names]) -> list[TimelineRow]:
    rows = session.scalars(select(AuditRow).where(AuditRow.chain_id == case_id).order_by(AuditRow.seq))
    changes = changes_of(session, case_id)
    named = ((row, names.get(row.node_id, Names("", ""))) for row in rows)
    return [
        _timeline_row(row, found, changes.get(row.seq))
        for row, found in named
        if actor.party_id is None or not (found.confidential or row.action.startswith(OF_STAFF))
    ]


def _timeline_row(row: AuditRow, names: Names, change: ChangeView | None) -> TimelineRow:
    return TimelineRow(
        at=row.at, actor_name=row.actor_name, action=row.action, node_id=row.node_id,
        node_name=names.name, node_name_en=names.name_en, law_ref=row.law_ref,
        change=change,
    )  # fmt: skip


def _goes_on(case: Case, agreement: Agreement | None) -> bool:
    return case.ended_at is None and (agreement is None or agreement.effective_at is None)


def _may_withdraw(actor: Actor, case: Case, agreement: Agreement | None, everybody: list[Party]) -> list[str]:
    if not _goes_on(case, agreement) or not ACTIONS["case.withdraw"](actor):
        return []
    return [party.id for party in parties.active(everybody) if actor.party_id in (None, party.id)]
