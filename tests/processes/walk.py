"""A case that goes wherever chance leads it, and what the law demands of it after each step (domain A5)."""

import base64
import datetime as dt
import random
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from engine import errors, jobs, messages, open_tasks, people, policy, service_tasks, tasks, timers
from engine.calendar import ZONE
from engine.mediation import cases, documents, guardian_records, guardians, happenings, links, props
from engine.mediation.broadcast_ledger import (
    ConsentWithdrawal,
    consents_of,
    stages_of,
    standing_of,
    withdraw_consent,
)
from engine.mediation.lookup import case_of
from engine.mediation.play import Stage
from engine.models.agreements import Agreement, Mark
from engine.models.base import new_id
from engine.models.cases import Case, JointSession, Party, Statement
from engine.models.clocks import Timer
from engine.models.documents import Document
from engine.models.people import Account
from engine.models.processes import ProcessInstance, UserTask
from engine.models.records import AuditRow, Job
from engine.open_tasks import OpenTask
from engine.policy import Actor

from .answering import ANSWERED, HARDLY, USUAL, Answering, Usual, mended

# Years before the terms of the mediators end.
FIRST_MORNING, FIRST_DAYS = dt.datetime(2026, 11, 2, 9, tzinfo=ZONE), 400
STEPS_AT_MOST = 90
TRIES, ANEW = 120, 6
# After so many tries all is answered anew; between them is more and more time to mend what is called wrong.
FRESH = (ANEW, 2 * ANEW, 4 * ANEW, 8 * ANEW, 16 * ANEW)
SELDOM = 0.3
WITHDRAWS = 0.02
SIDES = {"applicant", "respondent"}
# What is still owed to those who leave: it goes on with no mediation.
OWED = ("tell_other_routes", "tell_abstainers")


@dataclass
class Walked:
    """What a walk came to: the nodes it passed, refusals by their kind, and each breach of the law."""

    case_id: str = ""
    nodes: Counter[str] = field(default_factory=Counter)
    processes: set[str] = field(default_factory=set)
    refusals: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    status: str = ""


