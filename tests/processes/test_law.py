"""Wrong copies of the shipped diagrams are refused with the article that each breaks."""

import datetime as dt
from collections.abc import Callable

import pytest

from engine.bpmn import Available, Before
from engine.mediation import invariants

from .mutants import Copy, found_in

PML_3 = "People's Mediation Law Art. 3"
PML_17 = "People's Mediation Law Art. 17"
PML_19 = "People's Mediation Law Art. 19"
PML_20 = "People's Mediation Law Art. 20"
PML_23 = "People's Mediation Law Art. 23"
PML_26 = "People's Mediation Law Art. 26"
PML_27 = "People's Mediation Law Art. 27"
PML_28 = "People's Mediation Law Art. 28"
PML_30 = "People's Mediation Law Art. 30"
PML_29 = "People's Mediation Law Art. 29"
PML_25 = "People's Mediation Law Art. 25"
WORK_33 = "Rules on People's Mediation Work Art. 33"
SECRET = "Anti-Domestic Violence Law Art. 14"
NOTICE = "Rules on People's Mediation Work Art. 30"
CONFLICT = "Online Mediation Rules Art. 13"
MEETING = "Local rules of consultation (no source was found)"
FACTS = "Online Mediation Rules Art. 22"
CPL_56 = "Civil Procedure Law Art. 56 (by analogy)"
METHOD = "Electronic Signature Law Art. 13"
JOINING = "joining.bpmn"
ONLINE_4, ONLINE_16, ONLINE_17, ONLINE_22 = (
    f"Online Mediation Rules Art. {number}" for number in (4, 16, 17, 22)
)
OPENING, TALK, CONSULTATION, ONLINE, AGREEMENT, MEDIATION, INTAKE, REPORT, EXPIRY = (
    "opening.bpmn",
    "face_to_face.bpmn",
    "consultation.bpmn",
    "online.bpmn",
    "agreement.bpmn",
    "mediation.bpmn",
    "intake.bpmn",
    "report.bpmn",
    "expiry.bpmn",
)
REFUSED = '<bpmn:errorEventDefinition id="{}_definition" errorRef="mediation_declined_error"/>'

