"""Item definitions and the conversions of DMN: what a value becomes where another type is wanted."""

import pytest

from engine import feel
from tests.dmn.test_graph import (
    NAMESPACE,
    decision,
    inputs,
    literal,
    model,
    needs_input,
    needs_knowledge,
    source,
)

TYPES = """<itemDefinition name="tText"><typeRef>string</typeRef></itemDefinition>
<itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>
<itemDefinition name="tPerson"><itemComponent name="name"><typeRef>string</typeRef></itemComponent>
<itemComponent name="age"><typeRef>number</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tPeople" isCollection="true"><typeRef>tPerson</typeRef></itemDefinition>
<itemDefinition name="tSide"><typeRef>string</typeRef>
<allowedValues><text>"applicant", "respondent"</text></allowedValues></itemDefinition>
<itemDefinition name="tSides" isCollection="true"><typeRef>tSide</typeRef></itemDefinition>
<itemDefinition name="tAdult"><typeRef>number</typeRef><allowedValues><text>[18..150]</text></allowedValues>
</itemDefinition>"""


def value_of(found):
    return feel.text_of(found)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1", "number", "1"),
        ("1", "feel:number", "1"),
        ("1", "Any", "1"),
        ("1", "nobody.knows", "null"),
        ('"10"', "number", "null"),
        ("1", "tText", "null"),
        ("[10]", "number", "10"),
        ("[[10]]", "number", "10"),
        ("[10, 20]", "number", "null"),
        ("10", "tNumbers", "[10]"),
        ('"a"', "tNumbers", "null"),
        ("[1, null]", "tNumbers", "[1, null]"),
        ('[1, "a"]', "tNumbers", "null"),
        ("null", "tNumbers", "null"),
        ('@"2026-11-23"', "date and time", "2026-11-23T00:00:00Z"),
        ('@"2026-11-23"', "dateTime", "2026-11-23T00:00:00Z"),
        ('@"2026-11-23T10:00:00"', "date", "null"),
        ('@"P1D"', "dayTimeDuration", "P1D"),
        ('@"P1Y"', "days and time duration", "null"),
        ('{name: "a", age: 1}', "tPerson", '{name: "a", age: 1}'),
        ('{name: "a", age: 1, more: 2}', "tPerson", '{name: "a", age: 1, more: 2}'),
        ("{name: null, age: 1}", "tPerson", "{name: null, age: 1}"),
        ('{name: "a"}', "tPerson", "null"),
        ("{name: 1, age: 1}", "tPerson", "null"),
        ('{name: "a", age: 1}', "tPeople", '[{name: "a", age: 1}]'),
        ('"applicant"', "tSide", "applicant"),
        ('"judge"', "tSide", "null"),
        ('["applicant", "judge"]', "tSides", "null"),
        ('"respondent"', "tSides", '["respondent"]'),
        ("18", "tAdult", "18"),
        ("17", "tAdult", "null"),
    ],
)
def test_a_result_becomes_what_its_type_wants_or_null(text, kind, value):
    found = model(TYPES + decision("d", literal(text), kind=kind)).evaluate("d")
    assert value_of(found) == value


KNOWLEDGE = """<businessKnowledgeModel id="{0}" name="{0}"><variable name="{0}" {2}/><encapsulatedLogic>
<formalParameter name="x" {1}/><literalExpression><text>x</text></literalExpression></encapsulatedLogic>
</businessKnowledgeModel>"""
FUNCTIONS = (
    KNOWLEDGE.format("number in", 'typeRef="number"', "").replace('id="number in"', 'id="a"')
    + KNOWLEDGE.format("numbers in", 'typeRef="tNumbers"', "").replace('id="numbers in"', 'id="b"')
    + KNOWLEDGE.format("number out", "", 'typeRef="number"').replace('id="number out"', 'id="c"')
)


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("number in(1)", "1"),
        ("number in([1])", "1"),
        ('number in("a")', "null"),
        ("number in(null)", "null"),
        ("number in(x: 1)", "1"),
        ("number in(y: 1)", "null"),
        ("number in()", "null"),
        ("number in(1, 2)", "null"),
        ("numbers in(1)", "[1]"),
        ('numbers in([1, "a"])', "null"),
        ("number out([5])", "5"),
        ('number out("a")', "null"),
    ],
)
def test_knowledge_converts_its_arguments_and_its_result(call, value):
    asked = model(TYPES + FUNCTIONS + decision("d", literal(call), needs_knowledge("a", "b", "c")))
    assert value_of(asked.evaluate("d")) == value


def test_inputs_are_converted_and_one_of_another_type_is_null_with_a_note():
    typed = TYPES + inputs("a", "b").replace('name="a"/>', 'name="a" typeRef="number"/>', 1)
    asked = model(typed + decision("d", literal("[a, b]"), needs_input("a", "b")))
    notes = []
    assert value_of(asked.evaluate("d", {"a": [1], "b": "x"})) == '[1, "x"]'
    assert value_of(asked.evaluate("d", {"a": "1", "b": 2}, notes)) == "[null, 2]"
    assert "The input {name} is not of its type." in {note.message for note in notes}
    assert value_of(asked.evaluate("d")) == "[null, null]"


@pytest.mark.parametrize(
    ("alias", "reference", "kind"),
    [("lib", "lib.number in(1)", "lib.tPerson"), ("", "number in(1)", "tPerson")]
    + [("my lib", "my lib.number in(1)", "my lib.tPerson")],
)
def test_knowledge_and_types_are_imported_under_the_imports_name(alias, reference, kind):
    library = source(TYPES + FUNCTIONS, namespace="lib")
    needs = '<knowledgeRequirement><requiredKnowledge href="lib#a"/></knowledgeRequirement>'
    person = literal('{name: "a", age: "old"}')
    content = f'<import name="{alias}" namespace="lib" importType="{NAMESPACE}"/>'
    content += decision("d", literal(reference), needs) + decision("p", person, kind=kind)
    asked = model(content, library)
    assert value_of(asked.evaluate("d")) == "1"
    assert asked.evaluate("p") is None


def test_a_decision_without_logic_and_what_needs_it_are_null():
    needs = '<informationRequirement><requiredDecision href="#empty"/></informationRequirement>'
    asked = model(decision("empty", "") + decision("d", literal("[empty]"), needs))
    assert asked.evaluate("empty") is None
    assert asked.evaluate("d") == [None]
