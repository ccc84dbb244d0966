"""The shipped forms: they load, say everything twice, declare their effects, and ask what the law needs."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import forms
from engine import bpmn, mediation

from .conftest import FORM_FILES, ROOT

each_form = pytest.mark.parametrize("path", FORM_FILES, ids=lambda path: path.stem)
SIGNING = {"party_mark_made", "mediator_mark_made", "agreement_sealed", "signed_sheet_received"}
# PML Art. 4: mediation costs the parties nothing. These words would ask for a fee.
FEE = re.compile(r"收费|缴费|手续费|\bfee\b|charge[sd]? ", re.IGNORECASE)
PARTIES = {
    "case": {
        "party_options": [{"value": "p1", "label": "罗小琴"}, {"value": "p2", "label": "陈大勇"}],
        "mediator_options": [{"value": "m1", "label": "陈国安"}],
        "returned_reason": None,
        "rendering_error": None,
    }
}

Forms = dict[str, forms.Form]


def components(path: Path) -> Iterator[dict[str, Any]]:
    """All components of a form file, those inside groups and lists too."""
    todo = list(json.loads(path.read_text(encoding="utf-8"))["components"])
    while todo:
        component = todo.pop()
        todo += component.get("components", [])
        yield component


def person(**changed: Any) -> dict[str, Any]:
    return {"kind": "natural", "name": "罗小琴", "address": "花滩街道书院路18号"} | changed


def dispute(**changed: Any) -> dict[str, Any]:
    return {
        "source": "application",
        "applicants": [person()],
        "respondents": [person(name="陈大勇")],
        "dispute_type": "traffic",
        "people_count": "2",
        "facts": "三轮车相撞。",
        "requests": [{"text": "赔偿医疗费"}],
    } | changed


def problems(form: forms.Form, answers: dict[str, Any], context: Any = None) -> set[str]:
    try:
        form.validate(answers, context or PARTIES)
    except forms.InvalidAnswers as invalid:
        return set(invalid.errors)
    return set()


@each_form
def test_a_form_has_the_name_of_its_file_and_says_what_it_does(path: Path, shipped_forms: Forms) -> None:
    form = shipped_forms[path.stem]
    assert form.title
    assert form.title_en.isascii()
    assert "条" in form.law_ref
    assert form.effects


def test_every_effect_is_known_to_mediation(shipped_forms: Forms) -> None:
    declared = {effect for form in shipped_forms.values() for effect in form.effects}
    assert declared == set(mediation.EFFECTS) | SIGNING


def test_every_form_belongs_to_a_user_task(
    shipped_forms: Forms, definitions: dict[str, bpmn.Definition]
) -> None:
    used = {node.form_id for one in definitions.values() for node in one.nodes.values()} - {None}
    assert used == set(shipped_forms)


@each_form
def test_everything_that_people_read_is_there_in_english_too(path: Path) -> None:
    for component in components(path):
        texts = component["properties"]
        label = component.get("label") or component.get("dateLabel")
        assert not label or texts["label_en"], component["id"]
        assert "description" not in component or texts["description_en"], component["id"]
        assert "text" not in component or texts["text_en"], component["id"]
        for value in component.get("values", []):
            assert texts[f"value_en:{value['value']}"], component["id"]
            assert value["label"], component["id"]


@each_form
def test_the_ids_of_components_are_unique_as_the_form_editor_demands(path: Path) -> None:
    ids = [component["id"] for component in components(path)]
    assert len(ids) == len(set(ids))


@each_form
def test_every_component_stands_on_a_page(path: Path) -> None:
    root = json.loads(path.read_text(encoding="utf-8"))
    assert root["schemaVersion"] == 16
    assert {component["type"] for component in root["components"]} == {"group"}


@each_form
def test_no_form_asks_for_a_fee(path: Path) -> None:
    """People's Mediation Law Art. 4."""
    for component in components(path):
        asked = [
            component.get("key", ""),
            component.get("label", ""),
            component["properties"].get("label_en", ""),
        ]
        assert not any(FEE.search(text) for text in asked), component["id"]


def test_a_natural_person_has_no_representative_and_an_organisation_must_name_one(
    shipped_forms: Forms,
) -> None:
    form = shipped_forms["register_dispute"]
    cleaned = form.validate(dispute(applicants=[person(representative="某人")]), {})
    assert "representative" not in cleaned["applicants"][0]
    assert problems(form, dispute(applicants=[person(kind="legal")]), {}) == {"applicants.0.representative"}
    company = person(kind="legal", name="恒川置业有限公司", representative="郑某", ethnicity="汉族")
    cleaned = form.validate(dispute(respondents=[company]), {})
    assert cleaned["respondents"][0]["representative"] == "郑某"
    assert "ethnicity" not in cleaned["respondents"][0]


def test_a_dispute_has_somebody_on_each_side(shipped_forms: Forms) -> None:
    form = shipped_forms["register_dispute"]
    assert problems(form, dispute(applicants=[], respondents=[]), {}) == {"applicants", "respondents"}


