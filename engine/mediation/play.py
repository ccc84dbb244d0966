"""Plays a scripted case through the same commands as the web; docs/case_format.md describes the script."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from engine import Engine, errors, jobs, people, service_tasks, tasks, timers
from engine.calendar import day_of
from engine.mediation import (
    cases,
    confirmations,
    consultations,
    documents,
    evidence,
    follow_ups,
    happenings,
    links,
    offers,
    on_site,
    payment_orders,
    props,
)
from engine.mediation.broadcast_ledger import ConsentWithdrawal, withdraw_consent
from engine.mediation.court_packets import Packet
from engine.mediation.lookup import case_of
from engine.mediation.scripts import expanded
from engine.models.cases import Party
from engine.models.people import Account
from engine.models.processes import UserTask
from engine.policy import Actor

Asked = Mapping[str, Any]
Doing = Callable[[Actor, Asked, str], None]
"""Does what a step asks for instead of a task: by whom, with what, under which idempotency key."""


@dataclass
class Clock:
    """A clock that stands still until a step sets it."""

    moment: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.moment


@dataclass(frozen=True)
class Played:
    """One step that fitted: its number from 1, when, who, and the task's node id or what else was done."""

    index: int
    at: dt.datetime
    who: str
    what: str


class StepRefused(Exception):
    """A step of the script did not fit; `open_tasks` are the node ids that wait instead."""

    def __init__(self, index: int, refused: errors.Refusal, open_tasks: Sequence[str]) -> None:
        self.index, self.refused, self.open_tasks = index, refused, tuple(open_tasks)
        super().__init__(f"step {index}: {refused}; open: {', '.join(open_tasks)}")


@dataclass(frozen=True)
class Stage:
    """Where a script is played: an engine whose clock is `clock`, and a tenant."""

    engine: Engine
    clock: Clock
    tenant_id: str


