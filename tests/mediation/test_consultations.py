import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from engine import errors
from engine.calendar import day_of
from engine.mediation import EFFECTS, consultations, notes, pseudonyms
from engine.mediation.cases import Withdrawal, acceptance_decided, case_registered, withdraw
from engine.mediation.consultation_opinions import (
    DutyDone,
    finish_duty,
    opinion_drafted,
    opinion_told,
)
from engine.mediation.consultation_page import ConsultationView, consultation_view
from engine.mediation.facts import FACTS
from engine.mediation.joint_sessions import session_recorded
from engine.mediation.lookup import case_of
from engine.models.base import NotedRow, new_id
from engine.models.cases import Case, JointSession, Party
from engine.models.consultations import CaseSheet, ConsultationMeeting
from engine.models.processes import UserTask
from engine.policy import Actor
from engine.services import Services

from ..conftest import House, recorded
from .conftest import TODAY, Desk, add_case, dispute, person

pytestmark = pytest.mark.slow

PLANNING, TAX, HOUSING, ENGINEER = "规划局", "税务局", "住房中心", "秦工"
FOUR = (PLANNING, TAX, HOUSING, ENGINEER)


class Table(Desk):
    """A case in consultation, moved on by the effects of its tasks."""

    def open(self, respondents: int = 1, **changed: Any) -> "Table":
        self.register(1, respondents, **changed).consent().appoint()
        return self

    def take(self, effect: Any, actor: Actor | None = None, **answers: Any) -> "Table":
        self.perform(effect, actor or self.house.mediator, **answers)
        return self

    def choose(self, *names: str) -> "Table":
        rows = [
            {"kind": "expert" if name == ENGINEER else "department", "name": name, "reason": "有关"}
            for name in names or FOUR
        ]
        return self.take(consultations.invitees_chosen, invitees=rows)

    def ask(self, *answers: str, shares: str = "yes") -> "Table":
        asked = self.now()["parties_to_ask"]
        said = answers or ("agrees",) * len(asked)
        rows = [
            {"party_id": one, "answer": answer, "shares": shares}
            for one, answer in zip(asked, said, strict=True)
        ]
        return self.take(consultations.consultation_consented, consents=rows)

    def sheet(self, facts: str = "没有验收。") -> "Table":
        return self.take(consultations.case_sheet_written, sheet_facts=facts, questions="怎么补？")

    def answer(self, *answers: str, **more: str) -> "Table":
        waiting = self.now()["unanswered"]
        said = answers or ("accepts",) * len(waiting)
        rows = [
            {"invitee_id": one, "answer": answer} | more for one, answer in zip(waiting, said, strict=True)
        ]
        return self.take(consultations.invitees_answered, answers=rows)

    def write(self) -> "Table":
        for one in self.now()["taking_part"]:
            opinion = {"invitee_id": one["value"], "received_on": TODAY, "opinion": "可以办。"}
            self.take(consultations.written_opinion_received, **opinion)
        return self

    def meet(self, *names: str) -> "Table":
        present = [self.invitee(name) for name in names]
        met = {"held_on": TODAY, "place": "会议室", "present": present, "minutes": "讨论。"}
        return self.take(consultations.consultation_met, **met)

    def draft(self, lead: str = HOUSING, **changed: Any) -> "Table":
        duty = {"invitee_id": self.invitee(HOUSING), "action": "开专窗", "due_on": TODAY + dt.timedelta(20)}
        answers = {
            "opinion_facts": "缺两项材料。", "opinion_law": "《民法典》。", "options": [{"text": "补材料。"}],
            "lead": self.invitee(lead), "duties": [duty | changed],
        }  # fmt: skip
        return self.take(opinion_drafted, **answers)

    def concluded(self) -> "Table":
        return self.open().choose().ask().sheet().answer().write().meet(PLANNING, TAX, HOUSING).draft()

    def session(self, outcome: str, **more: Any) -> "Table":
        held = {
            "held_on": TODAY, "place": "调解室", "attendees": self.party_ids, "record": "双方到场。",
            "read_back": True, "outcome": outcome,
        } | more  # fmt: skip
        return self.take(session_recorded, **held)

    def now(self) -> dict[str, Any]:
        return dict(self.other_fact("consultation"))

    def names(self, which: str) -> list[str]:
        return [one["label"] for one in self.now()[which]]

    def invitee(self, name: str) -> str:
        return next(one["value"] for one in self.now()["invited"] if one["label"] == name)

    def last(self, kind: type[NotedRow]) -> Any:
        with self.query() as session:
            return notes.last(session, kind, self.case_id)

    def seen_by(self, actor: Actor) -> ConsultationView | None:
        with self.query() as session:
            case = case_of(session, self.case_id)
            return consultation_view(session, actor, case, self.house.clock())

    def path(self) -> str | None:
        with self.query() as session:
            return case_of(session, self.case_id).path

    def view(self, actor: Actor | None = None) -> ConsultationView:
        seen = self.seen_by(actor or self.house.mediator)
        assert seen is not None
        return seen


