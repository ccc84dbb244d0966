"""The scripted cases: they fit the diagrams and forms, and play to the end that the law gives them."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

import forms
from engine import bpmn
from engine.mediation import happenings
from engine.mediation.broadcast_items import ITEMS
from engine.mediation.scripts import expanded
from web import rehearsal
from web.settings import Settings

from .conftest import CASE_FILES, ROOT

each_case = pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: path.stem)
DEMO_FILES = sorted((ROOT / "web" / "demo_cases").glob("*.json"))
REAL_MOBILE = re.compile(r"\b1[3-9]\d{9}\b")


def script_of(path: Path) -> dict[str, Any]:
    return expanded(json.loads(path.read_text(encoding="utf-8")))


@each_case
def test_every_step_is_a_task_of_the_diagrams_with_answers_that_its_form_asks_for(
    path: Path, definitions: dict[str, bpmn.Definition], shipped_forms: dict[str, forms.Form]
) -> None:
    tasks = {node.id for one in definitions.values() for node in one.nodes.values()}
    for step in script_of(path)["steps"]:
        if "take_back" in step:
            assert step["take_back"]["item"] in ITEMS
        if "happened" in step:
            assert step["happened"]["kind"] in happenings.KINDS
        if "task" not in step:
            continue
        assert step["task"] in tasks
        assert set(step["answers"]) <= shipped_forms[step["task"]].fields, step["task"]


@pytest.mark.parametrize("path", [*CASE_FILES, *DEMO_FILES], ids=lambda path: path.stem)
def test_steps_are_in_order(path: Path) -> None:
    moments = [step["at"] for step in script_of(path)["steps"]]
    assert moments == sorted(moments)


@each_case
def test_the_people_of_the_steps_are_known(path: Path) -> None:
    script = script_of(path)
    registered = script["steps"][0]["answers"]
    lists = ("applicants", "households", "respondents")
    names = {one["name"] for side in lists for one in registered.get(side, [])}
    staff = {person["username"] for person in script["people"]}
    assert {step["as"] for step in script["steps"]} <= names | staff


@each_case
def test_the_people_are_fictional(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not REAL_MOBILE.search(text)
    assert "id_number" not in text


@pytest.mark.slow
@each_case
def test_a_case_plays_to_the_end_that_it_expects(path: Path, tmp_path: Path) -> None:
    """play_file compares the end with the script's `expect` and raises where they differ."""
    played = play(path, tmp_path)
    script = script_of(path)
    assert played == [what(step) for step in script["steps"]]
    written = {file.stem.split("-")[0] for file in (tmp_path / "out").iterdir() if file.suffix != ".zip"}
    assert written == set(script["expect"]["documents"])
    copies = [signed_fields(file) for file in (tmp_path / "out").glob("annex*.pdf")]
    assert copies.count(["certification", "household"]) == script["expect"].get("joined", 0)
    assert copies.count(["certification"]) == script["expect"].get("abstained", 0)
    workers = [step["payment_order"]["party"] for step in script["steps"] if "payment_order" in step]
    packets = [tmp_path / "out" / f"packet-{number}.zip" for number in range(1, len(workers) + 1)]
    assert [claimed_by(packet, workers) for packet in packets] == [{one} for one in workers]


def claimed_by(packet: Path, names: list[str]) -> set[str]:
    """Who of these people applies for the payment order of a packet."""
    with zipfile.ZipFile(packet) as opened:
        (application,) = [opened.read(one) for one in opened.namelist() if "支付令申请书" in one]
        assert any("人民调解协议书" in one for one in opened.namelist())
    with pypdfium2.PdfDocument(application) as document:
        said = "".join(page.get_textpage().get_text_range() for page in document)
    return {one for one in names if f"申请人{one}，" in "".join(said.split())}


def signed_fields(file: Path) -> list[str]:
    reader = PdfFileReader(io.BytesIO(file.read_bytes()))
    return [str(one.field_name) for one in reader.embedded_signatures]


def test_the_three_issued_stories_are_there() -> None:
    assert {path.stem for path in CASE_FILES} >= {"tricycle_accident", "three_brothers", "refused"}


