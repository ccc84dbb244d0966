"""Judicial confirmation on the pages: recorded by staff, refused at its place, read by the parties."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from .conftest import Browser, Office

At = Callable[[str], Office]
AFTERWARDS = dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC)
APPLY, LATER = (
    "各方可以在2026年11月12日以前共同向法院申请司法确认",
    "共同申请司法确认的期限已于2026年11月12日届满",
)


@pytest.fixture
def office(office_at: At) -> Office:
    return office_at("end")


@pytest.fixture
def afterwards(office: Office) -> Iterator[Office]:
    """The same a week after the last day."""
    before = office.clock.moment
    office.clock.moment = AFTERWARDS
    yield office
    office.clock.moment = before


def path(office: Office) -> str:
    return f"/cases/{office.case_id}/confirmation"


def everybody(office: Office) -> list[str]:
    return [office.party_id("罗小琴"), office.party_id("陈大勇")]


def apply(browser: Browser, office: Office, **given: object) -> str:
    browser.get(path(office))
    sent = {"party_id": everybody(office), "court": "合川区人民法院", "applied_on": "2026-10-13"}
    return browser.post(path(office), **sent | given).text


def test_all_apply_the_court_decides_and_the_parties_read_it(office: Office) -> None:
    reception, party = office.person("reception"), office.party("陈大勇")
    assert APPLY in reception.get(f"/cases/{office.case_id}").text
    assert APPLY in party.get("/party").text
    assert "已登记" in apply(reception, office)
    office.work()
    assert "司法确认申请书" in party.get("/party").text
    ruling = {"result": "confirmed", "ruled_on": "2026-10-13", "reference": "（2026）渝0199诉前调确第12号"}
    assert "法院办理中" in party.get("/party").text
    reception.get(path(office))
    page = reception.post(f"{path(office)}/ruling", **ruling)
    assert "法院已确认有效" in page.text
    for said in ("法院已确认有效", "可以向人民法院申请强制执行", "（2026）渝0199诉前调确第12号"):
        assert said in party.get("/party").text
    assert "登记了法院对司法确认的决定" in reception.get(f"/cases/{office.case_id}").text


def test_after_the_last_day_it_is_refused_with_the_article(afterwards: Office) -> None:
    reception = afterwards.person("reception")
    assert LATER in reception.get(path(afterwards)).text
    said = apply(reception, afterwards, applied_on="2026-11-20")
    assert reception.last.status_code == 409
    assert "第三十三条" in said
    assert "共同申请司法确认的期限已经届满" in said
    assert said.count("checked") == 2


def test_one_alone_is_refused_and_what_is_wrong_stands_at_its_place(office: Office) -> None:
    reception = office.person("reception")
    assert "受协议约束的各方必须共同申请" in apply(reception, office, party_id=everybody(office)[:1])
    assert 'href="#apply-court"' in apply(reception, office, court=" ")
    assert APPLY in reception.get(path(office)).text


def test_before_the_agreement_binds_the_page_says_so(office_at: At) -> None:
    office = office_at("draft_agreement")
    assert "还没有生效的协议" in office.person("mediator").get(path(office)).text


def test_parties_and_other_staff_do_not_come_to_the_page(office: Office) -> None:
    assert office.person("seal").get(path(office)).status_code == 403
    assert office.party("陈大勇").get(path(office)).status_code in (302, 303, 403, 404)
