"""Guardians: nothing binds a party under age without one, who it may be, and where it is kept and named."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select, text

from engine import errors
from engine.mediation import (
    agreements,
    cases,
    compartments,
    contexts,
    fact_sheets,
    guardian_records,
    guardians,
    joining,
    joint_sessions,
    lookup,
    marks,
    mediators,
    oral_agreements,
    pseudonyms,
    sheets,
    statements,
)
from engine.mediation.guardian_records import NewGuardian, record_guardian
from engine.mediation.guardians import OPPOSED, Person
from engine.models.base import new_id
from engine.models.cases import Party
from engine.models.guardians import Guardian
from engine.models.records import AuditRow
from engine.policy import Actor
from engine.services import Effect, Step

from ..conftest import MORNING, TENANT
from .conftest import TODAY, Desk, dispute, person

PHONE = "13700001234"
MOTHER = {"guardian": "赵敏", "guardian_relation": "母亲", "guardian_phone": PHONE}
CIVIL_CODE = r"Civil Code Arts\. 19, 20 and 23"
NOWHERE: Any = None
OTHER = [person("钱进", phone="13800000001")]


def child(age: int | None = 15, **changed: Any) -> dict[str, Any]:
    return person("赵小明", age=age, **changed)


def came(desk: Desk, *applicants: dict[str, Any], respondents: Sequence[dict[str, Any]] = OTHER) -> Desk:
    people = {"applicants": list(applicants), "respondents": list(respondents)}
    desk.perform(cases.case_registered, desk.house.reception, **dispute() | people)
    with desk.query() as session:
        desk.party_ids = [party.id for party in lookup.parties_of(session, desk.case_id)]
    return desk


def record(desk: Desk, actor: Actor | None = None, key: str = "", **changed: Any) -> str:
    given = {"party_id": desk.party_ids[0], "name": "赵敏", "relation": "母亲", "phone": PHONE} | changed
    who = actor or desk.house.reception
    return record_guardian(desk.house.engine, who, desk.case_id, NewGuardian(**given), key or new_id())


def refused(desk: Desk, **changed: Any) -> dict[str, str]:
    with pytest.raises(errors.InvalidAnswers) as invalid:
        record(desk, **changed)
    return {path: message for path, (message, _) in invalid.value.errors.items()}


def now(desk: Desk) -> dict[str, Person]:
    with desk.query() as session:
        return guardians.guardians_of(session, desk.house.engine.keys, desk.case_id)


def rows(desk: Desk, table: str) -> str:
    with desk.query() as session:
        return str(session.execute(text(f"SELECT * FROM {table} /* tenant_id */")).all())


def grown_down(desk: Desk) -> None:
    """The first party turns out to be 15, after everything was done as with an adult."""
    with desk.command() as session:
        lookup.parties_of(session, desk.case_id)[0].age = 15


def shown(desk: Desk, actor: Actor) -> Person | None:
    with desk.query() as session:
        case = lookup.case_of(session, desk.case_id)
        return guardian_records.guardians_for(session, desk.house.engine.keys, actor, case).get(
            desk.party_ids[0]
        )


@pytest.mark.parametrize(
    ("age", "own_living", "needed"),
    [
        (0, False, True), (7, False, True), (8, False, True), (15, False, True), (15, True, True),
        (16, False, True), (16, True, False), (17, False, True), (17, True, False), (18, False, False),
        (None, False, False),
    ],
)  # fmt: skip
def test_who_is_under_18_needs_a_guardian_but_for_own_earnings_from_16(
    age: int | None, own_living: bool, needed: bool
) -> None:
    one = Party(kind="natural", age=age, own_living=own_living)
    assert guardians.needs_guardian(one) is needed
    assert guardians.may_have_guardian(one) is (needed or age is None)
    assert not guardians.may_have_guardian(Party(kind="legal", age=age, own_living=False))


@pytest.mark.parametrize(("age", "own"), [(0, "no"), (7, "no"), (8, "no"), (15, "yes"), (16, "no"), (17, "")])
def test_no_consent_counts_for_whoever_needs_a_guardian_and_has_none(desk: Desk, age: int, own: str) -> None:
    came(desk, child(age, own_living=own))
    with pytest.raises(errors.LawForbids, match=CIVIL_CODE):
        desk.consent()
    record(desk)
    desk.consent().appoint().draft()


@pytest.mark.parametrize("row", [child(16, own_living="yes"), child(18), child(None)])
def test_who_needs_none_consents_alone(desk: Desk, row: dict[str, Any]) -> None:
    came(desk, row).consent().appoint().draft()


def test_a_child_may_refuse_without_a_guardian(desk: Desk) -> None:
    came(desk, child()).consent("no", "yes")
    assert desk.fact()["end_code"] == "refused"


def test_a_guardian_of_another_party_does_not_do(desk: Desk) -> None:
    came(desk, child(**MOTHER), person("孙小红", age=9))
    with pytest.raises(errors.LawForbids, match=CIVIL_CODE):
        desk.consent()


WAYS: list[tuple[Effect, str, dict[str, Any]]] = [
    (mediators.mediator_proposed, "chief_mediator", {}),
    (statements.statements_recorded, "mediator", {}),
    (joint_sessions.session_recorded, "mediator", {}),
    (fact_sheets.fact_sheet_drafted, "mediator", {"facts": "相撞。", "no_offers": True, "paper": "no"}),
    (agreements.agreement_drafted, "mediator", {}),
    (oral_agreements.oral_agreement_registered, "mediator", {"all_asked": True}),
    (lambda step: marks.party_mark_made(NOWHERE, step), "party", {}),
    (lambda step: marks.mediator_mark_made(NOWHERE, step), "mediator", {}),
    (lambda step: marks.agreement_sealed(NOWHERE, step), "seal_keeper", {}),
    (lambda step: sheets.signed_sheet_received(NOWHERE, step), "mediator", {"scan": []}),
    (sheets.marks_entered, "seal_keeper", {"marks": []}),
    (sheets.marks_confirmed, "chief_mediator", {"confirm": "yes"}),
    (lambda step: joining.household_answered(NOWHERE, step), "party", {"answer": "joins"}),
    (lambda step: joining.joining_closed(NOWHERE, step), "mediator", {"households": []}),
    (joining.joining_confirmed, "chief_mediator", {"confirm": "yes"}),
]  # fmt: skip


def test_every_way_to_bind_a_party_asks_for_the_guardian(desk: Desk) -> None:
    came(desk, person("赵小明")).consent().appoint().draft().approve().agree()
    grown_down(desk)
    for effect, role, answers in WAYS:
        actor = desk.party(0) if role == "party" else getattr(desk.house, role)
        with pytest.raises(errors.LawForbids, match=CIVIL_CODE):
            desk.perform(effect, actor, **answers)


def test_an_agreement_is_refused_in_both_languages_with_the_article() -> None:
    refusal = guardians.law.forbids("guardian", MORNING, "a party under 18 has no guardian on record")
    assert (refusal.status, refusal.law_ref) == (409, "Civil Code Arts. 19, 20 and 23")
    assert guardians.law.rule("guardian", TODAY).law_ref_zh == "《民法典》第十九条、第二十条、第二十三条"


def test_the_guardian_is_registered_and_kept_encrypted(desk: Desk) -> None:
    came(desk, child(**MOTHER, own_living="no"))
    assert now(desk) == {desk.party_ids[0]: Person("赵敏", "母亲", PHONE)}
    for table in ("guardians", "parties", "process_instances", "audit_rows", "idempotency_keys"):
        kept = rows(desk, table)
        assert not any(said in kept for said in ("赵敏", "母亲", PHONE)), table


@pytest.mark.parametrize("row", [child(18, **MOTHER), child(17, own_living="yes", **MOTHER), child()])
def test_no_guardian_is_registered_where_none_acts_or_is_named(desk: Desk, row: dict[str, Any]) -> None:
    assert now(came(desk, row)) == {}


def test_registering_somebody_of_the_other_side_as_guardian_is_refused_at_the_field(desk: Desk) -> None:
    for phone in ("", "138-0000-0001"):
        with pytest.raises(errors.InvalidAnswers) as invalid:
            came(
                desk, person("赵大"), child(guardian="钱 进", guardian_relation="舅舅", guardian_phone=phone)
            )
        assert invalid.value.errors["applicants.1.guardian"] == (OPPOSED, {})
    with pytest.raises(errors.InvalidAnswers) as invalid:
        came(desk, child(guardian="赵敏"))
    assert set(invalid.value.errors) == {"applicants.0.guardian_relation"}
    came(desk, child(guardian="钱进", guardian_relation="父亲", guardian_phone=PHONE))
    assert now(desk)[desk.party_ids[0]].name == "钱进"


def test_a_guardian_of_a_respondent_is_not_an_applicant_either(desk: Desk) -> None:
    son = child(guardian="赵大", guardian_relation="父亲")
    with pytest.raises(errors.InvalidAnswers) as invalid:
        came(desk, person("赵大"), respondents=[son])
    assert set(invalid.value.errors) == {"respondents.0.guardian"}
    came(desk, person("钱进"), respondents=[person("赵大"), son])
    assert list(now(desk)) == desk.party_ids[2:]


def test_what_is_wrong_with_a_guardian_is_named_at_its_field(desk: Desk) -> None:
    came(desk, child(), person("赵大", age=40))
    assert refused(desk, name=" ", relation="") == dict.fromkeys(("name", "relation"), guardians.UNANSWERED)
    assert refused(desk, name="钱进", phone="") == {"name": OPPOSED}
    assert set(refused(desk, phone="abc", name="长" * 201)) == {"phone", "name"}
    assert set(refused(desk, party_id="nobody")) == {"party_id"}
    for adult in desk.party_ids[1:2]:
        assert set(refused(desk, party_id=adult)) == {"party_id"}
    assert now(desk) == {}


def test_a_guardian_is_replaced_with_a_reason_and_the_former_stays_on_record(desk: Desk) -> None:
    came(desk, child(**MOTHER))
    assert set(refused(desk, name="赵刚")) == {"reason"}
    record(desk, desk.house.chief_mediator, name="赵刚", relation="父亲", phone="", reason="母亲出国")
    assert now(desk) == {desk.party_ids[0]: Person("赵刚", "父亲", "")}
    (former,) = guardian_records.former_guardians(desk.house.engine, desk.house.reception, desk.case_id)
    assert (former.party_name, former.name, former.end_reason) == ("赵小明", "赵敏", "母亲出国")
    with desk.query() as session:
        ended = session.scalars(select(Guardian).order_by(Guardian.id)).all()
    assert [(row.ended_by, row.recorded_by) for row in ended] == [
        (desk.house.chief_mediator.id, desk.house.reception.id), (None, desk.house.chief_mediator.id),
    ]  # fmt: skip


def test_recording_stands_in_the_record_once_and_only_staff_do_it(desk: Desk) -> None:
    came(desk, child())
    assert record(desk, key="once") == record(desk, key="once")
    with pytest.raises(errors.KeyReused):
        record(desk, key="once", name="赵刚")
    for actor in (desk.party(0), desk.house.seal_keeper):
        with pytest.raises(errors.Forbidden):
            record(desk, actor)
    with desk.query() as session:
        found = session.scalars(select(AuditRow).where(AuditRow.action == guardian_records.RECORDED)).all()
    assert [(row.law_ref, row.actor_id) for row in found] == [
        ("《民法典》第十九条、第二十条、第二十三条", desk.house.reception.id)
    ]


def test_nothing_is_recorded_once_the_agreement_binds(desk: Desk) -> None:
    came(desk, child(**MOTHER)).consent().appoint().draft()
    with desk.command() as session:
        lookup.drafted_agreement(session, desk.case_id).effective_at = MORNING
    with pytest.raises(errors.LawForbids, match=r"Arts\. 31 and 32"):
        record(desk, reason="换人")


def test_a_text_with_marks_keeps_the_guardian_it_names_and_one_may_still_be_added(desk: Desk) -> None:
    came(desk, child(**MOTHER)).consent().appoint()
    record(desk, reason="换人")
    desk.draft().approve().agree()
    enter(desk)
    with pytest.raises(errors.LawForbids, match=r"Art\. 29"):
        record(desk, reason="又换人")
    with desk.command() as session:
        session.scalars(select(Guardian).where(Guardian.ended_at.is_(None))).one().ended_at = MORNING
    record(desk)


def enter(desk: Desk) -> None:
    """All marks of the paper sheet are entered."""
    with desk.command() as session:
        lookup.drafted_agreement(session, desk.case_id).scans = ["0" * 64]
    kinds = {**dict.fromkeys(desk.party_ids, "signature"), "mediator": "signature", "committee": "seal"}
    given = [{"signer": one, "kind": kind, "made_on": TODAY} for one, kind in kinds.items()]
    desk.perform(sheets.marks_entered, desk.house.seal_keeper, marks=given)


def test_the_guardian_s_name_stands_in_the_mark_whose_signer_is_the_party(desk: Desk) -> None:
    came(desk, child(**MOTHER), person("赵大")).consent().appoint().draft().approve().agree()
    enter(desk)
    with desk.query() as session:
        agreement = lookup.drafted_agreement(session, desk.case_id)
        named = {mark.signer_id: mark.name for mark in agreement.marks if mark.signer_kind == "party"}
        assert marks.is_fully_marked(lookup.case_of(session, desk.case_id), agreement)
    assert [named[one] for one in desk.party_ids] == ["赵敏（赵小明的监护人）", "赵大", "钱进"]

    def ask(step: Step) -> None:
        everybody = lookup.parties_of(step.session, desk.case_id)
        assert [marks.signing_name(step, one) for one in everybody] == list(named.values())

    desk.perform(ask, desk.house.mediator)


@pytest.mark.parametrize("kind", ["agreement", "oral_register", "fact_sheet"])
def test_documents_name_the_guardian_beside_the_party(desk: Desk, kind: str) -> None:
    came(desk, child(**MOTHER)).consent().appoint().draft()
    with desk.command() as session:
        session.add(
            fact_sheets.FactSheet(
                tenant_id=TENANT, id=new_id(), case_id=desk.case_id, party_ids=desk.party_ids, facts="相撞。",
                paper_only=False, paper=False, made_at=MORNING, made_by="m",
            )
        )  # fmt: skip
    with desk.query() as session:
        source = contexts.Source(session, desk.house.engine.keys, lookup.case_of(session, desk.case_id))
        assert [one["guardian"] for one in contexts.CONTEXTS[kind](source)["parties"]] == ["赵敏（母亲）", ""]


def test_the_other_side_learns_the_guardian_s_name_and_never_the_phone(desk: Desk) -> None:
    came(desk, child(**MOTHER)).consent().appoint()
    house = desk.house
    for actor, phone in [
        (house.reception, PHONE), (house.mediator, PHONE), (house.chief_mediator, ""),
        (desk.party(0), ""), (desk.party(1), ""),
    ]:  # fmt: skip
        assert shown(desk, actor) == Person("赵敏", "母亲", phone)


def test_a_text_without_names_is_without_the_guardians(desk: Desk) -> None:
    came(desk, child(**MOTHER))
    record(desk, name="赵刚", relation="父亲", phone="", reason="换人")
    with desk.query() as session:
        inside = compartments.of_case(session, desk.house.engine.keys, desk.case_id)
        everybody = lookup.parties_of(session, desk.case_id)
        beside = pseudonyms.beside_parties(session, inside, desk.case_id)
        said = pseudonyms.without_names(
            f"赵小明由赵敏（{PHONE}）、赵刚陪同", everybody, pseudonyms.roles_of(everybody), inside, beside
        )
    assert said == "申请人1由申请人1的监护人（（略））、申请人1的监护人陪同"
