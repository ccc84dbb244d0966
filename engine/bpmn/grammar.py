"""The elements and attributes that diagrams may hold, as data: what is not named here is refused."""

BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
INTERCHANGE = frozenset((BPMNDI, DC, DI))

MODELER = "http://camunda.org/schema/modeler/1.0"
BIOC = "http://bpmn.io/schema/bpmn/biocolor/1.0"
COLOR = "http://www.omg.org/spec/BPMN/non-normative/color/1.0"
IGNORED_NAMESPACES = frozenset((MODELER, BIOC, COLOR))
"""Written by editors for themselves: passed over, as attributes and as extension elements."""

_TEXTS = {"documentation", "extensionElements"}
_ENDS = {"incoming", "outgoing"}
_ACTIVITY = {"isForCompensation", "startQuantity", "completionQuantity"}
_DATA = {"dataInputAssociation", "dataOutputAssociation", "property"}
_EVENTS = {
    "messageEventDefinition",
    "timerEventDefinition",
    "errorEventDefinition",
    "terminateEventDefinition",
    "escalationEventDefinition",
    "signalEventDefinition",
    "linkEventDefinition",
    "conditionalEventDefinition",
}
LOOPS = {"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"}
_ACTIVITY_CHILDREN = _TEXTS | _ENDS | _DATA | LOOPS
_NODES = {
    "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
    "userTask", "manualTask", "serviceTask", "businessRuleTask", "sendTask", "receiveTask", "callActivity",
    "scriptTask", "subProcess",
    "exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway",
}  # fmt: skip
_DRAWN = {
    "sequenceFlow", "dataObject", "dataObjectReference", "dataStoreReference",
    "textAnnotation", "association", "group",
}  # fmt: skip
_SCOPE = _NODES | _DRAWN | _TEXTS | {"laneSet"}

ATTRIBUTES = {
    "definitions": {"targetNamespace", "exporter", "exporterVersion", "expressionLanguage", "typeLanguage"},
    "process": {"isExecutable", "isClosed", "processType"},
    "collaboration": {"isClosed"},
    "participant": {"processRef"},
    "messageFlow": {"sourceRef", "targetRef", "messageRef"},
    "message": {"itemRef"},
    "error": {"errorCode", "structureRef"},
    "escalation": {"escalationCode", "structureRef"},
    "signal": {"structureRef"},
    "lane": {"partitionElementRef"},
    "documentation": {"textFormat"},
    "startEvent": {"isInterrupting", "parallelMultiple"},
    "boundaryEvent": {"attachedToRef", "cancelActivity", "parallelMultiple"},
    "intermediateCatchEvent": {"parallelMultiple"},
    "userTask": _ACTIVITY | {"implementation"},
    "manualTask": _ACTIVITY,
    "serviceTask": _ACTIVITY | {"implementation", "operationRef"},
    "businessRuleTask": _ACTIVITY | {"implementation"},
    "sendTask": _ACTIVITY | {"implementation", "operationRef"},
    "receiveTask": _ACTIVITY | {"implementation", "messageRef", "instantiate", "operationRef"},
    "scriptTask": _ACTIVITY,
    "callActivity": _ACTIVITY,
    "subProcess": _ACTIVITY | {"triggeredByEvent"},
    "exclusiveGateway": {"default", "gatewayDirection"},
    "inclusiveGateway": {"default", "gatewayDirection"},
    "parallelGateway": {"gatewayDirection"},
    "eventBasedGateway": {"gatewayDirection", "instantiate", "eventGatewayType"},
    "messageEventDefinition": {"messageRef"},
    "errorEventDefinition": {"errorRef"},
    "escalationEventDefinition": {"escalationRef"},
    "signalEventDefinition": {"signalRef"},
    "multiInstanceLoopCharacteristics": {"isSequential"},
    "standardLoopCharacteristics": {"testBefore", "loopMaximum"},
    "completionCondition": {"language"},
    "loopCondition": {"language"},
    "condition": {"language"},
    "sequenceFlow": {"sourceRef", "targetRef", "isImmediate"},
    "conditionExpression": {"language"},
    "timeDate": {"language"},
    "timeDuration": {"language"},
    "timeCycle": {"language"},
    "dataObject": {"isCollection", "itemSubjectRef"},
    "dataObjectReference": {"dataObjectRef", "itemSubjectRef"},
    "dataStoreReference": {"dataStoreRef", "itemSubjectRef"},
    "property": {"itemSubjectRef"},
    "textAnnotation": {"textFormat"},
    "association": {"sourceRef", "targetRef", "associationDirection"},
    "group": {"categoryValueRef"},
    "categoryValue": {"value"},
}
"""The attributes of each BPMN element, beside id and name, which all may have."""

