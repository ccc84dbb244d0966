"""Puts the specs of one diagram together, for the process and for each sub-process in it."""

from collections.abc import Mapping, Set

from .diagram import Diagram
from .events import BoundarySpec, CatchSpec, EndSpec, EventGatewaySpec, EventStartSpec, ThrowSpec
from .gateways import ExclusiveSpec, InclusiveSpec, ParallelSpec
from .loops import LoopSpec
from .nodes import ACTIVITIES, SUB_PROCESSES, Node
from .specs import ActivitySpec, NodeSpec, ScopeSpec, SubProcessSpec

_CAUGHT = ("error", "escalation")


def build(diagram: Diagram) -> dict[str, ScopeSpec]:
    """The specs of the process and of each sub-process, by id. They are never changed afterwards."""
    ids = [diagram.process_id, *(node.id for node in diagram.nodes.values() if node.kind in SUB_PROCESSES)]
    scopes = {scope_id: ScopeSpec(scope_id) for scope_id in ids}
    for node in diagram.nodes.values():
        spec = _spec(diagram, scopes[node.scope], node)
        if node.kind == "start_event":
            scopes[node.scope].starts[node.id] = spec
            _arm(diagram, scopes, node)
    for flow in diagram.flows:
        specs = scopes[flow.scope].task_specs
        specs["." + flow.source].connect(specs["." + flow.target])
    for source, target in diagram.links():
        scopes[source.scope].task_specs["." + source.id].connect(
            scopes[target.scope].task_specs["." + target.id]
        )
    for scope in scopes.values():
        scope.watches = any(isinstance(spec, NodeSpec) and spec.watches for spec in scope.task_specs.values())
    return scopes


def _arm(diagram: Diagram, scopes: Mapping[str, ScopeSpec], start: Node) -> None:
    """Lets the scope around an event sub-process know its start."""
    around = diagram.nodes.get(start.scope)
    if around is None or around.kind != "event_sub_process":
        return
    scope = scopes[around.scope]
    if start.event in _CAUGHT:
        scope.caught.append(start)
    else:
        scope.armed.append(EventStartSpec(scope, start))


def _spec(diagram: Diagram, scope: ScopeSpec, node: Node) -> NodeSpec:
    boundary = diagram.boundary_events(node.id)
    if node.loop is not None:
        kind = ActivitySpec if node.kind in ACTIVITIES else SubProcessSpec
        return LoopSpec(scope, node, boundary, kind(scope, node, (), "*"))
    if node.kind in ACTIVITIES:
        return ActivitySpec(scope, node, boundary)
    if node.kind in SUB_PROCESSES:
        spec = SubProcessSpec(scope, node, boundary)
        spec.interrupts = _interrupts(diagram, node)
        return spec
    match node.kind:
        case "exclusive_gateway":
            return ExclusiveSpec(scope, node, diagram.outgoing(node.id))
        case "inclusive_gateway":
            return InclusiveSpec(scope, node, diagram.outgoing(node.id), _reaching(diagram, node))
        case "parallel_gateway":
            return ParallelSpec(scope, node, (flow.source for flow in diagram.incoming(node.id)))
        case "event_based_gateway":
            return EventGatewaySpec(scope, node)
        case "boundary_event":
            return BoundarySpec(scope, node)
    return _event(scope, node)


def _event(scope: ScopeSpec, node: Node) -> NodeSpec:
    if node.event == "link":
        return NodeSpec(scope, node)
    if node.kind == "intermediate_catch_event":
        return CatchSpec(scope, node)
    if node.event in ("message", "signal", "escalation") and node.throws:
        return ThrowSpec(scope, node)
    return EndSpec(scope, node) if node.kind == "end_event" else NodeSpec(scope, node)


def _interrupts(diagram: Diagram, node: Node) -> bool:
    return node.kind == "event_sub_process" and any(
        inner.kind == "start_event" and inner.interrupting for inner in diagram.inside(node.id)
    )


def _reaching(diagram: Diagram, gateway: Node) -> dict[str, Set[str]]:
    return {
        flow.source: diagram.before(flow.source, without=gateway.id) for flow in diagram.incoming(gateway.id)
    }
