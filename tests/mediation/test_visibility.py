"""Annex A4, cell by cell, for the items and roles that there are."""

from collections.abc import Collection

import pytest

from engine import errors
from engine.mediation import compartments, documents, evidence, evidence_page, visibility
from engine.mediation.channels import messages_for
from engine.mediation.happening_page import happenings_for
from engine.mediation.lookup import case_of
from engine.mediation.offers import offers_for
from engine.mediation.online_records import record_for
from engine.mediation.statements import read_statements, statements_recorded
from engine.mediation.visibility import ALL, DISCLOSED, NOTHING, OWN, SEALED, SERVED, TABLE
from engine.models.base import new_id
from engine.models.happenings import Happening
from engine.models.people import InstanceMember
from engine.policy import Actor

from ..conftest import MORNING, TENANT
from .conftest import TODAY, Desk
from .online import Online

ITEMS = tuple(TABLE)
# application, separate talks, private and joint channel, offers, electronic record, agreement,
# report, happening, complaint, scan,
# evidence, private evidence, undisputed facts, investigation record, evidence list
SIDE = (
    SERVED, OWN, OWN, ALL, DISCLOSED, ALL, SERVED,
    NOTHING, NOTHING, NOTHING, NOTHING,
    ALL, OWN, ALL, NOTHING, NOTHING,
)  # fmt: skip
UNTOLD = (NOTHING,) * 5
ANNEX = {
    "applicant": SIDE,
    "respondent": SIDE,
    "mediator": (*(ALL,) * 9, SEALED, *(ALL,) * 6),
    "head": (ALL, SEALED, SEALED, *(ALL,) * 9, SEALED, *(ALL,) * 3),
    "reception": (ALL, *UNTOLD, ALL, SEALED, ALL, ALL, ALL, ALL, SEALED, ALL, ALL, ALL),
    "part": (ALL, *UNTOLD, ALL, SEALED, ALL, SEALED, ALL, NOTHING, NOTHING, ALL, NOTHING, NOTHING),
}
CELLS = [(who, item, cell) for who, row in ANNEX.items() for item, cell in zip(ITEMS, row, strict=True)]
KINDS = {
    "application": "receipt", "agreement": "agreement", "scan": documents.SCAN,
    "evidence_list": "evidence_list", "investigation": "investigation_record",
    "undisputed_facts": "fact_sheet",
}  # fmt: skip
SAID = "最多付两千"
OFFERS = {frozenset(): NOTHING, frozenset({1, 2, 3}): ALL} | {
    frozenset({own, 3}): DISCLOSED for own in (1, 2)
}
HARM = "孩子身上有伤"
HAPPENED = {"report": "minor", "happening": "expiry", "complaint": "mediator"}


@pytest.fixture
def told(desk: Desk, second_mediator: Actor) -> Desk:
    """A case with a talk of each side and one document of each kind, none of them served yet."""
    desk.register().consent().appoint()
    for party_id in desk.party_ids:
        desk.perform(
            statements_recorded, desk.house.mediator, needed="yes", party_id=party_id, held_on=TODAY,
            statements=[{"text": f"{SAID}{party_id}", "disclosure": "private"}], another="no",
        )  # fmt: skip
    with desk.command() as session:
        session.add(
            InstanceMember(
                tenant_id=second_mediator.tenant_id, instance_id=desk.case_id, account_id=second_mediator.id
            )
        )
    for kind in KINDS.values():
        issue(desk, kind, [])
    for disclosure in evidence.DISCLOSURES:
        for party_id in desk.party_ids:
            new = evidence.NewEvidence(SAID + party_id, party_id, TODAY, "paper", disclosure)
            evidence.add_evidence(desk.house.engine, desk.house.reception, desk.case_id, new, new_id())
    talk_online(desk)
    for kind in HAPPENED.values():
        note(desk, kind)
    desk.house.actors["second"] = second_mediator
    return desk


def talk_online(desk: Desk) -> None:
    """Both sides write in both channels and make an offer in confidence; the applicant's second is told."""
    online = Online(desk.house, desk.case_id, desk.party_ids).agree().identify()
    for index in range(2):
        for channel in ("private", "joint"):
            online.say(index, f"{SAID}{desk.party_ids[index]}", channel)
        online.offer(index, disclosed="no")
    online.offer(0).write("go_on")


def note(desk: Desk, kind: str) -> None:
    with desk.command() as session:
        happening_id = new_id()
        compartment = compartments.ensure(session, desk.house.engine.keys, desk.case_id)
        sealed = compartment.seal(HARM, *compartments.happening_place(happening_id, "sealed"))
        session.add(
            Happening(
                tenant_id=TENANT, id=happening_id, case_id=desk.case_id, kind=kind, sealed=sealed,
                noted_at=MORNING, noted_by=desk.house.mediator.id,
            )
        )  # fmt: skip


