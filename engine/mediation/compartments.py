"""What only some may read, encrypted with a key per case that a key outside the database wraps."""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import seals
from engine.keys import LENGTH, Keys
from engine.models.cases import CaseKey, Statement
from engine.models.happenings import Happening
from engine.sessions import tenant_of


@dataclass(frozen=True)
class Compartment:
    """Seals and opens the values of one case."""

    tenant_id: str
    case_id: str
    key: bytes

    def seal(self, text: str, *place: str) -> bytes:
        """The text as nonce and ciphertext, bound to its place: table, row, column."""
        return seals.seal(self.key, text.encode(), (self.tenant_id, self.case_id, *place))

    def open(self, sealed: bytes, *place: str) -> str:
        """The text again; SealBroken where it was changed, or comes from another place."""
        return seals.unseal(self.key, sealed, (self.tenant_id, self.case_id, *place)).decode()


def of_case(session: Session, keys: Keys, case_id: str) -> Compartment | None:
    """A case's compartment, None while nothing was put into it."""
    found = session.scalars(select(CaseKey).where(CaseKey.case_id == case_id)).one_or_none()
    if found is None:
        return None
    place = (found.tenant_id, case_id)
    return Compartment(*place, seals.unseal(_outer(keys), found.wrapped, place))


def ensure(session: Session, keys: Keys, case_id: str) -> Compartment:
    """A case's compartment, made if it has none; the case must be locked."""
    known = of_case(session, keys, case_id)
    if known is not None:
        return known
    made = Compartment(tenant_of(session), case_id, secrets.token_bytes(LENGTH))
    place = (made.tenant_id, case_id)
    wrapped = seals.seal(_outer(keys), made.key, place)
    session.add(CaseKey(tenant_id=made.tenant_id, case_id=case_id, wrapped=wrapped))
    session.flush()
    return made


def statement_place(statement_id: str) -> tuple[str, str, str]:
    """Where a statement's text belongs: table, row and column."""
    return (Statement.__tablename__, statement_id, "sealed")


def happening_place(happening_id: str, column: str) -> tuple[str, str, str]:
    """Where what was noted of a happening (`sealed`), or what came of it (`result`), belongs."""
    return (Happening.__tablename__, happening_id, column)


def _outer(keys: Keys) -> bytes:
    return seals.derived(keys, "woshou: keys of cases")
