"""Somebody from outside on the web: one page of a case, and 404 on every page of the staff."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.models.people import Account

from ..conftest import TENANT, add_person
from .conftest import Browser, Office
from .test_broadcasts import on_air

NAMES = ("罗小琴", "陈大勇")
STAFF_PAGES = ("/tasks", "/cases", "/cases/{case}", "/cases/{case}/outsiders", "/bodies", "/law", "/party")


@pytest.fixture
def office(office_at: Callable[[str], Office]) -> Office:
    return on_air(office_at("sign_agreement"))


def account(office: Office, role: str) -> str:
    """An account from outside, in the committee's body."""
    (body_id, *_) = office.bodies()
    return add_person(office.engine, TENANT, body_id, role).id


def admit(office: Office, role: str, by: str = "reception") -> Browser:
    """Admit an account by the page; gives the browser in which it has signed in."""
    account_id, staff = account(office, role), office.person(by)
    page = staff.get(f"/cases/{office.case_id}/outsiders")
    assert f"{account_id}:{role}" in page.text
    assert "此人现在只看到" in staff.post(page.request.path, who=f"{account_id}:{role}").text
    return office.person(role)


@pytest.mark.parametrize("role", ["grid_member", "tv_crew"])
def test_whoever_is_admitted_sees_one_page_and_none_of_the_staffs(office: Office, role: str) -> None:
    outsider = admit(office, role)
    home = outsider.get("/")
    assert home.request.path == "/outside"
    view = outsider.get(f"/outside/{office.case_id}")
    assert view.status_code == 200
    for page in (home, view):
        for told in (*NAMES, "人调字", "/tasks", "/cases"):
            assert told not in page.text
    for path in STAFF_PAGES:
        assert outsider.get(path.format(case=office.case_id)).status_code == 404, path
    wanted = "签署中" if role == "grid_member" else "不得播出的内容"
    assert wanted in view.text


def test_a_crew_reads_what_must_not_be_shown_by_side_and_place(office: Office) -> None:
    page = admit(office, "tv_crew", "mediator").get(f"/outside/{office.case_id}").text
    assert "被申请人 2" in page
    assert "没有当事人同意给您的文书" in page


def test_nothing_is_seen_before_the_admission_and_after_its_end(office: Office) -> None:
    account(office, "expert")
    expert = office.person("expert")
    assert "还没有可以查看的内容" in expert.get("/").text
    assert expert.get(f"/outside/{office.case_id}").status_code == 404
    member = admit(office, "grid_member")
    with office.engine.sessions.query(TENANT) as session:
        account_id = session.scalars(select(Account.id).where(Account.username == "grid_member")).one()
    staff = office.person("chief")
    staff.get(f"/cases/{office.case_id}/outsiders")
    staff.post(f"/cases/{office.case_id}/outsiders/{account_id}/end")
    assert member.get(f"/outside/{office.case_id}").status_code == 404


def test_an_expert_whom_not_every_party_agreed_to_is_refused_with_the_article(office: Office) -> None:
    staff, expert = office.person("mediator"), account(office, "expert")
    staff.get(f"/cases/{office.case_id}/outsiders")
    refused = staff.post(f"/cases/{office.case_id}/outsiders", who=f"{expert}:expert")
    assert refused.status_code == 409
    assert "《人民调解法》第二十条" in refused.text


def test_staff_and_parties_have_no_page_from_outside(office: Office) -> None:
    for browser in (office.person("mediator"), office.person("chief"), office.party("罗小琴")):
        assert browser.get("/outside").status_code == 404
        assert browser.get(f"/outside/{office.case_id}").status_code == 404


def test_a_party_does_not_learn_who_was_admitted(office: Office) -> None:
    admit(office, "grid_member")
    assert "外部人员" in office.person("reception").get(f"/cases/{office.case_id}").text
    assert "外部人员" not in office.party("罗小琴").get("/party").text


def test_the_head_saves_the_papers_for_a_court_and_nobody_else_does(
    office_at: Callable[[str], Office],
) -> None:
    office = office_at("end")
    chief = office.person("chief")
    assert "供法院使用的材料" in chief.get(f"/cases/{office.case_id}").text
    saved = chief.post(f"/cases/{office.case_id}/court-packet", demand="")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(saved.data)) as packet:
        titles = {re.sub(r"^\d\d |\.\w+$", "", name) for name in packet.namelist()}
    assert titles == {"目录", "调解申请受理回执", "当事人权利义务告知书", "人民调解协议书", "调解记录"}
    assert "整理供法院使用的材料" in chief.get(f"/cases/{office.case_id}").text
    mediator = office.person("mediator")
    assert "court-packet" not in mediator.get(f"/cases/{office.case_id}").text
    assert mediator.post(f"/cases/{office.case_id}/court-packet").status_code == 403