class Player:
    """Plays one script; `case_id` is the case that it has opened, `packets` what it had put together."""

    def __init__(self, stage: Stage, script: Mapping[str, Any], name: str) -> None:
        self.stage, self.script, self.name = stage, expanded(script), name
        self.case_id = ""
        self.packets: list[Packet] = []
        self._doings: Mapping[str, Doing] = {
            "withdraw": self._withdraw,
            "evidence": self._evidence,
            "take_back": self._take_back,
            "on_site": self._on_site,
            "happened": self._happened,
            "follow_up": self._follow_up,
            "payment_order": self._payment_order,
            "confirmation": self._confirmation,
            "ruling": self._ruling,
        }

    def play(self, steps: int | None = None) -> Iterator[Played]:
        """Play all steps, or the first so many; raises StepRefused at the first that does not fit."""
        for index, step in enumerate(self.script["steps"][:steps], 1):
            self.stage.clock.moment = dt.datetime.fromisoformat(step["at"])
            self._run_down()
            try:
                what = self._take(index, step)
            except errors.Refusal as refused:
                raise StepRefused(index, refused, self.open_tasks()) from refused
            jobs.run_due(self.stage.engine, service_tasks.HANDLERS)
            yield Played(index, self.stage.clock.moment, step["as"], what)

    def _run_down(self) -> None:
        """Let the clocks that have run out since the last step fire, and what follows from them be done."""
        while timers.fire_due(self.stage.engine):
            jobs.run_due(self.stage.engine, service_tasks.HANDLERS)

    def open_tasks(self) -> list[str]:
        """The node ids of the tasks that wait now."""
        return [node_id for node_id, _ in self._open_tasks()]

    def _take(self, index: int, step: Mapping[str, Any]) -> str:
        if not self.case_id:
            opener = self._actor(step["as"])
            self.case_id = cases.open_case(self.stage.engine, opener, self._key(0))
        actor = self._actor(step["as"])
        for word, do in self._doings.items():
            if word in step:
                do(actor, step[word], self._key(index))
                return word
        task_id = self._task_id(step["task"])
        answers = self._resolved(actor, step.get("answers", {}))
        tasks.complete_task(self.stage.engine, actor, task_id, answers, self._key(index))
        return str(step["task"])

    def _withdraw(self, actor: Actor, asked: Asked, key: str) -> None:
        party_id = self._party_id(asked["party"])
        withdrawal = cases.Withdrawal(self.case_id, party_id, asked.get("reason", ""))
        cases.withdraw(self.stage.engine, actor, withdrawal, key)

    def _evidence(self, actor: Actor, given: Asked, key: str) -> None:
        has_file = given["kind"] in ("photo", "file")
        new = evidence.NewEvidence(
            name=given["name"],
            party_id=self._party_id(given["party"]) if given.get("party") else "",
            brought_on=day_of(self.stage.clock.moment),
            kind=given["kind"],
            disclosure=given["disclosure"],
            description=given.get("description", ""),
            original=given.get("original", False),
            file=("photo.png", props.photograph(given["name"])) if has_file else None,
        )
        evidence.add_evidence(self.stage.engine, actor, self.case_id, new, key)

    def _take_back(self, actor: Actor, asked: Asked, key: str) -> None:
        party_id = self._party_id(asked["party"])
        taken = ConsentWithdrawal(self.case_id, party_id, asked["item"], asked.get("reason", ""))
        withdraw_consent(self.stage.engine, actor, taken, key)

    def _on_site(self, actor: Actor, asked: Asked, key: str) -> None:
        party_id = self._party_id(asked["party"])
        wanted = on_site.OnSiteRequest(self.case_id, party_id, asked.get("reason", ""))
        on_site.ask_on_site(self.stage.engine, actor, wanted, key)

    def _happened(self, actor: Actor, asked: Asked, key: str) -> None:
        about = self._party_id(asked["party"]) if "party" in asked else None
        happened = happenings.Happened(self.case_id, asked["kind"], asked["text"], about)
        happenings.note_happening(self.stage.engine, actor, happened, key)

    def _follow_up(self, actor: Actor, given: Asked, key: str) -> None:
        follow_ups.record_follow_up(self.stage.engine, actor, self.case_id, self._outcome(given), key)

    def _payment_order(self, actor: Actor, asked: Asked, key: str) -> None:
        creditor_id, engine = self._party_id(asked["party"]), self.stage.engine
        self.packets.append(payment_orders.make_payment_order(engine, actor, self.case_id, creditor_id, key))

    def _confirmation(self, actor: Actor, asked: Asked, key: str) -> None:
        together = [self._party_id(name) for name in asked["parties"]]
        new = confirmations.Application(together, asked["court"], day_of(self.stage.clock.moment))
        confirmations.apply_for_confirmation(self.stage.engine, actor, self.case_id, new, key)

    def _ruling(self, actor: Actor, given: Asked, key: str) -> None:
        today, reference = day_of(self.stage.clock.moment), given.get("reference", "")
        new = confirmations.Ruling(given["result"], today, reference, given.get("note", ""))
        confirmations.record_ruling(self.stage.engine, actor, self.case_id, new, key)

    def _outcome(self, given: Asked) -> follow_ups.Outcome:
        engine, today = self.stage.engine, day_of(self.stage.clock.moment)
        with engine.sessions.query(self.stage.tenant_id) as session:
            parts = follow_ups.parts_of(session, case_of(session, self.case_id), today)
        part_id = next((part.id for part in parts if part.number == given["part"]), "")
        return follow_ups.Outcome(
            part_id=part_id,
            result=given["result"],
            happened_on=dt.date.fromisoformat(given.get("on", today.isoformat())),
            amount=Decimal(given["amount"]) if "amount" in given else None,
            due_on=dt.date.fromisoformat(given["due_on"]) if "due_on" in given else None,
            both_agree=given.get("both_agree", False),
            claim=given.get("claim", ""),
            note=given["note"],
        )

    def _key(self, index: int) -> str:
        return hashlib.sha256(f"{self.name}:{index}".encode()).hexdigest()

    def _actor(self, who: str) -> Actor:
        with self.stage.engine.sessions.query(self.stage.tenant_id) as session:
            account_id = session.scalars(select(Account.id).where(Account.username == who)).one_or_none()
        if account_id is None:
            actor = links.party_actor(self.stage.engine, self.stage.tenant_id, self._party_id(who))
        else:
            actor = people.account_actor(self.stage.engine, self.stage.tenant_id, account_id)
        if actor is None:
            raise errors.NotFound
        return actor

    def _party_id(self, name: str) -> str:
        with self.stage.engine.sessions.query(self.stage.tenant_id) as session:
            found = select(Party.id).where(Party.case_id == self.case_id, Party.name == name)
            party_id = session.scalars(found).one_or_none()
        if party_id is None:
            raise errors.NotFound
        return party_id

    def _invitee_id(self, name: str) -> str:
        with self.stage.engine.sessions.query(self.stage.tenant_id) as session:
            return next(one.id for one in consultations.invited(session, self.case_id) if one.name == name)

    def _offer_id(self, number: int) -> str:
        with self.stage.engine.sessions.query(self.stage.tenant_id) as session:
            return next(one.id for one in offers.offers_of(session, self.case_id) if one.number == number)

    def _account_id(self, username: str) -> str:
        with self.stage.engine.sessions.query(self.stage.tenant_id) as session:
            return session.scalars(select(Account.id).where(Account.username == username)).one()

    def _task_id(self, node_id: str) -> str:
        for waiting, task_id in self._open_tasks():
            if waiting == node_id:
                return task_id
        raise errors.NotFound

    def _open_tasks(self) -> list[tuple[str, str]]:
        with self.stage.engine.sessions.query(self.stage.tenant_id) as session:
            found = select(UserTask.node_id, UserTask.id).where(
                UserTask.root_id == self.case_id, UserTask.status == "open"
            )
            return [(node_id, task_id) for node_id, task_id in session.execute(found.order_by(UserTask.id))]

    def _resolved(self, actor: Actor, value: Any) -> Any:
        if isinstance(value, list):
            return [self._resolved(actor, item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (found := self._reference(actor, *next(iter(value.items())))) is not None:
            return found
        return {key: self._resolved(actor, item) for key, item in value.items()}

    def _reference(self, actor: Actor, word: str, name: Any) -> Any:
        match word:
            case "party":
                return self._party_id(name)
            case "invitee":
                return self._invitee_id(name)
            case "offer":
                return self._offer_id(name)
            case "account":
                return self._account_id(name)
            case "signature":
                return props.drawn_signature(name)
            case "scan":
                return [self._scan(actor, "agreement" if name == "printed" else name)]
        return None

    def _scan(self, actor: Actor, kind: str) -> str:
        engine = self.stage.engine
        *_, last = [row for row in documents.list_documents(engine, actor, self.case_id) if row.kind == kind]
        printed = documents.read_document(engine, actor, last.id).content
        with engine.sessions.query(self.stage.tenant_id) as session:
            names = list(session.scalars(select(Party.name).where(Party.case_id == self.case_id)))
        return documents.store_file(engine, actor, "sheet.png", props.signed_sheet(printed, names))
