"""Dispute mediation: what diagrams and forms may call by name, over the tables of cases and agreements."""

import datetime as dt
from collections.abc import Mapping
from functools import partial

from sqlalchemy.orm import Session

from engine.documents.authority import Authority
from engine.documents.render import Renderer
from engine.mediation import (
    agreements,
    appraisals,
    binding,
    broadcast_ledger,
    broadcasts,
    cases,
    channels,
    consents,
    consultation_opinions,
    consultations,
    dossiers,
    extensions,
    fact_sheets,
    facts,
    groups,
    guards,
    handovers,
    happenings,
    invariants,
    joining,
    joint_sessions,
    limits,
    marks,
    mediators,
    offers,
    on_site,
    online_consents,
    online_fact,
    online_meetings,
    online_records,
    oral_agreements,
    panel_guests,
    papers,
    parties,
    payment_orders,
    referrals,
    reminders,
    replacements,
    reports,
    sheets,
    site_visits,
    statements,
    successors,
)
from engine.mediation.office import Office
from engine.mediation.rooms import Rooms
from engine.models.processes import ProcessInstance
from engine.services import Effect, Services, ServiceTask

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
    "visit_recorded": site_visits.visit_recorded,
    "fact_sheet_drafted": fact_sheets.fact_sheet_drafted,
    "representatives_elected": groups.representatives_elected,
    "session_recorded": joint_sessions.session_recorded,
    "invitees_chosen": consultations.invitees_chosen,
    "consultation_consented": consultations.consultation_consented,
    "case_sheet_written": consultations.case_sheet_written,
    "invitees_answered": consultations.invitees_answered,
    "written_opinion_received": consultations.written_opinion_received,
    "consultation_met": consultations.consultation_met,
    "opinion_drafted": consultation_opinions.opinion_drafted,
    "opinion_told": consultation_opinions.opinion_told,
    "online_consented": online_consents.online_consented,
    "identities_checked": online_consents.identities_checked,
    "message_recorded": channels.message_recorded,
    "offer_made": offers.offer_made,
    "offer_disclosed": offers.offer_disclosed,
    "offer_answered": offers.offer_answered,
    "meeting_planned": online_meetings.meeting_planned,
    "meeting_held": online_meetings.meeting_held,
    "online_record_written": online_records.online_record_written,
    "online_record_confirmed": online_records.online_record_confirmed,
    "agreement_drafted": guards.agreement_drafted,
    "legality_checked": agreements.legality_checked,
    "oral_agreement_registered": oral_agreements.oral_agreement_registered,
    "signing_method_agreed": consents.signing_method_agreed,
    "joining_confirmed": joining.joining_confirmed,
    "abstainers_told": joining.abstainers_told,
    "marks_entered": sheets.marks_entered,
    "marks_confirmed": guards.marks_confirmed,
    "appraisal_ended": appraisals.appraisal_ended,
    "handed_over": handovers.handed_over,
    "successor_known": successors.successor_known,
    "extension_answered": extensions.extension_answered,
    "routes_notice_served": cases.routes_notice_served,
    "tv_eligibility_assessed": broadcasts.tv_eligibility_assessed,
    "guests_consented": panel_guests.guests_consented,
    "footage_recorded": broadcasts.footage_recorded,
}
# A broadcast goes on after the agreement binds or the case has ended, and so do its consents.
AFTERWARDS: Mapping[str, Effect] = {
    "copies_served": guards.copies_served,
    "broadcast_consents_recorded": broadcast_ledger.broadcast_consents_recorded,
    "cooling_off_begun": broadcasts.cooling_off_begun,
    "edit_locked": broadcasts.edit_locked,
    "footage_previewed": broadcasts.footage_previewed,
    "footage_broadcast": broadcasts.footage_broadcast,
    "footage_taken_down": broadcasts.footage_taken_down,
    # The duty to report outlives a mediation that a party has ended meanwhile.
    "report_made": reports.report_made,
    "report_decided": reports.report_decided,
}
EFFECTS: Mapping[str, Effect] = {
    name: happenings.while_going(name, effect)
    for name, effect in {
        **{name: guards.while_open(effect) for name, effect in UNTIL_THE_END.items()},
        **AFTERWARDS,
    }.items()
}

