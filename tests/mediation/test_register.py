import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from engine import audit, bodies, errors, mediation, people
from engine.calendar import day_of
from engine.mediation import law, limits, mediators, register
from engine.mediation.register import NewMediator, NewTraining
from engine.models.committees import Mediator, Training
from engine.models.records import AuditRow
from engine.policy import Actor
from engine.services import Services

from ..conftest import MORNING, TENANT, House, add_person
from .conftest import TODAY, Desk

DAY = dt.timedelta(days=1)
LAST = dt.date(2029, 3, 2)


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    """On both databases: what is tested here is mostly what the database finds."""
    return make_house(url, Services(effects=mediation.EFFECTS, facts=mediation.facts.FACTS))


@pytest.fixture
def newcomer(house: House) -> Actor:
    """Somebody with the role of a mediator who is in no register."""
    with house.engine.sessions.command(TENANT) as session:
        new = people.NewAccount("newcomer", "王新", ["mediator"], house.body_id, "")
        account = people.add_account(session, new, hash_password=lambda _: "-")
    return replace(house.mediator, id=account.id, name=account.name)


def options(desk: Desk) -> set[str]:
    return {option["value"] for option in desk.other_fact("mediator_options")}


def term_of(house: House, actor: Actor) -> Mediator:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(Mediator).where(Mediator.account_id == actor.id)).one()


def enter(house: House, actor: Actor, **changed: object) -> str:
    new = replace(NewMediator(actor.id, TODAY), **changed)  # type: ignore[arg-type]
    return register.register_mediator(house.engine, house.chief_mediator, new)


def test_who_is_in_no_register_is_neither_offered_nor_chosen(desk: Desk, newcomer: Actor) -> None:
    desk.register().consent()
    assert options(desk) == {desk.house.mediator.id}
    with pytest.raises(errors.LawForbids, match=r"Art\. 13"):
        desk.propose(newcomer)
    enter(desk.house, newcomer)
    assert options(desk) == {desk.house.mediator.id, newcomer.id}
    desk.propose(newcomer)
    assert desk.fact()["mediator"] == newcomer.id


def test_a_step_asks_once_who_may_be_chosen(desk: Desk, statements: list[str]) -> None:
    with desk.query() as session:
        asked = [mediators.mediators_of(session, desk.house.body_id, TODAY) for _ in range(2)]
        elsewhere = mediators.mediators_of(session, desk.house.body_id, TODAY - 10_000 * DAY)
    mine = [desk.house.mediator.id]
    assert [[row.id for row in found] for found in (*asked, elsewhere)] == [mine, mine, []]
    assert len([text for text in statements if "FROM accounts" in text]) == 2


def test_a_member_is_chosen_to_the_last_day_of_three_years_and_no_longer(desk: Desk) -> None:
    desk.register().consent()
    assert term_of(desk.house, desk.house.mediator).term_end == LAST
    desk.house.clock.moment = dt.datetime(2029, 3, 2, 15, 59, tzinfo=dt.UTC)
    assert options(desk) == {desk.house.mediator.id}
    desk.propose(desk.house.mediator)
    desk.house.clock.moment = dt.datetime(2029, 3, 2, 16, 1, tzinfo=dt.UTC)
    assert options(desk) == set()
    with pytest.raises(errors.LawForbids, match=r"Art\. 9"):
        desk.propose(desk.house.mediator)


def test_the_case_at_hand_goes_on_with_a_mediator_whose_term_runs_out(desk: Desk) -> None:
    desk.register().consent().propose(desk.house.mediator)
    desk.house.clock.moment = MORNING + dt.timedelta(days=4 * 365)
    desk.perform(mediators.conflicts_disclosed, desk.house.mediator, accepts="yes", conflict="none")
    assert desk.fact()["status"] == "mediating"


def test_nobody_is_chosen_from_the_day_on_which_the_term_was_ended(desk: Desk) -> None:
    desk.register().consent()
    term, house = term_of(desk.house, desk.house.mediator), desk.house
    register.end_term(house.engine, house.chief_mediator, term.id, TODAY + DAY, "调离本街道")
    assert options(desk) == {house.mediator.id}
    house.clock.forward(days=1)
    assert options(desk) == set()
    with pytest.raises(errors.LawForbids, match=r"Art\. 13"):
        desk.propose(house.mediator)


def test_a_mediator_of_another_body_stays_unknown_in_the_register_or_not(desk: Desk) -> None:
    desk.register().consent()
    with desk.command() as session:
        elsewhere = bodies.ensure_body(session, bodies.NewBody("龙溪镇人民调解委员会", "龙溪"))
    stranger = add_person(desk.house.engine, TENANT, elsewhere, "mediator", "stranger")
    with pytest.raises(errors.InvalidAnswers):
        desk.propose(stranger)


def test_a_hired_mediator_s_time_is_as_agreed_and_a_member_s_is_at_most_three_years(
    house: House, newcomer: Actor
) -> None:
    with pytest.raises(errors.LawForbids, match=r"Art\. 9"):
        enter(house, newcomer, term_end=LAST + DAY)
    enter(house, newcomer, standing="hired", chosen_by="appointed", term_end=LAST + 365 * DAY)
    assert term_of(house, newcomer).term_end == LAST + 365 * DAY


