"""Models as files: versions, imports, services, requirements, types with allowed values, what is refused."""

import pytest

from engine import dmn, feel
from engine.dmn.xml import MAX_BYTES, MAX_DEPTH
from tests.dmn.test_graph import (
    NAMESPACE,
    decision,
    inputs,
    literal,
    model,
    needs_decision,
    needs_input,
    needs_knowledge,
    source,
)

VERSIONS = ["20180521", "20191111", "20211108", "20230324"]


def knowledge(key, text, *parameters, result="", needs=""):
    formal = "".join(f'<formalParameter name="{name}" typeRef="{kind}"/>' for name, kind in parameters)
    return (
        f'<businessKnowledgeModel id="{key}" name="{key}"><variable name="{key}" typeRef="{result}"/>'
        f"<encapsulatedLogic>{formal}{literal(text)}</encapsulatedLogic>{needs}</businessKnowledgeModel>"
    )


def service(key, outputs, decisions=(), data=()):
    parts = [f'<outputDecision href="#{each}"/>' for each in outputs]
    parts += [f'<inputDecision href="#{each}"/>' for each in decisions]
    parts += [f'<inputData href="#i_{each}"/>' for each in data]
    return (
        f'<decisionService id="{key}" name="{key}"><variable name="{key}"/>{"".join(parts)}</decisionService>'
    )


def item(name, base, allowed="", is_list=False, constraint="allowedValues"):
    many = ' isCollection="true"' if is_list else ""
    limit = f"<{constraint}><text>{allowed}</text></{constraint}>" if allowed else ""
    return f'<itemDefinition name="{name}"{many}><typeRef>{base}</typeRef>{limit}</itemDefinition>'


@pytest.mark.parametrize("year", VERSIONS)
def test_each_version_of_the_standard_is_read(year):
    scheme = "http" if year == "20180521" else "https"
    version = f"{scheme}://www.omg.org/spec/DMN/{year}/MODEL/"
    found = model(inputs("a") + decision("d", literal("a + 1"), needs_input("a")), version=version)
    assert found.evaluate("d", {"a": 1}) == 2
    assert (found.id, found.name) == ("x", "x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is not XML: {problem}"),
        (b"<a", "The file is not XML: {problem}"),
        (b"<a/>", "This is not a decision model of DMN 1.2 to 1.5."),
        (b'<definitions xmlns="urn:other"/>', "This is not a decision model of DMN 1.2 to 1.5."),
        (b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "A document type is not allowed."),
        (b" " * (MAX_BYTES + 1), "The decision model is larger than {limit} bytes."),
        (
            source("<a>" * (MAX_DEPTH + 1) + "</a>" * (MAX_DEPTH + 1)),
            "The decision model is nested deeper than {limit} elements.",
        ),
    ],
    ids=lambda part: str(part)[:30],
)
def test_what_is_no_model_is_refused_with_the_reason(content, message):
    with pytest.raises(dmn.ModelError) as refused:
        dmn.load(content)
    assert refused.value.message == message


