"""Wrong copies of the shipped diagrams are refused with the article that each breaks."""

from collections.abc import Callable

import pytest

from .mutants import Copy, found_in

PML_3 = "People's Mediation Law Art. 3"
PML_17 = "People's Mediation Law Art. 17"
PML_19 = "People's Mediation Law Art. 19"
PML_23 = "People's Mediation Law Art. 23"
PML_26 = "People's Mediation Law Art. 26"
PML_29 = "People's Mediation Law Art. 29"
NOTICE = "Rules on People's Mediation Work Art. 30"
CONFLICT = "Online Mediation Rules Art. 13"
METHOD = "Electronic Signature Law Art. 13"
TALK, AGREEMENT, MEDIATION, INTAKE = (
    "face_to_face.bpmn",
    "agreement.bpmn",
    "mediation.bpmn",
    "intake.bpmn",
)

MUTANTS: dict[str, tuple[Callable[[Copy], Copy], str, str, str]] = {
    "consent and notice are not asked for": (
        lambda copy: copy.without(TALK, "record_consent"),
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
    "a flow leads around the consent": (
        lambda copy: copy.bend(TALK, two_sides_willing_to_party_refused="mediator_wanted"),
        "law-consent",
        "hold_separate_talk",
        PML_17,
    ),
    "a refusal can pass for an agreement": (
        lambda copy: copy.text(
            TALK, '<zeebe:output source="=&quot;open&quot;" target="mediation_result"/>', ""
        ),
        "law-consent",
        "draft_agreement",
        PML_17,
    ),
    "nobody appoints a mediator": (
        lambda copy: copy.without(TALK, "choose_mediator"),
        "law-mediator",
        "hold_separate_talk",
        PML_19,
    ),
    "conflicts are not disclosed": (
        lambda copy: copy.without(TALK, "disclose_conflicts"),
        "law-conflict",
        "hold_separate_talk",
        CONFLICT,
    ),
    "the mediator is chosen after the disclosure": (
        lambda copy: copy.bend(
            TALK,
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
    "a case counts as settled without an effective agreement": (
        lambda copy: copy.text(MEDIATION, ">=case.effective<", ">=case.status != null<"),
        "law-routes",
        "case_settled",
        PML_26,
    ),
}


def test_what_is_shipped_keeps_every_invariant() -> None:
    assert found_in(Copy().files) == []


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_refused_with_the_article_that_it_breaks(name: str) -> None:
    change, rule, element_id, law_ref = MUTANTS[name]
    found = found_in(change(Copy()).files)
    errors = [one for one in found if one.severity == "error"]
    assert {one.rule.partition("-")[0] for one in errors} == {"law"}, errors
    (breach,) = [one for one in errors if (one.rule, one.element_id) == (rule, element_id)]
    assert breach.law_ref == law_ref
    assert breach.name
    assert breach.line > 0
    assert breach.file
    assert "→" in breach.message.format_map(dict(breach.params))


NEEDED = {
    TALK: {"invite_party", "record_consent", "choose_mediator", "disclose_conflicts"},
    AGREEMENT: {
        "draft_agreement",
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
    MEDIATION: {"intake", "face_to_face", "agreement", "tell_other_routes"},
}


@pytest.mark.parametrize(("name", "step"), [(name, step) for name in NEEDED for step in sorted(NEEDED[name])])
def test_no_step_on_which_the_law_stands_can_be_left_out(name: str, step: str) -> None:
    found = found_in(Copy().without(name, step).files)
    assert any(one.severity == "error" and one.law_ref for one in found)
