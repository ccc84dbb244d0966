"""What the lint found, as people and editors read it."""

from collections.abc import Callable

from engine import feel
from engine.bpmn import Finding

Translate = Callable[[str], str]
WORDS = {
    "start_event": "start event",
    "end_event": "end event",
    "intermediate_catch_event": "intermediate catch event",
    "intermediate_throw_event": "intermediate throw event",
    "boundary_event": "boundary event",
    "sub_process": "sub-process",
    "event_sub_process": "event sub-process",
    "message": "message",
    "timer": "timer",
    "error": "error",
    "terminate": "terminate",
    "escalation": "escalation",
    "signal": "signal",
    "link": "link",
    "conditional": "conditional",
    "none": "none",
    "assignee": "assignee",
    "candidate_groups": "candidate groups",
    "due_date": "due date",
    "follow_up_date": "follow-up date",
    "correlation_key": "correlation key",
    "retries": "retries",
    "condition": "condition",
    "form_id": "form",
    "service": "service",
    "called_process": "called process",
    "decision_id": "decision",
    "errorCode": "error code",
    "process": "process",
    "form": "form",
}
"""Codes in a finding's params, with the message ids of the words for them."""
CODED = frozenset(("kind", "event", "allowed", "attribute"))


def as_json(found: Finding, translate: Translate) -> dict[str, object]:
    """One finding as docs/check.md describes it, its texts through `translate`."""
    message, hint = _texts(found, translate)
    return {
        "severity": found.severity,
        "rule": found.rule,
        "file": found.file,
        "line": found.line,
        "element_id": found.element_id,
        "name": found.name,
        "message": message,
        "hint": hint,
        "law_ref": translate(found.law_ref) if found.law_ref else "",
    }


def as_line(found: Finding, translate: Translate) -> str:
    """One finding as one line: where, what, how to mend it, by which article."""
    message, hint = _texts(found, translate)
    place = f"{found.file}:{found.line}" if found.file else str(found.line)
    name = f" {found.name}" if found.name else ""
    article = f" [{translate(found.law_ref)}]" if found.law_ref else ""
    line = f"{found.severity}: {found.element_id} ({found.rule}, {place}){name}: {message} {hint}"
    return line.rstrip() + article


def feel_problem(found: feel.FeelError | feel.Note, translate: Translate) -> str:
    """What is wrong with an expression, or why its value is null, and where."""
    params = {
        key: translate(str(value)) if key == "expected" else value for key, value in found.params.items()
    }
    problem = translate(found.message).format_map(params)
    place = translate("{problem} (line {line}, column {column})")
    return place.format(problem=problem, line=found.line, column=found.column)


def _texts(found: Finding, translate: Translate) -> tuple[str, str]:
    params = {name: _word(name, given, translate) for name, given in found.params.items()}
    hint = translate(found.hint).format_map(params) if found.hint else ""
    return translate(found.message).format_map(params), hint


def _word(name: str, given: object, translate: Translate) -> object:
    """A param in the reader's language: articles, problems of FEEL, and codes that have a word."""
    if isinstance(given, feel.FeelError | feel.Note):
        return feel_problem(given, translate)
    if name in ("law_ref", "problem"):
        return translate(str(given))
    if name in CODED:
        return ", ".join(translate(WORDS.get(one, one)) for one in str(given).split(", "))
    return given
