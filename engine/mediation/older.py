"""Encrypts what an earlier version, or a backup of it, left readable; traces the parties that it left."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from engine import Engine, audit, instances
from engine.keys import Keys
from engine.mediation import traces
from engine.mediation.compartments import Compartment, ensure, of_case, statement_place
from engine.mediation.contacts import Contact, contact_of, sealed
from engine.mediation.parties import LIST_OF
from engine.models.cases import Party, Statement
from engine.models.intake import PartyTrace
from engine.models.processes import ProcessInstance, UserTask

SAID = Statement.sealed.is_(None)
REACHED = and_(Party.sealed.is_(None), or_(Party.id_number != "", Party.phone != ""))
LISTS = frozenset(LIST_OF.values())


def seal_older(engine: Engine, tenant_id: str) -> int:
    """Encrypt the statements and the parties' numbers that are still readable; how many rows there were.

    One transaction a case; what is encrypted already stays as it is. The registration's answers keep what
    is said of the parties no longer, and the processes' variables lose the numbers.
    """
    with engine.sessions.query(tenant_id) as session:
        said = set(session.scalars(select(Statement.case_id).where(SAID)))
        cases = sorted(said | set(session.scalars(select(Party.case_id).where(REACHED))))
    return sum(_seal_case(engine, tenant_id, case_id) for case_id in cases)


def trace_older(engine: Engine, tenant_id: str) -> int:
    """Leave the traces of parties that an earlier version registered; how many parties. SealBroken."""
    untraced = ~exists().where(PartyTrace.tenant_id == Party.tenant_id, PartyTrace.party_id == Party.id)
    with engine.sessions.query(tenant_id) as session:
        cases = sorted(set(session.scalars(select(Party.case_id).where(untraced))))
    return sum(_trace_case(engine, tenant_id, (case_id, untraced)) for case_id in cases)


def _trace_case(engine: Engine, tenant_id: str, where: tuple[str, ColumnElement[bool]]) -> int:
    case_id, untraced = where
    with engine.sessions.command(tenant_id) as session:
        instances.lock(session, case_id)
        compartment = of_case(session, engine.keys, case_id)
        rows = session.scalars(select(Party).where(Party.case_id == case_id, untraced)).all()
        traces.leave(session, engine.keys, [(party, contact_of(compartment, party)) for party in rows])
        return len(rows)


def _seal_case(engine: Engine, tenant_id: str, case_id: str) -> int:
    with engine.sessions.command(tenant_id) as session:
        instances.lock(session, case_id)
        compartment = ensure(session, engine.keys, case_id)
        _clean_answers(session, engine.keys, case_id)
        _clean_variables(session, case_id)
        return _seal_statements(session, compartment) + _seal_parties(session, compartment)


def _seal_statements(session: Session, compartment: Compartment) -> int:
    found = select(Statement).where(Statement.case_id == compartment.case_id, SAID)
    rows = session.scalars(found).all()
    for row in rows:
        row.sealed = compartment.seal(row.text, *statement_place(row.id))
        row.text = ""
    return len(rows)


def _seal_parties(session: Session, compartment: Compartment) -> int:
    rows = session.scalars(select(Party).where(Party.case_id == compartment.case_id, REACHED)).all()
    for row in rows:
        row.sealed = sealed(compartment, row.id, Contact(row.id_number, row.phone))
        row.id_number = row.phone = ""
    return len(rows)


def _clean_answers(session: Session, keys: Keys, case_id: str) -> None:
    done = select(UserTask).where(UserTask.root_id == case_id, UserTask.status == "completed")
    for task in session.scalars(done):
        answers = task.answers or {}
        if answers.keys() & LISTS:
            # Of answers that somebody has changed this digest is not the record's, and they stay a flaw.
            full = audit.digest(keys, answers)
            task.answers = {name: value for name, value in answers.items() if name not in LISTS}
            task.kept_seal = audit.seal_of_kept(keys, task.id, task.answers, full)


def _clean_variables(session: Session, case_id: str) -> None:
    for instance in session.scalars(select(ProcessInstance).where(ProcessInstance.root_id == case_id)):
        lists = {name: _unreached(value) for name, value in instance.variables.items() if name in LISTS}
        if lists:
            instance.variables = instance.variables | lists


def _unreached(rows: Any) -> Any:
    if not isinstance(rows, list):
        return rows
    return [_without_numbers(row) if isinstance(row, dict) else row for row in rows]


def _without_numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in Contact._fields}
