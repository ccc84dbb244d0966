"""Appraisals: the clocks of a case stand still until the result is there, and its talks go on meanwhile."""

from engine.calendar import day_of
from engine.mediation.answers import Problems, today
from engine.mediation.happenings import close, happening_of, keep_result
from engine.services import Step

PRIVATE = frozenset({"appraisal_result"})


def appraisal_ended(step: Step) -> None:
    """Keep the result; the time of the appraisal does not count (Online Rules Art. 26)."""
    happening, answers, problems = happening_of(step), step.answers, Problems()
    problems.not_before("ended_on", answers["ended_on"], day_of(happening.noted_at))
    problems.not_after("ended_on", answers["ended_on"], today(step))
    problems.refuse()
    keep_result(step, happening, {name: answers[name] for name in ("ended_on", "appraisal_result")})
    close(step, happening, "goes_on")
