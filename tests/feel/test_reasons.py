"""Every reason that FEEL and DMN give: for a value that is null, and for an expression that is refused."""

import ast
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from engine import feel
from engine.feel import limits
from engine.feel.expression import parse_unary_tests

ROOT = Path(__file__).parents[2]
CONTEXT = {"amount": 5, "name": "a", "none": None, "items": [1, 2], "party": {"age": 20}}

WHY_NULL = {
    "unknown names": [
        ("amout + 1", "amout is not known here.", 1, 1),
        ("1 +\n  amout", "amout is not known here.", 2, 3),
        ("party.aeg", "There is no entry aeg.", 1, 6),
        ("name.length", "There is no entry length.", 1, 5),
        ('@"2026-11-23".hour', "There is no entry hour.", 1, 14),
        ("amount.x.y", "There is no entry x.", 1, 7),
    ],
    "operators on types that have no result": [
        ("amount + name", "+ has no result for number and string.", 1, 8),
        ("amount - none", "- has no result for number and Null.", 1, 8),
        ("amount > name", "> has no result for number and string.", 1, 8),
        ("name < 1", "< has no result for string and number.", 1, 6),
        ("amount = name", "= has no result for number and string.", 1, 8),
        ("items * 2", "* has no result for list and number.", 1, 7),
        ("amount / 0", "/ has no result for number and number.", 1, 8),
        ("amount between name and 3", "between has no result for number and string.", 1, 8),
        ("-name", "string has no negative.", 1, 1),
        ("1e6144 * 10", "The result is out of bounds.", 1, 8),
        ("true and name", "An operand of and is not true or false.", 1, 6),
        ("false or none", "An operand of or is not true or false.", 1, 7),
        ("amount in name", "number can't be compared with what stands after in.", 1, 8),
    ],
    "lists, contexts and ranges": [
        ("items[3]", "The list has no item 3.", 1, 6),
        ("items[0]", "The list has no item 0.", 1, 6),
        ("items[1.5]", "The list has no item 1.5.", 1, 6),
        ("items[name]", "The condition of the filter is not true or false.", 1, 6),
        ("{a: 1, a: 2}", "A key of the context occurs twice.", 1, 1),
        ('[1.."a"]', "The ends of the range can't be compared.", 1, 1),
        ("[2..1]", "The range ends before it begins.", 1, 1),
        ("(< [1])", "This comparison is not a range.", 1, 2),
        ("for x in none return x", "There is nothing to iterate over.", 1, 1),
        ("for x in 1..name return x", "There is nothing to iterate over.", 1, 1),
        ("some x in none satisfies true", "There is nothing to iterate over.", 1, 1),
        ("every x in items satisfies name", "The condition is not true or false.", 1, 1),
    ],
    "calls": [
        ("name(1)", "This is not a function.", 1, 5),
        ("name(x: 1)", "This is not a function.", 1, 5),
        ("abs(name)", "The function abs does not accept these arguments.", 1, 4),
        ("1 + abs()", "The function abs does not accept these arguments.", 1, 8),
        ('date("2026-02-30")', "The function date has no result for these arguments.", 1, 5),
        ("sqrt(-1)", "The function sqrt has no result for these arguments.", 1, 5),
        ("(function(x) x)(1, 2)", "The function function takes 1 arguments, not 2.", 1, 16),
        ("(function(x) x)(y: 1)", "The function has no parameters with these names: y.", 1, 16),
        ("(function(x: number) x)(name)", "The argument x has the wrong type.", 1, 24),
        ("function(x) external {java: 1}", "Functions from outside are not allowed.", 1, 1),
    ],
    "literals and types": [
        ('@"2026-13-01"', "2026-13-01 is not a date, time or duration.", 1, 1),
        ("amount instance of tAmount", "tAmount is not a type here.", 1, 8),
        ("items instance of list", "list is not a type here.", 1, 7),
        ("items instance of list<tAmount>", "list<tAmount> is not a type here.", 1, 7),
    ],
}
"""The expression, the reason, its line and its column."""

