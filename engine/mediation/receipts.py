"""Receipts that anybody may check: a code that can't be guessed opens their number, date and committee."""

import datetime as dt
import re
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from engine import Engine, errors, people
from engine.documents import qr
from engine.models.cases import Case
from engine.models.people import Body
from engine.policy import Actor

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without the letters that are taken for digits."""
ALIKE = str.maketrans("OIL", "011")
LENGTH = 16
GROUP = 4


@dataclass(frozen=True)
class Proof:
    """All that the public page tells of a receipt: no name, no matter, no state."""

    number: str
    applied_on: dt.date
    committee: str


def new_code() -> str:
    """A code of 80 bits for a receipt that is about to be made."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def proof(engine: Engine, asking: Actor, typed: str) -> Proof:
    """What the receipt of this code proves; NotFound, and TooManyAttempts after five unknown ones."""
    subjects = [f"receipt:{asking.id}"]
    people.require_attempts_left(engine, asking.tenant_id, subjects)
    code = re.sub(r"[\s-]", "", typed).upper().translate(ALIKE)
    with engine.sessions.query(asking.tenant_id) as session:
        found = session.execute(
            select(Case.number, Case.applied_on, Body.name)
            .join(Body, Body.id == Case.body_id)
            .where(Case.receipt_code == code, Case.applied_on.is_not(None))
        ).one_or_none()
    if found is None or found.number is None or found.applied_on is None:
        people.count_attempt(engine, asking.tenant_id, subjects)
        raise errors.NotFound
    return Proof(found.number, found.applied_on, found.name)


def printed(case: Case, address: str) -> dict[str, Any]:
    """What the receipt bears of it: the page, the code in groups, and both as a QR code.

    Nothing for a case from before receipts had codes.
    """
    if not case.receipt_code:
        return {"check": None}
    code = case.receipt_code
    grouped = "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))
    page = f"{address}/verify"
    return {"check": {"page": page, "code": grouped, "qr": qr.picture(f"{page}/{code}")}}
