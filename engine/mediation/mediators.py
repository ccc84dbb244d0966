"""The mediator of a case: proposed, with conflicts disclosed, confirmed or replaced."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Date, Row, bindparam, delete, exists, insert, select
from sqlalchemy.orm import Session

from engine import errors
from engine.mediation import attendants, compartments, law, register
from engine.mediation.answers import Problems, today
from engine.mediation.consents import require_consent
from engine.mediation.lookup import case_of, parties_of
from engine.models.base import table
from engine.models.cases import Case
from engine.models.committees import Mediator
from engine.models.people import Account, InstanceMember
from engine.services import Step
from engine.sessions import OF_TENANT, tenant_of

MEMBERS, ACCOUNTS = table(InstanceMember), table(Account)
LET_SEE = insert(MEMBERS)
LET_NO_LONGER_SEE = delete(MEMBERS).where(
    MEMBERS.c.tenant_id == OF_TENANT,
    MEMBERS.c.instance_id == bindparam("of_case"),
    MEMBERS.c.account_id == bindparam("of_account"),
)
IN_TERM = (
    select(ACCOUNTS.c.id, ACCOUNTS.c.name, ACCOUNTS.c.roles)
    .where(
        ACCOUNTS.c.tenant_id == OF_TENANT,
        ACCOUNTS.c.body_id == bindparam("of_body"),
        ACCOUNTS.c.active,
        exists().where(
            table(Mediator).c.tenant_id == ACCOUNTS.c.tenant_id,
            table(Mediator).c.account_id == ACCOUNTS.c.id,
            register.in_term(bindparam("of_day", type_=Date)),
        ),
    )
    .order_by(ACCOUNTS.c.name)
)


def mediators_of(session: Session, body_id: str, on: dt.date) -> Sequence[Row[Any]]:
    """The mediators of a body who may be chosen on a day, by name: those in a term of the register.

    Rows with id, name and roles, read once a transaction: no step of a case changes the register.
    """
    known = session.info.setdefault("mediators", {})
    if (body_id, on) not in known:
        this = {"of_tenant": tenant_of(session), "of_body": body_id, "of_day": on}
        found = session.connection().execute(IN_TERM, this).all()
        known[body_id, on] = [row for row in found if register.ROLE in row.roles]
    return cast(Sequence[Row[Any]], known[body_id, on])


def mediator_proposed(step: Step) -> None:
    """The parties choose a mediator or the committee appoints one (PML Art. 19).

    LawForbids for a mediator of the committee who is in no term of the register (PML Arts. 9 and 13).
    """
    case = case_of(step.session, step.root.id)
    require_consent(step, case)
    chosen = _chosen(step, case)
    if chosen.name in {party.name for party in parties_of(step.session, case.id)} | _attending(step):
        raise law.forbids("conflict", step.at, "somebody who has a part in the dispute can't mediate it")
    _dismiss(step, case)
    case.proposed_mediator_id, case.mediator_method = chosen.id, step.answers["method"]
    _let_see(step, case, chosen.id)


def conflicts_disclosed(step: Step) -> None:
    """The proposed mediator accepts or declines, and says what ties there are (Online Rules Arts. 12, 13)."""
    case = case_of(step.session, step.root.id)
    if case.proposed_mediator_id is None:
        raise law.forbids("mediator", step.at, "nobody has been chosen or appointed to mediate yet")
    if step.actor.party_id is not None or step.actor.id != case.proposed_mediator_id:
        raise errors.Forbidden(action="mediate")
    if step.answers["accepts"] != "yes":
        _dismiss(step, case)
        return
    case.conflict_disclosed = step.answers.get("conflict") == "exists"
    case.disclosure = step.answers.get("disclosure") or ""
    if not case.conflict_disclosed:
        _appoint(case)


def mediator_confirmed(step: Step) -> None:
    """The parties, who now know of the tie, keep the mediator or ask for another."""
    case = case_of(step.session, step.root.id)
    if case.proposed_mediator_id is None or not case.conflict_disclosed:
        raise law.forbids("conflict", step.at, "there is no disclosure that the parties could decide on")
    if step.answers["decision"] == "keep":
        _appoint(case)
    else:
        _dismiss(step, case)


def require_mediator(step: Step, case: Case) -> None:
    """The guard of everything that only this case's mediator does; Forbidden for others.

    LawForbids while there is none: nobody was chosen (PML Art. 19), or has disclosed all ties (Online Rules
    Art. 13).
    """
    if case.mediator_id is None and step.actor.party_id is None:
        article = "mediator" if case.proposed_mediator_id is None else "conflict"
        raise law.forbids(article, step.at, "no mediator has been appointed who has disclosed all ties")
    if step.actor.party_id is not None or step.actor.id != case.mediator_id:
        raise errors.Forbidden(action="mediate")


def _chosen(step: Step, case: Case) -> Row[Any]:
    wanted = step.answers["mediator"]
    options = {account.id: account for account in mediators_of(step.session, case.body_id, today(step))}
    if wanted in options:
        return options[wanted]
    known = select(Account.roles).where(Account.id == wanted, Account.body_id == case.body_id)
    if register.ROLE in (step.session.scalars(known.where(Account.active)).one_or_none() or ()):
        raise register.not_in_register(step.session, wanted, step.at)
    problems = Problems()
    problems.one_of("mediator", wanted, options)
    raise errors.InvalidAnswers(problems.found)


def _attending(step: Step) -> set[str]:
    if not attendants.rows_of(step.session, step.root.id):
        return set()
    compartment = compartments.of_case(step.session, step.engine.keys, step.root.id)
    return {person.name for person in attendants.in_texts(step.session, compartment)}


def _appoint(case: Case) -> None:
    case.mediator_id, case.status = case.proposed_mediator_id, "mediating"


def _dismiss(step: Step, case: Case) -> None:
    if case.proposed_mediator_id is not None:
        this = {"of_tenant": case.tenant_id, "of_case": case.id, "of_account": case.proposed_mediator_id}
        step.session.connection().execute(LET_NO_LONGER_SEE, this)
    case.proposed_mediator_id = case.mediator_id = case.mediator_method = None
    case.conflict_disclosed, case.disclosure = False, ""


def _let_see(step: Step, case: Case, account_id: str) -> None:
    member = {"tenant_id": case.tenant_id, "instance_id": case.id, "account_id": account_id}
    step.session.connection().execute(LET_SEE, member)
