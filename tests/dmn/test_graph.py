"""Graphs of decisions: requirements, knowledge, services, boxed expressions, types, imports."""

import datetime
from decimal import Decimal

import pytest

from engine import dmn, feel

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def model(content, *others, namespace="m", version=NAMESPACE):
    return dmn.load(source(content, namespace, version), *others)


def source(content, namespace="m", version=NAMESPACE):
    head = f'<definitions xmlns="{version}" id="x" name="x" namespace="{namespace}">'
    return f"{head}{content}</definitions>".encode()


def decision(name, logic, needs="", kind=""):
    variable = f'<variable name="{name}" typeRef="{kind}"/>' if kind else f'<variable name="{name}"/>'
    return f'<decision id="{name}" name="{name}">{variable}{needs}{logic}</decision>'


def literal(text):
    return f"<literalExpression><text>{text}</text></literalExpression>"


def inputs(*names):
    return "".join(
        f'<inputData id="i_{name}" name="{name}"><variable name="{name}"/></inputData>' for name in names
    )


def needs_input(*names):
    return "".join(
        f'<informationRequirement><requiredInput href="#i_{name}"/></informationRequirement>'
        for name in names
    )


def needs_decision(*ids):
    return "".join(
        f'<informationRequirement><requiredDecision href="#{key}"/></informationRequirement>' for key in ids
    )


def needs_knowledge(*ids):
    return "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{key}"/></knowledgeRequirement>' for key in ids
    )


def iteration(kind, items, part, text):
    inner = f"<in>{literal(items)}</in><{part}>{literal(text)}</{part}>"
    return f'<{kind} iteratorVariable="x">{inner}</{kind}>'


FEE = (
    '<businessKnowledgeModel id="fee" name="fee of"><variable name="fee of" typeRef="number"/>'
    f'<encapsulatedLogic><formalParameter name="amount" typeRef="number"/>{literal("amount * 0.01")}'
    "</encapsulatedLogic></businessKnowledgeModel>"
)


def test_a_decision_sees_what_it_requires_and_nothing_else():
    found = model(
        inputs("amount", "hidden")
        + decision("double", literal("amount * 2"), needs_input("amount"))
        + decision("total", literal("double + 1"), needs_decision("double"))
        + decision("curious", literal("hidden"))
    )
    context = {"amount": 5, "hidden": 7}
    assert found.evaluate("total", context) == 11
    assert found.evaluate("curious", context) is None
    assert [problem.error.params for problem in found.faults] == [{"name": "hidden"}]
    outcome = found.decide("total", context)
    assert outcome.required["double"].value == 10


def test_business_knowledge_is_called_with_its_types():
    found = model(
        inputs("a") + FEE + decision("d", literal("fee of(a)"), needs_input("a") + needs_knowledge("fee"))
    )
    assert found.evaluate("d", {"a": 300}) == 3
    assert found.evaluate("d", {"a": "many"}) is None
    assert found.evaluate("fee of", {"amount": 200}) == 2


def test_an_invocation_binds_its_arguments_by_name():
    binding = f'<binding><parameter name="amount"/>{literal("400")}</binding>'
    call = f"<invocation>{literal('fee of')}{binding}</invocation>"
    assert model(FEE + decision("d", call, needs_knowledge("fee"))).evaluate("d") == 4


SERVICE = (
    '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#sum"/>'
    '<inputDecision href="#part"/><inputData href="#i_a"/></decisionService>'
)


def test_a_decision_service_takes_its_input_decisions_from_outside():
    found = model(
        inputs("a")
        + decision("part", literal("100"))
        + decision("sum", literal("part + a"), needs_decision("part") + needs_input("a"))
        + SERVICE
        + decision("caller", literal("s(1, 2)"), needs_knowledge("s"))
    )
    assert found.evaluate("sum", {"a": 1}) == 101
    assert found.evaluate("s", {"part": 5, "a": 1}) == 6
    assert found.evaluate("caller") == 3
    assert found.services == {"s": ("sum",)}