class Walk:
    """One walk through the shipped diagrams; the same seed goes the same way. `wish` is the path preferred.

    Eight of nine end before the first mark: signing and checking PDFs takes as long as all else together.
    """

    def __init__(self, stage: Stage, usual: Usual, seed: int, wish: str) -> None:
        self.stage, self.chance, self.walked = stage, random.Random(seed), Walked()
        self._signs = self.chance.randrange(9) == 0
        self._answering, self._wish = Answering(self.chance, usual, wish), wish
        self._withdraws = self.chance.random() < 0.4

    def go(self) -> Walked:
        """Walk until the case has ended, or has taken STEPS_AT_MOST steps; then tell what was seen."""
        self.stage.clock.moment = FIRST_MORNING + dt.timedelta(days=self.chance.randrange(FIRST_DAYS))
        self.walked.case_id = cases.open_case(self.stage.engine, self._staff("reception"), self._key())
        for _ in range(STEPS_AT_MOST):
            self._pass_time()
            if not self._is_active() or (not self._signs and self._is_signing()):
                break
            taken = self._withdraw() or self._take_back() or self._happen()
            if not (taken or self._complete() or self._name_guardian() or self._wait()):
                self._breached(f"nobody can go on: {self._waiting()}")
                break
            self._look()
        self._end()
        return self.walked

    def _pass_time(self) -> None:
        self.stage.clock.moment += dt.timedelta(hours=self.chance.choice((1, 3, 20, 40)))
        engine = self.stage.engine
        while jobs.run_due(engine, service_tasks.HANDLERS) + timers.fire_due(engine):
            pass

    def _withdraw(self) -> bool:
        """Let a party leave, if chance wills it; until the agreement binds nothing may stand against it."""
        if not self._withdraws or self.chance.random() > WITHDRAWS or not (here := self._parties()):
            return False
        party = self.chance.choice(here)
        actor = links.party_actor(self.stage.engine, self.stage.tenant_id, party.id)
        assert actor is not None
        try:
            cases.withdraw(
                self.stage.engine,
                actor,
                cases.Withdrawal(self.walked.case_id, party.id, "不想调了"),
                self._key(),
            )
        except errors.Refusal as refused:
            self._refused(refused)
            if not self._binds_or_ended():
                self._breached(f"a party can't leave: {refused!r} at {self._waiting()}")
            return False
        self.walked.nodes["withdraw"] += 1
        return True

    def _take_back(self) -> bool:
        """Let a party take back a consent to television, if chance wills it; nothing may stand against it."""
        if self.chance.random() > WITHDRAWS:
            return False
        with self._query() as session:
            found = standing_of(session, self.walked.case_id)
        given = sorted(key for key, row in found.items() if row.decision == "given")
        if not given:
            return False
        party_id, item = self.chance.choice(given)
        actor = self._staff("reception")
        asked = ConsentWithdrawal(self.walked.case_id, party_id, item)
        withdraw_consent(self.stage.engine, actor, asked, self._key())
        self.walked.nodes["take_back"] += 1
        return True

    def _happen(self) -> bool:
        """Let something happen that the staff note, if chance wills it; the law may refuse it by then."""
        if not self._withdraws or self.chance.random() > WITHDRAWS or not (here := self._parties()):
            return False
        kind = self.chance.choice([key for key, found in happenings.KINDS.items() if found.by_staff])
        about = self.chance.choice(here).id if happenings.KINDS[kind].about_party else None
        happened = happenings.Happened(self.walked.case_id, kind, "有人来说的", about)
        try:
            happenings.note_happening(self.stage.engine, self._staff("chief"), happened, self._key())
        except errors.Refusal as refused:
            self._refused(refused, kind)
            return False
        self.walked.nodes[kind] += 1
        return True

    def _name_guardian(self) -> bool:
        """Record a guardian where the law stops the case because a party under age has none."""
        with self._query() as session:
            acting = {row.party_id for row in guardians.rows_of(session, self.walked.case_id)}
            wanted = (party for party in self._parties() if guardians.needs_guardian(party))
            party = next((one for one in wanted if one.id not in acting), None)
        if party is None:
            return False
        new = guardian_records.NewGuardian(party.id, f"监护人{party.position}", "母亲")
        guardian_records.record_guardian(
            self.stage.engine, self._staff("chief"), self.walked.case_id, new, self._key()
        )
        self.walked.nodes["guardian"] += 1
        return True

    def _wait(self) -> bool:
        """Let time pass until a limit is over, where nobody has anything to do before it."""
        mine = (Timer.root_id == self.walked.case_id, Timer.status == "waiting")
        with self._query() as session:
            due_at = session.scalars(select(Timer.due_at).where(*mine).order_by(Timer.due_at)).first()
        if due_at is None or self._open():
            return False
        self.stage.clock.moment = max(self.stage.clock.moment, due_at)
        self._pass_time()
        return True

    def _complete(self) -> bool:
        """Complete one of the open tasks, by whoever may; False if no task takes any answer."""
        found = self._open()
        return any(self._do(task_id, node_id) for task_id, node_id in self.chance.sample(found, len(found)))

    def _do(self, task_id: str, node_id: str) -> bool:
        """Complete a task by one of those who may; a party that has done its part leaves it to the others.

        While a case is suspended, for instance until another mediator has accepted, some wait for nobody.
        """
        who = list(self._who_may(task_id))
        if not who and not self._is_suspended():
            self._breached(f"nobody may do {node_id}")
        return any(self._try(actor, opened) for actor, opened in who)

    def _try(self, actor: Actor, opened: OpenTask) -> bool:
        """Answer a task's form; what it finds wrong is answered anew, as people would."""
        given, wrong, node_id = {}, frozenset({""}), opened.task.node_id
        kind = opened.node.properties.get("document", "agreement")
        for number in range(TRIES):
            self._answering.wish = "" if number else self._wish
            self._answering.usually = USUAL if number < ANEW else SELDOM
            # Who is refused again and again says no more than must be said.
            self._answering.answered = ANSWERED if number < 2 * ANEW else HARDLY
            self._answering.doubted = frozenset(path.rpartition(".")[2] for path in wrong)
            other = self._answering.answers(opened, self.stage.clock(), lambda: self._file(actor, kind))
            given = mended(given, other, wrong)
            try:
                tasks.complete_task(self.stage.engine, actor, opened.task.id, given, self._key())
            except errors.AlreadyMarked as done:
                self._refused(done, node_id)
                return False
            except errors.Refusal as refused:
                self._refused(refused, node_id)
                told = _deepest(refused.errors) if isinstance(refused, errors.InvalidAnswers) else {""}
                if isinstance(refused, errors.LawForbids) and number >= 6 * ANEW:
                    return False
                # What is wrong may hang on an answer that was not called wrong.
                wrong = frozenset({""} if number + 1 in FRESH else told)
            else:
                self.walked.nodes[node_id] += 1
                return True
        return False

    def _who_may(self, task_id: str) -> Iterator[tuple[Actor, OpenTask]]:
        with self._query() as session:
            task = session.get_one(UserTask, (self.stage.tenant_id, task_id))
        for actor in self._everybody():
            with suppress(errors.NotFound):
                if policy.may_act_on(actor, task):
                    yield actor, open_tasks.open_task(self.stage.engine, actor, task_id)

    def _everybody(self) -> list[Actor]:
        engine, tenant_id = self.stage.engine, self.stage.tenant_id
        found = [people.account_actor(engine, tenant_id, one) for one in self._accounts()]
        found += [links.party_actor(engine, tenant_id, party.id) for party in self._parties()]
        known = [actor for actor in found if actor is not None]
        return self.chance.sample(known, len(known))

    def _file(self, actor: Actor, kind: str) -> str:
        sheets = documents.list_documents(self.stage.engine, actor, self.walked.case_id)
        printed = next((row for row in reversed(sheets) if row.kind == kind), None)
        if printed is None:
            drawing = base64.b64decode(props.drawn_signature("page").partition(",")[2])
            return documents.store_file(self.stage.engine, actor, "page.png", drawing)
        content = documents.read_document(self.stage.engine, actor, printed.id).content
        # No sheet is an earlier one's, though the papers of many walks are one print.
        step = f"{self.walked.case_id} {self.walked.nodes.total()}"
        names = [*(party.name for party in self._parties()), step]
        sheet = props.signed_sheet(content, names)
        return documents.store_file(self.stage.engine, actor, "sheet.png", sheet)

    def _look(self) -> None:
        with self._query() as session:
            self._breached(*breaches(session, self.walked.case_id))

    def _end(self) -> None:
        self._pass_time()
        with self._query() as session:
            case = case_of(session, self.walked.case_id)
            self.walked.status = case.status
            self.walked.processes = set(
                session.scalars(select(ProcessInstance.process_id).where(ProcessInstance.root_id == case.id))
            )
            if not self._is_active():
                self._breached(*end_breaches(session, case))

    def _breached(self, *found: str) -> None:
        for breach in found:
            if breach not in {known.partition(", after ")[0] for known in self.walked.breaches}:
                self.walked.breaches.append(f"{breach}, after {self.walked.nodes.total()} steps")

    def _refused(self, refused: errors.Refusal, where: str = "withdraw") -> None:
        wrong = sorted(refused.errors) if isinstance(refused, errors.InvalidAnswers) else []
        self.walked.refusals[f"{where}: {type(refused).__name__} {' '.join(wrong)}".rstrip()] += 1

    def _staff(self, username: str) -> Actor:
        with self._query() as session:
            account_id = session.scalars(select(Account.id).where(Account.username == username)).one()
        actor = people.account_actor(self.stage.engine, self.stage.tenant_id, account_id)
        assert actor is not None
        return actor

    def _accounts(self) -> list[str]:
        with self._query() as session:
            return list(session.scalars(select(Account.id).order_by(Account.username)))

    def _parties(self) -> list[Party]:
        with self._query() as session:
            mine = select(Party).where(Party.case_id == self.walked.case_id).order_by(Party.position)
            return [party for party in session.scalars(mine) if _takes_part(party)]

    def _open(self) -> list[tuple[str, str]]:
        with self._query() as session:
            mine = (UserTask.root_id == self.walked.case_id, UserTask.status == "open")
            found = session.execute(select(UserTask.id, UserTask.node_id).where(*mine).order_by(UserTask.id))
            return [(task_id, node_id) for task_id, node_id in found]

    def _waiting(self) -> str:
        return ", ".join(node_id for _, node_id in self._open()) or "nothing"

    def _is_active(self) -> bool:
        with self._query() as session:
            return (
                session.get_one(ProcessInstance, (self.stage.tenant_id, self.walked.case_id)).status
                == "active"
            )

    def _is_suspended(self) -> bool:
        with self._query() as session:
            return case_of(session, self.walked.case_id).suspended is not None

    def _is_signing(self) -> bool:
        with self._query() as session:
            return case_of(session, self.walked.case_id).status == "signing"

    def _binds_or_ended(self) -> bool:
        with self._query() as session:
            case = case_of(session, self.walked.case_id)
            full = case.agreement is not None and marked_by_all(case, case.agreement)
            return case.ended_at is not None or case.end_code is not None or full

    def _query(self) -> Any:
        return self.stage.engine.sessions.query(self.stage.tenant_id)

    def _key(self) -> str:
        return new_id()


