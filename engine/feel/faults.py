"""What is sure to fail in an expression: calls that no built-in takes, literals without a value."""

from collections.abc import Callable, Iterator

from engine.feel import tree
from engine.feel.builtins import BUILTINS
from engine.feel.calls import Builtin
from engine.feel.errors import Note, place
from engine.feel.free import Place, places
from engine.feel.temporal import parse_temporal


def faults(node: tree.Node, text: str, hides: Callable[[str], bool] = lambda _name: False) -> Iterator[Note]:
    """A note for each fault; `hides` tells which names may stand for other functions than the built-in."""
    for found, bound, _ in places(Place(node)):
        match found:
            case tree.Call(tree.Name(name), arguments, names) if (
                name in BUILTINS and name not in bound and not hides(name)
            ):
                message, params = _call_fault(BUILTINS[name], len(arguments), names)
            case tree.AtLiteral(literal) if parse_temporal(literal) is None:
                message, params = "{literal} is not a date, time or duration.", {"literal": literal}
            case _:
                continue
        if message:
            yield Note(message, params, *place(text, found.at))


def _call_fault(function: Builtin, count: int, names: tuple[str, ...]) -> tuple[str, dict[str, object]]:
    if function.takes(count, names):
        return "", {}
    if not names:
        message = "The function {name} takes {wanted} arguments, not {found}."
        return message, {"name": function.name, "wanted": _counts(function), "found": count}
    known = {name for overload in function.overloads for part in overload.parameters for name in part.names}
    unknown = [name for name in names if name not in known]
    if unknown:
        message = "The function has no parameters with these names: {names}."
        return message, {"names": ", ".join(unknown)}
    return "The function {name} does not accept these arguments.", {"name": function.name}


def _counts(function: Builtin) -> str:
    """How many arguments a built-in takes: 1 / 3, or ≥ 2."""
    most = max(len(overload.parameters) for overload in function.overloads)
    counts = [str(count) for count in range(most + 1) if function.takes(count)]
    return f"≥ {counts[0]}" if any(overload.rest for overload in function.overloads) else " / ".join(counts)
