"""The page of guardians: recorded and replaced by the staff, shown to both sides without the phone."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.models.base import table
from engine.models.cases import Party
from engine.models.processes import UserTask

from ..conftest import TENANT
from .conftest import Browser, Office

At = Callable[[str], Office]
PARTIES = table(Party)
CHILD, OTHER = "罗小琴", "陈大勇"


@pytest.fixture
def child_at(office_at: At) -> At:
    """The case as it stood, but one of its parties is 15."""

    def at(node_id: str) -> Office:
        office = office_at(node_id)
        with office.engine.sessions.command(TENANT) as session:
            young = update(PARTIES).where(PARTIES.c.tenant_id == TENANT, PARTIES.c.name == CHILD)
            session.execute(young.values(age=15))
        return office

    return at


def record(browser: Browser, office: Office, **changed: Any) -> Any:
    path = f"/cases/{office.case_id}/guardians"
    browser.get(path)
    given = {"name": "罗建平", "relation": "父亲", "phone": "13700001234", "reason": ""} | changed
    return browser.post(path, party_id=office.party_id(CHILD), **given)


def open_nodes(office: Office) -> list[str]:
    with office.engine.sessions.query(TENANT) as session:
        return list(session.scalars(select(UserTask.node_id).where(UserTask.status == "open")))


def test_the_guardian_is_recorded_shown_to_both_sides_and_replaced(child_at: At) -> None:
    office = child_at("record_consent")
    reception = office.person("reception")
    page = reception.get(f"/cases/{office.case_id}").text
    assert "没有登记监护人" in page
    assert f"/cases/{office.case_id}/guardians" in page
    said = record(reception, office).text
    assert "监护人已经登记" in said
    case = reception.get(f"/cases/{office.case_id}").text
    assert "监护人：罗建平" in case
    assert 'href="tel:13700001234"' in case
    assert "没有登记监护人" not in case
    for name in (CHILD, OTHER):
        own = office.party(name).get("/party").text
        assert "监护人：罗建平" in own
        assert "13700001234" not in own
    assert record(reception, office, name="周梅", relation="母亲").status_code == 422
    replaced = record(reception, office, name="周梅", relation="母亲", reason="父亲出国").text
    assert "监护人：周梅" in replaced
    assert "父亲出国" in replaced


def test_somebody_of_the_other_side_is_refused_at_the_field_and_what_was_typed_stays(child_at: At) -> None:
    office = child_at("record_consent")
    page = record(office.person("reception"), office, name=OTHER, phone="", relation="舅舅")
    assert page.status_code == 422
    assert 'id="record-name-error">对方当事人不能做监护人' in page.text
    assert 'value="舅舅"' in page.text
    english = office.person("reception").english()
    assert "their interests conflict" in record(english, office, name=OTHER, phone="").text


def test_a_text_that_nobody_has_signed_is_drafted_again(child_at: At) -> None:
    office = child_at("sign_agreement")
    record(office.person("mediator"), office)
    assert open_nodes(office) == ["draft_agreement"]


def test_once_the_agreement_binds_the_article_is_told(child_at: At) -> None:
    office = child_at("end")
    chief = office.person("chief")
    page = record(chief, office, key="once")
    assert page.status_code == 409
    assert "《人民调解法》第三十一条、第三十二条" in page.text
    assert (
        f'action="/cases/{office.case_id}/guardians"'
        not in chief.get(f"/cases/{office.case_id}/guardians").text
    )


def test_only_who_may_record_one_opens_the_page(child_at: At) -> None:
    office = child_at("record_consent")
    page = office.person("seal").get(f"/cases/{office.case_id}/guardians")
    assert page.status_code == 403
    assert office.party(OTHER).get(f"/cases/{office.case_id}/guardians").status_code in (302, 403, 404)
