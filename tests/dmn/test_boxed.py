"""Boxed expressions beside the FEEL text that each of them means (DMN 1.5, 10.2.1)."""

from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import dmn, feel
from tests.dmn.test_graph import decision, inputs, iteration, literal, model, needs_input, needs_knowledge

LAW = settings(deadline=None, max_examples=40)
NUMBERS = st.lists(st.integers(-9, 9), max_size=6)


def text(expression):
    return literal(escape(expression))


def conditional(condition, then, otherwise):
    parts = (("if", condition), ("then", then), ("else", otherwise))
    return "<conditional>" + "".join(f"<{part}>{inner}</{part}>" for part, inner in parts) + "</conditional>"


def filtered(source, match):
    return f"<filter><in>{source}</in><match>{match}</match></filter>"


def loop(kind, source, part, inner, name="x"):
    return f'<{kind} iteratorVariable="{name}"><in>{source}</in><{part}>{inner}</{part}></{kind}>'


def context(*entries, result=""):
    made = "".join(
        f'<contextEntry><variable name="{name}"/>{inner}</contextEntry>' for name, inner in entries
    )
    return f"<context>{made}{f'<contextEntry>{result}</contextEntry>' if result else ''}</context>"


def boxed_list(*items):
    return f"<list>{''.join(items)}</list>"


def relation(names, *rows):
    columns = "".join(f'<column name="{name}"/>' for name in names)
    made = "".join("<row>" + "".join(row) + "</row>" for row in rows)
    return f"<relation>{columns}{made}</relation>"


def function(parameters, body):
    formal = "".join(f'<formalParameter name="{name}"/>' for name in parameters)
    return f"<functionDefinition>{formal}{body}</functionDefinition>"


def invocation(called, **bindings):
    bound = "".join(
        f'<binding><parameter name="{name.replace("_", " ")}"/>{inner}</binding>'
        for name, inner in bindings.items()
    )
    return f"<invocation>{called}{bound}</invocation>"


SAME = {
    "a literal": (text("a + 1"), "a + 1"),
    "a list": (boxed_list(text("a"), text("b"), boxed_list(text("1"))), "[a, b, [1]]"),
    "an empty list": (boxed_list(), "[]"),
    "a context": (context(("x", text("a")), ("y z", text("x + 1"))), '{"x": a, "y z": a + 1}'),
    "a context with a result": (context(("x", text("a")), result=text("x * 2")), "a * 2"),
    "a context in a context": (context(("x", context(("y", text("a"))))), "{x: {y: a}}"),
    "a context's entries hide inputs": (context(("a", text("10")), result=text("a")), "10"),
    "a relation": (
        relation(["p", "q"], [text("a"), text("1")], [text("b"), text("2")]),
        "[{p: a, q: 1}, {p: b, q: 2}]",
    ),
    "a relation without rows": (relation(["p"]), "[]"),
    "a condition that is true": (conditional(text("a < b"), text('"less"'), text('"more"')), '"less"'),
    "a condition that is false": (conditional(text("a > b"), text('"more"'), text('"less"')), '"less"'),
    "a condition that is not known": (conditional(text("a > none"), text("1"), text("2")), "2"),
    "a condition in a condition": (
        conditional(text("a > b"), text("1"), conditional(text("true"), text("2"), text("3"))),
        "2",
    ),
    "a filter": (filtered(text("[1, 5, 9]"), text("item > a")), "[1, 5, 9][item > a]"),
    "a filter by members": (filtered(text("[{n: 1}, {n: 5}]"), text("n > a")), "[{n: 5}]"),
    "a filter of one value": (filtered(text("5"), text("item > a")), "[5]"),
    "a filter of nothing": (filtered(text("none"), text("item > a")), "[]"),
    "a filter by a position": (filtered(text("[7, 8]"), text("2")), "8"),
    "a loop": (loop("for", text("[1, 2]"), "return", text("x * a")), "for x in [1, 2] return x * a"),
    "a loop over a range": (loop("for", text("[1..3]"), "return", text("x")), "[1, 2, 3]"),
    "a loop with what came before": (
        loop("for", text("[1, 2, 3]"), "return", text("x + sum(append(partial, 0))")),
        "for x in [1, 2, 3] return x + sum(append(partial, 0))",
    ),
    "a loop in a loop": (
        loop(
            "for", text("[1, 2]"), "return", loop("for", text("[10, 20]"), "return", text("x + y"), name="y")
        ),
        "[[11, 21], [12, 22]]",
    ),
    "some": (loop("some", text("[1, 5]"), "satisfies", text("x > a")), "true"),
    "none": (loop("some", text("[1, 2]"), "satisfies", text("x > 9")), "false"),
    "every": (loop("every", text("[3, 5]"), "satisfies", text("x > a")), "true"),
    "not every": (loop("every", text("[1, 5]"), "satisfies", text("x > a")), "false"),
    "some of nothing": (loop("some", text("[]"), "satisfies", text("x > a")), "false"),
    "every of nothing": (loop("every", text("[]"), "satisfies", text("x > a")), "true"),
    "some that is not known": (loop("some", text("[none, 1]"), "satisfies", text("x > a")), "null"),
    "a loop over null": (loop("for", text("none"), "return", text("x")), "null"),
    "an invocation": (
        context(
            ("f", function(["m", "n o"], text("m - n o"))),
            result=invocation(text("f"), n_o=text("a"), m=text("b")),
        ),
        "b - a",
    ),
    "an invocation of a built-in": (
        invocation(text("substring"), string=text('"abc"'), start_position=text("2")),
        '"bc"',
    ),
    "an invocation without a parameter": (
        context(("f", function(["m", "n"], text("[m, n]"))), result=invocation(text("f"), n=text("1"))),
        "[null, 1]",
    ),
    "an invocation with a wrong name": (
        context(("f", function(["m"], text("m"))), result=invocation(text("f"), other=text("1"))),
        "null",
    ),
    "an invocation of what is no function": (invocation(text("a"), x=text("1")), "null"),
    "a function that calls itself": (
        context(
            ("f", function(["n"], text("if n < 2 then 1 else n * f(n - 1)"))),
            result=text("f(5)"),
        ),
        "120",
    ),
    "a function that sees what is around it": (
        context(("k", text("a * 2")), ("f", function(["n"], text("n + k"))), result=text("f(1)")),
        "a * 2 + 1",
    ),
    "a function with a box in it": (
        context(
            ("f", function(["n"], conditional(text("n > 1"), text('"many"'), text('"one"')))),
            result=text("f(2)"),
        ),
        '"many"',
    ),
}
"""The box, and the FEEL text that means the same with a = 2, b = 5 and none = null."""

