"""Printing a tree: brackets only where they are needed, names and keys as they can be read again."""

import pytest

from engine.feel.expression import BUILTIN_NAMES
from engine.feel.names import KnownNames
from engine.feel.parser import parse_expression, parse_tests
from engine.feel.printer import print_node, type_text

KNOWN = KnownNames(["party name", "a-b"], BUILTIN_NAMES)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("1+2*3", "1 + 2 * 3"),
        ("(1+2)*3", "(1 + 2) * 3"),
        ("1-(2-3)", "1 - (2 - 3)"),
        ("(1-2)-3", "1 - 2 - 3"),
        ("2**3**2", "2 ** 3 ** 2"),
        ("2**(3**2)", "2 ** (3 ** 2)"),
        ("-a**2", "-a ** 2"),
        ("-(a**2)", "-(a ** 2)"),
        ("- -1", "--1"),
        ("a or(b and c)", "a or b and c"),
        ("(a or b)and c", "(a or b) and c"),
        ("a and(b and c)", "a and (b and c)"),
        ("(a=b)=c", "a = b = c"),
        ("a=(b=c)", "a = (b = c)"),
        ("(if a then b else c)+1", "(if a then b else c) + 1"),
        ("if a then b else c+1", "if a then b else c + 1"),
        ("a between 1+1 and 3", "a between 1 + 1 and 3"),
        ("(a between 1 and 3)and b", "a between 1 and 3 and b"),
        ("a in(1,[2..3],<4)", "a in (1, [2..3], < 4)"),
        ("a in 1", "a in (1)"),
        ("]1..2[", "(1..2)"),
        ("(<5)", "(< 5)"),
        ("a[item>1].b", "a[item > 1].b"),
        ("(a+b)[1]", "(a + b)[1]"),
        ("f(x:1,y:2)", "f(x: 1, y: 2)"),
        ("(function(x:number,y)x)(1,2)", "(function(x: number, y) x)(1, 2)"),
        ('{a:1,"b c":2}', '{a: 1, "b c": 2}'),
        ("for x in 1..3,y in[x]return x", "for x in 1..3, y in [x] return x"),
        ("some x in a satisfies x>1", "some x in a satisfies x > 1"),
        ("a instance of list<context<x:number>>", "a instance of list<context<x: number>>"),
        ("(-a) instance of number", "(-a) instance of number"),
        ("party  name+a-b", "party name + a-b"),
        ('@"P1D"', '@"P1D"'),
        ('"a\\"b\\n\\u0041"', '"a\\"b\\nA"'),
        ("1.50", "1.50"),
        ("1e10", "1e10"),
        ("争议金额>1", "争议金额 > 1"),
    ],
)
def test_a_tree_is_printed_with_the_brackets_that_it_needs(text, printed):
    node = parse_expression(text, KNOWN)
    assert print_node(node) == printed
    assert parse_expression(printed, KNOWN) == node


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("-", "-"),
        ("1,2", "1, 2"),
        ("not(1,>2)", "not(1, > 2)"),
        (">1", "> 1"),
        ("[1..2),null", "[1..2), null"),
        ("not(a) or b", "(not(a) or b)"),
        ("?>1 and ?<3", "? > 1 and ? < 3"),
    ],
)
def test_a_cell_is_printed_as_it_stands_in_a_table(text, printed):
    assert print_node(parse_tests(text, KNOWN)) == printed
    assert parse_tests(printed, KNOWN) == parse_tests(text, KNOWN)


@pytest.mark.parametrize(
    "kind",
    ["number", "Any", "null", "date and time", "days and time duration", "list<string>", "range<date>"]
    + [
        "context<>",
        "context<a: number, b: list<Any>>",
        "function<> -> Any",
        "function<number, string> -> date",
    ]
    + ["tPerson", "lib.tPerson"],
)
def test_a_type_is_printed_as_it_is_written(kind):
    node = parse_expression(f"a instance of {kind}", KNOWN)
    assert type_text(node.type) == kind
