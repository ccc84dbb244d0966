"""Calling functions: lambdas, built-ins with their overloads, and Python callables of the context."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.feel.run import Closure, Frame, Run
from engine.feel.tree import Node
from engine.feel.types import ANY, FunctionType, Type, coerce
from engine.feel.values import Function, Invocable, to_feel

_MISFIT = object()
_ABSENT = object()


@dataclass(frozen=True, slots=True, eq=False)
class Lambda(Invocable):
    """A function written in FEEL, with the local variables of the place where it was written.

    `source` is what it was made of, where that is a part of an expression's tree.
    """

    parameters: tuple[str, ...]
    kinds: tuple[Type, ...]
    result: Type
    body: Closure
    frame: Frame | None
    declared: Mapping[str, Type]
    source: Node | None = None

    @property
    def kind(self) -> FunctionType:
        """Its type."""
        return FunctionType(self.kinds, self.result)

    def is_like(self, other: "Lambda") -> bool:
        """Whether both have the same parameters, body and scope."""
        return self.source is not None and self.source == other.source and self.frame is other.frame


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a built-in: its names, the Python types it takes (None: any), may it be absent."""

    names: tuple[str, ...]
    kinds: frozenset[type] | None
    optional: bool = False
    takes_null: bool = False


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a built-in; with `rest` the last parameter takes all further arguments."""

    parameters: tuple[Parameter, ...]
    call: Callable[..., Any]
    rest: bool = False

    def takes(self, count: int, names: Sequence[str] = ()) -> bool:
        """Whether it can be called with so many arguments, or with arguments of these names."""
        if names:
            return _order(self, names, [None] * count) is not None
        if count < len(self.parameters):
            return self.parameters[count].optional
        return self.rest or count == len(self.parameters)


@dataclass(frozen=True, slots=True, eq=False)
class Builtin(Invocable):
    """A function of the standard, or one that the DMN layer adds."""

    name: str
    overloads: tuple[Overload, ...]

    def takes(self, count: int, names: Sequence[str] = ()) -> bool:
        """Whether one of its overloads can be called so."""
        return any(overload.takes(count, names) for overload in self.overloads)


def invoke(run: Run, function: Any, arguments: Sequence[Any], at: int = 0) -> Any:
    """The result of a call with positional arguments; null with a note where it can't be called so."""
    if type(function) is Builtin:
        return _invoke_builtin(run, function, [(o, arguments) for o in function.overloads], at)
    if type(function) is Lambda:
        if len(arguments) != len(function.parameters):
            return _wrong_count(run, at, "function", len(function.parameters), len(arguments))
        return _invoke_lambda(run, function, arguments, at)
    if type(function) is Function:
        if len(arguments) > len(function.parameters):
            return _wrong_count(run, at, function.name, len(function.parameters), len(arguments))
        return _invoke_python(run, function, arguments, at)
    return run.note(at, "This is not a function.")


def invoke_named(run: Run, function: Any, names: Sequence[str], arguments: Sequence[Any], at: int = 0) -> Any:
    """The result of a call with named arguments; those that are left out are null (DMN 1.5, 10.3.2.13.5)."""
    if type(function) is Builtin:
        ordered = [
            (o, found) for o in function.overloads if (found := _order(o, names, arguments)) is not None
        ]
        return _invoke_builtin(run, function, ordered, at)
    if isinstance(function, Lambda | Function):
        given = dict(zip(names, arguments, strict=True))
        if len(given) == len(names) and given.keys() <= set(function.parameters):
            return _invoke_given(run, function, given, at)
        message = "The function has no parameters with these names: {names}."
        return run.note(at, message, names=", ".join(names))
    return run.note(at, "This is not a function.")


def _invoke_given(run: Run, function: Lambda | Function, given: Mapping[str, Any], at: int) -> Any:
    if isinstance(function, Lambda):
        return _invoke_lambda(run, function, [given.get(name) for name in function.parameters], at)
    last = max((function.parameters.index(name) + 1 for name in given), default=0)
    return _invoke_python(run, function, [given.get(name) for name in function.parameters[:last]], at)


def _wrong_count(run: Run, at: int, name: str, wanted: int, found: int) -> None:
    message = "The function {name} takes {wanted} arguments, not {found}."
    run.note(at, message, name=name, wanted=wanted, found=found)


def _invoke_lambda(run: Run, function: Lambda, arguments: Sequence[Any], at: int) -> Any:
    values = {}
    for name, kind, argument in zip(function.parameters, function.kinds, arguments, strict=True):
        value = argument if kind is ANY else coerce(run, argument, kind, function.declared)
        if value is None and argument is not None:
            return run.note(at, "The argument {name} has the wrong type.", name=name)
        values[name] = value
    run.enter_call()
    run.spend(20)
    result = function.body(run, Frame(values, function.frame))
    run.calls -= 1
    return result if function.result is ANY else coerce(run, result, function.result, function.declared)


def _invoke_python(run: Run, function: Function, arguments: Sequence[Any], at: int) -> Any:
    run.spend(20)
    try:
        return to_feel(function.call(*arguments))
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError):
        return run.note(at, "The function {name} does not accept these arguments.", name=function.name)


def _invoke_builtin(
    run: Run, function: Builtin, ordered: Sequence[tuple[Overload, Sequence[Any]]], at: int
) -> Any:
    if ordered:
        run.spend(10 + sum(map(_size, ordered[0][1])))
    for is_exact in (True, False):
        for overload, arguments in ordered:
            fitted = _fit_all(overload, arguments, is_exact)
            if fitted is not None:
                result = overload.call(run, *fitted)
                if result is None:
                    run.note(at, "The function {name} has no result for these arguments.", name=function.name)
                return result
    return run.note(at, "The function {name} does not accept these arguments.", name=function.name)


def _size(value: Any) -> int:
    """What looking through an argument counts for."""
    if type(value) is list:
        return 2 * len(value)
    return len(value) // 20 if type(value) is str else 0


def _order(overload: Overload, names: Sequence[str], arguments: Sequence[Any]) -> list[Any] | None:
    given = dict(zip(names, arguments, strict=True))
    if len(given) != len(names):
        return None
    ordered: list[Any] = []
    for parameter in overload.parameters:
        found = [name for name in parameter.names if name in given]
        if len(found) > 1 or (not found and not (parameter.optional or parameter.takes_null)):
            return None
        ordered.append(given.pop(found[0]) if found else _ABSENT)
    while ordered and ordered[-1] is _ABSENT and overload.parameters[len(ordered) - 1].optional:
        ordered.pop()
    return [None if value is _ABSENT else value for value in ordered] if not given else None


def _fit_all(overload: Overload, arguments: Sequence[Any], is_exact: bool) -> list[Any] | None:
    if not overload.takes(len(arguments)):
        return None
    parameters = overload.parameters
    fitted = []
    for index, argument in enumerate(arguments):
        parameter = parameters[index] if index < len(parameters) else parameters[-1]
        value = _fit(parameter, argument, is_exact)
        if value is _MISFIT:
            return None
        fitted.append(value)
    return fitted


def _fit(parameter: Parameter, value: Any, is_exact: bool) -> Any:
    kinds = parameter.kinds
    if kinds is None or type(value) in kinds:
        return value
    if value is None:
        return None if parameter.takes_null else _MISFIT
    if Invocable in kinds and isinstance(value, Invocable):
        return value
    if is_exact:
        return _MISFIT
    if list in kinds and type(value) is not list:
        return [value]
    if type(value) is list and len(value) == 1 and value[0] is not None:
        return _fit(parameter, value[0], False)
    return _MISFIT
