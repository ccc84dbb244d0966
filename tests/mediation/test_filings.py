"""Disputes sent in without an account: kept encrypted, read by reception, opened as a case or declined."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from engine import audit, errors, open_tasks, tasks
from engine.mediation import filing_queue, filings, lookup
from engine.models.intake import Filing
from engine.models.processes import UserTask

from ..conftest import TENANT, House, recorded
from .test_journey import house as deployed

__all__ = ["deployed"]
HOME, ELSEWHERE = filings.visitor(TENANT, "10.0.0.1"), filings.visitor(TENANT, "10.0.0.2")
TOLD = filings.Told(
    filed_by="party", name="罗小琴", phone="139-0000-1201", address="花滩街道书院路18号", other_name="陈大勇",
    other_place="滨江路", facts="三轮车撞了我，医药费没有给。", wish="赔偿医药费3200元",
)  # fmt: skip


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    return make_house(url)


def file(house: House, key: str = "k", **changed: str) -> str:
    return filings.file_dispute(house.engine, HOME, house.body_id, replace(TOLD, **changed), key)


def only(house: House) -> filing_queue.FilingView:
    (found,) = filing_queue.list_filings(house.engine, house.reception)
    return found


def test_what_is_sent_in_waits_for_reception_word_for_word(house: House) -> None:
    number = file(house)
    found = only(house)
    assert (found.number, found.status, found.told) == (number, "waiting", TOLD)
    assert filing_queue.count_filings(house.engine, house.reception) == 1
    assert filing_queue.count_filings(house.engine, house.mediator) == 0
    with pytest.raises(errors.Forbidden):
        filing_queue.list_filings(house.engine, house.mediator)


def test_a_form_sent_twice_is_one_filing(house: House) -> None:
    assert file(house) == file(house)
    assert file(house, "another") != file(house)
    assert filing_queue.count_filings(house.engine, house.reception) == 2


def test_the_tables_show_nothing_of_what_was_written(house: House) -> None:
    file(house)
    with house.engine.sessions.query(TENANT) as session:
        rows = session.execute(text("SELECT * FROM filings WHERE tenant_id = :t"), {"t": TENANT}).all()
        kept = repr(rows) + repr(
            session.execute(text("SELECT * FROM idempotency_keys WHERE tenant_id = :t"), {"t": TENANT}).all()
        )
    for word in ("罗小琴", "13900001201", "139-0000-1201", "陈大勇", "医药费", "10.0.0.1"):
        assert word not in kept
        assert word.encode() not in rows[0].sealed


def test_another_committee_s_reception_does_not_learn_of_it(house: House) -> None:
    file(house)
    found = only(house)
    stranger = replace(house.reception, body_ids=frozenset({"another"}), body_id="another")
    assert filing_queue.list_filings(house.engine, stranger) == []
    for command in (
        lambda: filing_queue.show_filing(house.engine, stranger, found.id),
        lambda: filing_queue.open_filing(house.engine, stranger, found.id, "x"),
        lambda: filing_queue.decline_filing(house.engine, stranger, found.id, "理由", "y"),
    ):
        with pytest.raises(errors.NotFound):
            command()


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"name": " "}, {"name"}),
        ({"phone": "问我妈"}, {"phone"}),
        ({"filed_by": "mayor", "facts": ""}, {"filed_by", "facts"}),
        ({"other_name": "", "wish": "多" * 501}, {"other_name", "wish"}),
    ],
)
def test_what_is_missing_is_said_by_field(house: House, changed: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        file(house, **changed)
    assert set(refused.value.errors) == wrong


def test_a_committee_that_is_none_is_refused(house: House) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        filings.file_dispute(house.engine, HOME, "nowhere", TOLD, "k")
    assert set(refused.value.errors) == {"body_id"}


def test_from_one_address_only_five_come_in_a_quarter_of_an_hour(house: House) -> None:
    for index in range(5):
        file(house, f"k{index}")
    with pytest.raises(errors.TooManyAttempts):
        file(house, "k5")
    filings.file_dispute(house.engine, ELSEWHERE, house.body_id, TOLD, "k6")
    house.clock.forward(minutes=16)
    file(house, "k7")


def test_number_and_telephone_tell_the_state_and_no_other_pair_does(house: House) -> None:
    number = file(house)
    for phone in ("13900001201", "+86 139 0000 1201", "１３９-00001201"):
        found = filings.filing_state(house.engine, HOME, f"{number[:8]} {number[8:]}", phone)
        assert found == filings.FilingState(number, dt.date(2026, 3, 2), "waiting")
    for wrong in ((number, "13900001202"), ("20260302000000", "13900001201"), (number, "")):
        with pytest.raises(errors.NotFound):
            filings.filing_state(house.engine, HOME, *wrong)


def test_numbers_can_t_be_tried_out(house: House) -> None:
    number = file(house)
    for index in range(5):
        with pytest.raises(errors.NotFound):
            filings.filing_state(house.engine, filings.visitor(TENANT, str(index)), number, f"1390000{index}")
    with pytest.raises(errors.TooManyAttempts):
        filings.filing_state(house.engine, ELSEWHERE, number, TOLD.phone)


def test_a_declined_filing_keeps_its_reason_and_all_that_was_written(house: House) -> None:
    number = file(house)
    found = only(house)
    with pytest.raises(errors.ReasonMissing):
        filing_queue.decline_filing(house.engine, house.reception, found.id, "  ", "a")
    filing_queue.decline_filing(house.engine, house.reception, found.id, "不在本街道", "b")
    filing_queue.decline_filing(house.engine, house.reception, found.id, "不在本街道", "b")
    kept = filing_queue.show_filing(house.engine, house.reception, found.id)
    assert (kept.status, kept.decline_reason, kept.told) == ("declined", "不在本街道", TOLD)
    assert filings.filing_state(house.engine, HOME, number, TOLD.phone).status == "declined"
    with pytest.raises(errors.FilingDecided):
        filing_queue.open_filing(house.engine, house.reception, found.id, "c")
    assert recorded(house, TENANT)[-2:] == ["filing.received", "filing.declined"]
    assert audit.verify(house.engine, TENANT, {}) == []


def prefilled(house: House, case_id: str) -> tuple[str, open_tasks.OpenTask]:
    with house.engine.sessions.query(TENANT) as session:
        task_id = session.scalars(select(UserTask.id).where(UserTask.root_id == case_id)).one()
    return task_id, open_tasks.open_task(house.engine, house.reception, task_id)


def test_an_opened_filing_is_the_draft_of_the_registration_and_its_day_the_day_of_the_claim(
    deployed: House,
) -> None:
    house = deployed
    number = file(house)
    found = only(house)
    house.clock.forward(days=3)
    case_id = filing_queue.open_filing(house.engine, house.reception, found.id, "open")
    assert filing_queue.open_filing(house.engine, house.reception, found.id, "open") == case_id
    assert filing_queue.list_filings(house.engine, house.reception) == []
    assert filings.filing_state(house.engine, HOME, number, TOLD.phone).status == "opened"

    task_id, opened = prefilled(house, case_id)
    assert opened.draft is not None
    answers = opened.form.known(opened.draft)  # type: ignore[attr-defined]
    assert (answers["intake_channel"], answers["source"]) == ("web", "application")
    assert answers["applicants"][0]["phone"] == TOLD.phone
    answers |= {"dispute_type": "traffic", "people_count": 2}
    answers["respondents"][0]["address"] = "滨江路7号"
    tasks.complete_task(house.engine, house.reception, task_id, answers, "register")
    with house.engine.sessions.query(TENANT) as session:
        case = lookup.case_of(session, case_id)
        assert (case.applied_on, case.intake_channel) == (dt.date(2026, 3, 2), "web")
        assert [party.name for party in case.parties] == ["罗小琴", "陈大勇"]
    assert recorded(house, case_id)[:2] == ["process.started", "filing.opened"]


def test_what_a_grid_member_reports_is_nobody_s_application(deployed: House) -> None:
    house = deployed
    file(house, filed_by="grid", name="网格员王芳", other_name="罗小琴和陈大勇")
    case_id = filing_queue.open_filing(house.engine, house.reception, only(house).id, "open")
    _, opened = prefilled(house, case_id)
    assert opened.draft is not None
    assert (opened.draft["source"], opened.draft["intake_channel"]) == ("proactive", "grid")
    assert "网格员王芳" not in repr(opened.draft["applicants"])
    with house.engine.sessions.query(TENANT) as session:
        assert lookup.case_of(session, case_id).applied_on is None


def test_only_reception_decides(house: House) -> None:
    file(house)
    chief = house.chief_mediator
    found = filing_queue.show_filing(house.engine, chief, only(house).id)
    with pytest.raises(errors.Forbidden):
        filing_queue.open_filing(house.engine, chief, found.id, "x")
    with pytest.raises(errors.Forbidden):
        filing_queue.decline_filing(house.engine, chief, found.id, "理由", "y")


def test_a_filing_put_into_another_s_place_does_not_open(house: House) -> None:
    file(house, "a")
    file(house, "b")
    with house.engine.sessions.command(TENANT) as session:
        first, second = session.scalars(select(Filing).order_by(Filing.id)).all()
        first.sealed = second.sealed
    with pytest.raises(errors.SealBroken):
        filing_queue.list_filings(house.engine, house.reception)
