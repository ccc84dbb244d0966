"""Wrong copies of the diagrams of television are refused with the article that each breaks."""

from collections.abc import Callable

import pytest

from .mutants import Copy, found_in

TV, BROADCAST, MEDIATION = "tv.bpmn", "broadcast.bpmn", "mediation.bpmn"
PIPL = "Personal Information Protection Law Art. {}"
PML_23 = "People's Mediation Law Art. 23"
# Around the two gateways that ask whether every party agrees to the cameras.
UNASKED = {
    "consents_settled_to_all_agree": "guests_known",
    "session_wanted_to_cameras_may_run": "record_footage",
}

MUTANTS: dict[str, tuple[Callable[[Copy], Copy], str, str, str]] = {
    "the cameras run although a party has taken its consent back": (
        lambda copy: copy.bend(TV, session_wanted_to_cameras_may_run="record_footage"),
        "law-cameras",
        "record_footage",
        PIPL.format(14),
    ),
    "the cameras run in a second session without anybody asking again": (
        lambda copy: copy.bend(TV, session_result_to_session_wanted="record_footage"),
        "law-cameras",
        "record_footage",
        PIPL.format(14),
    ),
    "the cameras run although nobody was asked for the nine consents": (
        lambda copy: copy.bend(TV, **UNASKED),
        "law-footage",
        "record_footage",
        PIPL.format(25),
    ),
    "the cameras run although the rules for television were not asked": (
        lambda copy: copy.without(TV, "assess_tv_eligibility").bend(
            TV, consents_wanted_to_consents_missing="record_broadcast_consents", **UNASKED
        ),
        "law-footage",
        "record_footage",
        PIPL.format(25),
    ),
    "the form of the consents records none": (
        lambda copy: copy.text(
            "record_broadcast_consents.form", '"broadcast_consents_recorded"', '"tv_eligibility_assessed"'
        ).bend(TV, **UNASKED),
        "law-footage",
        "record_footage",
        PIPL.format(25),
    ),
    "footage is cut that nobody was allowed to record": (
        lambda copy: copy.text(MEDIATION, "and broadcast.recorded<", "and broadcast.usable<"),
        "law-footage",
        "lock_edit",
        PIPL.format(25),
    ),
    "there is no cooling-off": (
        lambda copy: copy.without(BROADCAST, "begin_cooling_off"),
        "law-cut",
        "broadcast_footage",
        PIPL.format(15),
    ),
    "the edit is never locked": (
        lambda copy: copy.without(BROADCAST, "lock_edit"),
        "law-cut",
        "broadcast_footage",
        PIPL.format(15),
    ),
    "the parties do not see the cut": (
        lambda copy: copy.without(BROADCAST, "preview_footage"),
        "law-preview",
        "broadcast_footage",
        PIPL.format(44),
    ),
    "an objection of a party changes nothing": (
        lambda copy: copy.bend(BROADCAST, preview_footage_to_nobody_objects="outlet_wanted"),
        "law-preview",
        "broadcast_footage",
        PIPL.format(44),
    ),
    "a consent taken back does not stop the work on the footage": (
        lambda copy: copy.cut_off(BROADCAST, "footage_withdrawn"),
        "law-takeback",
        "lock_edit",
        PIPL.format(15),
    ),
    "the work goes on beside the withdrawal": (
        lambda copy: copy.text(
            BROADCAST, 'attachedToRef="until_aired"', 'attachedToRef="until_aired" cancelActivity="false"'
        ),
        "law-takeback",
        "broadcast_footage",
        PIPL.format(15),
    ),
    "the parties sign beside the mediation, where none can end it": (
        lambda copy: copy.text(
            MEDIATION, 'processId="broadcast" propagateAllChildVariables="false"', 'processId="agreement"'
        ),
        "law-withdrawal",
        "sign_agreement",
        PML_23,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_refused_with_the_article_that_it_breaks(name: str) -> None:
    change, rule, element_id, law_ref = MUTANTS[name]
    errors = [one for one in found_in(change(Copy()).files) if one.severity == "error"]
    assert {one.rule.partition("-")[0] for one in errors} == {"law"}, errors
    (breach,) = [one for one in errors if (one.rule, one.element_id) == (rule, element_id)]
    assert breach.law_ref == law_ref
    assert breach.name
    assert "→" in breach.message.format_map(dict(breach.params))