VALUES = {"a": 2, "b": 5, "none": None}


def evaluated(logic, notes=None, **values):
    found = model(inputs(*(values or VALUES)) + decision("d", logic, needs_input(*(values or VALUES))))
    assert [str(problem.error) for problem in found.problems] == []
    return found.evaluate("d", values or VALUES, notes)


@pytest.mark.parametrize("name", SAME)
def test_a_box_has_the_value_of_its_text(name):
    box, meant = SAME[name]
    assert feel.text_of(evaluated(box)) == feel.text_of(feel.evaluate(meant, VALUES))


@LAW
@given(NUMBERS, st.integers(-9, 9))
def test_boxes_over_lists_are_the_loops_and_filters_of_feel(numbers, bound):
    values = {"s": numbers, "n": bound}
    pairs = [
        (filtered(text("s"), text("item > n")), "s[item > n]"),
        (loop("for", text("s"), "return", text("x * n")), "for x in s return x * n"),
        (loop("some", text("s"), "satisfies", text("x > n")), "some x in s satisfies x > n"),
        (loop("every", text("s"), "satisfies", text("x > n")), "every x in s satisfies x > n"),
        (boxed_list(*(text(str(number)) for number in numbers)), "s"),
        (conditional(text("count(s) > n"), text("s"), text("n")), "if count(s) > n then s else n"),
        (relation(["v"], *([text(str(number))] for number in numbers)), "for x in s return {v: x}"),
    ]
    for box, meant in pairs:
        assert evaluated(box, **values) == feel.evaluate(meant, values), meant


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        (conditional(text('"yes"'), text("1"), text("2")), "The condition is not true or false."),
        (filtered(text("[1, 2]"), text('"yes"')), "The condition of the filter is not true or false."),
        (filtered(text("[1, 2]"), text("3")), "The list has no item {index}."),
        (loop("for", text("none"), "return", text("x")), "There is nothing to iterate over."),
        (loop("every", text("none"), "satisfies", text("x")), "There is nothing to iterate over."),
        (invocation(text("a"), x=text("1")), "This is not a function."),
        ('<functionDefinition kind="PMML"/>', "Functions from outside are not allowed."),
    ],
)
def test_a_box_without_a_value_says_why(box, reason):
    notes: list[feel.Note] = []
    assert evaluated(box, notes) is None
    assert reason in [note.message for note in notes]


@pytest.mark.parametrize(
    "box",
    ["<context/>", "<list/>", "<conditional/>", "<filter/>", "<for/>", "<some/>", "<every/>", "<invocation/>"]
    + ["<literalExpression/>", "<literalExpression><text/></literalExpression>", "<relation/>"]
    + ["<functionDefinition/>", iteration("for", "[1]", "return", ""), "<decisionTable/>"],
)
def test_a_box_that_is_empty_is_no_error(box):
    found = model(decision("d", box))
    value = found.evaluate("d")
    assert value in ({}, [], None, [None]) or isinstance(value, feel.values.Invocable)


def test_a_note_of_a_box_tells_the_place_in_its_own_text():
    notes: list[feel.Note] = []
    assert evaluated(boxed_list(text("1"), text("1 +\n  nobody")), notes) == [1, None]
    assert (notes[0].line, notes[0].column) == (2, 3)


def test_faults_are_told_with_the_line_of_the_file_and_the_place_in_the_text():
    logic = boxed_list(text("abs(1, 2)"), text('@"2026-02-30"'), text("nobody"))
    found = model("\n\n" + decision("d", logic))
    assert [(fault.line, str(fault.error)) for fault in found.faults] == [
        (3, "The function abs takes 1 arguments, not 2. (line 1, column 4)"),
        (3, "2026-02-30 is not a date, time or duration. (line 1, column 1)"),
        (3, "nobody is not known here. (line 1, column 1)"),
    ]
    assert found.evaluate("d") == [None, None, None]


def test_knowledge_that_has_a_built_ins_name_is_called_by_its_own_parameters():
    knowledge = (
        '<businessKnowledgeModel id="k" name="abs"><variable name="abs"/><encapsulatedLogic>'
        f'<formalParameter name="x"/><formalParameter name="y"/>{text("x + y")}'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    found = model(knowledge + decision("d", text("abs(1, 2)"), needs_knowledge("k")))
    assert found.faults == []
    assert found.evaluate("d") == 3


def test_an_element_that_is_no_expression_where_one_must_be_is_refused():
    with pytest.raises(dmn.ModelError):
        dmn.load(b"<definitions/>")
    assert model(decision("d", "<unknownThing/>")).evaluate("d") is None
