"""Moves the state of a process instance to another definition of its process, or says why that is unsafe."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import state as states
from .definition import Definition
from .nodes import SUB_PROCESSES, Node
from .prospects import Prospects
from .remarks import Remark
from .specs import ActivitySpec
from .stepper import Stepper, Wait

Record = dict[str, Any]
NEVER_ARMED = ("error", "escalation")


@dataclass(frozen=True)
class Moved:
    """The state in the new definition, and what became of the places where it waits.

    `kept` are pairs of the same place before and after, `armed` new events, `disarmed` those that went.
    With `reasons` against it the rest is worth nothing.
    """

    state: str
    reasons: tuple[Remark, ...] = ()
    kept: tuple[tuple[Wait, Wait], ...] = ()
    armed: tuple[Wait, ...] = ()
    disarmed: tuple[Wait, ...] = ()


def migrate(old: Definition, state: str, new: Definition, mapping: Mapping[str, str]) -> Moved:
    """The state at the same places of another definition; `mapping` gives new ids for old ones.

    No token moves. Events that are new on what waits are armed, those that are gone disarmed; all other ids
    of waits stay. Raises StateUnreadable if the text does not fit the old definition.
    """
    before = Stepper.restore(old, state)
    record = json.loads(before.dump())
    mover = _Mover(old, new, mapping, record["number"])
    tokens = mover.scope(old.process_id, record["tokens"])
    if mover.reasons:
        return Moved(state, tuple(mover.reasons))
    ends = list(dict.fromkeys(mover.renamed(node_id) for node_id in record["ends"]))
    record |= {"definition": new.hash, "number": mover.number, "ends": ends, "tokens": tokens}
    moved = states.dump(new, states.load(new, json.dumps(record)))
    return _compared(before.waits, Stepper.restore(new, moved).waits, moved)


def _compared(before: Iterable[Wait], after: Iterable[Wait], state: str) -> Moved:
    was, now = ({wait.id: wait for wait in waits} for waits in (before, after))
    return Moved(
        state,
        kept=tuple((was[wait_id], wait) for wait_id, wait in now.items() if wait_id in was),
        armed=tuple(wait for wait_id, wait in now.items() if wait_id not in was),
        disarmed=tuple(wait for wait_id, wait in was.items() if wait_id not in now),
    )


class _Mover:
    """Moves the records of tokens, scope by scope, and collects what speaks against it."""

    def __init__(self, old: Definition, new: Definition, mapping: Mapping[str, str], number: int) -> None:
        self._old, self._new, self._mapping, self.number = old, new, mapping, number
        self._targets: dict[str, str] = {}
        self._prospects = Prospects(old.graph, new.graph, self.renamed)
        self.reasons: list[Remark] = []

    def renamed(self, node_id: str) -> str:
        """The id in the new definition."""
        return self._mapping.get(node_id, node_id)

    def scope(self, scope_id: str, records: list[Record]) -> list[Record]:
        """The records of one process or sub-process, with its events armed as the new definition has them."""
        known = len(self.reasons)
        idle = [record for record in records if self._is_armed_start(scope_id, record)]
        hosts = [record for record in records if "on" not in record and record not in idle]
        moved = [self._token(scope_id, record) for record in hosts]
        self._check_gates(hosts)
        if len(self.reasons) > known:
            return []
        self._look_ahead(scope_id, hosts)
        moved += self._starts(scope_id, hosts, idle)
        for host in hosts:
            if "of" not in host:
                moved += self._boundary(
                    host, [record for record in records if record.get("on") == host["id"]]
                )
        return moved

    def _token(self, scope_id: str, record: Record) -> Record:
        node = self._old.nodes[record["at"]]
        target = self._target(node)
        if target is None:
            return record
        if target.scope != self.renamed(scope_id):
            self._against("scope", node)
        for code in self._differences(node, target, record):
            self._against(code, target)
        moved = record | {"at": target.id}
        if "from" in record:
            moved["from"] = self.renamed(record["from"])
        if "inside" in record and target.kind == node.kind:
            moved["inside"] = self.scope(node.id, record["inside"])
        return moved

    def _target(self, node: Node) -> Node | None:
        target = self._new.nodes.get(self.renamed(node.id))
        if target is None:
            self._against("missing", node)
        elif self._targets.setdefault(target.id, node.id) != node.id:
            self._against("twice", target)
        return target

    def _differences(self, node: Node, target: Node, record: Record) -> Iterator[str]:
        if _kind(node) != _kind(target):
            yield "kind"
            return
        if _repeated(node) != _repeated(target):
            yield "loop"
        if node.service != target.service:
            yield "service"
        if node.called_process != target.called_process:
            yield "called"
        if node.kind in SUB_PROCESSES and self._interrupts(self._old, node) != self._interrupts(
            self._new, target
        ):
            yield "interrupts"
        if "from" in record and self._sources(self._old, node) != self._sources(self._new, target):
            yield "join"

    def _interrupts(self, definition: Definition, node: Node) -> bool:
        return any(
            node.kind == "event_sub_process" and inner.kind == "start_event" and inner.interrupting
            for inner in definition.nodes.values()
            if inner.scope == node.id
        )

    def _sources(self, definition: Definition, node: Node) -> set[str]:
        """The nodes from which flows lead to a gateway, by their new ids."""
        sources = {flow.source for flow in definition.flows if flow.target == node.id}
        return {self.renamed(source) for source in sources} if definition is self._old else sources

    def _check_gates(self, records: Iterable[Record]) -> None:
        """What waits behind an event gateway must be all that stands behind it, before and after."""
        for gateway_id, waiting in self._gates(records).items():
            gateway = self._new.nodes.get(self.renamed(gateway_id))
            if gateway is None or gateway.kind != "event_based_gateway":
                self._against("gateway", self._old.nodes[gateway_id])
            elif _targets(self._new, gateway.id) != {self.renamed(node_id) for node_id in waiting}:
                self._against("gateway", gateway)

    def _gates(self, records: Iterable[Record]) -> dict[str, set[str]]:
        """The nodes that wait behind event gateways, by the gateway's id."""
        found: dict[str, set[str]] = {}
        for record in records:
            if "gate" in record:
                found.setdefault(self._gateway(record["at"]), set()).add(record["at"])
        return found

    def _gateway(self, node_id: str) -> str:
        sources = [flow.source for flow in self._old.flows if flow.target == node_id]
        return next(key for key in sources if self._old.nodes[key].kind == "event_based_gateway")

    def _look_ahead(self, scope_id: str, hosts: Iterable[Record]) -> None:
        stand = [(record["at"], record.get("from")) for record in hosts if not {"of", "gate"} & record.keys()]
        stand += [(gateway_id, None) for gateway_id in self._gates(hosts)]
        for code, node in self._prospects.troubles(scope_id, stand):
            self._against(code, node)

    def _boundary(self, host: Record, armed: Iterable[Record]) -> list[Record]:
        """The boundary events that wait on an activity."""
        node = self._new.nodes[self.renamed(host["at"])]
        spec = self._new.specs[node.scope].task_specs["." + node.id]
        wanted = spec.boundary if isinstance(spec, ActivitySpec) else ()
        before = [event for event in self._old.nodes.values() if event.attached_to == host["at"]]
        return [
            record | {"on": host["id"]}
            for record in self._events(
                before, [event for event in wanted if event.event not in NEVER_ARMED], armed
            )
        ]

    def _starts(self, scope_id: str, hosts: Iterable[Record], armed: Iterable[Record]) -> list[Record]:
        """The armed starts of event sub-processes, none where one has interrupted its scope."""
        if any(self._interrupts(self._old, self._old.nodes[record["at"]]) for record in hosts):
            return []
        before, after = (
            [spec.node for spec in definition.specs[key].armed]
            for definition, key in ((self._old, scope_id), (self._new, self.renamed(scope_id)))
        )
        return self._events(before, after, armed)

    def _events(self, before: Iterable[Node], after: Iterable[Node], armed: Iterable[Record]) -> list[Record]:
        """The records of the events that wait at one place, before and after being all that can.

        One that was there and waits no longer has happened already, and does not happen again.
        """
        kinds = {self.renamed(node.id): _kind(node) for node in before}
        stay = {node.id for node in after if kinds.get(node.id) == _kind(node)}
        kept = [record for record in armed if self.renamed(record["at"]) in stay]
        for record in kept:
            self._target(self._old.nodes[record["at"]])
        moved = [record | {"at": self.renamed(record["at"])} for record in kept]
        return moved + [self._armed(node.id) for node in after if node.id not in stay]

    def _armed(self, node_id: str) -> Record:
        self.number += 1
        return {"id": self.number, "at": node_id, "state": "waiting"}

    def _is_armed_start(self, scope_id: str, record: Record) -> bool:
        node = self._old.nodes[record["at"]]
        return node.kind == "start_event" and node.scope != scope_id

    def _against(self, code: str, node: Node) -> None:
        remark = Remark(code, self._new.process_id, node.id, node.name or "")
        if remark not in self.reasons:
            self.reasons.append(remark)


def _kind(node: Node) -> tuple[str, str | None]:
    return node.kind, node.event


def _repeated(node: Node) -> object:
    # The condition and the limit are looked at anew after each round; all else was taken at the beginning.
    return node.loop and replace(node.loop, condition=None, maximum=None)


def _targets(definition: Definition, node_id: str) -> set[str]:
    return {flow.target for flow in definition.flows if flow.source == node_id}
