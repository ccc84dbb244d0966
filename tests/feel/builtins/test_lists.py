"""List functions that look at, cut or join lists."""

import pytest

from tests.feel.examples import assert_value, rows

CASES = {
    "append": [
        ("append([1], 2, 3)", "[1, 2, 3]"),
        ("append([1])", "null"),
        ("append(null, 1)", "null"),
        ("append(1, 2)", "[1, 2]"),
        ("append([1], null)", "[1, null]"),
        ("append([], [1])", "[[1]]"),
    ],
    "concatenate": [
        ("concatenate([1],[2,3])", "[1, 2, 3]"),
        ("concatenate(1,2)", "[1, 2]"),
        ("concatenate([1], null)", "null"),
        ("concatenate()", "null"),
        ("concatenate([], [1], [[2]])", "[1, [2]]"),
    ],
    "distinct values": [
        ("distinct values([1, 2, 1, null, null, [1], [1]])", "[1, 2, null, [1]]"),
        ("distinct values(null)", "null"),
        ("distinct values(1)", "[1]"),
        ('distinct values([1, 1.0, "1"])', '[1, "1"]'),
        ("distinct values([{a: 1}, {a: 1}])", "[{a: 1}]"),
        (
            'distinct values([@"2020-01-01", @"2020-01-01T00:00:00"])',
            '[@"2020-01-01", @"2020-01-01T00:00:00"]',
        ),
    ],
    "duplicate values": [
        ("duplicate values([1,1])", "null"),
    ],
    "flatten": [
        ("flatten([[1, [2]], [[[3]]]])", "[1, 2, 3]"),
        ("flatten(null)", "null"),
        ("flatten(1)", "[1]"),
        ("flatten([[1,[2]],null])", "[1, 2, null]"),
        ("flatten([])", "[]"),
    ],
    "index of": [
        ("index of([1, 2, 1], 1)", "[1, 3]"),
        ("index of([1,null,1], null)", "[2]"),
        ("index of([1], 2)", "[]"),
        ("index of(null, 1)", "null"),
        ('index of(["a", "b", "a"], "a")', "[1, 3]"),
    ],
    "insert before": [
        ("insert before([1, 3], 2, 2)", "[1, 2, 3]"),
        ("insert before([1,2], 3, 5)", "null"),
        ("insert before([1,2], 0, 5)", "null"),
        ("insert before([1,2], -1, 5)", "[1, 5, 2]"),
        ("insert before([], 1, 5)", "null"),
        ("insert before([1, 2, 3], 2, [9])", "[1, [9], 2, 3]"),
    ],
    "list contains": [
        ("list contains([1,null], null)", "true"),
        ("list contains(null, 1)", "null"),
        ('list contains([1,"a"], "a")', "true"),
        ("list contains([[1], 2], [1])", "true"),
        ("list contains([1, 2, null], null)", "true"),
    ],
    "list replace": [
        ("list replace([1, 2, 3], 2, 9)", "[1, 9, 3]"),
        ("list replace([1, 2, 3], function(old, new) old < 3, 0)", "[0, 0, 3]"),
        ("list replace([1,2,3], 4, 0)", "null"),
        ("list replace([1,2,3], 0, 0)", "null"),
        ("list replace([1,2,3], 1, null)", "[null, 2, 3]"),
        ("list replace(null, 1, 2)", "null"),
        ("list replace([1,2,3], function(item, newItem) item = 2, 5)", "[1, 5, 3]"),
        ("list replace([1,2,3], function(item) item = 2, 5)", "null"),
        ("list replace([1,2,3], function(item, newItem) null, 5)", "null"),
        ("list replace(list: [1,2,3], position: 1, newItem: 5)", "[5, 2, 3]"),
        (
            "list replace(list: [1,2,3], match: function(item, newItem) item > newItem, newItem: 2)",
            "[1, 2, 2]",
        ),
        ("list replace(1, 1, 2)", "[2]"),
    ],
    "remove": [
        ("remove([1, 2, 3], -1)", "[1, 2]"),
        ("remove([1], 1)", "[]"),
        ("remove([1], 2)", "null"),
        ("remove(null, 1)", "null"),
        ("remove([1, 2, 3], 2)", "[1, 3]"),
    ],
    "reverse": [
        ("reverse([1,2,3])", "[3, 2, 1]"),
        ("reverse(null)", "null"),
        ("reverse([])", "[]"),
        ("reverse(1)", "[1]"),
    ],
    "sort": [
        ("sort([3, 1, 2])", "[1, 2, 3]"),
        ("sort(list: [3, 1, 2], precedes: function(a, b) a > b)", "[3, 2, 1]"),
        ("sort([1,3,2], function(x,y) x > y)", "[3, 2, 1]"),
        ("sort([1,3,2])", "[1, 2, 3]"),
        ('sort(list: ["b","a"], precedes: function(a,b) a < b)', '["a", "b"]'),
        ("sort([])", "[]"),
        ('sort([1,"a"], function(a,b) a<b)', "null"),
        ("sort(null, function(a,b) a<b)", "null"),
        ('sort([@"2020-02-01", @"2020-01-01"])', '[@"2020-01-01", @"2020-02-01"]'),
        ("sort([true, false])", "null"),
        ("sort([{a: 2}, {a: 1}], function(x, y) x.a < y.a)", "[{a: 1}, {a: 2}]"),
        ("sort([3, 1], function(x) x)", "null"),
        ("sort(5)", "[5]"),
    ],
    "sublist": [
        ("sublist([4, 5, 6], -2, 1)", "[5]"),
        ("sublist([1,2,3], 2)", "[2, 3]"),
        ("sublist([1,2,3], 1, 2)", "[1, 2]"),
        ("sublist([1,2,3], -1)", "[3]"),
        ("sublist([1,2,3], 0)", "null"),
        ("sublist([1,2,3], 4)", "null"),
        ("sublist([1,2,3], 2, 5)", "null"),
        ("sublist([1,2,3], 2, 0)", "null"),
        ("sublist([1,2,3], 2, null)", "[2, 3]"),
        ("sublist(list:[1,2,3], start position: 2, length: 1)", "[2]"),
        ("sublist([1, 2, 3], -2)", "[2, 3]"),
        ("sublist([1, 2, 3], -3, 2)", "[1, 2]"),
        ("sublist([1, 2, 3], -4)", "null"),
        ("sublist([1, 2, 3], 1.5)", "null"),
    ],
    "union": [
        ("union([1, 2], [2.0, 3])", "[1, 2, 3]"),
        ("union([1,2],[2,3])", "[1, 2, 3]"),
        ("union([1], null)", "null"),
        ("union([1,null],[null])", "[1, null]"),
        ("union([1, 1], [1])", "[1]"),
        ("union([[1]], [[1]])", "[[1]]"),
    ],
}


@pytest.mark.parametrize(("text", "expected"), rows(CASES))
def test_a_function_of_lists_gives_what_the_standard_says(text, expected):
    assert_value(text, expected)
