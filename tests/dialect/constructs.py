"""Every construct of the dialect as a diagram; what is expected of each stands in `traces.txt`. A table."""

from tests.diagrams import (
    boundary,
    call_activity,
    choice,
    end,
    event,
    for_each,
    fork,
    service_task,
    start,
    sub_process,
    user_task,
)
from tests.dialect.drawing import (
    ANY_ERROR,
    ERROR,
    ESCALATION,
    LARGE,
    MESSAGE,
    SERVICE,
    SIGNAL,
    TERMINATE,
    Construct,
    asks,
    asks_in_two,
    beside,
    catch,
    drawn,
    ending,
    link,
    on_task,
    straight,
    throw,
    thrown,
    timer,
    ways,
)

CALLED = drawn([start(), asks("inner"), end("inner_ended")], "begun > inner > inner_ended", "child")
FAILING = drawn([start(), user_task("inner"), ending("failed", ERROR)], "begun > inner > failed", "child")
URGING = drawn(
    [start(), user_task("inner"), throw("urge", ESCALATION), user_task("after"), end()],
    "begun > inner > urge > after > ended",
    "child",
)
THROUGH = drawn([start(), call_activity("deeper", "child"), end()], "begun > deeper > ended", "between")
ITEMS = {"items": ["a", "b", "c"]}

ACTIVITIES = {
    "user task": Construct(straight(asks("ask"))),
    "manual task": Construct(straight('<bpmn:manualTask id="by_hand"/>', user_task("next"))),
    "service task": Construct(straight(service_task("count", "count"), user_task("next"))),
    "business rule task": Construct(straight(
        asks("ask"),
        '<bpmn:businessRuleTask id="decide"><bpmn:extensionElements><zeebe:calledDecision decisionId="double"'
        ' resultVariable="doubled"/></bpmn:extensionElements></bpmn:businessRuleTask>',
    )),
    "script task": Construct(straight(
        asks("ask"),
        '<bpmn:scriptTask id="add"><bpmn:extensionElements><zeebe:script expression="=x + 0.1"'
        ' resultVariable="sum"/></bpmn:extensionElements></bpmn:scriptTask>',
    )),
    "send task": Construct(straight(
        '<bpmn:sendTask id="send"><bpmn:extensionElements><zeebe:taskDefinition type="count"/>'
        "</bpmn:extensionElements></bpmn:sendTask>",
    )),
    "receive task": Construct(
        straight('<bpmn:receiveTask id="receive" messageRef="m"/>'), variables={"number": "A1"}
    ),
    "call activity": Construct(straight(call_activity("call", "child")), {"child": CALLED}),
    "call activity with outputs": Construct(
        straight(call_activity("call", "child", "y=x + 1")), {"child": CALLED}
    ),
    "sub-process": Construct(straight(
        sub_process("inside", [start("in"), asks("one"), user_task("two"), end("out")],
        ways("in > one > two > out"))
    )),
    "lanes and data objects": Construct(drawn(
        ['<bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="mediator">'
         "<bpmn:flowNodeRef>work</bpmn:flowNodeRef>"
         '</bpmn:lane></bpmn:laneSet><bpmn:dataObject id="data"/>'
         '<bpmn:dataObjectReference id="paper" name="paper" dataObjectRef="data"/>',
         start(), user_task("work"), end()], "begun > work > ended",
    )),
}  # fmt: skip

