"""Plays a case in diagrams that the lint refuses: deployed without its proof of the law."""

import copy
import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from engine import bpmn, errors, jobs, service_tasks
from engine.bodies import NewBody
from engine.incidents import count_incidents
from engine.mediation.case_page import CaseView, show_case
from engine.mediation.play import Clock, Player, Stage, StepRefused
from engine.models.records import Job
from engine.policy import Actor
from web import installation, rehearsal
from web.settings import Settings

from .mutants import Files

AFTERWARDS = frozenset({"follow_up", "payment_order", "confirmation", "ruling"})
ASSIGNED, OPEN = b'assignee="=case.mediator"', b'candidateGroups="mediator"'


@dataclass(frozen=True)
class Stopped:
    """Where a guard stopped a case: the node of the task or service, and the article."""

    node_id: str
    law_ref: str
    status: int = 409


class Walking(Player):
    """Takes each step of a script that can be taken: passes over tasks that the diagrams do not open.

    `refused` keeps what was refused without an article, by the task.
    """

    def __init__(self, stage: Stage, script: Mapping[str, Any]) -> None:
        # What is recorded of an agreement afterwards is no step of its diagrams.
        steps = [step for step in script["steps"] if not AFTERWARDS & set(step)]
        super().__init__(stage, {**script, "steps": steps}, "lawless")
        self.refused: dict[str, type[errors.Refusal]] = {}

    def _take(self, index: int, step: Mapping[str, Any]) -> str:
        if self.case_id and "task" in step and step["task"] not in self.open_tasks():
            return ""
        try:
            return super()._take(index, step)
        except errors.LawForbids:
            raise
        except errors.Refusal as refused:
            self.refused[step["task"]] = type(refused)
            return ""

    def walk(self, steps: int | None = None) -> Stopped | None:
        """Go on until the law forbids a step, or a service's work; None where nothing was forbidden."""
        try:
            for _ in self.play(steps):
                pass
        except StepRefused as stopped:
            node_id = str(self.script["steps"][stopped.index - 1]["task"])
            return Stopped(node_id, str(stopped.refused.params["law_ref"]), stopped.refused.status)
        return self._stopped_service()

    def person(self, username: str) -> Actor:
        """Somebody of the staff, or a party by its name."""
        return self._actor(username)

    def view(self, username: str = "reception") -> CaseView:
        """The page of the case as somebody sees it."""
        return show_case(self.stage.engine, self.person(username), self.case_id)

    def work(self) -> None:
        """Have the due jobs done."""
        jobs.run_due(self.stage.engine, service_tasks.HANDLERS)

    def incidents(self) -> int:
        """How many stand still after the due jobs were done."""
        self.work()
        return count_incidents(self.stage.engine, self.person("reception"))

    def _stopped_service(self) -> Stopped | None:
        with self.stage.engine.sessions.query(self.stage.tenant_id) as session:
            failed = session.scalars(select(Job).where(Job.error.contains("does not allow"))).first()
        if failed is None:
            return None
        return Stopped(failed.payload["node_id"], failed.error.partition(" does not allow")[0])


@contextmanager
def lawless(chosen: Settings, files: Files, script: Mapping[str, Any]) -> Iterator[Stage]:
    """An installation in which these files are deployed although they break the law.

    A task of the case's mediator is open to every mediator, and these have reception's role too: they see
    and may try what nobody has chosen them for.
    """
    clock, committee = Clock(dt.datetime.fromisoformat(script["steps"][0]["at"])), script["committee"]
    body = NewBody(committee["name"], committee.get("code", ""), committee.get("court", ""))
    persons = copy.deepcopy(script["people"])
    for person in persons:
        person["roles"] += ["reception"] if "mediator" in person["roles"] else []
    with rehearsal.temporary(chosen, body, clock) as engine:
        unproved = replace(engine.services, law=lambda _day: bpmn.Law())
        engine = replace(engine, services=unproved)
        opened = {name: content.replace(ASSIGNED, OPEN) for name, content in files.items()}
        installation.deploy(engine, chosen.tenant_id, opened)
        rehearsal.add_people(engine, chosen.tenant_id, (body, persons))
        yield Stage(engine, clock, chosen.tenant_id)
