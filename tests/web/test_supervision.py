"""What is to be seen to in consultations, over all cases, through the web."""

import re

from .conftest import Office
from .test_consultations import _the_clock_goes_back, office

__all__ = ["_the_clock_goes_back", "office"]


def test_the_duties_of_one_s_cases_stand_by_their_day_in_their_colours(office: Office) -> None:
    page = office.person("mediator").get("/supervision").text
    found = re.findall(r'#duties">([^<]+)</a>.*?<span class="tag [^"]+">([^<]+)</span>', page, re.DOTALL)
    assert found == [
        ("出具说明", "红色：已经超期"), ("复查左腕", "黄色：快到期"), ("回访双方", "绿色：还有时间"),
    ]  # fmt: skip
    assert "都按期答复了。" in page
    assert "会诊督办" in office.person("mediator").get("/cases").text


def test_a_duty_that_is_done_is_no_longer_listed(office: Office) -> None:
    mediator = office.person("mediator")
    page = mediator.get(f"/cases/{office.case_id}").text
    address = re.findall(r'action="(/cases/[^"]+/opinion/duties/[^"]+)"', page)[0]
    mediator.post(address, done_on=office.clock.moment.date().isoformat())
    assert "出具说明" not in mediator.get("/supervision").text


def test_a_party_and_who_is_not_signed_in_see_nothing_of_it(office: Office) -> None:
    assert office.party("罗小琴").get("/supervision").status_code == 404
    client = office.app.test_client()
    assert client.get("/supervision").status_code == 303