def test_the_format_is_described(definitions: dict[str, bpmn.Definition]) -> None:
    described = (ROOT / "docs" / "case_format.md").read_text(encoding="utf-8")
    words = (
        "committee",
        "people",
        "steps",
        "expect",
        "withdraw",
        "evidence",
        "take_back",
        "happened",
        "follow_up",
        "payment_order",
        "confirmation",
        "ruling",
        "signature",
        "scan",
        "account",
    )
    for name in words:
        assert f"`{name}`" in described or f'"{name}"' in described


def changed(path: Path, folder: Path, steps: list[dict[str, Any]], expect: dict[str, Any]) -> Path:
    """A script with other steps and another end, in a folder of its own."""
    other = folder / "changed.json"
    other.write_text(json.dumps(script_of(path) | {"steps": steps, "expect": expect}), encoding="utf-8")
    return other


def what(step: dict[str, Any]) -> str:
    """How a played step is told: its task, or what was done instead of one."""
    word = next(
        word
        for word in (
            "evidence",
            "take_back",
            "on_site",
            "happened",
            "follow_up",
            "payment_order",
            "confirmation",
            "ruling",
            "withdraw",
            "task",
        )
        if word in step
    )
    return str(step.get("task", word))


def play(path: Path, folder: Path) -> list[str]:
    settings = Settings(folder, f"sqlite:///{folder / 'woshou.db'}", folder / "authority")
    return [step.what for step in rehearsal.play_file(settings, path, folder / "out")]


def test_a_sign_of_a_crime_reaches_the_chief_mediator_as_a_proposal_to_report(tmp_path: Path) -> None:
    """The proposal can't be changed in the form, so naming it here proves what the table said."""
    refused = next(path for path in CASE_FILES if path.stem == "refused")
    register, assess, decide, _, tell = script_of(refused)["steps"]
    assess["answers"]["crime_clue"] = "yes"
    decide["answers"] = {"proposal": "report_police", "proposed_path": "none", "decision": "transferred"}
    decide["answers"] |= {"transferred_to": "派出所", "reason": "有犯罪线索，已经报警。"}
    tell["answers"] |= {"end_code": "transferred", "reason": "已经移送公安机关。"}
    expect = {
        "status": "transferred",
        "end_code": "transferred",
        "documents": ["dossier", "receipt", "routes_notice"],
    }
    script = changed(refused, tmp_path, [register, assess, decide, tell], expect)
    assert play(script, tmp_path)[-1] == "tell_other_routes"


@pytest.mark.slow
def test_when_one_brother_leaves_the_agreement_begins_anew_and_with_the_second_the_case_ends(
    tmp_path: Path,
) -> None:
    brothers = next(path for path in CASE_FILES if path.stem == "three_brothers")
    steps = script_of(brothers)["steps"]
    decisions = [step.get("answers", {}).get("decision") for step in steps]
    approved = decisions.index("approved")
    draft = dict(steps[approved - 1], at="2026-09-25T10:00:00+08:00")
    draft["answers"] = draft["answers"] | {"obligations": draft["answers"]["obligations"][:1]}
    tell = {"end_code": "withdrawn", "reason": "当事人要求终止调解。", "routes": ["court"], "told": True}
    tell |= {"manner": "in_person", "told_on": "2026-09-26"}
    leaving = [
        {"at": "2026-09-25T09:00:00+08:00", "as": "沈立川", "withdraw": {"party": "沈立川"}},
        draft,
        {"at": "2026-09-26T09:00:00+08:00", "as": "reception", "withdraw": {"party": "沈立山"}},
        {"at": "2026-09-26T09:30:00+08:00", "as": "mediator", "task": "tell_other_routes", "answers": tell},
    ]
    expect = {"status": "ended", "end_code": "withdrawn", "effective_at": None}
    script = changed(brothers, tmp_path, [*steps[: approved + 1], *leaving], expect)
    assert play(script, tmp_path)[-4:] == ["withdraw", "draft_agreement", "withdraw", "tell_other_routes"]


TRICYCLE = ROOT / "tests" / "cases" / "tricycle_accident.json"


