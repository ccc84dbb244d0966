"""The duty roster through the web."""

from engine.calendar import ONE
from engine.mediation import roster
from engine.mediation.roster import Shift

from ..conftest import House
from ..mediation.conftest import TODAY
from .conftest import Browser


def shifts(house: House) -> frozenset[Shift]:
    return roster.show_week(house.engine, house.reception, house.body_id).shifts


def test_a_chief_mediator_plans_the_week_and_the_reception_sees_today_s(
    house: House, browser: Browser
) -> None:
    path, chief = f"/bodies/{house.body_id}/duties", house.chief_mediator
    browser.sign_in("chief_mediator")
    assert "保存本周值班表" in browser.get(path).text
    ticked = f"{TODAY.isoformat()} morning {chief.id}"
    page = browser.post(path, day=TODAY.isoformat(), shift=ticked).text
    assert "已经保存" in page
    assert f'value="{ticked}" checked' in page
    assert shifts(house) == {Shift(TODAY, "morning", chief.id)}
    browser.post("/sign-out")
    browser.sign_in("reception")
    inbox = " ".join(browser.get("/tasks").text.split())
    assert "今日值班首席调解员： 上午 chief_mediator · 下午 无人" in inbox
    week = browser.get(path).text
    assert "保存本周值班表" not in week
    assert "上午：chief_mediator" in week
    assert browser.post(path, day=TODAY.isoformat()).status_code == 403


def test_the_weeks_before_and_after_are_one_press_away(house: House, reception: Browser) -> None:
    path = f"/bodies/{house.body_id}/duties"
    page = reception.get(path).text
    assert "2026年3月2日 星期一" in page
    for day in (TODAY - 7 * ONE, TODAY + 7 * ONE):
        assert f"{path}?day={day.isoformat()}" in page
    assert "2026年3月9日 星期一" in reception.get(f"{path}?day=2026-03-11").text


def test_a_day_or_a_shift_that_can_t_be_read_changes_nothing(house: House, browser: Browser) -> None:
    path = f"/bodies/{house.body_id}/duties"
    browser.sign_in("chief_mediator")
    for day in ("gestern", "0001-01-01", "9999-12-31"):
        assert browser.get(f"{path}?day={day}").status_code == 422
    browser.get(path)
    for shift in ("", "x", "2026-03-02", "2026-03-02 night y", "2026-03-02 morning nobody"):
        assert browser.post(path, day=TODAY.isoformat(), shift=shift).status_code in (404, 422)
        browser.get(path)
    assert shifts(house) == frozenset()


def test_who_does_not_receive_parties_is_not_told_of_the_roster(house: House, browser: Browser) -> None:
    browser.sign_in("mediator")
    assert "今日值班" not in browser.get("/tasks").text
