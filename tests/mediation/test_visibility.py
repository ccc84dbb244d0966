"""Annex A4, cell by cell, for the items and roles that there are."""

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

import forms
from engine import errors, policy
from engine.definitions import Definitions
from engine.mediation import (
    case_page,
    compartments,
    documents,
    evidence,
    evidence_page,
    inbox,
    joint_sessions,
    visibility,
)
from engine.mediation.admissions import NewAdmission, admit, dismiss
from engine.mediation.channels import messages_for
from engine.mediation.consultations import consents_of, invited
from engine.mediation.court_packets import make_packet
from engine.mediation.footage import footage_for
from engine.mediation.happening_page import happenings_for
from engine.mediation.lookup import agreement_of, case_of
from engine.mediation.offers import offers_for
from engine.mediation.online_records import record_for
from engine.mediation.outside_page import OutsideView, list_outside, read_outside, show_outside
from engine.mediation.statements import read_statements, statements_recorded
from engine.mediation.visibility import (
    ALL,
    BY_LAW,
    DEIDENTIFIED,
    DISCLOSED,
    IF_CONSENT,
    IF_DISCLOSED,
    NOTHING,
    OBLIGATIONS,
    OWN,
    OWN_PREVIEW,
    SEALED,
    SERVED,
    TABLE,
    UNTIL_LOCK,
)
from engine.models.base import new_id
from engine.models.documents import Document
from engine.models.fact_sheets import FactSheet, FactSheetAnswer
from engine.models.happenings import Happening
from engine.models.people import InstanceMember
from engine.policy import Actor
from engine.services import Services
from engine.sessions import Sessions

from ..conftest import MORNING, TENANT, Clock, House, add_person, new_house, recorded
from .conftest import TODAY, Desk, add_case, second_of
from .online import TERM, Online
from .studio import Studio, studio_house
from .test_consultations import ENGINEER, PLANNING, Table

ITEMS = tuple(TABLE)
# application, separate talks, private and joint channel, offers, electronic and joint record, agreement,
# report, happening, complaint, scan,
# evidence, private evidence, undisputed facts, investigation record, evidence list, footage, payment order,
# dossier
SIDE = (
    SERVED, OWN, OWN, ALL, DISCLOSED, ALL, ALL, SERVED,
    NOTHING, NOTHING, NOTHING, NOTHING,
    ALL, OWN, ALL, NOTHING, NOTHING, OWN_PREVIEW, SERVED, NOTHING,
)  # fmt: skip
UNTOLD = (NOTHING,) * 6
ANNEX = {
    "applicant": SIDE,
    "respondent": SIDE,
    "mediator": (*(ALL,) * 10, SEALED, *(ALL,) * 9),
    "head": (ALL, SEALED, SEALED, *(ALL,) * 10, SEALED, *(ALL,) * 6),
    "reception": (
        ALL, *UNTOLD, ALL, SEALED, ALL, ALL, ALL, ALL, SEALED, ALL, ALL, ALL, NOTHING, ALL, NOTHING,
    ),
    "part": (
        ALL, *UNTOLD, ALL, SEALED, ALL, SEALED, ALL, NOTHING, NOTHING, ALL, *(NOTHING,) * 3, ALL, NOTHING,
    ),
    "expert": (
        DEIDENTIFIED, NOTHING, NOTHING, NOTHING, IF_DISCLOSED, ALL, ALL, OBLIGATIONS,
        *(NOTHING,) * 6, ALL, *(NOTHING,) * 5,
    ),
    "tv_crew": (
        *(NOTHING,) * 7, IF_CONSENT, *(NOTHING,) * 6, IF_CONSENT, NOTHING, NOTHING, UNTIL_LOCK,
        NOTHING, NOTHING,
    ),
    "grid_member": (NOTHING,) * 20,
    "court": (ALL, *(NOTHING,) * 4, ALL, ALL, ALL, BY_LAW, *(NOTHING,) * 5, ALL, *(NOTHING,) * 5),
}  # fmt: skip
PAGE = Path(__file__).parents[2] / "docs" / "who_sees_what.md"
ROLES = ("applicant", "respondent", "mediator", "head", "expert", "tv_crew", "grid_member", "court")
ROWS = (
    "application", "separate_talks", "undisputed_facts", "offers", "joint_record", "agreement", "report",
    "footage",
)  # fmt: skip


