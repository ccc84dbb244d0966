"""The law and the names over the rest of the dialect: event sub-processes, links, loops, scripts."""

from .test_lint_law import before, broken, judged_all, line, task, tasks, withdrawal

COLLECT = (
    '<zeebe:loopCharacteristics inputCollection="=parties" inputElement="party" '
    'outputCollection="signed" outputElement="=party" />'
)


def repeated(inside=COLLECT):
    return (
        '<bpmn:multiInstanceLoopCharacteristics id="loop"><bpmn:extensionElements>'
        f"{inside}</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )


def beside(draw, handler="sign", interrupting=True):
    """Two tasks, and an event sub-process that can begin at any time."""
    inner = tasks(draw().end("over"), handler)
    drawing = tasks(draw().start().end(), "ask", "tell")
    drawing.event_sub_process("whenever", inner, drawing.message("left"), interrupting)
    inner.chain("whenever_begun", handler, "over")
    drawing.body.pop()
    drawing.event_sub_process("whenever", inner)
    return drawing.chain("begun", "ask", "tell", "done").xml()


def test_an_event_sub_process_can_begin_before_anything_is_done(draw):
    assert broken(before("sign", "ask"), beside(draw)) == {("process_1", "sign")}
    assert broken(before("sign", "ask"), beside(draw, "notify")) == set()


def test_a_message_that_begins_an_interrupting_event_sub_process_is_available(draw):
    assert broken(withdrawal("sign"), beside(draw)) == set()
    assert broken(withdrawal("sign"), beside(draw, interrupting=False)) == {
        ("process_1", "ask"),
        ("process_1", "tell"),
    }


def test_a_link_leads_on(draw):
    drawing = tasks(draw().start().end(), "ask", "sign")
    drawing.node("intermediateThrowEvent", "gone", drawing.link("x"))
    drawing.node("intermediateCatchEvent", "come", drawing.link("x"))
    linked = drawing.chain("come", "sign", "done")
    source = linked.chain("begun", "ask", "gone").xml()
    assert broken(before("sign", "tell"), source) == {("process_1", "sign")}
    assert broken(before("sign", "ask"), source) == set()


def inclusive(draw, *opened):
    drawing = tasks(draw().start().end(), "ask", "tell", "sign")
    drawing.node("inclusiveGateway", "some", default="flow_99").node("inclusiveGateway", "all")
    drawing.chain("begun", "some").flow("some", "ask", "=x").flow("some", "tell", flow_id="flow_99")
    return drawing.chain("ask", "all").chain("tell", "all", "sign", "done").xml()


def test_a_branch_of_an_inclusive_gateway_may_stay_closed(draw):
    assert broken(before("sign", "ask"), inclusive(draw)) == {("process_1", "sign")}


def test_a_task_for_each_item_is_done_and_its_own_variables_stay_its_own(draw):
    drawing = draw().start().end()
    task(drawing, "ask")
    drawing.body[-1] = drawing.body[-1].replace("</bpmn:userTask>", f"{repeated()}</bpmn:userTask>")
    source = tasks(drawing, "sign").chain("begun", "ask", "sign", "done").xml()
    assert broken(before("sign", "ask"), source) == set()
    names = {one.params["name"] for _, one in judged_all(source) if one.rule == "name-unknown"}
    assert names == {"parties"}


def test_a_name_of_a_loop_is_known_inside_it_only(draw):
    inner = draw().start("in").end("out").node("scriptTask", "add", script("=party"))
    inner.chain("in", "add", "out")
    drawing = draw().start().end().node("scriptTask", "after", script("=party")).sub_process("each", inner)
    drawing.body[-1] = drawing.body[-1].replace("</bpmn:subProcess>", f"{repeated()}</bpmn:subProcess>")
    source = drawing.chain("begun", "each", "after", "done").xml()
    found = {(one.element_id, one.params["name"]) for _, one in judged_all(source)}
    assert found == {("each", "parties"), ("after", "party")}


def script(text):
    inside = f'<zeebe:script expression="{text}" resultVariable="sum" />'
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def test_the_result_of_a_script_is_a_variable(draw):
    drawing = draw().start().end().node("scriptTask", "add", script("=1 + 1"))
    drawing.node("scriptTask", "double", script("=sum * 2")).chain("begun", "add", "double", "done")
    assert judged_all(drawing.xml()) == []
    assert broken(before("sign", "ask"), line(draw, "ask", "sign")) == set()
