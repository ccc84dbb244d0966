"""What would run wrong is refused by the id of its element, and its harmless twin passes."""

import pytest

from engine import bpmn, errors

KNOWN = bpmn.Known({"process_2"}, {"form_1"}, {"decision_1"}, {"service_1"})


def errors_of(xml, known=KNOWN):
    return {(found.rule, found.element_id) for found in bpmn.lint(xml, known) if found.severity == "error"}


def straight(draw, tag, inside="", **attributes):
    """One node between start and end."""
    return draw().start().node(tag, "work", inside, **attributes).end().chain("begun", "work", "done").xml()


def extended(tag, extension):
    return f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>"


def timed_start(draw, text, kind):
    drawing = draw().node("startEvent", "begun", draw().timer(text, kind)).end()
    return drawing.chain("begun", "done").xml()


def branching(draw, condition, default="flow_3"):
    drawing = draw().start().node("exclusiveGateway", "which", **({"default": default} if default else {}))
    drawing.chain("begun", "which").end("one").end("two")
    return drawing.flow("which", "one", condition, "flow_2").flow("which", "two", flow_id="flow_3").xml()


FORM = '<zeebe:formDefinition formId="form_1" />'
PAIRS = {
    "a script task": (
        lambda draw: straight(draw, "scriptTask", "<bpmn:script>import os</bpmn:script>"),
        lambda draw: straight(draw, "serviceTask"),
        ("script-task", "work"),
    ),
    "a plain task": (
        lambda draw: straight(draw, "task"),
        lambda draw: straight(draw, "manualTask"),
        ("plain-task", "work"),
    ),
    "an unknown element": (
        lambda draw: straight(draw, "userTask").replace(b"</bpmn:userTask>", b"<bpmn:odd /></bpmn:userTask>"),
        lambda draw: straight(draw, "userTask").replace(
            b"</bpmn:userTask>", b"<bpmn:documentation>odd</bpmn:documentation></bpmn:userTask>"
        ),
        ("element", "work"),
    ),
    "an unknown attribute": (
        lambda draw: straight(draw, "userTask", odd="yes"),
        lambda draw: straight(draw, "userTask", name="odd"),
        ("attribute", "work"),
    ),
    "a foreign extension": (
        lambda draw: straight(draw, "userTask", extended("userTask", f'{FORM}<x:run xmlns:x="urn:x" />')),
        lambda draw: straight(
            draw,
            "userTask",
            extended("userTask", f'{FORM}<m:x xmlns:m="http://camunda.org/schema/modeler/1.0" />'),
        ),
        ("element", "work"),
    ),
    "Camunda 7's attributes": (
        lambda draw: straight(draw, "serviceTask").replace(
            b'<bpmn:serviceTask id="work"',
            b'<bpmn:serviceTask xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
            b'camunda:expression="${x}" id="work"',
        ),
        lambda draw: straight(draw, "serviceTask"),
        ("attribute", "work"),
    ),
    "a Python condition": (
        lambda draw: branching(draw, "x == 1"),
        lambda draw: branching(draw, "=x = 1"),
        ("condition-language", "flow_2"),
    ),
    "a Python condition behind =": (
        lambda draw: branching(draw, "=x == 1"),
        lambda draw: branching(draw, "=x = 1"),
        ("feel", "flow_2"),
    ),
    "a condition without text": (
        lambda draw: branching(draw, "="),
        lambda draw: branching(draw, "=true"),
        ("feel", "flow_2"),
    ),
    "words of Python that FEEL takes for a name": (
        lambda draw: branching(draw, "=import os"),
        lambda draw: branching(draw, "=add working days(x, 3) > y"),
        ("feel-name", "flow_2"),
    ),
    "a not without parentheses": (
        lambda draw: branching(draw, "=not agreed"),
        lambda draw: branching(draw, "=not(agreed)"),
        ("feel-name", "flow_2"),
    ),
    "Python's True": (
        lambda draw: branching(draw, "=agreed = True"),
        lambda draw: branching(draw, "=agreed = true"),
        ("feel-name", "flow_2"),
    ),
    "a function with an argument too many": (
        lambda draw: branching(draw, "=contains(kind, 1, 2)"),
        lambda draw: branching(draw, '=contains(kind, "a")'),
        ("feel-fault", "flow_2"),
    ),
    "a day that no calendar has": (
        lambda draw: branching(draw, '=day > @"2026-02-30"'),
        lambda draw: branching(draw, '=day > @"2026-02-28"'),
        ("feel-fault", "flow_2"),
    ),
    "an import in a condition": (
        lambda draw: branching(draw, "=__import__('os').system('id')"),
        lambda draw: branching(draw, "=imported"),
        ("feel", "flow_2"),
    ),
    "a flow out of a gateway without condition": (
        lambda draw: branching(draw, None),
        lambda draw: branching(draw, "=x = 1"),
        ("condition-missing", "flow_2"),
    ),
    "a default that leaves another node": (
        lambda draw: branching(draw, "=x = 1", default="flow_1"),
        lambda draw: branching(draw, "=x = 1"),
        ("default", "which"),
    ),
    "a default with a condition": (
        lambda draw: branching(draw, "=x = 1", default="flow_2"),
        lambda draw: branching(draw, "=x = 1"),
        ("default", "which"),
    ),
    "a user task without form": (
        lambda draw: straight(draw, "userTask", extended("userTask", "<zeebe:userTask />")),
        lambda draw: straight(draw, "userTask", extended("userTask", f"<zeebe:userTask />{FORM}")),
        ("form-missing", "work"),
    ),
    "an unknown form": (
        lambda draw: straight(draw, "userTask").replace(b"form_1", b"form_9"),
        lambda draw: straight(draw, "userTask"),
        ("form-unknown", "work"),
    ),
    "an unknown process": (
        lambda draw: straight(draw, "callActivity").replace(b"process_2", b"process_9"),
        lambda draw: straight(draw, "callActivity"),
        ("process-unknown", "work"),
    ),
    "a computed process": (
        lambda draw: straight(draw, "callActivity").replace(b"process_2", b"=x"),
        lambda draw: straight(draw, "callActivity"),
        ("dynamic", "work"),
    ),
    "a call of nothing": (
        lambda draw: straight(draw, "callActivity").replace(b'processId="process_2"', b""),
        lambda draw: straight(draw, "callActivity"),
        ("process-missing", "work"),
    ),
    "an unknown decision": (
        lambda draw: straight(draw, "businessRuleTask").replace(b"decision_1", b"decision_9"),
        lambda draw: straight(draw, "businessRuleTask"),
        ("decision-unknown", "work"),
    ),
    "a decision without result": (
        lambda draw: straight(draw, "businessRuleTask").replace(b'resultVariable="result"', b""),
        lambda draw: straight(draw, "businessRuleTask"),
        ("decision-missing", "work"),
    ),
    "an unknown service": (
        lambda draw: straight(draw, "serviceTask").replace(b"service_1", b"service_9"),
        lambda draw: straight(draw, "serviceTask"),
        ("service-unknown", "work"),
    ),
    "a service task without service": (
        lambda draw: straight(draw, "serviceTask", extended("serviceTask", "<zeebe:properties />")),
        lambda draw: straight(draw, "serviceTask"),
        ("service-missing", "work"),
    ),
    "an assignee that is not FEEL": (
        lambda draw: straight(
            draw, "userTask", extended("", f'{FORM}<zeebe:assignmentDefinition assignee="=a +" />')
        ),
        lambda draw: straight(
            draw, "userTask", extended("", f'{FORM}<zeebe:assignmentDefinition assignee="=a + b" />')
        ),
        ("feel", "work"),
    ),
    "tries in words": (
        lambda draw: straight(
            draw, "serviceTask", extended("", '<zeebe:taskDefinition type="service_1" retries="often" />')
        ),
        lambda draw: straight(
            draw, "serviceTask", extended("", '<zeebe:taskDefinition type="service_1" retries="3" />')
        ),
        ("retries", "work"),
    ),
    "no tries at all": (
        lambda draw: straight(
            draw, "serviceTask", extended("", '<zeebe:taskDefinition type="service_1" retries="0" />')
        ),
        lambda draw: straight(
            draw, "serviceTask", extended("", '<zeebe:taskDefinition type="service_1" retries="=tries" />')
        ),
        ("retries", "work"),
    ),
    "a due date in words": (
        lambda draw: straight(draw, "userTask", extended("", f'{FORM}<zeebe:taskSchedule dueDate="soon" />')),
        lambda draw: straight(
            draw,
            "userTask",
            extended("", f'{FORM}<zeebe:taskSchedule dueDate="2027-01-31T17:00:00+08:00" />'),
        ),
        ("time", "work"),
    ),
    "an output into a path": (
        lambda draw: straight(
            draw,
            "userTask",
            extended(
                "", f'{FORM}<zeebe:ioMapping><zeebe:output source="=a" target="a b" /></zeebe:ioMapping>'
            ),
        ),
        lambda draw: straight(
            draw,
            "userTask",
            extended(
                "", f'{FORM}<zeebe:ioMapping><zeebe:output source="=a" target="a_b" /></zeebe:ioMapping>'
            ),
        ),
        ("variable", "work"),
    ),
    "a repetition without collection": (
        lambda draw: straight(draw, "manualTask", repeated("parallel")),
        lambda draw: straight(draw, "manualTask", repeated("parallel", inputCollection="=parties")),
        ("loop-collection", "work"),
    ),
    "an output collection without element": (
        lambda draw: straight(
            draw, "manualTask", repeated("parallel", inputCollection="=a", outputCollection="b")
        ),
        lambda draw: straight(
            draw,
            "manualTask",
            repeated("parallel", inputCollection="=a", outputCollection="b", outputElement="=c"),
        ),
        ("loop-output", "work"),
    ),
    "a loop that nothing ends": (
        lambda draw: straight(draw, "manualTask", "<bpmn:standardLoopCharacteristics />"),
        lambda draw: straight(draw, "manualTask", '<bpmn:standardLoopCharacteristics loopMaximum="3" />'),
        ("loop-end", "work"),
    ),
    "a loop of many rounds in words": (
        lambda draw: straight(draw, "manualTask", '<bpmn:standardLoopCharacteristics loopMaximum="many" />'),
        lambda draw: straight(draw, "manualTask", '<bpmn:standardLoopCharacteristics loopMaximum="2000" />'),
        ("loop-maximum", "work"),
    ),
    "a completion condition that is not FEEL": (
        lambda draw: straight(draw, "manualTask", repeated("parallel", "=enough ==", inputCollection="=a")),
        lambda draw: straight(draw, "manualTask", repeated("parallel", "=enough", inputCollection="=a")),
        ("feel", "work"),
    ),
    "a repeated event sub-process": (
        lambda draw: triggered(draw, draw().signal("stopped"), repeated("parallel", inputCollection="=a")),
        lambda draw: triggered(draw, draw().signal("stopped")),
        ("loop-here", "react"),
    ),
    "an event sub-process without event": (
        lambda draw: triggered(draw, ""),
        lambda draw: triggered(draw, draw().timer()),
        ("event-here", "react_begun"),
    ),
    "an event sub-process on a flow": (
        lambda draw: triggered(draw, draw().timer()).replace(
            b"</bpmn:process>",
            b'<bpmn:sequenceFlow id="f" sourceRef="react" targetRef="done" /></bpmn:process>',
        ),
        lambda draw: triggered(draw, draw().timer()),
        ("event-sub-process-flow", "react"),
    ),
    "an error that begins an event sub-process and does not interrupt": (
        lambda draw: triggered(draw, "<bpmn:errorEventDefinition />", interrupting=False),
        lambda draw: triggered(draw, "<bpmn:errorEventDefinition />"),
        ("error-interrupts", "react_begun"),
    ),
    "an escalation out of a user task": (
        lambda draw: boundary(draw, "escalation").xml(),
        lambda draw: boundary(draw, "escalation", tag="callActivity").xml(),
        ("escalation-here", "noticed"),
    ),
    "two joins that wait for each other": (
        lambda draw: circle(draw, "inclusiveGateway"),
        lambda draw: circle(draw, "exclusiveGateway"),
        ("inclusive-circle", "one"),
    ),
    "a script task without result": (
        lambda draw: straight(draw, "scriptTask", extended("", '<zeebe:script expression="=1" />')),
        lambda draw: straight(
            draw, "scriptTask", extended("", '<zeebe:script expression="=1" resultVariable="one" />')
        ),
        ("script-missing", "work"),
    ),
    "a condition event without condition": (
        lambda draw: straight(draw, "intermediateCatchEvent", draw().conditional("")),
        lambda draw: straight(draw, "intermediateCatchEvent", draw().conditional("=x")),
        ("event-condition", "work"),
    ),
    "compensation": (
        lambda draw: straight(draw, "userTask", isForCompensation="true"),
        lambda draw: straight(draw, "userTask", isForCompensation="false"),
        ("compensation", "work"),
    ),
    "a timer that repeats": (
        lambda draw: straight(draw, "intermediateCatchEvent", draw().timer("R3/PT1H", "timeCycle")),
        lambda draw: straight(draw, "intermediateCatchEvent", draw().timer("PT1H")),
        ("timer-cycle", "work"),
    ),
    "a timer start that reads what nobody has said yet": (
        lambda draw: timed_start(draw, "=last day(begun_on, days)", "timeDate"),
        lambda draw: timed_start(draw, "=last day(today(), 3)", "timeDate"),
        ("timer-start", "begun"),
    ),
    "a timer start in words": (
        lambda draw: timed_start(draw, "R/daily", "timeCycle"),
        lambda draw: timed_start(draw, "R/P1D", "timeCycle"),
        ("time", "begun"),
    ),
    "a timer in words": (
        lambda draw: straight(draw, "intermediateCatchEvent", draw().timer("an hour")),
        lambda draw: straight(draw, "intermediateCatchEvent", draw().timer("P1DT2H")),
        ("time", "work"),
    ),
    "a date without offset": (
        lambda draw: straight(
            draw, "intermediateCatchEvent", draw().timer("2027-01-31T17:00:00", "timeDate")
        ),
        lambda draw: straight(
            draw, "intermediateCatchEvent", draw().timer("2027-01-31T17:00:00Z", "timeDate")
        ),
        ("time", "work"),
    ),
    "a timer without time": (
        lambda draw: straight(draw, "intermediateCatchEvent", "<bpmn:timerEventDefinition />"),
        lambda draw: straight(draw, "intermediateCatchEvent", draw().timer("=deadline")),
        ("timer-missing", "work"),
    ),
    "a catch event that waits for nothing": (
        lambda draw: straight(draw, "intermediateCatchEvent"),
        lambda draw: straight(draw, "intermediateThrowEvent"),
        ("event-here", "work"),
    ),
    "a signal without name": (
        lambda draw: straight(draw, "intermediateThrowEvent", "<bpmn:signalEventDefinition />"),
        lambda draw: straight(draw, "intermediateThrowEvent"),
        ("signal-missing", "work"),
    ),
    "an escalation without code": (
        lambda draw: straight(draw, "intermediateThrowEvent", "<bpmn:escalationEventDefinition />"),
        lambda draw: straight(draw, "intermediateThrowEvent"),
        ("escalation-missing", "work"),
    ),
    "a cancel event": (
        lambda draw: straight(draw, "intermediateThrowEvent", "<bpmn:cancelEventDefinition />"),
        lambda draw: straight(draw, "intermediateThrowEvent"),
        ("event-kind", "work"),
    ),
    "a link that nothing catches": (
        lambda draw: linked(draw, "other"),
        lambda draw: linked(draw, "same"),
        ("link-target", "work"),
    ),
    "a link caught twice": (
        lambda draw: linked(draw, "same", "same"),
        lambda draw: linked(draw, "same"),
        ("link-twice", "go_on"),
    ),
    "a link with a flow": (
        lambda draw: linked(draw, "same").replace(b'sourceRef="go_on"', b'sourceRef="work"'),
        lambda draw: linked(draw, "same"),
        ("link-flow", "work"),
    ),
    "an error thrown in the middle": (
        lambda draw: straight(draw, "intermediateThrowEvent", "<bpmn:errorEventDefinition />"),
        lambda draw: straight(draw, "intermediateThrowEvent"),
        ("event-here", "work"),
    ),
    "an event for two things": (
        lambda draw: straight(draw, "intermediateCatchEvent", draw().timer() + draw().timer()),
        lambda draw: straight(draw, "intermediateCatchEvent", draw().timer()),
        ("event-several", "work"),
    ),
    "a start by error": (
        lambda draw: straight(draw, "userTask").replace(
            b'<bpmn:startEvent id="begun">', b'<bpmn:startEvent id="begun"><bpmn:errorEventDefinition />'
        ),
        lambda draw: straight(draw, "userTask").replace(
            b'<bpmn:startEvent id="begun">', b'<bpmn:startEvent id="begun">' + draw().timer().encode()
        ),
        ("event-here", "begun"),
    ),
    "a reminder that interrupts": (
        lambda draw: reminder(draw, "R3/P1D", interrupting=True),
        lambda draw: reminder(draw, "R3/P1D", interrupting=False),
        ("timer-cycle", "late"),
    ),
    "a cycle in words": (
        lambda draw: reminder(draw, "R3/daily", interrupting=False),
        lambda draw: reminder(draw, "R/PT8H", interrupting=False),
        ("time", "late"),
    ),
    "an error end without code": (
        lambda draw: draw().start().end("done", "<bpmn:errorEventDefinition />").chain("begun", "done").xml(),
        lambda draw: draw().start().end().chain("begun", "done").xml(),
        ("error-missing", "done"),
    ),
    "a message without key": (
        lambda draw: boundary(draw).xml().replace(b"=case.number", b"42"),
        lambda draw: boundary(draw).xml(),
        ("message-key", "noticed"),
    ),
    "a message that is not declared": (
        lambda draw: boundary(draw).xml().replace(b'messageRef="message_left"', b'messageRef="other"'),
        lambda draw: boundary(draw).xml(),
        ("message-missing", "noticed"),
    ),
    "an error that is not declared": (
        lambda draw: boundary(draw, "error").xml().replace(b'errorRef="error_broken"', b'errorRef="other"'),
        lambda draw: boundary(draw, "error").xml(),
        ("reference", "noticed"),
    ),
    "an error without code": (
        lambda draw: boundary(draw, "error").xml().replace(b'errorCode="broken"', b""),
        lambda draw: boundary(draw, "error").xml(),
        ("attribute-missing", "error_broken"),
    ),
    "a property given twice": (
        lambda draw: straight(draw, "userTask", extended("", FORM + properties("lawRef", "lawRef"))),
        lambda draw: straight(draw, "userTask", extended("", FORM + properties("lawRef", "stage"))),
        ("property-twice", "work"),
    ),
    "an error that does not interrupt": (
        lambda draw: boundary(draw, "error", False).xml(),
        lambda draw: boundary(draw, "error").xml(),
        ("error-interrupts", "noticed"),
    ),
    "a boundary event on nothing": (
        lambda draw: boundary(draw).xml().replace(b'attachedToRef="work"', b'attachedToRef="done"'),
        lambda draw: boundary(draw).xml(),
        ("attached", "noticed"),
    ),
    "a node that cannot be reached": (
        lambda draw: (
            draw().start().end().node("userTask", "lost").chain("begun", "done").flow("lost", "done").xml()
        ),
        lambda draw: draw().start().end().node("userTask", "lost").chain("begun", "lost", "done").xml(),
        ("unreachable", "lost"),
    ),
    "a way without end": (
        lambda draw: draw().start().end().node("userTask", "work").chain("begun", "work").xml(),
        lambda draw: straight(draw, "userTask"),
        ("dead-end", "work"),
    ),
    "a boundary event that leads nowhere": (
        lambda draw: boundary(draw, connected=False).xml(),
        lambda draw: boundary(draw).xml(),
        ("dead-end", "noticed"),
    ),
    "a loop without way out": (
        lambda draw: (
            draw().start().node("userTask", "a").node("userTask", "b").chain("begun", "a", "b", "a").xml()
        ),
        lambda draw: draw().start().node("userTask", "a").end().chain("begun", "a", "done").xml(),
        ("no-end", "a"),
    ),
    "a loop in which nobody waits": (
        lambda draw: rounds(draw, "intermediateThrowEvent"),
        lambda draw: rounds(draw, "userTask"),
        ("endless-loop", "again"),
    ),
    "two starts": (
        lambda draw: draw().start().start("other").end().chain("begun", "done").chain("other", "done").xml(),
        lambda draw: draw().start().end("other").chain("begun", "other").xml(),
        ("start", "process_1"),
    ),
    "several flows out of a task": (
        lambda draw: (
            draw()
            .start()
            .node("userTask", "work")
            .end("one")
            .end("two")
            .chain("begun", "work", "one")
            .chain("work", "two")
            .xml()
        ),
        lambda draw: (
            draw()
            .start()
            .node("parallelGateway", "work")
            .end("one")
            .end("two")
            .chain("begun", "work", "one")
            .chain("work", "two")
            .xml()
        ),
        ("implicit-split", "work"),
    ),
    "a condition behind a task": (
        lambda draw: (
            draw()
            .start()
            .node("userTask", "work")
            .end()
            .chain("begun", "work")
            .flow("work", "done", "=x", "flow_9")
            .xml()
        ),
        lambda draw: straight(draw, "userTask"),
        ("condition-ignored", "flow_9"),
    ),
    "a flow to nowhere": (
        lambda draw: (
            draw().start().end().chain("begun", "done").flow("begun", "gone", flow_id="flow_9").xml()
        ),
        lambda draw: draw().start().end().chain("begun", "done").xml(),
        ("reference", "flow_9"),
    ),
    "the same flow twice": (
        lambda draw: branching(draw, "=x").replace(b'targetRef="two"', b'targetRef="one"'),
        lambda draw: branching(draw, "=x"),
        ("flow-twice", "flow_3"),
    ),
    "an id used twice": (
        lambda draw: straight(draw, "userTask").replace(b'id="begun"', b'id="work"'),
        lambda draw: straight(draw, "userTask"),
        ("id-twice", "work"),
    ),
    "an id with markup": (
        lambda draw: straight(draw, "userTask", extended("", FORM)).replace(
            b'id="flow_1"', b'id="&lt;b&gt;"'
        ),
        lambda draw: straight(draw, "userTask"),
        ("id-invalid", "<b>"),
    ),
    "a join behind a choice": (
        lambda draw: diamond(draw, "exclusiveGateway", "parallelGateway"),
        lambda draw: diamond(draw, "parallelGateway", "parallelGateway"),
        ("join-deadlock", "join"),
    ),
    "an event gateway with a task behind it": (
        lambda draw: events(draw, "userTask"),
        lambda draw: events(draw, "intermediateCatchEvent"),
        ("event-gateway", "which"),
    ),
    "a process that is not executable": (
        lambda draw: straight(draw, "userTask").replace(b'isExecutable="true"', b'isExecutable="false"'),
        lambda draw: straight(draw, "userTask"),
        ("process-count", "definitions_1"),
    ),
    "loose text": (
        lambda draw: straight(draw, "userTask").replace(b"</bpmn:process>", b"loose</bpmn:process>"),
        lambda draw: straight(draw, "userTask").replace(b"</bpmn:process>", b"<!-- loose --></bpmn:process>"),
        ("text", "process_1"),
    ),
}


