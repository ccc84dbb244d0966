"""Every rule of the lint with its message and the way to mend it: a table, so it may be longer."""

from typing import NamedTuple

from .findings import Severity


class Rule(NamedTuple):
    """What a finding of this rule says; `message` and `hint` are gettext ids with places for params."""

    severity: Severity
    message: str
    hint: str


def _error(message: str, hint: str) -> Rule:
    return Rule("error", message, hint)


def _warning(message: str, hint: str) -> Rule:
    return Rule("warning", message, hint)


RULES = {
    # the file
    "size": _error(
        "The file is too large: {size}; at most {limit} are allowed.",
        "Split the diagram into processes that call each other.",
    ),
    "depth": _error(
        "Elements are nested more than {limit} deep.",
        "Draw the inner sub-processes as processes of their own.",
    ),
    "attribute-count": _error(
        "An element has more than {limit} attributes.",
        "Export the diagram again from the editor.",
    ),
    "xml": _error("The file is not well-formed XML: {problem}", "Export the diagram again from the editor."),
    "encoding": _error("The file is written in {encoding}.", "Save it in UTF-8."),
    "doctype": _error(
        "The file has a DOCTYPE, which can draw in entities and foreign files.",
        "Delete the <!DOCTYPE …> and every entity that it declares.",
    ),
    "more": _warning(
        "There are more remarks of this kind than the {limit} that are shown.",
        "Mend these first, and check again.",
    ),
    "not-bpmn": _error(
        "The file is not a BPMN 2.0 diagram: its root is {element}.",
        "Choose a file whose root is bpmn:definitions.",
    ),
    # elements and attributes
    "element": _error(
        "The element {element} is not known here (in {parent}).",
        "Delete it, or use an element that the palette offers.",
    ),
    "attribute": _error(
        "The attribute {attribute} of {element} is not known.",
        "Delete the attribute.",
    ),
    "attribute-value": _error(
        "{element} can't have {attribute} = {value}.",
        "Use one of: {allowed}.",
    ),
    "attribute-missing": _error("{element} has no {attribute}.", "Give it one."),
    "text": _error("{element} contains loose text: {text}", "Delete the text between the elements."),
    "id-missing": _error("{element} has no id.", "Give it an id of letters, digits, dots and underscores."),
    "id-invalid": _error(
        "The id {id} is not allowed.",
        "Begin with a letter, go on with at most 99 letters, digits, dots, hyphens and underscores.",
    ),
    "id-twice": _error("The id {id} is used twice.", "Give one of the elements another id."),
    "reference": _error("{attribute} names {id}, which is not there.", "Choose an element that exists."),
    # what is not run
    "script-task": _error(
        "Scripts are not run.",
        "Write it in FEEL in the script task's expression, or use a service task.",
    ),
    "plain-task": _error(
        "A plain task does not say who does it.",
        "Make it a user task, a manual task or a service task.",
    ),
    "script-missing": _error(
        "The script task has no FEEL expression or no result variable.",
        "Give it an expression such as =a + b, and name the variable for the result.",
    ),
    "loop-here": _error(
        "Only tasks, call activities and sub-processes can repeat.",
        "Delete the marker.",
    ),
    "loop-collection": _error(
        "The activity repeats for each item of a collection, but names none in FEEL.",
        "Give it an input collection such as =parties.",
    ),
    "loop-output": _error(
        "An output collection and an output element need each other.",
        "Give both, or neither.",
    ),
    "loop-end": _error(
        "The loop has neither a condition nor a largest number of rounds.",
        "Give it one of them.",
    ),
    "loop-maximum": _error(
        "The largest number of rounds must be a number from 1 to {limit}.",
        "Write the number in digits.",
    ),
    "inclusive-circle": _error(
        "This inclusive gateway and another one can wait for each other for ever.",
        "Lead the loop back to before both, through an exclusive gateway.",
    ),
    "complex-gateway": _error("Complex gateways are not run.", "Use exclusive or parallel gateways."),
    "event-sub-process-flow": _error(
        "An event sub-process begins by its event alone: nothing leads to it, out of it or hangs on it.",
        "Delete the flow or the boundary event.",
    ),
    "special-sub-process": _error(
        "Transactions and ad-hoc sub-processes are not run.",
        "Use an ordinary sub-process.",
    ),
    "compensation": _error(
        "Compensation is not run.", "Draw the steps that undo something as ordinary steps."
    ),
    "event-kind": _error(
        "{event} events are not run yet.",
        "Use one of the other kinds of event.",
    ),
    "event-here": _error(
        "{kind} can't be an event of the kind {event}.",
        "Here the kind may be: {allowed}.",
    ),
    "event-several": _error("An event can wait for one thing only.", "Draw one event for each."),
    "timer-cycle": _error(
        "Only an event that interrupts nothing can repeat.",
        "Use a duration, and a loop if it must repeat.",
    ),
    "timer-start": _error(
        "The timer that starts the process reads “{name}”, but before the start nothing is known.",
        "Write a duration, a date or a cycle that asks for nothing but the time and the calendar.",
    ),
    "error-interrupts": _error(
        "An error always interrupts its activity.",
        "Make the event interrupting.",
    ),
    "attached": _error(
        "A boundary event must be attached to a task, call activity or sub-process in the same frame.",
        "Drag it to the edge of such an element.",
    ),
    # references and texts
    "process-count": _error(
        "The file has {count} executable processes; it needs exactly one.",
        "Keep one executable process a file; mark pools of others as not executable.",
    ),
    "form-missing": _error("The user task has no form.", "Choose its form."),
    "form-unknown": _error(
        "There is no form {id}.", "Deploy the form together with the diagram, or choose another."
    ),
    "process-missing": _error("The call activity calls no process.", "Choose the process that it calls."),
    "process-unknown": _error(
        "There is no process {id}.",
        "Deploy the process together with the diagram, or choose another.",
    ),
    "decision-missing": _error(
        "The business rule task has no decision or no result variable.",
        "Choose its decision and name the variable for the result.",
    ),
    "decision-unknown": _error(
        "There is no decision {id}.",
        "Deploy the decision together with the diagram, or choose another.",
    ),
    "service-missing": _error("The task names no service.", "Choose the type of its service."),
    "service-unknown": _error("There is no service {id}.", "Choose a service that this installation has."),
    "message-missing": _error(
        "The event or task names no message.", "Choose its message and give it a name."
    ),
    "message-key": _error(
        "The message {id} has no correlation key in FEEL.",
        "Give the message a correlation key such as =case.number.",
    ),
    "signal-missing": _error("The event names no signal.", "Choose its signal."),
    "escalation-missing": _error(
        "The event has no escalation code.", "Choose its escalation and give it a code."
    ),
    "escalation-here": _error(
        "Nothing in this task can escalate.",
        "Attach the event to a call activity or a sub-process.",
    ),
    "event-condition": _error("The event has no condition in FEEL.", "Give it one, such as =amount > 1000."),
    "link-name": _error("The link has no name.", "Give both of its ends the same name."),
    "link-target": _error(
        "Nothing here catches the link {name}.",
        "Draw a catching link event of the same name in the same frame.",
    ),
    "link-twice": _error("The link {name} is caught twice.", "Keep one of the catching events."),
    "link-flow": _error(
        "A flow leads out of a throwing or into a catching link event.",
        "Delete the flow.",
    ),
    "error-missing": _error("The error end event has no error code.", "Choose its error and give it a code."),
    "timer-missing": _error(
        "The timer has no time.", "Give it a duration such as P3D, a date, or FEEL (=…)."
    ),
    "time": _error(
        "{text} is neither a time nor FEEL.",
        "Write a duration (P3D), a moment (2027-01-31T17:00:00+08:00), a cycle (R3/P1D), or FEEL (=…).",
    ),
    "retries": _error(
        "{text} does not say how often the service is tried.",
        "Write a number from 1 to {most}, or FEEL (=…).",
    ),
    "dynamic": _error(
        "{attribute} must name one thing outright, not compute it.",
        "Write the id itself, without =.",
    ),
    "feel": _error("This is not FEEL: {text} ({problem})", "Mend the expression in {attribute}."),
    "feel-fault": _error(
        "This always fails: {text} ({problem})",
        "Give the function the arguments that it takes; docs/feel.md shows how values are written.",
    ),
    "feel-name": _error(
        "“{name}” is no variable and no word of FEEL.",
        "Write true, false and null small, not(x) with parentheses, and variables without blanks.",
    ),
    "condition-language": _error(
        "The condition is not FEEL: {text}",
        'Write it in FEEL, beginning with =, such as =answer = "yes".',
    ),
    "variable": _error(
        "{text} is not a name for a variable.",
        "Begin with a letter, go on with letters, digits and underscores.",
    ),
    "property-twice": _error("The property {name} is given twice.", "Keep one of them."),
    # flows
    "start": _error(
        "{count} start events; each sub-process needs one, each process one or several with events.",
        "Keep one start event.",
    ),
    "start-incoming": _error(
        "A flow leads into a start event.", "Lead it to the step after the start event."
    ),
    "end-outgoing": _error(
        "A flow leads out of an end event.", "Lead it out of the step before, or delete it."
    ),
    "boundary-incoming": _error("A flow leads into a boundary event.", "Lead it to another element."),
    "flow-crosses": _error(
        "The flow crosses the edge of a sub-process.",
        "Lead it to the sub-process itself; inside, begin at its start event.",
    ),
    "flow-twice": _error(
        "Two flows lead from {source} to {target}.",
        "Keep one; join their conditions with “or”.",
    ),
    "implicit-split": _error(
        "Several flows leave this element at once.",
        "Put a parallel or exclusive gateway behind it.",
    ),
    "condition-ignored": _error(
        "Only flows out of an exclusive or inclusive gateway can have a condition.",
        "Put an exclusive gateway before the flow.",
    ),
    "condition-missing": _error(
        "The flow has no condition and is not the default.",
        "Give it a condition, or make it the default flow.",
    ),
    "default": _error(
        "The default flow must leave this gateway and have no condition.",
        "Choose another default flow, or delete its condition.",
    ),
    "dead-end": _error("The way ends here without an end event.", "Lead a flow on, at last to an end event."),
    "unreachable": _error("No way leads here from the start.", "Connect it, or delete it."),
    "no-end": _error("No end event can be reached from here.", "Lead a way out of the loop to an end event."),
    "endless-loop": _error(
        "The way goes round here without ever waiting for anybody.",
        "Put a task, a message or a timer into the loop.",
    ),
    "event-gateway": _error(
        "Behind an event gateway there must be at least two events or receive tasks, entered from it only.",
        "Lead each of its flows to a catch event of its own, or to a receive task without events on it.",
    ),
    "join-deadlock": _error(
        "The parallel gateway can wait forever for a branch that was not taken.",
        "Join the branches of an exclusive gateway with an exclusive gateway.",
    ),
    # style
    "gateway-default": _warning(
        "The gateway has no default flow; the case stops here if no condition holds.",
        "Make one of the flows the default.",
    ),
    "implicit-merge": _warning(
        "Several flows enter this element.",
        "Join them with an exclusive gateway before it.",
    ),
    "follow-up": _warning("Nothing happens on the follow-up date.", "Use the due date, or a timer."),
    "loop-kept": _warning(
        "What is answered in the repetitions of this activity stays there.",
        "Give it an output collection and an output element if it is needed later.",
    ),
    "superfluous-gateway": _warning("The gateway neither splits nor joins.", "Delete it."),
    "label": _warning("The element has no name.", "Name it for the people who read the diagram."),
    "nobody": _warning(
        "Nobody is named who does this task.",
        "Put it into a lane, or name candidate groups or an assignee.",
    ),
}