def test_a_file_outside_is_never_read(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("42")
    entity = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    with pytest.raises(dmn.ModelError):
        dmn.load(entity.encode() + source(decision("d", literal("&e;"))))


def test_a_model_is_loaded_from_a_path_as_from_bytes(tmp_path):
    path = tmp_path / "a.dmn"
    path.write_bytes(source(decision("d", literal("1"))))
    assert dmn.load(path).evaluate("d") == dmn.load(str(path)).evaluate("d") == 1
    with pytest.raises(dmn.ModelError):
        dmn.load()


def test_an_unknown_decision_is_told_by_its_name():
    with pytest.raises(KeyError, match="nobody"):
        model(decision("d", literal("1"))).evaluate("nobody")


@pytest.mark.parametrize("kind", ["requiredInput", "requiredDecision"])
@pytest.mark.parametrize("href", ["#nobody", "other#d", "nobody", ""])
def test_a_requirement_that_leads_nowhere_is_refused(kind, href):
    needs = f'<informationRequirement><{kind} href="{href}"/></informationRequirement>'
    with pytest.raises(dmn.ModelError) as refused:
        model(decision("d", literal("1"), needs))
    assert refused.value.params == {"href": href}


def test_a_decision_is_taken_once_however_many_need_it():
    count = []
    counted = feel.Function("tick", (), lambda: count.append(1) or len(count))
    found = model(
        decision("base", literal("tick()"))
        + "".join(decision(name, literal("base"), needs_decision("base")) for name in "ab")
        + decision("d", literal("[a, b]"), needs_decision("a", "b"))
    )
    assert found.evaluate("d", {"tick": counted}) == [1, 1]
    assert found.evaluate("d", {"tick": counted}) == [2, 2]


def test_an_outcome_has_the_outcomes_of_what_was_required_all_the_way_down():
    found = model(
        decision("one", literal("1"))
        + decision("two", literal("one + 1"), needs_decision("one"))
        + decision("three", literal("two + one"), needs_decision("two", "one"))
    )
    outcome = found.decide("three")
    assert outcome.value == 3
    assert {name: inner.value for name, inner in outcome.required.items()} == {"two": 2, "one": 1}
    assert outcome.required["two"].required["one"] is outcome.required["one"]


def test_what_a_decision_reads_is_the_input_data_of_all_that_it_needs():
    found = model(
        inputs("a", "b", "c")
        + knowledge("k", "1")
        + decision("first", literal("a"), needs_input("a"))
        + decision(
            "second", literal("first + b"), needs_decision("first") + needs_input("b") + needs_knowledge("k")
        )
    )
    assert found.reads("first") == {"a"}
    assert found.reads("second") == {"a", "b"}
    assert found.inputs == {"i_a": "a", "i_b": "b", "i_c": "c"}
    assert found.decisions == {"first": "first", "second": "second"}


SERVICES = (
    inputs("a")
    + decision("part", literal("100"))
    + decision("sum", literal("part + a"), needs_decision("part") + needs_input("a"))
    + decision("product", literal("part * a"), needs_decision("part") + needs_input("a"))
    + service("alone", ["sum"], data=["a"])
    + service("both", ["sum", "product"], ["part"], ["a"])
    + decision("caller", literal("[alone(1), both(2, 3)]"), needs_knowledge("alone", "both"))
    + decision(
        "named", literal("[alone(a: 1).x, both(a: 3, part: 2), both(a: 3)]"), needs_knowledge("alone", "both")
    )
)


def test_a_service_is_a_function_of_its_data_and_of_the_decisions_it_is_given():
    found = model(SERVICES)
    assert found.evaluate("alone", {"a": 1}) == 101
    assert found.evaluate("both", {"part": 2, "a": 3}) == {"sum": 5, "product": 6}
    assert found.evaluate("both", {"a": 3}) == {"sum": None, "product": None}
    assert found.services == {"alone": ("sum",), "both": ("sum", "product")}


def test_a_service_is_called_by_positions_or_names_and_what_is_left_out_is_null():
    found = model(SERVICES)
    answer = {"sum": 5, "product": 6}
    assert found.evaluate("caller") == [101, {"sum": 1 + 4, "product": 6}]
    assert found.evaluate("named") == [None, answer, {"sum": None, "product": None}]


def test_knowledge_may_need_knowledge_and_itself():
    found = model(
        knowledge("twice", "x * 2", ("x", "number"))
        + knowledge(
            "power",
            "if n = 0 then 1 else twice(power(n - 1))",
            ("n", "number"),
            needs=needs_knowledge("twice"),
        )
        + decision("d", literal("power(10)"), needs_knowledge("power"))
    )
    assert found.evaluate("d") == 1024
    assert found.evaluate("power", {"n": 3}) == 8


def test_knowledge_that_is_not_required_is_not_known():
    found = model(knowledge("k", "1") + decision("d", literal("k()")))
    assert found.evaluate("d") is None
    assert [str(fault.error) for fault in found.faults] == ["k is not known here. (line 1, column 1)"]


LIBRARY = source(
    item("tSide", "string", '"a", "b"')
    + inputs("rate")
    + knowledge("fee", "amount * 0.01", ("amount", "number"), result="number")
    + decision("base", literal("rate + 1"), needs_input("rate")),
    namespace="lib",
)


@pytest.mark.parametrize(("alias", "prefix"), [("law", "law."), ("law book", "law book."), ("", "")])
def test_elements_and_types_of_an_import_are_reached_by_its_name(alias, prefix):
    needs = (
        '<informationRequirement><requiredDecision href="lib#base"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="lib#fee"/></knowledgeRequirement>'
    )
    content = f'<import name="{alias}" namespace="lib" importType="{NAMESPACE}"/>'
    content += decision("d", literal(f"{prefix}base + {prefix}fee(500)"), needs)
    content += decision("good", literal('"a"'), kind=f"{prefix}tSide")
    content += decision("bad", literal('"c"'), kind=f"{prefix}tSide")
    found = model(content, LIBRARY)
    assert found.faults == []
    assert found.evaluate("d", {"rate": 2}) == 8
    assert (found.evaluate("good"), found.evaluate("bad")) == ("a", None)


def test_an_import_of_an_import_is_there_for_what_lies_between():
    between = source(
        f'<import name="law" namespace="lib" importType="{NAMESPACE}"/>'
        + decision(
            "middle",
            literal("law.base * 10"),
            '<informationRequirement><requiredDecision href="lib#base"/></informationRequirement>',
        ),
        namespace="between",
    )
    needs = '<informationRequirement><requiredDecision href="between#middle"/></informationRequirement>'
    content = f'<import name="mid" namespace="between" importType="{NAMESPACE}"/>'
    content += decision("d", literal("mid.middle + 1"), needs)
    assert model(content, between, LIBRARY).evaluate("d", {"rate": 2}) == 31


def test_two_imports_may_have_elements_of_the_same_name():
    def library(namespace, text):
        return source(decision("base", literal(text)), namespace=namespace)

    needs = "".join(
        f'<informationRequirement><requiredDecision href="{name}#base"/></informationRequirement>'
        for name in "pq"
    )
    content = "".join(f'<import name="{name}" namespace="{name}" importType="x"/>' for name in "pq")
    content += decision("d", literal("p.base + q.base"), needs)
    assert model(content, library("p", "1"), library("q", "20")).evaluate("d") == 21


ALLOWED = (
    item("tSide", "string", '"applicant", "respondent"')
    + item("tAge", "number", "[0..150]")
    + item("tAges", "tAge", is_list=True)
    + item("tFew", "number", "count(?) &lt; 3", is_list=True, constraint="typeConstraint")
    + item("tDay", "date", '&gt;= @"2026-01-01"')
    + item("tOdd", "number", "odd(?)")
    + item("tNarrow", "tAge", "[18..60]")
)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("tSide", ['"applicant"', '["respondent"]'], ['"judge"', "1", '["applicant", "judge"]']),
        ("tAge", ["0", "150", "[7]"], ["-1", "150.1", '"7"']),
        ("tAges", ["[1, 2]", "[]", "5", "[null]"], ["[1, 151]", '["1"]']),
        ("tFew", ["[1, 2]", "[]"], ["[1, 2, 3]"]),
        ("tDay", ['@"2026-01-01"'], ['@"2025-12-31"', '@"2026-01-01T00:00:00"']),
        ("tOdd", ["1", "3"], ["2", "1.5"]),
        ("tNarrow", ["18", "60"], ["17", "151"]),
    ],
)
def test_a_value_must_be_among_the_allowed_values_of_its_type(kind, good, bad):
    def accepted(text):
        return model(ALLOWED + decision("d", literal(text), kind=kind)).evaluate("d") is not None

    assert [text for text in good if not accepted(text)] == []
    assert [text for text in bad if accepted(text)] == []


