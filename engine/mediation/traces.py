"""Traces: what a party is known by, as keyed digests, so that it is found again and read by nobody."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import seals
from engine.keys import Keys, mac
from engine.mediation.contacts import Contact, contact_in
from engine.models.base import dump_json, table
from engine.models.cases import Party
from engine.models.intake import PartyTrace

TRACES = table(PartyTrace)
COUNTRY = re.compile(r"^(?:00)?86(?=1\d{10}$)")
SIGNS = re.compile(r"[\W_]+")


def normal(kind: str, value: str) -> str:
    """A value without what may be written otherwise: width, case, blanks, dashes, the country's code."""
    plain = SIGNS.sub("", unicodedata.normalize("NFKC", value)).casefold()
    return COUNTRY.sub("", plain) if kind == "phone" else plain


def digest(keys: Keys, tenant_id: str, kind: str, value: str) -> str:
    """The keyed digest of a value, empty for an empty one: equal for two that are written differently."""
    if not (plain := normal(kind, value)):
        return ""
    return mac(seals.derived(keys, "woshou: traces of parties"), dump_json([tenant_id, kind, plain]))


def digests(keys: Keys, tenant_id: str, name: str, place: str, contact: Contact) -> dict[str, str]:
    """Kind → digest of what is known of one party."""
    known = {"name": name, "place": place, **contact._asdict()}
    found = {kind: digest(keys, tenant_id, kind, value) for kind, value in known.items()}
    return {kind: value for kind, value in found.items() if value}


def leave(session: Session, keys: Keys, parties: Iterable[tuple[Party, Contact]]) -> None:
    """Keep the traces of parties that have none yet."""
    rows = [row for party, contact in parties for row in _rows(keys, party, contact)]
    if rows:
        session.connection().execute(TRACES.insert(), rows)


def of_row(keys: Keys, tenant_id: str, row: Mapping[str, Any]) -> dict[str, str]:
    """Kind → digest of one row of a registration that is being typed."""
    place = str(row.get("address") or "")
    return digests(keys, tenant_id, str(row.get("name") or ""), place, contact_in(row))


def _rows(keys: Keys, party: Party, contact: Contact) -> Iterator[dict[str, str]]:
    found = digests(keys, party.tenant_id, party.name, party.address, contact)
    for kind, value in found.items():
        yield {"tenant_id": party.tenant_id, "party_id": party.id, "kind": kind, "digest": value}
