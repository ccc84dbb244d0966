import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import bpmn, errors, instances, jobs, mediation, service_tasks
from engine.documents import authority
from engine.documents.render import Renderer
from engine.incidents import count_incidents
from engine.mediation import agreements, documents, guards, invariants, lookup, marks, office, sheets
from engine.models.agreements import Mark
from engine.policy import Actor
from engine.services import Effect, Result, Services, ServiceTask

from ..conftest import MORNING, TENANT, House
from .conftest import TODAY, Desk, scanned_sheet
from .test_journey import NOTICE, ROOT, SIGNATURE, STYLE, TEXT, Journey

pytestmark = pytest.mark.slow

NOWHERE = office.Office(None, None)  # type: ignore[arg-type]
ROUTES = {
    "end_code": "deadlock",
    "reason": "谈不拢",
    "routes": ["court"],
    "manner": "phone",
    "told_on": TODAY,
}
APPROVED = {"decision": "approved", "lawful": True, "clear": True, "voluntary": True}
SIGNING = {
    "party_mark_made", "mediator_mark_made", "signed_sheet_received", "agreement_sealed",
    "oral_agreement_confirmed", "fact_sheet_signed", "fact_sheet_received",
    "household_answered", "joining_closed",
}  # fmt: skip
CHANGING = sorted((set(mediation.EFFECTS) | SIGNING) - set(mediation.AFTERWARDS))


@pytest.fixture
def services(renderer: Renderer, issuer: authority.Authority) -> Services:
    return mediation.services(renderer, issuer)


def set_effective(desk: Desk) -> None:
    with desk.command() as session:
        lookup.drafted_agreement(session, desk.case_id).effective_at = MORNING


@pytest.mark.parametrize("name", CHANGING)
def test_nothing_changes_an_agreement_that_binds(desk: Desk, services: Services, name: str) -> None:
    desk.ready_to_sign()
    set_effective(desk)
    with pytest.raises(errors.LawForbids, match=r"Arts\. 31 and 32"):
        desk.perform(services.effects[name], desk.house.mediator)


def test_copies_are_served_of_an_agreement_that_binds_and_a_broadcast_goes_on(
    desk: Desk, services: Services
) -> None:
    assert set(services.effects) - set(CHANGING) == {
        "copies_served", "broadcast_consents_recorded", "cooling_off_begun", "edit_locked",
        "footage_previewed", "footage_broadcast", "footage_taken_down", "report_made", "report_decided",
        "oral_register_sealed",
    }  # fmt: skip
    desk.ready_to_sign()
    set_effective(desk)
    copies = [{"party_id": one, "manner": "paper", "served_on": TODAY} for one in desk.party_ids]
    desk.perform(services.effects["copies_served"], desk.house.reception, copies=copies)


@pytest.mark.parametrize("name", CHANGING)
def test_nothing_goes_on_after_the_parties_were_told_of_other_ways(
    desk: Desk, services: Services, name: str
) -> None:
    desk.ready_to_sign().agree()
    desk.perform(services.effects["routes_notice_served"], desk.house.reception, **ROUTES)
    with pytest.raises(errors.LawForbids, match=r"Art\. 26"):
        desk.perform(services.effects[name], desk.house.mediator)


def test_the_guard_asks_the_database_once(desk: Desk, statements: list[str]) -> None:
    desk.ready_to_sign()
    with desk.query() as session:
        statements.clear()
        guards.require_open(session, desk.case_id, MORNING)
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_a_text_is_not_printed_over_marks(desk: Desk) -> None:
    kept: list[object] = []

    def keep(result: Result) -> dict[str, Any]:
        kept.append(result.value)
        return {}

    store = guards.before_marks(ServiceTask(lambda _call: None, keep)).store

    def print_again() -> None:
        with desk.command() as session:
            root = instances.lock(session, desk.case_id)
            store(Result(session, desk.house.engine, root, {}, b"text", desk.house.clock()))

    desk.ready_to_sign()
    print_again()
    add_mark(desk, "party", desk.party_ids[0])
    with pytest.raises(errors.LawForbids, match=r"Art\. 29"):
        print_again()
    assert kept == [b"text"]


def add_mark(desk: Desk, kind: str, signer_id: str) -> None:
    with desk.command() as session:
        agreement = lookup.drafted_agreement(session, desk.case_id)
        session.add(
            Mark(
                tenant_id=TENANT, id=f"{kind}{signer_id}"[-36:], agreement_id=agreement.id,
                medium="electronic", signer_kind=kind, signer_id=signer_id, name="名", kind="signature",
                made_at=MORNING, entered_by=signer_id,
            )
        )  # fmt: skip


def with_roles(actor: Actor, *roles: str) -> Actor:
    return Actor(TENANT, actor.id, actor.name, frozenset(roles))


def test_the_text_is_checked_by_an_outsider(desk: Desk) -> None:
    desk.ready_to_sign()
    mediator = with_roles(desk.house.mediator, "mediator", "chief_mediator")
    with pytest.raises(errors.ChecksOwnCase):
        desk.perform(agreements.legality_checked, mediator, **APPROVED)
    with pytest.raises(errors.Forbidden):
        desk.perform(agreements.legality_checked, desk.party(0), **APPROVED)


