"""Follow-up: money stays exact, a default comes after the day, and a worker's papers hold its own part."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from engine import errors, jobs, mediation, service_tasks
from engine.documents.templates import fill
from engine.mediation import cases, documents, lookup, payment_orders
from engine.mediation.follow_up_page import PerformanceView, performance_view
from engine.mediation.follow_ups import Outcome, Part, record_follow_up
from engine.mediation.payment_orders import make_payment_order
from engine.models.base import new_id
from engine.models.processes import ProcessInstance
from engine.policy import Actor
from engine.services import Services, ServiceTask

from ..conftest import House
from .conftest import Desk, dispute, obligation, person

FIRST, SECOND = dt.date(2026, 3, 10), dt.date(2026, 3, 31)
TEMPLATE = "processes/documents/payment_order.html"


@pytest.fixture
def house(sqlite_url: str, make_house: Callable[..., House]) -> House:
    """Where an application is printed its text is kept instead."""

    def work(call: Any) -> Any:
        with call.engine.sessions.query(call.tenant_id) as session:
            root = session.scalars(select(ProcessInstance).where(ProcessInstance.id == call.root_id)).one()
            contexts = payment_orders.contexts_of(session, call, root)
        with open(TEMPLATE, encoding="utf-8") as file:
            template = file.read()
        return [(one, said["creditor"]["name"], fill(template, said).encode()) for one, said in contexts]

    tasks = {"issue_payment_orders": ServiceTask(work, payment_orders.keep_applications)}
    return make_house(
        sqlite_url, Services(tasks=tasks, effects=mediation.EFFECTS, facts=mediation.facts.FACTS)
    )


def binding(desk: Desk, kind: str = "labour", workers: int = 2, respondent: str = "legal") -> Desk:
    """Each worker is owed 100.01 yuan in two parts, and the agreement binds."""
    boss = {"kind": respondent, "name": "劳务公司", "address": "滨江路21号"}
    applicants = [person(f"工人{index}") for index in range(workers)]
    everybody = {"applicants": applicants, "respondents": [boss]}
    desk.perform(
        cases.case_registered, desk.house.reception, **dispute() | everybody | {"dispute_type": kind}
    )
    with desk.query() as session:
        desk.party_ids = [party.id for party in lookup.parties_of(session, desk.case_id)]
    desk.consent().appoint()
    *creditors, debtor = desk.party_ids
    instalments = [
        {"amount": Decimal("50.00"), "due_on": FIRST},
        {"amount": Decimal("50.01"), "due_on": SECOND},
    ]
    money = {"amount": Decimal("100.01"), "action": "支付工资", "instalments": instalments}
    owed = [obligation(debtor, creditor, **money) for creditor in creditors]
    desk.draft(obligations=owed).approve()
    with desk.command() as session:
        lookup.drafted_agreement(session, desk.case_id).effective_at = desk.house.clock()
    return desk


@pytest.fixture
def bound(desk: Desk) -> Desk:
    return binding(desk)


def parts(desk: Desk) -> dict[str, Part]:
    return {part.number: part for part in shown(desk, desk.house.mediator).parts}


def shown(desk: Desk, actor: Actor) -> PerformanceView:
    with desk.query() as session:
        case = lookup.case_of(session, desk.case_id)
        return performance_view(session, actor, case, desk.house.clock())


def said(desk: Desk, number: str, result: str, key: str = "", **given: Any) -> None:
    new = Outcome(parts(desk)[number].id, result, **{"happened_on": FIRST, "note": "回单"} | given)
    record_follow_up(desk.house.engine, desk.house.mediator, desk.case_id, new, key or new_id())


def refused(desk: Desk, number: str, result: str, **given: Any) -> set[str]:
    with pytest.raises(errors.InvalidAnswers) as wrong:
        said(desk, number, result, **given)
    return set(wrong.value.errors)


def to_day(desk: Desk, day: dt.date) -> None:
    desk.house.clock.moment = dt.datetime.combine(day, dt.time(4), dt.UTC)


def default(desk: Desk, number: str, **given: Any) -> None:
    to_day(desk, dt.date(2026, 4, 2))
    told = {"happened_on": dt.date(2026, 4, 1), "claim": "wages", "note": "没有付"} | given
    said(desk, number, "not_performed", **told)
    jobs.run_due(desk.house.engine, service_tasks.HANDLERS)


def test_what_is_paid_and_owed_is_exact_and_an_entry_repeated_counts_once(bound: Desk) -> None:
    assert {number: part.owed for number, part in parts(bound).items()} == {
        "1.1": Decimal("50.00"), "1.2": Decimal("50.01"), "2.1": Decimal("50.00"), "2.2": Decimal("50.01"),
    }  # fmt: skip
    to_day(bound, FIRST)
    for _ in range(2):
        said(bound, "1.2", "part", key="once", amount=Decimal("0.02"))
    said(bound, "1.1", "performed")
    assert shown(bound, bound.house.mediator).owed == Decimal("150.00")
    assert parts(bound)["1.2"].paid == Decimal("0.02")
    assert (parts(bound)["1.1"].state, parts(bound)["1.1"].owed) == ("performed", 0)


def test_a_day_is_over_when_it_is_over_and_only_then_is_a_part_in_default(bound: Desk) -> None:
    to_day(bound, FIRST)
    assert parts(bound)["1.1"].state == "open"
    assert refused(bound, "1.1", "not_performed") == {"happened_on"}
    to_day(bound, FIRST + dt.timedelta(days=1))
    assert parts(bound)["1.1"].state == "overdue"
    said(bound, "1.1", "not_performed", happened_on=FIRST + dt.timedelta(days=1))
    assert parts(bound)["1.1"].state == "default"


def test_only_both_together_put_a_part_off_and_then_it_is_not_in_default(bound: Desk) -> None:
    default(bound, "1.2")
    later = dt.date(2026, 5, 1)
    today = {"happened_on": dt.date(2026, 4, 2)}
    assert refused(bound, "1.2", "deferred", due_on=later, **today) == {"both_agree"}
    assert refused(bound, "1.2", "deferred", both_agree=True, **today) == {"due_on"}
    assert refused(bound, "1.2", "deferred", both_agree=True, due_on=SECOND, **today) == {"due_on"}
    said(bound, "1.2", "deferred", both_agree=True, due_on=later, **today)
    assert (parts(bound)["1.2"].state, parts(bound)["1.2"].due_on) == ("open", later)


@pytest.mark.parametrize(
    ("result", "given", "places"),
    [
        ("lost", {}, {"result"}),
        ("performed", {"note": " "}, {"note"}),
        ("performed", {"amount": Decimal(1)}, {"amount"}),
        ("performed", {"happened_on": dt.date(2026, 3, 1)}, {"happened_on"}),
        ("performed", {"happened_on": dt.date(2026, 3, 11)}, {"happened_on"}),
        ("part", {}, {"amount"}),
        ("part", {"amount": Decimal("50.00")}, {"amount"}),
        ("part", {"amount": Decimal("0.001")}, {"amount"}),
        ("performed", {"due_on": dt.date(2026, 5, 1)}, {"due_on"}),
        ("performed", {"claim": "wages"}, {"claim"}),
    ],
)
def test_an_entry_that_cannot_be_true_is_refused_at_its_place(
    bound: Desk, result: str, given: dict[str, Any], places: set[str]
) -> None:
    to_day(bound, FIRST)
    assert refused(bound, "1.1", result, **given) == places


def test_nothing_is_recorded_before_the_agreement_binds_nor_by_a_party(desk: Desk) -> None:
    desk.ready_to_sign()
    new = Outcome("x", "performed", desk.house.clock().date(), note="回单")
    with pytest.raises(errors.LawForbids):
        record_follow_up(desk.house.engine, desk.house.mediator, desk.case_id, new, "k")
    with pytest.raises(errors.Forbidden):
        record_follow_up(desk.house.engine, desk.party(0), desk.case_id, new, "k2")


def test_a_worker_s_papers_hold_its_own_part_the_agreement_and_the_proof_of_default(bound: Desk) -> None:
    to_day(bound, FIRST)
    said(bound, "1.1", "performed")
    said(bound, "1.2", "part", amount=Decimal("0.01"))
    default(bound, "1.2")
    default(bound, "2.2", note="另一人的")
    packet = make_payment_order(
        bound.house.engine, bound.house.reception, bound.case_id, bound.party_ids[0], "p"
    )
    with zipfile.ZipFile(io.BytesIO(packet.content)) as held:
        texts = {name: held.read(name) for name in held.namelist()}
    assert [name.split(" ")[-1] for name in packet.names] == [
        "支付令申请书（工人0）.pdf", "人民调解协议书.pdf", "履行情况记录.txt",
    ]  # fmt: skip
    application, proof = texts[packet.names[0]].decode(), texts[packet.names[2]].decode()
    assert 'data-field="owed">50.00<' in application
    assert "伍拾元整" in application
    assert "部分履行 0.01元 回单" in proof
    assert "未履行 没有付" in proof
    assert "另一人的" not in application + proof


def test_no_papers_are_handed_out_that_ask_for_what_was_paid_since_they_were_printed(bound: Desk) -> None:
    house = bound.house
    default(bound, "1.2")
    house.clock.moment += dt.timedelta(minutes=5)
    said(bound, "1.2", "part", amount=Decimal("50.00"), happened_on=dt.date(2026, 4, 2))
    with pytest.raises(errors.NotReady):
        make_payment_order(house.engine, house.mediator, bound.case_id, bound.party_ids[0], "p")
    jobs.run_due(house.engine, service_tasks.HANDLERS)
    packet = make_payment_order(house.engine, house.mediator, bound.case_id, bound.party_ids[0], "p")
    with zipfile.ZipFile(io.BytesIO(packet.content)) as held:
        assert 'data-field="owed">0.01<' in held.read(packet.names[0]).decode()


def test_an_application_is_taken_back_once_the_debt_is_paid(bound: Desk) -> None:
    default(bound, "1.2")
    rows = documents.list_documents(bound.house.engine, bound.house.mediator, bound.case_id)
    assert "payment_order" in {row.kind for row in rows}
    others = documents.list_documents(bound.house.engine, bound.party(1), bound.case_id)
    assert "payment_order" not in {row.kind for row in others}
    said(bound, "1.2", "performed", happened_on=dt.date(2026, 4, 2))
    jobs.run_due(bound.house.engine, service_tasks.HANDLERS)
    rows = documents.list_documents(bound.house.engine, bound.house.mediator, bound.case_id)
    assert "payment_order" not in {row.kind for row in rows}
    with pytest.raises(errors.LawForbids):
        make_payment_order(bound.house.engine, bound.house.mediator, bound.case_id, bound.party_ids[0], "p")


@pytest.mark.parametrize(("kind", "respondent"), [("traffic", "legal"), ("labour", "natural")])
def test_a_payment_order_is_for_workers_against_employers_only(
    desk: Desk, kind: str, respondent: str
) -> None:
    binding(desk, kind, workers=1, respondent=respondent)
    to_day(desk, dt.date(2026, 4, 2))
    told = {"happened_on": dt.date(2026, 4, 1), "claim": "wages"}
    assert refused(desk, "1.2", "not_performed", **told) == {"claim"}
    default(desk, "1.2", claim="")
    with pytest.raises(errors.LawForbids):
        make_payment_order(desk.house.engine, desk.house.mediator, desk.case_id, desk.party_ids[0], "p")


def test_the_parties_read_what_is_owed_and_only_the_staff_makes_the_papers(bound: Desk) -> None:
    default(bound, "1.2")
    assert [one[2] for one in shown(bound, bound.house.mediator).claims] == [Decimal("50.01")]
    party = shown(bound, bound.party(0))
    assert (len(party.parts), party.claims) == (4, [])
    assert [(list(part.entries), part.claim) for part in party.parts] == [([], "")] * 4
