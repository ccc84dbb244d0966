"""The tree of bodies and the page of one, through the web."""

import pytest
from sqlalchemy import select

from engine import bodies
from engine.bodies import NewBody
from engine.models.people import Body

from ..conftest import TENANT, House
from .conftest import Browser


@pytest.fixture
def administrator(browser: Browser) -> Browser:
    browser.sign_in("administrator")
    return browser


def names(house: House) -> dict[str, Body]:
    with house.engine.sessions.query(TENANT) as session:
        return {body.name: body for body in session.scalars(select(Body))}


def add(browser: Browser, **changed: object) -> int:
    browser.get("/bodies")
    data = {"name": "白塔村调委会", "code": "白塔", "court": "", "kind": "village", "parent_id": ""}
    return browser.post("/bodies", **(data | changed)).status_code


def test_an_administrator_adds_renames_moves_and_closes_a_body(house: House, administrator: Browser) -> None:
    assert add(administrator, parent_id=house.body_id) == 200
    village = names(house)["白塔村调委会"]
    assert (village.kind, village.parent_id) == ("village", house.body_id)
    page = administrator.get(f"/bodies/{village.id}").text
    assert "村、社区" in page
    assert "花滩街道人民调解委员会" in page
    administrator.post(f"/bodies/{village.id}/name", name="白塔社区调委会")
    administrator.get(f"/bodies/{village.id}")
    administrator.post(f"/bodies/{village.id}/place", parent_id="")
    administrator.get(f"/bodies/{village.id}")
    administrator.post(f"/bodies/{village.id}/population", is_mixed="yes")
    changed = names(house)["白塔社区调委会"]
    assert (changed.parent_id, changed.is_mixed) == (None, True)
    administrator.get(f"/bodies/{village.id}")
    assert "机构已经停用" in administrator.post(f"/bodies/{village.id}/closing").text
    assert "已停用" in administrator.get("/bodies").text
    assert "停用这个机构" not in administrator.get(f"/bodies/{village.id}").text


def test_what_is_refused_stands_on_the_page_again_as_it_was_typed(
    house: House, administrator: Browser
) -> None:
    assert add(administrator, kind="courtyard", parent_id=house.body_id) == 409
    page = administrator.last
    assert page is not None
    assert "这类机构（院落）不能设在那里（乡镇、街道）。" in page.text
    assert 'value="白塔村调委会"' in page.text
    assert "<details" in page.text
    assert "open>" in page.text
    assert add(administrator, name="") == 422
    assert add(administrator, code="花滩") == 409
    assert list(names(house)) == ["花滩街道人民调解委员会"]


def test_the_page_says_what_the_committee_lacks_with_its_article(house: House, browser: Browser) -> None:
    browser.sign_in("mediator")
    page = browser.get(f"/bodies/{house.body_id}").text
    assert "在任委员有 1 人，应当有 3 至 9 人。" in page
    assert "应当有妇女成员" in page
    assert '《人民调解法》<a href="/law#committee">第八条</a>' in page
    assert "人数较少民族的委员" not in page


def test_who_may_change_nothing_sees_no_forms_and_is_refused(house: House, reception: Browser) -> None:
    assert "增设机构" not in reception.get("/bodies").text
    page = reception.get(f"/bodies/{house.body_id}").text
    assert "停用这个机构" not in page
    assert "列入名册" not in page
    assert add(reception) == 403
    for path in ("name", "place", "closing", "population"):
        reception.get("/bodies")
        assert reception.post(f"/bodies/{house.body_id}/{path}", name="新").status_code == 403


def test_a_stranger_is_asked_to_sign_in_and_an_unknown_body_is_not_there(
    browser: Browser, house: House
) -> None:
    assert "/sign-in" in browser.get("/bodies").request.path
    browser.sign_in("reception")
    assert browser.get("/bodies/nowhere").status_code == 404
    assert browser.get("/bodies/nowhere/duties").status_code == 404


def test_names_of_bodies_are_text_and_never_markup(house: House, administrator: Browser) -> None:
    bodies.add_body(house.engine, house.administrator, NewBody("<script>花滩</script>", "<b>"))
    assert "<script>花" not in administrator.get("/bodies").text
