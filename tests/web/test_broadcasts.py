"""Television on the pages: the ledger for staff, a party's own nine consents, the machine-readable list."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine import instances, people
from engine.mediation import EFFECTS, broadcast_items
from engine.mediation.lookup import case_of, parties_of
from engine.models.base import new_id
from engine.models.processes import UserTask
from engine.policy import Actor
from engine.services import Step
from web import words

from ..conftest import TENANT
from ..mediation.studio import CHANNEL, DETAILS, QUIET
from .conftest import Browser, Office

At = Callable[[str], Office]


def perform(office: Office, effect: str, **answers: Any) -> None:
    """Carry out an effect as the case's mediator, on a task that was done before."""
    engine = office.engine
    with engine.sessions.command(TENANT) as session:
        root = instances.lock(session, office.case_id)
        case = case_of(session, root.id)
        actor = people.account_actor(engine, TENANT, case.mediator_id or "")
        assert isinstance(actor, Actor)
        task = session.scalars(select(UserTask).where(UserTask.root_id == root.id)).first()
        assert task is not None
        EFFECTS[effect](Step(session, engine, actor, root, task, answers, engine.now()))


def party_ids(office: Office) -> list[str]:
    with office.engine.sessions.query(TENANT) as session:
        return [party.id for party in parties_of(session, office.case_id)]


@pytest.fixture
def office(office_at: At) -> Office:
    return on_air(office_at("sign_agreement"))


def on_air(office: Office) -> Office:
    """The tricycle case with a broadcast planned, all consents given but one."""
    terms = {
        name: office.engine.now().date().replace(year=2027) for name in DETAILS if name.endswith("_until")
    }
    perform(office, "tv_eligibility_assessed", programme="有话好说", channel=CHANNEL, **QUIET)
    given = dict.fromkeys(broadcast_items.ITEMS, "given")
    for index, party_id in enumerate(party_ids(office)):
        decided = DETAILS | terms | given | {"party_id": party_id}
        if index:
            decided |= {"surroundings": "refused", "face": "pixelated"}
        perform(office, "broadcast_consents_recorded", **decided)
    judge = {"name": "李法官", "role": "judge", "tie": "none", "agreed": party_ids(office)}
    perform(office, "guests_consented", guests=[judge])
    return office


def listed(office: Office, username: str = "mediator") -> Any:
    page = office.person(username).get(f"/cases/{office.case_id}/do-not-air.json")
    assert page.content_type == "application/json"
    return json.loads(page.text)


def test_staff_see_who_agreed_to_what(office: Office) -> None:
    page = office.person("mediator").get(f"/cases/{office.case_id}").text
    for text in ("电视调解", "有话好说", "打马赛克", "不同意", CHANNEL, "李法官", "不得审理本案"):
        assert text in page
    assert page.count('<th scope="row">') == 9


def test_a_party_sees_its_own_nine_consents_and_takes_one_back_by_one_button(office: Office) -> None:
    party = office.party("罗小琴")
    page = party.get("/party")
    assert page.text.count("收回这项同意</button>") == 9
    assert "不开机，照样调解。" in page.text
    page = party.post("/party/consents/withdrawal", item="web")
    assert "您已经收回这项同意" in page.text
    assert page.text.count("收回这项同意</button>") == 8
    assert [(one["item"], one["why"]) for one in listed(office)["entries"]][0] == ("web", "withdrawn")


def test_a_party_reads_nothing_of_the_other_s_reasons(office: Office) -> None:
    luo = office.party("罗小琴")
    luo.get("/party")
    assert "前夫会看到" in luo.post("/party/consents/withdrawal", item="web", reason="前夫会看到").text
    for browser, path in (
        (office.party("陈大勇"), "/party"),
        (office.person("reception"), f"/cases/{office.case_id}"),
    ):
        assert "前夫会看到" not in browser.get(path).text
    assert "前夫会看到" in office.person("mediator").get(f"/cases/{office.case_id}").text


def test_staff_take_a_consent_back_at_the_party_s_word(office: Office) -> None:
    reception, party_id = office.person("reception"), office.party_id("罗小琴")
    reception.get(f"/cases/{office.case_id}")
    page = reception.post(f"/cases/{office.case_id}/consents/withdrawal", party_id=party_id, item="channel")
    assert "这项同意已经收回" in page.text
    assert "收回了当事人对电视节目的一项同意" in page.text
    assert re.search(r'《个人信息保护法》<a href="/law#\w+">第十五条</a>', page.text)


def test_what_was_not_given_is_not_taken_back_and_an_unknown_item_is_not_there(office: Office) -> None:
    party = office.party("陈大勇")
    party.get("/party")
    assert party.post("/party/consents/withdrawal", item="surroundings").status_code == 409
    party.get("/party")
    assert party.post("/party/consents/withdrawal", item="everything").status_code == 404


def use(office: Office, browser: Browser, **asked: str) -> Any:
    asked = {"kind": "record", "day": "2026-10-20", "key": new_id()} | asked
    return browser.post(f"/cases/{office.case_id}/footage", **asked)


def test_a_use_of_footage_is_answered_and_shown_among_those_asked_for(office: Office) -> None:
    mediator = office.person("mediator")
    mediator.get(f"/cases/{office.case_id}")
    assert json.loads(use(office, mediator).text) == {"allowed": True, "obstacles": []}
    shows = f"{party_ids(office)[1]}:face"
    refused = json.loads(use(office, mediator, shows=shows).text)
    assert [one["why"] for one in refused["obstacles"]] == ["limited"]
    page = office.person("mediator").get(f"/cases/{office.case_id}").text
    assert "申请使用录像的记录" in page
    assert use(office, mediator, kind="sell").status_code == 422
    assert use(office, mediator, day="soon").status_code == 422


def test_the_list_is_for_staff_who_see_the_case(office: Office) -> None:
    assert {one["item"] for one in listed(office)["entries"]} == {"surroundings", "appearance"}
    path = f"/cases/{office.case_id}/do-not-air.json"
    assert office.party("罗小琴").get(path).status_code == 404
    assert office.app.test_client().get(path).status_code == 303


def test_a_case_without_television_shows_nothing_of_it(office_at: At) -> None:
    office = office_at("sign_agreement")
    page = office.person("mediator").get(f"/cases/{office.case_id}").text
    # The path stands in the diagram of every case; nothing is told of a programme or of consents.
    assert 'id="broadcast"' not in page
    assert not [word for word in ("节目", "收回") if word in page.replace("电视节目", "")]
    assert "电视调解" not in office.party("罗小琴").get("/party").text


def test_the_words_on_the_party_s_page_are_those_whose_hash_is_kept(office: Office) -> None:
    with office.app.test_request_context("/"):
        shown = {item: str(text) for item, text in words.CONSENT_TEXTS.items()}
    assert shown == dict(broadcast_items.TEXTS)
