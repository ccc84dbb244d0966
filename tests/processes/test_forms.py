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
from engine.mediation import broadcast_items

from .conftest import FORM_FILES, ROOT

each_form = pytest.mark.parametrize("path", FORM_FILES, ids=lambda path: path.stem)
SIGNING = {
    "party_mark_made", "mediator_mark_made", "agreement_sealed", "signed_sheet_received",
    "oral_agreement_confirmed", "oral_register_sealed", "fact_sheet_signed", "fact_sheet_received",
    "household_answered", "joining_closed",
}  # fmt: skip
# PML Art. 4: mediation costs the parties nothing. These words would ask for a fee.
FEE = re.compile(r"收费|缴费|手续费|\bfee\b|charge[sd]? ", re.IGNORECASE)
PARTIES = {
    "case": {
        "party_options": [{"value": "p1", "label": "罗小琴"}, {"value": "p2", "label": "陈大勇"}],
        "facts_wanted": False,
        "signer_options": [{"value": "p1", "label": "罗小琴"}, {"value": "p2", "label": "陈大勇"}],
        "mediator_options": [{"value": "m1", "label": "陈国安"}],
        "returned_reason": None,
        "rendering_error": None,
        "written_only": ["inheritance", "real_right", "status", "utility_cut"],
    },
    "fact_sheet": {"rendering_error": None},
    "broadcast": {
        "party_options": [{"value": "p1", "label": "罗小琴"}, {"value": "p2", "label": "陈大勇"}],
        "signer_options": [{"value": "p1", "label": "罗小琴"}, {"value": "p2", "label": "陈大勇"}],
    },
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


GUARDIAN = {"guardian": "赵敏", "guardian_relation": "母亲", "guardian_phone": "13700001234"}


@pytest.mark.parametrize("side", ["applicants", "respondents"])
@pytest.mark.parametrize(
    ("age", "own_living", "kept"),
    [
        (0, "yes", {*GUARDIAN}), (15, "yes", {*GUARDIAN}), (16, "no", {*GUARDIAN, "own_living"}),
        (16, None, {*GUARDIAN}), (17, "yes", {"own_living"}), (18, "yes", set()), (None, "yes", set()),
    ],
)  # fmt: skip
def test_a_guardian_is_asked_for_under_18_but_not_of_who_lives_on_own_earnings(
    shipped_forms: Forms, side: str, age: int | None, own_living: str | None, kept: set[str]
) -> None:
    """Civil Code Arts. 18 to 20."""
    form, asked = shipped_forms["register_dispute"], {*GUARDIAN, "own_living"}
    row = person(age=age, own_living=own_living, **GUARDIAN)
    cleaned = form.validate(dispute(**{side: [row]}), {})[side][0]
    assert {name for name in asked if cleaned.get(name)} == kept
    assert not asked & set(
        form.validate(dispute(**{side: [person(kind="legal", representative="某", age=9, **GUARDIAN)]}), {})[
            side
        ][0]
    )


def test_a_guardian_may_stay_unnamed_and_a_named_one_has_a_relation(shipped_forms: Forms) -> None:
    form = shipped_forms["register_dispute"]
    assert problems(form, dispute(applicants=[person(age=9)]), {}) == set()
    for empty in (None, ""):
        assert problems(form, dispute(applicants=[person(age=9, guardian=empty)]), {}) == set()
    named = person(age=9, guardian="赵敏", guardian_phone="无")
    wrong = {"applicants.0.guardian_relation", "applicants.0.guardian_phone"}
    assert problems(form, dispute(applicants=[named]), {}) == wrong


def test_who_refers_a_dispute_is_asked_to_whom_the_result_goes_and_nobody_else_is(
    shipped_forms: Forms,
) -> None:
    form, referred = (
        shipped_forms["register_dispute"],
        {"referring_body": "合川区人民法院", "answer_to": "周法官"},
    )
    for channel in ("court", "procuratorate", "police", "petition", "other_body"):
        assert problems(form, dispute(intake_channel=channel), {}) == set(referred)
        assert form.validate(dispute(intake_channel=channel, **referred), {}).items() >= referred.items()
    for channel in ("hall", "phone", "web", "grid", "own"):
        cleaned = form.validate(dispute(intake_channel=channel, **referred), {})
        assert not referred.keys() & cleaned.keys()


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
    assert problems(form, {"decision": "accepted"}, {}) == {"path"}
    assert problems(form, {"decision": "accepted", "path": "consultation"}, {}) == set()
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


ORAL = {
    "subjects": ["apology"], "all_asked": True,
    "facts": "事实", "disputed_matters": "争议", "content": "道歉",
    "obligations": [
        {"debtor": "p1", "creditor": "p2", "action": "道歉", "manner": "当面", "due_on": "2026-12-31"}
    ],
    "lawful": True, "clear": True, "voluntary": True,
}  # fmt: skip


def test_an_oral_agreement_asks_for_its_text_only_where_it_may_be_oral(shipped_forms: Forms) -> None:
    form = shipped_forms["register_oral_agreement"]
    assert problems(form, ORAL) == set()
    assert problems(form, ORAL | {"lawful": False, "all_asked": False}) == {"lawful", "all_asked"}
    wished, needed = ORAL | {"wants_written": ["p2"]}, ORAL | {"subjects": ["payment", "inheritance"]}
    for answers in (wished, needed):
        assert set(form.validate(answers, PARTIES)) == {"subjects", "wants_written", "all_asked"}
    assert set(form.validate(ORAL, PARTIES)) > {"content", "obligations"}


def test_whoever_hears_a_mistake_read_out_is_not_signed_over(shipped_forms: Forms) -> None:
    form = shipped_forms["confirm_oral_agreement"]
    assert problems(form, {"correct": "no"}) == set()
    assert problems(form, {"correct": "yes"}) == {"signature"}


def test_a_separate_talk_that_is_not_needed_asks_nothing_else(shipped_forms: Forms) -> None:
    form = shipped_forms["hold_separate_talk"]
    assert form.validate({"needed": "no"}, PARTIES) == {"needed": "no"}
    assert form.validate({"needed": "visit"}, PARTIES) == {"needed": "visit"}
    assert problems(form, {"needed": "yes"}) == {"party_id", "held_on", "statements", "another"}


@pytest.mark.parametrize(("locale", "said"), [("zh", "提交以后不能再改"), ("en", "can't be changed")])
def test_who_was_chosen_for_a_separate_talk_stands_before_it_is_sent(
    shipped_forms: Forms, locale: str, said: str
) -> None:
    drawn = shipped_forms["hold_separate_talk"].draw(
        2, {"party_id": "p2"}, PARTIES, forms.Drawing({}, locale)
    )
    assert "<strong>陈大勇</strong>" in drawn[0].html
    assert "罗小琴" not in drawn[0].html
    assert said in drawn[0].html


def test_whoever_cannot_write_learns_where_the_way_of_signing_is_chosen_that_paper_is_theirs(
    shipped_forms: Forms,
) -> None:
    rows = {"methods": [{"party_id": "p1"}]}
    drawing = forms.Drawing({}, "zh", rows)
    drawn = shipped_forms["agree_signing_method"].draw(1, rows, PARTIES, drawing)
    assert "不会写字、要按指印的" in str(drawn)


def test_undisputed_facts_are_signed_only_by_who_wants_to(shipped_forms: Forms) -> None:
    draft = {"facts": "两车相撞。", "no_offers": True, "paper": "no"}
    assert problems(shipped_forms["draft_fact_sheet"], draft) == set()
    assert problems(shipped_forms["draft_fact_sheet"], draft | {"no_offers": False}) == {"no_offers"}
    form = shipped_forms["sign_fact_sheet"]
    assert problems(form, {"decision": "sign"}) == {"signature"}
    assert problems(form, {"decision": "decline"}) == problems(form, {"decision": "paper"}) == set()
    context = PARTIES | {"answers": [{"party_id": "p1"}, {"party_id": "p2"}]}
    rows = [{"party_id": "p1", "decision": "sign"}, {"party_id": "p2", "decision": "decline"}]
    received = shipped_forms["receive_fact_sheet"]
    assert problems(received, {"answers": rows}, context) == {"answers.0.signed_on"}


def test_a_visit_asks_when_where_who_and_what_was_found(shipped_forms: Forms) -> None:
    form = shipped_forms["visit_site"]
    asked = {"visited_on", "place", "participants", "investigators", "content", "another"}
    assert problems(form, {}) == asked
    found = dict.fromkeys(asked, "甲") | {"visited_on": "2026-03-02", "another": "no"}
    assert problems(form, found) == set()


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


DECIDED = {
    "party_id": "p1", "given_by": "party", "text_read": True, "take_part": "given", "recording": "given",
    "appearance": "given", "face": "pixelated", "voice": "changed", "name": "given", "name_shown": "alias",
    "alias": "老罗", "evidence": "refused", "channel": "given", "channel_name": "重庆卫视",
    "channel_until": "2027-03-01", "web": "refused", "archive": "given", "archive_until": "2027-03-01",
    "sublicence": "no", "surroundings": "refused",
}  # fmt: skip


def test_each_of_the_nine_consents_is_asked_on_a_page_of_its_own_in_the_words_that_are_kept() -> None:
    pages = json.loads((ROOT / "forms" / "record_broadcast_consents.form").read_text("utf-8"))["components"]
    asked = {page["components"][0]["key"]: page["components"][0] for page in pages[1:]}
    assert {name: one["description"] for name, one in asked.items()} == dict(broadcast_items.TEXTS)
    assert all(one["validate"]["required"] for one in asked.values())


def test_a_consent_asks_for_its_channel_and_term_and_a_refusal_for_nothing(shipped_forms: Forms) -> None:
    form = shipped_forms["record_broadcast_consents"]
    cleaned = form.validate(DECIDED, PARTIES)
    assert "web_name" not in cleaned
    assert cleaned["channel_until"] == dt.date(2027, 3, 1)
    assert problems(form, DECIDED | {"web": "given"}) == {"web_name", "web_until"}
    assert problems(form, DECIDED | {"sublicence": "yes", "alias": ""}) == {"sublicence_to", "alias"}
    assert problems(form, DECIDED | {"given_by": "guardian"}) == {"giver"}
    assert problems(form, DECIDED | {"given_by": "agent", "giver": "王律师"}) == {"scope"}


def test_who_refuses_television_is_asked_nothing_else(shipped_forms: Forms) -> None:
    refused = {"party_id": "p1", "given_by": "party", "text_read": True, "take_part": "refused"}
    assert shipped_forms["record_broadcast_consents"].validate(refused, PARTIES) == refused


def test_a_guest_with_a_tie_says_which_and_the_parties_are_of_this_case(shipped_forms: Forms) -> None:
    form = shipped_forms["agree_on_guests"]
    guest = {"name": "李法官", "role": "judge", "tie": "none", "agreed": ["p1", "p2"]}
    assert problems(form, {"guests": [guest]}) == set()
    assert problems(form, {"guests": [guest | {"tie": "exists"}]}) == {"guests.0.disclosure"}
    assert problems(form, {"guests": [guest | {"agreed": ["p9"]}]}) == {"guests.0.agreed"}


def test_what_a_cut_shows_is_answered_for_each_party(shipped_forms: Forms) -> None:
    context = PARTIES | {"cuts": [{"party_id": "p1"}, {"party_id": "p2"}]}
    rows = [{"party_id": "p1", "shows": ["face", "alias"]}, {"party_id": "p2", "shows": []}]
    cleaned = shipped_forms["lock_edit"].validate({"cuts": rows, "reviewed": True}, context)
    assert cleaned["cuts"][0]["shows"] == ["face", "alias"]
    elements = {
        value["value"]
        for one in components(ROOT / "forms" / "lock_edit.form")
        if one.get("key") == "shows"
        for value in one["values"]
    }
    assert elements == set(broadcast_items.ELEMENTS)
    assert problems(shipped_forms["lock_edit"], {"cuts": rows, "reviewed": False}, context) == {"reviewed"}


def test_the_other_forms_of_television_take_what_people_answer(shipped_forms: Forms) -> None:
    preview = PARTIES | {"previews": [{"party_id": "p1"}]}
    row = {"party_id": "p1", "answer": "objects", "objection": "不要拍门牌"}
    answered: dict[str, tuple[dict[str, Any], Any]] = {
        "assess_tv_eligibility": (
            {
                "programme": "有话好说", "channel": "重庆卫视", "child_under_14": "no",
                "sexual_or_domestic": "no", "trade_secret": "no", "party_objects": "no",
                "court_pending": "no",
            },
            PARTIES,
        ),
        "record_footage": ({"cameras": "on", "recorded_on": "2026-03-02", "kept_at": "三号柜"}, PARTIES),
        "begin_cooling_off": ({"told": True, "told_on": "2026-03-02"}, PARTIES),
        "preview_footage": ({"previews": [row]}, preview),
        "broadcast_footage": ({"kind": "archive", "airs_on": "2026-03-02", "elsewhere": "no"}, PARTIES),
        "take_down_footage": ({"scope": "all", "done_on": "2026-03-02", "note": "已删除"}, PARTIES),
    }  # fmt: skip
    for name, (answers, context) in answered.items():
        assert problems(shipped_forms[name], answers, context) == set(), name
    asked = shipped_forms["broadcast_footage"]
    assert problems(asked, {"kind": "web", "airs_on": "2026-03-02"}) == {"outlet", "elsewhere"}
    assert problems(asked, {"kind": "none"}) == set()
    assert problems(shipped_forms["record_footage"], {"cameras": "off"}) == set()
    some = {"scope": "requests", "done_on": "2026-03-02", "note": "已删除"}
    assert problems(shipped_forms["take_down_footage"], some) == {"recut"}


def test_what_has_its_own_table_is_not_kept_with_the_task_too(shipped_forms: dict[str, forms.Form]) -> None:
    kept = {
        form_id: form.fields - private
        for form_id, form in shipped_forms.items()
        if (private := {name for effect in form.effects for name in mediation.PRIVATE.get(effect, ())})
    }
    assert kept == {
        "join_agreement": {"answer", "read", "agrees_to_method"},
        "register_dispute": {
            "source",
            "intake_channel",
            "dispute_type",
            "people_count",
            "amount",
            "facts",
            "happened_on",
            "place",
            "requests",
        },
        "hold_separate_talk": {"needed", "another"},
        "visit_site": {"visited_on", "place", "investigators", "another"},
        "sign_agreement": {"read"},
        "sign_as_mediator": {"read"},
        "confirm_oral_agreement": {"correct"},
        "draft_fact_sheet": {"no_offers", "paper", "rendering_error"},
        "sign_fact_sheet": {"decision"},
        "record_broadcast_consents": {"party_id"},
        "preview_footage": set(),
        "agree_on_guests": set(),
        "write_case_sheet": set(),
        "record_online_consents": set(),
        "check_identities": set(),
        "exchange_online": {
            "next_step",
            "answered_offer",
            "disclosed_offer",
            "permitted",
            "meets_how",
            "meeting_link",
            "meets_on",
            "meets_at",
        },
        "hold_online_meeting": {"how", "link", "held_on", "attendees", "guests", "state"},
        "write_online_record": {"outcome", "next_path"},
        "confirm_online_record": set(),
        "make_report": {"happening_kind"},
        "decide_after_report": {"report_decision"},
        "record_appraisal": {"ended_on"},
        "hand_over": {"handed_to"},
        "record_successor": {"successor_outcome", "successor_told", "successor_agrees"},
    }


ASKED = {"party_id": "p1", "online": "yes", "asynchronous": "yes", "equipment": "own", "e_service": "no"} | {
    "recording": "no",
    "warned": True,
}


def test_who_refuses_online_mediation_is_asked_nothing_else(shipped_forms: Forms) -> None:
    form, context = shipped_forms["record_online_consents"], PARTIES | {"consents": [{"party_id": "p1"}]}
    refused = {"party_id": "p1", "online": "no", "warned": True}
    assert form.validate({"consents": [ASKED | refused]}, context) == {"consents": [refused]}
    assert problems(form, {"consents": [refused | {"online": "yes"}]}, context) == {
        f"consents.0.{name}" for name in ("asynchronous", "equipment", "e_service", "recording")
    }
    served = ASKED | {"e_service": "yes"}
    assert problems(form, {"consents": [served]}, context) == {"consents.0.e_address"}
    assert problems(form, {"consents": [ASKED | {"warned": False}]}, context) == {"consents.0.warned"}


def test_each_thing_that_is_recorded_online_asks_for_its_own_page_alone(shipped_forms: Forms) -> None:
    form = shipped_forms["exchange_online"]
    offers = [{"value": "o1", "label": "1. 罗小琴 → 陈大勇"}]
    context = PARTIES | {"online": {"open_offers": offers, "private_offers": offers}}
    term = {"action": "付款", "amount": "0.10", "manner": "转账", "due_on": "2026-10-31"}
    offer = {"offer_to": ["p2"], "disclosed": "no", "terms": [term]}
    whole: dict[str, dict[str, Any]] = {
        "message": {"channel": "joint", "message_party": "p1", "author": "party", "message": "好。"},
        "offer": {"offer_by": "party", "offer_from": "p1"} | offer,
        "disclose": {"disclosed_offer": "o1", "permitted": True},
        "answer": {"answered_offer": "o1", "answered_by": "p2", "answer": "accept"},
        "meeting": {
            "meets_how": "video", "meeting_link": "https://meet.example.org/1", "meets_on": "2026-10-13",
            "meets_at": "09:00",
        },
        "record": {},
    }  # fmt: skip
    for step, answers in whole.items():
        assert set(form.validate({"next_step": step} | answers, context)) == {"next_step", *answers}, step
        assert problems(form, {"next_step": step}, context) >= set(answers) - {
            "offer_from", "meeting_link",
        }  # fmt: skip
    counter = {"next_step": "answer"} | whole["answer"] | {"answer": "counter"}
    assert problems(form, counter, context) == set(offer)
    assert set(form.validate(counter | offer, context)) == set(counter) | set(offer)
    by_mediator = {"next_step": "offer", "offer_by": "mediator"} | offer
    assert problems(form, by_mediator, context) == set()
    assert problems(form, {"next_step": "offer"} | whole["offer"] | {"terms": []}, context) == {"terms"}


def test_a_record_of_failure_says_why_and_one_that_changes_the_path_says_where_to(
    shipped_forms: Forms,
) -> None:
    form, written = shipped_forms["write_online_record"], {"record": "双方说明。"}
    assert problems(form, written | {"outcome": "agreed"}) == set()
    assert problems(form, written | {"outcome": "failed"}) == {"failure_reason"}
    assert problems(form, written | {"outcome": "switch"}) == {"next_path", "switch_reason"}


def test_only_another_path_than_the_present_one_is_offered(shipped_forms: Forms) -> None:
    form = shipped_forms["hold_joint_session"]
    for path in ("face_to_face", "online"):
        chosen = {"outcome": "switch", "next_path": path, "switch_reason": "双方要求。"}
        here, other = ({"case": PARTIES["case"] | {"path": one}} for one in (path, "consultation"))
        assert "next_path" in problems(form, chosen, PARTIES | here)
        assert "next_path" not in problems(form, chosen, PARTIES | other)


def test_offers_are_answered_and_disclosed_only_where_there_are_some(shipped_forms: Forms) -> None:
    form, offers = shipped_forms["exchange_online"], [{"value": "o1", "label": "1. 罗小琴 → 陈大勇"}]
    for step, listed in (("answer", "open_offers"), ("disclose", "private_offers")):
        none = {"open_offers": offers, "private_offers": offers} | {listed: []}
        assert "next_step" in problems(form, {"next_step": step}, PARTIES | {"online": none})
        some = {"open_offers": [], "private_offers": []} | {listed: offers}
        assert "next_step" not in problems(form, {"next_step": step}, PARTIES | {"online": some})


def test_who_has_not_answered_yet_confirms_nothing(shipped_forms: Forms) -> None:
    form = shipped_forms["confirm_online_record"]
    context = PARTIES | {"confirmations": [{"party_id": "p1"}]}
    later = {"party_id": "p1", "answer": "later"}
    assert form.validate({"confirmations": [later | {"manner": "phone"}]}, context) == {
        "confirmations": [later]
    }
    assert problems(form, {"confirmations": [later | {"answer": "objects"}]}, context) == {
        f"confirmations.0.{name}" for name in ("manner", "confirmed_on", "objection")
    }


def test_an_agent_is_registered_with_the_scope_of_a_letter_that_was_received(shipped_forms: Forms) -> None:
    form = shipped_forms["register_dispute"]
    agent = {"represented": "yes", "agent": "孙晴", "agent_scope": ["claims", "sign"], "agent_letter": True}
    cleaned = form.validate(dispute(respondents=[person(**agent)]), {})["respondents"][0]
    assert (cleaned["agent"], cleaned["agent_scope"]) == ("孙晴", ["claims", "sign"])
    assert problems(form, dispute(applicants=[person(represented="yes")]), {}) == {
        f"applicants.0.{name}" for name in ("agent", "agent_scope", "agent_letter")
    }
    dropped = form.validate(dispute(applicants=[person(**agent | {"represented": "no"})]), {})
    assert "agent" not in dropped["applicants"][0]
