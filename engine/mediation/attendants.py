"""Attendants: interpreters and witnesses, who take part in a case without being a side of it."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from engine.keys import Keys
from engine.mediation import compartments, wording
from engine.mediation.compartments import Compartment
from engine.mediation.guardians import Person
from engine.models.attendants import Attendant
from engine.models.base import dump_json, load_json, new_id
from engine.sessions import HOT, OF_TENANT, tenant_of

CURRENT = (
    select(Attendant)
    .where(
        Attendant.tenant_id == OF_TENANT,
        Attendant.case_id == bindparam("of_case"),
        Attendant.removed_at.is_(None),
    )
    .order_by(Attendant.id)
    .execution_options(**HOT)
)
INTERPRETER, FACT_WITNESS, MARK_WITNESS = ROLES = ("interpreter", "fact_witness", "mark_witness")
IN_TEXTS = frozenset({INTERPRETER, MARK_WITNESS})
"""Who stands in the papers beside the parties' marks, and so must be nobody who acts in the case."""


class Details(NamedTuple):
    """What is encrypted of one: `language` is an interpreter's, `phone` empty where it is not known."""

    name: str
    language: str
    phone: str


@dataclass(frozen=True)
class AttendantView:
    """Somebody who attends for these parties; `removed_at` is None for who still does."""

    id: str
    role: str
    name: str
    language: str
    phone: str
    party_ids: list[str]
    removed_at: dt.datetime | None


def attendants_of(session: Session, keys: Keys, case_id: str) -> list[AttendantView]:
    """Who attends a case now, in the order in which they were added. SealBroken."""
    rows = rows_of(session, case_id)
    compartment = compartments.of_case(session, keys, case_id) if rows else None
    return [opened(compartment, row) for row in rows] if compartment else []


def named_in(session: Session, compartment: Compartment | None, case_id: str) -> list[AttendantView]:
    """All who attend or attended, for texts in which nobody is to be named. SealBroken."""
    if compartment is None:
        return []
    rows = session.scalars(select(Attendant).where(Attendant.case_id == case_id))
    return [opened(compartment, row) for row in rows]


def rows_of(session: Session, case_id: str) -> list[Attendant]:
    """The rows of those who attend now."""
    this = {"of_tenant": tenant_of(session), "of_case": case_id}
    return list(session.scalars(CURRENT, this))


def opened(compartment: Compartment, row: Attendant) -> AttendantView:
    """Who a row is about; SealBroken."""
    details = Details(**load_json(compartment.open(row.sealed, *_place(row.id))))
    return AttendantView(row.id, row.role, *details, party_ids=row.party_ids, removed_at=row.removed_at)


def row_for(compartment: Compartment, details: Details, made: Mapping[str, Any]) -> Attendant:
    """The row of a new one; `made` says as what, for whom, when and by whom."""
    row_id = new_id()
    return Attendant(
        tenant_id=compartment.tenant_id, id=row_id, case_id=compartment.case_id,
        sealed=compartment.seal(dump_json(details._asdict()), *_place(row_id)), **made,
    )  # fmt: skip


def mark_witnessed(session: Session, case_id: str) -> set[str]:
    """The ids of parties who make their mark on paper before a witness: they can't write (PML Art. 29)."""
    rows = rows_of(session, case_id)
    return {party_id for row in rows if row.role == MARK_WITNESS for party_id in row.party_ids}


def in_texts(session: Session, compartment: Compartment | None) -> list[Person]:
    """Those whom the papers of a case name, and who so can't act in it as anything else. SealBroken."""
    rows = rows_of(session, compartment.case_id) if compartment else []
    found = [opened(compartment, row) for row in rows if compartment and row.role in IN_TEXTS]
    return [Person(one.name, "", one.phone) for one in found]


def interpreters_in(found: Iterable[AttendantView], names: Mapping[str, str]) -> list[dict[str, str]]:
    """Who interprets for the parties of a text (id → name), as it has them: name, language, parties."""
    return [
        {"name": one.name, "language": one.language, "parties": wording.names(_named(one, names))}
        for one in found
        if one.role == INTERPRETER and _named(one, names)
    ]


def witnesses_of(found: Iterable[AttendantView], party_id: str) -> str:
    """Who witnesses the party's mark, as papers name them beside it; empty for nobody."""
    return wording.names(one.name for one in found if one.role == MARK_WITNESS and party_id in one.party_ids)


def _named(one: AttendantView, names: Mapping[str, str]) -> Collection[str]:
    return [names[party_id] for party_id in one.party_ids if party_id in names]


def _place(row_id: str) -> tuple[str, str, str]:
    return (Attendant.__tablename__, row_id, "sealed")