def matrix() -> dict[tuple[str, str], str]:
    """(item, role) → the cell of the page's table."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    head, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {
        (row[0], role): cell
        for row in rows
        if len(row) == len(head)
        for role, cell in zip(head[1:], row[1:], strict=True)
    }


EVERY = [(who, item, cell) for who, row in ANNEX.items() for item, cell in zip(ITEMS, row, strict=True)]
# Of what the annex is silent on, somebody from outside gets nothing: looked at in one case each.
CELLS = [(who, item, cell) for who, item, cell in EVERY if who not in visibility.OUTSIDE or item in ROWS]
SILENT = [(who, item, cell) for who, item, cell in EVERY if (who, item, cell) not in CELLS]
KINDS = {
    "application": "receipt", "agreement": "agreement", "scan": documents.SCAN,
    "evidence_list": "evidence_list", "investigation": "investigation_record",
    "undisputed_facts": "fact_sheet", "payment_order": "payment_order", "dossier": "dossier",
}  # fmt: skip
SAID = "最多付两千"
OFFERS = {frozenset(): NOTHING, frozenset({1, 2, 3}): ALL} | {
    frozenset({own, 3}): DISCLOSED for own in (1, 2)
}
HARM = "孩子身上有伤"
RECORD, E_RECORD, FACTS = "申请人0当面说，愿意继续谈。", "双方同意退2000元。", "申请人0被撞，修车花了三百元。"
SHELF, DEMAND = "三号柜", "合川法院（2026）调字第5号调取函"
MARKERS = {
    "separate_talks": SAID, "private_messages": SAID, "joint_messages": SAID, "evidence": SAID,
    "private_evidence": SAID, "happening": HARM, "complaint": HARM, "report": HARM, "offers": TERM["action"],
    "joint_record": "愿意继续谈", "online_record": E_RECORD, "undisputed_facts": "修车花了三百元",
    "footage": SHELF, "application": "三轮车没有牌照",
}  # fmt: skip
HAPPENED = {"report": "minor", "happening": "expiry", "complaint": "mediator"}


@pytest.fixture
def house(sqlite_url: str, make_house: Callable[..., House]) -> House:
    return studio_house(sqlite_url, make_house)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[Desk, Path]]:
    """The case that every test is told of, and the file of its database as it was then."""
    folder = tmp_path_factory.mktemp("told")
    path = shutil.copy(sqlite_template, folder / "woshou.db")

    def make(url: str, services: Services) -> House:
        return new_house(Sessions(url), folder, services)

    house = studio_house(f"sqlite:///{path}", make)
    tell(desk := Desk(house, add_case(house)), second_of(house))
    house.engine.sessions.dispose()
    yield desk, path.rename(folder / "kept.db")
    house.engine.sessions.dispose()


@pytest.fixture
def told(kept: tuple[Desk, Path]) -> Desk:
    """The case anew for each test: nothing that a test before it has done is there or remembered."""
    desk, path = kept
    desk.house.engine.sessions.dispose()
    shutil.copy(path, path.with_name("woshou.db"))
    clock = Clock(desk.house.clock.moment)
    engine = replace(desk.house.engine, definitions=Definitions(forms), now=clock)
    return replace(desk, house=replace(desk.house, engine=engine, clock=clock))


def tell(desk: Desk, second_mediator: Actor) -> None:
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
    consult(desk)
    meet(desk)
    sign_facts(desk)
    Studio(desk.house, desk.case_id, desk.party_ids).plan().decide_all().reach("recorded")
    bind(desk)
    for kind in HAPPENED.values():
        note(desk, kind)
    desk.house.actors["second"] = second_mediator
    let_outsiders_in(desk)


def consult(desk: Desk) -> None:
    """A department and an expert take part; no party agreed to be named to them."""
    table = Table(desk.house, desk.case_id, desk.party_ids)
    table.choose(PLANNING, ENGINEER).ask(shares="no").sheet("申请人0的三轮车没有牌照。").answer()


def meet(desk: Desk) -> None:
    held = {
        "held_on": TODAY, "place": "调解室", "attendees": desk.party_ids, "record": RECORD, "read_back": True,
        "outcome": "go_on",
    }  # fmt: skip
    desk.perform(joint_sessions.session_recorded, desk.house.mediator, **held)


def sign_facts(desk: Desk) -> None:
    """Both sides have signed the sheet of undisputed facts; the shelf's document is its file."""
    with desk.command() as session:
        by = {"tenant_id": TENANT, "made_at": MORNING}
        sheet = FactSheet(
            id=new_id(), case_id=desk.case_id, party_ids=desk.party_ids, facts=FACTS, paper=False,
            paper_only=False, document_id=document_id(desk, "fact_sheet"), made_by="x", **by,
        )  # fmt: skip
        sheet.answers = [
            FactSheetAnswer(id=new_id(), party_id=one, decision="sign", recorded_by=one, **by)
            for one in desk.party_ids
        ]
        session.add(sheet)


