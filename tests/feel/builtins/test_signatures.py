"""Every built-in function with each of its signatures: by place, by name, and what they refuse."""

import datetime
import itertools
from decimal import Decimal

import pytest

from engine import feel
from engine.feel.builtins import BUILTINS

VALUES = {
    "number": Decimal(2),
    "string": "ab",
    "boolean": True,
    "date": datetime.date(2026, 11, 23),
    "time": datetime.time(10, 30),
    "moment": datetime.datetime(2026, 11, 23, 10, 30),
    "duration": datetime.timedelta(hours=8),
    "months": feel.YearsMonths(14),
    "list": [Decimal(1), Decimal(2), Decimal(3)],
    "context": {"a": Decimal(1)},
    "range": feel.Range(Decimal(1), Decimal(5)),
    "function": feel.evaluate("function(a, b) b != null and a > b"),
}
TEXTS = {
    "date string": "2026-11-23",
    "time string": "10:30:00",
    "moment string": "2026-11-23T10:30:00",
    "duration string": "P1DT2H",
    "number string": "1 000.5",
    "range string": "[1..5]",
    "pattern": "b",
    "key": "a",
    "separator": " ",
    "point sign": ".",
    "zone": "Asia/Shanghai",
}
CLOCK = "year: number, month: number, day: number, hour: number, minute: number, second: number"
SIGNATURES = {
    "abs": ["n: number", "n: duration", "n: months"],
    "after": ["point1: number, point2: number", "point: number, range: range", "range: range, point: number"]
    + ["range1: range, range2: range"],
    "all": ["list: booleans"],
    "any": ["list: booleans"],
    "before": ["point1: number, point2: number", "point: number, range: range", "range: range, point: number"]
    + ["range1: range, range2: range"],
    "ceiling": ["n: number", "n: number, scale: number"],
    "coincides": ["point1: number, point2: number", "range1: range, range2: range"],
    "contains": ["string: string, match: string"],
    "context": ["entries: entries"],
    "context merge": ["contexts: contexts"],
    "context put": ["context: context, key: key, value: any", "context: context, keys: keys, value: any"],
    "count": ["list: list"],
    "date": ["from: date string", "from: date", "from: moment", "year: number, month: number, day: number"],
    "date and time": [
        "from: moment string",
        "from: moment",
        "date: date, time: time",
        "date: moment, time: time",
    ]
    + [CLOCK, f"{CLOCK}, offset: duration", f"{CLOCK}, timezone: zone"],
    "day of week": ["date: date", "date: moment"],
    "day of year": ["date: date", "date: moment"],
    "decimal": ["n: number, scale: number"],
    "distinct values": ["list: list"],
    "duration": ["from: duration string", "from: duration", "from: months"],
    "during": ["point: number, range: range", "range1: range, range2: range"],
    "ends with": ["string: string, match: string"],
    "even": ["number: number"],
    "exp": ["number: number"],
    "finished by": ["range: range, point: number", "range1: range, range2: range"],
    "finishes": ["point: number, range: range", "range1: range, range2: range"],
    "flatten": ["list: list"],
    "floor": ["n: number", "n: number, scale: number"],
    "get entries": ["m: context"],
    "get value": ["m: context, key: key", "m: context, keys: keys"],
    "includes": ["range: range, point: number", "range1: range, range2: range"],
    "index of": ["list: list, match: any"],
    "insert before": ["list: list, position: number, newItem: any"],
    "is": ["value1: any, value2: any"],
    "list contains": ["list: list, element: any"],
    "list replace": [
        "list: list, position: number, newItem: any",
        "list: list, match: function, newItem: number",
    ],
    "log": ["number: number"],
    "lower case": ["string: string"],
    "matches": ["input: string, pattern: pattern", "input: string, pattern: pattern, flags: flags"],
    "mode": ["list: list"],
    "meets": ["range1: range, range2: range"],
    "met by": ["range1: range, range2: range"],
    "modulo": ["dividend: number, divisor: number"],
    "month of year": ["date: date", "date: moment"],
    "not": ["negand: boolean"],
    "number": [
        "from: number string, grouping separator: separator, decimal separator: point sign",
        "from: number",
    ],
    "odd": ["number: number"],
    "overlaps": ["range1: range, range2: range"],
    "overlaps after": ["range1: range, range2: range"],
    "overlaps before": ["range1: range, range2: range"],
    "range": ["from: range string"],
    "remove": ["list: list, position: number"],
    "replace": ["input: string, pattern: pattern, replacement: string"]
    + ["input: string, pattern: pattern, replacement: string, flags: flags"],
    "reverse": ["list: list"],
    "sort": ["list: list", "list: list, precedes: function"],
    "split": ["string: string, delimiter: pattern"],
    "sqrt": ["number: number"],
    "started by": ["range: range, point: number", "range1: range, range2: range"],
    "starts": ["point: number, range: range", "range1: range, range2: range"],
    "starts with": ["string: string, match: string"],
    "string": ["from: any"],
    "string join": ["list: strings", "list: strings, delimiter: string"],
    "string length": ["string: string"],
    "sublist": ["list: list, start position: number", "list: list, start position: number, length: number"],
    "substring": [
        "string: string, start position: one",
        "string: string, start position: one, length: number",
    ],
    "substring after": ["string: string, match: string"],
    "substring before": ["string: string, match: string"],
    "time": [
        "from: time string",
        "from: time",
        "from: moment",
        "hour: number, minute: number, second: number",
    ]
    + ["hour: number, minute: number, second: number, offset: duration"],
    "upper case": ["string: string"],
    "week of year": ["date: date", "date: moment"],
    "years and months duration": ["from: date, to: date", "from: moment, to: moment"],
    **{name: ["list: list"] for name in ("max", "mean", "median", "min", "product", "stddev", "sum")},
    **{f"round {mode}": ["n: number, scale: number"] for mode in ("up", "down", "half up", "half down")},
    "now": [],
    "today": [],
    "append": [],
    "concatenate": [],
    "union": [],
}
"""Those that take any number of arguments, or none, stand without a signature: they have no names to give."""
OTHERS = {
    "booleans": [True, False],
    "entries": [{"key": "a", "value": Decimal(1)}],
    "contexts": [{"a": Decimal(1)}, {"b": Decimal(2)}],
    "keys": ["a"],
    "strings": ["a", "b"],
    "flags": "i",
    "one": Decimal(1),
    "any": Decimal(7),
}
KINDS = {**dict.fromkeys((*TEXTS, "flags"), "string"), "one": "number"} | {
    **{name: name for name in VALUES},
    **dict.fromkeys(["booleans", "entries", "contexts", "keys", "strings"], "list"),
}
EXAMPLES = {**VALUES, **TEXTS, **OTHERS}
ROWS = [(name, signature) for name, signatures in SIGNATURES.items() for signature in signatures]


