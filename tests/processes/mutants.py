"""Cuts and bends the shipped files, so that tests can see what the checks say of a wrong copy."""

from collections.abc import Callable

from lxml import etree

import forms
from engine import Engine, bpmn, checks, definitions, mediation
from engine.services import Services
from web import settings

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
Files = dict[str, bytes]


class Copy:
    """All shipped files; each method changes one diagram or form and gives the copy back."""

    def __init__(self) -> None:
        self.files: Files = settings.shipped_files()

    def text(self, name: str, old: str, new: str) -> "Copy":
        """Replace a text that stands in a file exactly once."""
        source = self.files[name].decode()
        assert source.count(old) == 1, f"{old} stands {source.count(old)} times in {name}"
        self.files[name] = source.replace(old, new).encode()
        return self

    def without(self, name: str, node_id: str) -> "Copy":
        """Take a step out: what led to it leads on to what came after."""

        def cut(root: etree._Element) -> None:
            (way_on,) = [flow for flow in flows(root) if flow.get("sourceRef") == node_id]
            for flow in flows(root):
                if flow.get("targetRef") == node_id:
                    flow.set("targetRef", way_on.get("targetRef", ""))
            remove(root, node_id, way_on.get("id", ""))

        return self._changed(name, cut)

    def bend(self, name: str, **targets: str) -> "Copy":
        """Lead flows somewhere else."""

        def lead(root: etree._Element) -> None:
            for flow_id, target in targets.items():
                the(root, flow_id).set("targetRef", target)

        return self._changed(name, lead)

    def cut_off(self, name: str, node_id: str) -> "Copy":
        """Take a node out with every flow from it and to it."""

        def cut(root: etree._Element) -> None:
            touching = [f for f in flows(root) if node_id in (f.get("sourceRef"), f.get("targetRef"))]
            remove(root, node_id, *(flow.get("id", "") for flow in touching))

        return self._changed(name, cut)

    def without_property(self, name: str, node_id: str, prop: str) -> "Copy":
        """Take a zeebe property off a node."""

        def take_off(root: etree._Element) -> None:
            (found,) = the(root, node_id).findall(f".//{{*}}property[@name='{prop}']")
            parent = found.getparent()
            assert parent is not None
            parent.remove(found)

        return self._changed(name, take_off)

    def _changed(self, name: str, change: Callable[[etree._Element], None]) -> "Copy":
        root = etree.fromstring(self.files[name])
        change(root)
        _prune(root)
        self.files[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        return self


def found_in(files: Files, services: Services | None = None) -> list[bpmn.Finding]:
    """What the checks say of files as a release of their own; no database is needed for that."""
    engine = Engine(
        sessions=None,  # type: ignore[arg-type]
        definitions=definitions.Definitions(forms),
        services=services or mediation.services(None, None),  # type: ignore[arg-type]
        forms=forms,
        keys=None,  # type: ignore[arg-type]
        now=settings.utc_now,
    )
    return checks.check(engine, files)[0]


def flows(root: etree._Element) -> list[etree._Element]:
    return list(root.iter(BPMN + "sequenceFlow"))


def the(root: etree._Element, element_id: str) -> etree._Element:
    (found,) = [element for element in root.iter(BPMN + "*") if element.get("id") == element_id]
    return found


def remove(root: etree._Element, *element_ids: str) -> None:
    """Remove elements, and every mention of them in lanes and at the ends of flows."""
    for element in [one for one in root.iter(BPMN + "*") if one.get("id") in element_ids]:
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
    for mention in list(root.iter(BPMN + "flowNodeRef", BPMN + "incoming", BPMN + "outgoing")):
        parent = mention.getparent()
        if mention.text in element_ids and parent is not None:
            parent.remove(mention)


def _prune(root: etree._Element) -> None:
    """Remove what no way leads to any more, so that a mutant breaks the law and nothing else."""
    while True:
        targets = {flow.get("targetRef") for flow in flows(root)}
        ids = {element.get("id") for element in root.iter(BPMN + "*")}
        lost = [
            node.get("id", "")
            for node in root.iter(BPMN + "*")
            if (node.find(BPMN + "incoming") is not None or node.tag == BPMN + "endEvent")
            and node.get("id") not in targets
        ]
        lost += [
            node.get("id", "")
            for node in root.iter(BPMN + "boundaryEvent")
            if node.get("attachedToRef") not in ids
        ]
        if not lost:
            return
        gone = [flow.get("id", "") for flow in flows(root) if flow.get("sourceRef") in lost]
        remove(root, *lost, *gone)
