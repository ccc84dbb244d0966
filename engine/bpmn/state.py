"""A process instance as JSON text: its live tokens by the ids of their nodes, never the definition."""

import json
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine import errors

from .definition import Definition
from .tokens import Instance, Scope, Token

VERSION = 2
"""What is written; texts of version 1, without repeating activities, are read as well."""
_NAMES = {TaskState.READY: "ready", TaskState.WAITING: "waiting", TaskState.STARTED: "started"}
_STATES = {name: state for state, name in _NAMES.items()}
_MARKS = ("on", "gate", "from", "of", "index", "total", "done", "held")


def dump(definition: Definition, instance: Instance) -> str:
    """JSON text of at most some hundred bytes a token; equal for equal states."""
    return json.dumps(
        {
            "version": VERSION,
            "definition": definition.hash,
            "number": instance.number,
            "ends": instance.end_nodes,
            "error": instance.uncaught_error,
            "tokens": _tokens(instance, instance),
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


def load(definition: Definition, text: str) -> Instance:
    """The instance of such a text, whatever the order of its keys; raises StateUnreadable."""
    try:
        record = json.loads(text)
        if record["version"] not in (1, VERSION) or record["definition"] != definition.hash:
            raise errors.StateUnreadable(process_id=definition.process_id)
        instance = Instance(definition.specs, definition.process_id)
        instance.number = record["number"]
        instance.end_nodes = record["ends"]
        instance.uncaught_error = record["error"]
        _restore(instance, instance, record["tokens"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise errors.StateUnreadable(process_id=definition.process_id) from error
    return instance


def _tokens(instance: Instance, scope: Scope) -> list[dict[str, Any]]:
    records = []
    for token in scope.tokens():
        record = {"id": token.id, "at": token.task_spec.bpmn_id, "state": _NAMES[token.state]}
        marks = token.internal_data
        if marks:
            record.update((mark, marks[mark]) for mark in _MARKS if mark in marks)
        inner = instance.subprocesses.get(token.id)
        if inner is not None:
            record["inside"] = _tokens(instance, inner)
        records.append(record)
    return records


def _restore(instance: Instance, scope: Any, records: list[dict[str, Any]]) -> None:
    for record in records:
        spec = scope.spec.task_specs["." + record["at"]]
        spec = spec.each if "of" in record else spec
        token = Token(scope, spec, scope.task_tree, _STATES[record["state"]], record["id"])
        token.internal_data = {mark: record[mark] for mark in _MARKS if mark in record}
        if token.has_state(TaskState.READY) and not spec.manual:
            instance.agenda[token.id] = token
        if "inside" in record:
            _restore(instance, instance.restore_subprocess(token, record["at"]), record["inside"])
