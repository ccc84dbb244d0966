"""Hand-overs: another body is competent, gets the matter against a receipt, and the mediation ends."""

from engine.calendar import day_of
from engine.mediation.answers import Problems, today
from engine.mediation.happenings import close, happening_of, keep_result
from engine.mediation.lookup import case_of
from engine.services import Step

PRIVATE = frozenset({"receipt", "handed_on"})


def handed_over(step: Step) -> None:
    """Keep to which body it was handed and its receipt; the parties are told of it with the other ways."""
    happening, answers, problems = happening_of(step), step.answers, Problems()
    case = case_of(step.session, step.root.id)
    problems.not_before("handed_on", answers["handed_on"], day_of(happening.noted_at))
    problems.not_after("handed_on", answers["handed_on"], today(step))
    problems.refuse()
    case.transferred_to, case.end_code = answers["handed_to"], "transferred"
    keep_result(step, happening, {name: answers[name] for name in ("handed_to", "receipt", "handed_on")})
    close(step, happening, "ended")
