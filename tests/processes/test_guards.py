"""With the lint switched off the guard stops each of its mutants, in a case that is played."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from engine import errors, incidents, migration, policy, releases
from engine.documents.render import Renderer
from engine.mediation import cases, happenings, on_site
from engine.mediation.broadcast_ledger import ConsentWithdrawal, withdraw_consent
from engine.models.base import new_id
from tests.reliability.walks import shelved
from web import settings
from web.settings import Settings

from . import test_law, test_law_of_television
from .conftest import ROOT
from .lawless import Stopped, Walking, lawless
from .mutants import Copy
from .test_law import (
    AGREEMENT,
    CONFLICT,
    CPL_56,
    FACTS,
    METHOD,
    NOTICE,
    ONLINE_4,
    ONLINE_17,
    ONLINE_22,
    OPENING,
    PML_3,
    PML_17,
    PML_19,
    PML_20,
    PML_25,
    PML_26,
    PML_27,
    PML_28,
    PML_29,
    PML_30,
    SECRET,
    WORK_33,
)

pytestmark = pytest.mark.slow
PIPL = test_law_of_television.PIPL
MINORS = "Minors Protection Law Art. 11"
PAPER = "Electronic Signature Law Art. 3"
MUTANTS = {
    name: change for name, (change, *_) in {**test_law.MUTANTS, **test_law_of_television.MUTANTS}.items()
}
Change = Callable[[Copy], Copy]
Walk = Callable[..., Any]


def electronic_only(copy: Copy) -> Copy:
    return copy.text(AGREEMENT, '=case.signing_mode = "paper"', "=false")


def unasked_method(copy: Copy) -> Copy:
    return electronic_only(copy).text(
        "agree_signing_method.form", '"effects": "signing_method_agreed"', '"effects": ""'
    )


OWN: dict[str, Change] = {
    "a group elects nobody": lambda copy: copy.text(OPENING, ">=case.representatives_wanted<", ">=false<"),
    "a group's households are not asked": lambda copy: copy.text(AGREEMENT, ">=case.is_group<", ">=false<"),
}
# Mutant of the lint, or one of our own → script, where the case is stopped, article of the refusal.
STOPPED: dict[str, tuple[str, str, str]] = {
    "nobody is invited": ("tricycle_accident", "record_consent", PML_17),
    "consent and notice are not asked for": ("tricycle_accident", "choose_mediator", NOTICE),
    "the form no longer records consent": ("tricycle_accident", "choose_mediator", PML_17),
    "the form no longer serves the rights notice": ("tricycle_accident", "record_consent", NOTICE),
    "nobody appoints a mediator": ("tricycle_accident", "disclose_conflicts", PML_19),
    "the path begins without the opening": ("tricycle_accident", "hold_separate_talk", PML_19),
    "conflicts are not disclosed": ("tricycle_accident", "hold_separate_talk", CONFLICT),
    "undisputed facts are signed that nobody has drafted": ("three_brothers", "print_fact_sheet", FACTS),
    "the agreement is signed that nobody drafted": ("tricycle_accident", "render_agreement", PML_28),
    "nobody checks legality": ("tricycle_accident", "sign_agreement", PML_3),
    "one party's signature is enough": ("tricycle_accident", "sign_as_mediator", PML_29),
    "the mediator does not sign": ("tricycle_accident", "seal_agreement", PML_29),
    "nobody confirms the dates on paper": ("three_brothers", "seal_signed_sheet", PML_29),
    "copies are served without a seal": ("tricycle_accident", "serve_copies", PML_29),
    "nobody serves the copies": ("tricycle_accident", "compile_dossier", PML_29),
    "the register of an oral agreement is sealed before it was read out": (
        "dripping_laundry",
        "seal_oral_register",
        PML_30,
    ),
    "nobody compiles the dossier of a settled case": ("tricycle_accident", "serve_copies", PML_27),
    "nobody compiles the dossier of a case that failed": ("refused", "issue_routes_notice", PML_27),
    "nobody tells the other routes": ("refused", "issue_routes_notice", PML_26),
    "an objection to an expert changes nothing": ("consultation_certificates", "write_case_sheet", PML_20),
    "nobody asks whether the parties agree to online mediation": (
        "hospital_infection",
        "exchange_online",
        ONLINE_4,
    ),
    "nobody checks the parties' identities": ("hospital_infection", "exchange_online", ONLINE_17),
    "one party's confirmation of the record is enough": ("rent_deposit", "draft_agreement", ONLINE_22),
    "it is decided how to go on before the report": ("child_hurt", "decide_after_report", MINORS),
    "the parties see the report": ("child_hurt", "make_report", SECRET),
    "one party's word is enough for an extension": ("extended_and_expired", "extend_period", WORK_33),
    "a group elects nobody": ("group_certificates", "hold_joint_session", CPL_56),
    "a group's households are not asked": ("group_certificates", "sign_agreement", CPL_56),
    "who does not join is told of no other way": ("group_certificates", "issue_abstention_notice", PML_26),
    "there is no cooling-off": ("tv_lift", "lock_edit", PIPL.format(14)),
    "the edit is never locked": ("tv_lift", "preview_footage", PIPL.format(14)),
    "the parties do not see the cut": ("tv_lift", "lock_edit", PIPL.format(14)),
}


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings.read({"WOSHOU_DATA": str(tmp_path_factory.mktemp("guards"))})


def script_of(name: str) -> dict[str, Any]:
    script = dict(json.loads((ROOT / "tests" / "cases" / f"{name}.json").read_text(encoding="utf-8")))
    return of_few(script) if "households" in script else script


def of_few(script: dict[str, Any]) -> dict[str, Any]:
    """The same group without most of the households that join: what is stopped does not hang on them."""
    first, joining = 9, 112
    left_out = joining - first

    def fewer(value: Any) -> Any:
        if isinstance(value, list):
            return [fewer(one) for one in value]
        if not isinstance(value, dict):
            return value
        ends = {key: max(first, value[key] - left_out) for key in ("from", "to") if value.get(key, 1) > 1}
        return {key: fewer(one) for key, one in value.items()} | ends

    (election,) = (step["answers"] for step in script["steps"] if step["task"] == "elect_representatives")
    (listed, *_) = (step["answers"] for step in script["steps"] if step["task"] == "register_dispute")
    households = script["households"][:first] + script["households"][joining:]
    present = {one.split()[-1] for one in households} | {one["name"] for one in listed["applicants"]}
    election["representatives"] = [
        one | {"votes": first} for one in election["representatives"] if one["party_id"]["party"] in present
    ]
    election["households"] = first
    return script | {"households": households, "steps": fewer(script["steps"])}


@pytest.fixture(autouse=True, scope="module")
def _one_of_a_kind() -> Iterator[None]:
    """What is guarded stands in no paper: one of each kind is printed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Renderer, "render", shelved())
        yield