def test_whoever_drafted_a_text_does_not_check_it_for_the_next_mediator(desk: Desk) -> None:
    desk.ready_to_sign()
    with desk.command() as session:
        lookup.case_of(session, desk.case_id).mediator_id = desk.house.reception.id
    with pytest.raises(errors.ChecksOwnCase):
        desk.perform(agreements.legality_checked, desk.house.mediator, **APPROVED)


@pytest.fixture
def entered(desk: Desk, renderer: Renderer, issuer: authority.Authority) -> Desk:
    desk.ready_to_sign(subjects=["inheritance"])
    scan = documents.store_file(desk.house.engine, desk.house.mediator, "扫描", scanned_sheet())
    receive = partial(sheets.signed_sheet_received, office.Office(renderer, issuer))
    desk.perform(receive, desk.house.mediator, scan=[scan], complete=True)
    enter(desk)
    return desk


def enter(desk: Desk) -> None:
    kinds = dict.fromkeys(desk.party_ids, "fingerprint") | {"mediator": "signature", "committee": "seal"}
    rows = [{"signer": signer, "kind": kind, "made_on": TODAY} for signer, kind in kinds.items()]
    desk.perform(sheets.marks_entered, desk.house.seal_keeper, marks=rows)


CONFIRM: Effect = mediation.EFFECTS["marks_confirmed"]


def test_dates_are_confirmed_by_an_outsider(entered: Desk) -> None:
    mediator = with_roles(entered.house.mediator, "mediator", "chief_mediator")
    for answer in ("yes", "no"):
        with pytest.raises(errors.ChecksOwnCase):
            entered.perform(CONFIRM, mediator, confirm=answer)
        with pytest.raises(errors.Forbidden):
            entered.perform(CONFIRM, entered.party(0), confirm=answer)
        with pytest.raises(errors.SamePersonConfirms):
            entered.perform(CONFIRM, entered.house.seal_keeper, confirm=answer)
    entered.perform(CONFIRM, entered.house.chief_mediator, confirm="yes")
    assert entered.fact()["effective"] is True


def mark_count(desk: Desk) -> int:
    with desk.query() as session:
        return session.scalars(select(func.count()).select_from(Mark)).one()


def test_dates_found_wrong_are_forgotten_and_entered_again(entered: Desk) -> None:
    assert mark_count(entered) == 4
    entered.perform(CONFIRM, entered.house.chief_mediator, confirm="no", difference="日期有误")
    assert mark_count(entered) == 0
    enter(entered)
    entered.perform(CONFIRM, entered.house.chief_mediator, confirm="yes")
    assert entered.fact()["effective"] is True


def test_the_mediator_signs_after_all_parties_and_the_seal_comes_last(desk: Desk) -> None:
    desk.ready_to_sign(1, 2).agree()

    def missing(effect: Callable[..., None], actor: Actor) -> str:
        with pytest.raises(errors.MarksMissing) as refused:
            desk.perform(partial(effect, NOWHERE), actor, read=True, confirm=True)
        return str(refused.value.params["names"])

    house = desk.house
    add_mark(desk, "party", desk.party_ids[1])
    assert missing(marks.mediator_mark_made, house.mediator) == "申请人0、被申请人1"
    assert missing(marks.agreement_sealed, house.seal_keeper) == "申请人0、被申请人1、mediator"
    add_mark(desk, "party", desk.party_ids[0])
    add_mark(desk, "party", desk.party_ids[2])
    assert missing(marks.agreement_sealed, house.seal_keeper) == "mediator"


Change = Callable[[dict[str, bytes]], None]
MakeJourney = Callable[..., Journey]


@pytest.fixture
def make_journey(
    sqlite_url: str, make_house: Callable[..., House], services: Services, issuer: authority.Authority
) -> MakeJourney:
    def make(change: Change = lambda _files: None, lint: Any = lambda _day: bpmn.Law()) -> Journey:
        """Deployed without the lint's proof of the law: the guards must hold alone."""
        house = make_house(sqlite_url, replace(services, law=lint))
        shipped: list[Path] = [*ROOT.glob("processes/*.[bd]*n"), *ROOT.glob("forms/*.form")]
        files = {path.name: path.read_bytes() for path in shipped}
        files |= {f"{name}.html": NOTICE.encode() for name in ("receipt", "routes_notice", "rights_notice")}
        files |= {"agreement.html": TEXT.encode(), "print.css": STYLE.encode()}
        change(files)
        house.deploy(files)
        return Journey(house, issuer)

    return make


def replaced(files: dict[str, bytes], name: str, old: str, new: str) -> None:
    found = files[name].decode()
    assert len(re.findall(old, found, re.DOTALL)) >= 1
    files[name] = re.sub(old, new, found, flags=re.DOTALL).encode()


