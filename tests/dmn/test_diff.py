"""Two versions of a decision model compared, by row and cell."""

from pathlib import Path

import pytest

from engine import dmn
from engine.changes import Change

TRIAGE = (Path(__file__).parents[2] / "processes" / "triage.dmn").read_bytes()
HEAD = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
TABLE = """<inputData id="i" name="amount"><variable name="amount" typeRef="number"/></inputData>
<decision id="way" name="way"><variable name="way"/>
<informationRequirement><requiredInput href="#i"/></informationRequirement>
<decisionTable id="t" hitPolicy="FIRST">
<input id="a" label="金额"><inputExpression><text>amount</text></inputExpression></input>
<output id="w" name="way"/>
<rule id="small"><inputEntry><text>&lt; 100</text></inputEntry>
<outputEntry><text>"here"</text></outputEntry></rule>
<rule id="large"><inputEntry><text>[100..500]</text></inputEntry>
<outputEntry><text>"there"</text></outputEntry></rule>
<rule id="rest"><inputEntry><text>-</text></inputEntry>
<outputEntry><text>"court"</text></outputEntry></rule>
</decisionTable></decision>
<decision id="text" name="text"><variable name="text"/>
<literalExpression><text>"a"</text></literalExpression></decision>"""


def model(body: str = TABLE) -> bytes:
    return f"{HEAD}{body}</definitions>".encode()


def changed(old: str, new: str) -> list[Change]:
    assert old in TABLE
    after = model(TABLE.replace(old, new, 1))
    assert not dmn.load(after).problems
    return dmn.diff(model(), after)


def test_a_model_does_not_differ_from_itself() -> None:
    assert dmn.diff(TRIAGE, TRIAGE) == []
    assert dmn.diff(model(), model()) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[100..500]", "[100..5000)", ("row", "large", "cell", "金额", "[100..500]", "[100..5000)")),
        ('"court"', '"office"', ("row", "rest", "cell", "way", '"court"', '"office"')),
        ("FIRST", "UNIQUE", ("decision", "way", "hit policy", "", "FIRST", "UNIQUE")),
        ('>"a"<', '>"b"<', ("decision", "text", "expression", "", '"a"', '"b"')),
        (">amount<", ">amount * 2<", ("input column", "a", "expression", "", "amount", "amount * 2")),
        ('typeRef="number"', 'typeRef="Any"', ("input data", "i", "type", "", "number", "Any")),
    ],
)
def test_each_kind_of_change_is_told_exactly(old: str, new: str, expected: tuple[str, ...]) -> None:
    (change,) = changed(old, new)
    assert change.kind == "changed"
    assert (
        change.element, change.element_id, change.aspect, change.part, change.before, change.after,
    ) == expected  # fmt: skip


def test_rows_that_came_and_went_are_told_with_their_texts() -> None:
    rule = TABLE[TABLE.index('<rule id="large">') : TABLE.index('<rule id="rest">')]
    shorter = model(TABLE.replace(rule, ""))
    (removed,) = dmn.diff(model(), shorter)
    assert (removed.kind, removed.name, removed.before) == ("removed", "2", '[100..500] | "there"')
    (added,) = dmn.diff(shorter, model())
    assert (added.kind, added.name, added.after) == ("added", "2", '[100..500] | "there"')


def test_a_row_at_another_place_is_told_because_the_first_that_holds_decides() -> None:
    rule = TABLE[TABLE.index('<rule id="rest">') : TABLE.index("</decisionTable>")]
    moved = TABLE.replace(rule, "").replace('<rule id="small">', rule + '<rule id="small">')
    found = dmn.diff(model(), model(moved))
    assert [(one.element_id, one.aspect) for one in found if one.element_id == "rest"] == [
        ("rest", "place in the order")
    ]
    assert {one.aspect for one in found} == {"place in the order"}


def test_a_decision_that_came_or_went_is_told_by_its_name() -> None:
    without = model(TABLE[: TABLE.index('<decision id="text"')])
    assert [(one.kind, one.element, one.element_id) for one in dmn.diff(model(), without)] == [
        ("removed", "decision", "text")
    ]


def test_what_a_decision_requires_is_compared() -> None:
    more = '<inputData id="j" name="age"/>'
    needed = '<informationRequirement><requiredInput href="#{}"/></informationRequirement>'
    after = TABLE.replace(needed.format("i"), needed.format("i") + needed.format("j")) + more
    found = {(one.kind, one.element_id, one.aspect, one.after) for one in dmn.diff(model(), model(after))}
    assert found == {("changed", "way", "requirements", "#i, #j"), ("added", "j", "", None)}