@pytest.fixture
def table(house: House) -> Table:
    return Table(house, add_case(house))


def test_the_path_that_the_chief_mediator_chooses_is_the_case_s(table: Table) -> None:
    table.register()
    decided = {"decision": "accepted", "path": "consultation"}
    table.take(acceptance_decided, table.house.chief_mediator, **decided)
    assert table.path() == "consultation"


def test_a_case_of_a_release_that_asks_for_no_path_goes_face_to_face(table: Table) -> None:
    table.register()
    table.take(acceptance_decided, table.house.chief_mediator, decision="accepted")
    assert table.path() == "face_to_face"


def test_a_case_that_is_not_accepted_has_no_path(table: Table) -> None:
    table.register()
    refused = {"decision": "refused", "reason": "属于行政争议"}
    table.take(acceptance_decided, table.house.chief_mediator, **refused)
    assert table.path() is None


def test_a_session_leads_into_another_path_and_says_why(table: Table) -> None:
    table.open().session("switch", next_path="consultation", switch_reason="要听专家怎么说")
    with table.query() as session:
        case = session.scalars(select(Case).where(Case.id == table.case_id)).one()
        held = session.scalars(select(JointSession).where(JointSession.case_id == case.id)).one()
        assert (case.path, case.status, case.end_code) == ("consultation", "mediating", None)
        assert (held.outcome, held.next_path, held.switch_reason) == (
            "switch", "consultation", "要听专家怎么说",
        )  # fmt: skip


def test_a_session_does_not_lead_into_the_path_that_the_case_is_in(table: Table) -> None:
    table.open().session("switch", next_path="consultation", switch_reason="专家")
    with pytest.raises(errors.InvalidAnswers) as refused:
        table.session("switch", next_path="consultation", switch_reason="专家")
    assert set(refused.value.errors) == {"next_path"}


@pytest.mark.parametrize(
    ("count", "quorum"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)]
)  # fmt: skip
def test_more_than_half_of_those_who_take_part_are_a_quorum(count: int, quorum: int) -> None:
    assert consultations.quorum_of(count) == quorum


def test_departments_learn_nothing_before_each_party_agreed_to_each_of_them(table: Table) -> None:
    table.open().choose(PLANNING)
    with pytest.raises(errors.LawForbids, match=r"Art\. 20"):
        table.sheet()
    table.ask("agrees", "objects")
    with pytest.raises(errors.LawForbids, match=r"Art\. 20"):
        table.sheet()
    table.choose(HOUSING).ask().sheet()
    assert table.names("invited") == [HOUSING]


def test_only_the_consents_that_are_missing_are_asked_for(table: Table) -> None:
    table.open().choose(PLANNING, HOUSING).ask()
    assert table.now()["parties_to_ask"] == []
    table.choose(PLANNING, HOUSING)
    assert table.now()["parties_to_ask"] == []
    table.choose(HOUSING)
    assert table.now()["parties_to_ask"] == []
    table.choose(HOUSING, TAX)
    assert table.now()["parties_to_ask"] == table.party_ids


def test_a_party_that_left_is_asked_no_more(table: Table) -> None:
    table.open(2).choose(HOUSING)
    gone = Withdrawal(table.case_id, table.party_ids[2])
    withdraw(table.house.engine, table.house.reception, gone, new_id())
    assert table.now()["parties_to_ask"] == table.party_ids[:2]


def test_a_party_that_wants_no_consultation_brings_the_case_back_face_to_face(table: Table) -> None:
    table.open().session("switch", next_path="consultation", switch_reason="专家").choose()
    table.ask("agrees", "refuses")
    assert table.path() == "face_to_face"
    assert table.now()["parties_to_ask"] == table.party_ids[1:]


def test_only_the_case_s_mediator_holds_a_consultation(table: Table, second_mediator: Actor) -> None:
    table.open()
    rows = [{"kind": "department", "name": TAX, "reason": "契税"}]
    for stranger in (second_mediator, table.house.chief_mediator, table.party(0)):
        with pytest.raises(errors.Forbidden):
            table.take(consultations.invitees_chosen, stranger, invitees=rows)


