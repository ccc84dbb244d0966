"""Context functions, and those of truth and sameness."""

import pytest

from tests.feel.examples import assert_value, rows

CASES = {
    "context": [
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"),
        ('context([{key:"a", value:1}])', "{a: 1}"),
        ('context({key:"a", value:1})', "{a: 1}"),
        ('context([{key:"a"}])', "null"),
        ("context([])", "{}"),
        ("context([{key:null,value:1}])", "null"),
        ('context([{key:"a",value:1,extra:2}])', "{a: 1}"),
        ('context([{key:"a",value:null}])', "{a: null}"),
        ('context(entries: [{key:"a", value:1}])', "{a: 1}"),
    ],
    "context merge": [
        ("context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"),
        ("context merge([{a:1},{b:2}])", "{a: 1, b: 2}"),
        ("context merge({a:1})", "{a: 1}"),
        ("context merge([])", "{}"),
        ("context merge([{a:1}, null])", "null"),
        ("context merge(null)", "null"),
        ("context merge(contexts: [{a:1}])", "{a: 1}"),
        ("context merge([{a: {x: 1}}, {a: {y: 2}}])", "{a: {y: 2}}"),
    ],
    "context put": [
        ('context put({a: 1}, ["a", "b"], 2)', "null"),
        ('context put({}, "a", 1)', "{a: 1}"),
        ('context put({a:1}, "a", null)', "{a: null}"),
        ('context put(null, "a", 1)', "null"),
        ('context put({a:1}, "", 1)', '{a: 1, "": 1}'),
        ("context put({a:1}, null, 1)", "null"),
        ('context put({a: {b: 1}}, ["a","b"], 2)', "{a: {b: 2}}"),
        ('context put({a: {b: 1}}, ["a","c"], 2)', "{a: {b: 1, c: 2}}"),
        ("context put({a: {b: 1}}, [], 2)", "null"),
        ('context put({}, ["a"], 2)', "{a: 2}"),
        ('context put({}, ["a", "b"], 2)', "null"),
        ('context put({a:1}, ["a", "b"], 2)', "null"),
        ('context put(context: {a:1}, keys: ["b"], value: 2)', "{a: 1, b: 2}"),
        ("context put({a:1}, [null], 2)", "null"),
        ('context put({a: 1}, "b", {c: 2})', "{a: 1, b: {c: 2}}"),
        ('context put({a: 1}, "a", 2)', "{a: 2}"),
    ],
    "get entries": [
        ("get entries({})", "[]"),
        ("get entries(null)", "null"),
        ("get entries(m: {a: 1})", '[{key: "a", value: 1}]'),
        ('get entries({a: 1, b: "x"})', '[{key: "a", value: 1}, {key: "b", value: "x"}]'),
    ],
    "get value": [
        ('get value({a: {b: 1}}, ["a", "b"])', "1"),
        ('get value({a: 1}, "b")', "null"),
        ("get value({a: 1}, null)", "null"),
        ('get value(null, "a")', "null"),
        ("get value({a: {b: 5}}, [])", "null"),
        ('get value(m: {a: 1}, key: "a")', "1"),
        ('get value({a: {b: 5}}, ["a"])', "{b: 5}"),
        ('get value({a: null}, "a")', "null"),
        ('get value({a: {b: {c: 1}}}, ["a", "b", "c"])', "1"),
        ('get value({a: 1}, ["a", "b"])', "null"),
        ("get value({a: 1}, [1])", "null"),
    ],
    "is": [
        ('is(@"10:00:00Z", @"10:00:00@Etc/UTC")', "false"),
        ("is(1, 1.0)", "true"),
        ("is([], [])", "true"),
        ("is(null, null)", "true"),
        ('is(@"23:00:50z", @"23:00:50")', "false"),
        ('is(@"2012-12-25", @"2012-12-25T00:00:00")', "false"),
        ('is(1, "1")', "false"),
        ("is([1], [1])", "true"),
        ("is({a: 1}, {a: 1})", "true"),
        ('is(@"P1Y", @"P12M")', "true"),
        ('is(@"10:00:00@Europe/Paris", @"10:00:00@Europe/Paris")', "true"),
        ('is(@"2020-01-01T10:00:00Z", @"2020-01-01T11:00:00+01:00")', "false"),
    ],
    "not": [
        ("not(null)", "null"),
        ("not(1)", "null"),
        ("not(1 instance of string)", "true"),
        ("not(true)", "false"),
        ('not("a")', "null"),
    ],
}


@pytest.mark.parametrize(("text", "expected"), rows(CASES))
def test_a_function_of_contexts_gives_what_the_standard_says(text, expected):
    assert_value(text, expected)
