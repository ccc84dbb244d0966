"""The queue of what was filed from outside: reception opens it as a case, or declines it with a reason."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine import Engine, audit, bodies, drafts, errors, idempotency, policy
from engine.calendar import day_of
from engine.idempotency import Request
from engine.keys import Keys
from engine.mediation import cases, law
from engine.mediation.filings import Told, told_in
from engine.models.intake import Filing
from engine.models.processes import UserTask
from engine.policy import Actor

MOST = 200


@dataclass(frozen=True)
class FilingView:
    """A filing as reception reads it; `status` is waiting, opened or declined."""

    id: str
    number: str
    received_at: dt.datetime
    status: str
    told: Told
    case_id: str | None
    decided_at: dt.datetime | None
    decline_reason: str


def list_filings(engine: Engine, actor: Actor) -> list[FilingView]:
    """What waits in the actor's bodies, oldest first; Forbidden, SealBroken."""
    policy.allow(actor, "filing.read")
    with engine.sessions.query(actor.tenant_id) as session:
        found = select(Filing).where(*_waiting(actor)).order_by(Filing.id).limit(MOST)
        return [_view(engine.keys, filing) for filing in session.scalars(found)]


def count_filings(engine: Engine, actor: Actor) -> int:
    """How many wait in the actor's bodies; none for who may not read them."""
    if not policy.ACTIONS["filing.read"](actor):
        return 0
    with engine.sessions.query(actor.tenant_id) as session:
        return session.scalars(select(func.count()).select_from(Filing).where(*_waiting(actor))).one()


def show_filing(engine: Engine, actor: Actor, filing_id: str) -> FilingView:
    """One filing of the actor's bodies, whatever became of it; NotFound, Forbidden, SealBroken."""
    policy.allow(actor, "filing.read")
    with engine.sessions.query(actor.tenant_id) as session:
        return _view(engine.keys, _found(session, actor, filing_id))


def filing_of_case(session: Session, actor: Actor, case_id: str) -> str | None:
    """The id of the filing from which a case was opened, for who may read it."""
    if not policy.ACTIONS["filing.read"](actor):
        return None
    mine = Filing.body_id.in_(sorted(actor.body_ids))
    return session.scalars(select(Filing.id).where(Filing.case_id == case_id, mine)).one_or_none()


def open_filing(engine: Engine, actor: Actor, filing_id: str, key: str) -> str:
    """Open a case with what was sent in as the draft of its registration, and give the case's id.

    The claim was made when it was sent in (SPC Provisions Art. 12). Raises NotFound, Forbidden,
    FilingDecided, NoRelease, KeyReused, BodyClosed, SealBroken.
    """
    policy.allow(actor, "filing.decide")
    request = Request(actor, key, audit.digest(engine.keys, ["filing.open", filing_id]))
    with engine.sessions.command(actor.tenant_id) as session:
        filing = _found(session, actor, filing_id, lock=True)
        if (seen := idempotency.recall(session, request)) is not None:
            return str(seen)
        _require_waiting(filing)
        at, told = engine.now(), told_in(engine.keys, filing)
        by_party = filing.filed_by == "party"
        known = {"applied_on": day_of(filing.received_at)} if by_party else {}
        root = cases.begin(session, engine, actor, filing.body_id, known)
        filing.case_id, filing.status, filing.decided_at, filing.decided_by = root.id, "opened", at, actor.id
        _prefill(session, engine, actor, root.id, told)
        law_ref = law.rule("limitation", at.date()).law_ref_zh
        entry = audit.Entry("filing.opened", filing.id, at, law_ref=law_ref)
        audit.record(session, engine.keys, root, actor, entry)
        idempotency.remember(session, request, root.id, at)
        return root.id


def decline_filing(engine: Engine, actor: Actor, filing_id: str, reason: str, key: str) -> None:
    """Decline a filing with the reason; it is kept.

    Raises NotFound, Forbidden, ReasonMissing, FilingDecided, KeyReused.
    """
    policy.allow(actor, "filing.decide")
    if not reason.strip():
        raise errors.ReasonMissing
    content = ["filing.decline", filing_id, reason]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = bodies.lock_tenant(session, actor)
        filing = _found(session, actor, filing_id, lock=True)
        if idempotency.recall(session, request) is not None:
            return
        _require_waiting(filing)
        filing.status, filing.decided_at, filing.decided_by = "declined", engine.now(), actor.id
        filing.decline_reason = reason.strip()
        entry = audit.Entry("filing.declined", filing.id, filing.decided_at, content=content)
        audit.record(session, engine.keys, tenant, actor, entry)
        idempotency.remember(session, request, True, filing.decided_at)


def _prefill(session: Session, engine: Engine, actor: Actor, case_id: str, told: Told) -> None:
    task = session.scalars(
        select(UserTask).where(UserTask.root_id == case_id, UserTask.status == "open").order_by(UserTask.id)
    ).first()
    if task is not None:
        whose = drafts.Whose(actor.tenant_id, task.id, actor.id)
        drafts.keep(session, engine.keys, whose, _answers(told), engine.now())


def _answers(told: Told) -> dict[str, object]:
    """The registration's answers as far as the filing gives them; a grid member is no party."""
    reporter = {"kind": "natural", "name": told.name, "phone": told.phone, "address": told.address}
    by_party = told.filed_by == "party"
    other = {"kind": "natural", "name": told.other_name, "address": told.other_place}
    return {
        "source": "application" if by_party else "proactive",
        "intake_channel": "web" if by_party else "grid",
        "applicants": [reporter if by_party else {"kind": "natural"}],
        "respondents": [other],
        "facts": told.facts,
        "requests": [{"text": told.wish}] if told.wish and by_party else [],
    }


def _waiting(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (Filing.body_id.in_(sorted(actor.body_ids)), Filing.status == "waiting")


def _found(session: Session, actor: Actor, filing_id: str, *, lock: bool = False) -> Filing:
    this = select(Filing).where(Filing.id == filing_id, Filing.body_id.in_(sorted(actor.body_ids)))
    found = session.scalars(this.with_for_update() if lock else this).one_or_none()
    if found is None:
        raise errors.NotFound
    return found


def _require_waiting(filing: Filing) -> None:
    if filing.status != "waiting":
        raise errors.FilingDecided(number=filing.number)


def _view(keys: Keys, filing: Filing) -> FilingView:
    return FilingView(
        filing.id, filing.number, filing.received_at, filing.status, told_in(keys, filing), filing.case_id,
        filing.decided_at, filing.decline_reason,
    )  # fmt: skip
