"""The evidence of a case as somebody reads it: each item by its tag and by who asks (annex A4)."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from engine import Engine, errors
from engine.keys import Keys
from engine.mediation import compartments, visibility
from engine.mediation.documents import FileView, file_name
from engine.mediation.evidence import MAY_SHOW, details_of, items_of
from engine.mediation.lookup import case_of, visible_case
from engine.models.cases import Case
from engine.models.documents import File
from engine.models.evidence import EvidenceItem
from engine.policy import Actor

ITEM_OF = {MAY_SHOW: "evidence", "private": "private_evidence"}


@dataclass(frozen=True)
class EvidenceView:
    """An item of the list; `name` and `description` are None for who may only know that it is there.

    `number` is its place on the list that this reader sees; `brought_by` is empty for the committee's own.
    """

    id: str
    number: int
    name: str | None
    description: str | None
    brought_by: str
    brought_on: dt.date
    kind: str
    original: bool
    disclosure: str
    sha256: str | None
    returned_on: dt.date | None
    returned_note: str

    @property
    def has_file(self) -> bool:
        """Whether there is a file that this reader may open."""
        return self.sha256 is not None and self.name is not None


def list_evidence(engine: Engine, actor: Actor, case_id: str) -> list[EvidenceView]:
    """The items of a case that the actor may know of; NotFound."""
    with engine.sessions.query(actor.tenant_id) as session:
        visible_case(session, actor, case_id)
        return evidence_for(session, engine.keys, actor, case_of(session, case_id))


def evidence_for(session: Session, keys: Keys, actor: Actor, case: Case) -> list[EvidenceView]:
    """The same inside somebody's transaction, for a case that the actor sees."""
    items = [(item, how) for item in items_of(session, case.id) if (how := _how(item, actor, case))]
    compartment = compartments.of_case(session, keys, case.id) if items else None
    names = {party.id: party.name for party in case.parties}
    found = []
    for number, (item, how) in enumerate(items, 1):
        told = how != visibility.SEALED and compartment is not None
        name, description = details_of(compartment, item) if told and compartment else (None, None)
        # A party that sees some items only must not learn from a gap that there are others.
        place = number if actor.party_id is not None else item.position
        found.append(_view(item, place, (name, description), names.get(item.party_id or "", "")))
    return found


def read_evidence(engine: Engine, actor: Actor, item_id: str) -> FileView:
    """The file of an item; NotFound where there is none or the actor may not read it."""
    with engine.sessions.query(actor.tenant_id) as session:
        item = session.scalars(select(EvidenceItem).where(EvidenceItem.id == item_id)).one_or_none()
        if item is None:
            raise errors.NotFound
        visible_case(session, actor, item.case_id)
        case = case_of(session, item.case_id)
        if _how(item, actor, case) in (None, visibility.SEALED):
            raise errors.NotFound
        found = select(File).where(File.sha256 == item.file_sha256).options(undefer(File.content))
        file = session.scalars(found).one_or_none()
        compartment = compartments.of_case(session, engine.keys, case.id)
        if file is None or compartment is None:
            raise errors.NotFound
        name = file_name(details_of(compartment, item)[0], file.media_type)
        return FileView(name, file.media_type, file.content)


def _how(item: EvidenceItem, actor: Actor, case: Case) -> str | None:
    how = visibility.reading(ITEM_OF[item.disclosure], actor, case, case.parties)
    if how == visibility.NOTHING or (how == visibility.OWN and item.party_id != actor.party_id):
        return None
    return how


def _view(
    item: EvidenceItem, number: int, details: tuple[str | None, str | None], brought_by: str
) -> EvidenceView:
    return EvidenceView(
        id=item.id, number=number, name=details[0], description=details[1], brought_by=brought_by,
        brought_on=item.brought_on, kind=item.kind, original=item.original, disclosure=item.disclosure,
        sha256=item.file_sha256, returned_on=item.returned_on, returned_note=item.returned_note,
    )  # fmt: skip
