"""Range functions: where points and ranges lie to one another, by the table of the standard."""

import pytest

from tests.feel.examples import assert_value, rows

CASES = {
    "after": [
        ("after(10, 5)", "true"),
        ("after([15..20], [1..10])", "true"),
        ("after(12, [1..10])", "true"),
        ("after(10, [1..10))", "true"),
        ("after([11..20], 10)", "true"),
    ],
    "before": [
        ("before(1, 10)", "true"),
        ("before(10, 1)", "false"),
        ("before(1, [1..10])", "false"),
        ("before(1, (1..10])", "true"),
        ("before([1..10], 10)", "false"),
        ("before([1..10), 10)", "true"),
        ("before([1..10], [15..20])", "true"),
        ("before(null, 1)", "null"),
        ('before(1, "a")', "null"),
        ('before("a", "b")', "true"),
        ('before(@"2017-01-01", @"2018-01-01")', "true"),
        ("before((<5), 10)", "true"),
        ("before([1..5], (>6))", "true"),
        ("before([1..10), [10..20])", "true"),
        ("before([1..10], (10..20])", "true"),
        ("before([1..10], [10..20])", "false"),
        ("before(point1: 1, point2: 2)", "true"),
        ('before(@"P1D", @"PT25H")', "true"),
    ],
    "coincides": [
        ("coincides(5, 5)", "true"),
        ("coincides([1..5], [1..5])", "true"),
        ("coincides([1..5], [1..5))", "false"),
        ("coincides(3, 4)", "false"),
        ("coincides([1..5], [2..6])", "false"),
        ("coincides([1..5], 5)", "null"),
    ],
    "during": [
        ("during(5, [1..10])", "true"),
        ("during((1..10), [1..10])", "true"),
        ("during(5, (>3))", "true"),
        ("during([4..6], [1..10])", "true"),
        ("during(0, [1..10])", "false"),
        ("during(10, [1..10))", "false"),
        ("during(range: [1..5], point: 3)", "true"),
    ],
    "finished by": [
        ("finished by([1..10], 10)", "true"),
        ("finished by([1..10], [5..10])", "true"),
        ("finished by([1..10], [5..10))", "false"),
    ],
    "finishes": [
        ("finishes(10, [1..10])", "true"),
        ("finishes(10, [1..10))", "false"),
        ("finishes([5..10], [1..10])", "true"),
        ("finishes([5..10), [1..10])", "false"),
        ("finishes((1..10], [1..10])", "true"),
        ("finishes([5..10), [1..10))", "true"),
    ],
    "includes": [
        ("includes([1..10], 5)", "true"),
        ("includes([1..10], [1..10])", "true"),
        ("includes((>=5), 6)", "true"),
        ("includes([1..10], (1..10))", "true"),
        ("includes((1..10), [1..10])", "false"),
        ("includes([1..5], 6)", "false"),
        ('includes(["a".."c"], "b")', "true"),
    ],
    "meets": [
        ("meets([1..5], [5..10])", "true"),
        ("meets([1..5], null)", "null"),
        ("meets([1..5], (5..8])", "false"),
        ("meets([1..5), [5..8])", "false"),
        ("meets(1, [1..2])", "null"),
    ],
    "met by": [
        ("met by([5..10], [1..5])", "true"),
        ("met by([5..8], [1..5))", "false"),
        ("met by((5..8], [1..5])", "false"),
        ("met by([5..8], (1..5])", "true"),
    ],
    "overlaps": [
        ("overlaps([1..5], [3..8])", "true"),
        ("overlaps([5..8], [1..5))", "false"),
        ("overlaps((<5), [3..8])", "null"),
        ("overlaps([1..5], [5..8])", "true"),
        ("overlaps([1..5], (5..8])", "false"),
        ("overlaps([1..3], [4..6])", "false"),
    ],
    "overlaps after": [
        ("overlaps after([3..8], [1..5])", "true"),
        ("overlaps after((1..5], [1..5))", "true"),
        ("overlaps after([5..8], [1..5])", "true"),
        ("overlaps after((5..8], [1..5])", "false"),
        ("overlaps after([6..8], [1..5])", "false"),
        ("overlaps after([5..8], [1..5))", "false"),
        ("overlaps after((1..5], [1..5])", "true"),
        ("overlaps after([1..5], [1..5))", "false"),
        ("overlaps after([1..5], [1..5])", "false"),
    ],
    "overlaps before": [
        ("overlaps before([1..5], [3..8])", "true"),
        ("overlaps before([1..5], (5..8])", "false"),
        ("overlaps before((<5), [3..8])", "null"),
        ("overlaps before([1..5], [5..8])", "true"),
        ("overlaps before([1..5), [1..5])", "false"),
        ("overlaps before([1..5], [1..5])", "false"),
        ("overlaps before((1..5], [1..5])", "false"),
        ("overlaps before([1..5], (1..5])", "true"),
        ("overlaps before([1..5], [6..8])", "false"),
        ("overlaps before([1..5), [5..8])", "false"),
        ("overlaps before([1..5), (1..5])", "true"),
    ],
    "started by": [
        ("started by([1..10], 1)", "true"),
        ("started by([1..10], [1..5])", "true"),
        ("started by([1..10], (1..5])", "false"),
        ("started by((1..10], 1)", "false"),
    ],
    "starts": [
        ("starts(1, [1..10])", "true"),
        ("starts(1, (1..10])", "false"),
        ("starts([1..5], [1..10])", "true"),
        ("starts((1..5], [1..10])", "false"),
        ("starts((1..5], (1..5])", "true"),
    ],
}


@pytest.mark.parametrize(("text", "expected"), rows(CASES))
def test_a_relation_of_ranges_gives_what_the_standard_says(text, expected):
    assert_value(text, expected)
