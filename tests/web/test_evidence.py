"""The pages of evidence: added with its file at any time, seen by those who may, never lost when wrong."""

import io
import re
from collections.abc import Callable
from typing import Any

from engine.mediation import case_page, props
from engine.mediation.links import party_actor

from ..conftest import TENANT
from .conftest import Browser, Office

At = Callable[[str], Office]


def add(browser: Browser, office: Office, **changed: Any) -> Any:
    path = f"/cases/{office.case_id}/evidence"
    browser.get(path)
    given = {
        "name": "医院票据", "party_id": office.party_id("罗小琴"), "brought_on": "2026-10-13",
        "kind": "paper", "original": "yes", "disclosure": "may_show", "description": "三张",
        "file": (io.BytesIO(props.photograph("票据")), "票据.png"),
    } | changed  # fmt: skip
    return browser.post(path, **given)


def test_reception_lists_evidence_and_both_parties_open_what_may_be_shown(office_at: At) -> None:
    office = office_at("hold_joint_session")
    page = add(office.person("reception"), office)
    assert "证据已经登记" in page.text
    (link,) = re.findall(r'href="(/evidence/[^"]+)"', page.text)
    assert len(re.findall(r'class="digest">[0-9a-f]{64}<', page.text)) == 1
    for name in ("罗小琴", "陈大勇"):
        party = office.party(name)
        assert "医院票据" in party.get("/party").text
        answer = party.client.get(link)
        assert answer.data == props.photograph("票据")
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_is_private_is_on_the_other_side_s_page_not_even_as_a_gap(office_at: At) -> None:
    office = office_at("hold_joint_session")
    page = add(office.person("mediator"), office, disclosure="private", name="录音")
    (link,) = re.findall(r'href="(/evidence/[^"]+)"', page.text)
    assert "录音" in office.party("罗小琴").get("/party").text
    other = office.party("陈大勇")
    assert "证据" not in other.get("/party").text
    assert other.client.get(link).status_code == 404
    head = office.person("chief").get(f"/cases/{office.case_id}").text
    assert "不公开的证据" in head
    assert "录音" not in head


def test_a_party_s_view_of_what_was_done_tells_nothing_of_evidence(office_at: At) -> None:
    office = office_at("hold_joint_session")
    mediator = office.person("mediator")
    add(mediator, office, disclosure="private")
    assert "登记了一件证据" in mediator.get(f"/cases/{office.case_id}").text
    party = party_actor(office.engine, TENANT, office.party_id("陈大勇"))
    assert party is not None
    actions = {row.action for row in case_page.show_case(office.engine, party, office.case_id).timeline}
    assert actions
    assert not any(action.startswith("evidence") for action in actions)


def test_what_is_wrong_is_named_and_what_was_typed_stays(office_at: At) -> None:
    office = office_at("hold_joint_session")
    page = add(office.person("reception"), office, brought_on="", description="很重要的票据")
    assert page.status_code == 422
    assert '<a href="#add-brought_on">请填写这一项。</a>' in page.text
    assert "很重要的票据" in page.text
    refused = add(office.person("reception"), office, file=(io.BytesIO(b"MZ"), "a.exe"))
    assert refused.status_code == 422
    assert "PDF" in refused.text


def test_nothing_is_chosen_for_who_writes_evidence_down_but_the_day(office_at: At) -> None:
    office = office_at("hold_joint_session")
    browser = office.person("reception")
    page = browser.get(f"/cases/{office.case_id}/evidence").text
    assert 'name="brought_on" value="2026-10-' in page
    for name in ("party_id", "kind", "disclosure"):
        (first,) = re.findall(rf'name="{name}"><option value="" +selected>([^<]+)<', page)
        assert first == "请选择…"
    unsaid = add(browser, office, party_id="")
    assert unsaid.status_code == 422
    assert 'href="#add-party_id"' in unsaid.text
    assert "证据已经登记" in add(browser, office, party_id="committee", name="现场照片").text


def test_an_item_is_handed_back_and_shown_as_who_brought_it_wants(office_at: At) -> None:
    office = office_at("hold_joint_session")
    mediator = office.person("mediator")
    page = add(mediator, office, disclosure="private")
    (back,) = re.findall(r'action="([^"]+/return)"', page.text)
    (disclose,) = re.findall(r'action="([^"]+/disclosure)"', page.text)
    assert "能不能给对方看，已经改好" in mediator.post(disclose, disclosure="may_show").text
    assert "医院票据" in office.party("陈大勇").get("/party").text
    page = mediator.post(back, on="2026-10-13", note="罗小琴本人")
    assert "2026年10月13日已退还：罗小琴本人" in page.text
    assert "/return" not in page.text


def test_after_the_end_the_list_is_there_and_nothing_is_added(office_at: At) -> None:
    office = office_at("end")
    reception = office.person("reception")
    assert "登记一件证据" not in reception.get(f"/cases/{office.case_id}/evidence").text
    assert add(reception, office, key="k").status_code == 409


def test_the_list_is_a_document_of_the_case_for_the_staff(office_at: At) -> None:
    office = office_at("hold_joint_session")
    add(office.person("reception"), office)
    office.work()
    assert "证据材料清单" in office.person("mediator").get(f"/cases/{office.case_id}").text
    assert "证据材料清单" not in office.party("罗小琴").get("/party").text


def test_who_has_no_part_finds_no_page(office_at: At) -> None:
    office = office_at("invite_party")
    assert office.person("mediator").get(f"/cases/{office.case_id}/evidence").status_code == 404
    assert office.party("罗小琴").get(f"/cases/{office.case_id}/evidence").status_code == 404
