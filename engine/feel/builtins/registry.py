"""Where the built-in functions are declared: each by its signatures in FEEL."""

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.calls import Builtin, Overload, Parameter
from engine.feel.values import Invocable, Range, YearsMonths
from engine.feel.wide import WideDate, WideDateTime

BUILTINS: dict[str, Builtin] = {}

_KINDS: dict[str, tuple[type, ...]] = {
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "date": (datetime.date, WideDate),
    "time": (datetime.time,),
    "moment": (datetime.datetime, WideDateTime),
    "duration": (datetime.timedelta,),
    "months": (YearsMonths,),
    "list": (list,),
    "context": (dict,),
    "range": (Range,),
    "function": (Invocable,),
    "point": (Decimal, str, datetime.date, WideDate, datetime.time, datetime.datetime, WideDateTime)
    + (datetime.timedelta, YearsMonths),
}
_PARAMETER = re.compile(r"(?P<rest>\*?)(?P<names>[^:?]+)(?P<optional>\??): (?P<kinds>[a-z|]+)")

Implementation = Callable[..., Any]


def builtin(name: str, *signatures: str) -> Callable[[Implementation], Implementation]:
    """Declare a function's overloads: `builtin("abs", "n: number")`.

    A parameter is `name: kinds`, with `|` between kinds or names' spellings (`/`), `?` after the name of
    one that may be absent, `*` before one that takes all further arguments; kind `null` lets null in.
    """

    def declare(call: Implementation) -> Implementation:
        overloads = tuple(_overload(signature, call) for signature in signatures)
        known = BUILTINS.get(name)
        BUILTINS[name] = Builtin(name, (known.overloads if known else ()) + overloads)
        return call

    return declare


def _overload(signature: str, call: Implementation) -> Overload:
    found = [_PARAMETER.fullmatch(part) for part in signature.split(", ") if part]
    parameters = tuple(_parameter(part) for part in found if part)
    return Overload(parameters, call, any(part and part["rest"] for part in found))


def _parameter(part: re.Match[str]) -> Parameter:
    names = part["kinds"].split("|")
    kinds = frozenset(kind for name in names for kind in _KINDS.get(name, ()))
    optional = bool(part["optional"])
    takes_null = "null" in names or "any" in names
    return Parameter(tuple(part["names"].split("/")), None if "any" in names else kinds, optional, takes_null)
