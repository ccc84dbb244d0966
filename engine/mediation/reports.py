"""Reports that the law demands: of a clue of a crime, harm to a child, violence at home, false mediation."""

from engine import errors
from engine.calendar import day_of
from engine.mediation import law
from engine.mediation.answers import Problems, today
from engine.mediation.happenings import KINDS, close, happening_of, keep_result, result_of
from engine.mediation.lookup import case_of
from engine.services import Step

CHIEF = "chief_mediator"
PRIVATE = {
    "report_made": frozenset({"reported_to", "reported_on", "reference", "report_note"}),
    "report_decided": frozenset({"decision_note"}),
}


def report_made(step: Step) -> None:
    """Keep to whom it was reported and when (PML Art. 25, Minors Protection Law Art. 11 and others).

    A mediation that is on its way to its end goes on to it: there is nothing left to be decided. LawForbids
    where the parties could see the task: who reports is kept secret.
    """
    happening, answers, problems = happening_of(step), step.answers, Problems()
    if not step.task.confidential:
        raise law.forbids("domestic_report", step.at, "the parties could see this task")
    if not answers["reported_to"]:
        problems.add("reported_to", "Name at least one organ.")
    problems.not_before("reported_on", answers["reported_on"], day_of(happening.noted_at))
    problems.not_after("reported_on", answers["reported_on"], today(step))
    problems.refuse()
    names = ("reported_to", "reported_on", "reference", "report_note")
    keep_result(step, happening, {name: answers.get(name) for name in names})
    if case_of(step.session, step.root.id).end_code is not None:
        close(step, happening, "goes_on")


def report_decided(step: Step) -> None:
    """After the report the chief mediator lets the mediation go on, or ends it.

    The case ends for “another reason”: the notice that its parties get must not tell of the report.
    LawForbids before the report was made.
    """
    happening, case = happening_of(step), case_of(step.session, step.root.id)
    if step.actor.party_id is not None or CHIEF not in step.actor.roles:
        raise errors.Forbidden(action="report.decide")
    if not step.task.confidential:
        raise law.forbids("domestic_report", step.at, "the parties could see this task")
    if happening.result is None:
        raise law.forbids(KINDS[happening.kind].rule, step.at, "it has not been reported yet")
    ends = step.answers["report_decision"] == "ends"
    keep_result(step, happening, result_of(step, happening) | {"decision": step.answers["decision_note"]})
    if ends and case.end_code is None:
        case.end_code = "other"
    close(step, happening, "ended" if ends else "goes_on")
