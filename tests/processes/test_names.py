"""Misspelt names and values in copies of the shipped files, and small diagrams with choices to judge."""

import pytest

from engine.services import Services, ServiceTask
from tests import diagrams, small_forms

from .mutants import Copy, found_in

pytestmark = pytest.mark.slow

OPENING, AGREEMENT, MEDIATION, INTAKE = (
    "opening.bpmn",
    "agreement.bpmn",
    "mediation.bpmn",
    "intake.bpmn",
)
MISSPELT = {
    "a variable in a condition": (
        (OPENING, '=mediator_accepts = "no"', '=mediator_acepts = "no"'),
        ("warning", "name-unknown", "mediator_free_to_mediator_wanted", "mediator_acepts"),
    ),
    "an answer in an output": (
        (
            AGREEMENT,
            'source="=decision" target="legality_decision"',
            'source="=desision" target="legality_decision"',
        ),
        ("warning", "name-unknown", "check_legality", "desision"),
    ),
    "a fact in an input": (
        (AGREEMENT, "=drafted_texts.annexes", "=drafted_text.annexes"),
        ("warning", "name-unknown", "draft_agreement", "drafted_text"),
    ),
    "a function": (
        (OPENING, "=add working days(", "=add workin days("),
        ("error", "feel-function", "invite_party", "add workin days"),
    ),
    "a time limit": (
        (OPENING, "limit(&quot;contact.other_party&quot;)", "limit(&quot;contact.other_side&quot;)"),
        ("error", "feel-key", "invite_party", "limit"),
    ),
    "a time limit in a form's options": (
        ("choose_mediator.form", "=mediator_options", '=limit(\\"mediator.chosen\\")'),
        ("error", "feel-key", "choose_mediator", "limit"),
    ),
    "an answer in a form's condition": (
        ("check_legality.form", '=decision != \\"returned\\"', '=desision != \\"returned\\"'),
        ("warning", "name-unknown", "check_legality", "desision"),
    ),
    "a fact in a form's options": (
        ("choose_mediator.form", "=mediator_options", "=mediators"),
        ("warning", "name-unknown", "choose_mediator", "mediators"),
    ),
    "a function in a form's options": (
        ("choose_mediator.form", "=mediator_options", "=mediators of(case)"),
        ("error", "feel-function", "choose_mediator", "mediators of"),
    ),
    "an input of a decision": (
        ("assess_suitability.form", '"key": "tv_wished"', '"key": "television"'),
        ("warning", "name-unknown", "triage", "tv_wished"),
    ),
    "a value": (
        (MEDIATION, '=intake_result = "accepted"', '=intake_result = "acepted"'),
        ("warning", "condition-never", "intake_accepted_to_opening", "intake_result"),
    ),
}


@pytest.mark.parametrize("name", MISSPELT)
def test_what_is_misspelt_is_named_where_it_stands(name: str) -> None:
    (file, old, new), expected = MISSPELT[name]
    found = found_in(Copy().text(file, old, new).files)
    # Once in each diagram that asks with the form.
    assert {(one.severity, one.rule, one.element_id, one.params["name"]) for one in found} == {expected}
    assert found[0].line > 0 or found[0].file.endswith(".form")


def asked(*values: str, required: bool = True, kind: str = "radio") -> bytes:
    options = [{"value": value, "label": value} for value in values]
    more = {"values": options} if values else {}
    return small_forms.form("ask", small_forms.field(kind, "word", required=required, **more))


TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<inputData id="i" name="word"><variable name="word"/></inputData>
<decision id="path" name="path"><variable name="path"/>
<informationRequirement><requiredInput href="#i"/></informationRequirement>
<decisionTable id="t" hitPolicy="FIRST">
<input id="in"><inputExpression><text>word</text></inputExpression></input><output id="o" name="o"/>
<rule id="r1"><inputEntry id="c1"><text>"a"</text></inputEntry>
<outputEntry id="e1"><text>"court"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="c2"><text>{last}</text></inputEntry>
<outputEntry id="e2"><text>"here"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def choosing(*conditions: str, default: bool = False, between: str = "", task: str = "") -> dict[str, bytes]:
    """A question, perhaps something after it, and a choice with a flow for each condition."""
    ends = [f"end_{number}" for number in range(len(conditions) + default)]
    middle = ["then"] if between else []
    nodes = [
        diagrams.start(),
        task or diagrams.user_task("ask", "ask"),
        *([between] if between else []),
        diagrams.choice("which"),
        *(diagrams.end(end) for end in ends),
    ]
    steps = ["begun", "ask", *middle, "which"]
    flows = [f"{a} -> {b}" for a, b in zip(steps, steps[1:], strict=False)]
    flows += [f"which -> {end}: {text}" for end, text in zip(ends, conditions, strict=False)]
    flows += [f"which => {ends[-1]}"] if default else []
    return {"p.bpmn": diagrams.process("p", nodes, flows), "ask.form": asked("a", "b", "c")}


def judged(files: dict[str, bytes], services: Services | None = None) -> list[tuple[str, str, str, object]]:
    found = found_in(files, services or Services())
    return [
        (one.severity, one.rule, one.element_id, one.params.get("values", one.params.get("name")))
        for one in found
        if one.rule != "label"
    ]


COMPLETE = ('word = "a"', 'word != "a"')
LISTED = ('word = "a"', 'word = "b"', 'word = "c"')


@pytest.mark.parametrize(
    "conditions", [COMPLETE, LISTED, ('word in ("a", "b")', 'not(word = "a") and word != "b"')]
)
def test_conditions_that_cover_every_answer_need_no_default(conditions: tuple[str, ...]) -> None:
    assert judged(choosing(*conditions)) == []


def test_an_answer_that_no_condition_covers_is_an_error() -> None:
    found = ("error", "gateway-gap", "which", '"c"')
    assert found in judged(choosing('word = "a"', 'word = "b"'))
    assert judged(choosing('word = "a"', 'word = "b"', default=True)) == []


def test_a_condition_on_an_answer_that_nobody_can_give_never_holds() -> None:
    files = choosing('word = "a"', 'word = "d"', default=True)
    assert judged(files) == [("warning", "condition-never", "flow_3", '"a", "b", "c"')]
    assert judged(choosing("false", default=True)) == [("warning", "condition-false", "flow_2", None)]


def test_where_no_answer_is_needed_a_default_is_still_wanted() -> None:
    files = choosing(*LISTED) | {"ask.form": asked("a", "b", "c", required=False)}
    assert judged(files) == [("warning", "gateway-default", "which", None)]


def test_what_is_typed_can_be_anything() -> None:
    files = choosing(*COMPLETE) | {"ask.form": asked(kind="textfield")}
    assert judged(files) == [("warning", "gateway-default", "which", None)]


def test_a_box_is_ticked_or_not() -> None:
    box = asked(kind="checkbox", required=False)
    assert judged(choosing("word", "not(word)") | {"ask.form": box}) == []
    assert ("error", "gateway-gap", "which", "false") in judged(
        choosing("word", "word = true") | {"ask.form": box}
    )


def test_a_box_that_must_be_ticked_is_never_empty() -> None:
    files = choosing("not(word)", default=True) | {"ask.form": asked(kind="checkbox")}
    assert judged(files) == [("warning", "condition-never", "flow_2", "true")]


def test_the_outputs_of_a_table_are_known_as_far_as_its_rows_are_complete() -> None:
    decide = (
        '<bpmn:businessRuleTask id="then" name="then"><bpmn:extensionElements>'
        '<zeebe:calledDecision decisionId="path" resultVariable="way"/></bpmn:extensionElements>'
        "</bpmn:businessRuleTask>"
    )
    files = choosing('way = "court"', 'way = "here"', between=decide)
    assert judged(files | {"t.dmn": TABLE.format(last="-").encode()}) == []
    partly = judged(files | {"t.dmn": TABLE.format(last='"b"').encode()})
    assert partly == [("warning", "gateway-default", "which", None)]
    never = choosing('way = "nowhere"', default=True, between=decide)
    found = judged(never | {"t.dmn": TABLE.format(last="-").encode()})
    assert found == [("warning", "condition-never", "flow_3", '"court", "here"')]