MUTANTS: dict[str, tuple[Callable[[Copy], Copy], str, str, str]] = {
    "consent and notice are not asked for": (
        lambda copy: copy.without(OPENING, "record_consent"),
        "law-consent",
        "hold_separate_talk",
        PML_17,
    ),
    "the form no longer records consent": (
        lambda copy: copy.text(
            "record_consent.form", "rights_notice_served,consent_given", "rights_notice_served"
        ),
        "law-consent",
        "sign_agreement",
        PML_17,
    ),
    "the form no longer serves the rights notice": (
        lambda copy: copy.text("record_consent.form", "rights_notice_served,consent_given", "consent_given"),
        "law-notice",
        "hold_separate_talk",
        NOTICE,
    ),
    "nobody is invited": (
        lambda copy: copy.without(OPENING, "invite_party"),
        "law-invitation",
        "record_consent",
        PML_17,
    ),
    "a flow leads around the consent": (
        lambda copy: copy.bend(OPENING, two_sides_willing_to_party_refused="mediator_wanted"),
        "law-consent",
        "hold_separate_talk",
        PML_17,
    ),
    "a refusal at the invitation does not end the opening as refused": (
        lambda copy: copy.text(OPENING, REFUSED.format("party_refused"), ""),
        "law-consent",
        "hold_separate_talk",
        PML_17,
    ),
    "a refusal of consent does not end the opening as refused": (
        lambda copy: copy.text(OPENING, REFUSED.format("consent_refused"), ""),
        "law-mediator",
        "hold_separate_talk",
        PML_19,
    ),
    "the path begins without the opening": (
        lambda copy: copy.without(MEDIATION, "opening"),
        "law-consent",
        "draft_agreement",
        PML_17,
    ),
    "undisputed facts are signed that nobody has drafted": (
        lambda copy: copy.without(TALK, "draft_fact_sheet"),
        "law-facts",
        "sign_fact_sheet",
        FACTS,
    ),
    "undisputed facts are signed without consent to mediation": (
        lambda copy: copy.without(OPENING, "record_consent"),
        "law-consent",
        "sign_fact_sheet",
        PML_17,
    ),
    "a site is visited without consent": (
        lambda copy: copy.without(OPENING, "record_consent"),
        "law-consent",
        "visit_site",
        PML_17,
    ),
    "nobody appoints a mediator": (
        lambda copy: copy.without(OPENING, "choose_mediator"),
        "law-mediator",
        "hold_separate_talk",
        PML_19,
    ),
    "conflicts are not disclosed": (
        lambda copy: copy.without(OPENING, "disclose_conflicts"),
        "law-conflict",
        "hold_separate_talk",
        CONFLICT,
    ),
    "the mediator is chosen after the disclosure": (
        lambda copy: copy.bend(
            OPENING,
            mediator_wanted_to_choose_mediator="disclose_conflicts",
            disclose_conflicts_to_mediator_free="choose_mediator",
            choose_mediator_to_disclose_conflicts="mediator_free",
        ),
        "law-conflict",
        "hold_separate_talk",
        CONFLICT,
    ),
    "nobody checks legality": (
        lambda copy: copy.without(AGREEMENT, "check_legality"),
        "law-legality",
        "sign_agreement",
        PML_3,
    ),
    "nobody asks about electronic signatures": (
        lambda copy: copy.without(AGREEMENT, "agree_signing_method"),
        "law-method",
        "sign_agreement",
        METHOD,
    ),
    "an oral agreement is read out that nobody registered": (
        lambda copy: copy.without(AGREEMENT, "register_oral_agreement"),
        "law-oral",
        "confirm_oral_agreement",
        PML_28,
    ),
    "the register of an oral agreement is sealed before it was read out": (
        lambda copy: copy.without(AGREEMENT, "confirm_oral_agreement"),
        "law-register",
        "seal_oral_register",
        PML_30,
    ),
    "an oral agreement is registered without consent": (
        lambda copy: copy.without(OPENING, "record_consent"),
        "law-consent",
        "register_oral_agreement",
        PML_17,
    ),
    "an oral agreement is registered before the rights notice": (
        lambda copy: copy.text("record_consent.form", "rights_notice_served,consent_given", "consent_given"),
        "law-notice",
        "register_oral_agreement",
        NOTICE,
    ),
    "one party's signature is enough": (
        lambda copy: copy.bend(AGREEMENT, sign_agreement_to_all_signed="sign_as_mediator"),
        "law-seal",
        "seal_agreement",
        PML_29,
    ),
    "the mediator does not sign": (
        lambda copy: copy.without(AGREEMENT, "sign_as_mediator"),
        "law-seal",
        "seal_agreement",
        PML_29,
    ),
    "nobody confirms the dates on paper": (
        lambda copy: copy.without(AGREEMENT, "confirm_mark_dates"),
        "law-sheet",
        "seal_signed_sheet",
        PML_29,
    ),
    "copies are served without a seal": (
        lambda copy: copy.without(AGREEMENT, "seal_agreement"),
        "law-copies",
        "serve_copies",
        PML_29,
    ),
    "nobody serves the copies": (
        lambda copy: copy.without(AGREEMENT, "serve_copies"),
        "law-served",
        "case_settled",
        PML_29,
    ),
    "the agreement is signed that nobody drafted": (
        lambda copy: copy.without(AGREEMENT, "draft_agreement"),
        "law-legality",
        "sign_agreement",
        PML_3,
    ),
    "no party can withdraw": (
        lambda copy: copy.cut_off(MEDIATION, "party_withdrew"),
        "law-withdrawal",
        "hold_joint_session",
        PML_23,
    ),
    "a withdrawal does not end the mediation": (
        lambda copy: copy.text(
            MEDIATION,
            'name="当事人要求终止" attachedToRef="until_effective"',
            'name="当事人要求终止" attachedToRef="until_effective" cancelActivity="false"',
        ),
        "law-withdrawal",
        "register_dispute",
        PML_23,
    ),
    "the event waits for another message": (
        lambda copy: copy.text(MEDIATION, 'name="mediation_ended"', 'name="mediation_stopped"'),
        "law-withdrawal",
        "sign_agreement",
        PML_23,
    ),
    "the consultation begins without the opening": (
        lambda copy: copy.without(MEDIATION, "opening"),
        "law-consent",
        "write_case_sheet",
        PML_17,
    ),
    "a consultation is held before the mediator has disclosed conflicts": (
        lambda copy: copy.without(OPENING, "disclose_conflicts"),
        "law-conflict",
        "hold_consultation_meeting",
        CONFLICT,
    ),
    "departments learn of a case without the parties' consent": (
        lambda copy: copy.without(CONSULTATION, "record_consultation_consents").bend(
            CONSULTATION, parties_agree_to_invitees_wanted="write_case_sheet"
        ),
        "law-invitees",
        "write_case_sheet",
        PML_20,
    ),
    "an objection to an expert changes nothing": (
        lambda copy: copy.bend(CONSULTATION, parties_agree_to_invitees_wanted="write_case_sheet"),
        "law-invitees",
        "record_invitation_answers",
        PML_20,
    ),
    "the opinion is written without a meeting": (
        lambda copy: copy.text(
            "hold_consultation_meeting.form", "consultation_met", "written_opinion_received"
        ),
        "law-opinion",
        "draft_consultation_opinion",
        MEETING,
    ),
    "the meeting has no case sheet": (
        lambda copy: copy.without(CONSULTATION, "write_case_sheet"),
        "law-opinion",
        "tell_opinion",
        MEETING,
    ),
    "the online mediation begins without the opening": (
        lambda copy: copy.without(MEDIATION, "opening"),
        "law-consent",
        "record_online_consents",
        PML_17,
    ),
    "a case is mediated online before the mediator has disclosed conflicts": (
        lambda copy: copy.without(OPENING, "disclose_conflicts"),
        "law-conflict",
        "exchange_online",
        CONFLICT,
    ),
    "nobody asks whether the parties agree to online mediation": (
        lambda copy: copy.without(ONLINE, "record_online_consents").bend(
            ONLINE, parties_go_online_to_online_refused="exchange_wanted"
        ),
        "law-online",
        "exchange_online",
        ONLINE_4,
    ),
    "a refusal of online mediation changes nothing": (
        lambda copy: copy.bend(ONLINE, parties_go_online_to_online_refused="identities_missing"),
        "law-online",
        "hold_online_meeting",
        ONLINE_4,
    ),
    "nobody checks the parties' identities": (
        lambda copy: copy.without(ONLINE, "check_identities").bend(
            ONLINE, identities_match_to_identity_not_shown="exchange_wanted"
        ),
        "law-identity",
        "exchange_online",
        ONLINE_17,
    ),
    "an identity that does not match changes nothing": (
        lambda copy: copy.bend(ONLINE, identities_match_to_identity_not_shown="exchange_wanted"),
        "law-identity",
        "write_online_record",
        ONLINE_17,
    ),
    "nobody confirms the electronic record": (
        lambda copy: copy.without(ONLINE, "confirm_online_record").bend(
            ONLINE, record_confirmed_to_confirmation_wanted="online_agreed"
        ),
        "law-record",
        "draft_agreement",
        ONLINE_22,
    ),
    "one party's confirmation of the record is enough": (
        lambda copy: copy.bend(ONLINE, record_confirmed_to_confirmation_wanted="online_agreed"),
        "law-record",
        "draft_agreement",
        ONLINE_22,
    ),
    "no party can have an online mediation moved on site": (
        lambda copy: copy.cut_off(MEDIATION, "on_site_asked"),
        "law-on-site",
        "exchange_online",
        ONLINE_16,
    ),
    "a move on site does not end the online mediation": (
        lambda copy: copy.text(
            MEDIATION,
            'name="要求现场调解" attachedToRef="online"',
            'name="要求现场调解" attachedToRef="online" cancelActivity="false"',
        ),
        "law-on-site",
        "hold_online_meeting",
        ONLINE_16,
    ),
    "nothing can be reported": (
        lambda copy: copy.cut_off(MEDIATION, "report_event"),
        "law-report",
        "hold_separate_talk",
        PML_25,
    ),
    "the report waits for another message": (
        lambda copy: copy.text(MEDIATION, 'name="report_needed"', 'name="report_wished"'),
        "law-report",
        "register_dispute",
        PML_25,
    ),
    "it is decided how to go on before the report": (
        lambda copy: copy.without(REPORT, "make_report"),
        "law-reported",
        "decide_after_report",
        PML_25,
    ),
    "the parties see the report": (
        lambda copy: copy.without_property(REPORT, "make_report", "confidential"),
        "law-secret",
        "make_report",
        SECRET,
    ),
    "the parties see the decision after it": (
        lambda copy: copy.without_property(REPORT, "decide_after_report", "confidential"),
        "law-secret",
        "decide_after_report",
        SECRET,
    ),
    "the mediation goes on in the report's shadow": (
        lambda copy: copy.text(REPORT, 'formId="decide_after_report"', 'formId="hold_joint_session"'),
        "law-withdrawal",
        "decide_after_report",
        PML_23,
    ),
    "nobody asks the parties whether the period is extended": (
        lambda copy: copy.without(EXPIRY, "ask_extension"),
        "law-extension",
        "extend_period",
        WORK_33,
    ),
    "one party's word is enough for an extension": (
        lambda copy: copy.text(EXPIRY, "=case.extension_missing = 0", "=case.extension_missing &lt; 2"),
        "law-extension",
        "extend_period",
        WORK_33,
    ),
    "a new mediator discloses nothing": (
        lambda copy: copy.without("new_mediator.bpmn", "disclose_conflicts"),
        "law-replacement",
        "replace_mediator",
        CONFLICT,
    ),
    "what ends the mediation leads around the notice of other routes": (
        lambda copy: copy.bend(MEDIATION, mediation_stopped_to_notice_wanted="issue_routes_notice"),
        "law-routes",
        "case_ended",
        PML_26,
    ),
    "nobody tells the other routes": (
        lambda copy: copy.without(MEDIATION, "tell_other_routes"),
        "law-routes",
        "case_ended",
        PML_26,
    ),
    "a withdrawal leads around the notice of other routes": (
        lambda copy: copy.bend(MEDIATION, party_withdrew_to_notice_wanted="issue_routes_notice"),
        "law-routes",
        "case_ended",
        PML_26,
    ),
    "a group holds sessions without an election": (
        lambda copy: copy.text(OPENING, ">=case.representatives_wanted<", ">=case.amount &gt; 1000<"),
        "law-election",
        "hold_joint_session",
        CPL_56,
    ),
    "the form of the election records none": (
        lambda copy: copy.text("elect_representatives.form", '"representatives_elected"', '""'),
        "law-election",
        "hold_joint_session",
        CPL_56,
    ),
    "a group's agreement is signed before its households were asked": (
        lambda copy: copy.text(AGREEMENT, ">=case.is_group<", ">=case.amount &gt; 1000<"),
        "law-opt_in",
        "sign_agreement",
        CPL_56,
    ),
    "households are passed over while some have not answered": (
        lambda copy: copy.text(
            JOINING, 'source="=for h in case.households_asked', 'source="=for h in case.signers'
        ).bend(JOINING, last_day_over_to_closing_open="all_heard"),
        "law-opt_in",
        "sign_agreement",
        CPL_56,
    ),
    "who does not join is told of no other way": (
        lambda copy: copy.without(JOINING, "tell_abstainers"),
        "law-abstainers",
        "case_settled",
        PML_26,
    ),
    "a group agrees orally after its households answered": (
        lambda copy: copy.text(AGREEMENT, " and not(case.is_group)<", "<"),
        "law-abstainers",
        "case_settled",
        PML_26,
    ),
    "households join a text that nobody checked": (
        lambda copy: copy.text("check_legality.form", '"legality_checked"', '""'),
        "law-legality",
        "join_agreement",
        PML_3,
    ),
    "nobody compiles the dossier of a settled case": (
        lambda copy: copy.without(MEDIATION, "compile_dossier"),
        "law-dossier",
        "case_settled",
        PML_27,
    ),
    "nobody compiles the dossier of a case that failed": (
        lambda copy: copy.without(MEDIATION, "compile_ended_dossier"),
        "law-dossier",
        "case_ended",
        PML_27,
    ),
    "a case counts as settled without an effective agreement": (
        lambda copy: copy.text(MEDIATION, ">=case.effective<", ">=case.status != null<"),
        "law-routes",
        "case_settled",
        PML_26,
    ),
}