@given(st.dates(dt.date(2011, 1, 1), dt.date(2090, 1, 1)))
def test_a_term_of_three_years_ends_three_years_later_in_the_same_month(begins: dt.date) -> None:
    ends = begins + limits.span(law.newest(limits.LIMITS, "committee.term", begins))
    assert (ends.year - begins.year, ends.month) == (3, begins.month)
    assert 1094 <= (ends - begins).days <= 1096


def test_terms_of_one_mediator_follow_each_other_and_never_overlap(house: House) -> None:
    for begins in (TODAY - DAY, TODAY, LAST):
        with pytest.raises(errors.AlreadyRegistered, match="mediator"):
            enter(house, house.mediator, chosen_on=begins)
    enter(house, house.mediator, chosen_on=LAST + DAY)
    with house.engine.sessions.query(TENANT) as session:
        terms = register.terms_of(session, house.mediator.id)
    assert [term.chosen_on for term in terms] == [LAST + DAY, TODAY]


def test_a_term_that_was_ended_makes_room_for_another_from_that_day(house: House) -> None:
    term = term_of(house, house.mediator)
    register.end_term(house.engine, house.administrator, term.id, TODAY + 9 * DAY, "改为聘任")
    with pytest.raises(errors.AlreadyRegistered):
        enter(house, house.mediator, standing="hired", chosen_on=TODAY + 8 * DAY)
    enter(house, house.mediator, standing="hired", chosen_on=TODAY + 9 * DAY)


def test_a_term_ends_once_within_itself_and_for_a_reason(house: House) -> None:
    term, chief = term_of(house, house.mediator), house.chief_mediator
    with pytest.raises(errors.ReasonMissing):
        register.end_term(house.engine, chief, term.id, TODAY, "  ")
    for day in (TODAY - DAY, LAST + DAY):
        with pytest.raises(errors.InvalidAnswers) as refused:
            register.end_term(house.engine, chief, term.id, day, "退休")
        assert set(refused.value.errors) == {"ended_on"}
    register.end_term(house.engine, chief, term.id, TODAY, "退休")
    for gone in (term.id, "nobody"):
        with pytest.raises(errors.NotFound):
            register.end_term(house.engine, chief, gone, TODAY, "退休")


def test_only_those_who_care_for_the_body_keep_its_register(house: House, newcomer: Actor) -> None:
    stranger = replace(house.chief_mediator, body_ids=frozenset())
    new, term = NewMediator(newcomer.id, TODAY), term_of(house, house.mediator)
    training = NewTraining(house.mediator.id, TODAY, "民法典", 8)
    for actor, refusal in ((house.reception, errors.Forbidden), (stranger, errors.NotFound)):
        with pytest.raises(refusal):
            register.register_mediator(house.engine, actor, new)
        with pytest.raises(refusal):
            register.end_term(house.engine, actor, term.id, TODAY, "退休")
        with pytest.raises(refusal):
            register.record_training(house.engine, actor, training)


def test_only_an_account_with_the_role_is_entered(house: House) -> None:
    with pytest.raises(errors.NotFound):
        enter(house, house.reception)
    with pytest.raises(errors.NotFound):
        enter(house, replace(house.mediator, id="nobody"))


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"standing": "boss"}, "standing"), ({"chosen_by": "lot"}, "chosen_by"),
        ({"term_end": TODAY - DAY}, "term_end"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_by_field(
    house: House, newcomer: Actor, changed: dict[str, object], path: str
) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        enter(house, newcomer, **changed)
    assert set(refused.value.errors) == {path}


def test_a_training_is_kept_with_its_day_subject_and_hours(house: House) -> None:
    training = NewTraining(house.mediator.id, TODAY, "民法典婚姻家庭编", 16)
    register.record_training(house.engine, house.chief_mediator, training)
    with house.engine.sessions.query(TENANT) as session:
        row = session.scalars(select(Training)).one()
    assert (row.account_id, row.held_on, row.subject, row.hours) == (
        house.mediator.id, TODAY, "民法典婚姻家庭编", 16,
    )  # fmt: skip
    for wrong, path in (
        (replace(training, held_on=TODAY + DAY), "held_on"), (replace(training, subject=" "), "subject"),
        (replace(training, hours=0), "hours"), (replace(training, hours=1001), "hours"),
    ):  # fmt: skip
        with pytest.raises(errors.InvalidAnswers) as refused:
            register.record_training(house.engine, house.chief_mediator, wrong)
        assert set(refused.value.errors) == {path}


def test_each_change_of_the_register_stands_in_the_district_s_record(house: House, newcomer: Actor) -> None:
    mediator_id = enter(house, newcomer)
    register.end_term(house.engine, house.chief_mediator, mediator_id, TODAY, "退休")
    training = NewTraining(newcomer.id, day_of(house.clock()), "调解技巧", 4)
    register.record_training(house.engine, house.chief_mediator, training)
    with house.engine.sessions.query(TENANT) as session:
        found = select(AuditRow).where(AuditRow.chain_id == TENANT).order_by(AuditRow.seq)
        rows = [(row.action, row.law_ref) for row in session.scalars(found)]
    assert rows == [
        ("mediator.registered", "《人民调解法》第十三条"), ("mediator.left", ""), ("training.recorded", ""),
    ]  # fmt: skip
    assert audit.verify(house.engine, TENANT, {}) == []
