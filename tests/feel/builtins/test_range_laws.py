"""Relations of ranges beside sets of points: every pair of small ranges, with every kind of bracket."""

import itertools
from decimal import Decimal

import pytest

from engine import feel
from tests.feel.examples import value_of

ENDS = range(1, 5)
GRID = [Decimal(n) / 4 for n in range(2, 20)]
RANGES = [
    feel.Range(Decimal(start), Decimal(end), opens, closes)
    for start, end in itertools.combinations_with_replacement(ENDS, 2)
    for opens, closes in itertools.product((True, False), repeat=2)
    if start < end or (opens and closes)
]
"""All ranges between small whole numbers that have a point; the grid has points between any two ends."""


def points(interval):
    above = GRID if interval.start_included else [p for p in GRID if p != interval.start]
    within = [p for p in above if interval.start <= p <= interval.end]
    return frozenset(p for p in within if interval.end_included or p != interval.end)


POINTS = {id(interval): points(interval) for interval in RANGES}


def before(a, b):
    return max(a) < min(b)


def meets(a, b):
    return max(a) == min(b)


def overlaps_before(a, b):
    """a begins first and they have a point in common; where a reaches b's end it may not go beyond."""
    return bool(a & b) and min(a) < min(b) and max(a) <= max(b)


def finishes(a, b):
    return max(a) == max(b) and a <= b


def starts(a, b):
    return min(a) == min(b) and a <= b


MODELS = {
    "before": before,
    "meets": meets,
    "overlaps": lambda a, b: bool(a & b),
    "overlaps before": overlaps_before,
    "finishes": finishes,
    "starts": starts,
    "includes": lambda a, b: a >= b,
    "coincides": lambda a, b: a == b,
}
INVERSES = {
    "before": "after",
    "meets": "met by",
    "overlaps": "overlaps",
    "overlaps before": "overlaps after",
    "finishes": "finished by",
    "starts": "started by",
    "includes": "during",
    "coincides": "coincides",
}


@pytest.mark.parametrize("name", MODELS)
def test_a_relation_of_two_ranges_is_that_of_their_points(name):
    expression, model = feel.parse(f"{name}(a, b)"), MODELS[name]
    wrong = [
        (feel.text_of(a), feel.text_of(b))
        for a, b in itertools.product(RANGES, repeat=2)
        if expression.evaluate({"a": a, "b": b}) is not model(POINTS[id(a)], POINTS[id(b)])
    ]
    assert wrong == []


@pytest.mark.parametrize(("name", "inverse"), INVERSES.items())
def test_a_relation_seen_from_the_other_side_is_its_inverse(name, inverse):
    both = feel.parse(f"{name}(a, b) = {inverse}(b, a)")
    assert all(both.evaluate({"a": a, "b": b}) is True for a, b in itertools.product(RANGES, repeat=2))


@pytest.mark.parametrize(
    ("name", "is_so"),
    [
        ("includes", lambda a, p: p in POINTS[id(a)]),
        ("started by", lambda a, p: a.start_included and p == a.start),
        ("finished by", lambda a, p: a.end_included and p == a.end),
        ("before", lambda a, p: max(POINTS[id(a)]) < p),
        ("after", lambda a, p: min(POINTS[id(a)]) > p),
    ],
)
def test_a_relation_to_a_point_is_that_of_the_ranges_points(name, is_so):
    expression = feel.parse(f"{name}(a, p)")
    swapped = feel.parse(f"{INVERSES.get(name) or dict(map(reversed, INVERSES.items()))[name]}(p, a)")
    for interval, p in itertools.product(RANGES, GRID):
        wanted = is_so(interval, p)
        assert expression.evaluate({"a": interval, "p": p}) is wanted, (feel.text_of(interval), p)
        assert swapped.evaluate({"a": interval, "p": p}) is wanted, (feel.text_of(interval), p)


def test_a_value_is_in_a_range_exactly_where_it_is_one_of_its_points():
    expression = feel.parse("p in a")
    for interval, p in itertools.product(RANGES, GRID):
        assert expression.evaluate({"a": interval, "p": p}) is (p in POINTS[id(interval)])


