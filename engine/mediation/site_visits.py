"""Site visits: what the mediator saw at the place and was told there, as often as it is needed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendar import day_of
from engine.mediation import compartments
from engine.mediation.answers import Problems, today
from engine.mediation.compartments import Compartment
from engine.mediation.consents import require_consent
from engine.mediation.lookup import case_of
from engine.mediation.mediators import require_mediator
from engine.models.base import dump_json, load_json, new_id
from engine.models.cases import SiteVisit
from engine.services import Step

PRIVATE = frozenset({"participants", "questioned", "content"})


def visit_recorded(step: Step) -> None:
    """Keep the record of a visit by the case's mediator (PML Arts. 21, 22 and 27)."""
    case = case_of(step.session, step.root.id)
    require_mediator(step, case)
    require_consent(step, case)
    answers, problems = step.answers, Problems()
    problems.not_after("visited_on", answers["visited_on"], today(step))
    problems.not_before("visited_on", answers["visited_on"], day_of(case.opened_at))
    problems.refuse()
    visit_id = new_id()
    found = dump_json([answers.get("questioned") or "", answers["content"]])
    compartment = compartments.ensure(step.session, step.engine.keys, case.id)
    step.session.add(
        SiteVisit(
            tenant_id=case.tenant_id, id=visit_id, case_id=case.id, visited_on=answers["visited_on"],
            place=answers["place"], participants=answers["participants"],
            investigators=answers["investigators"], sealed=compartment.seal(found, *_place(visit_id)),
            made_at=step.at, recorded_by=step.actor.id,
        )
    )  # fmt: skip
    case.status = "mediating"


def visits_of(session: Session, case_id: str) -> list[SiteVisit]:
    """All visits of a case, in the order in which they were recorded."""
    found = select(SiteVisit).where(SiteVisit.case_id == case_id)
    return list(session.scalars(found.order_by(SiteVisit.made_at, SiteVisit.id)))


def found_by(compartment: Compartment, visit: SiteVisit) -> tuple[str, str]:
    """Who was questioned, empty for nobody, and what was seen and said."""
    questioned, content = load_json(compartment.open(visit.sealed, *_place(visit.id)))
    return str(questioned), str(content)


def _place(visit_id: str) -> tuple[str, str, str]:
    return (SiteVisit.__tablename__, visit_id, "sealed")