@pytest.mark.slow
def test_undisputed_facts_are_signed_by_each_party_before_the_agreement_or_not(tmp_path: Path) -> None:
    steps = script_of(TRICYCLE)["steps"]
    at = [step.get("task") for step in steps].index("hold_joint_session")
    session = steps[at] | {"answers": steps[at]["answers"] | {"sign_facts": "yes"}}
    facts = {"facts": "两车相撞，陈大勇已付3600元。", "no_offers": True, "paper": "no"}
    sign = {"decision": "sign", "signature": {"signature": "罗小琴"}}
    more = [
        {"as": "mediator", "task": "draft_fact_sheet", "answers": facts},
        {"as": "罗小琴", "task": "sign_fact_sheet", "answers": sign},
        {"as": "陈大勇", "task": "sign_fact_sheet", "answers": {"decision": "decline"}},
    ]
    more = [{"at": f"2026-10-13T12:0{minute}:00+08:00"} | step for minute, step in enumerate(more)]
    expect = {
        "status": "agreed_drafting",
        "documents": ["agreement", "fact_sheet", "receipt", "rights_notice"],
    }
    script = changed(TRICYCLE, tmp_path, [*steps[:at], session, *more, steps[at + 1]], expect)
    played = play(script, tmp_path)
    assert played[-4:] == ["draft_fact_sheet", "sign_fact_sheet", "sign_fact_sheet", "draft_agreement"]


CONSULTATION = ROOT / "tests" / "cases" / "consultation_and_back.json"


@pytest.mark.slow
def test_where_all_departments_decline_others_are_invited_though_an_expert_would_come(tmp_path: Path) -> None:
    """Else nobody could take the lead, and the opinion would never be drafted."""
    steps = script_of(CONSULTATION)["steps"]
    at = [step.get("task") for step in steps].index("record_invitation_answers")
    declined = steps[at] | {"answers": {"answers": [{"answer": "declines"}, {"answer": "accepts"}]}}
    again = dict(next(step for step in steps if step.get("task") == "choose_invitees"), at=steps[at]["at"])
    script = changed(CONSULTATION, tmp_path, [*steps[:at], declined, again], {"status": "mediating"})
    assert play(script, tmp_path)[-2:] == ["record_invitation_answers", "choose_invitees"]


@pytest.mark.slow
def test_in_a_second_consultation_those_who_have_answered_are_not_asked_again(tmp_path: Path) -> None:
    steps = script_of(CONSULTATION)["steps"]
    at = {step.get("task"): index for index, step in enumerate(steps)}
    first, told = at["choose_invitees"], at["tell_opinion"]
    back = steps[told + 3]["at"]
    again = [
        dict(steps[index], at=back)
        for index in (first - 1, first, at["write_case_sheet"], at["record_written_opinion"] - 1)
    ]
    script = changed(CONSULTATION, tmp_path, [*steps[: told + 4], *again], {"status": "mediating"})
    assert play(script, tmp_path)[-3:] == ["choose_invitees", "write_case_sheet", "record_written_opinion"]


LAUNDRY = ROOT / "tests" / "cases" / "dripping_laundry.json"


@pytest.mark.slow
def test_a_register_found_wrong_is_written_again_and_a_party_that_then_wants_paper_gets_a_draft(
    tmp_path: Path,
) -> None:
    steps = script_of(LAUNDRY)["steps"]
    *before, register, confirm, _ = steps
    again = register | {"at": "2026-11-05T11:20:00+08:00"}
    wrong = confirm | {"answers": {"correct": "no"}}
    answers = {"subjects": ["apology"], "wants_written": [{"party": "蒋素芬"}], "all_asked": True}
    paper = register | {"at": "2026-11-05T11:40:00+08:00", "answers": answers}
    draft_answers = {"responsibility": "各方都有责任。"} | {
        name: register["answers"][name]
        for name in ("facts", "disputed_matters", "subjects", "content", "obligations")
    }
    draft = {"at": "2026-11-05T11:50:00+08:00", "as": "mediator", "task": "draft_agreement"}
    more = [register, wrong, again, wrong | {"at": "2026-11-05T11:30:00+08:00"}, paper]
    expect = {"status": "agreed_drafting", "end_code": None, "effective_at": None}
    script = changed(LAUNDRY, tmp_path, [*before, *more, draft | {"answers": draft_answers}], expect)
    assert play(script, tmp_path)[-5:] == [
        "confirm_oral_agreement", "register_oral_agreement", "confirm_oral_agreement",
        "register_oral_agreement", "draft_agreement",
    ]  # fmt: skip