def test_what_is_shipped_keeps_every_invariant() -> None:
    assert found_in(Copy().files) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_refused_with_the_article_that_it_breaks(name: str) -> None:
    change, rule, element_id, law_ref = MUTANTS[name]
    found = found_in(change(Copy()).files)
    errors = [one for one in found if one.severity == "error"]
    assert {one.rule.partition("-")[0] for one in errors} == {"law"}, errors
    breaches = [one for one in errors if (one.rule, one.element_id) == (rule, element_id)]
    assert {one.law_ref for one in breaches} == {law_ref}
    assert len({one.file for one in breaches}) == len(breaches), "a step of this name is in more diagrams"
    for breach in breaches:
        assert breach.name
        assert breach.line > 0
        assert breach.file
        assert "→" in breach.message.format_map(dict(breach.params))


NEEDED = {
    OPENING: {"invite_party", "record_consent", "choose_mediator", "disclose_conflicts"},
    TALK: {"draft_fact_sheet"},
    AGREEMENT: {
        "draft_agreement",
        "register_oral_agreement",
        "confirm_oral_agreement",
        "check_legality",
        "agree_signing_method",
        "sign_as_mediator",
        "seal_agreement",
        "receive_signed_sheet",
        "enter_mark_dates",
        "confirm_mark_dates",
        "seal_signed_sheet",
        "serve_copies",
    },
    CONSULTATION: {"choose_invitees", "write_case_sheet"},
    JOINING: {"tell_abstainers"},
    MEDIATION: {
        "intake",
        "opening",
        "agreement",
        "tell_other_routes",
        "compile_dossier",
        "compile_ended_dossier",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "step"), [(name, step) for name in NEEDED for step in sorted(NEEDED[name])])
def test_no_step_on_which_the_law_stands_can_be_left_out(name: str, step: str) -> None:
    found = found_in(Copy().without(name, step).files)
    assert any(one.severity == "error" and one.law_ref for one in found)


@pytest.mark.parametrize("key", ["withdrawal", "report"])
def test_whatever_needs_consent_can_be_left_and_reported_from(key: str) -> None:
    known = {one.key: one for one in invariants.law_on(dt.date(2026, 3, 2)).invariants}
    consent, always = known["consent"], known[key]
    assert isinstance(consent, Before)
    assert isinstance(always, Available)
    assert consent.effects <= always.within