def parameters(signature):
    return [tuple(part.split(": ")) for part in signature.split(", ")]


def called(name, arguments, names=()):
    """The value of a call with arguments by place, or by name."""
    context = {f"p{place}": argument for place, argument in enumerate(arguments)}
    parts = (
        [f"{label}: {key}" for label, key in zip(names, context, strict=False)] if names else list(context)
    )
    return feel.evaluate(f"{name}({', '.join(parts)})", context)


def examples(signature):
    return [EXAMPLES[kind] for _, kind in parameters(signature)]


def test_the_table_has_every_built_in():
    assert sorted(SIGNATURES) == sorted(BUILTINS)


@pytest.mark.parametrize(("name", "signature"), ROWS)
def test_a_call_by_places_has_a_value_and_a_call_by_names_the_same(name, signature):
    labels, arguments = [label for label, _ in parameters(signature)], examples(signature)
    by_place = called(name, arguments)
    assert by_place is not None
    assert feel.text_of(called(name, arguments, labels)) == feel.text_of(by_place)
    turned = called(name, arguments[::-1], labels[::-1])
    assert feel.text_of(turned) == feel.text_of(by_place)


@pytest.mark.parametrize(("name", "signature"), ROWS)
def test_an_argument_in_a_list_of_one_stands_for_itself(name, signature):
    arguments = examples(signature)
    takes_lists = [kind in ("any", "keys") or KINDS.get(kind) == "list" for _, kind in parameters(signature)]
    if any(takes_lists) or name in ("count", "is", "string", "context put", "get value"):
        return
    for place in range(len(arguments)):
        wrapped = [[value] if at == place else value for at, value in enumerate(arguments)]
        assert feel.text_of(called(name, wrapped)) == feel.text_of(called(name, arguments))


