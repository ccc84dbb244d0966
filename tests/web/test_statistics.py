"""The statistics through the web."""

import csv
import io

from ..conftest import House
from ..mediation.test_statistics import accepted, agreed
from .conftest import Browser


def test_a_chief_mediator_reads_the_year_s_figures_and_takes_them_along(
    house: House, browser: Browser
) -> None:
    agreed(accepted(house), oral=False)
    browser.sign_in("chief_mediator")
    assert 'href="/statistics"' in browser.get("/bodies").text
    page = " ".join(browser.get("/statistics").text.split())
    assert "2026年1月1日至2026年3月2日受理的案件" in page
    assert "<dt>调解成功</dt><dd>1</dd>" in page
    answer = browser.get("/statistics/statistics.csv?first=2026-03-01&last=2026-03-31")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert lines[0] == ["2026-03-01至2026-03-31受理"]
    assert lines[2][:4] == ["全部案件", "", "1", "2"]
    assert ["按调解方式", "face_to_face"] not in [line[:2] for line in lines]
    assert sum(int(line[2]) for line in lines if line[0] == "按纠纷类型") == 1


def test_days_that_can_t_be_read_are_refused_in_words(browser: Browser) -> None:
    browser.sign_in("chief_mediator")
    for asked in ("first=gestern", "first=2026-03-02&last=2026-03-01", "last=2026-02-30"):
        answer = browser.get(f"/statistics?{asked}")
        assert answer.status_code == 422
        assert "日期" in answer.text


def test_the_mediator_finds_no_way_to_it(browser: Browser) -> None:
    browser.sign_in("mediator")
    assert "/statistics" not in browser.get("/bodies").text
    assert browser.get("/statistics").status_code == 403