@contextmanager
def walking(chosen: Settings, change: Change, script: dict[str, Any]) -> Iterator[Walking]:
    with lawless(chosen, change(Copy()).files, script) as stage:
        yield Walking(stage, script)


@pytest.mark.parametrize("name", STOPPED)
def test_the_guard_stops_what_the_lint_would_have_refused(chosen: Settings, name: str) -> None:
    script, node_id, law_ref = STOPPED[name]
    with walking(chosen, {**MUTANTS, **OWN}[name], script_of(script)) as case:
        assert case.walk() == Stopped(node_id, law_ref)


def about_inheritance(script: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(script)
    for step in changed["steps"]:
        if step.get("task") == "draft_agreement":
            step["answers"]["subjects"] = ["inheritance"]
    return changed


@pytest.mark.parametrize(
    ("change", "script", "stopped"),
    [
        (electronic_only, about_inheritance, Stopped("agree_signing_method", PAPER)),
        (unasked_method, dict, Stopped("sign_agreement", METHOD)),
    ],
)
def test_nothing_is_signed_electronically_that_may_not_be(
    chosen: Settings, change: Change, script: Walk, stopped: Stopped
) -> None:
    with walking(chosen, change, script(script_of("tricycle_accident"))) as case:
        assert case.walk() == stopped


def sealing_mediator(copy: Copy) -> Copy:
    before, form, after = copy.files[AGREEMENT].partition(b'formId="seal_agreement"/>')
    keeper, mediator = (f'candidateGroups="{role}"'.encode() for role in ("seal_keeper", "mediator"))
    assert keeper in after
    copy.files[AGREEMENT] = before + form + after.replace(keeper, mediator, 1)
    return copy


def sealed_by_the_mediator(script: dict[str, Any]) -> dict[str, Any]:
    """The mediator holds the seal-keeper's role too, and tries to seal."""
    changed = copy.deepcopy(script)
    for one in changed["people"]:
        one["roles"] += ["seal_keeper"] if one["username"] == "mediator" else []
    for step in changed["steps"]:
        step["as"] = "mediator" if step.get("task") == "seal_agreement" else step["as"]
    return changed


def test_the_mediator_does_not_seal_whatever_the_diagram_and_the_roles_say(chosen: Settings) -> None:
    script = sealed_by_the_mediator(script_of("tricycle_accident"))
    with walking(chosen, sealing_mediator, script) as case:
        assert case.walk() is None
        assert case.refused["seal_agreement"] is errors.MediatorSeals
        assert case.open_tasks() == ["seal_agreement"]


UNHEARD = {
    "no party can withdraw": 1,
    "the event waits for another message": 1,
    "a withdrawal does not end the mediation": 0,
}


@pytest.mark.parametrize("name", UNHEARD)
def test_a_party_leaves_whatever_the_diagrams_hear_and_nothing_goes_on(chosen: Settings, name: str) -> None:
    script = script_of("tricycle_accident")
    with walking(chosen, MUTANTS[name], script) as case:
        assert case.walk(until(script, "hold_separate_talk")) is None
        leaving = case.person("罗小琴")
        asked = cases.Withdrawal(case.case_id, leaving.party_id or "", "不想调了")
        cases.withdraw(case.stage.engine, leaving, asked, new_id())
        assert recorded(case)[-1] == "party.withdrew"
        assert [one.takes_part for one in case.view().parties] == [False, True]
        assert case.incidents() == UNHEARD[name]
        assert case.walk() == Stopped("hold_separate_talk", PML_17)


@pytest.mark.parametrize("name", ["nothing can be reported", "the report waits for another message"])
def test_a_crime_is_reported_whatever_the_diagrams_hear_and_nothing_goes_on(
    chosen: Settings, name: str
) -> None:
    script = script_of("tricycle_accident")
    with walking(chosen, MUTANTS[name], script) as case:
        assert case.walk(until(script, "hold_separate_talk")) is None
        happened = happenings.Happened(case.case_id, "crime", "有人带刀")
        happenings.note_happening(case.stage.engine, case.person("mediator"), happened, new_id())
        assert [one.text for one in case.view("mediator").happenings] == ["有人带刀"]
        assert case.view().status == "suspended_report"
        assert case.incidents() == 1
        assert case.walk() == Stopped("hold_separate_talk", PML_25)


def test_a_party_moves_on_site_whatever_the_diagrams_hear(chosen: Settings) -> None:
    script = script_of("hospital_infection")
    with walking(chosen, MUTANTS["no party can have an online mediation moved on site"], script) as case:
        assert case.walk(until(script, "exchange_online")) is None
        party_id = case.view().parties[0].id
        asked = on_site.OnSiteRequest(case.case_id, party_id)
        on_site.ask_on_site(case.stage.engine, case.person("reception"), asked, new_id())
        assert case.view().path == "face_to_face"
        assert case.walk() == Stopped("exchange_online", ONLINE_4)


@pytest.mark.parametrize(
    ("name", "node_id"),
    [
        ("a consent taken back does not stop the work on the footage", "lock_edit"),
        ("the cameras run although a party has taken its consent back", "record_footage"),
    ],
)
def test_a_consent_is_taken_back_whatever_the_diagrams_hear(
    chosen: Settings, name: str, node_id: str
) -> None:
    script = script_of("tv_lift")
    with walking(chosen, MUTANTS[name], script) as case:
        assert case.walk(until(script, node_id)) is None
        asked = ConsentWithdrawal(case.case_id, case.view().parties[0].id, "recording")
        withdraw_consent(case.stage.engine, case.person("reception"), asked, new_id())
        assert case.walk() == Stopped(node_id, PIPL.format(15))


def test_a_message_that_was_not_heard_is_told_again_once_the_diagrams_listen(chosen: Settings) -> None:
    script = script_of("tricycle_accident")
    with walking(chosen, MUTANTS["the event waits for another message"], script) as case:
        engine, admin = case.stage.engine, policy.system(case.stage.tenant_id)
        assert case.walk(until(script, "hold_separate_talk")) is None
        leaving = case.person("罗小琴")
        asked = cases.Withdrawal(case.case_id, leaving.party_id or "")
        cases.withdraw(engine, leaving, asked, new_id())
        assert case.incidents() == 1
        releases.deploy(engine, admin, Copy().files)
        migration.migrate_case(engine, admin, case.case_id, 2, {})
        incidents.retry_case(engine, admin, case.case_id)
        case.work()
        assert case.open_tasks() == ["tell_other_routes"]
        assert case.incidents() == 0


def until(script: dict[str, Any], node_id: str) -> int:
    """How many steps come before the first one of a task."""
    return next(at for at, step in enumerate(script["steps"]) if step.get("task") == node_id)


def recorded(case: Walking) -> list[str]:
    return [row.action for row in case.view().timeline]