def document_id(desk: Desk, kind: str) -> str:
    with desk.query() as session:
        found = select(Document.id).where(Document.case_id == desk.case_id, Document.kind == kind)
        return session.scalars(found).one()


def bind(desk: Desk) -> None:
    desk.draft()
    with desk.command() as session:
        agreement = agreement_of(session, desk.case_id)
        assert agreement is not None
        agreement.effective_at = MORNING


def let_outsiders_in(desk: Desk) -> None:
    """One of each kind, admitted by the mediator."""
    with desk.query() as session:
        (expert,) = [one for one in invited(session, desk.case_id) if one.name == ENGINEER]
    for role in sorted(policy.OUTSIDERS):
        house = desk.house
        house.actors[role] = add_person(house.engine, TENANT, house.body_id, role)
        new = NewAdmission(desk.case_id, house.actors[role].id, role, expert.id if role == "expert" else "")
        admit(house.engine, house.mediator, new, new_id())


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
    if who in staff or who in policy.OUTSIDERS:
        return desk.house.actors[staff.get(who, who)]
    return desk.party(("applicant", "respondent").index(who))


def reads(desk: Desk, actor: Actor, item: str) -> str:
    """How much of an item somebody gets to see through the commands that pages call."""
    if item == "joint_record":
        with desk.query() as session:
            records = joint_sessions.records_for(session, actor, case_of(session, desk.case_id))
        return ALL if [one.text for one in records] == [RECORD] else NOTHING
    if item == "footage":
        return filmed(desk, actor)
    if item in HAPPENED:
        return happened(desk, actor, HAPPENED[item])
    if item in evidence_page.ITEM_OF.values():
        return brought(desk, actor, item)
    if item == "separate_talks":
        return talks(desk, actor)
    return papers(desk, actor, KINDS[item]) if item in KINDS else online(desk, actor, item)


def filmed(desk: Desk, actor: Actor) -> str:
    before = footage_of(desk, actor)
    Studio(desk.house, desk.case_id, desk.party_ids).reach_lock()
    places, shows = footage_of(desk, actor)
    if not (places or shows or any(before)):
        return NOTHING
    if before == ([], {}) and places == [] and set(shows) == {desk_name(desk, actor)}:
        return OWN_PREVIEW
    return ALL if before[0] == [(TODAY, SHELF)] == places and len(shows) == 2 else NOTHING


def footage_of(desk: Desk, actor: Actor) -> tuple[list[object], dict[str, list[str]]]:
    with desk.query() as session:
        seen = footage_for(session, actor, case_of(session, desk.case_id))
    return list(seen.places), dict(seen.shows)


def desk_name(desk: Desk, actor: Actor) -> str:
    with desk.query() as session:
        return next(one.name for one in case_of(session, desk.case_id).parties if one.id == actor.party_id)


def seen_from_outside(desk: Desk, role: str, item: str) -> str:
    """How much of an item somebody from outside gets to see, in words on its page and in its documents."""
    actor = person(desk, role)
    view = show_outside(desk.house.engine, actor, desk.case_id)
    kinds = {visibility.ITEM_OF[kind] for _, kind in view.documents}
    if item not in kinds and MARKERS.get(item, "∅") not in repr(view):
        return OBLIGATIONS if item == "agreement" and owes_only(view) else NOTHING
    match role, item:
        case "expert", "application":
            return DEIDENTIFIED if "申请人0" not in repr(view) and "申请人1" in repr(view.sheet) else ALL
        case "expert", "offers":
            return IF_DISCLOSED if len(view.offers) == 1 else ALL
        case "tv_crew", "footage":
            return until_lock(desk, actor)
        case "tv_crew", _:
            return if_consent(desk, actor, view)
    return ALL


def owes_only(view: OutsideView) -> bool:
    return len(view.owed) == 1 and not view.documents and "一次付清" not in repr(view)


