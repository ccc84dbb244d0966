"""List functions that compute one value of many."""

import pytest

from tests.feel.examples import assert_value, rows

CASES = {
    "all": [
        ("all([true, null])", "null"),
        ("all(null)", "null"),
        ("all([])", "true"),
        ("all(true, null)", "null"),
        ("all([null])", "null"),
        ('all("a")', "null"),
        ("all(list: [true])", "true"),
        ("all(true,false)", "false"),
        ("all([true], false)", "false"),
        ("all(list: null)", "null"),
        ("all()", "null"),
        ("all([true, true])", "true"),
        ("all([true, false, null])", "false"),
        ("all(true)", "true"),
    ],
    "any": [
        ("any([true, null])", "true"),
        ("any([])", "false"),
        ("any(null)", "null"),
        ('any(true, "x")', "null"),
        ("any()", "null"),
        ("any([false, false])", "false"),
        ("any(false, true)", "true"),
        ("any([null, false])", "null"),
        ('any("x")', "null"),
    ],
    "count": [
        ("count(5)", "1"),
        ("count([])", "0"),
        ("count(null)", "null"),
        ("count(1)", "1"),
        ("count([null])", "1"),
        ("count([1, [2, 3]])", "2"),
        ("count(list: [1])", "1"),
    ],
    "max": [
        ('max("a", "b")', '"b"'),
        ('max(1, "b")', "null"),
        ("max([[1]])", "null"),
        ("max(1)", "1"),
        ('max(@"P1D", @"P2D")', '@"P2D"'),
        ('max(@"10:00:00", @"11:00:00")', '@"11:00:00"'),
        ('max([@"P1Y", @"P13M"])', '@"P1Y1M"'),
        ('max(1, @"P1D")', "null"),
    ],
    "mean": [
        ("mean([])", "null"),
        ("mean(1,2,3)", "2"),
        ("mean([1,null])", "null"),
        ('mean("a")', "null"),
        ("mean([1,2,3])", "2"),
        ("mean([1, 2])", "1.5"),
        ("mean(1)", "1"),
    ],
    "median": [
        ("median(8, 2, 5, 3, 4)", "4"),
        ("median([])", "null"),
        ("median(1, null)", "null"),
        ("median([6, 1, 2, 3])", "2.5"),
        ("median(3)", "3"),
    ],
    "min": [
        ("min([3, 1, 2])", "1"),
        ("min(null)", "null"),
        ("min([])", "null"),
        ("min([null])", "null"),
        ("min(1, null)", "null"),
        ('min("a", "b")', '"a"'),
        ('min(@"2017-01-01", @"2016-01-01")', '@"2016-01-01"'),
        ('min([1,"a"])', "null"),
        ("min(true)", "null"),
        ("min(list: [1,2])", "1"),
        ("min(1, 2, 3)", "1"),
        ("min([1, 2, 3])", "1"),
    ],
    "mode": [
        ("mode([6, 1, 9, 6, 1])", "[1, 6]"),
        ("mode([])", "[]"),
        ("mode(null)", "null"),
        ("mode()", "null"),
        ("mode(6, 3, 9, 6, 6)", "[6]"),
        ("mode([1, 1, 2, 2])", "[1, 2]"),
        ("mode([1, null])", "null"),
    ],
    "product": [
        ("product([])", "null"),
        ("product(null)", "null"),
        ("product([2,3,4])", "24"),
        ("product(2,null)", "null"),
        ("product([0.5, 4])", "2"),
    ],
    "stddev": [
        ("stddev([2, 4, 7, 5]) > 2.08 and stddev([2, 4, 7, 5]) < 2.09", "true"),
        ("stddev([])", "null"),
        ("stddev([1])", "null"),
        ("stddev(1,2)", "0.707106781186547524400844362104849"),
        ("stddev([1, null])", "null"),
        ("stddev(2, 4, 7, 5)", "2.081665999466132735282297706979931"),
    ],
    "sum": [
        ("sum([])", "null"),
        ("sum(null)", "null"),
        ("sum([1,null])", "null"),
        ('sum("a")', "null"),
        ('sum([1,"a"])', "null"),
        ("sum(1,2)", "3"),
        ("sum(true)", "null"),
        ("sum([1.1, 2.2])", "3.3"),
        ("sum(null, 1)", "null"),
    ],
}


@pytest.mark.parametrize(("text", "expected"), rows(CASES))
def test_a_function_of_many_values_gives_what_the_standard_says(text, expected):
    assert_value(text, expected)
