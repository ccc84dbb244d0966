"""Invariants over effects on small diagrams: found on every way that breaks them, and on no other."""

from dataclasses import replace

import pytest

from engine import bpmn
from engine.bpmn import ways

OPEN = bpmn.Outcome(is_open=True)


def outcome_of(node):
    """Here a form's or service's id says which effects it has: `ask` has the effect `ask`."""
    named = node.form_id or node.service
    if node.kind == "script_task":
        return bpmn.Outcome(answers={node.result_variable: None})
    answers = {"answer": frozenset({"yes", "no"})} if node.id.startswith("ask") else {}
    return bpmn.Outcome(frozenset({named}) if named else frozenset(), answers)


def before(effect="sign", *needs, since=(), only_since=False):
    return bpmn.Before(
        "order", "Art. 1", "too early: {way}", "mend it",
        frozenset({effect}), tuple(frozenset({need}) for need in needs or ("ask",)), frozenset(since),
        only_since,
    )  # fmt: skip


def judged(invariant, *sources, proofs=()):
    processes = {one.process_id: one for one in (bpmn.load(source) for source in sources)}
    world = bpmn.World(processes, outcome_of)
    found = bpmn.lint_world(world, bpmn.Law((invariant,), tuple(proofs))).findings
    return [(process_id, one) for process_id, one in found if one.rule.startswith("law-")]


def judged_all(source):
    process = bpmn.load(source)
    return bpmn.lint_world(bpmn.World({process.process_id: process}, outcome_of), bpmn.Law()).findings


def broken(invariant, *sources, proofs=()):
    return {(process_id, one.element_id) for process_id, one in judged(invariant, *sources, proofs=proofs)}


def task(drawing, node_id, effect=""):
    form = f'<bpmn:extensionElements><zeebe:formDefinition formId="{effect or node_id}" />'
    return drawing.node("userTask", node_id, f"{form}</bpmn:extensionElements>", name=node_id.upper())


def tasks(drawing, *node_ids):
    for node_id in node_ids:
        task(drawing, node_id)
    return drawing


def line(draw, *node_ids):
    return tasks(draw().start().end(), *node_ids).chain("begun", *node_ids, "done").xml()