LOOPS = {
    "multi-instance in parallel": Construct(straight(
        for_each(user_task("say", "ask"), "item", "items", output="said=n"), user_task("next"),
    ), variables=ITEMS),
    "multi-instance in turn": Construct(straight(
        for_each(user_task("say", "ask"), "item", "items", output="said=n", kind="sequential"),
        user_task("next"),
    ), variables=ITEMS),
    "multi-instance that has enough": Construct(straight(
        for_each(user_task("say", "ask"), "item", "items", "numberOfCompletedInstances >= 2",
        output="said=n"),
        user_task("next"),
    ), variables=ITEMS),
    "multi-instance over nothing": Construct(straight(
        for_each(user_task("say", "ask"), "item", "items", output="said=n"), user_task("next"),
    ), variables={"items": []}),
    "multi-instance of a sub-process": Construct(straight(for_each(
        sub_process("talk", [start("in"), asks("one"), end("out")], ways("in > one > out")),
        "item", "items", output="said=item",
    )), variables=ITEMS),
    "multi-instance of a call": Construct(straight(
        for_each(call_activity("call", "child"), "item", "items", output="said=x", kind="sequential"),
    ), {"child": CALLED}, {"items": [1, 2]}),
    "standard loop": Construct(straight(
        user_task("again", "ask", outputs="x=n").replace(
            "</bpmn:userTask>",
            "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>=x &lt; 3</bpmn:loopCondition>"
            "</bpmn:standardLoopCharacteristics></bpmn:userTask>",
        ),
    ), variables={"x": 0}),
    "standard loop with a largest number": Construct(straight(
        asks("again").replace(
            "</bpmn:userTask>", '<bpmn:standardLoopCharacteristics loopMaximum="2"/></bpmn:userTask>'
        ),
    )),
    "loop drawn with a gateway": Construct(drawn(
        [start(), choice("into"), asks("again"), choice("out"), end()],
        "begun > into > again > out, out > into: x < 3, out => ended",
    )),
}  # fmt: skip

GATEWAYS = {
    "exclusive gateway": Construct(drawn(
        [start(), asks("ask"), choice("which"), user_task("small"), user_task("large"), choice("merge"),
         end()],
        "begun > ask > which, which > large: x > 3, which => small, small > merge, large > merge,"
        " merge > ended",
    )),
    "parallel gateway": Construct(drawn(
        [start(), fork("split"), user_task("a"), user_task("b"), fork("join"), user_task("next"), end()],
        "begun > split > a > join, split > b > join, join > next > ended",
    )),
    "inclusive gateway": Construct(drawn(
        [start(), asks("ask"), '<bpmn:inclusiveGateway id="split"/>', user_task("a"), user_task("b"),
         user_task("c"), '<bpmn:inclusiveGateway id="join"/>', user_task("next"), end()],
        "begun > ask > split, split > a: x > 1, split > b: x > 3, split => c, a > join, b > join, c > join,"
        "join > next > ended",
    )),
    "inclusive gateway with its default": Construct(drawn(
        [start(), asks("ask"), '<bpmn:inclusiveGateway id="split"/>', user_task("a"), user_task("c"),
         '<bpmn:inclusiveGateway id="join"/>', user_task("next"), end()],
        "begun > ask > split, split > a: x > 1, split => c, a > join, c > join, join > next > ended",
    )),
    "event gateway with several timers": Construct(drawn(
        [start(), '<bpmn:eventBasedGateway id="first"/>', catch("soon", timer("PT2H")), catch("late",
         timer("PT5H")),
         catch("paid", MESSAGE), user_task("remind"), user_task("close"), user_task("thank"),
         choice("merge"), end()],
        "begun > first, first > late > close > merge, first > soon > remind > merge,"
        " first > paid > thank > merge,"
        "merge > ended",
    ), variables={"number": "A1"}),
    "event gateway passed by a message": Construct(drawn(
        [start(), '<bpmn:eventBasedGateway id="first"/>', catch("soon", timer("PT2H")), catch("late",
         timer("PT5H")),
         '<bpmn:receiveTask id="paid" messageRef="m"/>', user_task("thank"), choice("merge"), end()],
        "begun > first, first > late > merge, first > soon > merge, first > paid > thank > merge,"
        " merge > ended",
    ), variables={"number": "A1"}),
}  # fmt: skip

STARTS = {
    "message start": Construct(drawn(
        [event("startEvent", "told", MESSAGE), user_task("work"), end()], "told > work > ended",
    )),
    "timer start after a while": Construct(drawn(
        [event("startEvent", "due", timer("PT3H")), user_task("work"), end()], "due > work > ended",
    )),
    "timer start again and again": Construct(drawn(
        [event("startEvent", "due", timer("R2/PT3H", "timeCycle")), user_task("work"), end()],
         "due > work > ended",
    )),
    "timer start at a moment": Construct(drawn(
        [event("startEvent", "due", timer("2026-03-02T12:00:00+08:00", "timeDate")), user_task("work"),
         end()],
        "due > work > ended",
    )),
}  # fmt: skip

