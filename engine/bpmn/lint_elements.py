"""Holds every element and attribute of a diagram against the allow-list."""

import re
from collections import Counter

from lxml import etree

from . import grammar
from .report import Report
from .xml import BPMN, XSI, ZEEBE, zeebe

_ID = re.compile(r"[A-Za-z_][\w.-]{0,99}", re.ASCII)
_SHORT = 80


def check(root: etree._Element, report: Report) -> None:
    """Findings for all elements and attributes that are not in the grammar, and for ids."""
    if root.tag != f"{{{BPMN}}}definitions":
        report.add_at("not-bpmn", root, element=_shown(root))
        return
    _element(root, report)
    _ids(root, report)
    _pointers(root, report)
    _properties(root, report)


def _element(element: etree._Element, report: Report) -> None:
    """Descends only into what is allowed, so that one foreign element makes one finding."""
    _attributes(element, report)
    _loose_text(element, report)
    for child in element:
        if _allowed(child, element, report):
            _element(child, report)


def _allowed(child: etree._Element, parent: etree._Element, report: Report) -> bool:
    name = etree.QName(child)
    if name.namespace in grammar.IGNORED_NAMESPACES and _local(parent) == "extensionElements":
        return False
    if name.namespace == BPMN and name.localname in grammar.REFUSED:
        report.add_at(grammar.REFUSED[name.localname], child, event=_event(name.localname))
        return False
    if _fits(name, parent):
        return True
    report.add_at("element", child, element=_shown(child), parent=_shown(parent))
    return False


def _fits(name: etree.QName, parent: etree._Element) -> bool:
    around = etree.QName(parent)
    if name.namespace in grammar.INTERCHANGE:
        return around.namespace in grammar.INTERCHANGE or around.localname == "definitions"
    if name.namespace == ZEEBE and around.namespace == ZEEBE:
        return name.localname in grammar.ZEEBE_CHILDREN.get(around.localname, ())
    if name.namespace == ZEEBE and around.localname == "extensionElements":
        owner = parent.getparent()
        return owner is not None and name.localname in grammar.EXTENSIONS.get(_local(owner), {"properties"})
    return name.namespace == around.namespace == BPMN and name.localname in grammar.CHILDREN.get(
        around.localname, ()
    )


def _attributes(element: etree._Element, report: Report) -> None:
    name = etree.QName(element)
    for key, value in element.attrib.items():
        attribute = etree.QName(str(key))
        if not _known_attribute(name, attribute):
            report.add_at("attribute", element, attribute=attribute.localname, element=_shown(element))
            continue
        allowed = grammar.VALUES.get(attribute.localname)
        if allowed is not None and not attribute.namespace and value not in allowed:
            report.add_at(
                _value_rule(attribute.localname),
                element,
                element=_shown(element),
                attribute=attribute.localname,
                value=str(value)[:_SHORT],
                allowed=", ".join(allowed),
            )
    for required in grammar.REQUIRED.get(name.localname, ()) if name.namespace == BPMN else ():
        if not element.get(required):
            report.add_at("attribute-missing", element, element=_shown(element), attribute=required)


def _known_attribute(element: etree.QName, attribute: etree.QName) -> bool:
    if attribute.namespace in grammar.IGNORED_NAMESPACES:
        return True
    if element.namespace in grammar.INTERCHANGE:
        return not attribute.namespace
    if attribute.namespace == XSI:
        return attribute.localname in {"type", "schemaLocation"}
    if element.namespace == ZEEBE:
        return not attribute.namespace and attribute.localname in grammar.ZEEBE_ATTRIBUTES[element.localname]
    if attribute.namespace == ZEEBE:
        return attribute.localname in grammar.TEMPLATE_ATTRIBUTES
    return not attribute.namespace and (
        attribute.localname in {"id", "name"}
        or attribute.localname in grammar.ATTRIBUTES.get(element.localname, ())
    )


def _value_rule(attribute: str) -> str:
    return "compensation" if attribute == "isForCompensation" else "attribute-value"


def _loose_text(element: etree._Element, report: Report) -> None:
    if _local(element) in grammar.TEXT_ELEMENTS:
        return
    for text in (element.text, *(child.tail for child in element)):
        if text and text.strip():
            report.add_at("text", element, element=_shown(element), text=text.strip()[:_SHORT])
            return


def _ids(root: etree._Element, report: Report) -> None:
    seen: set[str] = set()
    for element in root.iter(f"{{{BPMN}}}*"):
        element_id = element.get("id")
        if element_id is None:
            if _needs_id(element):
                report.add_at("id-missing", element, element=_shown(element))
        elif not _ID.fullmatch(element_id):
            report.add_at("id-invalid", element, id=element_id[:_SHORT])
        elif element_id in seen:
            report.add_at("id-twice", element, id=element_id)
        seen.add(element_id or "")


def _pointers(root: etree._Element, report: Report) -> None:
    targets = {(_local(element), element.get("id")) for element in root.iter(f"{{{BPMN}}}*")}
    for element in root.iter(f"{{{BPMN}}}*"):
        for attribute, tag in grammar.POINTERS.items():
            value = element.get(attribute)
            if value is not None and (tag, value) not in targets:
                report.add_at("reference", element, attribute=attribute, id=value[:_SHORT])


def _properties(root: etree._Element, report: Report) -> None:
    for element in root.iter(zeebe("properties")):
        names = Counter(item.get("name", "") for item in element)
        for name, count in names.items():
            if count > 1:
                report.add_at("property-twice", element, name=name[:_SHORT])


def _needs_id(element: etree._Element) -> bool:
    local = _local(element)
    parent = element.getparent()
    inside = parent is not None and _local(parent) in {"process", "subProcess"}
    return local in {"process", "message", "error", "escalation", "signal"} or (
        inside and local not in {"documentation", "extensionElements", "incoming", "outgoing", *grammar.LOOPS}
    )


def _event(local: str) -> str:
    return local.removesuffix("EventDefinition")


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def _shown(element: etree._Element) -> str:
    name = etree.QName(element)
    prefix = {BPMN: "bpmn:", ZEEBE: "zeebe:"}.get(name.namespace or "", "")
    return (
        prefix + name.localname if prefix or element.prefix is None else f"{element.prefix}:{name.localname}"
    )