def properties(*names):
    items = "".join(f'<zeebe:property name="{name}" value="x" />' for name in names)
    return f"<zeebe:properties>{items}</zeebe:properties>"


def boundary(draw, kind="message", interrupting=True, connected=True, tag="userTask"):
    drawing = draw().start().node(tag, "work").end().end("left").chain("begun", "work", "done")
    inside = drawing.message("left") if kind == "message" else getattr(drawing, kind)("broken")
    drawing.boundary("noticed", "work", inside, interrupting)
    return drawing.flow("noticed", "left") if connected else drawing.flow("work", "left")


def reminder(draw, cycle, *, interrupting):
    drawing = draw().start().node("userTask", "work").end().end("reminded").chain("begun", "work", "done")
    drawing.boundary("late", "work", drawing.timer(cycle, "timeCycle"), interrupting)
    return drawing.flow("late", "reminded").xml()


def repeated(kind, condition="", **attributes):
    """The marker of an activity over a collection."""
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    ends = f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>" if condition else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(kind == "sequential").lower()}">'
        f"{extended('', f'<zeebe:loopCharacteristics{given} />')}{ends}"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def triggered(draw, event, marker="", interrupting=True):
    """A task beside an event sub-process `react`."""
    drawing = draw().start().node("manualTask", "work").end().chain("begun", "work", "done")
    inner = draw().node("startEvent", "react_begun", event, isInterrupting=str(interrupting).lower())
    inner.end("reacted").chain("react_begun", "reacted")
    drawing.roots += ['<bpmn:signal id="signal_stopped" name="stopped" />'] if "signal" in event else []
    drawing.event_sub_process("react", inner)
    drawing.body[-1] = drawing.body[-1].replace("</bpmn:subProcess>", f"{marker}</bpmn:subProcess>")
    return drawing.xml()


