"""Closures of names and paths: local variables, the context's names, built-ins, members of values."""

from collections.abc import Mapping
from typing import Any

from engine.feel import tree
from engine.feel.builtins import BUILTINS
from engine.feel.compiler.scope import Scope, compile_node, compiles
from engine.feel.members import member
from engine.feel.run import Closure, Frame, Run
from engine.feel.values import SCALARS, to_feel


@compiles(tree.Name)
def _name(node: tree.Name, scope: Scope) -> Closure:
    hops, passed_open = scope.hops(node.name)
    if passed_open:
        return _searched(node)
    if hops is not None:
        return _local(node.name, hops)
    return _global(node)


def _local(name: str, hops: int) -> Closure:
    if hops == 0:
        return lambda _run, frame: frame.values[name]  # type: ignore[union-attr]
    if hops == 1:
        return lambda _run, frame: frame.outer.values[name]  # type: ignore[union-attr]

    def find(_run: Run, frame: Any) -> Any:
        for _ in range(hops):
            frame = frame.outer
        return frame.values[name]

    return find


def _global(node: tree.Name) -> Closure:
    name, at = node.name, node.at
    fallback = BUILTINS.get(name)

    def find(run: Run, _frame: Frame | None) -> Any:
        if name in run:
            return run[name]
        try:
            value = run.raw[name]
        except KeyError:
            return fallback or run.note(at, "{name} is not known here.", name=name)
        if type(value) in SCALARS:
            return value
        run[name] = found = to_feel(value)
        return found

    return find


def _searched(node: tree.Name) -> Closure:
    name, find_global = node.name, _global(node)

    def find(run: Run, frame: Frame | None) -> Any:
        local = _frame_with(name, frame)
        return local.values[name] if local else find_global(run, frame)

    return find


@compiles(tree.Path)
def _path(node: tree.Path, scope: Scope) -> Closure:
    source = compile_node(node.source, scope)
    name, at = node.name, node.at

    def follow(run: Run, frame: Frame | None) -> Any:
        value = source(run, frame)
        if type(value) is dict and name in value:
            return value[name]
        return member(run, value, name, at)

    steps = _steps_from_name(node)
    hops, passed_open = scope.hops(steps[0]) if steps else (0, False)
    if hops is not None:
        return follow
    walk = _lazy(steps, follow)
    return _unless_local(steps[0], follow, walk) if passed_open else walk


def _steps_from_name(node: tree.Node) -> list[str]:
    """The names of a path that begins at a name; none for another path."""
    steps: list[str] = []
    while isinstance(node, tree.Path):
        steps.append(node.name)
        node = node.source
    return [node.name, *reversed(steps)] if isinstance(node, tree.Name) else []


def _unless_local(name: str, local: Closure, beyond: Closure) -> Closure:
    """The one closure where an item of a filter has a member of this name, else the other."""

    def choose(run: Run, frame: Frame | None) -> Any:
        return local(run, frame) if _frame_with(name, frame) else beyond(run, frame)

    return choose


def _frame_with(name: str, frame: Frame | None) -> Frame | None:
    while frame and name not in frame.values:
        frame = frame.outer
    return frame


def _lazy(steps: list[str], follow: Closure) -> Closure:
    """Walk the context's own mappings, so that only what the path reaches is made a FEEL value."""
    first, *rest = steps
    path = tuple(steps)

    def walk(run: Run, frame: Frame | None) -> Any:
        if path in run.reached:
            return run.reached[path]
        try:
            value: Any = run.raw[first]
            for name in rest:
                if type(value) is not dict and not isinstance(value, Mapping):
                    return follow(run, frame)
                value = value[name]
        except KeyError:
            return follow(run, frame)
        return value if type(value) in SCALARS else run.reach(path, to_feel(value))

    return walk