ENDS = {
    "terminate end": Construct(drawn(
        [start(), fork("split"), user_task("a"), user_task("b"), ending("over", TERMINATE), end()],
        "begun > split, split > a > over, split > b > ended",
    )),
    "terminate end inside a sub-process": Construct(drawn(
        [start(), fork("split"), user_task("beside"), end(), sub_process(
            "inside",
            [start("in"), fork("two"), user_task("a"), user_task("b"), ending("over", TERMINATE), end("out")],
            ways("in > two, two > a > over, two > b > out"),
        ), user_task("next"), end("done")],
        "begun > split, split > beside > ended, split > inside > next > done",
    )),
    "terminate end takes calls along": Construct(drawn(
        [start(), fork("split"), user_task("a"), call_activity("call", "child"), ending("over", TERMINATE),
         end()],
        "begun > split, split > a > over, split > call > ended",
    ), {"child": CALLED}),
    "error end caught at the border": Construct(drawn(
        [start(), sub_process("work", [start("in"), asks("one"), choice("which"), end("out"), ending("bad",
         ERROR)],
                              ways("in > one > which, which > bad: x > 3, which => out")),
         boundary("hit", "work", ERROR), user_task("mend"), end(), end("mended")],
        "begun > work > ended, hit > mend > mended",
    )),
    "error end through two calls": Construct(drawn(
        [start(), call_activity("call", "between"), boundary("hit", "call", ERROR), user_task("mend"), end(),
         end("mended")],
        "begun > call > ended, hit > mend > mended",
    ), {"between": THROUGH, "child": FAILING}),
    "error of a service": Construct(drawn(
        [start(), service_task("break", "break"), boundary("hit", "break", ANY_ERROR), user_task("mend"),
         end(),
         end("mended")],
        "begun > break > ended, hit > mend > mended",
    )),
    "message end": Construct(drawn(
        [start(), fork("split"), user_task("a"), ending("say", MESSAGE), catch("hear", MESSAGE),
         user_task("thank"),
         end()],
        "begun > split, split > a > say, split > hear > thank > ended",
    ), variables={"number": "A1"}),
    "message end by a service": Construct(drawn(
        [start(), user_task("a"), ending("say", MESSAGE).replace("><", f">{SERVICE}<", 1)], "begun > a > say",
    ), variables={"number": "A1"}),
    "signal end": Construct(drawn(
        [start(), fork("split"), user_task("a"), ending("say", SIGNAL), catch("hear", SIGNAL),
         user_task("b"), end()],
        "begun > split, split > a > say, split > hear > b > ended",
    )),
    "escalation end": Construct(thrown(ESCALATION, "endEvent")),
}  # fmt: skip

INTERMEDIATE = {
    "intermediate event without a kind": Construct(straight(throw("milestone", ""), user_task("next"))),
    "timer catch after a while": Construct(straight(catch("pause", timer("PT3H")), user_task("next"))),
    "timer catch on a day": Construct(straight(
        catch("pause", timer("=add working days(today(), 1)", "timeDate")), user_task("next"),
    )),
    "message catch": Construct(
        straight(catch("hear", MESSAGE), user_task("next")), variables={"number": "A1"}
    ),
    "signal throw and catch": Construct(drawn(
        [start(), fork("split"), user_task("a"), throw("say", SIGNAL), user_task("after"), catch("hear",
         SIGNAL),
         user_task("b"), fork("join"), end()],
        "begun > split, split > a > say > after > join, split > hear > b > join, join > ended",
    )),
    "conditional catch": Construct(drawn(
        [start(), fork("split"), asks("ask"), choice("enough"), choice("into"), catch("large", LARGE),
         user_task("b"),
         fork("join"), end()],
        "begun > split, split > into > ask > enough, enough > into: x < 3, enough => join,"
        "split > large > b > join, join > ended",
    )),
    "message throw": Construct(drawn(
        [start(), fork("split"), user_task("a"), throw("say", MESSAGE), user_task("after"), catch("hear",
         MESSAGE),
         user_task("b"), fork("join"), end()],
        "begun > split, split > a > say > after > join, split > hear > b > join, join > ended",
    ), variables={"number": "A1"}),
    "message throw by a service": Construct(straight(
        throw("say", MESSAGE).replace("><", f">{SERVICE}<", 1), user_task("next")
    ), variables={"number": "A1"}),
    "escalation throw": Construct(thrown(ESCALATION, "intermediateThrowEvent")),
    "escalation through two calls": Construct(drawn(
        [start(), call_activity("call", "between"), boundary("hit", "call", ESCALATION, interrupting=False),
         user_task("look"), end(), end("looked")],
        "begun > call > ended, hit > look > looked",
    ), {"between": THROUGH, "child": URGING}),
    "escalation that ends the calls": Construct(drawn(
        [start(), call_activity("call", "between"), boundary("hit", "call", ESCALATION), user_task("look"),
         end(),
         end("looked")],
        "begun > call > ended, hit > look > looked",
    ), {"between": THROUGH, "child": URGING}),
    "link": Construct(drawn(
        [start(), user_task("a"), throw("gone", link("far")), catch("come", link("far")), user_task("b"),
         end()],
        "begun > a > gone, come > b > ended",
    )),
}  # fmt: skip

