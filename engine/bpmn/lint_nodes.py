"""Judges each node alone: its events, its references, its texts in FEEL."""

import datetime as dt
import re
from collections.abc import Iterator, Set
from contextlib import suppress

from engine import feel

from .diagram import Diagram
from .findings import Known
from .nodes import ACTIVITIES, MOST_TRIES, Flow, Node, is_tries
from .report import Report

_BEGINNING = ("message", "timer", "error", "escalation", "signal", "conditional")
EVENTS = {
    "intermediate_throw_event": ("message", "signal", "escalation", "link"),
    "intermediate_catch_event": ("message", "timer", "signal", "conditional", "link"),
    "boundary_event": _BEGINNING,
    "end_event": ("terminate", "error", "message", "signal", "escalation"),
}
_MUST_HAVE_EVENT = frozenset(("intermediate_catch_event", "boundary_event"))
_REFERENCES = (
    ("user_task", "form_id", "form", "forms"),
    ("call_activity", "called_process", "process", "processes"),
    ("business_rule_task", "decision_id", "decision", "decisions"),
    ("service_task", "service", "service", "services"),
    ("send_task", "service", "service", "services"),
)
_FEEL_OR_TEXT = (
    "assignee",
    "candidate_groups",
    "due_date",
    "follow_up_date",
    "timer",
    "correlation_key",
    "retries",
    "script",
    "condition",
)
_VARIABLE = re.compile(r"[^\W\d]\w{0,99}(\.[^\W\d]\w{0,99})*")
_DURATION = re.compile(r"P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?!$)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
_CYCLE = re.compile(rf"R([1-9]\d{{0,5}})?/{_DURATION.pattern}")
_FOREIGN_WORDS = frozenset(("True", "False", "None", "undefined"))
_SHORT = 200


def check(diagram: Diagram, known: Known | None, report: Report) -> None:
    """Findings for every node, and for the conditions of the flows."""
    names = frozenset() if known is None else known.names
    for node in diagram.nodes.values():
        _event(diagram, node, report)
        _reference(node, known, report)
        _texts(node, names, report)
        _style(node, report)
    for flow in diagram.flows:
        if flow.condition is not None:
            _condition(flow, names, report)


def _event(diagram: Diagram, node: Node, report: Report) -> None:
    around = diagram.nodes.get(node.scope)
    allowed = EVENTS.get(node.kind)
    if node.kind == "start_event":
        allowed = ("message", "timer") if around is None else ()
        allowed = _BEGINNING if _begins(around) else allowed
    if allowed is None:
        if node.kind == "receive_task":
            _message(node, report)
        return
    if node.events > 1:
        report.add("event-several", node)
    must = node.kind in _MUST_HAVE_EVENT or (node.kind == "start_event" and _begins(around))
    if (node.event or must) and node.event not in allowed:
        report.add(
            "event-here",
            node,
            kind=node.kind,
            event=node.event or "none",
            allowed=", ".join(allowed) or "none",
        )
    elif node.event == "timer" and node.kind == "start_event" and around is None:
        _timed_start(node, report)
    elif node.event in _CHECKS:
        _CHECKS[node.event](node, report)
    if node.kind == "boundary_event":
        host = diagram.nodes.get(node.attached_to or "")
        if host is None or host.scope != node.scope or host.kind not in ACTIVITIES | {"sub_process"}:
            report.add("attached", node)
        elif node.event == "escalation" and host.kind not in ("call_activity", "sub_process"):
            report.add("escalation-here", node)


def _begins(around: Node | None) -> bool:
    """Whether a start event is that of an event sub-process."""
    return around is not None and around.kind == "event_sub_process"


def _message(node: Node, report: Report) -> None:
    if node.throws:
        if not node.thrown_message:
            report.add("message-missing", node)
        elif node.thrown_message.startswith("="):
            report.add("dynamic", node, attribute="message")
        return
    if not node.message:
        report.add("message-missing", node)
    elif node.message.startswith("="):
        report.add("dynamic", node, attribute="message")
    elif node.kind != "start_event" and not (node.correlation_key or "").startswith("="):
        report.add("message-key", node, id=node.message)


def _timer(node: Node, report: Report) -> None:
    if node.timer_kind == "cycle" and (node.kind == "intermediate_catch_event" or node.interrupting):
        report.add("timer-cycle", node)
    _time(node, report)


def _timed_start(node: Node, report: Report) -> None:
    """A timer that starts a process may repeat; when it is armed there is no case yet that knows anything."""
    _time(node, report)
    if not (node.timer or "").startswith("="):
        return
    with suppress(feel.FeelError):
        for mention in feel.parse((node.timer or "")[1:]).mentions:
            if not (mention.is_called or mention.may_be_member):
                report.add("timer-start", node, name=mention.name)


def _time(node: Node, report: Report) -> None:
    text = node.timer or ""
    if not text:
        report.add("timer-missing", node)
    elif not text.startswith("=") and not _is_time(text, node.timer_kind):
        report.add("time", node, text=text[:_SHORT])


def _error(node: Node, report: Report) -> None:
    if (node.error_code or "").startswith("="):
        report.add("dynamic", node, attribute="errorCode")
    if node.kind == "end_event" and not node.error_code:
        report.add("error-missing", node)
    if node.kind != "end_event" and not node.interrupting:
        report.add("error-interrupts", node)


def _escalation(node: Node, report: Report) -> None:
    if (node.escalation_code or "").startswith("="):
        report.add("dynamic", node, attribute="escalationCode")
    if node.throws and not node.escalation_code:
        report.add("escalation-missing", node)


def _signal(node: Node, report: Report) -> None:
    if not node.signal:
        report.add("signal-missing", node)
    elif node.signal.startswith("="):
        report.add("dynamic", node, attribute="signal")


def _conditional(node: Node, report: Report) -> None:
    if not (node.condition or "").startswith("="):
        report.add("event-condition", node)


_CHECKS = {
    "message": _message,
    "timer": _timer,
    "error": _error,
    "escalation": _escalation,
    "signal": _signal,
    "conditional": _conditional,
}


def _reference(node: Node, known: Known | None, report: Report) -> None:
    for kind, attribute, what, group in _REFERENCES:
        if node.kind != kind and not (kind == "service_task" and node.throws and node.service):
            continue
        value: str | None = getattr(node, attribute)
        if not value:
            report.add(f"{what}-missing", node)
        elif value.startswith("="):
            report.add("dynamic", node, attribute=attribute)
        elif known is not None and value not in getattr(known, group):
            report.add(f"{what}-unknown", node, id=value)
    if node.kind == "script_task" and not ((node.script or "").startswith("=") and node.result_variable):
        report.add("script-missing", node)
    if node.kind == "business_rule_task" and node.decision_id and not node.result_variable:
        report.add("decision-missing", node)
    if node.result_variable and not _VARIABLE.fullmatch(node.result_variable):
        report.add("variable", node, text=node.result_variable[:_SHORT])


def _texts(node: Node, names: Set[str], report: Report) -> None:
    for attribute, text in _feel_texts(node):
        if text.startswith("="):
            _parse(text[1:], attribute, node, names, report)
    loop = node.loop
    names_of_loop = (loop.element, loop.output_collection) if loop else ()
    for target in (*(target for _, target in (*node.inputs, *node.outputs)), *names_of_loop):
        if target is not None and not _VARIABLE.fullmatch(target):
            report.add("variable", node, text=target[:_SHORT])
    for moment in (node.due_date, node.follow_up_date):
        if moment is not None and not moment.startswith("=") and not _is_moment(moment):
            report.add("time", node, text=moment[:_SHORT])
    tries = node.retries
    if tries is not None and not tries.startswith("=") and not is_tries(tries):
        report.add("retries", node, text=tries[:_SHORT], most=MOST_TRIES)


def _feel_texts(node: Node) -> Iterator[tuple[str, str]]:
    for attribute in _FEEL_OR_TEXT:
        text: str | None = getattr(node, attribute)
        if text is not None:
            yield attribute, text
    for source, target in (*node.inputs, *node.outputs):
        yield target, source
    for attribute in ("collection", "output_element", "condition"):
        if node.loop is not None and (text := getattr(node.loop, attribute)):
            yield attribute, text


def _condition(flow: Flow, names: Set[str], report: Report) -> None:
    text = flow.condition or ""
    if not text.startswith("="):
        report.add("condition-language", flow, text=text[:_SHORT])
    else:
        _parse(text[1:], "condition", flow, names, report)


def _parse(text: str, attribute: str, place: Node | Flow, names: Set[str], report: Report) -> None:
    try:
        expression = feel.parse(text, tuple(sorted(names)))
    except feel.FeelError as error:
        report.add("feel", place, text=text[:_SHORT], problem=error, attribute=attribute)
        return
    for fault in expression.faults():
        report.add("feel-fault", place, text=text[:_SHORT], problem=fault, attribute=attribute)
    for name in sorted(expression.names - names):
        if name in _FOREIGN_WORDS or (" " in name and not _is_called(name, text)):
            report.add("feel-name", place, name=name, attribute=attribute)


def _is_called(name: str, text: str) -> bool:
    """Whether a name stands before a parenthesis: then it is a function, and those may have blanks."""
    pattern = r"\s+".join(re.escape(word) for word in name.split())
    return re.search(rf"{pattern}\s*\(", text) is not None


def _style(node: Node, report: Report) -> None:
    if not node.name and not node.kind.endswith("_gateway"):
        report.add("label", node)
    if node.follow_up_date:
        report.add("follow-up", node)
    if node.kind == "user_task" and not (node.lane or node.assignee or node.candidate_groups):
        report.add("nobody", node)


def _is_time(text: str, timer_kind: str | None) -> bool:
    if timer_kind == "cycle":
        return _CYCLE.fullmatch(text) is not None
    return _DURATION.fullmatch(text) is not None if timer_kind == "duration" else _is_moment(text)


def _is_moment(text: str) -> bool:
    """Whether a literal is a date and time of ISO 8601 with its offset from UTC."""
    try:
        return dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