PRIVATE: Mapping[str, frozenset[str]] = {
    "case_registered": frozenset((*parties.LIST_OF.values(), parties.HOUSEHOLDS)) | referrals.PRIVATE,
    "statements_recorded": frozenset({"party_id", "held_on", "statements"}),
    "visit_recorded": site_visits.PRIVATE,
    "party_mark_made": frozenset({"signature"}),
    "fact_sheet_drafted": frozenset({"facts"}),
    "fact_sheet_signed": frozenset({"signature"}),
    "household_answered": frozenset({"signature"}),
    "mediator_mark_made": frozenset({"signature"}),
    "oral_agreement_confirmed": frozenset({"signature"}),
    "broadcast_consents_recorded": broadcast_ledger.PRIVATE,
    "footage_previewed": frozenset({"previews"}),
    "guests_consented": frozenset({"guests"}),
    "case_sheet_written": frozenset({"sheet_facts", "questions"}),
    "online_consented": frozenset({"consents"}),
    "message_recorded": channels.PRIVATE,
    "offer_made": offers.PRIVATE,
    "identities_checked": frozenset({"identities"}),
    "meeting_held": frozenset({"course", "interruption"}),
    "online_record_written": frozenset({"record", "undisputed_facts", "failure_reason", "switch_reason"}),
    "online_record_confirmed": frozenset({"confirmations"}),
    "appraisal_ended": appraisals.PRIVATE,
    "handed_over": handovers.PRIVATE,
    "successor_known": successors.PRIVATE,
    **reports.PRIVATE,
}

TOLD = ("mediation_begun", "mediation_stopped")
"""The messages that the diagrams tell each other; like those of commands they bring nothing."""
MESSAGES = (cases.ENDED, cases.OVERTAKEN, broadcast_ledger.WITHDRAWN, on_site.ASKED, *TOLD)


def services(renderer: Renderer, authority: Authority, rooms: Rooms | None = None) -> Services:
    """All effects, service tasks, facts and FEEL functions of mediation, bound to one committee's office."""
    office = Office(renderer, authority, rooms)
    online = partial(online_fact.online_fact, makes_rooms=rooms is not None)
    return Services(
        tasks=_tasks(office),
        effects={name: papers.printable(office, effect) for name, effect in _effects(office).items()},
        facts={**facts.FACTS, "online": online},
        tenant_functions=limits.FUNCTIONS,
        private=PRIVATE,
        refuse_unprintable=partial(papers.refuse_unprintable, office),
        messages=dict.fromkeys(MESSAGES, frozenset[str]()) | happenings.MESSAGES,
        law=invariants.law_on,
        may_end=_require_over,
    )


def _require_over(session: Session, root: ProcessInstance, at: dt.datetime) -> None:
    guards.require_told(session, root, at)
    dossiers.require_compiled(session, root, at)


def _effects(office: Office) -> Mapping[str, Effect]:
    meeting = partial(online_meetings.meeting_planned, rooms=office.rooms)
    signing = {
        "party_mark_made": marks.party_mark_made,
        "household_answered": joining.household_answered,
        "joining_closed": joining.joining_closed,
        "mediator_mark_made": marks.mediator_mark_made,
        "signed_sheet_received": sheets.signed_sheet_received,
        "agreement_sealed": marks.agreement_sealed,
        "oral_agreement_confirmed": oral_agreements.oral_agreement_confirmed,
        "fact_sheet_signed": fact_sheets.fact_sheet_signed,
        "fact_sheet_received": fact_sheets.fact_sheet_received,
    }
    return {
        **EFFECTS,
        "meeting_planned": happenings.while_going("meeting_planned", guards.while_open(meeting)),
        **{
            name: happenings.while_going(name, guards.while_open(partial(effect, office)))
            for name, effect in signing.items()
        },
        # An oral agreement binds before its register is sealed (PML Art. 30).
        "oral_register_sealed": partial(oral_agreements.oral_register_sealed, office),
    }


def _tasks(office: Office) -> Mapping[str, ServiceTask]:
    return {
        "note_expiry": extensions.note_expiry(),
        "replace_mediator": replacements.replace_mediator(),
        "extend_period": extensions.extend_period(),
        "remind_invitees": reminders.remind_invitees(),
        "compile_dossier": dossiers.compile_dossier(office),
        "issue_document": papers.issue_document(office),
        "issue_payment_orders": payment_orders.issue_payment_orders(office),
        "render_fact_sheet": papers.render_fact_sheet(office),
        "render_annexes": guards.before_marks(papers.render_annexes(office)),
        "render_agreement": guards.before_marks(papers.render_agreement(office)),
        "seal_signed_sheet": guards.once_effective(binding.seal_signed_sheet(office)),
    }
