"""Dispute mediation: what diagrams and forms may call by name, over the tables of cases and agreements."""

from collections.abc import Mapping
from functools import partial

from engine.documents.authority import Authority
from engine.documents.render import Renderer
from engine.mediation import (
    agreements,
    binding,
    cases,
    consents,
    facts,
    guards,
    invariants,
    joint_sessions,
    marks,
    mediators,
    papers,
    parties,
    sheets,
    statements,
)
from engine.mediation.office import Office
from engine.services import Effect, Services

UNTIL_THE_END: Mapping[str, Effect] = {
    "case_registered": cases.case_registered,
    "suitability_assessed": cases.suitability_assessed,
    "acceptance_decided": cases.acceptance_decided,
    "invitation_answered": parties.invitation_answered,
    "rights_notice_served": consents.rights_notice_served,
    "consent_given": consents.consent_given,
    "mediator_proposed": mediators.mediator_proposed,
    "conflicts_disclosed": mediators.conflicts_disclosed,
    "mediator_confirmed": mediators.mediator_confirmed,
    "statements_recorded": statements.statements_recorded,
    "session_recorded": joint_sessions.session_recorded,
    "agreement_drafted": agreements.agreement_drafted,
    "legality_checked": agreements.legality_checked,
    "signing_method_agreed": consents.signing_method_agreed,
    "marks_entered": sheets.marks_entered,
    "marks_confirmed": guards.marks_confirmed,
    "routes_notice_served": cases.routes_notice_served,
}
EFFECTS: Mapping[str, Effect] = {
    **{name: guards.while_open(effect) for name, effect in UNTIL_THE_END.items()},
    "copies_served": agreements.copies_served,
}

PRIVATE: Mapping[str, frozenset[str]] = {
    "statements_recorded": frozenset({"party_id", "held_on", "statements"}),
    "party_mark_made": frozenset({"signature"}),
    "mediator_mark_made": frozenset({"signature"}),
}


def services(renderer: Renderer, authority: Authority) -> Services:
    """All effects, service tasks, facts and FEEL functions of mediation, bound to one committee's office."""
    office = Office(renderer, authority)
    signing = {
        "party_mark_made": marks.party_mark_made,
        "mediator_mark_made": marks.mediator_mark_made,
        "signed_sheet_received": sheets.signed_sheet_received,
        "agreement_sealed": marks.agreement_sealed,
    }
    effects = {
        **EFFECTS,
        **{name: guards.while_open(partial(effect, office)) for name, effect in signing.items()},
    }
    return Services(
        tasks={
            "issue_document": papers.issue_document(office),
            "render_agreement": guards.before_marks(papers.render_agreement(office)),
            "seal_signed_sheet": binding.seal_signed_sheet(office),
        },
        effects={name: papers.printable(office, effect) for name, effect in effects.items()},
        facts=facts.FACTS,
        private=PRIVATE,
        messages=dict.fromkeys((cases.ENDED, cases.OVERTAKEN), frozenset[str]()),
        law=invariants.law_on,
    )