def sign_straight_away(files: dict[str, bytes]) -> None:
    """Never by paper, and the form that asks for the way of signing has no effect any more."""
    replaced(files, "agreement.bpmn", '=case.signing_mode = "paper"', "=false")
    replaced(files, "agree_signing_method.form", '"effects": "[^"]*"', '"effects": ""')


def test_an_inheritance_of_brothers_is_not_signed_electronically_whatever_the_diagram_offers(
    make_journey: MakeJourney,
) -> None:
    journey = make_journey(sign_straight_away).drafting(2)
    for left in ("被申请人1", None):
        journey.approved(subjects=["inheritance"])
        methods = journey.rows("methods", "agree_signing_method", agrees="yes")
        journey.do("agree_signing_method", journey.house.mediator, **methods)
        assert list(journey.open()) == ["sign_agreement"]
        for party in journey.parties().values():
            with pytest.raises(errors.LawForbids, match=r"Electronic Signature Law Art\. 3"):
                journey.do("sign_agreement", party, read=True, signature=SIGNATURE)
        if left:
            journey.withdraw(left, journey.house.reception)


def test_a_withdrawal_between_signatures_does_not_carry_marks_into_an_inheritance(
    make_journey: MakeJourney,
) -> None:
    journey = make_journey().signing(2)
    first, second, third = journey.parties().values()
    journey.do("sign_agreement", first, read=True, signature=SIGNATURE)
    journey.do("sign_agreement", second, read=True, signature=SIGNATURE)
    journey.withdraw("被申请人1", third)
    journey.approved(subjects=["inheritance"])
    assert list(journey.open()) == ["receive_signed_sheet"]
    assert len(journey.view().missing_marks) == 4


def test_a_party_does_not_leave_when_all_marks_are_on_the_sheet(make_journey: MakeJourney) -> None:
    journey = make_journey().drafting().approved(subjects=["inheritance"])
    house = journey.house
    scan = documents.store_file(house.engine, house.mediator, "sheet.png", scanned_sheet())
    journey.do("receive_signed_sheet", house.mediator, scan=[scan], complete=True)
    journey.do(
        "enter_mark_dates", house.seal_keeper, **journey.rows("marks", "enter_mark_dates", made_on=TODAY)
    )
    with pytest.raises(errors.LawForbids, match=r"Art\. 29 .*confirmed first"):
        journey.withdraw("申请人0", house.reception)
    journey.do("confirm_mark_dates", house.chief_mediator, confirm="no", difference="日期有误")
    journey.withdraw("申请人0", house.reception)
    assert list(journey.open()) == ["tell_other_routes"]


def unheard(message: str) -> Change:
    return lambda files: replaced(files, "mediation.bpmn", f'name="{message}"', 'name="unheard_of"')


@pytest.mark.parametrize(
    ("change", "element_id"),
    [(sign_straight_away, "sign_agreement"), (unheard("mediation_ended"), "hold_joint_session")],
)
def test_such_diagrams_are_not_deployed_in_the_first_place(
    make_journey: MakeJourney, change: Change, element_id: str
) -> None:
    with pytest.raises(errors.DiagramRefused) as refused:
        make_journey(change, invariants.law_on)
    assert element_id in str(refused.value.params["element_ids"])


def test_a_withdrawal_that_no_diagram_receives_holds_and_stands_still_as_an_incident(
    make_journey: MakeJourney,
) -> None:
    journey = make_journey(unheard("mediation_ended")).mediating(2)
    house, before = journey.house, journey.open()
    journey.withdraw("被申请人0", house.reception)
    jobs.run_due(house.engine, service_tasks.HANDLERS)
    assert count_incidents(house.engine, house.reception) == 0
    journey.withdraw("被申请人1", house.reception)
    jobs.run_due(house.engine, service_tasks.HANDLERS)
    assert count_incidents(house.engine, house.reception) == 1
    assert [party.takes_part for party in journey.view().parties] == [True, False, False]
    assert (journey.open(), journey.view().end_code) == (before, "withdrawn")
    with pytest.raises(errors.LawForbids, match=r"Art\. 17"):
        journey.do("hold_separate_talk", house.mediator, needed="no")


def test_an_agreement_that_no_diagram_takes_back_is_not_signed_without_its_parties(
    make_journey: MakeJourney,
) -> None:
    journey = make_journey(unheard("agreement_overtaken")).signing(2)
    first = next(iter(journey.parties().values()))
    journey.withdraw("被申请人1", journey.house.reception)
    with pytest.raises(errors.TextOutdated):
        journey.do("sign_agreement", first, read=True, signature=SIGNATURE)
    assert list(journey.open()) == ["sign_agreement"]


def test_a_party_may_leave_a_case_that_is_already_ending(make_journey: MakeJourney) -> None:
    journey = make_journey().accepted()
    said = {"channel": "phone", "answer": "refuses", "contacted_on": TODAY}
    journey.do("invite_party", journey.house.reception, **journey.rows("answers", "invite_party", **said))
    journey.withdraw("申请人0", journey.house.reception)
    assert list(journey.open()) == ["tell_other_routes"]
