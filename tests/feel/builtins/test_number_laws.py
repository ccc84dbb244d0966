"""Numeric functions beside Python's decimal, on random numbers."""

import decimal
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import feel
from engine.feel.values import CONTEXT
from tests.feel.examples import LAW, value_of

pytestmark = pytest.mark.slow

NUMBERS = st.decimals(-(10**12), 10**12, places=4)
SCALES = st.integers(-6, 6)
ROUNDINGS = {
    "decimal": decimal.ROUND_HALF_EVEN,
    "floor": decimal.ROUND_FLOOR,
    "ceiling": decimal.ROUND_CEILING,
    "round up": decimal.ROUND_UP,
    "round down": decimal.ROUND_DOWN,
    "round half up": decimal.ROUND_HALF_UP,
    "round half down": decimal.ROUND_HALF_DOWN,
}


@pytest.mark.parametrize("function", ROUNDINGS)
@LAW
@given(number=NUMBERS, scale=SCALES)
def test_a_rounding_function_is_that_mode_of_pythons_decimal(function, number, scale):
    with localcontext(prec=60):
        wanted = number.quantize(Decimal(1).scaleb(-scale), ROUNDINGS[function])
    found = value_of(f"{function}(n, s)", n=number, s=scale)
    assert found == wanted
    assert value_of(f"{function}(r, s) = r", r=found, s=scale) is True


@pytest.mark.parametrize("function", ROUNDINGS)
@pytest.mark.parametrize("half", [Decimal("0.5"), Decimal("1.5"), Decimal("-0.5"), Decimal("-2.5")])
def test_a_half_is_rounded_by_the_mode_that_gives_the_function_its_name(function, half):
    assert value_of(f"{function}(n, 0)", n=half) == half.quantize(Decimal(1), ROUNDINGS[function])


@pytest.mark.parametrize("function", ROUNDINGS)
@pytest.mark.parametrize("scale", [-6112, 6177, None, "2"])
def test_a_scale_that_no_number_has_gives_null(function, scale):
    assert value_of(f"{function}(n, s)", n=Decimal("1.5"), s=scale) is None


@LAW
@given(NUMBERS)
def test_floor_and_ceiling_enclose_a_number(number):
    assert value_of("floor(n) <= n and n <= ceiling(n)", n=number) is True
    assert value_of("ceiling(n) = -floor(-n)", n=number) is True
    assert value_of("ceiling(n) - floor(n)", n=number) == (0 if number == number.to_integral_value() else 1)


@LAW
@given(NUMBERS, NUMBERS.filter(bool))
def test_the_modulo_has_the_divisors_sign_and_is_what_the_floor_leaves_over(dividend, divisor):
    rest = value_of("modulo(a, b)", a=dividend, b=divisor)
    assert abs(rest) < abs(divisor)
    assert rest == 0 or (rest < 0) == (divisor < 0)
    with localcontext(prec=60):
        quotient = (dividend - rest) / divisor
        assert abs(quotient - quotient.to_integral_value()) < Decimal("1e-20")


@LAW
@given(st.integers(-(10**9), 10**9), st.integers(-(10**6), 10**6).filter(bool))
def test_the_modulo_of_whole_numbers_is_pythons(a, b):
    assert value_of("modulo(a, b)", a=a, b=b) == a % b
    assert value_of("odd(a)", a=a) is (a % 2 == 1)
    assert value_of("even(a)", a=a) is (a % 2 == 0)
    assert value_of("odd(a) != even(a)", a=a) is True


@LAW
@given(st.decimals(0, 10**15, places=3))
def test_roots_and_powers_undo_each_other(number):
    assert value_of("sqrt(n)", n=number) == CONTEXT.sqrt(number)
    assert value_of("abs(sqrt(n) ** 2 - n) <= 1e-15", n=number) is True
    assert value_of("sqrt(n * n) = n", n=number) is True


@LAW
@given(st.decimals("0.001", 200, places=3))
def test_logarithm_and_exponential_undo_each_other(number):
    assert value_of("log(n)", n=number) == CONTEXT.ln(number)
    assert value_of("exp(n)", n=number) == CONTEXT.exp(number)
    assert value_of("abs(exp(log(n)) - n) < 1e-28", n=number) is True
    assert value_of("abs(log(exp(n)) - n) < 1e-28", n=number) is True