def until_lock(desk: Desk, actor: Actor) -> str:
    Studio(desk.house, desk.case_id, desk.party_ids).reach_lock()
    after = show_outside(desk.house.engine, actor, desk.case_id)
    return UNTIL_LOCK if after.footage == [] and SHELF not in repr(after) else ALL


def if_consent(desk: Desk, actor: Actor, view: OutsideView) -> str:
    engine, taken = desk.house.engine, [one for one, _ in view.documents]
    for one in taken:
        assert read_outside(engine, actor, desk.case_id, one).content.startswith(b"%PDF")
    Studio(desk.house, desk.case_id, desk.party_ids).withdraw(1, "evidence")
    for one in taken:
        with pytest.raises(errors.NotFound):
            read_outside(engine, actor, desk.case_id, one)
    return IF_CONSENT if not show_outside(engine, actor, desk.case_id).documents else ALL


def packed(desk: Desk, item: str) -> str:
    """How much of an item is in the packet for a court, without and with a court's demand."""
    plain, demanded = (contents(desk, demand) for demand in ("", DEMAND))
    titles = {documents.TITLES[kind] for kind, of in visibility.ITEM_OF.items() if of == item}
    if any(title in plain for title in titles):
        return ALL
    marker = MARKERS.get(item, "∅")
    if marker in plain:
        return ALL
    # Three things have happened in the same words; of them only the report may be told.
    found = demanded.count(marker)
    return BY_LAW if item == "report" and found == 1 else NOTHING if found == 0 or item in HAPPENED else ALL


def contents(desk: Desk, demand: str = "") -> str:
    house = desk.house
    packet = make_packet(house.engine, house.chief_mediator, desk.case_id, demand, new_id())
    with zipfile.ZipFile(io.BytesIO(packet.content)) as found:
        names = found.namelist()
        return "\n".join([*names, *(found.read(name).decode("utf-8", "replace") for name in names)])


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
    assert TABLE[item][who] == cell
    assert shown(told, who, item) == cell


def shown(told: Desk, who: str, item: str) -> str:
    """How much of an item a reader gets, through whichever commands are its own."""
    if who == visibility.COURT:
        return packed(told, item)
    if who in policy.OUTSIDERS:
        return seen_from_outside(told, who, item)
    actor = person(told, who)
    with told.query() as session:
        case = case_of(session, told.case_id)
        assert visibility.reader_of(actor, case, case.parties) == who
        assert visibility.reading(item, actor, case, case.parties) == TABLE[item][who]
    return reads(told, actor, item)


def test_the_page_has_each_cell_of_the_annex_and_says_what_the_commands_give() -> None:
    assert set(matrix()) == {(item, role) for item in ROWS for role in ROLES}
    # Each of these cells is one of those above that are read through the commands.
    assert {(item, role): TABLE[item][role] for item, role in matrix()} == matrix()
    assert {(role, item, cell) for (item, role), cell in matrix().items()} <= set(CELLS)


@pytest.mark.parametrize("role", visibility.OUTSIDE)
def test_of_what_the_annex_is_silent_on_nobody_outside_gets_more(told: Desk, role: str) -> None:
    silent = {item: cell for who, item, cell in SILENT if who == role}
    assert len(silent) == len(ITEMS) - len(ROWS)
    assert {item: shown(told, role, item) for item in silent} == silent


@pytest.mark.parametrize("role", sorted(policy.OUTSIDERS))
def test_no_list_count_page_diagram_or_document_tells_somebody_from_outside_of_a_case(
    told: Desk, role: str
) -> None:
    engine, actor = told.house.engine, person(told, role)
    assert inbox.list_cases(engine, actor).total == 0
    assert inbox.list_cases(engine, actor, search="申请人").total == 0
    counts = inbox.list_tasks(engine, actor).counts
    assert (counts.mine, counts.role, counts.overdue) == (0, 0, 0)
    for look in (case_page.show_case, documents.list_documents, evidence_page.list_evidence):
        with pytest.raises(errors.NotFound):
            look(engine, actor, told.case_id)
    with pytest.raises(errors.NotFound):
        documents.read_document(engine, actor, document_id(told, "agreement"))
    assert not [
        action for action, allows in policy.ACTIONS.items() if allows(actor) and action != "outside.read"
    ]
    everything = repr((list_outside(engine, actor), show_outside(engine, actor, told.case_id)))
    for party in ("申请人0", "被申请人0", SAID, HARM):
        assert party not in everything