CERTIFICATES = ROOT / "tests" / "cases" / "consultation_certificates.json"
HALFWAY = {"status": "mediating", "end_code": None, "effective_at": None}


def until(task: str, *more: dict[str, Any], of: Path = CERTIFICATES) -> list[dict[str, Any]]:
    """The steps of a case before a task is first open, and others from there, an hour apart."""
    steps = script_of(of)["steps"]
    before = steps[: [step.get("task") for step in steps].index(task)]
    return before + [
        {"at": f"2026-10-20T{9 + hour:02}:00:00+08:00", "as": "mediator"} | step
        for hour, step in enumerate(more)
    ]


def said(*answers: str) -> dict[str, Any]:
    names = ("郑秀芳", "罗守田", "恒川置业有限公司")
    rows = [
        {"party_id": {"party": name}, "answer": answer, "shares": "no"}
        for name, answer in zip(names, answers, strict=True)
    ]
    return {"task": "record_consultation_consents", "answers": {"consents": rows}}


OTHERS = {"kind": "department", "name": "区城管局", "reason": "负责小区配套"}
TURNS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "a party that wants no consultation goes on face to face": (
        until(
            "record_consultation_consents",
            said("agrees", "agrees", "refuses"),
            {"task": "hold_separate_talk", "answers": {"needed": "no"}},
        ),
        HALFWAY,
    ),
    "where nobody takes part others are chosen": (
        until(
            "record_invitation_answers",
            {"task": "record_invitation_answers", "answers": {"answers": [{"answer": "declines"}] * 4}},
            {"task": "choose_invitees", "answers": {"invitees": [OTHERS]}},
            said("agrees", "agrees", "agrees"),
            {"task": "write_case_sheet", "answers": {"sheet_facts": "没有验收。", "questions": "谁来补？"}},
        ),
        HALFWAY,
    ),
    "a party leaves in the middle of a consultation": (
        [
            *until("hold_consultation_meeting"),
            {
                "at": "2026-10-20T09:00:00+08:00",
                "as": "reception",
                "withdraw": {"party": "恒川置业有限公司"},
            },
            {
                "at": "2026-10-20T10:00:00+08:00",
                "as": "mediator",
                "task": "tell_other_routes",
                "answers": {
                    "end_code": "withdrawn",
                    "reason": "恒川置业有限公司要求终止调解。",
                    "routes": ["court"],
                    "manner": "phone",
                    "told_on": "2026-10-20",
                    "told": True,
                },
            },
        ],
        {"status": "ended", "end_code": "withdrawn", "effective_at": None},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TURNS)
def test_a_consultation_takes_each_of_its_other_ways(name: str, tmp_path: Path) -> None:
    steps, expect = TURNS[name]
    played = play(changed(CERTIFICATES, tmp_path, steps, expect), tmp_path)
    assert played == [what(step) for step in steps]


LIFT = ROOT / "tests" / "cases" / "tv_lift.json"
BOTH = [{"party": "黎桂芳"}, {"party": "唐永福"}]
TALK = {"task": "hold_separate_talk", "answers": {"needed": "no"}}
ROLLED = {
    "task": "record_footage",
    "answers": {"cameras": "on", "recorded_on": "2026-10-14", "kept_at": "三号柜"},
}
INVITED = {"task": "choose_invitees", "answers": {"invitees": [OTHERS]}}
FITS = {
    "programme": "有话好好说", "channel": "嘉陵生活频道", "child_under_14": "no", "sexual_or_domestic": "no",
    "trade_secret": "no", "party_objects": "no", "court_pending": "no",
}  # fmt: skip


def session_of(parties: list[dict[str, str]], outcome: str, **more: str) -> dict[str, Any]:
    held = {"held_on": "2026-10-20", "place": "调解室", "attendees": parties, "record": "双方都说了。"}
    return {"task": "hold_joint_session", "answers": held | {"read_back": True, "outcome": outcome} | more}


def on_to(path: str, parties: list[dict[str, str]] = BOTH) -> dict[str, Any]:
    return session_of(parties, "switch", next_path=path, switch_reason="换一种方式更好谈。")


def assessed(**changed: str) -> dict[str, Any]:
    return {"task": "assess_tv_eligibility", "answers": FITS | changed}


