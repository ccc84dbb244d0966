import datetime as dt
from decimal import Decimal

import pytest

from engine import bodies, calendar, errors
from engine.mediation import cases, consents, facts, law, lookup, parties

from ..conftest import House
from .conftest import TODAY, Desk, add_case, dispute, person


def test_case_numbers_of_a_body_follow_one_another_and_begin_anew_each_year(house: House) -> None:
    numbers = []
    for moment in ("2026-12-31T15:59:00+00:00", "2026-12-31T15:59:30+00:00", "2026-12-31T16:00:00+00:00"):
        house.clock.moment = dt.datetime.fromisoformat(moment)
        numbers.append(Desk(house, add_case(house)).register().fact()["number"])
    assert numbers == [
        "（2026）花滩人调字第0001号",
        "（2026）花滩人调字第0002号",
        "（2027）花滩人调字第0001号",
    ]


def test_an_application_interrupts_limitation_on_its_day_and_a_proactive_case_does_not(desk: Desk) -> None:
    desk.register()
    with desk.query() as session:
        assert lookup.case_of(session, desk.case_id).applied_on == TODAY
    other = Desk(desk.house, add_case(desk.house)).register(source="proactive")
    with other.query() as session:
        assert lookup.case_of(session, other.case_id).applied_on is None


def test_a_dispute_can_not_have_happened_tomorrow(desk: Desk) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        desk.register(happened_on=TODAY + calendar.ONE)
    assert set(refused.value.errors) == {"happened_on"}
    assert desk.fact()["number"] is None


def test_both_sides_must_be_named(desk: Desk) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        desk.register(respondents=0)
    assert set(refused.value.errors) == {"respondents"}


def test_hostile_text_is_kept_as_it_was_written(desk: Desk) -> None:
    name = "<script>alert(1)</script>' OR 1=1 --"
    desk.perform(cases.case_registered, desk.house.reception, **dispute() | {"applicants": [person(name)]})
    assert desk.fact()["applicants"] == [name]


def test_money_in_dispute_stays_exact(desk: Desk) -> None:
    desk.register(amount=Decimal("0.10"))
    assert str(desk.fact()["amount"]) == "0.10"


def test_a_case_that_a_party_has_clearly_refused_is_not_accepted(desk: Desk) -> None:
    desk.register()
    desk.perform(cases.suitability_assessed, desk.house.reception, party_refused="yes")
    with pytest.raises(errors.LawForbids, match=r"Art\. 17"):
        desk.perform(
            cases.acceptance_decided, desk.house.chief_mediator, decision="accepted", path="face_to_face"
        )
    desk.perform(cases.acceptance_decided, desk.house.chief_mediator, decision="refused", reason="拒绝")
    assert desk.fact()["status"] == "refused_intake"
    assert desk.fact()["end_code"] == "not_accepted"


def test_a_transferred_case_says_where_it_went(desk: Desk) -> None:
    desk.register()
    answers = {"decision": "transferred", "transferred_to": "信访办", "reason": "专属管辖"}
    desk.perform(cases.acceptance_decided, desk.house.chief_mediator, **answers)
    with desk.query() as session:
        case = lookup.case_of(session, desk.case_id)
    assert (case.status, case.transferred_to, case.end_code) == ("transferred", "信访办", "transferred")


def invite(desk: Desk, *answers: str, contacted_on: dt.date = TODAY) -> None:
    rows = [
        {"party_id": party_id, "channel": "phone", "answer": answer, "contacted_on": contacted_on}
        for party_id, answer in zip(desk.party_ids[1:], answers, strict=False)
    ]
    desk.perform(parties.invitation_answered, desk.house.reception, answers=rows)


def test_a_refusal_of_the_only_respondent_leaves_one_side(desk: Desk) -> None:
    desk.register()
    invite(desk, "refuses")
    assert (desk.fact()["sides_remaining"], desk.fact()["end_code"]) == (1, "refused")


def test_a_refusal_of_one_of_two_respondents_leaves_both_sides(desk: Desk) -> None:
    desk.register(1, 2)
    invite(desk, "refuses", "willing")
    fact = desk.fact()
    assert (fact["sides_remaining"], fact["end_code"]) == (2, None)
    assert [party["name"] for party in fact["parties"]] == ["申请人0", "被申请人1"]


def test_nobody_is_forgotten_when_parties_are_invited(desk: Desk) -> None:
    desk.register(1, 2)
    with pytest.raises(errors.InvalidAnswers) as refused:
        invite(desk, "willing")
    assert refused.value.errors["answers"] == ("{count} people are missing from the list.", {"count": 1})