def test_exactly_one_of_before_after_and_overlaps_holds_for_two_ranges():
    expression = feel.parse("[before(a, b), after(a, b), overlaps(a, b)]")
    for a, b in itertools.product(RANGES, repeat=2):
        assert expression.evaluate({"a": a, "b": b}).count(True) == 1


@pytest.mark.parametrize("interval", RANGES, ids=feel.text_of)
def test_a_range_is_read_back_from_its_text(interval):
    assert value_of("range(t)", t=feel.text_of(interval)) == interval
    assert feel.evaluate(feel.text_of(interval)) == interval
    assert value_of("coincides(a, a) and a = a and includes(a, a)", a=interval) is True


def test_ranges_are_equal_only_with_the_same_ends_and_brackets():
    for a, b in itertools.product(RANGES, repeat=2):
        assert value_of("a = b", a=a, b=b) is (a == b)


SCALES = {
    "numbers": ("1", "2", "3"),
    "texts": ('"a"', '"b"', '"c"'),
    "dates": ('@"2026-01-01"', '@"2026-01-02"', '@"2026-01-03"'),
    "times": ('@"08:00:00"', '@"09:00:00"', '@"10:00:00"'),
    "moments": ('@"2026-01-01T08:00:00Z"', '@"2026-01-01T17:00:00+08:00"', '@"2026-01-01T10:00:00Z"'),
    "durations": ('@"PT1H"', '@"PT90M"', '@"P1D"'),
    "months": ('@"P11M"', '@"P1Y"', '@"P13M"'),
}


@pytest.mark.parametrize("kind", SCALES)
@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        ("before({0}, {1})", True),
        ("after([{1}..{2}], {0})", True),
        ("meets([{0}..{1}], [{1}..{2}])", True),
        ("overlaps([{0}..{1}), [{1}..{2}])", False),
        ("overlaps before([{0}..{1}], [{1}..{2}])", True),
        ("includes([{0}..{2}], {1})", True),
        ("during({1}, ({1}..{2}])", False),
        ("starts({0}, [{0}..{2}])", True),
        ("finishes([{1}..{2}], [{0}..{2}])", True),
        ("coincides({1}, {1})", True),
        ("{1} in [{0}..{2}]", True),
        ("{1} between {0} and {2}", True),
        ("{0} in (> {1})", False),
        ("[{0}..{2}].start = {0} and [{0}..{2}].end = {2}", True),
    ],
)
def test_the_relations_hold_on_every_scale_that_has_an_order(kind, relation, expected):
    assert feel.evaluate(relation.format(*SCALES[kind])) is expected


@pytest.mark.parametrize("name", [*MODELS, *INVERSES.values()])
@pytest.mark.parametrize(
    "arguments",
    ['[1..2], ["a".."b"]', "[1..2], null", "null, [1..2]", "{a: 1}, [1..2]", "true, true"]
    + ['[@"2026-01-01"..@"2026-01-02"], [1..2]'],
)
def test_what_can_not_be_compared_has_no_relation(name, arguments):
    assert feel.evaluate(f"{name}({arguments})") is None


@pytest.mark.parametrize(
    ("text", "start", "end", "brackets"),
    [
        ("[1..2]", "1", "2", (True, True)),
        ("(1..2)", "1", "2", (False, False)),
        ("]1..2[", "1", "2", (False, False)),
        ("[1..2)", "1", "2", (True, False)),
        ("(< 3)", "null", "3", (False, False)),
        ("(<= 3)", "null", "3", (False, True)),
        ("(> 3)", "3", "null", (False, False)),
        ("(>= 3)", "3", "null", (True, False)),
    ],
)
def test_a_range_tells_its_ends_and_its_brackets(text, start, end, brackets):
    members = "[r.start, r.end, r.start included, r.end included]"
    assert feel.evaluate(f"{{r: {text}, found: {members}}}.found") == [
        feel.evaluate(start),
        feel.evaluate(end),
        *brackets,
    ]
