"""What only some may read, encrypted with a key per case that a key outside the database wraps."""

import secrets
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from engine import seals
from engine.keys import LENGTH, Keys
from engine.models.base import table
from engine.models.cases import CaseKey, Statement
from engine.models.happenings import Happening
from engine.sessions import OF_TENANT, tenant_of

KEYS = table(CaseKey)
WRAPPED = select(KEYS.c.wrapped).where(KEYS.c.tenant_id == OF_TENANT, KEYS.c.case_id == bindparam("of_case"))
ADD_KEY = insert(KEYS)


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
    place = (tenant_of(session), case_id)
    this = {"of_tenant": place[0], "of_case": case_id}
    wrapped = session.connection().scalars(WRAPPED, this).one_or_none()
    if wrapped is None:
        return None
    return Compartment(*place, seals.unseal(_outer(keys), wrapped, place))


def ensure(session: Session, keys: Keys, case_id: str) -> Compartment:
    """A case's compartment, made if it has none; the case must be locked."""
    known = of_case(session, keys, case_id)
    if known is not None:
        return known
    made = Compartment(tenant_of(session), case_id, secrets.token_bytes(LENGTH))
    place = (made.tenant_id, case_id)
    wrapped = seals.seal(_outer(keys), made.key, place)
    session.flush()
    session.connection().execute(
        ADD_KEY, {"tenant_id": made.tenant_id, "case_id": case_id, "wrapped": wrapped}
    )
    return made


def statement_place(statement_id: str) -> tuple[str, str, str]:
    """Where a statement's text belongs: table, row and column."""
    return (Statement.__tablename__, statement_id, "sealed")


def happening_place(happening_id: str, column: str) -> tuple[str, str, str]:
    """Where what was noted of a happening (`sealed`), or what came of it (`result`), belongs."""
    return (Happening.__tablename__, happening_id, column)


def _outer(keys: Keys) -> bytes:
    return seals.derived(keys, "woshou: keys of cases")
