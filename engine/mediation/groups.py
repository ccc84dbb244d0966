"""A group in one case: its households elect representatives, who speak for it in sessions."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import errors
from engine.calendar import day_of
from engine.mediation import law, limits, parties
from engine.mediation.answers import Problems, today
from engine.mediation.lookup import case_of
from engine.models.base import new_id
from engine.models.cases import Case, Party
from engine.models.groups import Election
from engine.services import Step


def representatives_elected(step: Step) -> None:
    """The households elected who speaks for them, never who binds them (Civil Procedure Law Art. 56).

    `representatives` are rows of party and votes; a later election replaces an earlier one.
    """
    case = case_of(step.session, step.root.id)
    if not case.is_group:
        raise errors.Forbidden(action="group.elect")
    everybody = {party.id: party for party in parties.households(case)}
    rows = list(step.answers["representatives"])
    _check(step, case, rows, everybody)
    for party in case.parties:
        party.represents = any(row["party_id"] == party.id for row in rows)
    step.session.add(_election(step, case, rows))


def representatives_wanted(session: Session, case: Case) -> bool:
    """Whether a group's case still waits for the first election."""
    if not case.is_group:
        return False
    held = select(Election.id).where(Election.case_id == case.id).limit(1)
    return session.scalars(held).first() is None


def require_representatives(step: Step, case: Case) -> None:
    """The guard of sessions: a group elects those who speak for it before they do."""
    if representatives_wanted(step.session, case):
        raise law.forbids("representatives", step.at, "the group has not elected its representatives yet")


def speaks_for_group(case: Case, attendees: Sequence[str]) -> bool:
    """Whether one of the representatives who still take part is there; true where it is no group's case."""
    elected = {party.id for party in parties.households(case) if party.represents}
    return not elected or bool(elected & set(attendees))


def _check(step: Step, case: Case, rows: list[Mapping[str, Any]], everybody: Mapping[str, Party]) -> None:
    problems, answers = Problems(), step.answers
    problems.not_after("held_on", answers["held_on"], today(step))
    problems.not_before("held_on", answers["held_on"], day_of(case.opened_at))
    if answers["households"] > len(everybody):
        problems.add("households", "The group has only {count} households.", count=len(everybody))
    most = limits.limit(step.session, "group.representatives", today(step)).value
    if not 1 <= len(rows) <= most:
        problems.add("representatives", "Name between 1 and {most} representatives.", most=most)
    seen = set[str]()
    for index, row in enumerate(rows):
        here = f"representatives.{index}"
        problems.one_of(f"{here}.party_id", row["party_id"], everybody)
        if row["party_id"] in seen:
            problems.add(f"{here}.party_id", "The same person is listed twice.")
        if not 1 <= row["votes"] <= answers["households"]:
            problems.add(f"{here}.votes", "No more votes than households that took part, and at least one.")
        seen.add(row["party_id"])
    problems.refuse()


def _election(step: Step, case: Case, rows: list[Mapping[str, Any]]) -> Election:
    answers = step.answers
    return Election(
        tenant_id=case.tenant_id, id=new_id(), case_id=case.id, held_on=answers["held_on"],
        place=answers["place"], households=int(answers["households"]),
        votes={row["party_id"]: int(row["votes"]) for row in rows}, minutes=answers["minutes"],
        made_at=step.at, recorded_by=step.actor.id,
    )  # fmt: skip