PASSED = sub_process("work", [start("in"), user_task("one"), throw("say", ESCALATION), user_task("two"),
end("out")],
                     ways("in > one > say > two > out"))  # fmt: skip
HEARD = [start(), fork("split"), asks("work"), user_task("react"), end(), end("reacted"), user_task("warn"),
         ending("warned", SIGNAL)]  # fmt: skip
HEARING = "begun > split, split > work > ended, hit > react > reacted, split > warn > warned"
BOUNDARY = {
    f"{name} on an activity, {'interrupting' if interrupts else 'beside it'}": Construct(
        on_task(definition, interrupting=interrupts, host=host), variables={"number": "A1"}
    )
    for name, definition, host in (
        ("message", MESSAGE, ""), ("timer", timer("PT3H"), ""), ("conditional", LARGE, asks_in_two()),
        ("escalation", ESCALATION, PASSED),
    )
    for interrupts in (True, False)
} | {
    f"signal on an activity, {'interrupting' if interrupts else 'beside it'}": Construct(
        drawn([*HEARD, boundary("hit", "work", SIGNAL, interrupting=interrupts)], HEARING)
    )
    for interrupts in (True, False)
} | {
    "timer on an activity, again and again": Construct(
        on_task(timer("R2/PT3H", "timeCycle"), interrupting=False)
    ),
}  # fmt: skip
EVENT_SUB_PROCESSES = {
    f"event sub-process by {name}, {'interrupting' if interrupts else 'beside the rest'}": Construct(
        beside(definition, interrupting=interrupts, last=last), variables={"number": "A1"}
    )
    for name, definition, last in (
        ("message", MESSAGE, ""), ("timer", timer("PT3H"), ""), ("conditional", LARGE, ""), ("error", ERROR,
        ERROR),
        ("escalation", ESCALATION, ESCALATION), ("signal", SIGNAL, SIGNAL),
    )
    for interrupts in (True, False)
    if interrupts or name != "error"
} | {
    "event sub-process by timer, again and again": Construct(
        beside(timer("R2/PT3H", "timeCycle"), interrupting=False)
    ),
    "event sub-process inside a sub-process": Construct(straight(sub_process("inside", [
        start("in"), user_task("one"), end("out"),
        sub_process("whenever", [event("startEvent", "hit", timer("PT3H")), user_task("react"),
        end("reacted")],
                    ways("hit > react > reacted"), by_event=True),
    ], ways("in > one > out")), user_task("next"))),
    "event sub-process by the error of a call": Construct(
        beside(ANY_ERROR, interrupting=True, last=call_activity("call", "child")), {"child": FAILING},
    ),
}  # fmt: skip

CONSTRUCTS = ACTIVITIES | LOOPS | GATEWAYS | STARTS | ENDS | INTERMEDIATE | BOUNDARY | EVENT_SUB_PROCESSES