@LAW
@given(NUMBERS)
def test_the_absolute_value_has_no_sign(number):
    assert value_of("abs(n)", n=number) == abs(number)
    assert value_of("abs(-n) = abs(n) and abs(n) >= n", n=number) is True


@LAW
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_a_number_is_read_back_from_its_string(number):
    number = CONTEXT.plus(number)
    text = value_of("string(n)", n=number)
    assert "e" not in text.lower()
    assert value_of("number(t)", t=text) == number
    if number >= 0:
        assert feel.evaluate(text) == number


@LAW
@given(
    st.decimals(-(10**9), 10**9, places=2),
    st.sampled_from([(" ", ","), (" ", "."), (",", "."), (".", ",")]),
)
def test_a_number_is_read_with_its_separators(number, separators):
    grouping, point = separators
    written = f"{number:,.2f}".replace(",", "G").replace(".", point).replace("G", grouping)
    assert value_of("number(t, g, p)", t=written, g=grouping, p=point) == number
    named = "number(from: t, grouping separator: g, decimal separator: p)"
    assert value_of(named, t=written, g=grouping, p=point) == number


@pytest.mark.parametrize(
    ("text", "grouping", "point"),
    [
        ("1", ",", ","),
        ("1", ".", "."),
        ("1", ";", "."),
        ("1", "", "."),
        ("1", " ", ";"),
        ("1 000", ",", "."),
        ("1.2.3", None, "."),
        ("1,5", None, None),
        ("", None, None),
        ("abc", None, None),
        ("１", None, None),
        ("0x10", None, None),
        ("1_000", None, None),
        ("NaN", None, None),
        ("Infinity", None, None),
        (None, ",", "."),
    ],
)
def test_what_is_no_number_in_this_writing_is_null(text, grouping, point):
    assert value_of("number(t, g, p)", t=text, g=grouping, p=point) is None


@LAW
@given(NUMBERS, NUMBERS, NUMBERS)
def test_sums_and_products_obey_the_laws_of_arithmetic(a, b, c):
    assert value_of("a + b = b + a and a * b = b * a", a=a, b=b) is True
    assert value_of("(a + b) + c = a + (b + c)", a=a, b=b, c=c) is True
    assert value_of("a - b = a + -b and -(-a) = a and a - a = 0", a=a, b=b) is True
    assert value_of("a < b or a = b or a > b", a=a, b=b) is True
    if b:
        assert value_of("abs(a / b * b - a) <= 1e-20", a=a, b=b) is True


@LAW
@given(st.decimals(-100, 100, places=2), st.integers(0, 12))
def test_a_whole_power_is_repeated_multiplication(base, exponent):
    product = Decimal(1)
    for _ in range(exponent):
        product = CONTEXT.multiply(product, base)
    found = value_of("b ** e", b=base, e=exponent)
    assert abs(found - product) <= abs(product) * Decimal("1e-30")
    if base and exponent:
        assert value_of("abs(b ** -e * b ** e - 1) < 1e-30", b=base, e=exponent) is True


@pytest.mark.parametrize(
    "text",
    ["1 / 0", "0 / 0", "0 ** -1", "(-2) ** 0.5", "9e6144 * 10", "1e6144 ** 2", "exp(20000)", "log(0)"]
    + ["log(-1)", "sqrt(-1)", "modulo(1, 0)", 'odd("1")', "even(0.5)", "odd(null)", "abs(true)", "-true"],
)
def test_what_no_number_is_the_answer_to_is_null(text):
    assert feel.evaluate(text) is None


@pytest.mark.parametrize("digits", [33, 34])
def test_a_number_keeps_thirty_four_digits(digits):
    number = Decimal("1" * digits)
    assert value_of("n + 0", n=number) == number
    assert feel.evaluate(f"{number} + 0") == number


def test_the_thirty_fifth_digit_is_rounded_half_to_even():
    assert feel.evaluate("1" * 34 + "5") == Decimal("1" * 33 + "20")
    assert feel.evaluate("1" * 33 + "25") == Decimal("1" * 33 + "20")
    assert feel.evaluate("0." + "0" * 40 + "1" * 35) == CONTEXT.create_decimal("0." + "0" * 40 + "1" * 35)
