"""String functions, by examples of the standard and at their edges."""

import pytest

from tests.feel.examples import assert_value, rows

CASES = {
    "contains": [
        ('contains("foobar", "")', "true"),
        ('contains(string: "foobar", match: "ob")', "true"),
        ('contains(null, "x")', "null"),
        ('contains("握手言和", "握手")', "true"),
    ],
    "ends with": [
        ('ends with("foobar", "r")', "true"),
        ('ends with("foobar", null)', "null"),
        ('ends with("abc", "")', "true"),
    ],
    "lower case": [
        ('lower case("ÀÉ")', '"àé"'),
        ('lower case("Σ")', '"σ"'),
    ],
    "starts with": [
        ('starts with("foobar", "fo")', "true"),
        ('starts with("", "")', "true"),
    ],
    "string join": [
        ('string join(["a", null, "c"], "-")', '"a-c"'),
        ('string join(["a","b"], null)', '"ab"'),
        ('string join([], "x")', '""'),
        ('string join(["a"])', '"a"'),
        ('string join(null, "x")', "null"),
        ('string join(["a", 1])', "null"),
        ('string join("a", "x")', '"a"'),
        ('string join(list: ["a"], delimiter: "X")', '"a"'),
        ('string join(["a","b","c"], " and ")', '"a and b and c"'),
        ('string join([null], "x")', '""'),
    ],
    "string length": [
        (r'string length("\uD83D\uDC0E")', "1"),
        ('string length("")', "0"),
        ("string length(null)", "null"),
        ("string length(12)", "null"),
    ],
    "substring": [
        ('substring("foobar", 3)', '"obar"'),
        ('substring("foobar", -2, 1)', '"a"'),
        (r'substring("\U01F40Eab", 2)', '"ab"'),
        ('substring("foobar", 3, 3)', '"oba"'),
        ('substring("foobar", 0)', "null"),
        ('substring("foobar", -7)', "null"),
        ('substring("foobar", 7)', "null"),
        ('substring("foobar", 3.8)', "null"),
        ('substring("foobar", 3, 4)', '"obar"'),
        ('substring("foobar", 3, 5)', "null"),
        ('substring("foobar", -3, 4)', "null"),
        ('substring("foobar", 3, 2.9)', '"ob"'),
        ('substring("foobar", 3, -1)', "null"),
        ('substring("foobar", 3, 0)', "null"),
        ('substring("foobar", "3")', "null"),
        ('substring("", 1)', "null"),
        ("substring(null, 1)", "null"),
        (r'substring("\U01F40Eab", 1, 1)', '"🐎"'),
        ('substring("握手言和", -2)', '"言和"'),
        ('substring(string: "foobar", start position: 3, length: 2)', '"ob"'),
    ],
    "substring after": [
        ('substring after("", "a")', '""'),
        ('substring after("foobar", "ob")', '"ar"'),
        ('substring after("foobar", "")', '"foobar"'),
        ('substring after("", "")', '""'),
        ('substring after("foobar", "xyz")', '""'),
        ('substring after(null, "x")', "null"),
        ('substring after("foobar", null)', "null"),
        ('substring after(string: "a,b,c", match: ",")', '"b,c"'),
    ],
    "substring before": [
        ('substring before("foobar", "bar")', '"foo"'),
        ('substring before("foobar", "xyz")', '""'),
        ('substring before("foobar", "")', '""'),
        ('substring before(string: "a,b,c", match: ",")', '"a"'),
    ],
    "upper case": [
        ('upper case("aBc")', '"ABC"'),
        ('upper case(string: "a")', '"A"'),
        ("upper case(null)", "null"),
        ('upper case("straße")', '"STRASSE"'),
    ],
}


@pytest.mark.parametrize(("text", "expected"), rows(CASES))
def test_a_function_of_strings_gives_what_the_standard_says(text, expected):
    assert_value(text, expected)
