"""The register of mediators through the web, and its file."""

import csv
import io
from dataclasses import replace

import pytest
from sqlalchemy import select

from engine import people
from engine.calendar import day_of
from engine.mediation import register
from engine.mediation.register import NewMediator
from engine.models.committees import Mediator, Training

from ..conftest import TENANT, House
from .conftest import Browser

TODAY = "2026-03-02"


@pytest.fixture
def chief(browser: Browser) -> Browser:
    browser.sign_in("chief_mediator")
    return browser


def newcomer(house: House, name: str = "王新") -> str:
    with house.engine.sessions.command(TENANT) as session:
        new = people.NewAccount(name, name, ["mediator"], house.body_id, "")
        return people.add_account(session, new, hash_password=lambda _: "-").id


def terms(house: House, account_id: str) -> list[Mediator]:
    with house.engine.sessions.query(TENANT) as session:
        return list(register.terms_of(session, account_id))


def post(house: House, browser: Browser, path: str, **data: object) -> int:
    browser.get(f"/bodies/{house.body_id}")
    return browser.post(f"/bodies/{house.body_id}/{path}", **data).status_code


def entry(account_id: str, **changed: object) -> dict[str, object]:
    return {
        "account_id": account_id, "standing": "member", "chosen_by": "elected", "chosen_on": TODAY,
        "term_end": "", "education": "高中", "is_woman": "yes", "is_minority": "no",
    } | changed  # fmt: skip


def test_a_chief_mediator_enters_a_term_and_ends_it(house: House, chief: Browser) -> None:
    account_id = newcomer(house)
    assert post(house, chief, "mediators", **entry(account_id)) == 200
    (term,) = terms(house, account_id)
    assert (term.is_woman, term.is_minority, term.education, term.term_end.isoformat()) == (
        True, False, "高中", "2029-03-02",
    )  # fmt: skip
    page = chief.get(f"/bodies/{house.body_id}").text
    assert "王新" in page
    assert "2026年3月2日至2029年3月2日" in page
    assert post(house, chief, f"mediators/{term.id}/end", ended_on=TODAY, reason="退休") == 200
    assert terms(house, account_id)[0].end_reason == "退休"
    assert "2026年3月2日提前结束：退休" in chief.get(f"/bodies/{house.body_id}").text


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"chosen_on": ""}, 422, "enter-chosen_on-error"),
        ({"chosen_on": "9999-12-31"}, 422, "enter-chosen_on-error"),
        ({"term_end": "2020-01-01"}, 422, "enter-term_end-error"),
        ({"term_end": "2030-01-01"}, 409, "《人民调解法》第九条"),
        ({"standing": "boss"}, 422, "enter-standing-error"),
    ],
)
def test_a_term_that_can_t_be_is_told_on_the_page(
    house: House, chief: Browser, changed: dict[str, object], status: int, said: str
) -> None:
    account_id = newcomer(house)
    assert post(house, chief, "mediators", **entry(account_id, **changed)) == status
    assert chief.last is not None
    assert said in chief.last.text
    assert 'value="高中"' in chief.last.text
    assert terms(house, account_id) == []


def test_a_training_is_recorded_and_hours_that_are_no_number_are_not(house: House, chief: Browser) -> None:
    data = {"account_id": house.mediator.id, "held_on": TODAY, "subject": "民法典"}
    for hours in ("", "半天", "-1", "1.5", "²", "10000"):
        assert post(house, chief, "trainings", **data, hours=hours) == 422
    assert post(house, chief, "trainings", **data, hours="16") == 200
    with house.engine.sessions.query(TENANT) as session:
        assert [row.hours for row in session.scalars(select(Training))] == [16]
    assert "培训：16 学时" in chief.get(f"/bodies/{house.body_id}").text


def test_the_register_is_a_file_that_a_spreadsheet_reads_in_chinese(house: House, chief: Browser) -> None:
    with house.engine.sessions.command(TENANT) as session:
        new = people.NewAccount("x", "=1+1", ["mediator"], house.body_id, "")
        account = people.add_account(session, new, hash_password=lambda _: "-")
        begins = day_of(house.clock())
        made = NewMediator(account.id, begins, standing="hired", chosen_by="appointed", education="@大专")
        register.enter(session, replace(made, is_woman=True))
    answer = chief.get("/bodies/register.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    heading, formula, plain = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert heading[:3] == ["机构", "姓名", "身份"]
    assert len(heading) == len(formula) == len(plain)
    assert formula[1:6] == ["'=1+1", "调委会聘任", "指定", TODAY, "2029-03-02"]
    assert formula[-4:] == ["'@大专", "是", "否", "0"]
    assert plain[1] == "mediator"


def test_only_who_keeps_the_register_takes_it_away(house: House, reception: Browser) -> None:
    assert reception.get("/bodies/register.csv").status_code == 403
    assert post(house, reception, "mediators", **entry(newcomer(house))) == 403
