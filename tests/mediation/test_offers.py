import datetime as dt
from decimal import Decimal

import pytest

from engine import errors
from engine.mediation import visibility
from engine.mediation.offers import Term

from ..conftest import House
from .conftest import TODAY, add_case
from .online import TERM, Online

DUE = TODAY + dt.timedelta(days=3)


@pytest.fixture
def online(house: House) -> Online:
    return Online(house, add_case(house)).ready()


def test_the_terms_come_back_exactly_and_lie_encrypted(online: Online) -> None:
    terms = [TERM | {"amount": Decimal("2000.10"), "due_on": DUE}, {"action": "交还钥匙"}]
    online.offer(0, terms=terms)
    (offer,) = online.offers()
    assert offer.terms == [
        Term("退还保证金", Decimal("2000.10"), "转账", DUE),
        Term("交还钥匙", None, "", None),
    ]
    assert str(offer.terms[0].amount) == "2000.10"
    (row,) = online.raw("offers")
    assert "退还保证金" not in str(row)
    assert "2000" not in str(row).replace(row.id, "")
    assert b"2000.10" not in bytes(row.sealed)


def test_an_offer_in_confidence_is_told_only_with_permission(online: Online) -> None:
    online.offer(0, disclosed="no")
    assert [one["label"] for one in online.now()["private_offers"]] == ["1. 申请人0 → 被申请人0"]
    assert online.offers(online.party(1)) == []
    assert [row.number for row in online.offers(online.party(0))] == [1]
    wanted = {"disclosed_offer": online.offer_id(1)}
    with pytest.raises(errors.LawForbids) as refused:
        online.exchange("disclose", permitted=False, **wanted)
    assert refused.value.law_ref == "Online Mediation Rules Art. 18"
    online.exchange("disclose", permitted=True, **wanted)
    assert [row.number for row in online.offers(online.party(1))] == [1]
    assert online.now()["private_offers"] == []


def test_an_offer_that_was_not_told_can_not_be_answered(online: Online) -> None:
    online.offer(0, disclosed="no")
    with pytest.raises(errors.LawForbids) as refused:
        online.answer(1, 1, "accept")
    assert refused.value.law_ref == "Online Mediation Rules Art. 18"


def test_a_counter_offer_is_an_offer_that_names_what_it_counters(online: Online) -> None:
    online.offer(0, terms=[TERM | {"amount": Decimal("2800")}])
    counter = {"offer_to": online.party_ids[:1], "disclosed": "yes", "terms": [TERM]}
    online.answer(1, 1, "counter", **counter).answer(2, 0, "accept")
    first, second = online.offers()
    assert (first.state, first.answers) == ("countered", [("被申请人0", "counter")])
    assert (second.by, second.counters, second.to) == ("被申请人0", 1, ["申请人0"])
    assert (second.state, second.answers) == ("accepted", [("申请人0", "accept")])
    assert online.now()["open_offers"] == []


def test_a_proposal_of_the_mediator_is_accepted_once_both_sides_accept(online: Online) -> None:
    online.offer(None)
    assert online.offers()[0].by is None
    states = []
    for index in range(2):
        online.answer(1, index, "accept")
        states.append(online.offers()[0].state)
    assert states == ["open", "accepted"]


def test_an_offer_that_one_declines_is_declined(online: Online) -> None:
    online.offer(None).answer(1, 0, "decline")
    assert online.offers()[0].state == "declined"


def test_a_party_answers_once_and_only_what_was_offered_to_it(online: Online) -> None:
    online.offer(0)
    for attempt, index in ((1, 0), (2, 1)):
        if attempt == 2:
            online.answer(1, 1, "decline")
        with pytest.raises(errors.InvalidAnswers) as refused:
            online.answer(1, index, "accept")
        assert set(refused.value.errors) == {"answered_by"}


def test_an_offer_has_terms_of_which_none_is_due_in_the_past_and_goes_to_somebody_else(
    online: Online,
) -> None:
    wrong: list[tuple[dict[str, object], str]] = [
        ({"terms": []}, "terms"),
        ({"terms": [TERM | {"due_on": TODAY - dt.timedelta(days=1)}]}, "terms.0.due_on"),
        ({"offer_to": [online.party_ids[0]]}, "offer_to"),
        ({"offer_from": "x"}, "offer_from"),
    ]
    for changed, path in wrong:
        with pytest.raises(errors.InvalidAnswers) as refused:
            online.offer(0, **changed)
        assert set(refused.value.errors) == {path}
    with pytest.raises(errors.InvalidAnswers):
        online.exchange("answer", answered_offer="x", answered_by=online.party_ids[0], answer="accept")


def test_no_document_shows_what_was_offered_or_said_online() -> None:
    assert not {"offers", "private_messages", "joint_messages"} & set(visibility.ITEM_OF.values())