def issue(desk: Desk, kind: str, audience: Collection[str]) -> None:
    with desk.command() as session:
        new = documents.NewFile(kind, documents.PDF, f"%PDF-{kind}".encode())
        sha256 = documents.put_file(session, new, "system", MORNING)
        documents.put_document(session, (desk.case_id, kind), sha256, list(audience), MORNING)


def person(desk: Desk, who: str) -> Actor:
    staff = {"mediator": "mediator", "head": "chief_mediator", "reception": "reception", "part": "second"}
    if who in staff:
        return desk.house.actors[staff[who]]
    return desk.party(("applicant", "respondent").index(who))


def reads(desk: Desk, actor: Actor, item: str) -> str:
    """How much of an item somebody gets to see through the commands that pages call."""
    if item in HAPPENED:
        return happened(desk, actor, HAPPENED[item])
    if item in evidence_page.ITEM_OF.values():
        return brought(desk, actor, item)
    if item == "separate_talks":
        return talks(desk, actor)
    return papers(desk, actor, KINDS[item]) if item in KINDS else online(desk, actor, item)


def online(desk: Desk, actor: Actor, item: str) -> str:
    with desk.query() as session:
        case, keys = case_of(session, desk.case_id), desk.house.engine.keys
        if item == "online_record":
            return ALL if record_for(session, actor, case) else NOTHING
        if item == "offers":
            found = {row.number for row in offers_for(session, keys, actor, case)}
            return OFFERS.get(frozenset(found), str(found))
        channel = item.removesuffix("_messages")
        texts = [row.text for row in messages_for(session, keys, actor, case) if row.channel == channel]
    return how_much(actor, texts, desk.party_ids)


def happened(desk: Desk, actor: Actor, kind: str) -> str:
    with desk.query() as session:
        case = case_of(session, desk.case_id)
        every = happenings_for(session, desk.house.engine.keys, actor, case)
    found = [one for one in every if one.kind == kind]
    if not found:
        return NOTHING
    return ALL if [one.text for one in found] == [HARM] else SEALED


def brought(desk: Desk, actor: Actor, item: str) -> str:
    rows = evidence_page.list_evidence(desk.house.engine, actor, desk.case_id)
    names = [row.name for row in rows if evidence_page.ITEM_OF[row.disclosure] == item]
    if names == [f"{SAID}{actor.party_id}"]:
        return OWN
    if names == [None, None]:
        return SEALED
    return ALL if names == [SAID + one for one in desk.party_ids] else NOTHING


def talks(desk: Desk, actor: Actor) -> str:
    try:
        found = read_statements(desk.house.engine, actor, desk.case_id)
    except errors.NotFound:
        return NOTHING
    return how_much(actor, [row.text for row in found], desk.party_ids)


def how_much(actor: Actor, texts: list[str | None], party_ids: list[str]) -> str:
    if set(texts) == {None}:
        return SEALED
    if texts == [f"{SAID}{actor.party_id}"]:
        return OWN
    return ALL if texts == [SAID + one for one in party_ids] else NOTHING


def papers(desk: Desk, actor: Actor, kind: str) -> str:
    if is_listed(desk, actor, kind):
        return ALL
    issue(desk, kind, [actor.party_id or ""])
    return SERVED if is_listed(desk, actor, kind) else NOTHING


def is_listed(desk: Desk, actor: Actor, kind: str) -> bool:
    listed = documents.list_documents(desk.house.engine, actor, desk.case_id)
    every = documents.list_documents(desk.house.engine, desk.house.mediator, desk.case_id)
    (document,) = [row for row in every if row.kind == kind]
    try:
        documents.read_document(desk.house.engine, actor, document.id)
    except errors.NotFound:
        assert document not in listed
        return False
    assert document in listed
    return True


@pytest.mark.parametrize(("who", "item", "cell"), CELLS)
def test_each_cell_is_what_the_annex_says_and_what_the_commands_give(
    told: Desk, who: str, item: str, cell: str
) -> None:
    actor = person(told, who)
    with told.query() as session:
        case = case_of(session, told.case_id)
        assert visibility.reader_of(actor, case, case.parties) == who
        assert visibility.reading(item, actor, case, case.parties) == cell
    assert reads(told, actor, item) == cell


def test_the_table_has_a_cell_for_every_reader_and_an_item_for_every_document() -> None:
    assert {item: set(row) for item, row in TABLE.items()} == dict.fromkeys(TABLE, set(visibility.READERS))
    assert set(visibility.ITEM_OF) == set(documents.TITLES)
    assert set(visibility.ITEM_OF.values()) < set(TABLE)


def test_a_party_of_another_case_reads_nothing(told: Desk) -> None:
    stranger = Actor(told.house.mediator.tenant_id, "x", "", frozenset({"party"}), party_id="x")
    with told.query() as session:
        case = case_of(session, told.case_id)
        assert {visibility.reading(item, stranger, case, case.parties) for item in ITEMS} == {NOTHING}
