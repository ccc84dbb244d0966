"""A limit changed from a day on: who may, what is refused, and when it holds."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import audit, bpmn, calendar, due, errors, feel, instances, mediation
from engine.calendar import day_of
from engine.mediation import law, law_changes, limits, register
from engine.mediation.law_changes import LimitChange
from engine.mediation.limits import Limit
from engine.models.law import LawChange
from engine.models.processes import UserTask
from engine.models.records import AuditRow
from engine.policy import Actor
from engine.scope import Scope
from engine.services import Services
from tests.diagrams import in_line, user_task

from ..conftest import MORNING, TENANT, House
from .conftest import TODAY

OPENING = Path(__file__).parents[2] / "processes" / "opening.bpmn"
DAY = dt.timedelta(days=1)
IN_MAY = dt.date(2026, 5, 1)
TO_TWENTY = LimitChange("mediation.delegated", 20, IN_MAY, "高院通知〔2026〕3号", "上级通知缩短期限")


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    """On both databases: which row holds is what the database finds."""
    return make_house(url, Services(effects=mediation.EFFECTS, facts=mediation.facts.FACTS))


def change(house: House, **changed: object) -> None:
    new = replace(TO_TWENTY, **changed)  # type: ignore[arg-type]
    law_changes.change_limit(house.engine, house.administrator, new)


def limit(house: House, on: dt.date, key: str = TO_TWENTY.key, tenant_id: str = TENANT) -> Limit:
    with house.engine.sessions.query(tenant_id) as session:
        return limits.limit(session, key, on)


def changes(house: House) -> Sequence[LawChange]:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(LawChange)).all()


def test_a_changed_limit_holds_from_its_day_and_keeps_its_article(house: House) -> None:
    change(house)
    before, after = limit(house, IN_MAY - DAY), limit(house, IN_MAY)
    assert (before.value, before.is_changed) == (30, False)
    assert (after.value, after.unit, after.is_changed) == (20, limits.DAYS, True)
    assert (after.law_ref, after.source) == (before.law_ref, "高院通知〔2026〕3号")
    assert limit(house, IN_MAY, "labour.award").value == 45


def test_a_limit_changes_again_and_a_slip_for_the_same_day_is_put_right(house: House) -> None:
    change(house)
    change(house, value=25, effective_from=IN_MAY + 30 * DAY)
    change(house, value=21)
    found = [limit(house, IN_MAY + days * DAY).value for days in (-1, 0, 29, 30)]
    assert found == [30, 21, 21, 25]


def test_a_month_may_become_twenty_days_but_no_working_days(house: House) -> None:
    change(house, key="mediation.normal", unit=limits.DAYS)
    assert [limit(house, day, "mediation.normal").unit for day in (TODAY, IN_MAY)] == ["months", "days"]
    with pytest.raises(errors.InvalidAnswers) as refused:
        change(house, key="mediation.normal", unit=limits.WORKING_DAYS)
    assert set(refused.value.errors) == {"unit"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "mediation.unheard_of"), ("value", 0), ("value", -1), ("value", 1_001), ("value", 20.5),
        ("value", "20"), ("value", True), ("effective_from", TODAY - DAY), ("reason", " "), ("source", ""),
        ("reason", "长" * 1_001), ("unit", "weeks"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_place_and_leaves_nothing(
    house: House, field: str, value: object
) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        change(house, **{field: value})
    assert field in refused.value.errors
    assert changes(house) == []


def test_a_limit_may_change_from_today_on(house: House) -> None:
    change(house, effective_from=TODAY)
    assert limit(house, TODAY).value == 20


def test_only_an_administrator_changes_a_limit(house: House) -> None:
    strangers = [
        house.chief_mediator,
        house.mediator,
        house.seal_keeper,
        Actor(TENANT, "p", "p", party_id="p"),
    ]
    for stranger in strangers:
        with pytest.raises(errors.Forbidden):
            law_changes.change_limit(house.engine, stranger, TO_TWENTY)
    assert changes(house) == []


def test_all_staff_read_the_law_with_what_is_ahead_and_a_party_does_not(house: House) -> None:
    change(house)
    change(house, value=25, effective_from=IN_MAY + DAY)
    view = law_changes.show_law(house.engine, house.mediator)
    (row,) = [row for row in view.limits if row.held.key == TO_TWENTY.key]
    assert (row.held.value, [later.value for later in row.ahead]) == (30, [20, 25])
    assert [(one.limit.value, one.changed_by) for one in view.changes] == [
        (25, house.administrator.name), (20, house.administrator.name),
    ]  # fmt: skip
    assert (view.may_change, law_changes.show_law(house.engine, house.administrator).may_change) == (
        False,
        True,
    )
    assert {rule.key for rule in view.rules} == {rule.key for rule in law.RULES}
    with pytest.raises(errors.Forbidden):
        law_changes.show_law(house.engine, Actor(TENANT, "p", "p", party_id="p"))


def test_a_change_stands_in_the_district_s_record_with_its_article(house: House) -> None:
    change(house)
    with house.engine.sessions.query(TENANT) as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "law.changed")).one()
    (kept,) = changes(house)
    assert (row.chain_id, row.seq, row.subject) == (TENANT, kept.seq, TO_TWENTY.key)
    assert row.law_ref == "《人民法院在线调解规则》第二十四条"
    assert (kept.changed_by, kept.reason) == (house.administrator.name, "上级通知缩短期限")
    assert audit.verify(house.engine, TENANT, {}) == []


def test_another_tenant_keeps_the_shipped_limit(house: House) -> None:
    change(house)
    assert limit(house, IN_MAY, tenant_id="00000000-0000-7000-8000-000000000002").value == 30


UNTIL = '=last day(today(), limit("mediation.delegated"))'
CLOCK = {"clock.bpmn": in_line("clock", [user_task("answer", due=UNTIL)])}


@pytest.fixture
def clocked(url: str, make_house: Callable[..., House]) -> House:
    """A process whose one task is due when a mediation that a court delegated is."""
    house = make_house(url, Services(tenant_functions=limits.FUNCTIONS))
    house.deploy(CLOCK)
    return house


def begun(house: House, at: dt.datetime) -> str:
    house.clock.moment = at
    with house.engine.sessions.command(TENANT) as session:
        new = instances.NewProcess("clock", house.body_id, {})
        return instances.start(session, house.engine, house.reception, new, lambda _: None).id


def due_of(house: House, root_id: str) -> dt.date:
    with house.engine.sessions.query(TENANT) as session:
        due_at = session.scalars(select(UserTask.due_at).where(UserTask.root_id == root_id)).one()
    assert due_at is not None
    return day_of(due_at)


def test_a_running_clock_keeps_its_day_and_one_begun_from_the_changed_day_on_has_the_new_one(
    clocked: House,
) -> None:
    first = begun(clocked, MORNING)
    change(clocked)
    day_before = begun(clocked, calendar.start_of(IN_MAY) - dt.timedelta(minutes=1))
    that_day = begun(clocked, calendar.start_of(IN_MAY))
    assert due_of(clocked, first) == dt.date(2026, 4, 1)
    assert due_of(clocked, day_before) == dt.date(2026, 6, 1), "30 May is a Saturday"
    assert due_of(clocked, that_day) == dt.date(2026, 5, 21)


def test_the_shipped_invitation_is_due_by_the_limit_of_its_day(clocked: House) -> None:
    node = bpmn.load(OPENING.read_bytes()).nodes["invite_party"]
    change(clocked, key="contact.other_party", value=2)
    due_on = []
    for day in (IN_MAY - DAY, IN_MAY):
        clocked.clock.moment = calendar.start_of(day)
        with clocked.engine.sessions.query(TENANT) as session:
            due_at = due.of_task(Scope(session, clocked.engine, "", {}), node)
        assert due_at is not None
        assert due_at.unit == due.WORKING_DAYS
        due_on.append(day_of(due_at.at))
    assert due_on == [dt.date(2026, 5, 8), dt.date(2026, 5, 7)], "1 to 5 May are holidays"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('limit("contact.other_party")', "3"), ('limit("confirmation.window") + 1', "31"),
        ('last day(@"2026-03-02", limit("mediation.normal"))', '@"2026-04-02"'),
        ('@"2026-03-02" + limit("labour.claim")', '@"2027-03-02"'),
        ('limit("unheard." + "of")', "null"), ("limit(3)", "null"),
    ],
)  # fmt: skip
def test_feel_counts_with_a_limit_as_a_number_or_a_duration(clocked: House, text: str, value: str) -> None:
    with clocked.engine.sessions.query(TENANT) as session:
        assert Scope(session, clocked.engine, "", {}).evaluate(text, "e") == feel.evaluate(value)


def test_a_term_is_as_long_as_the_changed_limit_says(house: House) -> None:
    change(house, key="committee.term", value=5)
    with house.engine.sessions.query(TENANT) as session:
        terms = [
            register.longest_term(session, day).years for day in (IN_MAY - DAY, IN_MAY, dt.date(1999, 1, 1))
        ]
    assert terms == [3, 5, 3]
