"""A group on the page of its case: how many households join, who speaks for them, each one's answer."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.mediation import parties
from engine.mediation.annexes import ABSTAINS, JOINS
from engine.models.agreements import Agreement
from engine.models.cases import Case, Party
from engine.models.groups import Election
from engine.policy import Actor

LEFT = "left"


@dataclass(frozen=True)
class HouseholdView:
    """One household; `answer` is joins, abstains, left or "" while it has not said so."""

    party_id: str
    name: str
    address: str
    answer: str
    represents: bool


@dataclass(frozen=True)
class GroupView:
    """The group in numbers; `households` is empty for a party, which sees its own copy only."""

    count: int
    joined: int
    abstained: int
    unanswered: int
    join_until: dt.date | None
    elected_on: dt.date | None
    representatives: Sequence[str]
    households: Sequence[HouseholdView]


def group_view(session: Session, actor: Actor, case: Case, agreement: Agreement | None) -> GroupView | None:
    """The group of a case that the actor sees; None where it is no group's case."""
    if not case.is_group:
        return None
    said = {annex.party_id: annex.answer for annex in agreement.annexes} if agreement else {}
    rows = [
        _household(party, said.get(party.id)) for party in case.parties if parties.is_household(case, party)
    ]
    answers = [row.answer for row in rows]
    held = select(Election.held_on).where(Election.case_id == case.id).order_by(Election.made_at.desc())
    return GroupView(
        count=len(rows),
        joined=answers.count(JOINS),
        abstained=answers.count(ABSTAINS),
        unanswered=answers.count(""),
        join_until=agreement.join_until if agreement else None,
        elected_on=session.scalars(held.limit(1)).one_or_none(),
        representatives=[row.name for row in rows if row.represents],
        households=[] if actor.party_id is not None else rows,
    )


def _household(party: Party, said: str | None) -> HouseholdView:
    answer = said or ("" if parties.takes_part(party) else LEFT)
    return HouseholdView(party.id, party.name, party.address, answer, party.represents)
