"""Judicial confirmation: all together, within the days that held, never of status or title."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine import calendar, errors, jobs, mediation, service_tasks
from engine.documents.templates import fill
from engine.mediation import confirmations, contexts, documents, law_changes, lookup, papers
from engine.mediation.confirmation_page import ConfirmationView, confirmation_view, show_confirmation
from engine.mediation.confirmations import Application, Ruling, apply_for_confirmation, record_ruling
from engine.models.base import new_id
from engine.models.confirmations import Confirmation
from engine.models.processes import ProcessInstance
from engine.models.records import AuditRow
from engine.policy import Actor
from engine.services import Services, ServiceTask

from ..conftest import House
from .conftest import TODAY, Desk

# Thirty days after 2 March 2026, a Wednesday.
LAST = dt.date(2026, 4, 1)
COURT = "合川区人民法院"
TEMPLATE = "processes/documents/confirmation_application.html"


@pytest.fixture
def house(sqlite_url: str, make_house: Callable[..., House]) -> House:
    """Where the application is printed its text is kept instead."""

    def work(call: Any) -> bytes:
        with call.engine.sessions.query(call.tenant_id) as session:
            root = session.scalars(select(ProcessInstance).where(ProcessInstance.id == call.root_id)).one()
            said = contexts.context_of(session, call.engine.keys, root, call.properties["document"])
        with open(TEMPLATE, encoding="utf-8") as file:
            return fill(file.read(), said).encode()

    tasks = {"issue_document": ServiceTask(work, papers.issue)}
    return make_house(
        sqlite_url, Services(tasks=tasks, effects=mediation.EFFECTS, facts=mediation.facts.FACTS)
    )


@pytest.fixture
def bound(desk: Desk) -> Desk:
    return bind(desk.ready_to_sign().with_template(f"{confirmations.KIND}.html"))


def bind(desk: Desk) -> Desk:
    with desk.command() as session:
        lookup.drafted_agreement(session, desk.case_id).effective_at = desk.house.clock()
    return desk


def to_day(desk: Desk, day: dt.date) -> None:
    desk.house.clock.moment = dt.datetime.combine(day, dt.time(4), dt.UTC)


def apply(desk: Desk, key: str = "", actor: Actor | None = None, **given: Any) -> None:
    who = {"party_ids": desk.party_ids, "court": COURT, "applied_on": calendar.day_of(desk.house.clock())}
    new = Application(**who | given)
    apply_for_confirmation(
        desk.house.engine, actor or desk.house.reception, desk.case_id, new, key or new_id()
    )


def rule(desk: Desk, result: str = "confirmed", key: str = "", **given: Any) -> None:
    said = {"ruled_on": calendar.day_of(desk.house.clock()), "reference": "调确第12号"} | given
    record_ruling(
        desk.house.engine, desk.house.reception, desk.case_id, Ruling(result, **said), key or new_id()
    )


def shown(desk: Desk, actor: Actor | None = None) -> ConfirmationView | None:
    with desk.query() as session:
        case = lookup.case_of(session, desk.case_id)
        return confirmation_view(session, desk.house.engine, actor or desk.house.reception, case)


def state(desk: Desk) -> str:
    view = shown(desk)
    assert view is not None
    return view.state


def refused(act: Callable[..., None], desk: Desk, *args: Any, **given: Any) -> set[str]:
    with pytest.raises(errors.InvalidAnswers) as wrong:
        act(desk, *args, **given)
    return set(wrong.value.errors)


def test_before_the_agreement_binds_there_is_nothing_to_confirm(desk: Desk) -> None:
    desk.ready_to_sign()
    assert shown(desk) is None
    with pytest.raises(errors.LawForbids, match=r"Art\. 33.*does not bind"):
        apply(desk)


def test_all_may_apply_until_the_thirtieth_day_and_not_on_the_next(bound: Desk) -> None:
    view = shown(bound)
    assert view is not None
    assert (view.state, view.last_day, view.court) == ("open", LAST, "")
    to_day(bound, LAST + calendar.ONE)
    assert state(bound) == "lapsed"
    with pytest.raises(errors.LawForbids, match=r"Art\. 33.*are over"):
        apply(bound)
    # What happened within the days may be recorded after them.
    apply(bound, applied_on=LAST)
    assert state(bound) == "applied"


def test_a_last_day_of_rest_moves_to_the_next_working_day(desk: Desk) -> None:
    # The thirtieth day after it is the third of April's days of rest for Qingming.
    to_day(desk, dt.date(2026, 3, 6))
    view = shown(bind(desk.ready_to_sign()))
    assert view is not None
    assert view.last_day == dt.date(2026, 4, 7)


def test_a_changed_limit_holds_for_agreements_that_bind_after_it(bound: Desk) -> None:
    change = law_changes.LimitChange("confirmation.window", 20, TODAY + calendar.ONE, "通知", "试点")
    law_changes.change_limit(bound.house.engine, bound.house.administrator, change)
    view = shown(bound)
    assert view is not None
    assert view.last_day == LAST


def test_only_all_who_are_bound_apply_together(bound: Desk) -> None:
    for some in (bound.party_ids[:1], [], [*bound.party_ids, "somebody"]):
        with pytest.raises(errors.LawForbids, match=r"Art\. 33.*together"):
            apply(bound, party_ids=some)
    assert state(bound) == "open"


@pytest.mark.parametrize("subject", ["status", "real_right"])
def test_status_and_titles_are_never_confirmed(desk: Desk, subject: str) -> None:
    bind(desk.ready_to_sign(subjects=["payment", subject]))
    assert state(desk) == "barred"
    with pytest.raises(errors.LawForbids, match=r"Art\. 355"):
        apply(desk)


def test_the_application_is_printed_for_all_who_apply_and_recorded_once(bound: Desk) -> None:
    for _ in range(2):
        apply(bound, key="same")
    jobs.run_due(bound.house.engine, service_tasks.HANDLERS)
    for actor in (bound.party(0), bound.party(1), bound.house.mediator):
        rows = documents.list_documents(bound.house.engine, actor, bound.case_id)
        (paper,) = [row for row in rows if row.kind == confirmations.KIND]
        said = documents.read_document(bound.house.engine, actor, paper.id).content.decode()
        for told in ("申请人0", "被申请人0", COURT, "2026年3月2日", "恶意串通", "一次付清。"):
            assert told in said
    with bound.query() as session:
        assert len(session.scalars(select(Confirmation)).all()) == 1
        actions = session.scalars(select(AuditRow.action).where(AuditRow.chain_id == bound.case_id)).all()
    assert actions.count("confirmation.applied") == 1


def test_a_release_from_before_there_were_applications_prints_none(desk: Desk) -> None:
    bind(desk.ready_to_sign())
    apply(desk)
    assert jobs.run_due(desk.house.engine, service_tasks.HANDLERS) == 0
    assert state(desk) == "applied"


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"applied_on": TODAY - calendar.ONE}, "applied_on"),
        ({"applied_on": TODAY + calendar.ONE}, "applied_on"),
        ({"court": "  "}, "court"),
        ({"court": "院" * 501}, "court"),
    ],
)
def test_what_is_wrong_with_an_application_is_named_at_its_place(
    bound: Desk, given: dict[str, Any], where: str
) -> None:
    assert refused(apply, bound, **given) == {where}


def test_a_second_application_waits_for_the_first_to_be_withdrawn_or_not_accepted(bound: Desk) -> None:
    apply(bound)
    assert refused(apply, bound) == {"applied_on"}
    rule(bound, "not_accepted", reference="")
    assert state(bound) == "open"
    apply(bound)
    rule(bound, "withdrawn", reference="", note="重新协商")
    apply(bound)
    rule(bound)
    assert state(bound) == "confirmed"
    assert refused(apply, bound) == {"applied_on"}
    view = shown(bound)
    assert view is not None
    assert [one.result for one in view.applications] == ["not_accepted", "withdrawn", "confirmed"]
    assert view.waiting is None


@pytest.mark.parametrize(
    ("result", "given", "where"),
    [
        ("maybe", {}, "result"),
        ("confirmed", {"reference": " "}, "reference"),
        ("dismissed", {"reference": ""}, "reference"),
        ("confirmed", {"ruled_on": TODAY - calendar.ONE}, "ruled_on"),
        ("confirmed", {"ruled_on": TODAY + calendar.ONE}, "ruled_on"),
        ("confirmed", {"note": "字" * 501}, "note"),
    ],
)
def test_what_is_wrong_with_a_ruling_is_named_at_its_place(
    bound: Desk, result: str, given: dict[str, Any], where: str
) -> None:
    apply(bound)
    assert refused(rule, bound, result, **given) == {where}
    assert state(bound) == "applied"


def test_there_is_no_ruling_without_an_application_and_a_repeated_one_counts_once(bound: Desk) -> None:
    with pytest.raises(errors.NotFound):
        rule(bound)
    apply(bound)
    for _ in range(2):
        rule(bound, "dismissed", key="same")
    assert state(bound) == "dismissed"
    assert refused(apply, bound) == {"applied_on"}


def test_parties_see_how_it_stands_and_do_not_record_it(bound: Desk) -> None:
    view = shown(bound, bound.party(1))
    assert view is not None
    assert view.last_day == LAST
    for actor in (bound.party(0), bound.house.actors["seal_keeper"]):
        with pytest.raises(errors.Forbidden):
            apply(bound, actor=actor)
        with pytest.raises(errors.Forbidden):
            show_confirmation(bound.house.engine, actor, bound.case_id)


def test_whom_the_agreement_does_not_bind_sees_nothing_of_it(bound: Desk) -> None:
    with bound.command() as session:
        lookup.parties_of(session, bound.case_id)[0].withdrawn_at = bound.house.clock()
    assert shown(bound, bound.party(0)) is None
