"""Judges exclusive gateways by the values that can reach them: what never holds, and what is left over."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .conditions import UNKNOWN, reads
from .definition import Definition
from .diagram import Flow, Node
from .findings import Finding
from .ground import Ground
from .report import finding
from .states import Spot
from .ways import TooMany, Ways
from .world import Outcome

NO_DEFAULT = "gateway-default"


@dataclass
class _Gate:
    """What was seen at one gateway: its conditions' values, and the values of what they read."""

    process: Definition
    node: Node
    verdicts: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))
    seen: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))
    gaps: list[Mapping[str, Any]] = field(default_factory=list)
    is_sure: bool = True


def check(ground: Ground) -> tuple[list[tuple[str, Finding]], frozenset[tuple[str, str]]]:
    """Findings with the ids of their processes, and the remarks that are needless, as (rule, element id)."""
    watch = _Watch()
    try:
        for root in ground.world.roots:
            Ways(ground, watch).follow(root)
    except TooMany:
        return [], frozenset()
    gates = watch.gates.values()
    needless = {(NO_DEFAULT, gate.node.id) for gate in gates if gate.is_sure and not gate.gaps}
    return [(gate.process.process_id, found) for gate in gates for found in _judge(gate)], frozenset(needless)


class _Watch:
    """Remembers what reaches each gateway; of effects it wants to know nothing."""

    def __init__(self) -> None:
        self.gates: dict[tuple[str, str], _Gate] = {}

    def after(self, done: frozenset[str], effects: frozenset[str]) -> frozenset[str]:
        return done

    def proves(self, taken: Flow, passed: Iterable[Flow], known: Mapping[str, Any]) -> frozenset[str]:
        return frozenset()

    def met(self, spot: Spot, outcome: Outcome) -> None:
        pass

    def ended(self, spot: Spot) -> None:
        pass

    def chose(self, spot: Spot, verdicts: Mapping[str, Any]) -> None:
        key = (spot.process.process_id, spot.node.id)
        gate = self.gates.setdefault(key, _Gate(spot.process, spot.node))
        for flow_id, verdict in verdicts.items():
            gate.verdicts[flow_id].add(verdict if verdict in (True, UNKNOWN) else False)
        for path, found in spot.state.known:
            gate.seen[path].add(found)
        if True in verdicts.values() or spot.node.default:
            return
        if UNKNOWN in verdicts.values():
            gate.is_sure = False
        else:
            gate.gaps.append(dict(spot.state.known))


def _judge(gate: _Gate) -> Iterable[Finding]:
    flows = {flow.id: flow for flow in gate.process.flows}
    for flow_id, verdicts in gate.verdicts.items():
        if verdicts == {False}:
            yield _never(gate, flows[flow_id])
    paths = frozenset[str]().union(*(reads(flows[flow_id].condition) for flow_id in gate.verdicts))
    if len(paths) == 1:
        yield from _gap(gate, *paths)


def _never(gate: _Gate, flow: Flow) -> Finding:
    paths = sorted(reads(flow.condition))
    if not paths:
        text: dict[str, object] = {"text": flow.condition or ""}
        return finding("condition-false", flow.id, flow.line, text, flow.name or "")
    names = {"name": ", ".join(paths), "values": "; ".join(_listed(gate.seen[path]) for path in paths)}
    return finding("condition-never", flow.id, flow.line, dict(names), flow.name or "")


def _gap(gate: _Gate, path: str) -> Iterable[Finding]:
    """One unanswered value is an error; that there may be no value at all stays the milder remark."""
    left = {gap[path] for gap in gate.gaps if gap.get(path) is not None}
    if left:
        params: dict[str, object] = {"name": path, "values": _listed(left)}
        yield finding("gateway-gap", gate.node.id, gate.node.line, params, gate.node.name or "")


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(sorted(_shown(found) for found in values))


def _shown(found: Any) -> str:
    if found is None or isinstance(found, bool):
        return {None: "null", True: "true", False: "false"}[found]
    return (
        f"{found:f}" if isinstance(found, Decimal) else f'"{found}"' if isinstance(found, str) else str(found)
    )