def _deepest(paths: Collection[str]) -> set[str]:
    """Of a list that is wrong for its rows only the rows: the others may stay as they are."""
    return {path for path in paths if not any(other.startswith(f"{path}.") for other in paths)}


def breaches(session: Session, case_id: str) -> Iterator[str]:
    """What stands in the tables of a case under way against the invariants of its states."""
    case = case_of(session, case_id)
    here = [party for party in case.parties if _takes_part(party)]
    began = session.scalars(select(Statement.id).where(Statement.case_id == case_id)).all()
    began += session.scalars(select(JointSession.id).where(JointSession.case_id == case_id)).all()
    if began or case.agreement is not None:
        yield from (f"{party.name} did not consent (PML 17)" for party in here if party.consents is not True)
        yield from (f"{party.name} had no notice" for party in here if party.notice_served_at is None)
        if case.mediator_id is None and case.suspended is None:
            yield "talks without a mediator (PML 19)"
    if case.agreement is not None:
        found = _oral_breaches if case.agreement.oral else _agreement_breaches
        yield from found(case, case.agreement)
    yield from _broadcast_breaches(session, case)
    waiting = (UserTask.root_id == case_id, UserTask.status == "open", UserTask.node_id.not_in(OWED))
    # What was recorded is shown or not by consents of its own, whatever became of the mediation.
    mediates = ProcessInstance.process_id != "broadcast"
    found = select(UserTask.id).join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
    goes_on = session.scalars(found.where(*waiting, mediates)).first() is not None
    if (
        {party.side for party in here} != SIDES
        and here
        and case.end_code is None
        and case.parties
        and goes_on
    ):
        yield "one side alone goes on (PML 17)"
    if case.end_code is None and case.ended_at is not None:
        yield "ended without a reason"
    failed = select(Job.payload).where(Job.kind == messages.UNHEARD, Job.status == "failed")
    for told in session.scalars(failed):
        if told["root_id"] == case_id:
            yield f"{told['message']} was told and no diagram heard it"


