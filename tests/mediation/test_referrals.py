"""Referrals: who sent a case is told its result: the outcome, its day and number, and nothing else."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import errors, mediation
from engine.documents.authority import Authority
from engine.documents.templates import fill
from engine.mediation import cases, contexts, documents, facts, inbox, lookup, referrals
from engine.mediation.referrals import Sent
from engine.models.processes import ProcessInstance
from engine.policy import Actor
from engine.services import Services

from ..conftest import TENANT, House, recorded
from .conftest import TODAY, Desk, add_case, dispute
from .test_journey import Journey
from .test_journey import house as deployed

__all__ = ["deployed"]
ROOT = Path(__file__).parents[2]
COURT = {
    "intake_channel": "court", "referring_body": "合川区人民法院", "referral_reference": "（2026）委调第7号",
    "answer_to": "立案庭 周法官", "result_due_on": dt.date(2026, 3, 31),
}  # fmt: skip
ROUTES = {
    "end_code": "refused",
    "routes": ["court"],
    "manner": "phone",
    "told_on": TODAY,
    "reason": "不愿谈",
    "told": True,
}


@pytest.fixture
def house(url: str, make_house: Callable[..., House]) -> House:
    return make_house(url, Services(effects=mediation.EFFECTS, facts=facts.FACTS))


@pytest.fixture
def journey(deployed: House, issuer: Authority) -> Journey:
    return Journey(deployed, issuer)


def owed(desk: Desk, actor: Actor | None = None) -> list[referrals.ReferralView]:
    return referrals.list_owed(desk.house.engine, actor or desk.house.reception)


def end(desk: Desk) -> Desk:
    desk.perform(cases.routes_notice_served, desk.house.mediator, **ROUTES)
    return desk


def send(desk: Desk, day: dt.date = TODAY, manner: str = "post", key: str = "k") -> None:
    referrals.record_sent(desk.house.engine, desk.house.reception, desk.case_id, Sent(day, manner), key)


@pytest.mark.parametrize("channel", referrals.CHANNELS)
def test_each_channel_is_kept_and_cases_are_counted_by_it(house: House, channel: str) -> None:
    one, other = Desk(house, add_case(house)), Desk(house, add_case(house))
    one.register(**COURT | {"intake_channel": channel})
    other.register(**COURT | {"intake_channel": "hall" if channel != "hall" else "phone"})
    found = inbox.list_cases(house.engine, house.reception, channel=channel)
    assert ([row.case_id for row in found.rows], found.total) == ([one.case_id], 1)
    assert inbox.list_cases(house.engine, house.reception).total == 2
    assert len(owed(one)) == (channel in referrals.REFERRING)


def test_a_form_that_does_not_ask_leaves_the_usual_channel(desk: Desk) -> None:
    desk.register()
    with desk.query() as session:
        assert lookup.case_of(session, desk.case_id).intake_channel == "hall"


def test_a_referral_is_owed_a_result_from_its_registration_on(desk: Desk) -> None:
    desk.register(**COURT)
    (found,) = owed(desk)
    assert (found.body_name, found.reference) == ("合川区人民法院", "（2026）委调第7号")
    assert (found.answer_to, found.due_on) == ("立案庭 周法官", dt.date(2026, 3, 31))
    assert (found.result, found.sent_on, found.may_answer) == (None, None, False)
    assert referrals.count_due(desk.house.engine, desk.house.reception) == 0
    with pytest.raises(errors.NoResultYet):
        send(desk)


def test_once_the_case_has_ended_the_duty_stands_until_somebody_records_that_it_was_sent(desk: Desk) -> None:
    end(desk.register(**COURT))
    (found,) = owed(desk)
    assert (found.result, found.result_on, found.may_answer) == ("not_agreed", TODAY, True)
    assert referrals.count_due(desk.house.engine, desk.house.reception) == 1
    send(desk)
    send(desk)
    assert owed(desk) == []
    assert referrals.count_due(desk.house.engine, desk.house.reception) == 0
    assert recorded(desk.house, desk.case_id).count("referral.answered") == 1
    with pytest.raises(errors.InvalidAnswers):
        send(desk, key="again")


@pytest.mark.parametrize(
    ("day", "manner", "wrong"),
    [
        (TODAY - dt.timedelta(days=1), "post", "on"),
        (TODAY + dt.timedelta(days=1), "post", "on"),
        (TODAY, "pigeon", "manner"),
    ],
)
def test_a_day_or_manner_that_can_t_be_is_refused(desk: Desk, day: dt.date, manner: str, wrong: str) -> None:
    end(desk.register(**COURT))
    with pytest.raises(errors.InvalidAnswers) as refused:
        send(desk, day, manner)
    assert set(refused.value.errors) == {wrong}


def test_who_does_not_see_the_case_learns_nothing_of_its_referral(desk: Desk, second_mediator: Actor) -> None:
    end(desk.register(**COURT))
    assert owed(desk, second_mediator) == []
    assert referrals.count_due(desk.house.engine, second_mediator) == 0
    with pytest.raises(errors.NotFound):
        referrals.record_sent(desk.house.engine, second_mediator, desk.case_id, Sent(TODAY, "post"), "k")
    for command in (
        lambda: referrals.list_owed(desk.house.engine, desk.party(0)),
        lambda: referrals.record_sent(
            desk.house.engine, desk.party(0), desk.case_id, Sent(TODAY, "post"), "k"
        ),
    ):
        with pytest.raises(errors.Forbidden):
            command()


def register(journey: Journey, **changed: Any) -> Journey:
    journey.do("register_dispute", journey.house.reception, **dispute() | COURT | changed)
    no = dict.fromkeys(
        ["crime_clue", "minor_at_risk", "party_refused", "other_authority", "petition_planned",
         "expert_needed", "online_wished", "tv_wished"], "no",
    )  # fmt: skip
    return journey.do("assess_suitability", journey.house.reception, **no, departments=0, failed_attempts=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("decision", "result"), [("refused", "not_accepted"), ("transferred", "transferred")]
)
def test_the_notice_is_printed_by_itself_and_is_not_for_the_parties(
    journey: Journey, decision: str, result: str
) -> None:
    chief = journey.house.chief_mediator
    decided = {"decision": decision, "reason": "不属于民间纠纷"}
    decided |= {"transferred_to": "区劳动人事争议仲裁委员会"} if decision == "transferred" else {}
    register(journey).do("decide_acceptance", chief, **decided)
    assert "result_notice" not in kinds(journey, journey.house.reception)
    actor = next(one for one in (journey.house.reception, chief) if journey.view(one).tasks)
    code = {"refused": "not_accepted", "transferred": "transferred"}[decision]
    journey.do("tell_other_routes", actor, **ROUTES | {"end_code": code})
    assert kinds(journey, journey.house.reception).count("result_notice") == 1
    for party in journey.parties().values():
        assert "result_notice" not in kinds(journey, party)
        assert journey.view(party).intake is None
    intake = journey.view().intake
    found = intake.referral if intake else None
    assert found is not None
    assert (found.result, found.may_answer, found.notice_id is not None) == (result, True, True)


def kinds(journey: Journey, actor: Actor) -> list[str]:
    return [row.kind for row in documents.list_documents(journey.house.engine, actor, journey.case_id)]


def test_the_notice_names_no_party_and_tells_nothing_of_the_talks(desk: Desk) -> None:
    end(desk.register(**COURT))
    template = (ROOT / "processes" / "documents" / "result_notice.html").read_text("utf-8")
    with desk.query() as session:
        root = session.get_one(ProcessInstance, (TENANT, desk.case_id))
        context = contexts.context_of(session, desk.house.engine.keys, root, "result_notice")
    page = fill(template, context)
    said = ("合川区人民法院", "（2026）委调第7号", "周法官", "未达成调解协议", "2026年3月2日", "第0001号")
    for word in said:
        assert word in page
    for hidden in ("申请人0", "被申请人0", "三轮车", "医药费", "不愿谈", "拒绝"):
        assert hidden not in page