def linked(draw, *names):
    drawing = draw().start().end().node("intermediateThrowEvent", "work", draw().link("same")).end("fine")
    drawing.node("parallelGateway", "split").chain("begun", "split", "work").chain("split", "fine")
    for number, name in enumerate(names):
        node_id = "go_on" if not number else f"go_on_{number}"
        drawing.node("intermediateCatchEvent", node_id, draw().link(name)).flow(node_id, "done")
    return drawing.xml()


def circle(draw, tag):
    """Two gateways that each join what comes from the other."""
    drawing = draw().start().node("inclusiveGateway", "split", default="flow_in").end()
    drawing.chain("begun", "split").node("userTask", "a").node("userTask", "b")
    drawing.node(tag, "one").node(tag, "two").flow("split", "one", flow_id="flow_in").flow(
        "split", "two", "=x"
    )
    drawing.chain("one", "a").node("exclusiveGateway", "out", default="flow_out").chain(
        "a", "two", "b", "out"
    )
    return drawing.flow("out", "one", "=y").flow("out", "done", flow_id="flow_out").xml()


def rounds(draw, tag):
    drawing = draw().start().node("exclusiveGateway", "again").node(tag, "work").end()
    drawing.node("exclusiveGateway", "more", default="flow_out").chain("begun", "again", "work", "more")
    return drawing.flow("more", "again", "=x").flow("more", "done", flow_id="flow_out").xml()


