"""The list of evidence: who may read what of it, that it stays as it was brought, and its paper."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from engine import calendar, errors, jobs, mediation, service_tasks
from engine.mediation import documents, evidence, evidence_page, lookup, papers, props
from engine.mediation.evidence import HandedBack, NewEvidence, add_evidence, hand_back, set_disclosure
from engine.models.base import new_id
from engine.models.evidence import EvidenceItem
from engine.models.people import InstanceMember
from engine.models.records import AuditRow, Job
from engine.policy import Actor
from engine.services import Services, ServiceTask

from ..conftest import MORNING, House
from .conftest import TODAY, Desk, add_case

PHOTO = props.photograph("天花板")


@pytest.fixture
def printed() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def house(sqlite_url: str, make_house: Callable[..., House], printed: list[dict[str, Any]]) -> House:
    """Where a list is printed its context is kept instead."""

    def work(call: Any) -> bytes:
        with call.engine.sessions.query(call.tenant_id) as session:
            case = lookup.case_of(session, call.root_id)
            source = mediation.contexts.Source(session, call.engine.keys, case)
            printed.append(dict(mediation.contexts.CONTEXTS[call.properties["document"]](source)))
        return f"%PDF-{len(printed)}".encode()

    tasks = {"issue_document": ServiceTask(work, papers.issue)}
    return make_house(
        sqlite_url, Services(tasks=tasks, effects=mediation.EFFECTS, facts=mediation.facts.FACTS)
    )


@pytest.fixture
def heard(desk: Desk) -> Desk:
    return desk.register(1, 2).consent().appoint()


def new(desk: Desk, by: int | None = 0, **changed: Any) -> NewEvidence:
    party_id = "" if by is None else desk.party_ids[by]
    given = {"name": "漏水照片", "kind": "photo", "disclosure": "may_show", "file": ("a.png", PHOTO)}
    return NewEvidence(party_id=party_id, brought_on=TODAY, **given | changed)  # type: ignore[arg-type]


def add(desk: Desk, by: int | None = 0, actor: Actor | None = None, key: str = "", **changed: Any) -> str:
    who = actor or desk.house.reception
    return add_evidence(desk.house.engine, who, desk.case_id, new(desk, by, **changed), key or new_id())


def listed(desk: Desk, actor: Actor) -> list[tuple[int, str | None]]:
    rows = evidence_page.list_evidence(desk.house.engine, actor, desk.case_id)
    return [(row.number, row.name) for row in rows]


def opens(desk: Desk, actor: Actor, item_id: str) -> bool:
    try:
        return evidence_page.read_evidence(desk.house.engine, actor, item_id).content == PHOTO
    except errors.NotFound:
        return False


def refused(desk: Desk, **changed: Any) -> set[str]:
    with pytest.raises(errors.InvalidAnswers) as invalid:
        add(desk, **changed)
    assert listed(desk, desk.house.mediator) == []
    return set(invalid.value.errors)


def test_what_may_be_shown_is_read_by_both_sides_and_the_hash_is_that_of_the_file(heard: Desk) -> None:
    item_id = add(heard, description="两张", original=True)
    for actor in (heard.house.mediator, heard.house.reception, heard.party(0), heard.party(2)):
        (row,) = evidence_page.list_evidence(heard.house.engine, actor, heard.case_id)
        assert (row.name, row.description, row.brought_by, row.original) == (
            "漏水照片", "两张", "申请人0", True,
        )  # fmt: skip
        assert row.sha256 == hashlib.sha256(PHOTO).hexdigest()
        assert opens(heard, actor, item_id)


def test_what_is_private_is_read_by_who_brought_it_and_the_mediator_alone(
    heard: Desk, second_mediator: Actor
) -> None:
    with heard.command() as session:
        session.add(
            InstanceMember(
                tenant_id=second_mediator.tenant_id, instance_id=heard.case_id, account_id=second_mediator.id
            )
        )
    add(heard, 1, disclosure="may_show")
    item_id = add(heard, 0, disclosure="private", name="录音")
    third = add(heard, 1, name="收据")
    assert listed(heard, heard.party(0)) == [(1, "漏水照片"), (2, "录音"), (3, "收据")]
    # Nothing tells the other side that there is a second item: no gap in the numbers either.
    assert listed(heard, heard.party(1)) == [(1, "漏水照片"), (2, "收据")]
    assert listed(heard, heard.house.mediator)[1] == (2, "录音")
    assert listed(heard, heard.house.reception)[1] == (2, None)
    assert listed(heard, heard.house.chief_mediator)[1] == (2, None)
    assert listed(heard, second_mediator) == []
    for actor in (heard.party(1), heard.house.reception, heard.house.chief_mediator, second_mediator):
        assert not opens(heard, actor, item_id)
    assert opens(heard, heard.party(0), item_id)
    assert opens(heard, heard.house.mediator, item_id)
    assert opens(heard, heard.party(1), third)


def test_a_stranger_reads_nothing_and_a_file_that_is_not_there_is_not_found(heard: Desk) -> None:
    item_id = add(heard)
    stranger = replace(heard.party(0), party_id="x", instance_id="x")
    with pytest.raises(errors.NotFound):
        evidence_page.list_evidence(heard.house.engine, stranger, heard.case_id)
    assert not opens(heard, stranger, item_id)
    assert not opens(heard, heard.house.mediator, "nothing")
    assert not opens(heard, heard.house.mediator, add(heard, kind="object", file=None))


def test_who_brought_it_may_let_it_be_shown_and_take_that_back(heard: Desk) -> None:
    item_id = add(heard, disclosure="private")
    for disclosure, seen in (("may_show", [(1, "漏水照片")]), ("private", [])):
        where = (heard.case_id, item_id)
        set_disclosure(heard.house.engine, heard.house.mediator, where, disclosure, new_id())
        assert listed(heard, heard.party(1)) == seen
    with pytest.raises(errors.InvalidAnswers):
        set_disclosure(heard.house.engine, heard.house.mediator, where, "public", new_id())


def test_what_is_missing_or_wrong_is_named_by_field_and_nothing_is_kept(heard: Desk) -> None:
    wrong = {"name": " ", "kind": "rumour", "disclosure": "secret", "party_id": "x"}
    given = replace(new(heard), **wrong, brought_on=TODAY + calendar.ONE)  # type: ignore[arg-type]
    with pytest.raises(errors.InvalidAnswers) as invalid:
        add_evidence(heard.house.engine, heard.house.reception, heard.case_id, given, new_id())
    assert set(invalid.value.errors) == {"name", "kind", "disclosure", "party_id", "brought_on"}
    assert refused(heard, kind="file", file=None) == {"file"}
    assert refused(heard, name="长" * 201, description="长" * 2001) == {"name", "description"}
    assert refused(heard, by=None, disclosure="private") == {"disclosure"}
    with pytest.raises(errors.UnsuitableFile):
        add(heard, file=("a.exe", b"MZ"))


def test_the_same_press_twice_lists_one_item_and_another_item_under_its_key_is_refused(heard: Desk) -> None:
    assert add(heard, key="k") == add(heard, key="k")
    with pytest.raises(errors.KeyReused):
        add(heard, key="k", file=("a.png", props.photograph("另一张")))
    assert len(listed(heard, heard.house.mediator)) == 1


def test_parties_and_seal_keepers_do_not_keep_the_list(heard: Desk) -> None:
    for actor in (heard.party(0), heard.house.seal_keeper):
        with pytest.raises(errors.Forbidden):
            add(heard, actor=actor)


def test_nothing_is_added_once_the_agreement_binds_or_the_case_has_ended(heard: Desk) -> None:
    item_id = add(heard)
    heard.draft()
    with heard.command() as session:
        lookup.drafted_agreement(session, heard.case_id).effective_at = MORNING
    with pytest.raises(errors.LawForbids, match=r"Arts\. 31"):
        add(heard)
    with heard.command() as session:
        lookup.drafted_agreement(session, heard.case_id).effective_at = None
        lookup.case_of(session, heard.case_id).ended_at = MORNING
    with pytest.raises(errors.LawForbids, match=r"Art\. 26"):
        add(heard)
    given = HandedBack(item_id, TODAY, "本人")
    hand_back(heard.house.engine, heard.house.reception, heard.case_id, given, new_id())


def test_an_item_is_handed_back_once_on_a_day_that_makes_sense(heard: Desk) -> None:
    item_id, engine, who = add(heard), heard.house.engine, heard.house.reception
    for day in (TODAY - calendar.ONE, TODAY + calendar.ONE):
        with pytest.raises(errors.InvalidAnswers):
            hand_back(engine, who, heard.case_id, HandedBack(item_id, day), new_id())
    hand_back(engine, who, heard.case_id, HandedBack(item_id, TODAY, "本人"), new_id())
    (row,) = evidence_page.list_evidence(engine, heard.party(0), heard.case_id)
    assert (row.returned_on, row.returned_note) == (TODAY, "本人")
    with pytest.raises(errors.InvalidAnswers, match=r"attention"):
        hand_back(engine, who, heard.case_id, HandedBack(item_id, TODAY), new_id())
    other = add_case(heard.house)
    with pytest.raises(errors.NotFound):
        hand_back(engine, who, other, HandedBack(item_id, TODAY), new_id())


def test_each_change_is_recorded_and_the_item_is_encrypted(heard: Desk) -> None:
    item_id = add(heard, disclosure="private")
    hand_back(heard.house.engine, heard.house.reception, heard.case_id, HandedBack(item_id, TODAY), "k")
    with heard.query() as session:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.subject == item_id).order_by(AuditRow.seq)
        ).all()
        assert [row.action for row in rows] == [evidence.ADDED, evidence.CHANGED]
        assert {row.law_ref for row in rows} == {"《人民调解法》第二十七条"}
        kept = session.scalars(select(EvidenceItem)).one()
        assert "漏水照片".encode() not in kept.sealed


def test_the_list_is_printed_anew_after_each_change_without_what_is_private(
    heard: Desk, printed: list[dict[str, Any]]
) -> None:
    engine, house = heard.house.engine, heard.house
    add(heard, 0, name="照片", description="两张")
    item_id = add(heard, 1, disclosure="private", name="录音", description="十分钟")
    add(heard, None, name="现场图", kind="paper", file=None, original=True)
    jobs.run_due(engine, service_tasks.HANDLERS)
    assert len(printed) == 3
    rows = [(row["number"], row["private"], row["name"], row["description"]) for row in printed[-1]["items"]]
    assert rows == [("1", False, "照片", "两张"), ("2", True, "", ""), ("3", False, "现场图", "")]
    assert [row["brought_by"] for row in printed[-1]["items"]] == ["申请人0", "被申请人0", "调解委员会"]
    assert "录音" not in repr(printed)
    hand_back(engine, house.reception, heard.case_id, HandedBack(item_id, TODAY), new_id())
    jobs.run_due(engine, service_tasks.HANDLERS)
    assert printed[-1]["items"][1]["returned_on"] == "2026年3月2日"
    with heard.query() as session:
        assert set(session.scalars(select(Job.status))) == {"done"}
    for actor, kinds in ((house.mediator, [evidence.KIND]), (heard.party(0), []), (heard.party(1), [])):
        found = documents.list_documents(engine, actor, heard.case_id)
        assert [row.kind for row in found] == kinds


def test_a_name_that_no_paper_shows_is_refused_before_it_is_kept(heard: Desk) -> None:
    def refuse(texts: Any) -> None:
        if "😀" in texts.get("name", ""):
            raise errors.InvalidAnswers({"name": (papers.UNPRINTABLE, {"character": "😀"})})

    services = replace(heard.house.engine.services, refuse_unprintable=refuse)
    engine = replace(heard.house.engine, services=services)
    with pytest.raises(errors.InvalidAnswers):
        add_evidence(engine, heard.house.reception, heard.case_id, new(heard, name="😀"), new_id())
    assert listed(heard, heard.house.mediator) == []


def test_evidence_stays_when_the_case_goes_on_in_another_path(heard: Desk) -> None:
    add(heard)
    with heard.command() as session:
        lookup.case_of(session, heard.case_id).path = "consultation"
    assert listed(heard, heard.party(1)) == [(1, "漏水照片")]