REFUSED = [
    ("", "The expression ends where a value is expected.", 1, 1),
    ("1 +", "The expression ends where a value is expected.", 1, 4),
    ("if a", "The expression ends where then is expected.", 1, 5),
    ("if a\nthen b", "The expression ends where else is expected.", 2, 7),
    ("for x", "The expression ends where in is expected.", 1, 6),
    ("for x in y", "The expression ends where return is expected.", 1, 11),
    ("some x in y", "The expression ends where satisfies is expected.", 1, 12),
    ("a between 1", "The expression ends where and is expected.", 1, 12),
    ("1 instance", "The expression ends where of is expected.", 1, 11),
    ("abs(1", "The expression ends where , / ) is expected.", 1, 6),
    ("[1, 2", "The expression ends where , / ] is expected.", 1, 6),
    ("{a: 1", "The expression ends where , / } is expected.", 1, 6),
    ("[1..2", "The expression ends where ] / ) is expected.", 1, 6),
    ("(1", "The expression ends where ) is expected.", 1, 3),
    ("{a", "The expression ends where : is expected.", 1, 3),
    ("1 2", "Found 2 where the end is expected.", 1, 3),
    ("a )", "Found ) where the end is expected.", 1, 3),
    ("* 2", "Found * where a value is expected.", 1, 1),
    ("[1, ]", "Found ] where a value is expected.", 1, 5),
    ("a.5", "Found .5 where the end is expected.", 1, 2),
    ("a.(b)", "Found ( where a name is expected.", 1, 3),
    ("@5", "Found 5 where a string is expected.", 1, 2),
    ("for 5 in x return 1", "Found 5 where a name is expected.", 1, 5),
    ("function x", "Found x where ( is expected.", 1, 10),
    ('a + "b', "The string has no end.", 1, 5),
    ("1 /* a", "The comment has no end.", 1, 3),
    ("a \\ b", "The character \\ is not expected here.", 1, 3),
    ("1e99999", "The number 1e99999 is too large.", 1, 1),
    ("a\n\n  + *", "Found * where a value is expected.", 3, 5),
]
"""What the grammar does not know, with what it expects and where."""

HALF = f"for x in 1..{limits.LIST_LENGTH // 2} return 1"
TOO_MUCH = [
    ("1" * (limits.TEXT_LENGTH + 1), f"The expression is longer than {limits.TEXT_LENGTH} characters."),
    ("1 " * (limits.TOKENS + 1), f"The expression has more than {limits.TOKENS} words and signs."),
    ("(" * 200 + "1", f"The expression is nested deeper than {limits.NESTING} levels."),
    ("{f: function(x) f(x), y: f(1)}.y", f"Functions call one another deeper than {limits.CALLS} times."),
    (f"{{a: {HALF}, b: concatenate(a, a, a)}}.b", f"A list is longer than {limits.LIST_LENGTH} items."),
    ("for x in 1..10**9, y in [] return x", "The expression takes too long."),
    (
        f"{{a: {HALF}, b: [a, a, a]}}.b",
        f"A value has more than {limits.LIST_LENGTH} parts.",
    ),
    (
        'for i in 1..60 return if i = 1 then "aaaa" else partial[-1] + partial[-1]',
        f"A string is longer than {limits.STRING_LENGTH} characters.",
    ),
]


def all_rows():
    return [row for part in WHY_NULL.values() for row in part]


@pytest.mark.parametrize(("text", "reason", "line", "column"), all_rows())
def test_a_note_tells_why_a_value_is_null_and_where(text, reason, line, column):
    notes: list[feel.Note] = []
    feel.parse(text, CONTEXT).evaluate(CONTEXT, notes)
    assert [str(note) for note in notes][:1] == [f"{reason} (line {line}, column {column})"]
    assert (notes[0].line, notes[0].column) == (line, column)


