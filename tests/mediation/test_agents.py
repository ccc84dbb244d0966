"""An agent acts for a party within the letter of authority, and until its day."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from engine import errors
from engine.mediation import consultations
from engine.mediation.lookup import parties_of

from ..conftest import House
from .conftest import TODAY, add_case, person
from .online import TERM, Online

LAW = "Civil Code Arts. 165 and 171"
EVERYTHING = ["evidence", "mediator", "claims", "sign", "papers"]


def hospital(**changed: Any) -> dict[str, Any]:
    agent = {"agent": "孙晴", "agent_scope": EVERYTHING, "agent_until": TODAY, "agent_letter": True}
    return person("江畔儿童医院", kind="legal", representative="高院长", **agent | changed)


def represented(house: House, **changed: Any) -> Online:
    return Online(house, add_case(house)).open(respondents=[hospital(**changed)]).agree()


def identify(online: Online) -> Online:
    online.take_identities({online.party_ids[1]: "agent"})
    return online


def test_an_agent_with_authority_answers_offers_and_confirms_an_agreement(house: House) -> None:
    online = identify(represented(house)).offer(0).answer(1, 1, "accept").write().confirm()
    assert online.case().status == "agreed_drafting"


@pytest.mark.parametrize("changed", [{"agent_scope": ["claims"]}, {"agent_until": TODAY - dt.timedelta(1)}])
def test_without_authority_to_take_part_an_agent_is_not_let_in(house: House, changed: dict[str, Any]) -> None:
    online = represented(house, **changed)
    with pytest.raises(errors.LawForbids) as refused:
        identify(online)
    assert refused.value.law_ref == LAW


def test_without_authority_to_settle_an_agent_neither_offers_nor_accepts_nor_agrees(house: House) -> None:
    online = identify(represented(house, agent_scope=["sign"])).offer(0)
    counter = {"offer_to": online.party_ids[:1], "disclosed": "yes", "terms": [TERM]}
    attempts: list[Callable[[], object]] = [
        lambda: online.answer(1, 1, "accept"),
        lambda: online.answer(1, 1, "counter", **counter),
        lambda: online.offer(1),
        lambda: online.write().confirm(),
    ]
    for attempt in attempts:
        with pytest.raises(errors.LawForbids) as refused:
            attempt()
        assert refused.value.law_ref == LAW
    online.answer(1, 1, "decline")
    online.write("go_on").confirm()


def test_the_party_itself_needs_no_letter_of_authority(house: House) -> None:
    online = represented(house, agent_scope=["sign"])
    online.take_identities({online.party_ids[1]: "representative"})
    online.offer(1).offer(0).answer(2, 1, "accept")


def test_a_case_sheet_hides_the_name_of_an_agent(house: House) -> None:
    online = represented(house)
    with online.query() as session:
        everybody = parties_of(session, online.case_id)
        words = consultations.roles_of(everybody)
        assert consultations.without_names("孙晴说", everybody, words) == "被申请人1的代理人说"
