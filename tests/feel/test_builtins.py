"""The built-in functions, by examples of the standard and at their edges."""

import pytest

from engine import feel


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("foobar", 3)', '"obar"'),
        ('substring("foobar", -2, 1)', '"a"'),
        ('substring("\\U01F40Eab", 2)', '"ab"'),
        ('string length("\\uD83D\\uDC0E")', "1"),
        ('substring before("foobar", "bar")', '"foo"'),
        ('substring after("", "a")', '""'),
        ('split("a;b;;c", ";")', '["a", "b", "", "c"]'),
        ('string join(["a", null, "c"], "-")', '"a-c"'),
        ('replace("0123456789", "(\\d{3})(\\d{3})(\\d{4})", "($1) $2-$3")', '"(012) 345-6789"'),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', '"[1=ab][2=]cd"'),
        ('replace("a.b", ".", "x", "q")', '"axb"'),
        ('replace("abc", "x*", "-")', "null"),
        ('matches("abc", "A.C", "i")', "true"),
        ('matches("a\nc", "a.c")', "false"),
        ('matches("a\nc", "a.c", "s")', "true"),
        ('matches("x5", "[\\w-[\\d]]\\d")', "true"),
        ('matches("55", "[\\w-[\\d]]\\d")', "false"),
        ('matches("握手", "\\p{IsCJKUnifiedIdeographs}{2}")', "true"),
        ('matches("abab", "(ab)\\1")', "true"),
        ('matches("abc", "(ab)\\1")', "false"),
        ('matches("a", "(a")', "null"),
        ('matches("a", "a", "z")', "null"),
        ("decimal(2.5, 0)", "2"),
        ("decimal(1/3, 2)", "0.33"),
        ("floor(-1.5)", "-2"),
        ("ceiling(1.55, 1)", "1.6"),
        ("round up(-5.5, 0)", "-6"),
        ("round half down(-5.5, 0)", "-5"),
        ("modulo(-12, 5)", "3"),
        ("modulo(10.1, -4.5)", "-3.4"),
        ("sqrt(-1)", "null"),
        ("odd(5.0)", "true"),
        ("even(1e30)", "true"),
        ('abs(@"-P1Y")', '@"P1Y"'),
        ("min([3, 1, 2])", "1"),
        ('max("a", "b")', '"b"'),
        ('max(1, "b")', "null"),
        ("sum([])", "null"),
        ("median(8, 2, 5, 3, 4)", "4"),
        ("mode([6, 1, 9, 6, 1])", "[1, 6]"),
        ("stddev([2, 4, 7, 5]) > 2.08 and stddev([2, 4, 7, 5]) < 2.09", "true"),
        ("all([true, null])", "null"),
        ("any([true, null])", "true"),
        ("count(5)", "1"),
        ("sublist([4, 5, 6], -2, 1)", "[5]"),
        ("insert before([1, 3], 2, 2)", "[1, 2, 3]"),
        ("remove([1, 2, 3], -1)", "[1, 2]"),
        ("list replace([1, 2, 3], 2, 9)", "[1, 9, 3]"),
        ("list replace([1, 2, 3], function(old, new) old < 3, 0)", "[0, 0, 3]"),
        ("union([1, 2], [2.0, 3])", "[1, 2, 3]"),
        ("distinct values([1, 2, 1, null, null, [1], [1]])", "[1, 2, null, [1]]"),
        ("flatten([[1, [2]], [[[3]]]])", "[1, 2, 3]"),
        ("index of([1, 2, 1], 1)", "[1, 3]"),
        ("sort([3, 1, 2])", "[1, 2, 3]"),
        ("sort(list: [3, 1, 2], precedes: function(a, b) a > b)", "[3, 2, 1]"),
        ('get value({a: {b: 1}}, ["a", "b"])', "1"),
        ('context put({a: 1}, ["a", "b"], 2)', "null"),
        ("context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"),
        ('number("1 000,5", " ", ",")', "1000.5"),
        ("string(1.50)", '"1.5"'),
        ("string(1e20)", '"100000000000000000000"'),
        ('string({a: [1, "x", null]})', '"{a: [1, \\"x\\", null]}"'),
        ('string(@"PT26H")', '"P1DT2H"'),
        ('years and months duration(@"2011-12-22", @"2013-08-24")', '@"P1Y8M"'),
        ('date and time(2026, 11, 23, 10, 0, 0, "Asia/Shanghai").time offset', '@"PT8H"'),
        ('@"2026-11-23T10:00:00@Europe/Paris" = @"2026-11-23T17:00:00@Asia/Shanghai"', "true"),
        ('@"2026-03-29T01:30:00@Europe/Paris" + @"PT1H"', '@"2026-03-29T03:30:00@Europe/Paris"'),
        ('@"10:00:00" < @"10:00:00Z"', "null"),
        ('@"2024-01-31" + @"P1M"', '@"2024-02-29"'),
        ('date("99999-12-31") + @"P1D"', 'date("100000-01-01")'),
        ('string(date("-0044-03-15"))', '"-0044-03-15"'),
        ('@"P1Y" / @"P1M"', "12"),
        ('day of week(@"2026-11-23")', '"Monday"'),
        ('week of year(@"2005-01-01")', "53"),
        ('is(@"10:00:00Z", @"10:00:00@Etc/UTC")', "false"),
        ('range("[1..3)")', "[1..3)"),
        ("[1..3] = (<3)", "false"),
        ("overlaps before([1..5], [3..8])", "true"),
        ("(<= 5).end included", "true"),
    ],
)
def test_a_function_follows_the_standard(text, expected):
    found, wanted = feel.evaluate(text), feel.evaluate(expected)
    assert (type(found), found) == (type(wanted), wanted)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("1", "number"),
        ('"a"', "string"),
        ('@"2026-11-23"', "date"),
        ('@"2026-11-23T10:00:00"', "date and time"),
        ('@"P1D"', "days and time duration"),
        ('@"P1M"', "years and months duration"),
        ("[1, 2]", "list<number>"),
        ("{a: 1}", "context<a: number>"),
        ("[1..2]", "range<number>"),
        ("function(x: number) x", "function<number> -> Any"),
    ],
)
def test_a_value_is_an_instance_of_its_type_and_of_no_other(text, types):
    assert feel.evaluate(f"({text}) instance of {types}") is True
    assert feel.evaluate(f"({text}) instance of Any") is True
    assert feel.evaluate(f"({text}) instance of boolean") is False
    assert feel.evaluate(f"null instance of {types}") is False