@pytest.mark.parametrize("names", [(ENGINEER,), (TAX, TAX)])
def test_a_list_of_experts_alone_or_with_a_name_twice_is_refused(
    table: Table, names: tuple[str, ...]
) -> None:
    table.open()
    with pytest.raises(errors.InvalidAnswers):
        table.choose(*names)


def test_a_case_sheet_names_only_those_who_agreed_to_it(table: Table) -> None:
    applicants = [person("郑秀芳", phone="136-0000-2201", address="龙溪花园3栋502")]
    respondents = [person("恒川置业", representative="何立恒")]
    parties = {"applicants": applicants, "respondents": respondents}
    table.take(case_registered, table.house.reception, **dispute() | parties)
    table.party_ids = [one["id"] for one in table.fact()["parties"]]
    table.consent().appoint()
    table.choose()
    asked = zip(table.party_ids, ("no", "yes"), strict=True)
    rows = [{"party_id": one, "answer": "agrees", "shares": shares} for one, shares in asked]
    table.take(consultations.consultation_consented, consents=rows)
    table.sheet("郑秀芳住龙溪花园3栋502，电话136-0000-2201；恒川置业的何立恒没有回话。")
    sheet = table.last(CaseSheet)
    assert sheet.facts == "申请人1住（略），电话（略）；恒川置业的何立恒没有回话。"
    assert sheet.named == table.party_ids[1:]
    with table.query() as session:
        kept = session.scalars(select(UserTask.answers).where(UserTask.root_id == table.case_id)).all()
    assert not any("没有回话" in str(answers) for answers in kept)


NAMES = st.text("沈立山川原郑秀芳罗守田", min_size=2, max_size=4)


@given(st.lists(NAMES, min_size=1, max_size=5, unique=True), st.data())
def test_no_name_that_is_to_be_hidden_stays_in_a_text(names: list[str], data: st.DataObject) -> None:
    blank = dict.fromkeys(pseudonyms.PERSONAL, "")
    everybody = [Party(**blank | {"id": name, "side": "applicant", "name": name}) for name in names]
    pieces = data.draw(st.lists(st.sampled_from([*names, "，", "没有验收"]), max_size=12))
    text = pseudonyms.without_names("|".join(pieces), everybody, pseudonyms.roles_of(everybody))
    assert not any(name in text for name in names)
    assert text.count("申请人") == sum(piece in names for piece in pieces)


def test_one_who_declines_does_not_take_part_and_one_who_sends_somebody_does(table: Table) -> None:
    table.open().choose().ask().sheet().answer(
        "accepts", "declines", "delegates", "accepts", delegate="田科长"
    )
    assert table.names("taking_part") == [PLANNING, HOUSING, ENGINEER]
    assert table.names("departments") == [PLANNING, HOUSING]
    assert [one["name"] for one in table.now()["invitees"]] == [PLANNING, HOUSING, ENGINEER]


def test_one_who_is_silent_is_asked_again_through_the_superior(table: Table) -> None:
    table.open().choose(PLANNING, TAX).ask().sheet()
    table.answer("accepts", "no_answer", superior="区政府办公室")
    assert table.now()["unanswered"] == [table.invitee(TAX)]
    table.answer("declines")
    assert table.now()["unanswered"] == []
    assert table.names("taking_part") == [PLANNING]


def test_one_who_declined_is_asked_again_only_if_named_again(table: Table) -> None:
    table.open().choose(PLANNING, TAX).ask().sheet().answer("accepts", "declines")
    table.choose(PLANNING, TAX)
    assert table.now()["unanswered"] == [table.invitee(TAX)]


def test_no_meeting_is_held_before_everybody_has_written(table: Table) -> None:
    table.open().choose().ask().sheet().answer()
    with pytest.raises(errors.LawForbids, match="written opinion"):
        table.meet(PLANNING, TAX, HOUSING)


def test_a_meeting_without_a_quorum_leads_to_no_opinion(table: Table) -> None:
    table.open().choose().ask().sheet().answer().write().meet(PLANNING, TAX)
    assert table.now()["quorate"] is False
    assert table.last(ConsultationMeeting).quorum == 3
    with pytest.raises(errors.LawForbids, match="quorum"):
        table.draft()
    table.meet(PLANNING, TAX, HOUSING).draft()
    assert table.view().lead == HOUSING