def diamond(draw, split, join):
    drawing = draw().start().node(split, "split").node(join, "join").end().chain("begun", "split")
    for name, condition in (("left", "=x"), ("right", "=not(x)")):
        drawing.node("userTask", name).chain(name, "join")
        drawing.flow("split", name, condition if split == "exclusiveGateway" else None)
    return drawing.chain("join", "done").xml()


def events(draw, tag):
    drawing = draw().start().node("eventBasedGateway", "which").end().chain("begun", "which", "first", "done")
    drawing.node("intermediateCatchEvent", "first", drawing.timer())
    drawing.node(tag, "second", drawing.timer() if tag == "intermediateCatchEvent" else "")
    return drawing.chain("which", "second", "done").xml()


@pytest.mark.parametrize("name", PAIRS)
def test_what_would_run_wrong_is_refused_by_its_id_and_its_twin_passes(draw, name):
    wrong, right, (rule, element_id) = PAIRS[name]
    found = errors_of(wrong(draw))
    assert (rule, element_id) in found
    assert len({place for _, place in found}) <= 3
    assert errors_of(right(draw)) == set()
    bpmn.load(right(draw), KNOWN)
    with pytest.raises(errors.DiagramRefused) as refusal:
        bpmn.load(wrong(draw), KNOWN)
    assert element_id in refusal.value.params["element_ids"]
    assert refusal.value.status == 422


def test_every_finding_has_a_line_texts_and_a_way_to_mend_it(draw):
    for wrong, _, (rule, _id) in PAIRS.values():
        for found in bpmn.lint(wrong(draw), KNOWN):
            assert found.line > 0
            assert found.hint
            assert found.rule in str(found)
            assert rule
            found.hint.format(**found.params)


def test_references_are_not_checked_without_a_world_to_check_them_in(draw):
    assert errors_of(straight(draw, "userTask").replace(b"form_1", b"form_9"), None) == set()


@pytest.mark.parametrize("name", ["loop"])
def test_the_diagrams_of_these_tests_are_free_of_errors(diagram, name):
    assert errors_of(diagram(name), None) == set()