@pytest.mark.parametrize(("text", "reason", "line", "column"), REFUSED)
def test_an_error_tells_what_was_expected_and_where_and_keeps_the_text(text, reason, line, column):
    with pytest.raises(feel.FeelError) as refused:
        feel.parse(text)
    error = refused.value
    assert str(error) == f"{reason} (line {line}, column {column})"
    assert (error.text, error.line, error.column) == (text, line, column)


@pytest.mark.parametrize(("text", "reason"), TOO_MUCH, ids=lambda part: part[:30])
def test_an_error_tells_which_limit_was_passed(text, reason):
    with pytest.raises(feel.FeelError) as refused:
        feel.evaluate(text)
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("> ", "The expression ends where a value is expected."),
        ("1, ", "The expression ends where a value is expected."),
        ("not(1", "The expression ends where , / ) is expected."),
        ("[1..", "The expression ends where a value is expected."),
        ("1 2", "Found 2 where the end is expected."),
        ("- 1 -", "The expression ends where a value is expected."),
    ],
)
def test_an_error_in_a_cell_tells_what_was_expected(cell, reason):
    with pytest.raises(feel.FeelError) as refused:
        parse_unary_tests(cell)
    assert str(refused.value).startswith(reason)


def test_notes_come_in_the_order_of_evaluation_and_the_first_names_the_cause():
    notes: list[feel.Note] = []
    assert feel.parse("(amout + 1) * nam > 3").evaluate(CONTEXT, notes) is None
    assert [(note.message.partition(" ")[0], note.column) for note in notes] == [
        ("{name}", 2),
        ("{operator}", 8),
        ("{name}", 15),
        ("{operator}", 13),
        ("{operator}", 19),
    ]


def test_an_evaluation_without_a_list_for_notes_writes_none_and_one_with_it_at_most_a_hundred():
    notes: list[feel.Note] = []
    assert feel.parse("for x in 1..500 return x.y").evaluate({}, notes) == [None] * 500
    assert len(notes) == 100
    assert feel.parse("nobody.knows").evaluate({}) is None


def messages():
    """Every message that FEEL or DMN can give: each literal handed to a note or an error in their code."""
    found, docstrings = set(), set()
    for path in [*(ROOT / "engine" / "feel").rglob("*.py"), *(ROOT / "engine" / "dmn").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Expr):
                docstrings.add(node.value)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and is_message(node.value):
                found.add(node)
    return {node.value for node in found - docstrings}


def is_message(text):
    return text.endswith(".") and " " in text and (text[0].isupper() or text[0] == "{")


@pytest.fixture(scope="module")
def catalogue():
    with (ROOT / "web" / "translations" / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="zh")


def test_every_message_is_there_in_chinese_with_the_same_places_to_fill(catalogue):
    said = messages()
    assert len(said) > 50
    for message in said:
        chinese = getattr(catalogue.get(message), "string", "")
        assert chinese, message
        assert places(chinese) == places(message)


def places(message):
    return {part.partition("}")[0] for part in message.split("{")[1:]}


def test_what_is_expected_is_there_in_chinese(catalogue):
    words = {
        reason.split(" where ")[1].split(" is expected")[0]
        for _, reason, _, _ in REFUSED
        if " where " in reason
    }
    named = {word for word in words if word.split()[0] in ("a", "the")}
    assert named == {"a value", "a name", "a string", "the end"}
    assert all(getattr(catalogue.get(word), "string", "") for word in named)


def test_every_note_of_feel_stands_in_the_table_of_this_page():
    told = {reason for _, reason, _, _ in all_rows()}
    patterns = [
        message for message in messages_of_notes() if not any(fits(message, reason) for reason in told)
    ]
    assert patterns == []


def messages_of_notes():
    """The messages of `run.note(place, "…")` in engine/feel."""
    for path in (ROOT / "engine" / "feel").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "note":
                yield from (
                    a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
                )


def fits(message, reason):
    """Whether a reason is this message with its places filled."""
    parts = [part.partition("}")[2] or part.partition("}")[0] for part in message.split("{")]
    return all(part in reason for part in parts if " " in part)
