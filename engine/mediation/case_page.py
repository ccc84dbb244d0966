"""The page of one case: parties, where it stands on its diagrams, what was done, papers and open tasks."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import Engine, errors
from engine.mediation import parties
from engine.mediation.documents import DocumentRow, documents_for
from engine.mediation.inbox import TaskRow, mine_of, role_of, task_rows, tasks_query
from engine.mediation.lookup import account_name, agreement_of, parties_of, visible_case
from engine.mediation.marks import required_signers
from engine.mediation.positions import Names, Position, names_of, positions_of
from engine.models.agreements import Agreement
from engine.models.cases import Case, Party
from engine.models.people import Body
from engine.models.processes import ProcessInstance, UserTask
from engine.models.records import AuditRow
from engine.policy import ACTIONS, Actor


@dataclass(frozen=True)
class PartyView:
    """A party on the case page; `withdrawn_at` is None for one who has not withdrawn."""

    id: str
    name: str
    side: str
    kind: str
    takes_part: bool
    withdrawn_at: dt.datetime | None


@dataclass(frozen=True)
class TimelineRow:
    """A recorded step: the action in the past tense, the node's names, the article as the diagram has it."""

    at: dt.datetime
    actor_name: str
    action: str
    node_id: str
    node_name: str
    node_name_en: str
    law_ref: str


@dataclass(frozen=True)
class MissingMark:
    """A mark that the agreement still needs: signer kind is party, mediator or seal."""

    signer_kind: str
    name: str


@dataclass(frozen=True)
class CaseView:
    """Everything on the page; `may_withdraw` are the ids of parties that this actor may withdraw."""

    id: str
    number: str
    status: str
    end_code: str | None
    source: str | None
    dispute_type: str
    facts: str
    mediator: str
    effective_at: dt.datetime | None
    missing_marks: list[MissingMark]
    parties: list[PartyView]
    positions: list[Position]
    timeline: list[TimelineRow]
    documents: list[DocumentRow]
    tasks: list[TaskRow]
    may_withdraw: list[str]


def show_case(engine: Engine, actor: Actor, case_id: str) -> CaseView:
    """The page of a case that the actor may see; else NotFound."""
    with engine.sessions.query(actor.tenant_id) as session:
        case = visible_case(session, actor, case_id)
        everybody, agreement = parties_of(session, case_id), agreement_of(session, case_id)
        names = names_of(session, engine, case_id)
        doable = or_(mine_of(actor), role_of(actor))
        tasks = tasks_query(actor).where(UserTask.root_id == case_id, doable).order_by(UserTask.id)
        return CaseView(
            id=case.id,
            number=case.number or "",
            status=case.status,
            end_code=case.end_code,
            source=case.source,
            dispute_type=case.dispute_type,
            facts=case.facts,
            mediator=account_name(session, case.mediator_id),
            effective_at=agreement.effective_at if agreement else None,
            missing_marks=_missing(session, case, agreement),
            parties=[_party(party) for party in everybody],
            positions=positions_of(session, engine, case_id),
            timeline=_timeline(session, case_id, names),
            documents=documents_for(session, actor, case_id),
            tasks=[] if _has_marked(actor, agreement) else task_rows(session, tasks, engine.now()),
            may_withdraw=_may_withdraw(actor, case, agreement, everybody),
        )


def diagram(engine: Engine, actor: Actor, case_id: str, instance_id: str) -> bytes:
    """The BPMN of one of the case's process instances, as it was deployed; NotFound."""
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


def _party(party: Party) -> PartyView:
    return PartyView(
        party.id, party.name, party.side, party.kind, parties.takes_part(party), party.withdrawn_at
    )


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


def _timeline(session: Session, case_id: str, names: Mapping[str, Names]) -> list[TimelineRow]:
    rows = session.scalars(select(AuditRow).where(AuditRow.chain_id == case_id).order_by(AuditRow.seq))
    return [_timeline_row(row, names.get(row.node_id, Names("", ""))) for row in rows]


def _timeline_row(row: AuditRow, names: Names) -> TimelineRow:
    return TimelineRow(
        at=row.at, actor_name=row.actor_name, action=row.action, node_id=row.node_id,
        node_name=names.name, node_name_en=names.name_en, law_ref=row.law_ref,
    )  # fmt: skip


def _may_withdraw(actor: Actor, case: Case, agreement: Agreement | None, everybody: list[Party]) -> list[str]:
    over = case.ended_at is not None or (agreement is not None and agreement.effective_at is not None)
    if over or not ACTIONS["case.withdraw"](actor):
        return []
    return [party.id for party in parties.active(everybody) if actor.party_id in (None, party.id)]