def test_a_grid_member_sees_the_state_as_parties_see_it_and_nothing_else(told: Desk) -> None:
    view = show_outside(told.house.engine, person(told, "grid_member"), told.case_id)
    assert view == OutsideView(view.row)
    with told.command() as session:
        case_of(session, told.case_id).suspended = "suspended_report"
    after = show_outside(told.house.engine, person(told, "grid_member"), told.case_id)
    assert after == view
    assert view.row.state == "agreed_drafting"


def test_an_expert_sees_nothing_once_a_party_does_not_agree_or_it_is_dismissed(told: Desk) -> None:
    engine, actor = told.house.engine, person(told, "expert")
    assert len(list_outside(engine, actor)) == 1
    with told.command() as session:
        party_id = told.party_ids[1]
        consents_of(session, told.case_id)[party_id].agreed = []
    assert list_outside(engine, actor) == []
    with pytest.raises(errors.NotFound):
        show_outside(engine, actor, told.case_id)
    crew = person(told, "tv_crew")
    dismiss(engine, told.house.mediator, told.case_id, crew.id, new_id())
    with pytest.raises(errors.NotFound):
        show_outside(engine, crew, told.case_id)
    assert recorded(told.house, told.case_id)[-1] == "admission.ended"


def test_nobody_is_admitted_without_consent_role_or_programme(desk: Desk) -> None:
    desk.register().consent().appoint()
    house = desk.house
    people = {role: add_person(house.engine, TENANT, house.body_id, role) for role in policy.OUTSIDERS}

    def admitted(actor: Actor, who: str, role: str) -> None:
        admit(house.engine, actor, NewAdmission(desk.case_id, people[who].id, role), new_id())

    with pytest.raises(errors.LawForbids, match=r"Art\. 20"):
        admitted(house.mediator, "expert", "expert")
    with pytest.raises(errors.LawForbids, match=r"Information Protection Law Art\. 14"):
        admitted(house.mediator, "tv_crew", "tv_crew")
    for who, role in (("expert", "grid_member"), ("grid_member", "mediator")):
        with pytest.raises(errors.NotFound):
            admitted(house.mediator, who, role)
    with pytest.raises(errors.Forbidden):
        admitted(house.seal_keeper, "grid_member", "grid_member")
    admitted(house.reception, "grid_member", "grid_member")


def test_the_packet_is_made_by_the_head_and_recorded_with_what_is_in_it(told: Desk) -> None:
    house = told.house
    for actor in (house.mediator, house.reception, told.party(0), person(told, "expert")):
        with pytest.raises(errors.Forbidden):
            make_packet(house.engine, actor, told.case_id, "", new_id())
    first, second = (make_packet(house.engine, house.seal_keeper, told.case_id, "", "once") for _ in range(2))
    assert first == second
    assert recorded(house, told.case_id).count("packet.made") == 1
    with zipfile.ZipFile(io.BytesIO(first.content)) as found:
        index, *names = found.namelist()
        assert names == first.names
        said = found.read(index).decode()
        assert len(re.findall(r"^[0-9a-f]{64}  ", said, re.MULTILINE)) == len(names)


def test_a_draft_and_a_sheet_that_somebody_did_not_sign_are_in_no_packet(told: Desk) -> None:
    with told.command() as session:
        agreement = agreement_of(session, told.case_id)
        assert agreement is not None
        agreement.effective_at = None
        sheet = session.scalars(select(FactSheet)).one()
        sheet.answers[0].decision = "decline"
    found = contents(told, DEMAND)
    for kind in ("agreement", "fact_sheet"):
        assert documents.TITLES[kind] not in found


def test_the_table_has_a_cell_for_every_reader_and_an_item_for_every_document() -> None:
    assert {item: set(row) for item, row in TABLE.items()} == dict.fromkeys(TABLE, set(visibility.READERS))
    assert set(visibility.ITEM_OF) == set(documents.TITLES)
    assert set(visibility.ITEM_OF.values()) < set(TABLE)


def test_a_party_of_another_case_reads_nothing(told: Desk) -> None:
    stranger = Actor(told.house.mediator.tenant_id, "x", "", frozenset({"party"}), party_id="x")
    with told.query() as session:
        case = case_of(session, told.case_id)
        assert {visibility.reading(item, stranger, case, case.parties) for item in ITEMS} == {NOTHING}