CHILDREN = {
    "definitions": {"process", "collaboration", "message", "error", "escalation", "signal", "category"}
    | _TEXTS,
    "collaboration": {"participant", "messageFlow", "textAnnotation", "association", "group"} | _TEXTS,
    "participant": _TEXTS | {"participantMultiplicity"},
    "messageFlow": _TEXTS,
    "process": _SCOPE,
    "subProcess": _SCOPE | _ACTIVITY_CHILDREN,
    "laneSet": {"lane"} | _TEXTS,
    "lane": {"flowNodeRef", "childLaneSet"} | _TEXTS,
    "childLaneSet": {"lane"} | _TEXTS,
    "startEvent": _TEXTS | _ENDS | _EVENTS,
    "endEvent": _TEXTS | _ENDS | _EVENTS,
    "intermediateCatchEvent": _TEXTS | _ENDS | _EVENTS,
    "intermediateThrowEvent": _TEXTS | _ENDS | _EVENTS,
    "boundaryEvent": _TEXTS | _ENDS | _EVENTS,
    "exclusiveGateway": _TEXTS | _ENDS,
    "inclusiveGateway": _TEXTS | _ENDS,
    "parallelGateway": _TEXTS | _ENDS,
    "eventBasedGateway": _TEXTS | _ENDS,
    "messageEventDefinition": _TEXTS,
    "errorEventDefinition": _TEXTS,
    "terminateEventDefinition": _TEXTS,
    "escalationEventDefinition": _TEXTS,
    "signalEventDefinition": _TEXTS,
    "linkEventDefinition": _TEXTS,
    "conditionalEventDefinition": {"condition"} | _TEXTS,
    "multiInstanceLoopCharacteristics": {"completionCondition"} | _TEXTS,
    "standardLoopCharacteristics": {"loopCondition"} | _TEXTS,
    "timerEventDefinition": {"timeDate", "timeDuration", "timeCycle"} | _TEXTS,
    "sequenceFlow": {"conditionExpression"} | _TEXTS,
    "message": _TEXTS,
    "error": _TEXTS,
    "escalation": _TEXTS,
    "signal": _TEXTS,
    "category": {"categoryValue"} | _TEXTS,
    "categoryValue": _TEXTS,
    "dataObject": _TEXTS,
    "dataObjectReference": _TEXTS,
    "dataStoreReference": _TEXTS,
    "textAnnotation": {"text"} | _TEXTS,
    "association": _TEXTS,
    "group": _TEXTS,
    "property": _TEXTS,
    "dataInputAssociation": {"sourceRef", "targetRef"} | _TEXTS,
    "dataOutputAssociation": {"sourceRef", "targetRef"} | _TEXTS,
} | {tag: _ACTIVITY_CHILDREN for tag in _NODES if tag.endswith("Task") or tag == "callActivity"}
"""The BPMN elements that may stand in each BPMN element."""

TEXT_ELEMENTS = frozenset({
    "documentation", "incoming", "outgoing", "flowNodeRef", "conditionExpression",
    "timeDate", "timeDuration", "timeCycle", "text", "sourceRef", "targetRef",
    "completionCondition", "loopCondition", "condition",
})  # fmt: skip

_FEEL = (
    "feel",
    "http://www.omg.org/spec/FEEL/20140401",
    "http://www.omg.org/spec/DMN/20191111/FEEL/",
)

