"""Undisputed facts on the parties' pages: seen before they are signed, and asked of nobody twice."""

import re
from collections.abc import Callable

from sqlalchemy import select

from engine import people, tasks
from engine.mediation.links import party_actor
from engine.models.base import new_id
from engine.models.people import Account

from ..conftest import TENANT
from .conftest import Office

At = Callable[[str], Office]
TASK = "签无争议事实记录"


def drafted(office: Office) -> None:
    with office.engine.sessions.query(TENANT) as session:
        account_id = session.scalars(select(Account.id).where(Account.username == "mediator")).one()
    mediator = people.account_actor(office.engine, TENANT, account_id)
    assert mediator is not None
    attendees = [office.party_id(name) for name in ("罗小琴", "陈大勇")]
    session_answers = {
        "held_on": "2026-10-13", "place": "二号调解室", "attendees": attendees, "record": "双方陈述。",
        "undisputed_facts": "两车相撞。", "sign_facts": "yes", "read_back": True, "outcome": "separate_talk",
    }  # fmt: skip
    facts = {"facts": "两车相撞。", "no_offers": True, "paper": "no"}
    for node_id, answers in (("hold_joint_session", session_answers), ("draft_fact_sheet", facts)):
        tasks.complete_task(office.engine, mediator, office.task_id(node_id), answers, new_id())
        office.work()


def test_a_party_sees_the_sheet_beside_its_task_and_is_not_asked_again(office_at: At) -> None:
    office = office_at("hold_joint_session")
    drafted(office)
    first, second = office.party("罗小琴"), office.party("陈大勇")
    assert TASK in first.get("/party").text
    task_id = office.task_id("sign_fact_sheet")
    page = first.get(f"/tasks/{task_id}")
    (picture,) = re.findall(r'src="(/documents/[^"]+/pages/1\.png)"', page.text)
    assert first.client.get(picture).status_code == 200
    actor = party_actor(office.engine, TENANT, office.party_id("罗小琴"))
    assert actor is not None
    tasks.complete_task(office.engine, actor, task_id, {"decision": "decline"}, new_id())
    assert TASK not in first.get("/party").text.split("文书")[0]
    assert TASK in second.get("/party").text
    assert "无争议事实记录" in first.get("/party").text


def test_a_party_that_comes_a_moment_later_learns_that_its_page_was_not_sent(office_at: At) -> None:
    office = office_at("hold_joint_session")
    drafted(office)
    task_id, second = office.task_id("sign_fact_sheet"), office.party("陈大勇")
    second.get(f"/tasks/{task_id}")
    actor = party_actor(office.engine, TENANT, office.party_id("罗小琴"))
    assert actor is not None
    tasks.complete_task(office.engine, actor, task_id, {"decision": "decline"}, new_id())
    for page in (second.post(f"/tasks/{task_id}", decision="decline"), second.get(f"/tasks/{task_id}")):
        assert page.request.path == "/party"
        assert "罗小琴刚刚先办完了一步，您刚才那一页没有交上" in page.text
        assert TASK in page.text.split("文书")[0]