def test_a_new_case_sheet_needs_a_meeting_of_its_own(table: Table) -> None:
    table.concluded().sheet("又查明一项。")
    assert table.now()["quorate"] is False
    with pytest.raises(errors.LawForbids, match="quorum"):
        table.take(opinion_told, told_parties=table.party_ids, told_on=TODAY)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [({"lead": ENGINEER}, "lead"), ({"due_on": TODAY - dt.timedelta(1)}, "duties.0.due_on"),
     ({"invitee_id": "nobody"}, "duties.0.invitee_id")],
)  # fmt: skip
def test_a_department_leads_and_duties_fall_on_those_who_take_part(
    table: Table, changed: dict[str, Any], wrong: str
) -> None:
    table.open().choose().ask().sheet().answer().write().meet(PLANNING, HOUSING, ENGINEER)
    with pytest.raises(errors.InvalidAnswers) as refused:
        table.draft(**changed)
    assert set(refused.value.errors) == {wrong}


def test_the_opinion_is_told_to_every_party(table: Table) -> None:
    table.concluded()
    with pytest.raises(errors.InvalidAnswers) as refused:
        table.take(opinion_told, told_parties=table.party_ids[:1], told_on=TODAY)
    assert set(refused.value.errors) == {"told_parties"}
    table.take(opinion_told, told_parties=table.party_ids, told_on=TODAY)
    told = table.view().opinion
    assert told is not None
    assert told.told_on == TODAY


@pytest.mark.parametrize(
    ("days", "colour"), [(0, "green"), (16, "green"), (17, "yellow"), (20, "yellow"), (21, "red")]
)
def test_a_duty_goes_from_green_to_yellow_three_days_before_its_day_and_to_red_after_it(
    table: Table, days: int, colour: str
) -> None:
    table.concluded().house.clock.forward(days=days)
    assert [duty.colour for duty in table.view().duties] == [colour]


def test_the_mediator_reads_what_was_written_before_there_is_an_opinion(table: Table) -> None:
    assert table.open().seen_by(table.house.mediator) is None
    seen = table.choose().ask().sheet().answer().write().meet(TAX).view()
    assert [name for name, text in seen.written if text == "可以办。"] == list(FOUR)
    assert (seen.opinion, seen.lead, seen.duties) == (None, "", [])
    assert seen.present == [TAX]


def test_a_duty_that_was_done_is_green_and_recorded_once(table: Table) -> None:
    table.concluded().house.clock.forward(days=30)
    done = DutyDone(table.case_id, table.view().duties[0].id, TODAY + dt.timedelta(29), "专窗已开")
    key = new_id()
    for _ in range(2):
        finish_duty(table.house.engine, table.house.reception, done, key)
    (duty,) = table.view().duties
    assert (duty.colour, duty.done_on, duty.done_note) == ("green", done.done_on, "专窗已开")
    assert recorded(table.house, table.case_id).count("duty.finished") == 1
    with pytest.raises(errors.DutyClosed):
        finish_duty(table.house.engine, table.house.reception, done, new_id())


def test_a_duty_is_not_done_before_the_opinion_nor_in_the_future_nor_in_another_case(table: Table) -> None:
    table.concluded()
    duty_id, today = table.view().duties[0].id, day_of(table.house.clock())
    for day in (today - dt.timedelta(1), today + dt.timedelta(1)):
        with pytest.raises(errors.UnreadableTime):
            finish_duty(
                table.house.engine, table.house.mediator, DutyDone(table.case_id, duty_id, day), new_id()
            )
    other = DutyDone(add_case(table.house), duty_id, today)
    with pytest.raises(errors.NotFound):
        finish_duty(table.house.engine, table.house.reception, other, new_id())


def test_a_party_neither_sees_the_duties_nor_marks_them(table: Table) -> None:
    table.concluded()
    done = DutyDone(table.case_id, table.view().duties[0].id, TODAY)
    assert table.seen_by(table.party(0)) is None
    with pytest.raises(errors.Forbidden):
        finish_duty(table.house.engine, table.party(0), done, new_id())


def test_a_consultation_is_held_on_both_databases(url: str, make_house: Callable[..., House]) -> None:
    house = make_house(url, Services(effects=EFFECTS, facts=FACTS))
    table = Table(house, add_case(house)).concluded()
    table.take(opinion_told, told_parties=table.party_ids, told_on=TODAY)
    done = DutyDone(table.case_id, table.view().duties[0].id, TODAY, "专窗已开")
    finish_duty(house.engine, house.mediator, done, new_id())
    assert [(duty.colour, duty.done_note) for duty in table.view().duties] == [("green", "专窗已开")]
    assert table.choose(HOUSING, TAX).names("invited") == [TAX, HOUSING]
