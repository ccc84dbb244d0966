"""A process instance as JSON text: its live tokens by the ids of their nodes, never the definition."""

import json
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine import errors

from .definition import Definition
from .tokens import Inner, Instance, Scope, Token

VERSION = 1
_NAMES = {TaskState.READY: "ready", TaskState.WAITING: "waiting", TaskState.STARTED: "started"}
_STATES = {name: state for state, name in _NAMES.items()}


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
        if record["version"] != VERSION or record["definition"] != definition.hash:
            raise errors.StateUnreadable(process_id=definition.process_id)
        instance = Instance(definition.specs, definition.process_id)
        instance.number = record["number"]
        instance.end_nodes = record["ends"]
        instance.uncaught_error = record["error"]
        _restore(instance, instance, record["tokens"])
    except (KeyError, TypeError, ValueError) as error:
        raise errors.StateUnreadable(process_id=definition.process_id) from error
    return instance


def _tokens(instance: Instance, scope: Scope) -> list[dict[str, Any]]:
    records = []
    for token in scope.tokens():
        record = {"id": token.id, "at": token.task_spec.bpmn_id, "state": _NAMES[token.state]}
        record.update(token.internal_data)
        inner = instance.subprocesses.get(token.id)
        if inner is not None:
            record["inside"] = _tokens(instance, inner)
        records.append(record)
    return records


def _restore(instance: Instance, scope: Any, records: list[dict[str, Any]]) -> None:
    for record in records:
        spec = scope.spec.task_specs["." + record["at"]]
        token = Token(scope, spec, scope.task_tree, _STATES[record["state"]], record["id"])
        token.internal_data = {key: record[key] for key in ("on", "gate", "from") if key in record}
        if "inside" in record:
            inner = Inner(instance.subprocess_specs[record["at"]], token.id, instance)
            instance.subprocesses[token.id] = inner
            _restore(instance, inner, record["inside"])
