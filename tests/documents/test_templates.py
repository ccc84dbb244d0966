from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import errors
from engine.documents.templates import capital, fill


@given(st.text(alphabet=st.sampled_from("<>&'\"/=a文"), max_size=30))
def test_no_text_becomes_markup(text):
    filled = fill("<p title='{{ it }}'>{{ it }}</p>", {"it": text})

    assert filled.count("<") == 2
    assert filled.count("'") == 2


@pytest.mark.parametrize(
    "template",
    [
        "{{ absent }}",
        "{{ it.absent }}",
        "{% for x in %}",
        "{{ it.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{% set _ = it.update({'a': 1}) %}",
        "{{ range(10000000) }}",
    ],
)
def test_a_template_that_asks_for_too_much_is_refused(template):
    try:
        filled = fill(template, {"it": {"name": "x"}})
    except (errors.RenderingFailed, OverflowError):
        return
    pytest.fail(filled)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零元整"),
        ("10", "壹拾元整"),
        ("105", "壹佰零伍元整"),
        ("2,561.00", "贰仟伍佰陆拾壹元整"),
        ("3600.50", "叁仟陆佰元伍角整"),
        ("1.05", "壹元零伍分"),
        ("0.05", "伍分"),
        ("10005", "壹万零伍元整"),
        ("100010000", "壹亿零壹万元整"),
        ("180000", "壹拾捌万元整"),
        ("一千", ""),
        ("-1", ""),
        ("1.234", ""),
        ("NaN", ""),
        ("1000000000000", ""),
    ],
)
def test_amounts_are_written_in_capital_numerals(amount, words):
    assert capital(amount) == words


@given(st.integers(min_value=1, max_value=10**12 - 1))
def test_capital_numerals_read_back_as_the_same_amount(yuan):
    assert _read(capital(Decimal(yuan)).removesuffix("元整")) == yuan


def _read(words):
    digits, places = "零壹贰叁肆伍陆柒捌玖", {"拾": 10, "佰": 100, "仟": 1000}
    total = group = digit = 0
    for letter in words:
        if letter in digits:
            digit = digits.index(letter)
        elif letter in places:
            group, digit = group + digit * places[letter], 0
        else:
            total, group, digit = total + (group + digit) * {"万": 10**4, "亿": 10**8}[letter], 0, 0
    return total + group + digit