def test_allowed_values_that_can_not_be_read_allow_nothing_and_are_a_problem():
    found = model(item("tBroken", "number", "[1..") + decision("d", literal("1"), kind="tBroken"))
    assert found.evaluate("d") is None
    assert [problem.text for problem in found.problems] == ["[1.."]


@pytest.mark.parametrize(
    ("given_value", "value", "noted"),
    [({"a": 5}, 5, ""), ({"a": [5]}, 5, ""), ({"a": "x"}, None, "The input {name} is not of its type.")]
    + [
        ({}, None, "The input {name} is missing."),
        ({"a": None}, None, ""),
        ({"a": -1}, None, "The input {name} is not of its type."),
    ],
)
def test_an_input_is_converted_to_its_type_or_null_with_a_note(given_value, value, noted):
    data = '<inputData id="i_a" name="a"><variable name="a" typeRef="tAge"/></inputData>'
    notes: list[feel.Note] = []
    found = model(ALLOWED + data + decision("d", literal("a"), needs_input("a")))
    assert found.evaluate("d", given_value, notes) == value
    assert [note.message for note in notes] == ([noted] if noted else [])


def test_labels_graphics_and_foreign_elements_of_a_file_do_no_harm():
    foreign = '<o:meta xmlns:o="urn:other"/><extensionElements/><!-- note --><?pi?>'
    note = "<textAnnotation id='t'><text>1 +</text></textAnnotation>"
    described = decision("d", "<description>1 +</description>" + literal("1"))
    found = model(foreign + note + described)
    assert found.problems == []
    assert found.evaluate("d") == 1