def call(drawing, node_id, process_id, attributes=""):
    inside = f'<zeebe:calledElement processId="{process_id}" {attributes}/>'
    return drawing.node("callActivity", node_id, f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>")


def process(source, process_id):
    return source.replace(b"process_1", process_id.encode())


def test_the_order_is_kept_or_broken_in_one_line(draw):
    assert broken(before(), line(draw, "ask", "sign")) == set()
    assert broken(before(), line(draw, "sign", "ask")) == {("process_1", "sign")}


def test_a_breach_says_by_which_way_it_happens_and_which_article_it_breaks(draw):
    (_, found), *others = judged(before(), line(draw, "tell", "sign", "ask"))
    assert others == []
    assert str(found).endswith("too early: TELL → SIGN")
    assert (found.severity, found.rule, found.law_ref, found.name) == ("error", "law-order", "Art. 1", "SIGN")


def choice(draw, condition, join=("ask",)):
    """A choice of a way over `join` or straight to sign."""
    drawing = tasks(draw().start().end(), "tell", "sign", *join)
    drawing.node("exclusiveGateway", "which", default="flow_99").node("exclusiveGateway", "merge")
    drawing.chain("begun", "tell", "which").flow("which", join[0], condition)
    drawing.flow("which", "merge", flow_id="flow_99").chain(*join, "merge", "sign", "done")
    return drawing.xml()


def test_one_way_around_is_enough(draw):
    assert broken(before(), choice(draw, "=x")) == {("process_1", "sign")}


def test_a_way_that_known_values_exclude_is_no_way(draw):
    source = choice(draw, '=answer = "maybe"', join=("tell_more",))
    asked = source.replace(b'id="tell"', b'id="ask_it"').replace(b'"tell"', b'"ask_it"')
    late = before("tell_more", "never")
    assert broken(late, source) == {("process_1", "tell_more")}
    assert broken(late, asked) == set()


def test_what_is_done_in_one_of_two_branches_is_done_behind_their_join(draw):
    def diagram(last):
        drawing = tasks(draw().start().end(), "ask", "tell", "sign").node("parallelGateway", "split")
        drawing.node("parallelGateway", "join").chain("begun", "split", "ask", "join")
        if last == "behind":
            return drawing.chain("split", "tell", "join", "sign", "done").xml()
        return drawing.chain("split", "sign", "tell", "join", "done").xml()

    assert broken(before(), diagram("behind")) == set()
    assert broken(before(), diagram("beside")) == {("process_1", "sign")}


def test_a_value_set_beside_is_not_relied_on(draw):
    drawing = tasks(draw().start().end(), "ask_a", "ask_b", "sign").node("parallelGateway", "split")
    drawing.node("parallelGateway", "join").node("exclusiveGateway", "which", default="flow_99")
    drawing.chain("begun", "split", "ask_a", "join").chain("split", "ask_b", "join", "which").end("left")
    drawing.flow("which", "left", '=answer = "maybe"').flow("which", "sign", flow_id="flow_99")
    ended = bpmn.AtEnd("end", "Art. 2", "{way}", "", frozenset({"ask_a"}), frozenset({"sign"}))
    assert broken(ended, drawing.chain("sign", "done").xml()) == {("process_1", "left")}


def test_what_makes_stale_must_be_followed_by_the_thing_anew(draw):
    checked = before("sign", "check", since=("draft",))
    assert broken(checked, line(draw, "draft", "check", "sign")) == set()
    assert broken(checked, line(draw, "check", "draft", "sign")) == {("process_1", "sign")}


def test_what_is_needed_only_since_something_is_not_needed_before_it(draw):
    checked = before("sign", "check", "seal", since=("draft",), only_since=True)
    for right in (("sign",), ("check", "sign"), ("draft", "check", "seal", "sign", "sign_too")):
        assert broken(checked, line(draw, *right)) == set()
    for wrong in (("draft", "sign"), ("check", "seal", "draft", "sign"), ("draft", "check", "sign")):
        assert broken(checked, line(draw, *wrong)) == {("process_1", "sign")}
    twice = ("draft", "check", "seal", "draft_2", "sign")
    drawing = tasks(draw().start().end(), *(one for one in twice if one != "draft_2"))
    again = task(drawing, "draft_2", "draft").chain("begun", *twice, "done").xml()
    assert broken(checked, again) == {("process_1", "sign")}


def test_calls_are_followed_with_what_was_done_before_them(draw):
    outer = call(tasks(draw().start().end(), "ask"), "call", "inner")
    inner = process(line(draw, "sign"), "inner")
    assert broken(before(), outer.chain("begun", "ask", "call", "done").xml(), inner) == set()
    first = call(draw().start().end(), "call", "inner").chain("begun", "call", "done").xml()
    assert broken(before(), first, inner) == {("inner", "sign")}


def test_what_a_called_process_did_is_done(draw):
    outer = call(tasks(draw().start().end(), "sign"), "call", "inner")
    outer.chain("begun", "call", "sign", "done")
    assert broken(before(), outer.xml(), process(line(draw, "ask"), "inner")) == set()
    assert broken(before(), outer.xml(), process(line(draw, "tell"), "inner")) == {("process_1", "sign")}


def test_processes_that_call_each_other_in_a_circle_are_judged_and_not_followed_for_ever(draw):
    drawing = call(tasks(draw().start().end(), "sign"), "call", "process_1")
    assert broken(before(), drawing.chain("begun", "sign", "call", "done").xml()) == {("process_1", "sign")}


def around(draw, interrupting=True, message="left"):
    """A sub-process with `ask` and `sign`, and a boundary event on it that leads to `notify`."""
    inner = tasks(draw().start("in").end("out"), "ask", "sign").chain("in", "ask", "sign", "out")
    drawing = tasks(draw().start().end().end("gone").sub_process("inside", inner), "notify")
    drawing.boundary("stopped", "inside", drawing.message(message), interrupting)
    return drawing.chain("begun", "inside", "done").chain("stopped", "notify", "gone").xml()


def test_a_boundary_event_can_happen_at_every_point_inside(draw):
    assert broken(before("notify", "ask"), around(draw)) == {("process_1", "notify")}
    assert broken(before("sign", "ask"), around(draw)) == set()


def withdrawal(*until, at=()):
    named = (frozenset(until), frozenset({"sign"}))
    return bpmn.Available("exit", "Art. 3", "{way}", "", "left", *named, only_at=frozenset(at))


def test_an_event_that_must_be_available_is_looked_for_at_every_wait(draw):
    assert broken(withdrawal("notify"), around(draw)) == set()
    everywhere = {("process_1", "ask"), ("process_1", "sign")}
    assert broken(withdrawal("notify"), around(draw, interrupting=False)) == everywhere
    assert broken(withdrawal("notify"), around(draw, message="lost")) == everywhere
    assert broken(withdrawal("ask"), line(draw, "tell", "ask", "sign")) == {("process_1", "tell")}
    assert broken(withdrawal("notify"), line(draw, "ask", "tell")) == set()


def test_the_event_may_be_wanted_at_some_waits_only(draw):
    source = line(draw, "tell", "ask", "sign")
    assert broken(withdrawal(at=("ask",)), source) == {("process_1", "ask")}
    assert broken(withdrawal(at=("notify",)), source) == set()


def test_the_event_may_stand_around_the_call(draw):
    drawing = call(draw().start().end().end("gone"), "call", "inner")
    drawing.boundary("stopped", "call", drawing.message("left")).chain("begun", "call", "done")
    outer, inner = drawing.chain("stopped", "gone").xml(), process(line(draw, "ask", "sign"), "inner")
    assert broken(withdrawal(), outer, inner) == set()


def test_ends_are_those_of_the_whole_and_not_of_what_is_called(draw):
    ended = bpmn.AtEnd("end", "Art. 2", "{way}", "", frozenset({"ask"}), frozenset({"notify"}))
    inner = process(line(draw, "ask"), "inner")
    outer = call(tasks(draw().start().end(), "notify"), "call", "inner")
    assert broken(ended, outer.chain("begun", "call", "notify", "done").xml(), inner) == set()
    bare = call(draw().start().end(), "call", "inner").chain("begun", "call", "done").xml()
    assert broken(ended, bare, inner) == {("process_1", "done")}
    assert broken(ended, line(draw, "tell")) == set()


def test_a_side_way_that_does_not_interrupt_ends_nothing(draw):
    drawing = tasks(draw().start().end().end("reminded"), "ask", "notify")
    drawing.boundary("late", "ask", drawing.timer(), interrupting=False).chain("late", "reminded")
    source = drawing.chain("begun", "ask", "notify", "done").xml()
    ended = bpmn.AtEnd("end", "Art. 2", "{way}", "", frozenset({"ask"}), frozenset({"notify"}))
    assert broken(ended, source) == set()


def test_branches_that_end_apart_are_judged_together(draw):
    def diagram(first):
        drawing = tasks(draw().start().end().end("other"), first, "tell").node("parallelGateway", "split")
        drawing.node("userTask", "ask", name="Ask").chain("begun", "ask", "split", first, "done")
        return drawing.chain("split", "tell", "other").xml().replace(b'"form_1"', b'"ask"')

    ended = bpmn.AtEnd("end", "Art. 2", "{way}", "", frozenset({"ask"}), frozenset({"notify"}))
    assert broken(ended, diagram("notify")) == set()
    assert broken(ended, diagram("sign")) == {("process_1", "other")}


@pytest.mark.parametrize(
    ("condition", "proven"),
    [
        ("=case.signed", True),
        ("=case.signed and other", True),
        ("=case.signed or other", False),
        ("=not(case.signed)", False),
        ("=other", False),
        ("=case.signed = true", True),
    ],
)
def test_a_condition_proves_what_it_could_not_pass_without(draw, condition, proven):
    drawing = tasks(draw().start().end().end("left"), "sign").node(
        "exclusiveGateway", "which", default="flow_99"
    )
    drawing.chain("begun", "which").flow("which", "sign", condition).flow("which", "left", flow_id="flow_99")
    proof = bpmn.Proof("asked", {"case.signed": False})
    found = broken(before("sign", "asked"), drawing.chain("sign", "done").xml(), proofs=[proof])
    assert found == (set() if proven else {("process_1", "sign")})


@pytest.mark.parametrize(("condition", "proven"), [("=case.signed", True), ("=other", False)])
def test_a_condition_that_begins_an_event_proves_it_too(draw, condition, proven):
    def beside(node_id):
        inner = tasks(draw().end("over"), node_id)
        inner.chain("beside_begun", node_id, "over")
        drawing = tasks(draw().start().end(), "tell")
        drawing.event_sub_process("beside", inner, drawing.conditional(condition), interrupting=False)
        return drawing.chain("begun", "tell", "done").xml()

    proof = bpmn.Proof("asked", {"case.signed": False})
    found = broken(before("sign", "asked"), beside("sign"), proofs=[proof])
    assert found == (set() if proven else {("process_1", "sign")})


def test_an_event_whose_condition_is_known_to_be_false_does_not_happen(draw):
    inner = tasks(draw().end("over"), "sign").chain("beside_begun", "sign", "over")
    drawing = tasks(draw().start().end(), "tell")
    drawing.event_sub_process("beside", inner, drawing.conditional("=1 = 2"), interrupting=False)
    assert broken(before(), drawing.chain("begun", "tell", "done").xml()) == set()


def beside(draw, interrupting=False):
    """`ask` in a sub-process that a message ends; beside it, `tell` and a wait for a signal."""
    inner = tasks(draw().start("in").end("out"), "ask", "sign").chain("in", "ask", "sign", "out")
    drawing = draw().start().end().end("gone").sub_process("inside", inner)
    drawing.boundary("stopped", "inside", drawing.message("left")).chain("stopped", "gone")
    apart = tasks(draw().end("over"), "tell").node("intermediateCatchEvent", "shown", drawing.signal("shown"))
    apart.chain("apart_begun", "tell", "shown", "over")
    drawing.event_sub_process("apart", apart, drawing.signal("recorded"), interrupting)
    return drawing.chain("begun", "inside", "done").xml()


def test_what_outlives_the_rest_may_wait_beside_it_without_the_event(draw):
    both = {("process_1", "tell"), ("process_1", "shown")}
    assert broken(withdrawal(), beside(draw)) == both
    outliving = replace(withdrawal(), apart=frozenset({"tell"}))
    assert broken(outliving, beside(draw)) == set()
    assert broken(outliving, beside(draw, interrupting=True)) == both


def test_an_event_may_be_demanded_at_some_steps_alone(draw):
    only = replace(withdrawal(), only_at=frozenset({"sign"}))
    assert broken(only, around(draw)) == set()
    assert broken(only, around(draw, message="lost")) == {("process_1", "sign")}


def test_values_that_a_called_process_sets_itself_are_not_carried_into_it(draw, monkeypatch):
    def steps(names):
        count = []
        monkeypatch.setattr(ways.Ways, "spend", lambda self: count.append(1))
        drawing = call(tasks(draw().start().end(), *names), "call", "inner")
        inner = process(line(draw, "ask", "sign"), "inner")
        broken(before(), drawing.chain("begun", *names, "call", "done").xml(), inner)
        return len(count)

    assert steps(["ask_it"]) == steps(["tell"])


def test_a_default_flow_proves_that_the_others_did_not_hold(draw):
    drawing = tasks(draw().start().end(), "tell", "sign").node("exclusiveGateway", "again")
    drawing.node("exclusiveGateway", "more", default="flow_99").chain("begun", "again", "tell", "more")
    drawing.flow("more", "again", "=case.missing > 0").flow("more", "sign", flow_id="flow_99")
    proof = bpmn.Proof("asked", {"case.missing": 1})
    source = drawing.chain("sign", "done").xml()
    assert broken(before("sign", "asked"), source, proofs=[proof]) == set()
    assert broken(before("sign", "asked"), source) == {("process_1", "sign")}


def test_no_way_is_judged_that_known_values_exclude_from_the_start(draw):
    assert broken(before(), choice(draw, "=false")) == {("process_1", "sign")}
    assert broken(before(), choice(draw, "=true")) == set()


def test_too_many_ways_are_a_warning_and_not_a_refusal(draw, monkeypatch):
    monkeypatch.setattr(ways, "MAX_STEPS", 3)
    ((process_id, found),) = judged(before(), line(draw, "tell", "ask", "sign"))
    assert (process_id, found.severity, found.rule) == ("process_1", "warning", "law-unproved")


def test_calls_that_double_at_each_level_are_followed_once_a_state(draw):
    sources = [line(draw, "ask", "sign").replace(b"process_1", b"level_30")]
    for level in range(30):
        drawing = call(call(draw().start().end(), "one", f"level_{level + 1}"), "two", f"level_{level + 1}")
        drawing.chain("begun", "one", "two", "done")
        sources.append(process(drawing.xml(), f"level_{level}"))
    assert broken(before(), *sources) == set()
