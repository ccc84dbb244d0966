"""The types of FEEL: what a value is an instance of, and the conversions at a call (DMN 1.5, 10.3.2.9)."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel.run import Run
from engine.feel.values import Invocable, Range, YearsMonths
from engine.feel.wide import WideDate, WideDateTime


@dataclass(frozen=True, slots=True)
class Simple:
    """A type without parts, by its name in FEEL."""

    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """A type that is declared elsewhere."""

    name: str


@dataclass(frozen=True, slots=True)
class ListType:
    """A list whose items are all of a type."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class ContextType:
    """A context with at least these entries."""

    entries: tuple[tuple[str, "Type"], ...]


@dataclass(frozen=True, slots=True)
class RangeType:
    """A range between values of a type."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class FunctionType:
    """A function from parameters to a result."""

    parameters: tuple["Type", ...]
    result: "Type"


@dataclass(frozen=True, slots=True, eq=False)
class Restricted:
    """Values of a type that pass a test too: an item definition with allowed values.

    The test counts where a value is handed over, not for `instance of`.
    """

    base: "Type"
    allows: Callable[[Any], bool]


Type = Simple | Named | ListType | ContextType | RangeType | FunctionType | Restricted

ANY = Simple("Any")
NUMBER = Simple("number")
STRING = Simple("string")
DAYS_TIME = Simple("days and time duration")
YEARS_MONTHS = Simple("years and months duration")

_PYTHON: dict[str, tuple[type, ...]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "date": (datetime.date, WideDate),
    "time": (datetime.time,),
    "date and time": (datetime.datetime, WideDateTime),
    "days and time duration": (datetime.timedelta,),
    "years and months duration": (YearsMonths,),
    "list": (list,),
    "context": (dict,),
    "range": (Range,),
    "Null": (type(None),),
}
_NAMES = {kind: name for name, kinds in _PYTHON.items() for kind in kinds}
ALIASES = {
    "dateTime": "date and time",
    "date time": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "days and time duration": "days and time duration",
}
_WITH_PARTS = frozenset(["list", "context", "range", "function"])
SIMPLE_NAMES = frozenset(_PYTHON) | {"Any", "function"} | frozenset(ALIASES)


def simple(name: str) -> Simple:
    """The built-in type of that name."""
    return Simple(ALIASES.get(name, name))


def name_of(value: Any) -> str:
    """The name of a value's type, for notes and messages."""
    return "function" if isinstance(value, Invocable) else _NAMES.get(type(value), "Any")


def is_type(kind: Type, declared: Mapping[str, Type]) -> bool:
    """Whether a text's type is one: its names are known, and a list, range or function tells its parts."""
    match kind:
        case Simple(name):
            return name not in _WITH_PARTS
        case Named(name):
            return name in declared
        case ListType(item) | RangeType(item):
            return is_type(item, declared)
        case ContextType(entries):
            return all(is_type(entry, declared) for _, entry in entries)
        case FunctionType(parameters, result):
            return all(is_type(part, declared) for part in (*parameters, result))
    return True


def is_instance(run: Run, value: Any, kind: Type, declared: Mapping[str, Type]) -> bool:
    """Whether a value that is not null belongs to a type; null belongs to `Null` and `Any` only.

    `declared` gives the types that `Named` refers to; an unknown one has no instances.
    """
    match kind:
        case Simple(name):
            return _is_simple(value, name)
        case Named(name):
            found = declared.get(name)
            return found is not None and is_instance(run, value, found, declared)
        case ListType(item):
            run.spend(len(value) if type(value) is list else 0)
            return type(value) is list and all(conforms(run, part, item, declared) for part in value)
        case ContextType(entries):
            run.spend(len(entries))
            return type(value) is dict and all(
                key in value and conforms(run, value[key], entry, declared) for key, entry in entries
            )
        case RangeType(item):
            return type(value) is Range and all(
                end is None or is_instance(run, end, item, declared) for end in (value.start, value.end)
            )
        case Restricted(base):
            return is_instance(run, value, base, declared)
        case FunctionType():
            return isinstance(value, Invocable) and _function_conforms(value, kind, declared)


def _is_simple(value: Any, name: str) -> bool:
    if name == "Any":
        return value is not None
    if name == "function":
        return isinstance(value, Invocable)
    return type(value) in _PYTHON.get(name, ())


def conforms(run: Run, value: Any, kind: Type, declared: Mapping[str, Type]) -> bool:
    """Whether a value may stand where a type is wanted: null always may."""
    return value is None or is_instance(run, value, kind, declared)


def _function_conforms(value: Invocable, kind: FunctionType, declared: Mapping[str, Type]) -> bool:
    own = getattr(value, "kind", None)
    if own is None:
        return True
    return is_subtype(own, kind, declared)


def is_subtype(kind: Type, wanted: Type, declared: Mapping[str, Type]) -> bool:
    """Whether each value of one type belongs to another."""
    kind, wanted = _resolved(kind, declared), _resolved(wanted, declared)
    if kind == wanted or wanted == ANY or kind == Simple("Null"):
        return True
    if isinstance(kind, Restricted):
        return is_subtype(kind.base, wanted, declared)
    match kind, wanted:
        case (ListType(own), ListType(item)) | (RangeType(own), RangeType(item)):
            return is_subtype(own, item, declared)
        case ContextType(own_entries), ContextType(entries):
            have = dict(own_entries)
            return all(key in have and is_subtype(have[key], entry, declared) for key, entry in entries)
        case FunctionType(own_parameters, own_result), FunctionType(parameters, result):
            return (
                len(own_parameters) == len(parameters)
                and all(is_subtype(p, o, declared) for p, o in zip(parameters, own_parameters, strict=True))
                and is_subtype(own_result, result, declared)
            )
    return False


def _resolved(kind: Type, declared: Mapping[str, Type]) -> Type:
    return declared.get(kind.name, kind) if isinstance(kind, Named) else kind


def coerce(run: Run, value: Any, kind: Type, declared: Mapping[str, Type]) -> Any:
    """The value where that type is wanted: itself, converted, or null.

    One item makes a list, a list of one makes its item, a date makes its midnight in UTC.
    """
    value = _converted(run, value, kind, declared)
    return value if value is not None and is_allowed(run, value, kind, declared) else None


def _converted(run: Run, value: Any, kind: Type, declared: Mapping[str, Type]) -> Any:
    if conforms(run, value, kind, declared):
        return value
    kind = _resolved(kind, declared)
    if isinstance(kind, Restricted):
        return _converted(run, value, kind.base, declared)
    if isinstance(kind, ListType) and type(value) is not list:
        return [value] if is_instance(run, value, kind.item, declared) else None
    if type(value) is list and len(value) == 1 and not isinstance(kind, ListType):
        return _converted(run, value[0], kind, declared)
    if kind == Simple("date and time") and type(value) is datetime.date:
        return datetime.datetime.combine(value, datetime.time(tzinfo=datetime.UTC))
    return None


def is_allowed(run: Run, value: Any, kind: Type, declared: Mapping[str, Type]) -> bool:
    """Whether a value of a type, and all in it, are among the allowed values of its item definitions."""
    match _resolved(kind, declared):
        case Restricted(base, allows):
            return is_allowed(run, value, base, declared) and allows(value)
        case ListType(item) if type(value) is list:
            return all(part is None or is_allowed(run, part, item, declared) for part in value)
        case ContextType(entries) if type(value) is dict:
            return all(
                value[key] is None or is_allowed(run, value[key], entry, declared) for key, entry in entries
            )
    return True
