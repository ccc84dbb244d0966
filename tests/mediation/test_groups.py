"""A group in one case: who speaks for it, and that each household binds itself and nobody else."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from engine import errors
from engine.documents import authority
from engine.documents.render import Renderer
from engine.mediation import (
    agreements,
    annexes,
    cases,
    consents,
    documents,
    group_page,
    groups,
    joining,
    joint_sessions,
    lookup,
    marks,
    office,
    oral_agreements,
    sheets,
)
from engine.models.agreements import Agreement
from engine.policy import Actor

from .conftest import MORNING, TODAY, Desk, scanned_sheet, text

NOWHERE = office.Office(None, None)  # type: ignore[arg-type]
CPL_56 = r"Civil Procedure Law Art\. 56"
LAST = TODAY + dt.timedelta(days=7)
ROUTES = {"routes": ["court"], "manner": "letter", "told_on": TODAY}


class Group(Desk):
    """A desk with a group of households on one side and one party, the last, on the other."""

    @classmethod
    def of(cls, desk: Desk, households: int = 3) -> "Group":
        group = cls(desk.house, desk.case_id)
        group.register(households, 1)
        accepted = {"decision": "accepted", "path": "face_to_face", "group": True}
        group.perform(cases.acceptance_decided, group.house.chief_mediator, **accepted)
        group.consent().appoint()
        return group

    def elect(self, *votes: int, households: int | None = None, **changed: Any) -> "Group":
        rows = [
            {"party_id": self.party_ids[index], "votes": count} for index, count in enumerate(votes or (2,))
        ]
        took_part = len(self.party_ids) - 1 if households is None else households
        answers = {
            "held_on": TODAY, "place": "活动室", "households": took_part, "representatives": rows,
            "minutes": "举手推选。",
        } | changed  # fmt: skip
        self.perform(groups.representatives_elected, self.house.mediator, **answers)
        return self

    def meet(self, *attendees: int, outcome: str = "agreed", **changed: Any) -> "Group":
        answers = {
            "held_on": TODAY, "place": "会议室", "guests": [], "record": "谈妥。", "read_back": True,
            "attendees": [self.party_ids[index] for index in attendees], "outcome": outcome,
        }  # fmt: skip
        self.perform(joint_sessions.session_recorded, self.house.mediator, **answers | changed)
        return self

    def offer(self, **changed: Any) -> "Group":
        """Drafted with an annex for each household, and approved."""
        owed = {"debtor": self.party_ids[-1], "action": "补齐材料", "manner": "提交", "due_on": LAST}
        changed = {"join_until": LAST, "annexes": self.annexes(), "obligations": [owed]} | changed
        self.draft(**changed).approve()
        return self

    def annexes(self) -> list[dict[str, Any]]:
        return [
            {"name": f"申请人{index}", "address": "花滩街道1号"} for index in range(len(self.party_ids) - 1)
        ]

    def answer(self, index: int, answer: str = "abstains") -> "Group":
        self.perform(_bound(joining.household_answered), self.party(index), answer=answer)
        return self

    def close(self, *answers: dict[str, Any], by: Actor | None = None, **more: Any) -> "Group":
        asked = [one["id"] for one in self.fact()["households_asked"]]
        rows = [{"party_id": one, **said} for one, said in zip(asked, answers, strict=True)]
        used = more.pop("office", NOWHERE)
        self.perform(
            _bound(joining.joining_closed, used), by or self.house.reception, households=rows, **more
        )
        return self

    def tell(self) -> "Group":
        self.perform(joining.abstainers_told, self.house.reception, **ROUTES)
        return self

    def agreement(self) -> Agreement:
        with self.query() as session:
            found = lookup.drafted_agreement(session, self.case_id)
            _ = found.annexes, found.marks
            return found


def _bound(effect: Callable[..., None], where: office.Office = NOWHERE) -> Callable[..., None]:
    return lambda step: effect(where, step)


@pytest.fixture
def group(desk: Desk) -> Group:
    return Group.of(desk)


def problems(refused: pytest.ExceptionInfo[errors.InvalidAnswers]) -> set[str]:
    return set(refused.value.errors)


ON_PAPER = {"answer": "joins", "kind": "fingerprint", "made_on": TODAY}
SAYS_NO = {"answer": "abstains"}
SILENT = {"answer": "no_answer"}


def test_a_group_elects_before_anybody_speaks_for_it(group: Group) -> None:
    assert group.fact()["representatives_wanted"]
    with pytest.raises(errors.LawForbids, match=CPL_56):
        group.meet(0, 3)
    group.elect(2, 1)
    assert not group.fact()["representatives_wanted"]
    group.meet(0, 3)


def test_only_a_groups_case_has_an_election(desk: Desk) -> None:
    desk.register(2, 1).consent().appoint()
    assert not desk.fact()["representatives_wanted"]
    with pytest.raises(errors.Forbidden):
        Group(desk.house, desk.case_id, desk.party_ids).elect(1)


@pytest.mark.parametrize(
    ("votes", "changed", "wrong"),
    [
        ((3,), {"households": 2}, {"representatives.0.votes"}),
        ((0,), {}, {"representatives.0.votes"}),
        ((1,), {"households": 4}, {"households"}),
        ((1,), {"held_on": TODAY + dt.timedelta(days=1)}, {"held_on"}),
        ((1,), {"representatives": []}, {"representatives"}),
        ((1, 1, 1, 1), {}, {"representatives.3.party_id"}),
    ],
)
def test_an_election_must_add_up(
    group: Group, votes: tuple[int, ...], changed: dict[str, Any], wrong: set[str]
) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        group.elect(*votes, **changed)
    assert problems(refused) == wrong


def test_there_are_no_more_representatives_than_the_table_of_limits_says(desk: Desk) -> None:
    six = Group.of(desk, 6)
    with pytest.raises(errors.InvalidAnswers) as refused:
        six.elect(1, 1, 1, 1, 1, 1)
    assert problems(refused) == {"representatives"}
    six.elect(1, 1, 1, 1, 1)


def test_to_agree_a_representative_must_be_there_and_a_later_election_replaces_the_first(
    group: Group,
) -> None:
    group.elect(2)
    with pytest.raises(errors.InvalidAnswers) as refused:
        group.meet(1, 3)
    assert problems(refused) == {"attendees"}
    group.elect(representatives=[{"party_id": group.party_ids[1], "votes": 3}]).meet(1, 3)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda rows: rows[:-1], {"annexes"}),
        (lambda rows: [*rows[:-1], rows[0]], {"annexes", "annexes.2.name"}),
        (lambda rows: [*rows[:-1], rows[-1] | {"address": "别处"}], {"annexes", "annexes.2.name"}),
    ],
)
def test_each_household_has_one_annex(
    group: Group, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], wrong: set[str]
) -> None:
    with pytest.raises(errors.InvalidAnswers) as refused:
        group.offer(annexes=change(group.annexes()))
    assert problems(refused) == wrong


def test_nobody_owes_in_a_households_name(group: Group) -> None:
    owed = {"debtor": group.party_ids[0], "action": "付款", "manner": "转账", "due_on": LAST}
    with pytest.raises(errors.InvalidAnswers) as refused:
        group.offer(obligations=[owed])
    assert problems(refused) == {"obligations.0.debtor"}


def test_the_text_is_signed_by_the_other_side_alone_and_no_representative_signs_it(group: Group) -> None:
    group.elect(2).offer()
    assert group.agreement().party_ids == [group.party_ids[3]]
    assert [one["id"] for one in group.fact()["signers"]] == [group.party_ids[3]]
    rows = [{"party_id": group.party_ids[3], "agrees": "yes"}]
    group.perform(consents.signing_method_agreed, group.house.mediator, methods=rows)
    with pytest.raises(errors.LawForbids, match=CPL_56):
        group.perform(_bound(marks.party_mark_made), group.party(0), signature="")


def test_a_household_answers_for_itself_only_and_may_change_its_mind_until_the_last_day(group: Group) -> None:
    group.offer().answer(0)
    assert (group.fact()["households_abstaining"], len(group.fact()["households_asked"])) == (1, 2)
    with pytest.raises(errors.Forbidden):
        group.answer(3)
    with pytest.raises(errors.Forbidden):
        group.perform(_bound(joining.household_answered), group.house.mediator, answer="abstains")
    with pytest.raises(errors.LawForbids, match=r"Electronic Signature Law Art\. 13"):
        group.answer(0, "joins")
    group.house.clock.moment = MORNING + dt.timedelta(days=8)
    with pytest.raises(errors.InvalidAnswers) as refused:
        group.answer(1)
    assert problems(refused) == {"answer"}


def test_silence_counts_only_after_the_last_day(group: Group) -> None:
    group.offer()
    with pytest.raises(errors.InvalidAnswers) as refused:
        group.close(SAYS_NO, SILENT, SAYS_NO)
    assert problems(refused) == {"households.1.answer"}
    group.house.clock.moment = MORNING + dt.timedelta(days=8)
    group.close(SAYS_NO, SILENT, SAYS_NO)
    assert group.fact()["households_abstaining"] == 3


def test_who_abstains_is_told_and_leaves_and_the_mediator_signs_no_agreement_of_nobody(group: Group) -> None:
    group.offer().close(SAYS_NO, SAYS_NO, SAYS_NO)
    with group.command() as session:
        agreement = lookup.drafted_agreement(session, group.case_id)
        case = lookup.case_of(session, group.case_id)
        assert annexes.bound(case, agreement) == [case.parties[3]]
    group.tell()
    assert (group.fact()["households_abstaining"], group.fact()["sides_remaining"]) == (0, 1)
    with group.query() as session:
        assert lookup.case_of(session, group.case_id).end_code == "deadlock"


def test_a_joining_on_paper_counts_once_another_person_confirmed_it(
    group: Group, renderer: Renderer, issuer: authority.Authority
) -> None:
    group.offer()
    with pytest.raises(errors.InvalidAnswers) as refused:
        group.close(ON_PAPER, SAYS_NO, SAYS_NO, office=office.Office(renderer, issuer))
    assert problems(refused) == {"scan"}
    scan = documents.store_file(group.house.engine, group.house.reception, "sheet.png", scanned_sheet())
    group.close(ON_PAPER, SAYS_NO, SAYS_NO, office=office.Office(renderer, issuer), scan=[scan])
    assert group.fact()["households_to_confirm"] == 1
    with pytest.raises(errors.SamePersonConfirms):
        group.perform(joining.joining_confirmed, group.house.reception, confirm="yes")
    group.perform(joining.joining_confirmed, group.house.chief_mediator, confirm="no")
    assert [one["id"] for one in group.fact()["households_asked"]] == [group.party_ids[0]]
    group.close(ON_PAPER, office=office.Office(renderer, issuer), scan=[scan])
    group.perform(joining.joining_confirmed, group.house.chief_mediator, confirm="yes")
    (mark,) = group.agreement().marks
    assert (mark.signer_id, mark.kind, mark.medium) == (group.party_ids[0], "fingerprint", "paper")
    assert mark.confirmed_by == group.house.chief_mediator.id
    assert sheets.forget_marks(group.agreement()) is None
    assert group.agreement().marks


@pytest.fixture
def joined(group: Group, renderer: Renderer, issuer: authority.Authority) -> Group:
    """Two of three have joined on paper, confirmed; the third has said no."""
    scan = documents.store_file(group.house.engine, group.house.reception, "sheet.png", scanned_sheet())
    group.offer()
    group.close(ON_PAPER, ON_PAPER, SAYS_NO, office=office.Office(renderer, issuer), scan=[scan])
    group.perform(joining.joining_confirmed, group.house.chief_mediator, confirm="yes")
    return group


def test_the_mediator_waits_until_those_who_abstain_were_told(joined: Group) -> None:
    rows = [{"party_id": joined.party_ids[3], "agrees": "yes"}]
    joined.perform(consents.signing_method_agreed, joined.house.mediator, methods=rows)
    with pytest.raises(errors.LawForbids, match=CPL_56):
        joined.perform(_bound(marks.mediator_mark_made), joined.house.mediator, signature="")
    joined.tell()
    with pytest.raises(errors.MarksMissing):
        joined.perform(_bound(marks.mediator_mark_made), joined.house.mediator, signature="")


def test_the_agreement_binds_those_who_joined_and_nobody_else(joined: Group) -> None:
    joined.tell()
    with joined.query() as session:
        case, agreement = lookup.case_of(session, joined.case_id), joined_agreement(session, joined)
        assert case.end_code is None
        required = marks.required_signers(case, agreement)
    households = {signer for kind, signer in required if kind == "party"}
    assert households == {joined.party_ids[0], joined.party_ids[1], joined.party_ids[3]}
    assert [one["id"] for one in joined.fact()["bound"]] == [joined.party_ids[i] for i in (0, 1, 3)]


def joined_agreement(session: Any, group: Group) -> Agreement:
    return lookup.drafted_agreement(session, group.case_id)


def test_a_household_that_leaves_is_bound_by_nothing_and_the_others_stay(joined: Group) -> None:
    joined.tell()
    with joined.command() as session:
        agreement = joined_agreement(session, joined)
        joining.leave(agreement, joined.party_ids[1])
    assert {mark.signer_id for mark in joined.agreement().marks} == {joined.party_ids[0]}
    assert joined.fact()["households_joined"] == 1


def test_a_new_draft_asks_every_household_anew(joined: Group) -> None:
    with joined.command() as session:
        lookup.case_of(session, joined.case_id).parties[3].agrees_to_method = None
        joined_agreement(session, joined).marks.clear()
    joined.offer()
    assert len(joined.fact()["households_asked"]) == 3
    assert joined.agreement().marks == []
    assert [row["name"] for row in joined.other_fact("drafted_texts")["annexes"]] == [
        "申请人0", "申请人1", "申请人2",
    ]  # fmt: skip


def test_the_page_counts_and_tells_a_party_nothing_of_the_others(joined: Group) -> None:
    with joined.query() as session:
        case, agreement = lookup.case_of(session, joined.case_id), joined_agreement(session, joined)
        staff = group_page.group_view(session, joined.house.mediator, case, agreement)
        party = group_page.group_view(session, joined.party(2), case, agreement)
    assert staff is not None
    assert party is not None
    assert (staff.count, staff.joined, staff.abstained, staff.unanswered) == (3, 2, 1, 0)
    assert [one.answer for one in staff.households] == ["joins", "joins", "abstains"]
    assert party.households == []


def test_copies_go_to_those_whom_it_binds(joined: Group) -> None:
    joined.tell()
    with joined.command() as session:
        joined_agreement(session, joined).effective_at = MORNING
    rows = [
        {"party_id": joined.party_ids[index], "manner": "paper", "served_on": TODAY} for index in (0, 1, 3)
    ]
    joined.perform(agreements.copies_served, joined.house.reception, copies=rows)
    with joined.query() as session:
        served = [party.copy_served_on for party in lookup.parties_of(session, joined.case_id)]
    assert served == [TODAY, TODAY, None, TODAY]


def test_facts_of_a_case_that_is_no_groups_name_no_household(desk: Desk) -> None:
    desk.register(2, 1)
    fact = desk.fact()
    assert (fact["is_group"], fact["household_options"], fact["households_asked"]) == (False, [], [])
    assert [one["id"] for one in fact["signers"]] == desk.party_ids


def test_a_household_that_leaves_ends_the_case_for_itself_alone(joined: Group) -> None:
    joined.tell()
    leaving = cases.Withdrawal(joined.case_id, joined.party_ids[0])
    cases.withdraw(joined.house.engine, joined.party(0), leaving, "leaves")
    fact = joined.fact()
    assert (fact["sides_remaining"], fact["end_code"], fact["households_joined"]) == (2, None, 1)
    assert [mark.signer_id for mark in joined.agreement().marks] == [joined.party_ids[1]]
    assert joined.agreement().legality == "approved"


def test_a_group_agrees_in_writing_alone_since_each_household_joins_by_itself(group: Group) -> None:
    group.elect().meet(0, 3, agreement_form="oral")
    assert group.fact()["oral_wished"] is False
    said = dict.fromkeys(("all_asked", *oral_agreements.CHECKED), True) | {"wants_written": []}
    registered = oral_agreements.oral_agreement_registered
    group.perform(registered, group.house.mediator, **text(group.party_ids) | said)
    with group.query() as session:
        assert lookup.agreement_of(session, group.case_id) is None
