"""The regular expressions of XPath: the grammar, and Python's own answers where both agree."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import feel
from engine.feel.regex import matches, replace, split
from engine.feel.regex.nodes import PatternError
from engine.feel.regex.parse import parse_pattern
from engine.feel.run import Run

PIECES = st.sampled_from(
    ["a", "b", "ab", ".", "[ab]", "[^a]", "(a)", "(a|b)", "(?:ab)", "a*", "b+?", "a?", "(a*)"]
)
BACK = st.sampled_from(["", "\\1", "\\1*", "(\\1b)"])


def a_run():
    run = Run()
    run.raw = {}
    return run


@settings(deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=4).map("".join), st.text("abc", max_size=8))
def test_a_pattern_without_references_is_found_where_python_finds_it(pattern, text):
    assert matches(a_run(), text, pattern, "") is bool(re.search(pattern, text))


@settings(deadline=None)
@given(st.lists(PIECES, max_size=3).map("".join), BACK, st.text("ab", max_size=8))
def test_a_reference_back_matches_what_its_group_did(pattern, back, text):
    pattern = f"(a|bb?){pattern}{back}"
    assert matches(a_run(), text, pattern, "") is bool(re.search(pattern, text))


@settings(deadline=None)
@given(st.sampled_from(["a", "b+", "[ab]", "(a)(b)?", "ab|b"]), st.text("abc", max_size=10))
def test_texts_are_replaced_and_split_as_by_python(pattern, text):
    assert replace(a_run(), text, pattern, "[$0]", "") == re.sub(pattern, r"[\g<0>]", text)
    spans = [found.span() for found in re.finditer(pattern, text)]
    starts, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(text)]
    assert split(a_run(), text, pattern) == [text[a:b] for a, b in zip(starts, ends, strict=True)]


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("[a-z-[aeiou]]", "bcdfghjklmnpqrstvwxyz"),
        ("[^a-y-[z]]", "0123456789_-"),
        ("[\\w-[\\d_]]", "abcdefghijklmnopqrstuvwxyz"),
        ("[a-z-[b-z-[d]]]", "ad"),
        ("\\d", "0123456789"),
        ("[\\-_]", "_-"),
        ("\\p{Ll}", "abcdefghijklmnopqrstuvwxyz"),
        ("\\P{L}", "0123456789_-"),
        ("\\p{IsBasicLatin}", "abcdefghijklmnopqrstuvwxyz0123456789_-"),
        ("\\i", "abcdefghijklmnopqrstuvwxyz_"),
        ("\\c", "abcdefghijklmnopqrstuvwxyz0123456789_-"),
    ],
)
def test_a_set_has_these_characters(pattern, wanted):
    ground = "abcdefghijklmnopqrstuvwxyz0123456789_-"
    assert "".join(sign for sign in ground if matches(a_run(), sign, pattern, "")) == wanted


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        ")",
        "[",
        "a**",
        "a{2,1}",
        "*a",
        "\\q",
        "\\p{Xx}",
        "\\p{IsNowhere}",
        "[z-a]",
        "a{",
        "(?=a)",
        "\\2(a)",
    ]
    + ["(?<name>a)", "\\", "[]", "(?i)a", "\\1"],
)
def test_a_pattern_that_xpath_does_not_know_is_refused(pattern):
    with pytest.raises(PatternError):
        parse_pattern(pattern, "")
    assert matches(a_run(), "a", pattern, "") is None


@pytest.mark.parametrize(
    ("flags", "text", "pattern", "found"),
    [
        ("", "A", "a", False),
        ("i", "A", "a", True),
        ("i", "É", "é", True),
        ("i", "b", "[^B]", False),
        ("", "a\nb", "a.b", False),
        ("s", "a\nb", "a.b", True),
        ("", "a\nb", "^b", False),
        ("m", "a\nb", "^b$", True),
        ("x", "ab", " a b ", True),
        ("x", "a b", "a[ ]b", True),
        ("q", "a.b", "a.b", True),
        ("q", "axb", "a.b", False),
        ("smix", "A\nB", "^ a . b $", True),
        ("z", "a", "a", None),
    ],
)
def test_the_flags_are_those_of_xpath(flags, text, pattern, found):
    assert matches(a_run(), text, pattern, flags) is found


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(a|aa)+$b", "a*a*a*a*a*a*b", "((a?){30}){30}b"])
def test_no_pattern_makes_a_search_long(pattern):
    before = time.thread_time()
    assert matches(a_run(), "a" * 5_000, pattern, "") is False
    assert time.thread_time() - before < 0.3


def test_a_search_with_references_is_counted_and_ends():
    with pytest.raises(feel.FeelError):
        matches(a_run(), "a" * 2_000, "(a*)*(a*)*\\1b", "")