def next_day(hour: int, who: str, **step: Any) -> dict[str, Any]:
    return {"at": f"2026-10-21T{hour:02}:00:00+08:00", "as": who} | step


def done(task: str, **answers: Any) -> dict[str, Any]:
    return {"task": task, "answers": answers}


COOLING_OFF = done("begin_cooling_off", told=True, told_on="2026-10-21")
LOCKED_AWAY = done("take_down_footage", scope="all", done_on="2026-10-21", note="封存。")
NO_CONSULTATION = [{"party_id": one, "answer": "refuses", "shares": "no"} for one in BOTH]
AGAIN = session_of(BOTH, "another_session")
REFUSES = {"given_by": "party", "text_read": True, "take_part": "refused"}
TELEVISION: dict[str, tuple[Path, list[dict[str, Any]], dict[str, Any]]] = {
    "a case that may not go on television is talked over with the cameras off": (
        LIFT,
        until("assess_tv_eligibility", assessed(court_pending="yes"), TALK, AGAIN, of=LIFT),
        HALFWAY | {"broadcast": ""},
    ),
    "a party that wants no television goes on face to face, and may come back to it": (
        LIFT,
        until(
            "record_broadcast_consents",
            {"task": "record_broadcast_consents", "answers": REFUSES | {"party_id": BOTH[0]}},
            {"task": "record_broadcast_consents", "answers": REFUSES | {"party_id": BOTH[1]}},
            TALK,
            on_to("tv"),
            {"task": "record_broadcast_consents", "answers": REFUSES | {"party_id": BOTH[0]}},
            of=LIFT,
        ),
        HALFWAY | {"broadcast": "planned"},
    ),
    "from television to a consultation and back nobody is asked again": (
        LIFT,
        until(
            "record_footage",
            ROLLED,
            on_to("consultation"),
            INVITED,
            done("record_consultation_consents", consents=NO_CONSULTATION),
            TALK,
            on_to("tv"),
            TALK,
            ROLLED,
            AGAIN,
            of=LIFT,
        ),
        HALFWAY | {"broadcast": "recorded"},
    ),
    "from a consultation to television the rules and the consents are asked": (
        CERTIFICATES,
        until(
            "hold_joint_session",
            on_to("tv", [{"party": "罗守田"}, {"party": "恒川置业有限公司"}]),
            assessed(),
        ),
        HALFWAY | {"broadcast": "planned"},
    ),
    "from television to face to face what was recorded waits for the result": (
        LIFT,
        [
            *until(
                "record_footage", ROLLED, on_to("face_to_face"), TALK, session_of(BOTH, "agreed"), of=LIFT
            ),
            next_day(9, "mediator", **COOLING_OFF),
        ],
        {"status": "agreed_drafting", "broadcast": "cooling_off"},
    ),
    "a party that ends the mediation leaves its footage to the consents": (
        LIFT,
        [
            *until("record_footage", ROLLED, AGAIN, of=LIFT),
            next_day(9, "唐永福", withdraw={"party": "唐永福"}),
            next_day(10, "mediator", **COOLING_OFF),
            next_day(11, "唐永福", take_back={"party": "唐永福", "item": "take_part"}),
            next_day(12, "mediator", **LOCKED_AWAY),
        ],
        {"end_code": "withdrawn", "broadcast": "taken_down"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TELEVISION)
def test_television_takes_each_of_its_other_ways(name: str, tmp_path: Path) -> None:
    case, steps, expect = TELEVISION[name]
    played = play(changed(case, tmp_path, steps, expect), tmp_path)
    assert played == [what(step) for step in steps]


ONLINE = ROOT / "tests" / "cases" / "online_and_on_site.json"
RENT = ROOT / "tests" / "cases" / "rent_deposit.json"
ON_SITE = {"as": "马国", "on_site": {"party": "马国", "reason": "想当面说"}}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "task"),
    [
        (ONLINE, "record_online_consents"),
        (ONLINE, "check_identities"),
        (ONLINE, "exchange_online"),
        (ONLINE, "hold_online_meeting"),
        (RENT, "write_online_record"),
        (RENT, "confirm_online_record"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_party_has_the_case_moved_on_site_wherever_it_waits_online(
    path: Path, task: str, tmp_path: Path
) -> None:
    steps = until(task, ON_SITE, TALK, of=path)
    assert play(changed(path, tmp_path, steps, HALFWAY), tmp_path)[-2:] == ["on_site", "hold_separate_talk"]


def said_online(**answers: str) -> dict[str, Any]:
    row = {"asynchronous": "yes", "equipment": "own", "e_service": "no", "recording": "no"}
    rows = [
        {"party_id": {"party": name}, "online": answer, "warned": True} | (row if answer == "yes" else {})
        for name, answer in answers.items()
    ]
    return {"task": "record_online_consents", "answers": {"consents": rows}}


def identified(**matches: str) -> dict[str, Any]:
    row = {"appears": "self", "level": "image", "checked": "证件照片", "checked_on": "2026-10-12"}
    rows = [{"party_id": {"party": name}, "matches": answer} | row for name, answer in matches.items()]
    return {"task": "check_identities", "answers": {"identities": rows}}


def to_path(path: str, *names: str) -> dict[str, Any]:
    held = {
        "held_on": "2026-10-13", "place": "二号调解室", "guests": [],
        "attendees": [{"party": name} for name in names or ("戴晓", "马国")],
        "record": "双方到场。", "read_back": True, "outcome": "switch", "next_path": path,
        "switch_reason": "双方要求。",
    }  # fmt: skip
    return {"task": "hold_joint_session", "answers": held}


WRITTEN = {"record": "双方说明。", "outcome": "switch", "switch_reason": "双方要求。"}
CONFIRMED = {
    "task": "confirm_online_record",
    "answers": {
        "confirmations": [
            {"party_id": {"party": name}, "answer": "confirms"}
            | {"manner": "video", "confirmed_on": "2026-10-20"}
            for name in ("戴晓", "马国")
        ]
    },
}  # fmt: skip
REFUSED_ADVICE = {
    "task": "record_consultation_consents",
    "answers": {
        "consents": [
            {"party_id": {"party": name}, "answer": "refuses", "shares": "no"} for name in ("戴晓", "马国")
        ]
    },
}


def write_for(path: str) -> dict[str, Any]:
    return {"task": "write_online_record", "answers": WRITTEN | {"next_path": path}}


ONLINE_TURNS: dict[str, list[dict[str, Any]]] = {
    "a party that refuses is asked again when the case comes back, and nobody else": until(
        "record_online_consents", said_online(戴晓="yes", 马国="no"), TALK, to_path("online"),
        said_online(马国="yes"), of=RENT,
    ),
    "an identity that does not match is checked anew": until(
        "check_identities", identified(戴晓="yes", 马国="no"), TALK, to_path("online"),
        identified(马国="yes"), {"task": "exchange_online", "answers": {"next_step": "record"}}, of=RENT,
    ),
    "the case goes to a consultation and face to face, and back without a question": until(
        "write_online_record", write_for("consultation"), CONFIRMED, INVITED, REFUSED_ADVICE, TALK,
        to_path("online"), {"task": "exchange_online", "answers": {"next_step": "record"}}, of=RENT,
    ),
    "the case goes on television after a confirmed record": until(
        "write_online_record", write_for("tv"), CONFIRMED, assessed(), of=RENT
    ),
    "the case goes on face to face after a confirmed record": until(
        "write_online_record", write_for("face_to_face"), CONFIRMED, TALK, of=RENT
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ONLINE_TURNS)
def test_an_online_mediation_takes_each_of_its_other_ways(name: str, tmp_path: Path) -> None:
    steps = ONLINE_TURNS[name]
    played = play(changed(RENT, tmp_path, steps, HALFWAY), tmp_path)
    assert played == [step["task"] for step in steps]


@pytest.mark.slow
def test_a_consultation_goes_on_online_after_its_opinion(tmp_path: Path) -> None:
    names = ("郑秀芳", "罗守田", "恒川置业有限公司")
    moved = to_path("online", *names)
    moved["answers"] = moved["answers"] | {"held_on": "2026-10-20"}
    steps = until("hold_joint_session", moved, said_online(**dict.fromkeys(names, "yes")))
    played = play(changed(CERTIFICATES, tmp_path, steps, HALFWAY), tmp_path)
    assert played[-2:] == ["hold_joint_session", "record_online_consents"]
