"""Admitting somebody from outside to a little of a case: an expert, the TV crew, the grid member."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass

from sqlalchemy import Text, or_, select, type_coerce
from sqlalchemy.orm import Session

from engine import Engine, audit, errors, idempotency, instances, policy
from engine.idempotency import Request
from engine.mediation import law, parties
from engine.mediation.broadcast_ledger import require_stage
from engine.mediation.consultations import consents_of, taking_part
from engine.mediation.lookup import parties_of, visible_case
from engine.models.admissions import Admission
from engine.models.consultations import Invitee
from engine.models.people import Account
from engine.policy import OUTSIDERS, Actor

ARTICLES = {"expert": "guests", "tv_crew": "tv_consent", "grid_member": "data_minimum"}


@dataclass(frozen=True)
class NewAdmission:
    """Whose account may know a little of which case, and as what; an expert is one of the invitees."""

    case_id: str
    account_id: str
    role: str
    invitee_id: str = ""


@dataclass(frozen=True)
class AdmissionsView:
    """Who is admitted to a case (account, admission), who could be (account, role), and as which invitee."""

    case_id: str
    number: str
    admitted: list[tuple[Account, Admission]]
    candidates: list[tuple[Account, str]]
    invitees: list[Invitee]


def admit(engine: Engine, actor: Actor, new: NewAdmission, key: str) -> None:
    """Let an account see what annex A4 gives its role of one case, and nothing else.

    Raises NotFound, also for an account without the role, Forbidden, KeyReused, and LawForbids for an expert
    whom not every party agreed to (PML Art. 20) and a crew without a planned broadcast (PIPL Art. 14).
    """
    policy.allow(actor, "admission.change")
    content = ["admission.begin", *astuple(new)]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, new.case_id, actor)
        if idempotency.recall(session, request) is None:
            at = engine.now()
            _require_account(session, new)
            _REQUIRED[new.role](session, new, at)
            session.merge(
                Admission(
                    tenant_id=actor.tenant_id, case_id=new.case_id, account_id=new.account_id, role=new.role,
                    invitee_id=new.invitee_id or None, admitted_at=at, admitted_by=actor.id, ended_at=None,
                )
            )  # fmt: skip
            law_ref = law.rule(ARTICLES[new.role], at.date()).law_ref_zh
            entry = audit.Entry("admission.begun", new.account_id, at, law_ref=law_ref, content=content)
            audit.record(session, engine.keys, root, actor, entry)
            idempotency.remember(session, request, True, at)


def dismiss(engine: Engine, actor: Actor, case_id: str, account_id: str, key: str) -> None:
    """Let an account see nothing of the case any more. Raises NotFound, Forbidden, KeyReused."""
    policy.allow(actor, "admission.change")
    content = ["admission.end", case_id, account_id]
    request = Request(actor, key, audit.digest(engine.keys, content))
    with engine.sessions.command(actor.tenant_id) as session:
        root = instances.lock(session, case_id, actor)
        if idempotency.recall(session, request) is None:
            admission = _standing(session, Admission.case_id == case_id, Admission.account_id == account_id)
            if not admission:
                raise errors.NotFound
            admission[0].ended_at = engine.now()
            entry = audit.Entry("admission.ended", account_id, engine.now(), content=content)
            audit.record(session, engine.keys, root, actor, entry)
            idempotency.remember(session, request, True, engine.now())


def admissions_of(session: Session, actor: Actor) -> Sequence[Admission]:
    """The admissions of an account that stand now, newest first; an expert's only with every consent."""
    found = _standing(session, Admission.account_id == actor.id)
    return [one for one in found if one.role in actor.roles and _holds(session, one)]


def list_admissions(engine: Engine, actor: Actor, case_id: str) -> AdmissionsView:
    """Who from outside knows a little of a case that the actor sees, and who else could. NotFound."""
    policy.allow(actor, "admission.change")
    with engine.sessions.query(actor.tenant_id) as session:
        case = visible_case(session, actor, case_id)
        admitted = {one.account_id: one for one in _standing(session, Admission.case_id == case_id)}
        everybody = _outsiders(session)
        return AdmissionsView(
            case_id=case.id,
            number=case.number or "",
            admitted=[(one, admitted[one.id]) for one in everybody if one.id in admitted],
            candidates=[(one, role) for one in everybody for role in sorted(OUTSIDERS & set(one.roles))],
            invitees=taking_part(session, case_id),
        )


def is_agreed_to(session: Session, case_id: str, invitee_id: str) -> bool:
    """Whether every party that takes part agreed to this invitee, who takes part too (PML Art. 20)."""
    if invitee_id not in {one.id for one in taking_part(session, case_id)}:
        return False
    said, here = consents_of(session, case_id), parties.active(parties_of(session, case_id))
    return all(one.id in said and invitee_id in said[one.id].agreed for one in here)


def _standing(session: Session, *conditions: object) -> Sequence[Admission]:
    found = select(Admission).where(Admission.ended_at.is_(None), *conditions)  # type: ignore[arg-type]
    return session.scalars(found.order_by(Admission.admitted_at.desc(), Admission.case_id)).all()


def _holds(session: Session, admission: Admission) -> bool:
    if admission.role != "expert":
        return True
    return is_agreed_to(session, admission.case_id, admission.invitee_id or "")


def _outsiders(session: Session) -> Sequence[Account]:
    roles = type_coerce(Account.roles, Text)
    held = [roles.contains(f'"{role}"', autoescape=True) for role in sorted(OUTSIDERS)]
    return session.scalars(select(Account).where(Account.active, or_(*held)).order_by(Account.name)).all()


def _require_account(session: Session, new: NewAdmission) -> None:
    fits = {(one.id, role) for one in _outsiders(session) for role in one.roles}
    if new.role not in OUTSIDERS or (new.account_id, new.role) not in fits:
        raise errors.NotFound


def _require_agreed(session: Session, new: NewAdmission, at: dt.datetime) -> None:
    if not is_agreed_to(session, new.case_id, new.invitee_id):
        raise law.forbids("guests", at, "not every party has agreed to those who are invited")


def _require_broadcast(session: Session, new: NewAdmission, at: dt.datetime) -> None:
    require_stage(session, new.case_id, at)


def _require_nothing(_session: Session, _new: NewAdmission, _at: dt.datetime) -> None:
    """The grid member learns no more than the state of what it reported."""


_REQUIRED: Mapping[str, Callable[[Session, NewAdmission, dt.datetime], None]] = {
    "expert": _require_agreed,
    "tv_crew": _require_broadcast,
    "grid_member": _require_nothing,
}
