"""Decision tables: hit policies, defaults, outputs, annotations."""

from decimal import Decimal

import pytest

from engine import dmn

HEAD = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m" namespace="m">
<inputData id="i" name="people"><variable name="people" typeRef="number"/></inputData>
<decision id="d" name="path of the case">
<informationRequirement><requiredInput href="#i"/></informationRequirement>"""
FOOT = "</decision></definitions>"


def table(policy, rows, outputs='<output name="path"/>', aggregation=""):
    made = "".join(
        f"<rule><inputEntry><text>{test}</text></inputEntry>"
        + "".join(f"<outputEntry><text>{value}</text></outputEntry>" for value in values)
        + f"<annotationEntry><text>{note}</text></annotationEntry></rule>"
        for test, values, note in rows
    )
    return (
        f'{HEAD}<decisionTable hitPolicy="{policy}" {aggregation}><input><inputExpression>'
        f"<text>people</text></inputExpression></input>{outputs}<annotation name='law'/>{made}"
        f"</decisionTable>{FOOT}"
    ).encode()


ROWS = [("&lt; 3", ['"simple"'], "Art. 1"), ("[3..9]", ['"usual"'], "Art. 2"), ("-", ['"all"'], "Art. 3")]
NUMBERS = [("&gt; 1", ["10"], ""), ("&gt; 2", ["30"], ""), ("&gt; 3", ["20"], "")]
RANKED = '<output name="path"><outputValues><text>"all", "usual", "simple"</text></outputValues></output>'


@pytest.mark.parametrize(
    ("policy", "people", "value"),
    [
        ("FIRST", 2, "simple"),
        ("UNIQUE", 2, None),
        ("ANY", 2, None),
        ("UNIQUE", 12, "all"),
        ("RULE ORDER", 5, ["usual", "all"]),
        ("COLLECT", 5, ["usual", "all"]),
    ],
)
def test_a_hit_policy_chooses_among_the_rows_that_match(policy, people, value):
    assert dmn.load(table(policy, ROWS)).evaluate("d", {"people": people}) == value


@pytest.mark.parametrize(("policy", "value"), [("PRIORITY", "all"), ("OUTPUT ORDER", ["all", "usual"])])
def test_a_ranked_policy_follows_the_order_of_the_output_values(policy, value):
    assert dmn.load(table(policy, ROWS, RANKED)).evaluate("d", {"people": 5}) == value


@pytest.mark.parametrize(("aggregation", "value"), [("SUM", 60), ("MIN", 10), ("MAX", 30), ("COUNT", 3)])
def test_a_collecting_table_adds_up(aggregation, value):
    model = dmn.load(table("COLLECT", NUMBERS, aggregation=f'aggregation="{aggregation}"'))
    assert model.evaluate("d", {"people": 5}) == Decimal(value)


def test_an_outcome_says_which_rows_matched_and_by_which_law():
    outcome = dmn.load(table("RULE ORDER", ROWS)).decide("path of the case", {"people": 5})
    assert outcome.rows == (2, 3)
    assert [note["law"] for note in outcome.annotations] == ["Art. 2", "Art. 3"]


def test_several_outputs_make_a_context():
    outputs = '<output name="path"/><output name="days"/>'
    model = dmn.load(table("UNIQUE", [("-", ['"simple"', "people * 2"], "")], outputs))
    assert model.evaluate("d", {"people": 5}) == {"path": "simple", "days": 10}


def test_without_a_matching_row_the_default_holds_and_else_null():
    with_default = (
        '<output name="path"><defaultOutputEntry><text>"usual"</text></defaultOutputEntry></output>'
    )
    assert dmn.load(table("UNIQUE", ROWS[:1], with_default)).evaluate("d", {"people": 5}) == "usual"
    assert dmn.load(table("UNIQUE", ROWS[:1])).evaluate("d", {"people": 5}) is None


def test_an_input_of_another_type_is_null():
    assert dmn.load(table("UNIQUE", ROWS[:2])).evaluate("d", {"people": "five"}) is None


def test_a_cell_that_is_not_feel_is_a_problem_with_its_line():
    model = dmn.load(table("UNIQUE", [("[3..", ["1"], "")]))
    assert [(problem.line, problem.text) for problem in model.problems] == [(4, "[3..")]


@pytest.mark.parametrize(
    "content",
    [b"<x/>", b"not xml", b'<!DOCTYPE x><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'],
)
def test_a_file_that_is_no_model_is_refused(content):
    with pytest.raises(dmn.ModelError):
        dmn.load(content)


@pytest.mark.parametrize("aggregation", ["", *(f'aggregation="{name}"' for name in ("SUM", "MIN", "COUNT"))])
def test_a_collecting_table_without_a_matching_row_is_its_default_or_null(aggregation):
    notes = []
    nothing = table("COLLECT", NUMBERS, aggregation=aggregation)
    assert dmn.load(nothing).evaluate("d", {"people": 0}, notes) is None
    assert [note.message for note in notes] == ["No row of the decision table matches."]
    default = '<output name="path"><defaultOutputEntry><text>[]</text></defaultOutputEntry></output>'
    with_default = table("COLLECT", NUMBERS, default, aggregation)
    assert dmn.load(with_default).evaluate("d", {"people": 0}) == []
