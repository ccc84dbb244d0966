"""Finding the rows of a case: itself, its parties, its agreement; and whether somebody may see it."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from engine import Engine, errors, policy
from engine.models.agreements import Agreement
from engine.models.base import table
from engine.models.cases import Case, Party
from engine.models.people import Account
from engine.models.processes import ProcessInstance
from engine.policy import Actor
from engine.rows import adopt, parts
from engine.sessions import OF_TENANT, tenant_of

SHORT = re.compile(r"(\d{4})-(\d{1,9})", re.ASCII)
CASES, AGREEMENTS, PARTIES = table(Case), table(Agreement), table(Party)
# One row a party.
CASE = (
    select(*CASES.c, *AGREEMENTS.c, *PARTIES.c)
    .outerjoin(
        AGREEMENTS,
        and_(AGREEMENTS.c.tenant_id == CASES.c.tenant_id, AGREEMENTS.c.case_id == CASES.c.id),
    )
    .outerjoin(PARTIES, and_(PARTIES.c.tenant_id == CASES.c.tenant_id, PARTIES.c.case_id == CASES.c.id))
    .where(CASES.c.tenant_id == OF_TENANT, CASES.c.id == bindparam("of_case"))
    .order_by(PARTIES.c.position)
)
ACCOUNTS = table(Account)
NAME = select(ACCOUNTS.c.name).where(
    ACCOUNTS.c.tenant_id == OF_TENANT, ACCOUNTS.c.id == bindparam("of_account")
)


def root_id_of(engine: Engine, actor: Actor, given: str) -> str:
    """The root's id of a case that people name by its id, its number, or year and number (2026-0001).

    Of all cases of the tenant, for those who run it. Raises UnknownCase, also where several fit.
    """
    short = SHORT.fullmatch(given)
    named = Case.number.like(f"（{short[1]}）%第{int(short[2]):04d}号") if short else Case.number == given
    with engine.sessions.query(actor.tenant_id) as session:
        roots = select(ProcessInstance.id).outerjoin(Case, Case.id == ProcessInstance.id)
        fits = or_(ProcessInstance.id == given, named)
        found = session.scalars(roots.where(ProcessInstance.parent_id.is_(None), fits).limit(2)).all()
    if len(found) != 1:
        raise errors.UnknownCase(case=given)
    return found[0]


def find_case(session: Session, case_id: str) -> Case | None:
    """The case whose root instance has this id, read once a transaction; None if there is none."""
    case: Case | None = session.info.get("case")
    if case is None or case.id != case_id:
        case = _read(session, CASE, case_id)
    return case


def case_of(session: Session, case_id: str) -> Case:
    """The case whose root instance has this id; NotFound if there is none."""
    case = find_case(session, case_id)
    if case is None:
        raise errors.NotFound
    return case


def visible_case(session: Session, actor: Actor, case_id: str) -> Case:
    """The case if the actor may see it; else NotFound. It is not read again in this transaction."""
    case = _read(session, _visible(actor), case_id)
    if case is None:
        raise errors.NotFound
    return case


def _read(session: Session, statement: Select[Any], case_id: str) -> Case | None:
    if session.autoflush:
        session.flush()
    this = {"of_tenant": tenant_of(session), "of_case": case_id}
    rows = session.connection().execute(statement, this).all()
    case = _adopted(session, rows) if rows else None
    # The session itself holds rows weakly: without this every effect would read its case anew.
    session.info["case"] = case
    return case


def _adopted(session: Session, rows: Sequence[Row[Any]]) -> Case:
    """The case of such rows, with its agreement and its parties."""
    found = [parts(row, Case, Agreement, Party)[0] for row in rows]
    values, agreement, _ = found[0]
    case = adopt(session, Case, values)
    parties = [adopt(session, Party, party) for _, _, party in found if party["id"]]
    set_committed_value(case, "parties", parties)
    set_committed_value(case, "agreement", adopt(session, Agreement, agreement) if agreement["id"] else None)
    return case


@lru_cache(1_000)
def _visible(actor: Actor) -> Select[Any]:
    return CASE.where(exists().where(ProcessInstance.id == bindparam("of_case"), policy.visible_roots(actor)))


def parties_of(session: Session, case_id: str) -> list[Party]:
    """All parties, also those who have left, in the order in which they were registered."""
    return case_of(session, case_id).parties


def party_of(session: Session, case_id: str, party_id: str) -> Party:
    """One party of the case, whether it still takes part or not; NotFound for another case's."""
    for party in parties_of(session, case_id):
        if party.id == party_id:
            return party
    raise errors.NotFound


def agreement_of(session: Session, case_id: str) -> Agreement | None:
    """The case's agreement, as soon as one was drafted."""
    return case_of(session, case_id).agreement


def drafted_agreement(session: Session, case_id: str) -> Agreement:
    """The case's agreement; NotFound before one was drafted."""
    agreement = agreement_of(session, case_id)
    if agreement is None:
        raise errors.NotFound
    return agreement


def account_name(session: Session, account_id: str | None) -> str:
    """The name of somebody of the staff; empty if there is nobody."""
    this = {"of_tenant": tenant_of(session), "of_account": account_id}
    return session.connection().scalars(NAME, this).one_or_none() or ""
