"""The page of interpreters and witnesses: added and removed by the staff, shown to both sides by name."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from engine.models.processes import UserTask

from ..conftest import TENANT
from .conftest import Browser, Office

At = Callable[[str], Office]
ONE, OTHER = "罗小琴", "陈大勇"
PHONE = "13700001234"


def add(browser: Browser, office: Office, **changed: Any) -> Any:
    path = f"/cases/{office.case_id}/attendants"
    browser.get(path)
    given = {"role": "interpreter", "name": "阿依古丽", "language": "维吾尔语", "phone": PHONE}
    return browser.post(path, **given | {"party_ids": office.party_id(ONE)} | changed)


def end_of(page: str) -> str:
    found = re.search(r'action="(/cases/[^"]+/attendants/[^"]+/end)"', page)
    assert found
    return found[1]


def open_nodes(office: Office) -> list[str]:
    with office.engine.sessions.query(TENANT) as session:
        return list(session.scalars(select(UserTask.node_id).where(UserTask.status == "open")))


def test_an_interpreter_is_added_shown_to_both_sides_and_removed(office_at: At) -> None:
    office = office_at("record_consent")
    reception = office.person("reception")
    page = reception.get(f"/cases/{office.case_id}").text
    assert f'href="/cases/{office.case_id}/attendants"' in page
    assert "没有翻译人员" in reception.get(f"/cases/{office.case_id}/attendants").text
    said = add(reception, office).text
    assert "已经登记。" in said
    assert f'href="tel:{PHONE}"' in said
    case = reception.get(f"/cases/{office.case_id}").text
    assert re.search(r"<dt>翻译人员</dt>\s*<dd class=.onward.>阿依古丽（为罗小琴翻译，维吾尔语）", case)
    assert f'href="tel:{PHONE}"' in case
    assert "登记了翻译人员、见证人或者证人" in case
    for name in (ONE, OTHER):
        own = office.party(name).get("/party").text
        assert re.search(r"<dt>翻译人员</dt>\s*<dd class=.onward.>阿依古丽", own)
        assert PHONE not in own
    page = reception.get(f"/cases/{office.case_id}/attendants").text
    after = reception.post(end_of(page)).text
    assert "已经登记此人不再参加" in after
    assert "以前参加过的人" in after
    assert PHONE not in after
    assert "阿依古丽" not in office.party(ONE).get("/party").text
    assert reception.post(end_of(page), key="another").status_code == 404


def test_what_is_wrong_is_told_at_the_field_and_what_was_typed_stays(office_at: At) -> None:
    office = office_at("record_consent")
    reception = office.person("reception")
    page = add(reception, office, name=OTHER, phone="")
    assert page.status_code == 422
    assert 'id="add-name-error">当事人、代他行事的人' in page.text
    assert f'value="{office.party_id(ONE)}" checked' in page.text
    assert 'value="维吾尔语"' in page.text
    nobody = add(reception, office, party_ids="").text
    assert 'href="#add-party_ids"' in nobody
    assert add(reception, office, role="", language="").status_code == 422
    english = office.person("reception").english()
    assert "can&#39;t interpret or witness marks here" in add(english, office, name=OTHER, phone="").text


def test_a_text_that_nobody_has_signed_is_drafted_again_for_whom_it_names(office_at: At) -> None:
    office = office_at("agree_signing_method")
    add(office.person("mediator"), office, role="fact_witness")
    assert open_nodes(office) == ["agree_signing_method"]
    add(office.person("mediator"), office, role="mark_witness", name="王五")
    assert open_nodes(office) == ["draft_agreement"]


def test_where_the_parties_sign_electronically_the_article_is_told(office_at: At) -> None:
    office = office_at("sign_agreement")
    page = add(office.person("mediator"), office, role="mark_witness", name="王五")
    assert page.status_code == 409
    assert "《电子签名法》第十三条" in page.text
    assert "见证按指印只能在纸质协议书上" in page.text


def test_once_the_agreement_binds_nobody_is_added(office_at: At) -> None:
    office = office_at("end")
    chief = office.person("chief")
    assert add(chief, office, key="once").status_code == 409
    page = chief.get(f"/cases/{office.case_id}/attendants").text
    assert f'action="/cases/{office.case_id}/attendants"' not in page


def test_only_who_may_add_somebody_opens_the_page(office_at: At) -> None:
    office = office_at("record_consent")
    path = f"/cases/{office.case_id}/attendants"
    seal = office.person("seal")
    assert seal.get(path).status_code == 403
    assert path not in seal.get(f"/cases/{office.case_id}").text
    assert office.party(OTHER).get(path).status_code == 404