def test_somebody_of_another_case_can_not_be_slipped_in(desk: Desk) -> None:
    desk.register()
    other = Desk(desk.house, add_case(desk.house)).register()
    rows = [{"party_id": other.party_ids[1], "channel": "phone", "answer": "willing", "contacted_on": TODAY}]
    with pytest.raises(errors.InvalidAnswers) as refused:
        desk.perform(parties.invitation_answered, desk.house.reception, answers=rows)
    assert "answers.0.party_id" in refused.value.errors


def test_an_invitation_is_not_dated_tomorrow(desk: Desk) -> None:
    desk.register()
    with pytest.raises(errors.InvalidAnswers) as refused:
        invite(desk, "willing", contacted_on=TODAY + calendar.ONE)
    assert "answers.0.contacted_on" in refused.value.errors


def test_consent_before_the_rights_notice_does_not_count(desk: Desk) -> None:
    desk.register()
    rows = [{"party_id": one, "consents": "yes", "session": "open"} for one in desk.party_ids]
    with pytest.raises(errors.LawForbids, match=r"Art\. 30"):
        desk.perform(consents.consent_given, desk.house.reception, consents=rows)


def test_consent_of_somebody_who_was_not_invited_does_not_count(desk: Desk) -> None:
    desk.register()
    rows = [
        {"party_id": one, "notice_served": True, "consents": "yes", "session": "open"}
        for one in desk.party_ids
    ]
    desk.perform(consents.rights_notice_served, desk.house.reception, consents=rows)
    with pytest.raises(errors.LawForbids, match=r"Art\. 17"):
        desk.perform(consents.consent_given, desk.house.reception, consents=rows)
    desk.invite().perform(consents.consent_given, desk.house.reception, consents=rows)
    assert desk.fact()["status"] == "consented"


def test_without_the_consent_of_one_of_two_sides_mediation_ends(desk: Desk) -> None:
    desk.register().consent("yes", "no")
    assert (desk.fact()["sides_remaining"], desk.fact()["end_code"]) == (1, "refused")


def test_the_end_is_told_with_its_other_ways_and_its_day(desk: Desk) -> None:
    desk.register()
    answers = {
        "end_code": "refused", "reason": "对方拒绝", "routes": ["court"], "manner": "phone",
        "told_on": TODAY, "told": True,
    }  # fmt: skip
    later = answers | {"told_on": TODAY + calendar.ONE, "routes": []}
    with pytest.raises(errors.InvalidAnswers) as refused:
        desk.perform(cases.routes_notice_served, desk.house.mediator, **later)
    assert set(refused.value.errors) == {"told_on", "routes"}
    desk.perform(cases.routes_notice_served, desk.house.mediator, **answers)
    assert (desk.fact()["status"], desk.fact()["end_code"]) == ("ended", "refused")


def test_every_rule_says_where_it_stands_and_since_when() -> None:
    for row in law.RULES:
        assert all([row.law_ref, row.law_ref_zh, row.text, row.source])
        assert law.rule(row.key, dt.date(2026, 1, 1)).key == row.key
    with pytest.raises(KeyError):
        law.rule("refusal", dt.date(2010, 12, 31))


def test_the_fact_is_null_before_the_case_is_opened(desk: Desk) -> None:
    with desk.query() as session:
        assert facts.case_fact(session, "none") is None


def test_no_case_is_opened_in_a_body_that_is_closed(house: House) -> None:
    bodies.close_body(house.engine, house.administrator, house.body_id)
    with pytest.raises(errors.BodyClosed, match="花滩街道人民调解委员会"):
        cases.open_case(house.engine, house.reception, "a key")


def test_an_entry_of_the_fact_is_found_when_it_is_named_and_stays_as_it_was(
    desk: Desk, statements: list[str]
) -> None:
    desk.register().consent().appoint().draft()
    with desk.command() as session:
        fact = facts.case_fact(session, desk.case_id)
        assert fact is not None
        statements.clear()
        assert fact["status"] == "agreed_drafting"
        assert [text for text in statements if "FROM marks" in text] == []
        assert fact["marks_missing"] == 2
        assert len([text for text in statements if "FROM marks" in text]) == 1
        lookup.case_of(session, desk.case_id).status = "signing"
        assert fact["status"] == "agreed_drafting"
        again = facts.case_fact(session, desk.case_id)
        assert again is not None
        assert again["status"] == "signing"
        assert set(again) == set(dict(again))
        with pytest.raises(KeyError):
            again["nothing"]