def test_a_value_comes_through_a_called_process() -> None:
    inner = diagrams.in_line("inner", [diagrams.user_task("ask_inside", "ask")])
    files = choosing(*LISTED, task=diagrams.call_activity("ask", "inner")) | {"inner.bpmn": inner}
    assert judged(files) == []
    renamed = choosing(*LISTED, task=diagrams.call_activity("ask", "inner", outputs='word="a"'))
    assert [rule for _, rule, _, _ in judged(renamed | {"inner.bpmn": inner})] == ["condition-never"] * 2


def test_a_name_is_known_only_after_the_step_that_sets_it() -> None:
    late = diagrams.user_task("tell", assignee="=word")
    early = [late, diagrams.user_task("ask", "ask")]
    form = {"ask.form": asked("a"), "blank.form": small_forms.BLANK}
    found = judged({"p.bpmn": diagrams.in_line("p", early)} | form)
    assert found == [("warning", "name-unknown", "tell", "word")]
    assert judged({"p.bpmn": diagrams.in_line("p", early[::-1])} | form) == []


def test_a_called_process_knows_what_its_caller_passes_on() -> None:
    inner = diagrams.in_line("inner", [diagrams.user_task("tell", assignee="=word")])
    outer = diagrams.in_line("p", [diagrams.user_task("ask", "ask"), diagrams.call_activity("call", "inner")])
    form = {"ask.form": asked("a"), "blank.form": small_forms.BLANK, "inner.bpmn": inner}
    assert judged({"p.bpmn": outer} | form) == []
    closed = outer.replace(b'processId="inner"', b'processId="inner" propagateAllParentVariables="false"')
    assert judged({"p.bpmn": closed} | form) == [("warning", "name-unknown", "tell", "word")]


def test_a_service_that_does_not_declare_its_variables_may_set_any() -> None:
    def services(variables: frozenset[str] | None) -> Services:
        return Services(tasks={"work": ServiceTask(lambda _: None, lambda _: {}, variables=variables)})

    steps = [diagrams.service_task("work", "work"), diagrams.user_task("tell", assignee="=word")]
    files = {"p.bpmn": diagrams.in_line("p", steps), "blank.form": small_forms.BLANK}
    assert judged(files, services(None)) == []
    assert judged(files, services(frozenset({"word"}))) == []
    assert judged(files, services(frozenset())) == [("warning", "name-unknown", "tell", "word")]


def test_a_message_from_outside_may_bring_any_variable() -> None:
    event = '<bpmn:messageEventDefinition messageRef="m"/>'
    message = (
        '<bpmn:message id="m" name="told"><bpmn:extensionElements>'
        '<zeebe:subscription correlationKey="=1"/></bpmn:extensionElements></bpmn:message>'
    )
    wait = f'<bpmn:intermediateCatchEvent id="wait" name="wait">{event}</bpmn:intermediateCatchEvent>'
    nodes = [diagrams.start(), wait, diagrams.user_task("tell", assignee="=word"), diagrams.end()]
    source = diagrams.process("p", nodes, ["begun -> wait", "wait -> tell", "tell -> ended"], message)
    files = {"p.bpmn": source, "blank.form": small_forms.BLANK}
    assert judged(files) == []
    assert judged(files, Services(messages={"told": frozenset({"word"})})) == []
    none = judged(files, Services(messages={"told": frozenset()}))
    assert none == [("warning", "name-unknown", "tell", "word")]


def test_what_is_said_in_confidence_is_not_a_variable() -> None:
    services = Services(effects={"told": lambda _: None}, private={"told": frozenset({"word"})})
    form = small_forms.form("ask", small_forms.field("textfield", "word"), effects="told")
    steps = [diagrams.user_task("ask", "ask"), diagrams.user_task("tell", assignee="=word")]
    files = {"p.bpmn": diagrams.in_line("p", steps), "ask.form": form, "blank.form": small_forms.BLANK}
    assert judged(files, services) == [("warning", "name-unknown", "tell", "word")]


def test_names_that_an_expression_brings_itself_are_known() -> None:
    text = "=[1, 2][item > 1] = [2] and every x in [1] satisfies x > 0"
    files = choosing(text.removeprefix("="), default=True)
    assert judged(files) == []
