import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import calendar, errors
from engine.mediation import agreements, consents, lookup
from engine.mediation.answers import Problems

from .conftest import TODAY, Desk, obligation, text

SOON = dt.date(2026, 3, 31)
PAPER_ONLY = pytest.mark.parametrize("subject", ["inheritance", "status", "utility_cut"])


def refused_paths(desk: Desk, **changed: Any) -> set[str]:
    with pytest.raises(errors.InvalidAnswers) as refused:
        desk.draft(**changed)
    return set(refused.value.errors)


@pytest.fixture
def table(desk: Desk) -> Desk:
    return desk.register().consent().appoint()


def owed(table: Desk, **changed: Any) -> dict[str, Any]:
    return obligation(table.party_ids[1], table.party_ids[0], **changed)


def parts(*amounts: str, due_on: dt.date = SOON) -> list[dict[str, Any]]:
    return [{"amount": Decimal(amount), "due_on": due_on} for amount in amounts]


def test_instalments_must_add_up_to_the_fen(table: Desk) -> None:
    split = owed(table, amount=Decimal("100.00"), instalments=parts("33.33", "33.33", "33.33"))
    with pytest.raises(errors.InvalidAnswers) as refused:
        table.draft(obligations=[split])
    assert refused.value.errors["obligations.0.amount"] == (
        "The instalments add up to {total} yuan.", {"total": "99.99"},
    )  # fmt: skip
    table.draft(obligations=[split | {"instalments": parts("33.33", "33.33", "33.34")}])
    kept = table.other_fact("drafted_texts")["obligations"][0]
    assert [str(part["amount"]) for part in kept["instalments"]] == ["33.33", "33.33", "33.34"]


def test_instalments_of_no_amount_are_refused(table: Desk) -> None:
    split = owed(table, instalments=parts("1.00"))
    assert refused_paths(table, obligations=[split]) == {"obligations.0.amount"}


def test_dates_lie_between_the_agreement_and_the_last_day(table: Desk) -> None:
    early = owed(table, due_on=TODAY - calendar.ONE)
    assert refused_paths(table, obligations=[early]) == {"obligations.0.due_on"}
    late = owed(table, amount=Decimal(1), instalments=parts("1", due_on=SOON + calendar.ONE))
    assert refused_paths(table, obligations=[late]) == {"obligations.0.instalments.0.due_on"}


def test_instalments_come_one_after_the_other_and_the_last_on_the_last_day(table: Desk) -> None:
    (first, second), sooner = parts("1", "2"), SOON - calendar.ONE
    split = owed(table, amount=Decimal(3))
    turned = split | {"instalments": [first, second | {"due_on": sooner}]}
    assert refused_paths(table, obligations=[turned]) == {"obligations.0.instalments.1.due_on"}
    over = split | {"instalments": [part | {"due_on": sooner} for part in (first, second)]}
    with pytest.raises(errors.InvalidAnswers) as refused:
        table.draft(obligations=[over])
    assert refused.value.errors == {
        "obligations.0.due_on": ("The last instalment is due on {day}.", {"day": sooner.isoformat()})
    }
    table.draft(obligations=[split | {"instalments": [first | {"due_on": sooner}, second]}])


def test_nobody_owes_to_themselves_and_strangers_owe_nothing(table: Desk) -> None:
    alone = owed(table) | {"creditor": table.party_ids[1]}
    assert refused_paths(table, obligations=[alone]) == {"obligations.0.creditor"}
    assert refused_paths(table, obligations=[owed(table) | {"debtor": "nobody"}]) == {"obligations.0.debtor"}


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "1000000000000"])
def test_an_amount_is_more_than_nothing_less_than_everything_and_in_fen(table: Desk, amount: str) -> None:
    assert refused_paths(table, obligations=[owed(table, amount=Decimal(amount))]) == {"obligations.0.amount"}


def test_an_agreement_has_a_subject_and_an_obligation(table: Desk) -> None:
    assert refused_paths(table, subjects=[], obligations=[]) == {"subjects", "obligations"}


