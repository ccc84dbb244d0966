"""Reads Camunda 8's extension elements of a node into the fields of its record."""

from types import MappingProxyType

from lxml import etree

from .nodes import Loop
from .xml import ZEEBE, bpmn, zeebe


def read(node: etree._Element) -> dict[str, object]:
    """The fields of a node that stand in its extension elements."""
    fields: dict[str, object] = {}
    for element in node.iterfind(f"{bpmn('extensionElements')}/*"):
        name = etree.QName(element)
        reader = _EXTENSIONS.get(name.localname) if name.namespace == ZEEBE else None
        if reader is not None:
            fields.update(reader(element))
    return fields


def read_loop(node: etree._Element) -> dict[str, object]:
    """The field of a node that says how it repeats, if it does."""
    drawn = node.find(bpmn("multiInstanceLoopCharacteristics"))
    if drawn is not None:
        return {"loop": _collection(drawn)}
    drawn = node.find(bpmn("standardLoopCharacteristics"))
    if drawn is None:
        return {}
    return {
        "loop": Loop(
            kind="standard",
            condition=_text(drawn, "loopCondition"),
            maximum=drawn.get("loopMaximum"),
            tested_before=drawn.get("testBefore") == "true",
        )
    }


def _collection(drawn: etree._Element) -> Loop:
    extension = drawn.find(f"{bpmn('extensionElements')}/{zeebe('loopCharacteristics')}")
    given = etree.Element("none").attrib if extension is None else extension.attrib
    return Loop(
        kind="sequential" if drawn.get("isSequential") == "true" else "parallel",
        collection=given.get("inputCollection"),
        element=given.get("inputElement"),
        output_collection=given.get("outputCollection"),
        output_element=given.get("outputElement"),
        condition=_text(drawn, "completionCondition"),
    )


def _text(element: etree._Element, tag: str) -> str | None:
    found = element.findtext(bpmn(tag))
    return None if found is None else found.strip()


def _io_mapping(element: etree._Element) -> dict[str, object]:
    def pairs(tag: str) -> tuple[tuple[str, str], ...]:
        return tuple((item.get("source", ""), item.get("target", "")) for item in element.findall(zeebe(tag)))

    return {"inputs": pairs("input"), "outputs": pairs("output")}


def _properties(element: etree._Element) -> dict[str, object]:
    properties = {item.get("name", ""): item.get("value", "") for item in element.findall(zeebe("property"))}
    return {"properties": MappingProxyType(properties), "name_en": properties.get("name_en")}


def _flag(element: etree._Element, name: str) -> bool:
    return element.get(name, "true") == "true"


_EXTENSIONS = {
    "formDefinition": lambda element: {"form_id": element.get("formId")},
    "assignmentDefinition": lambda element: {
        "assignee": element.get("assignee"),
        "candidate_groups": element.get("candidateGroups"),
    },
    "taskSchedule": lambda element: {
        "due_date": element.get("dueDate"),
        "follow_up_date": element.get("followUpDate"),
    },
    "taskDefinition": lambda element: {"service": element.get("type"), "retries": element.get("retries")},
    "calledElement": lambda element: {
        "called_process": element.get("processId"),
        "propagate_all_parent_variables": _flag(element, "propagateAllParentVariables"),
        "propagate_all_child_variables": _flag(element, "propagateAllChildVariables"),
    },
    "calledDecision": lambda element: {
        "decision_id": element.get("decisionId"),
        "result_variable": element.get("resultVariable"),
    },
    "script": lambda element: {
        "script": element.get("expression"),
        "result_variable": element.get("resultVariable"),
    },
    "ioMapping": _io_mapping,
    "properties": _properties,
}
