"""The clocks of a case through its page: seen, stopped, let go on, and set, each with its reason."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import bodies
from engine.models.base import new_id
from engine.models.clocks import Pause, Timer
from engine.models.processes import UserTask
from engine.models.records import AuditRow

from ..conftest import TENANT, add_person
from .conftest import Browser, Office

pytestmark = pytest.mark.slow

At = Callable[[str], Office]
UNTIL = dt.datetime(2026, 12, 1, 9, 30, tzinfo=dt.UTC)
BEGUN = dt.datetime(2026, 9, 1, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def office(office_at: At) -> Office:
    """The case with one timer by the clock and one open task that is due on a day."""
    office = without_period(office_at("draft_agreement"))
    with office.engine.sessions.command(TENANT) as session:
        task = session.scalars(select(UserTask).where(UserTask.status == "open")).one()
        task.due_at, task.due_unit = dt.datetime(2026, 12, 4, 15, 59, 59, tzinfo=dt.UTC), "working_days"
        task.law_ref = "《人民调解法》第二十八条"
        session.add(
            Timer(
                tenant_id=TENANT, id=new_id(), instance_id=task.instance_id, root_id=task.root_id,
                wait_id="9", node_id="agreement_overtaken", law_ref="", armed_at=BEGUN, base_at=BEGUN,
                due_at=UNTIL, unit="time", interval="", repeats_left=1, fired=0, status="waiting", error="",
            )
        )  # fmt: skip
    return office


def without_period(office: Office) -> Office:
    """The case without the clock that each accepted case has, the period of its mediation."""
    with office.engine.sessions.command(TENANT) as session:
        session.delete(timer_of(session))
    return office


def timer_of(session: Session) -> Timer:
    return session.scalars(select(Timer)).one()


def test_an_accepted_case_shows_the_period_of_its_mediation(office_at: At) -> None:
    _, shown = case_page(office_at("draft_agreement"), "mediator")
    assert "调解期限届满" in shown
    assert "到2026年11月13日当日结束为止" in shown
    assert ">第三十三条</a>" in shown


def timer(office: Office) -> Timer:
    with office.engine.sessions.query(TENANT) as session:
        return timer_of(session)


def task(office: Office) -> UserTask:
    with office.engine.sessions.query(TENANT) as session:
        return session.scalars(select(UserTask).where(UserTask.status == "open")).one()


def limits(page: str) -> str:
    """What stands under the heading of the time limits."""
    return page.partition('id="time-limits"')[2].partition("<h2>")[0]


def case_page(office: Office, who: str) -> tuple[Browser, str]:
    browser = office.person(who)
    return browser, limits(browser.get(f"/cases/{office.case_id}").text)


def test_each_running_clock_stands_on_the_page_in_the_order_of_its_end(office: Office) -> None:
    _, shown = case_page(office, "mediator")
    assert "到2026年12月1日 17:30为止" in shown
    assert "到2026年12月4日当日结束为止" in shown
    assert shown.index("有当事人退出") < shown.index("起草调解协议")
    assert ">第二十八条</a>" in shown
    assert "until the end of 4 Dec 2026" in limits(
        office.person("mediator").english().get(f"/cases/{office.case_id}").text
    )


def test_a_task_that_is_late_is_called_so_in_the_same_words_on_every_page(office: Office) -> None:
    mediator = office.person("mediator")
    assert "最迟2026年12月4日" in mediator.get("/tasks").text
    with office.engine.sessions.command(TENANT) as session:
        late = session.scalars(select(UserTask).where(UserTask.status == "open")).one()
        late.due_at = dt.datetime(2026, 1, 5, 15, 59, 59, tzinfo=dt.UTC)
    case = mediator.get(f"/cases/{office.case_id}").text
    assert "2026年1月5日到期，已超期" in case
    assert ">已超期</span>" in limits(case)
    assert "2026年1月5日到期，已超期" in mediator.get("/tasks?view=overdue").text


def test_who_may_neither_stop_nor_set_them_does_not_see_them(office: Office) -> None:
    assert case_page(office, "reception")[1] == ""


def test_a_mediator_stops_the_clocks_with_a_reason_and_lets_them_go_on(office: Office) -> None:
    mediator, shown = case_page(office, "mediator")
    assert "/clocks/timers/" not in shown
    stopped = limits(mediator.post(f"/cases/{office.case_id}/clocks/pause", reason="等待车辆鉴定").text)
    assert "起暂停计算" in stopped
    assert "等待车辆鉴定" in stopped
    assert stopped.count("暂停中") == 2
    before = timer(office).due_at
    office.clock.moment += dt.timedelta(minutes=10)
    went_on = mediator.post(f"/cases/{office.case_id}/clocks/resume", reason="鉴定意见已收到")
    assert "期限已恢复计算" in went_on.text
    assert timer(office).due_at == before + dt.timedelta(minutes=10)
    with office.engine.sessions.query(TENANT) as session:
        assert session.scalars(select(Pause.reason)).all() == ["等待车辆鉴定"]
        recorded = session.scalars(select(AuditRow.action).order_by(AuditRow.seq)).all()
    assert [action for action in recorded if action.startswith("clocks.")] == [
        "clocks.paused",
        "clocks.resumed",
    ]


def test_stopping_twice_is_refused_with_the_time_of_the_first(office: Office) -> None:
    mediator, _ = case_page(office, "mediator")
    mediator.post(f"/cases/{office.case_id}/clocks/pause", reason="鉴定")
    refused = mediator.post(f"/cases/{office.case_id}/clocks/pause", reason="再次鉴定")
    assert refused.status_code == 409
    assert "2026年" in refused.text


def test_a_chief_mediator_sets_a_timer_to_a_moment_and_a_task_to_a_day(office: Office) -> None:
    chief, shown = case_page(office, "chief")
    assert re.search(r'type="time"[^>]* required value="17:30"', shown)
    assert re.search(r'type="date"[^>]* required value="2026-12-04"', shown)
    assert shown.count('type="time"') == 1
    path = f"/cases/{office.case_id}/clocks"
    answer = chief.post(
        f"{path}/timers/{timer(office).id}", day="2026-12-09", time="08:15", reason="双方同意延长"
    )
    assert "到2026年12月9日 08:15为止" in limits(answer.text)
    assert timer(office).due_at == dt.datetime(2026, 12, 9, 0, 15, tzinfo=dt.UTC)
    answer = chief.post(f"{path}/tasks/{task(office).id}", day="2026-12-11", reason="双方同意延长")
    assert "到2026年12月11日当日结束为止" in limits(answer.text)
    assert task(office).due_at == dt.datetime(2026, 12, 11, 15, 59, 59, tzinfo=dt.UTC)


def test_what_was_done_says_why_a_clock_was_changed_and_from_when_to_when(office: Office) -> None:
    chief, _ = case_page(office, "chief")
    path = f"/cases/{office.case_id}/clocks"
    chief.post(
        f"{path}/timers/{timer(office).id}", day="2026-12-09", time="08:15", reason="车辆还在<b>修</b>"
    )
    chief.post(f"{path}/tasks/{task(office).id}", day="2026-12-11", reason="双方同意延长")
    chief.post(f"{path}/pause", reason="等待车辆鉴定")
    chief.post(f"{path}/resume", reason="鉴定意见已收到")
    done = office.person("reception").get(f"/cases/{office.case_id}").text.partition("办理经过")[2]
    assert "由2026年12月1日 17:30改为2026年12月9日 08:15。" in done
    assert "由2026年12月4日改为2026年12月11日。" in done
    assert "还在&lt;b&gt;修&lt;/b&gt;" in done
    assert all(reason in done for reason in ("双方同意延长", "等待车辆鉴定", "鉴定意见已收到"))


def test_a_timer_that_counts_days_is_set_to_the_end_of_its_last_day(office: Office) -> None:
    with office.engine.sessions.command(TENANT) as session:
        session.scalars(select(Timer)).one().unit = "days"
    chief, _ = case_page(office, "chief")
    path = f"/cases/{office.case_id}/clocks/timers/{timer(office).id}"
    assert "到2026年12月9日当日结束为止" in limits(chief.post(path, day="2026-12-09", reason="延长").text)
    assert timer(office).due_at == dt.datetime(2026, 12, 9, 16, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"day": "2026-12-09", "time": "08:15"}, "请写明原因"),
        ({"day": "2026-12-09", "time": "08:15", "reason": "  "}, "请写明原因"),
        ({"day": "九号", "reason": "延长"}, "日期或者时刻无法识别"),
        ({"day": "2026-12-09", "time": "25:00", "reason": "延长"}, "日期或者时刻无法识别"),
        ({"reason": "延长"}, "日期或者时刻无法识别"),
        ({"day": "9999-12-31", "reason": "延长"}, "日期或者时刻无法识别"),
        ({"day": "0001-01-01", "time": "00:30", "reason": "延长"}, "日期或者时刻无法识别"),
        ({"day": "9999-12-31", "time": "08:00", "reason": "延长"}, "日期或者时刻无法识别"),
    ],
)
def test_what_is_incomplete_is_refused_in_plain_words(
    office: Office, sent: dict[str, str], said: str
) -> None:
    chief, _ = case_page(office, "chief")
    refused = chief.post(f"/cases/{office.case_id}/clocks/timers/{timer(office).id}", **sent)
    assert (refused.status_code, said in refused.text) == (422, True)
    assert timer(office).due_at == UNTIL


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"day": "2026-12-09", "time": "08:15", "reason": " "}, "reason"),
        ({"day": "九号", "time": "08:15", "reason": "等待<鉴定>"}, "day"),
        ({"day": "2026-12-09", "time": "25:00", "reason": "等待<鉴定>"}, "time"),
    ],
)
def test_what_is_incomplete_is_shown_in_its_form_again_with_what_was_typed(
    office: Office, sent: dict[str, str], field: str
) -> None:
    chief, _ = case_page(office, "chief")
    clock_id = timer(office).id
    page = chief.post(f"/cases/{office.case_id}/clocks/timers/{clock_id}", **sent).text
    summary = page.partition('class="error-summary"')[2].partition("</div>")[0]
    assert "tabindex" in summary
    assert f'href="#{field}-{clock_id}"' in summary
    assert "<title>错误：" in page
    form = page.partition(f"/clocks/timers/{clock_id}")[2].partition("</form>")[0]
    assert re.findall(r'id="(\w+)-[^"]*" name="\w+" required aria-invalid="true"', form) == [field]
    assert all(escape(value) in form for value in sent.values())
    assert page.count('<details class="fold" open>') == 2
    assert page.count('aria-invalid="true"') == 1


def test_stopping_without_a_reason_opens_its_form_again(office: Office) -> None:
    mediator, _ = case_page(office, "mediator")
    page = mediator.post(f"/cases/{office.case_id}/clocks/pause", reason=" ")
    assert page.status_code == 422
    assert 'href="#reason-clocks"' in page.text
    assert 'id="reason-clocks" name="reason" required aria-invalid="true"' in page.text


def test_who_does_not_see_the_case_learns_nothing_by_an_incomplete_form(office: Office) -> None:
    with office.engine.sessions.command(TENANT) as session:
        elsewhere = bodies.ensure_body(session, bodies.NewBody("另一委员会"))
    add_person(office.engine, TENANT, elsewhere, "chief_mediator", "other_chief_mediator")
    path = f"/cases/{office.case_id}/clocks"
    for address in (f"{path}/pause", f"{path}/timers/{timer(office).id}"):
        assert office.person("other_chief_mediator").post(address, reason="").status_code == 404
        assert office.party("罗小琴").post(address, reason="").status_code == 404


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("reception", "pause", 403),
        ("mediator", "timers", 403),
        ("mediator", "tasks", 403),
        ("other_mediator", "pause", 404),
        ("other_chief_mediator", "timers", 404),
    ],
)
def test_who_may_not_is_refused_and_nothing_changes(office: Office, who: str, path: str, status: int) -> None:
    with office.engine.sessions.command(TENANT) as session:
        elsewhere = bodies.ensure_body(session, bodies.NewBody("另一委员会"))
    for role in ("mediator", "chief_mediator"):
        add_person(office.engine, TENANT, elsewhere, role, f"other_{role}")
    clock = {"timers": timer(office).id, "tasks": task(office).id}.get(path, "")
    address = f"/cases/{office.case_id}/clocks/{path}/{clock}".rstrip("/")
    refused = office.person(who).post(address, day="2026-12-09", time="08:15", reason="延长")
    assert refused.status_code == status
    assert timer(office).due_at == UNTIL
    with office.engine.sessions.query(TENANT) as session:
        assert session.scalars(select(Pause)).all() == []


def test_who_may_not_set_a_clock_is_told_what_it_is_that_it_may_not(office: Office) -> None:
    mediator = office.person("mediator").english()
    address = f"/cases/{office.case_id}/clocks/timers/{timer(office).id}"
    assert "(change a time limit)" in mediator.post(address, day="2026-12-09", reason="延长").text


def test_a_request_from_elsewhere_is_refused(office: Office) -> None:
    chief, _ = case_page(office, "chief")
    forged = chief.client.post(f"/cases/{office.case_id}/clocks/pause", data={"reason": "x"})
    assert forged.status_code == 400
    assert chief.client.get(f"/cases/{office.case_id}/clocks/pause").status_code == 405


def test_a_case_without_clocks_says_so(office_at: At) -> None:
    office = without_period(office_at("draft_agreement"))
    _, shown = case_page(office, "mediator")
    assert "没有正在计算的期限" in shown
    assert "/clocks/pause" not in shown