VALUES = {
    "isExecutable": ("true", "false"),
    "isInterrupting": ("true", "false"),
    "cancelActivity": ("true", "false"),
    "isForCompensation": ("false",),
    "triggeredByEvent": ("true", "false"),
    "isSequential": ("true", "false"),
    "testBefore": ("true", "false"),
    "instantiate": ("false",),
    "parallelMultiple": ("false",),
    "startQuantity": ("1",),
    "completionQuantity": ("1",),
    "eventGatewayType": ("Exclusive",),
    "gatewayDirection": ("Unspecified", "Converging", "Diverging", "Mixed"),
    "language": _FEEL,
    "expressionLanguage": _FEEL,
    "propagateAllParentVariables": ("true", "false"),
    "propagateAllChildVariables": ("true", "false"),
    "bindingType": ("latest", "deployment"),
}
"""The values that an attribute may have where not every value is run right."""

REQUIRED = {
    "sequenceFlow": ("sourceRef", "targetRef"),
    "boundaryEvent": ("attachedToRef",),
    "process": ("isExecutable",),
    "error": ("errorCode",),
    "message": ("name",),
    "signal": ("name",),
    "escalation": ("escalationCode",),
}

POINTERS = {
    "messageRef": "message",
    "errorRef": "error",
    "escalationRef": "escalation",
    "signalRef": "signal",
    "processRef": "process",
    "dataObjectRef": "dataObject",
}
"""The attributes that name another element of the file, with its tag."""

REFUSED = {
    "script": "script-task",
    "task": "plain-task",
    "complexGateway": "complex-gateway",
    "transaction": "special-sub-process",
    "adHocSubProcess": "special-sub-process",
    "compensateEventDefinition": "compensation",
    "cancelEventDefinition": "event-kind",
}
"""BPMN elements that are refused for a reason of their own, with the rule that says it."""

ZEEBE_ATTRIBUTES = {
    "userTask": set[str](),
    "formDefinition": {"formId", "bindingType"},
    "assignmentDefinition": {"assignee", "candidateGroups"},
    "taskSchedule": {"dueDate", "followUpDate"},
    "taskDefinition": {"type", "retries"},
    "calledElement": {
        "processId", "propagateAllParentVariables", "propagateAllChildVariables", "bindingType",
    },
    "calledDecision": {"decisionId", "resultVariable", "bindingType"},
    "loopCharacteristics": {"inputCollection", "inputElement", "outputCollection", "outputElement"},
    "script": {"expression", "resultVariable"},
    "ioMapping": set[str](),
    "input": {"source", "target"},
    "output": {"source", "target"},
    "properties": set[str](),
    "property": {"name", "value"},
    "subscription": {"correlationKey"},
    "versionTag": {"value"},
}  # fmt: skip
"""The attributes of each extension element of Camunda 8."""

ZEEBE_CHILDREN = {"ioMapping": {"input", "output"}, "properties": {"property"}}

_MAPPED = {"ioMapping", "properties"}
EXTENSIONS = {
    "process": {"properties", "versionTag"},
    "message": {"subscription"},
    "userTask": _MAPPED | {"userTask", "formDefinition", "assignmentDefinition", "taskSchedule"},
    "serviceTask": _MAPPED | {"taskDefinition"},
    "sendTask": _MAPPED | {"taskDefinition"},
    "businessRuleTask": _MAPPED | {"calledDecision"},
    "scriptTask": _MAPPED | {"script"},
    "multiInstanceLoopCharacteristics": {"loopCharacteristics"},
    "intermediateThrowEvent": {"properties", "taskDefinition"},
    "endEvent": {"properties", "taskDefinition"},
    "callActivity": _MAPPED | {"calledElement"},
    "manualTask": _MAPPED,
    "receiveTask": _MAPPED,
}
"""The extension elements of Camunda 8 that each BPMN element may hold; others may hold `properties`."""

TEMPLATE_ATTRIBUTES = frozenset(("modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon"))