@pytest.mark.parametrize(
    ("number", "is_right"),
    [
        ("500382198001011234", True),
        ("50038219800101123X", True),
        ("91500117MA5U000A1B", True),
        ("12345", False),
    ],
)
def test_an_identity_number_is_checked_by_its_shape(
    number: str, is_right: bool, shipped_forms: Forms
) -> None:
    found = problems(shipped_forms["register_dispute"], dispute(applicants=[person(id_number=number)]), {})
    assert (found == set()) is is_right


def test_the_eighteen_official_types_of_dispute_are_offered() -> None:
    path = ROOT / "forms" / "register_dispute.form"
    types = next(one for one in components(path) if one.get("key") == "dispute_type")
    assert len(types["values"]) == 18


def test_an_acceptance_needs_no_reason_but_a_refusal_and_a_transfer_do(shipped_forms: Forms) -> None:
    form = shipped_forms["decide_acceptance"]
    assert problems(form, {"decision": "accepted"}, {}) == set()
    assert problems(form, {"decision": "refused"}, {}) == {"reason"}
    assert problems(form, {"decision": "transferred"}, {}) == {"reason", "transferred_to"}


def test_only_a_lawful_clear_and_voluntary_agreement_can_be_approved(shipped_forms: Forms) -> None:
    form = shipped_forms["check_legality"]
    assert problems(form, {"decision": "approved"}) == {"lawful", "clear", "voluntary"}
    assert problems(form, {"decision": "returned"}) == {"reason"}
    assert problems(form, {"decision": "returned", "reason": "请写明日期"}) == set()


def test_a_record_that_was_not_read_back_is_not_taken(shipped_forms: Forms) -> None:
    session = {
        "held_on": "2026-10-13", "place": "二号调解室", "attendees": ["p1", "p2"], "record": "双方同意。",
        "read_back": False, "outcome": "agreed",
    }  # fmt: skip
    form = shipped_forms["hold_joint_session"]
    assert problems(form, session) == {"read_back"}
    assert problems(form, session | {"read_back": True, "outcome": "failed"}) == {"failure_reason"}
    guest = {"name": "沈家二叔", "relation": "长辈", "consented": False}
    assert problems(form, session | {"read_back": True, "guests": [guest]}) == {"guests.0.consented"}


def test_amounts_are_exact_and_days_are_dates(shipped_forms: Forms) -> None:
    part = {"amount": "0.10", "due_on": "2026-10-31"}
    obligation = {
        "debtor": "p2", "creditor": "p1", "action": "付款", "amount": "0.30", "manner": "转账",
        "due_on": "2026-12-31", "instalments": [part, part, part],
    }  # fmt: skip
    draft = {
        "facts": "事实", "disputed_matters": "争议", "responsibility": "责任", "subjects": ["payment"],
        "content": "内容", "obligations": [obligation],
    }  # fmt: skip
    cleaned = shipped_forms["draft_agreement"].validate(draft, PARTIES)["obligations"][0]
    assert sum(part["amount"] for part in cleaned["instalments"]) == cleaned["amount"]
    assert cleaned["due_on"] == dt.date(2026, 12, 31)


def test_an_agreement_without_obligation_or_with_a_stranger_is_not_taken(shipped_forms: Forms) -> None:
    draft = {
        "facts": "事实", "disputed_matters": "争议", "responsibility": "责任", "subjects": ["payment"],
        "content": "内容", "obligations": [],
    }  # fmt: skip
    form = shipped_forms["draft_agreement"]
    assert problems(form, draft) == {"obligations"}
    owed = {"debtor": "p9", "creditor": "p1", "action": "付款", "manner": "转账", "due_on": "2026-12-31"}
    assert problems(form, draft | {"obligations": [owed]}) == {"obligations.0.debtor"}


def test_a_separate_talk_that_is_not_needed_asks_nothing_else(shipped_forms: Forms) -> None:
    form = shipped_forms["hold_separate_talk"]
    assert form.validate({"needed": "no"}, PARTIES) == {"needed": "no"}
    assert problems(form, {"needed": "yes"}) == {"party_id", "held_on", "statements", "another"}


def test_the_conclusion_of_the_talk_is_asked_only_of_a_mediator_who_accepts(shipped_forms: Forms) -> None:
    form = shipped_forms["disclose_conflicts"]
    assert problems(form, {"accepts": "no"}) == {"decline_reason"}
    assert problems(form, {"accepts": "yes"}) == {"conflict"}
    assert problems(form, {"accepts": "yes", "conflict": "exists"}) == {"disclosure"}


def test_a_party_who_does_not_consent_is_not_asked_about_the_session(shipped_forms: Forms) -> None:
    context = PARTIES | {"consents": [{"party_id": "p1"}]}
    form = shipped_forms["record_consent"]
    row = {"party_id": "p1", "notice_served": True, "consents": "no", "session": "open"}
    assert "session" not in form.validate({"consents": [row]}, context)["consents"][0]
    assert problems(form, {"consents": [row | {"notice_served": False}]}, context) == {
        "consents.0.notice_served"
    }