def _broadcast_breaches(session: Session, case: Case) -> Iterator[str]:
    """Each recording and each showing had everybody's consent by then, and followed the steps before it."""
    stages, consents = stages_of(session, case.id), consents_of(session, case.id)
    for at, row in enumerate(stages):
        before = {one.stage for one in stages[:at]}
        if row.stage == "aired" and not {"recorded", "cooling_off", "edit_locked", "previewed"} <= before:
            yield "aired before the cooling-off, the edit lock and the preview (PIPL 15)"
        if row.stage not in ("recorded", "edit_locked", "aired"):
            continue
        said = {(one.party_id, one.item): one.decision for one in consents if one.made_at <= row.made_at}
        for party in case.parties:
            if any(said.get((party.id, item)) != "given" for item in ("take_part", "recording")):
                yield f"{row.stage} without the consent of {party.name} (PIPL 25)"


def _takes_part(party: Party) -> bool:
    refused = party.consents is False or party.invitation_answer in ("refuses", "unreachable")
    return party.withdrawn_at is None and not refused


def _agreement_breaches(case: Case, agreement: Agreement) -> Iterator[str]:
    if agreement.marks and agreement.legality != "approved":
        yield "marked before its legality was checked"
    if agreement.effective_at is None:
        return
    if not marked_by_all(case, agreement):
        yield "effective without all marks (PML 29)"
    if agreement.effective_at != max(_moment(mark) for mark in agreement.marks):
        yield "effective at another moment than that of its last mark (PML 29)"
    if any(
        mark.medium == "paper" and mark.confirmed_by in (None, mark.entered_by) for mark in agreement.marks
    ):
        yield "a mark on paper that nobody else has confirmed"


