"""From text to tokens and names: spaces, comments, numbers, names with signs, where each token stands."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import feel
from engine.feel.lexer import tokens_of, unquote
from engine.feel.lexical import quote
from engine.feel.names import KEYWORDS, canonical, is_simple
from tests.feel.examples import LAW, value_of

SPACES = " \t\n\r\v\f\u0085\u00a0\u1680\u180e\u2000\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
TOKENS = [
    "a",
    "握手",
    "_x1",
    "1",
    "1.5",
    ".5",
    "1e3",
    '"s"',
    '"\\""',
    "+",
    "**",
    "<=",
    "!=",
    "->",
    "..",
    "(",
    "]",
    "@",
]
WORDS = st.from_regex(r"[a-z握]{1,3}[0-9]?", fullmatch=True).filter(
    lambda word: word not in KEYWORDS | {"instance"}
)
SIGNS = st.sampled_from(["-", "+", "*", "/", ".", "'", "%", "&", "#", "?"])
NAMES = st.one_of(
    WORDS,
    st.tuples(WORDS, WORDS).map(" ".join),
    st.tuples(WORDS, SIGNS, WORDS).map("".join),
    st.tuples(WORDS, st.sampled_from(["in", "and", "for", "between", "or"]), WORDS).map(" ".join),
)


@LAW
@given(st.lists(st.sampled_from(TOKENS), min_size=1, max_size=8), st.data())
def test_tokens_are_found_whatever_spaces_and_comments_are_between_them(pieces, data):
    gaps = st.sampled_from([" ", "  ", "\n", "\u3000", " /* note */ ", " // note\n", "\t/**/"])
    text = "".join(piece + data.draw(gaps) for piece in pieces)
    found = tokens_of(text)
    assert [token.text for token in found[:-1]] == pieces
    assert [text[token.start : token.end] for token in found[:-1]] == pieces
    assert (found[-1].kind, found[-1].start) == ("end", len(text))


@pytest.mark.parametrize("space", SPACES, ids=lambda space: f"U+{ord(space):04X}")
def test_every_space_of_the_standard_separates_tokens(space):
    assert feel.evaluate(f"1{space}+{space}2") == 3
    assert value_of(f"party{space}name", **{"party name": "x"}) == "x"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("1..3", ["number", "symbol", "number"]),
        ("1.5..2", ["number", "symbol", "number"]),
        ("a.b", ["word", "symbol", "word"]),
        ("a1 1a", ["word", "number", "word"]),
        ("-1", ["symbol", "number"]),
        ("a<=b", ["word", "symbol", "word"]),
        ("a<-b", ["word", "symbol", "symbol", "word"]),
        ("x**-y", ["word", "symbol", "symbol", "word"]),
        ('"a" "b"', ["string", "string"]),
        ('"a\\"b"', ["string"]),
        ("// all", []),
        ("1 // 2", ["number"]),
        ("/* a */ 1 /* b */", ["number"]),
        ("", []),
    ],
)
def test_a_text_has_its_tokens(text, kinds):
    assert [token.kind for token in tokens_of(text)] == [*kinds, "end"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("007", "7"),
        (".5", "0.5"),
        ("0.50", "0.5"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("1e+3", "1000"),
        ("25e-1", "2.5"),
        ("1e-6143", "1e-6143"),
        ("9.999999999999999999999999999999999e6144", "9.999999999999999999999999999999999e6144"),
    ],
)
def test_a_number_is_read_in_every_writing(text, value):
    assert feel.evaluate(text) == Decimal(value)


@LAW
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_a_text_in_quotes_is_one_token_that_means_it(text):
    (token, _) = tokens_of(quote(text))
    assert token.kind == "string"
    assert unquote(token.text) == text


@LAW
@given(NAMES, st.integers(1, 9))
def test_a_name_in_scope_is_found_with_its_spaces_and_signs(name, number):
    assert value_of(name, **{name: number}) == number
    assert value_of(f"{name} + 1", **{name: number}) == number + 1
    assert value_of(f"{name} > 0 and true", **{name: number}) is True
    assert value_of(f"[{name}, {name}]", **{name: number}) == [number, number]


@LAW
@given(NAMES, st.integers(1, 9))
def test_a_name_that_an_expression_declares_is_found_in_it(name, number):
    assert value_of(f"{{{name}: n, found: {name} + 1}}.found", n=number) == number + 1
    assert value_of(f"(function({name}) {name} * 2)(n)", n=number) == number * 2
    assert value_of(f"{{{name}: n}}.{name}", n=number) == number


@LAW
@given(NAMES)
def test_a_name_has_one_spelling_whatever_spaces_are_in_it(name):
    wide = canonical(name).replace(" ", " \n ")
    assert canonical(wide) == canonical(name)
    assert value_of(wide, **{name: 5}) == 5


@pytest.mark.parametrize(
    ("text", "names", "value"),
    [
        ("a-b", {"a": 5, "b": 3}, 2),
        ("a-b", {"a": 5, "b": 3, "a-b": 9}, 9),
        ("(a)-(b)", {"a": 5, "b": 3, "a-b": 9}, 2),
        ("a - b", {"a": 5, "b": 3, "a-b": 9}, 9),
        ("what if?", {"what if?": 4}, 4),
        ("profit and loss", {"profit": True, "loss": False, "profit and loss": 7}, 7),
        ("profit and loss", {"profit": True, "loss": False}, False),
        ("law book.page", {"law book": {"page": 3}}, 3),
        ("a.b", {"a": {"b": 1}, "a.b": 2}, 2),
        ("date of birth", {"date of birth": 8, "date": 1}, 8),
        ("number of people", {"number of people": 8}, 8),
        ("争议金额+1", {"争议金额": 1}, 2),
        ("x in y", {"x": 1, "y": [1]}, True),
        ("instance", {"instance": 6}, 6),
    ],
)
def test_the_longest_name_in_scope_wins(text, names, value):
    assert value_of(text, **names) == value


@pytest.mark.parametrize("word", sorted(KEYWORDS))
def test_a_keyword_is_no_name_but_may_be_a_key(word):
    assert not is_simple(word)
    assert value_of(f'{{"{word}": 5}}.{word}') == 5
    with contextlib.suppress(feel.FeelError):
        assert feel.parse(word).names == frozenset()


@pytest.mark.parametrize(
    ("text", "column"),
    [("a`b", 2), ("a\\b", 2), ("\x00", 1), ("a\x07", 2), ("“a”", 1), ("a = ‘b’", 5)],
)
def test_a_sign_that_feel_does_not_have_is_refused_with_its_place(text, column):
    with pytest.raises(feel.FeelError) as refused:
        feel.parse(text)
    assert refused.value.column == column
