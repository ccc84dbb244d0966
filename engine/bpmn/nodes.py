"""The records of a diagram: flow nodes, what makes them repeat, and sequence flows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

TASKS = frozenset(
    (
        "user_task",
        "manual_task",
        "service_task",
        "business_rule_task",
        "send_task",
        "receive_task",
        "script_task",
    )
)
ACTIVITIES = TASKS | {"call_activity"}
SUB_PROCESSES = frozenset(("sub_process", "event_sub_process"))
MOST_TRIES = 20
EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Loop:
    """How an activity repeats: for each item of a collection at once or in turn, or while a condition holds.

    `collection`, `output_element` and `condition` are FEEL behind `=`; `maximum` is a literal number.
    `condition` is the completion condition of a collection, which ends it early, and else the loop condition,
    which goes on; `tested_before` says that it is looked at before the first round, too.
    """

    kind: Literal["parallel", "sequential", "standard"]
    collection: str | None = None
    element: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    condition: str | None = None
    maximum: str | None = None
    tested_before: bool = False


@dataclass(frozen=True)
class Node:
    """One flow node. Texts that begin with `=` are FEEL, others literal (Camunda 8); absent ones are None.

    `kind` is the BPMN tag in snake_case, `event_sub_process` for one that an event triggers; `scope` is the
    id of the process or sub-process around it; `event` is message, timer, error, escalation, signal, link,
    conditional, terminate or None, and `events` the number of event definitions; `message` is what a node
    waits for and `thrown_message` what it tells; `timer_kind` is date, duration or cycle; `default` the id of
    a gateway's default flow.
    """

    id: str
    kind: str
    line: int = 0
    scope: str = ""
    name: str | None = None
    name_en: str | None = None
    lane: str | None = None
    documentation: str | None = None
    form_id: str | None = None
    candidate_groups: str | None = None
    assignee: str | None = None
    due_date: str | None = None
    follow_up_date: str | None = None
    service: str | None = None
    retries: str | None = None
    called_process: str | None = None
    propagate_all_parent_variables: bool = True
    propagate_all_child_variables: bool = True
    decision_id: str | None = None
    script: str | None = None
    result_variable: str | None = None
    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    loop: Loop | None = None
    default: str | None = None
    event: str | None = None
    events: int = 0
    message: str | None = None
    thrown_message: str | None = None
    correlation_key: str | None = None
    error_code: str | None = None
    escalation_code: str | None = None
    signal: str | None = None
    link: str | None = None
    condition: str | None = None
    timer: str | None = None
    timer_kind: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    properties: Mapping[str, str] = field(default_factory=lambda: EMPTY)

    @property
    def is_confidential(self) -> bool:
        """Whether the diagram keeps it from the parties: a report of harm to a child, say."""
        return self.properties.get("confidential") == "true"

    @property
    def throws(self) -> bool:
        """Whether its event is told to others, and not waited for."""
        return self.event is not None and self.kind in ("intermediate_throw_event", "end_event")


@dataclass(frozen=True)
class Flow:
    """One sequence flow; `condition` is its raw text, None if it has none."""

    id: str
    source: str
    target: str
    scope: str
    line: int
    name: str | None = None
    condition: str | None = None
    is_default: bool = False


def is_tries(text: str) -> bool:
    """Whether a text says how often a service is tried: from once to MOST_TRIES times."""
    return text.isdecimal() and 0 < int(text) <= MOST_TRIES
