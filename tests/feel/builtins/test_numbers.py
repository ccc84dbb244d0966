"""Numeric functions, by examples of the standard and at their edges."""

import pytest

from tests.feel.examples import assert_value, rows

CASES = {
    "abs": [
        ('abs(@"-P1Y")', '@"P1Y"'),
        ("abs(null)", "null"),
        ("abs(-5)", "5"),
        ('abs(@"-PT5H")', '@"PT5H"'),
        ('abs("a")', "null"),
        ("abs(n: -1)", "1"),
    ],
    "ceiling": [
        ("ceiling(1.55, 1)", "1.6"),
        ("ceiling(1.56, 1)", "1.6"),
        ("ceiling(null, 1)", "null"),
        ("ceiling(-1.5)", "-1"),
    ],
    "decimal": [
        ("decimal(2.5, 0)", "2"),
        ("decimal(1/3, 2)", "0.33"),
        ("decimal(1.115, 2)", "1.12"),
        ("decimal(1/3, 2.5)", "0.33"),
        ("decimal(0.505, 2)", "0.5"),
        ("decimal(1.5, null)", "null"),
        ("decimal(n: 1.115, scale: 2)", "1.12"),
        ("decimal(1.5, -1)", "0"),
        ("decimal(15, -1)", "20"),
        ("decimal(-2.5, 0)", "-2"),
        ("decimal(3.5, 0)", "4"),
        ("decimal(1e33, 2)", "1000000000000000000000000000000000"),
        ("decimal(12345, -2)", "12300"),
    ],
    "even": [
        ("even(1e30)", "true"),
        ("even(-2)", "true"),
        ("even(2.5)", "null"),
        ("even(null)", "null"),
    ],
    "exp": [
        ("exp(1)", "2.718281828459045235360287471352662"),
        ("exp(0)", "1"),
        ("exp(null)", "null"),
        ("exp(1e9)", "null"),
    ],
    "floor": [
        ("floor(-1.5)", "-2"),
        ("floor(1.5)", "1"),
        ("floor(1.56, 1)", "1.5"),
        ("floor(n: 1.56, scale: 1)", "1.5"),
        ("floor(n: 1.56, scale: null)", "null"),
        ("floor(null)", "null"),
        ("floor(-1.5, 0)", "-2"),
    ],
    "log": [
        ("log(10)", "2.302585092994045684017991454684364"),
        ("log(1)", "0"),
        ("log(0)", "null"),
        ("log(-1)", "null"),
    ],
    "modulo": [
        ("modulo(-12, 5)", "3"),
        ("modulo(10.1, -4.5)", "-3.4"),
        ("modulo(10, 0)", "null"),
        ("modulo(-12.0, -5)", "-2"),
        ("modulo(-10.1, 4.5)", "3.4"),
        ("modulo(dividend: 10, divisor: 4)", "2"),
        ("modulo(10, null)", "null"),
        ("modulo(12, 5)", "2"),
        ("modulo(12, -5)", "-3"),
        ("modulo(10.1, 4.5)", "1.1"),
        ("modulo(5.5, 0.5)", "0"),
    ],
    "odd": [
        ("odd(5.0)", "true"),
        ("odd(1.5)", "null"),
        ('odd("a")', "null"),
        ("odd(-5)", "true"),
        ("odd(0)", "false"),
    ],
    "round down": [
        ("round down(-5.5, 0)", "-5"),
        ("round down(1.129, 2)", "1.12"),
    ],
    "round half down": [
        ("round half down(-5.5, 0)", "-5"),
        ("round half down(2.5, 0)", "2"),
        ("round half down(-2.5, 0)", "-2"),
        ("round half down(2.51, 0)", "3"),
    ],
    "round half up": [
        ("round half up(5.5, 0)", "6"),
        ("round half up(-5.5, 0)", "-6"),
        ("round half up(1.121, 2)", "1.12"),
        ("round half up(2.5, 0)", "3"),
    ],
    "round up": [
        ("round up(-5.5, 0)", "-6"),
        ("round up(5.5, 0)", "6"),
        ("round up(5.5)", "null"),
        ("round up(1, 7000)", "null"),
        ("round up(1, -6112)", "null"),
        ("round up(1.121, 2)", "1.13"),
        ("round up(n: 5.5, scale: 0)", "6"),
    ],
    "sqrt": [
        ("sqrt(-1)", "null"),
        ("sqrt(16)", "4"),
        ("sqrt(2)", "1.414213562373095048801688724209698"),
        ("sqrt(0)", "0"),
        ("sqrt(null)", "null"),
    ],
}


@pytest.mark.parametrize(("text", "expected"), rows(CASES))
def test_a_function_of_numbers_gives_what_the_standard_says(text, expected):
    assert_value(text, expected)
