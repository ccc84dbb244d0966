"""Judges each node alone: its events, its references, its texts in FEEL."""

import datetime as dt
import re
from collections.abc import Iterator, Set

from engine import feel

from .diagram import Diagram
from .findings import Known
from .nodes import ACTIVITIES, Flow, Node
from .report import Report

_EVENTS = {
    "start_event": (),
    "intermediate_throw_event": (),
    "intermediate_catch_event": ("message", "timer"),
    "boundary_event": ("message", "timer", "error"),
    "end_event": ("terminate", "error"),
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
)
_VARIABLE = re.compile(r"[^\W\d]\w{0,99}(\.[^\W\d]\w{0,99})*")
_DURATION = re.compile(r"P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?!$)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
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
    allowed = _EVENTS.get(node.kind)
    if allowed is None:
        if node.kind == "receive_task":
            _message(node, report)
        return
    if node.events > 1:
        report.add("event-several", node)
    if (node.event or node.kind in _MUST_HAVE_EVENT) and node.event not in allowed:
        report.add(
            "event-here",
            node,
            kind=node.kind,
            event=node.event or "none",
            allowed=", ".join(allowed) or "none",
        )
    elif node.event == "message":
        _message(node, report)
    elif node.event == "timer":
        _timer(node, report)
    elif node.event == "error":
        _error(node, report)
    if node.kind == "boundary_event":
        host = diagram.nodes.get(node.attached_to or "")
        if host is None or host.scope != node.scope or host.kind not in ACTIVITIES | {"sub_process"}:
            report.add("attached", node)


def _message(node: Node, report: Report) -> None:
    if not node.message:
        report.add("message-missing", node)
    elif node.message.startswith("="):
        report.add("dynamic", node, attribute="message")
    elif not (node.correlation_key or "").startswith("="):
        report.add("message-key", node, id=node.message)


def _timer(node: Node, report: Report) -> None:
    text = node.timer or ""
    if not text:
        report.add("timer-missing", node)
    elif text.startswith("=") or node.timer_kind == "cycle":
        return
    elif not (_DURATION.fullmatch(text) if node.timer_kind == "duration" else _is_moment(text)):
        report.add("time", node, text=text[:_SHORT])


def _error(node: Node, report: Report) -> None:
    if (node.error_code or "").startswith("="):
        report.add("dynamic", node, attribute="errorCode")
    if node.kind == "end_event" and not node.error_code:
        report.add("error-missing", node)
    if node.kind == "boundary_event" and not node.interrupting:
        report.add("error-interrupts", node)


def _reference(node: Node, known: Known | None, report: Report) -> None:
    for kind, attribute, what, group in _REFERENCES:
        if node.kind != kind:
            continue
        value: str | None = getattr(node, attribute)
        if not value:
            report.add(f"{what}-missing", node)
        elif value.startswith("="):
            report.add("dynamic", node, attribute=attribute)
        elif known is not None and value not in getattr(known, group):
            report.add(f"{what}-unknown", node, id=value)
    if node.kind == "business_rule_task" and node.decision_id:
        if not node.result_variable:
            report.add("decision-missing", node)
        elif not _VARIABLE.fullmatch(node.result_variable):
            report.add("variable", node, text=node.result_variable[:_SHORT])


def _texts(node: Node, names: Set[str], report: Report) -> None:
    for attribute, text in _feel_texts(node):
        if text.startswith("="):
            _parse(text[1:], attribute, node, names, report)
    for _, target in (*node.inputs, *node.outputs):
        if not _VARIABLE.fullmatch(target):
            report.add("variable", node, text=target[:_SHORT])
    for moment in (node.due_date, node.follow_up_date):
        if moment is not None and not moment.startswith("=") and not _is_moment(moment):
            report.add("time", node, text=moment[:_SHORT])


def _feel_texts(node: Node) -> Iterator[tuple[str, str]]:
    for attribute in _FEEL_OR_TEXT:
        text: str | None = getattr(node, attribute)
        if text is not None:
            yield attribute, text
    for source, target in (*node.inputs, *node.outputs):
        yield target, source


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
    if node.kind == "user_task" and not (node.lane or node.assignee or node.candidate_groups):
        report.add("nobody", node)


def _is_moment(text: str) -> bool:
    """Whether a literal is a date and time of ISO 8601 with its offset from UTC."""
    try:
        return dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
