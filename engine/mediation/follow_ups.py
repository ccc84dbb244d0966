"""Follow-up: what was performed of each part of an agreement, what is still owed, what was put off."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Engine, errors, policy, service_tasks
from engine.calendar import day_of
from engine.mediation import law
from engine.mediation.agreements import FEN
from engine.mediation.answers import Problems
from engine.mediation.entries import Asked, Entered, enter
from engine.mediation.lookup import case_of, parties_of
from engine.models.agreements import Agreement, Instalment, Obligation
from engine.models.base import new_id
from engine.models.cases import Case
from engine.models.follow_ups import FollowUp
from engine.models.processes import ProcessInstance
from engine.policy import Actor

PERFORMED, PART, NOT_PERFORMED, DEFERRED = "performed", "part", "not_performed", "deferred"
RESULTS = (PERFORMED, PART, NOT_PERFORMED, DEFERRED)
CLAIMS = ("wages", "injury", "compensation", "damages")
"""What labour law lets a worker ask a payment order for (Labour Dispute Mediation Law Art. 16)."""
LABOUR = ("migrant_wages", "labour")
KIND = "payment_order"
OPEN, OVERDUE, DEFAULT = "open", "overdue", "default"
LONGEST = 2000


@dataclass(frozen=True)
class Outcome:
    """What is said of one part; `amount` in yuan where part of it was paid, `due_on` where it was put off.

    `both_agree` says that debtor and creditor agreed to that day; `note` is the proof or the reason.
    """

    part_id: str
    result: str
    happened_on: dt.date
    amount: Decimal | None = None
    due_on: dt.date | None = None
    both_agree: bool = False
    claim: str = ""
    note: str = ""


@dataclass(frozen=True)
class Part:
    """An obligation or one of its instalments as it stands on a day; amounts in yuan.

    `state` is open, overdue, default or performed; `owed` is None where it is not about money. `claim` is
    what a default is about in labour law; `entries` come oldest first.
    """

    id: str
    number: str
    obligation: Obligation
    instalment: Instalment | None
    debtor: str
    creditor: str
    amount: Decimal | None
    paid: Decimal
    owed: Decimal | None
    due_on: dt.date
    state: str
    claim: str
    entries: Sequence[FollowUp]


def parts_of(session: Session, case: Case, today: dt.date) -> list[Part]:
    """Each part of an agreement that binds, in its order; empty before it binds."""
    if case.agreement is None or case.agreement.effective_at is None:
        return []
    names = {party.id: party.name for party in parties_of(session, case.id)}
    entries: dict[str, list[FollowUp]] = {}
    found = select(FollowUp).where(FollowUp.case_id == case.id).order_by(FollowUp.position)
    for entry in session.scalars(found):
        entries.setdefault(entry.instalment_id or entry.obligation_id, []).append(entry)
    return [
        _part(obligation, instalment, names, entries, today)
        for obligation, instalment in _each(case.agreement)
    ]


def still_owed(parts: Sequence[Part]) -> Decimal:
    """The sum of money that these parts leave open, in yuan."""
    return sum((part.owed for part in parts if part.owed is not None), Decimal(0))


def record_follow_up(engine: Engine, actor: Actor, case_id: str, new: Outcome, key: str) -> None:
    """Add what became of a part; the committee supervises and urges performance (PML Art. 31).

    Of a default in labour law the creditor's application for a payment order is printed. Raises NotFound,
    Forbidden, KeyReused, LawForbids before the agreement binds, and InvalidAnswers by field.
    """
    policy.allow(actor, "follow_up.record")
    engine.services.refuse_unprintable({"note": new.note})
    said = [new.part_id, new.result, new.happened_on, new.amount, new.due_on, new.both_agree, new.claim]
    content = ["follow_up.record", case_id, *("" if one is None else str(one) for one in said), new.note]

    def record(session: Session, root: ProcessInstance, at: dt.datetime) -> Entered:
        case = case_of(session, case_id)
        part = _add(session, case, new, at, actor)
        if case.dispute_type in LABOUR and part.obligation.creditor_id:
            creditor = {"creditor": part.obligation.creditor_id}
            service_tasks.ask_alone(session, root.id, "issue_payment_orders", creditor, at)
        return Entered("follow_up.recorded", case_id, "performance")

    enter(engine, actor, Asked(case_id, content, key), record)


def _add(session: Session, case: Case, new: Outcome, at: dt.datetime, actor: Actor) -> Part:
    """Check the entry and add it; gives its part as it stood before."""
    if case.agreement is None or case.agreement.effective_at is None:
        raise law.forbids("performance", at, "the agreement does not bind yet")
    parts = parts_of(session, case, day_of(at))
    part = next((one for one in parts if one.id == new.part_id), None)
    if part is None:
        raise errors.NotFound
    _check(part, new, case, day_of(at))
    position = 1 + sum(len(one.entries) for one in parts)
    entry = _entry(part, new)
    entry.tenant_id, entry.case_id, entry.position = case.tenant_id, case.id, position
    entry.recorded_at, entry.recorded_by = at, actor.id
    session.add(entry)
    session.flush()
    return part


def _each(agreement: Agreement) -> Iterator[tuple[Obligation, Instalment | None]]:
    for obligation in agreement.obligations:
        if obligation.instalments:
            yield from ((obligation, one) for one in obligation.instalments)
        else:
            yield obligation, None


def _part(
    obligation: Obligation,
    instalment: Instalment | None,
    names: dict[str, str],
    entries: dict[str, list[FollowUp]],
    today: dt.date,
) -> Part:
    here = instalment or obligation
    said = entries.get(here.id, [])
    paid = sum((one.amount for one in said if one.amount is not None), Decimal(0))
    put_off = [one.due_on for one in said if one.due_on is not None]
    due_on = put_off[-1] if put_off else here.due_on
    state = _state(said, due_on, today)
    owed = None if here.amount is None else here.amount - paid
    last = next((one for one in reversed(said) if one.result == NOT_PERFORMED), None)
    number = f"{obligation.position}" + (f".{instalment.position}" if instalment else "")
    return Part(
        id=here.id, number=number, obligation=obligation, instalment=instalment,
        debtor=names[obligation.debtor_id],
        creditor=names[obligation.creditor_id] if obligation.creditor_id else "",
        amount=here.amount, paid=paid, owed=owed, due_on=due_on, state=state,
        claim=last.claim if last is not None and state == DEFAULT else "", entries=said,
    )  # fmt: skip


def _state(said: Sequence[FollowUp], due_on: dt.date, today: dt.date) -> str:
    """Paying a part of it takes no default back; performing it, or putting it off together, does."""
    state = OVERDUE if today > due_on else OPEN
    for one in said:
        if one.result == PERFORMED:
            return PERFORMED
        if one.result == NOT_PERFORMED:
            state = DEFAULT
        elif one.result == DEFERRED:
            state = OVERDUE if today > due_on else OPEN
    return state


def _check(part: Part, new: Outcome, case: Case, today: dt.date) -> None:
    problems, agreement = Problems(), case.agreement
    if part.state == PERFORMED:
        problems.add("result", "This part was performed already.")
    if new.result not in RESULTS:
        problems.add("result", "Choose one of these.")
    if agreement is not None and agreement.effective_at is not None:
        problems.not_before("happened_on", new.happened_on, day_of(agreement.effective_at))
    problems.not_after("happened_on", new.happened_on, today)
    if not new.note.strip():
        problems.add("note", "Answer this question.")
    if len(new.note) > LONGEST:
        problems.add("note", "At most {count} fit here.", count=LONGEST)
    if new.result == PART:
        _check_paid(problems, part, new.amount)
    elif new.amount is not None:
        problems.add("amount", "Only where part of it was paid is an amount asked for.")
    if new.result == DEFERRED:
        _check_deferred(problems, new, part, today)
    elif new.due_on is not None:
        problems.add("due_on", "Only what is put off gets another day.")
    if new.result == NOT_PERFORMED and new.happened_on <= part.due_on:
        problems.add("happened_on", "It is in default only after {day}.", day=part.due_on.isoformat())
    _check_claim(problems, part, new, case)
    problems.refuse()


def _check_paid(problems: Problems, part: Part, amount: Decimal | None) -> None:
    if part.owed is None:
        if amount is not None:
            problems.add("amount", "This part is not about money.")
    elif amount is None or not 0 < amount < part.owed:
        problems.add("amount", "A part payment is less than the {owed} yuan owed.", owed=f"{part.owed:f}")
    elif amount % FEN:
        problems.add("amount", "An amount has at most two decimals.")


def _check_deferred(problems: Problems, new: Outcome, part: Part, today: dt.date) -> None:
    if new.due_on is None:
        problems.add("due_on", "Answer this question.")
    problems.not_before("due_on", new.due_on, max(today, part.due_on) + dt.timedelta(days=1))
    if not new.both_agree:
        problems.add("both_agree", "Only both together can put it off.")


def _check_claim(problems: Problems, part: Part, new: Outcome, case: Case) -> None:
    if not new.claim:
        return
    kinds = {party.id: party.kind for party in case.parties}
    creditor = kinds.get(part.obligation.creditor_id or "")
    if new.claim not in CLAIMS:
        problems.add("claim", "Choose one of these.")
    elif new.result != NOT_PERFORMED or part.owed is None or case.dispute_type not in LABOUR:
        problems.add("claim", "Only money that an employer owes by labour law is claimed so.")
    elif creditor != "natural" or kinds[part.obligation.debtor_id] == "natural":
        problems.add("claim", "Only a worker claims so, and only of the employer.")


def _entry(part: Part, new: Outcome) -> FollowUp:
    return FollowUp(
        id=new_id(), obligation_id=part.obligation.id,
        instalment_id=part.instalment.id if part.instalment else None,
        result=new.result, amount=part.owed if new.result == PERFORMED else new.amount,
        happened_on=new.happened_on, due_on=new.due_on, claim=new.claim, note=new.note.strip(),
    )  # fmt: skip
