"""Attendants: who may interpret or witness, how papers name them, and who learns how they are reached."""

from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select, text

from engine import bodies, errors, messages
from engine.bodies import NewBody
from engine.documents.render import Renderer
from engine.documents.templates import fill
from engine.mediation import (
    attendant_records,
    attendants,
    cases,
    compartments,
    consents,
    contexts,
    guardian_records,
    law,
    lookup,
    pseudonyms,
)
from engine.mediation.attendant_records import TAKEN, NewAttendant, add_attendant, remove_attendant
from engine.mediation.attendants import AttendantView
from engine.mediation.guardian_records import NewGuardian, record_guardian
from engine.mediation.guardians import UNANSWERED
from engine.models.attendants import Attendant
from engine.models.base import new_id
from engine.models.records import AuditRow
from engine.policy import Actor

from ..conftest import MORNING, TENANT, add_person
from .conftest import TODAY, Desk, dispute, person

PHONE = "13700001234"
PARTIES = {
    "applicants": [person("古丽", phone="13800000001"), person("赵小明", age=15, guardian="赵敏")],
    "respondents": [
        person("清溪物业", kind="legal", representative="王建国", agent="孙晴", agent_scope=["sign"])
    ],
}
DOCUMENTS = Path(__file__).parents[2] / "processes" / "documents"


