"""String functions beside Python's strings and its regular expressions, on random texts."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import feel
from tests.feel.examples import LAW, value_of

TEXTS = st.text(st.sampled_from("abAB握手🐎é \n.,"), max_size=10)
SHORT = st.text(st.sampled_from("ab握"), min_size=1, max_size=2)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PATTERNS = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", "握"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        inner.map(lambda one: f"({one})?"),
        inner.map(lambda one: f"({one})+"),
        inner.map(lambda one: f"({one}){{1,2}}"),
    ),
    max_leaves=5,
)
"""Patterns that XPath and Python read alike."""


@LAW
@given(TEXTS, st.integers(-12, 12), st.integers(-1, 12))
def test_a_substring_is_a_slice_that_lies_within_the_text(text, start, length):
    inside = start != 0 and abs(start) <= len(text)
    rest = text[start - 1 if start > 0 else len(text) + start :] if inside else None
    assert value_of("substring(s, p)", s=text, p=start) == rest
    fits = rest is not None and 1 <= length <= len(rest)
    assert value_of("substring(s, p, n)", s=text, p=start, n=length) == (rest[:length] if fits else None)


@LAW
@given(ANY, ANY)
def test_lengths_add_up_and_count_characters_not_bytes(a, b):
    assert value_of("string length(a)", a=a) == len(a)
    assert value_of("string length(a + b)", a=a, b=b) == len(a) + len(b)
    assert value_of("a + b", a=a, b=b) == a + b


@LAW
@given(TEXTS, SHORT)
def test_before_match_and_after_make_up_the_text(text, match):
    before, found, after = text.partition(match)
    assert value_of("substring before(s, m)", s=text, m=match) == (before if found else "")
    assert value_of("substring after(s, m)", s=text, m=match) == after
    if found:
        whole = "substring before(s, m) + m + substring after(s, m) = s"
        assert value_of(whole, s=text, m=match) is True


@LAW
@given(TEXTS, st.text(st.sampled_from("ab握"), max_size=2))
def test_contains_starts_and_ends_are_those_of_python(text, match):
    assert value_of("contains(s, m)", s=text, m=match) is (match in text)
    assert value_of("starts with(s, m)", s=text, m=match) is text.startswith(match)
    assert value_of("ends with(s, m)", s=text, m=match) is text.endswith(match)


@LAW
@given(ANY)
def test_letters_change_their_case_as_in_python(text):
    assert value_of("upper case(s)", s=text) == text.upper()
    assert value_of("lower case(s)", s=text) == text.lower()


@LAW
@given(st.lists(st.text(st.sampled_from("ab握"), max_size=3), min_size=1, max_size=6))
def test_what_is_joined_can_be_split_again(parts):
    joined = value_of('string join(s, ";")', s=parts)
    assert joined == ";".join(parts)
    assert value_of('split(t, ";")', t=joined) == parts
    assert value_of("string join(s)", s=parts) == "".join(parts)


@LAW
@given(st.lists(st.none() | st.text(st.sampled_from("ab"), max_size=2), max_size=5), TEXTS)
def test_nulls_are_left_out_of_what_is_joined(parts, separator):
    expected = separator.join(part for part in parts if part is not None)
    assert value_of("string join(s, d)", s=parts, d=separator) == expected


@LAW
@given(TEXTS, PATTERNS)
def test_a_pattern_matches_where_pythons_does(text, pattern):
    expected = re.search(pattern, text, re.ASCII) is not None
    assert value_of("matches(s, p)", s=text, p=pattern) is expected
    whole = re.fullmatch(pattern, text, re.ASCII) is not None
    assert value_of("matches(s, p)", s=text, p=f"^({pattern})$") is whole


@LAW
@given(TEXTS, PATTERNS)
def test_matches_are_replaced_as_by_python_unless_the_pattern_matches_nothing(text, pattern):
    found = value_of('replace(s, p, "<$0>")', s=text, p=pattern)
    if re.match(pattern, "", re.ASCII):
        assert found is None
    else:
        assert found == re.sub(pattern, lambda match: f"<{match[0]}>", text, flags=re.ASCII)


@LAW
@given(TEXTS, SHORT, st.text(st.sampled_from("xy"), max_size=2))
def test_a_plain_text_is_replaced_as_by_python(text, match, replacement):
    assert value_of("replace(s, m, r)", s=text, m=match, r=replacement) == text.replace(match, replacement)


@LAW
@given(TEXTS, SHORT)
def test_a_text_is_split_at_each_match_and_keeps_its_empty_parts(text, match):
    assert value_of("split(s, m)", s=text, m=match) == text.split(match)


@LAW
@given(ANY)
def test_a_text_is_its_own_string_and_its_literal_means_it(text):
    assert value_of("string(s)", s=text) == text
    literal = value_of("string([s])", s=text)[1:-1]
    assert feel.evaluate(literal) == text


@LAW
@given(ANY, ANY)
def test_texts_are_ordered_by_their_characters(a, b):
    assert value_of("a < b", a=a, b=b) is (a < b)
    assert value_of("a >= b", a=a, b=b) is (a >= b)
    assert value_of("min(a, b)", a=a, b=b) == min(a, b)


@pytest.mark.parametrize(
    ("escape", "character"),
    [
        (r"\n", "\n"),
        (r"\r", "\r"),
        (r"\t", "\t"),
        (r"\'", "'"),
        (r"\"", '"'),
        (r"\\", "\\"),
        (r"\u63E1", "握"),
        (r"\u0041", "A"),
        (r"\U01F40E", "🐎"),
        (r"\uD83D\uDC0E", "🐎"),
        (r"\uD83D", "\ufffd"),
        (r"\U110000", "\ufffd"),
    ],
)
def test_an_escape_means_a_character(escape, character):
    assert feel.evaluate(f'"<{escape}>"') == f"<{character}>"
    assert feel.evaluate(f'string length("{escape}")') == 1


@pytest.mark.parametrize(
    "call",
    [
        "contains(x, y)",
        "starts with(x, y)",
        "ends with(x, y)",
        "substring before(x, y)",
        "substring after(x, y)",
    ]
    + ["matches(x, y)", "split(x, y)", 'replace(x, y, "z")', "substring(x, 1)", "string length(x)"]
    + ["upper case(x)", "lower case(x)"],
)
@pytest.mark.parametrize("wrong", [None, Decimal(1), True, {"a": "b"}, ["a", "b"], []])
def test_what_is_no_text_has_no_such_value(call, wrong):
    assert value_of(call, x=wrong, y="a") is None
    if "y" in call.partition("(")[2]:
        assert value_of(call, x="a", y=wrong) is None


@pytest.mark.parametrize("call", ["upper case(x)", "string length(x)", 'contains(x, "a")', 'x + "b" = null'])
def test_a_list_of_one_text_stands_for_the_text_in_a_call_only(call):
    one, alone = value_of(call, x=["a"]), value_of(call, x="a")
    assert (one == alone) is ("+" not in call)