def accepted_kinds(name, count, place):
    """The kinds that some signature of so many parameters takes at a place."""
    return {
        "any" if kind == "any" else KINDS[kind]
        for signature in SIGNATURES[name]
        if len(found := parameters(signature)) == count
        for kind in [found[place][1]]
    }


@pytest.mark.parametrize(("name", "signature"), ROWS)
def test_an_argument_of_a_kind_that_no_signature_takes_gives_null(name, signature):
    arguments = examples(signature)
    wrong = []
    for place, kind in itertools.product(range(len(arguments)), VALUES):
        accepted = accepted_kinds(name, len(arguments), place)
        if accepted & {"any", "list", kind} or (name, kind) in ORDERED or (name, kind) in CONVERTED:
            continue
        if (
            called(name, [VALUES[kind] if at == place else value for at, value in enumerate(arguments)])
            is not None
        ):
            wrong.append((place, kind))
    assert wrong == []


POINTS = ["string", "date", "time", "moment", "duration", "months"]
RELATIONS = [
    "before",
    "after",
    "coincides",
    "during",
    "includes",
    "starts",
    "started by",
    "finishes",
    "finished by",
]
ORDERED = set(itertools.product(RELATIONS, POINTS))
"""Points of every kind that has an order, each beside its own."""
CONVERTED = {("time", "date"), ("years and months duration", "date"), ("years and months duration", "moment")}
"""A date's time is midnight in UTC; months are counted between dates, whatever clock stands beside them."""
TAKES_NULL = {
    ("index of", 1),
    ("insert before", 2),
    ("is", 0),
    ("is", 1),
    ("list contains", 1),
    ("list replace", 2),
    ("context put", 2),
    ("date and time", 6),
    ("time", 3),
    ("number", 1),
    ("number", 2),
    ("string join", 1),
    ("matches", 2),
    ("replace", 3),
    ("sort", 1),
    ("sublist", 2),
    ("substring", 2),
}
"""The functions and places, from 0, where null is a value like another, or means that nothing is given."""


@pytest.mark.parametrize(("name", "signature"), ROWS)
def test_null_gives_null_except_where_it_means_something(name, signature):
    arguments = examples(signature)
    for place in range(len(arguments)):
        found = called(name, [None if at == place else value for at, value in enumerate(arguments)])
        if (name, place) in TAKES_NULL:
            assert found is not None or name == "number", place
        else:
            assert found is None, place


@pytest.mark.parametrize(("name", "signature"), ROWS)
def test_an_argument_too_many_or_an_unknown_name_gives_null(name, signature):
    labels, arguments = [label for label, _ in parameters(signature)], examples(signature)
    assert called(name, arguments, [*labels[:-1], "nonsense"]) is None
    if not any(overload.rest for overload in BUILTINS[name].overloads):
        assert called(name, [*arguments, *[Decimal(1)] * 9]) is None


@pytest.mark.parametrize(
    ("name", "least"), [("append", 2), ("concatenate", 1), ("union", 1), ("min", 1), ("sum", 1)]
)
def test_a_function_of_any_number_of_arguments_takes_one_more(name, least):
    arguments = [VALUES["list"], *[[Decimal(1)] if name in ("concatenate", "union") else Decimal(1)] * 5]
    if name in ("min", "sum"):
        arguments = [Decimal(4)] * 6
    assert called(name, arguments[: least - 1]) is None
    for count in range(least, 6):
        assert called(name, arguments[:count]) is not None


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_a_built_in_is_a_value_that_can_be_handed_over(name):
    assert feel.evaluate(f"{{f: {name}, same: f = {name}}}.same") is True
    assert feel.evaluate(f"{name} != null") is True