@pytest.fixture
def came(desk: Desk) -> Desk:
    """A case of three parties, one of them under age and one an organisation with an agent."""
    people = {side: [dict(one) for one in rows] for side, rows in PARTIES.items()}
    people["applicants"][1]["guardian_relation"] = "母亲"
    desk.perform(cases.case_registered, desk.house.reception, **dispute() | people)
    with desk.query() as session:
        desk.party_ids = [party.id for party in lookup.parties_of(session, desk.case_id)]
    return desk


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the diagrams are told, for this case is of none."""
    heard: list[str] = []
    monkeypatch.setattr(messages, "tell", lambda _session, _engine, _root, name: heard.append(name))
    return heard


def add(desk: Desk, role: str = "interpreter", actor: Actor | None = None, key: str = "", **said: Any) -> str:
    given = {"name": "阿依古丽", "language": "维吾尔语", "phone": PHONE, "party_ids": (desk.party_ids[0],)}
    new = NewAttendant(role, **given | said)  # type: ignore[arg-type]
    return add_attendant(desk.house.engine, actor or desk.house.reception, desk.case_id, new, key or new_id())


def remove(desk: Desk, attendant_id: str, actor: Actor | None = None, key: str = "") -> None:
    remove_attendant(
        desk.house.engine, actor or desk.house.reception, desk.case_id, attendant_id, key or new_id()
    )


def refused(desk: Desk, role: str = "interpreter", **said: Any) -> dict[str, str]:
    with pytest.raises(errors.InvalidAnswers) as invalid:
        add(desk, role, **said)
    return {path: message for path, (message, _) in invalid.value.errors.items()}


def now(desk: Desk) -> list[AttendantView]:
    with desk.query() as session:
        return attendants.attendants_of(session, desk.house.engine.keys, desk.case_id)


def context(desk: Desk, kind: str = "agreement") -> Any:
    with desk.query() as session:
        source = contexts.Source(session, desk.house.engine.keys, lookup.case_of(session, desk.case_id))
        return contexts.CONTEXTS[kind](source)


def drafted(desk: Desk, **changed: Any) -> Desk:
    return desk.consent().appoint().draft(**changed)


def printed(renderer: Renderer, desk: Desk, kind: str, **changed: Any) -> str:
    common = {"committee": "清溪调委会", "number": "（2026）第1号", "record": "9f" * 32}
    html = fill((DOCUMENTS / f"{kind}.html").read_text("utf-8"), common | context(desk, kind) | changed)
    pdf = renderer.render(html, (DOCUMENTS / "print.css").read_text("utf-8")).pdf
    with pypdfium2.PdfDocument(pdf) as document:
        return "".join("".join(page.get_textpage().get_text_range() for page in document).split())


def test_an_interpreter_is_kept_encrypted_with_its_language_and_a_witness_has_none(came: Desk) -> None:
    first, second = add(came), add(came, "fact_witness", name="吴阿姨", party_ids=tuple(came.party_ids[1:]))
    said = [(one.id, one.role, one.name, one.language, one.phone, one.party_ids) for one in now(came)]
    assert said == [
        (first, "interpreter", "阿依古丽", "维吾尔语", PHONE, came.party_ids[:1]),
        (second, "fact_witness", "吴阿姨", "", PHONE, came.party_ids[1:]),
    ]
    for table in ("attendants", "audit_rows", "idempotency_keys", "process_instances"):
        with came.query() as session:
            kept = str(session.execute(text(f"SELECT * FROM {table} /* tenant_id */")).all())
        assert not any(one in kept for one in ("阿依古丽", "维吾尔语", "吴阿姨", PHONE)), table


def test_what_is_wrong_with_one_is_named_at_its_field(came: Desk) -> None:
    empty = {"name": "", "language": "", "party_ids": ()}
    assert refused(came, **empty) == dict.fromkeys(empty, UNANSWERED)
    assert refused(came, "mark_witness", **empty) == dict.fromkeys(("name", "party_ids"), UNANSWERED)
    assert set(refused(came, "lawyer", phone="12", name="长" * 201)) == {"role", "phone", "name"}
    assert set(refused(came, party_ids=("nobody",))) == {"party_ids"}
    assert now(came) == []


@pytest.mark.parametrize("role", ["interpreter", "mark_witness"])
def test_nobody_who_acts_in_the_case_interprets_or_witnesses_marks(came: Desk, role: str) -> None:
    came.consent().propose(came.house.mediator)
    for proposed in ("mediator", "seal_keeper", "古 丽", "清溪物业", "赵敏", "孙晴", "王建国"):
        assert refused(came, role, name=proposed, phone="") == {"name": TAKEN}, proposed
    came.appoint()
    assert refused(came, role, name="mediator", phone="") == {"name": TAKEN}
    for witness in ("赵敏", "孙晴"):
        add(came, "fact_witness", name=witness)
    add(came, role, name="古丽", phone="13900000009")


def test_who_keeps_the_seal_elsewhere_may_interpret_here(came: Desk) -> None:
    house = came.house
    with came.command() as session:
        elsewhere = bodies.ensure_body(session, NewBody("别处村", "别处", "", house.body_id, "village"))
    add_person(house.engine, TENANT, elsewhere, "seal_keeper", "李保管")
    add(came, name="李保管", phone="")
    add_person(house.engine, TENANT, house.body_id, "seal_keeper", "周保管")
    assert refused(came, name="周保管", phone="") == {"name": TAKEN}


def test_who_interprets_or_witnesses_marks_becomes_neither_guardian_nor_mediator(came: Desk) -> None:
    came.consent()
    add(came, name="李调解")
    new = NewGuardian(came.party_ids[1], "李调解", "舅舅", "", "母亲出国")
    with pytest.raises(errors.InvalidAnswers) as invalid:
        record_guardian(came.house.engine, came.house.reception, came.case_id, new, new_id())
    assert invalid.value.errors == {"name": (guardian_records.ATTENDS, {})}
    second = add_person(came.house.engine, TENANT, came.house.body_id, "mediator", "李调解")
    with pytest.raises(errors.LawForbids, match="a part in the dispute"):
        came.propose(second)
    remove(came, now(came)[0].id)
    came.propose(second)


def test_adding_and_removing_stand_in_the_record_once_and_the_row_stays(came: Desk) -> None:
    house = came.house
    came.consent().appoint()
    one = add(came, key="once")
    assert add(came, key="once") == one
    with pytest.raises(errors.KeyReused):
        add(came, key="once", name="别人")
    add(came, "mark_witness", house.mediator, name="王五")
    add(came, "fact_witness", house.chief_mediator, name="吴阿姨")
    for _ in range(2):
        remove(came, one, house.chief_mediator, key="again")
    with pytest.raises(errors.NotFound):
        remove(came, one)
    with came.query() as session:
        like = AuditRow.action.startswith("attendant.")
        found = session.scalars(select(AuditRow).where(like).order_by(AuditRow.seq)).all()
        row = session.scalars(select(Attendant).where(Attendant.id == one)).one()
    article = law.rule("own_language", TODAY).law_ref_zh
    assert [(row.action, row.law_ref) for row in found] == [
        ("attendant.added", article),
        ("attendant.added", law.rule("effect", TODAY).law_ref_zh),
        ("attendant.added", ""),
        ("attendant.removed", article),
    ]
    assert (row.added_by, row.removed_by) == (house.reception.id, house.chief_mediator.id)
    assert [view.name for view in now(came)] == ["王五", "吴阿姨"]
    (gone,) = attendant_records.removed_attendants(house.engine, house.reception, came.case_id)
    assert (gone.name, gone.phone, gone.removed_at) == ("阿依古丽", "", MORNING)


def test_only_the_staff_of_the_case_say_who_attends(came: Desk) -> None:
    one = add(came)
    for actor in (came.party(0), came.house.seal_keeper):
        with pytest.raises(errors.Forbidden):
            add(came, actor=actor)
        with pytest.raises(errors.Forbidden):
            remove(came, one, actor)
        with pytest.raises(errors.Forbidden):
            attendant_records.removed_attendants(came.house.engine, actor, came.case_id)
    stranger = add_person(came.house.engine, TENANT, came.house.body_id, "mediator", "李调解")
    with pytest.raises(errors.NotFound):
        add(came, actor=stranger)


@pytest.mark.parametrize(
    ("ended", "article"), [("effective_at", r"Arts\. 31 and 32"), ("ended_at", r"Art\. 26")]
)
def test_nothing_changes_once_the_agreement_binds_or_the_case_has_ended(
    came: Desk, ended: str, article: str
) -> None:
    one = add(came, "fact_witness")
    drafted(came)
    with came.command() as session:
        case = lookup.case_of(session, came.case_id)
        setattr(case if ended == "ended_at" else case.agreement, ended, MORNING)
    for change in (lambda: add(came, "fact_witness"), lambda: remove(came, one)):
        with pytest.raises(errors.LawForbids, match=article):
            change()


def test_once_the_sheet_is_signed_its_interpreters_and_witnesses_stay_as_it_names_them(came: Desk) -> None:
    one = add(came)
    drafted(came, subjects=["inheritance"])
    with came.command() as session:
        lookup.drafted_agreement(session, came.case_id).scans = ["0" * 64]
    for change in (lambda: add(came, "mark_witness", name="王五"), lambda: remove(came, one)):
        with pytest.raises(errors.LawForbids, match=r"Art\. 29"):
            change()
    remove(came, add(came, "fact_witness"))
    assert [view.id for view in now(came)] == [one]


def test_a_mark_is_witnessed_on_paper_only(came: Desk, told: list[str]) -> None:
    drafted(came).approve().agree()
    with pytest.raises(errors.LawForbids, match=r"Electronic Signature Law Art\. 13"):
        add(came, "mark_witness", name="王五")
    add(came)
    came.agree("yes", "yes", "no")
    add(came, "mark_witness", name="王五")
    with pytest.raises(errors.InvalidAnswers) as invalid:
        came.agree()
    assert invalid.value.errors == {"methods.0.agrees": (consents.WITNESSED, {})}
    came.agree("no", "yes", "yes")
    assert told == [cases.OVERTAKEN] * 2


def test_where_the_law_wants_paper_a_mark_is_witnessed_whatever_was_agreed_before(
    came: Desk, told: list[str]
) -> None:
    drafted(came).approve().agree().draft(subjects=["inheritance"])
    add(came, "mark_witness", name="王五")
    assert told == [cases.OVERTAKEN]


def test_papers_name_the_interpreters_and_witnesses_of_their_parties(came: Desk, told: list[str]) -> None:
    gone = add(came, name="先来的")
    remove(came, gone)
    add(came, party_ids=tuple(came.party_ids[:2]))
    add(came, "fact_witness", name="吴阿姨")
    drafted(came)
    assert context(came)["method"] == ""
    for name in ("王五", "赵六"):
        add(came, "mark_witness", name=name)
    said = context(came)
    assert said["interpreters"] == [{"name": "阿依古丽", "language": "维吾尔语", "parties": "古丽、赵小明"}]
    assert [one["witnesses"] for one in said["parties"]] == ["王五、赵六", "", ""]
    assert said["method"] == "paper"
    add(came, "fact_witness", name="钱七")
    assert told == [cases.OVERTAKEN] * 2


@pytest.mark.slow
def test_a_paper_agreement_has_a_line_for_the_interpreter_and_names_the_witness_at_the_mark(
    came: Desk, renderer: Renderer, told: list[str]
) -> None:
    add(came)
    add(came, "fact_witness", name="吴阿姨")
    plain = printed(renderer, drafted(came), "agreement")
    assert "翻译人员：阿依古丽（维吾尔语）为古丽翻译；纸质签署时在下面签名纸质签署日期" in plain
    assert "见证" not in plain
    add(came, "mark_witness", name="王五")
    paper = printed(renderer, came, "agreement")
    assert "申请人：古丽见证人（见证按指印）：王五纸质签署日期：年月日见证人签名：" in paper
    assert paper.count("见证人签名") == 1
    assert "翻译人员：阿依古丽（维吾尔语）为古丽翻译纸质签署日期" in paper
    electronic = printed(renderer, came, "agreement", method="electronic")
    assert "翻译人员：阿依古丽（维吾尔语）为古丽翻译" in electronic
    assert "见证人" not in electronic
    assert told == [cases.OVERTAKEN]
    for said in (plain, paper, electronic):
        assert not any(one in said for one in ("吴阿姨", PHONE))


@pytest.mark.slow
def test_the_register_of_an_oral_agreement_names_the_interpreter(came: Desk, renderer: Renderer) -> None:
    add(came)
    assert "翻译人员：阿依古丽（维吾尔语），为古丽翻译。" in printed(renderer, drafted(came), "oral_register")


def test_the_sides_learn_the_names_and_never_how_they_are_reached(came: Desk) -> None:
    add(came)
    came.consent().appoint()
    house = came.house
    for actor, phone in [
        (house.reception, PHONE), (house.mediator, PHONE), (house.chief_mediator, ""),
        (came.party(0), ""), (came.party(2), ""),
    ]:  # fmt: skip
        with came.query() as session:
            case = lookup.case_of(session, came.case_id)
            (one,) = attendant_records.attendants_for(session, house.engine.keys, actor, case)
        assert (one.name, one.role, one.phone) == ("阿依古丽", "interpreter", phone)


def test_a_text_without_names_is_without_theirs(came: Desk) -> None:
    add(came)
    remove(came, add(came, "fact_witness", name="吴阿姨", phone="13600005678"))
    with came.query() as session:
        inside = compartments.of_case(session, came.house.engine.keys, came.case_id)
        everybody = lookup.parties_of(session, came.case_id)
        words = pseudonyms.roles_of(everybody)
        beside = pseudonyms.beside_parties(session, inside, came.case_id)
        said = f"古丽经阿依古丽（{PHONE}）翻译，吴阿姨13600005678在场"
        assert pseudonyms.without_names(said, everybody, words, inside, beside) == (
            "申请人1经翻译人员（（略））翻译，证人（略）在场"
        )