def _oral_breaches(case: Case, agreement: Agreement) -> Iterator[str]:
    """A register that the mediator signs binds those who take part, since the day on which they agreed."""
    if agreement.effective_at is None:
        if agreement.marks:
            yield "an oral agreement was signed and does not bind (PML 30)"
        return
    if "mediator" not in {mark.signer_kind for mark in agreement.marks}:
        yield "an oral agreement binds that the mediator has not signed (PML 28)"
    if {party.id for party in case.parties if _takes_part(party)} != set(agreement.party_ids):
        yield "an oral agreement binds others than those who take part"
    mine = (JointSession.case_id == case.id, JointSession.outcome == "agreed")
    session = object_session(case)
    assert session is not None
    days = session.scalars(select(JointSession.held_on).where(*mine).order_by(JointSession.made_at)).all()
    if not days or agreement.effective_at != dt.datetime.combine(days[-1], dt.time(), ZONE):
        yield "an oral agreement is effective on another day than it was reached (PML 30)"


def _moment(mark: Mark) -> dt.datetime:
    return mark.made_at or dt.datetime.combine(mark.made_on or dt.date.max, dt.time(), ZONE)


def marked_by_all(case: Case, agreement: Agreement) -> bool:
    """Whether the parties, the mediator and the committee have marked it."""
    signed = {mark.signer_id for mark in agreement.marks}
    kinds = {mark.signer_kind for mark in agreement.marks}
    parties = {party.id for party in case.parties if _takes_part(party)}
    return parties <= signed and {"mediator", "seal"} <= kinds


def end_breaches(session: Session, case: Case) -> Iterator[str]:
    """What a case that is over must leave behind: notices or copies, and nothing that still waits."""
    yield from breaches(session, case.id)
    kinds = set(session.scalars(select(Document.kind).where(Document.case_id == case.id)))
    effective = case.agreement is not None and case.agreement.effective_at is not None
    is_oral = case.agreement is not None and case.agreement.oral
    paper = "oral_register" if is_oral else "agreement"
    if effective and (case.status != "effective" or paper not in kinds):
        yield "an agreement that binds is not in the file"
    marks = case.agreement.marks if case.agreement is not None else []
    if effective and "seal" not in {mark.signer_kind for mark in marks}:
        yield "an agreement that binds bears no seal (PML 28)"
    if not effective and ("routes_notice" not in kinds or case.routes_told_at is None):
        yield "ended without the notice of other routes (PML 26)"
    if case.source == "application" and "receipt" not in kinds:
        yield "an application without its receipt"
    waiting = select(UserTask.node_id).where(UserTask.root_id == case.id, UserTask.status == "open")
    yield from (f"{node_id} still waits" for node_id in session.scalars(waiting))
    rows = session.execute(select(AuditRow).where(AuditRow.chain_id == case.id)).scalars().all()
    yield from (f"row {row.seq} of the record has no actor" for row in rows if not row.actor_name)