def test_an_obligation_may_have_no_creditor(table: Desk) -> None:
    table.draft(obligations=[owed(table) | {"creditor": None, "action": "公开道歉"}])
    assert table.other_fact("drafted_texts")["obligations"][0]["creditor"] is None


def test_only_the_mediator_drafts_and_only_with_consent(desk: Desk) -> None:
    desk.register().consent()
    with pytest.raises(errors.LawForbids, match=r"Art\. 19"):
        desk.draft()
    desk.appoint()
    with pytest.raises(errors.Forbidden):
        desk.perform(agreements.agreement_drafted, desk.house.reception, **text(desk.party_ids))
    with desk.command() as session:
        lookup.parties_of(session, desk.case_id)[0].notice_served_at = None
    with pytest.raises(errors.LawForbids, match=r"Art\. 30"):
        desk.draft()


def test_a_draft_that_came_back_is_there_to_be_mended(table: Desk) -> None:
    table.draft(content="一次付清。").approve()
    with table.command() as session:
        agreement = lookup.drafted_agreement(session, table.case_id)
        agreement.legality = None
    returned = {"decision": "returned", "reason": "期限不明"}
    table.perform(agreements.legality_checked, table.house.chief_mediator, **returned)
    assert table.fact()["returned_reason"] == "期限不明"
    assert table.other_fact("drafted_texts")["content"] == "一次付清。"
    table.draft(content="三月底前一次付清。")
    assert table.fact()["returned_reason"] is None
    assert len(table.other_fact("drafted_texts")["obligations"]) == 1


def test_before_the_first_draft_the_registered_facts_are_offered(table: Desk) -> None:
    assert table.other_fact("drafted_texts") == {"facts": "三轮车相撞。"}


def test_what_was_not_printed_is_not_checked(table: Desk) -> None:
    table.draft()
    with pytest.raises(errors.NotReady):
        table.perform(
            agreements.legality_checked, table.house.chief_mediator, decision="returned", reason="x"
        )


def test_an_agreement_that_is_not_lawful_is_not_approved(table: Desk) -> None:
    table.draft().approve()
    with pytest.raises(errors.LawForbids, match=r"Art\. 29"):
        table.check(voluntary=False)


@PAPER_ONLY
def test_what_the_law_wants_on_paper_is_signed_on_paper(table: Desk, subject: str) -> None:
    table.draft(subjects=["payment", subject])
    assert table.fact()["signing_mode"] == "paper"
    assert table.fact()["signing_refusal"] == "《电子签名法》第三条"
    rows = [{"party_id": one, "agrees": "yes"} for one in table.party_ids]
    with pytest.raises(errors.LawForbids, match=r"Electronic Signature Law Art\. 3"):
        table.perform(consents.signing_method_agreed, table.house.mediator, methods=rows)


def test_one_party_who_does_not_want_electronic_signing_is_enough_for_paper(table: Desk) -> None:
    table.draft()
    assert table.fact()["signing_mode"] == "electronic"
    table.agree("yes", "no")
    assert table.fact()["signing_mode"] == "paper"
    assert table.fact()["signing_refusal"] is None
    table.draft()
    assert table.fact()["signing_mode"] == "electronic", "a new text is a new question"


def test_copies_are_served_only_of_an_agreement_that_binds(table: Desk) -> None:
    table.draft()
    with pytest.raises(errors.LawForbids, match=r"Art\. 29"):
        table.perform(agreements.copies_served, table.house.reception, copies=[])


@given(st.lists(st.integers(1, 10**8), min_size=1, max_size=12), st.integers(-3, 3))
def test_instalments_are_accepted_exactly_when_their_sum_is_the_amount(fen: list[int], off: int) -> None:
    row = {
        "amount": Decimal(sum(fen) + off) / 100,
        "due_on": SOON,
        "instalments": [{"amount": Decimal(one) / 100, "due_on": SOON} for one in fen],
    }
    problems = Problems()
    agreements.check_instalments(problems, "obligations.0", row, TODAY)
    assert bool(problems.found) is (off != 0)


def test_the_form_of_the_draft_is_what_the_desk_sends(table: Desk) -> None:
    table.draft()
    assert set(table.other_fact("drafted_texts")) == set(text(table.party_ids))