def test_boxed_expressions_of_each_kind_have_their_values():
    filtered = f"<filter><in>{literal('[1, 5, 9]')}</in><match>{literal('item &gt; 4')}</match></filter>"
    entry = f'<contextEntry><variable name="big ones"/>{filtered}</contextEntry>'
    rows = f"<row>{literal('1')}{literal('2')}</row>"
    branches = f"<then>{literal('1')}</then><else>{literal('2')}</else>"
    boxes = {
        "context": (f"<context>{entry}<contextEntry>{literal('big ones[1]')}</contextEntry></context>", 5),
        "list": (f"<list>{literal('1')}{literal('2')}</list>", [1, 2]),
        "relation": (
            f'<relation><column name="a"/><column name="b"/>{rows}</relation>',
            [{"a": 1, "b": 2}],
        ),
        "conditional": (
            f"<conditional><if>{literal('1 &gt; 2')}</if>{branches}</conditional>",
            2,
        ),
        "for": (
            iteration("for", "[1..3]", "return", "x + count(partial)"),
            [1, 3, 5],
        ),
        "some": (
            iteration("some", "[1, 2]", "satisfies", "x = 2"),
            True,
        ),
        "every": (
            iteration("every", "[1, 2]", "satisfies", "x = 2"),
            False,
        ),
    }
    found = model("".join(decision(name, logic) for name, (logic, _) in boxes.items()))
    assert {name: found.evaluate(name) for name in boxes} == {
        name: value for name, (_, value) in boxes.items()
    }


TYPES = (
    '<itemDefinition name="tSide"><typeRef>string</typeRef>'
    '<allowedValues><text>"a", "b"</text></allowedValues></itemDefinition>'
    '<itemDefinition name="tParty"><itemComponent name="side"><typeRef>tSide</typeRef>'
    '</itemComponent></itemDefinition><itemDefinition name="tParties" isCollection="true">'
    "<typeRef>tParty</typeRef></itemDefinition>"
)


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ([{"side": "a"}, {"side": "b"}], True),
        ([{"side": "c"}], False),
        ([{"name": "x"}], False),
        ({"side": "a"}, True),
        ("a", False),
    ],
)
def test_an_input_is_checked_against_its_item_definition(value, accepted):
    data = '<inputData id="i_p" name="p"><variable name="p" typeRef="tParties"/></inputData>'
    found = model(TYPES + data + decision("d", literal("p != null"), needs_input("p")))
    assert found.evaluate("d", {"p": value}) is accepted


def test_a_result_of_another_type_is_null_and_one_item_makes_a_list():
    found = model(
        TYPES + decision("n", literal('"x"'), kind="number") + decision("s", literal('["a"]'), kind="tSide")
    )
    notes: list[feel.Note] = []
    assert found.evaluate("n", None, notes) is None
    assert notes[0].message == "The value is not of the type {type}."
    assert found.evaluate("s") == "a"


def test_an_imported_model_is_reached_by_its_name():
    imported = source(TYPES + FEE + decision("rate", literal("3")), namespace="other")
    needs = (
        '<informationRequirement><requiredDecision href="other#rate"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="other#fee"/></knowledgeRequirement>'
    )
    main = '<import namespace="other" name="law book" importType="x"/>' + decision(
        "d", literal("law book.rate + law book.fee of(100)"), needs
    )
    assert model(main, imported).evaluate("d") == 4
    with pytest.raises(dmn.ModelError):
        model(main)


@pytest.mark.parametrize("year", ["20180521", "20191111", "20211108"])
def test_earlier_versions_are_read(year):
    scheme = "http" if year == "20180521" else "https"
    version = f"{scheme}://www.omg.org/spec/DMN/{year}/MODEL/"
    assert model(decision("d", literal("1")), version=version).evaluate("d") == 1


def test_a_decision_that_needs_itself_ends_in_an_error():
    found = model(
        decision("a", literal("b"), needs_decision("b")) + decision("b", literal("a"), needs_decision("a"))
    )
    with pytest.raises(feel.FeelError):
        found.evaluate("a")


def test_models_that_import_one_another_are_refused():
    first = source('<import namespace="b" name="b"/>', namespace="a")
    with pytest.raises(dmn.ModelError):
        dmn.load(first, source('<import namespace="a" name="a"/>', namespace="b"))


def test_a_function_of_the_context_is_within_reach():
    later = feel.Function(
        "add working days", ("from", "days"), lambda day, days: day + datetime.timedelta(int(days))
    )
    found = model(inputs("day") + decision("d", literal("add working days(day, 3)"), needs_input("day")))
    context = {"add working days": later, "day": datetime.date(2026, 11, 23)}
    assert found.evaluate("d", context) == datetime.date(2026, 11, 26)


def test_functions_of_java_are_null():
    logic = '<functionDefinition kind="Java"><formalParameter name="x"/></functionDefinition>'
    assert model(decision("d", logic)).evaluate("d") is None


def test_a_wrong_expression_stops_only_its_own_decision():
    found = model(decision("good", literal("1")) + decision("bad", literal("1 +")))
    assert found.evaluate("good") == Decimal(1)
    assert [problem.text for problem in found.problems] == ["1 +"]
    with pytest.raises(feel.FeelError):
        found.evaluate("bad")
