"""The shipped diagrams: sound, bilingual, lawful, and drawn completely."""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree

import forms
from engine import bpmn, calendar, dmn, feel

from .conftest import DIAGRAMS, PROCESSES

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
SERVICES = {
    "issue_document", "render_agreement", "render_annexes", "render_fact_sheet", "seal_signed_sheet",
    "note_expiry", "extend_period", "replace_mediator", "remind_invitees", "compile_dossier",
}  # fmt: skip
DECISIONS = {name for path in PROCESSES.glob("*.dmn") for name in dmn.load(path).decisions}
ROLES = {"party", "signer", "household", "reception", "mediator", "chief_mediator", "seal_keeper"}
AROUND = {"sub_process", "event_sub_process", "boundary_event"}
LAST_BEFORE_A_MARK = "check_legality"
each_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)

Definitions = dict[str, bpmn.Definition]


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


def root_of(path: Path) -> etree._Element:
    return etree.fromstring(path.read_bytes())


def boxes(root: etree._Element) -> dict[str, Box]:
    return {shape.get("bpmnElement", ""): box_of(shape) for shape in root.iter(DI + "BPMNShape")}


def box_of(shape: etree._Element) -> Box:
    bounds = shape.find(DC + "Bounds")
    assert bounds is not None
    left, top, width, height = (float(bounds.get(name, "0")) for name in ("x", "y", "width", "height"))
    return Box(left, top, left + width, top + height)


def labels(root: etree._Element) -> dict[str, Box]:
    found = {}
    for shape in root.iter(DI + "BPMNShape", DI + "BPMNEdge"):
        label = shape.find(DI + "BPMNLabel")
        if label is not None:
            found[shape.get("bpmnElement", "")] = box_of(label)
    return found


def lines(root: etree._Element) -> Iterator[tuple[str, Box]]:
    """Each straight piece of each edge as a thin box, shortened so that it does not touch what it joins."""
    for edge in root.iter(DI + "BPMNEdge"):
        points = [(float(one.get("x", "0")), float(one.get("y", "0"))) for one in edge.findall(WAYPOINT)]
        for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
            assert x1 == x2 or y1 == y2, f"{edge.get('bpmnElement')} is not drawn at right angles"
            yield (
                edge.get("bpmnElement", ""),
                Box(min(x1, x2), min(y1, y2), max(x1, x2) + 0.1, max(y1, y2) + 0.1),
            )


def flow_nodes(definition: bpmn.Definition) -> list[bpmn.Node]:
    return list(definition.nodes.values())


def merges(root: etree._Element) -> set[str]:
    """The gateways that only join: by BPMN's custom they bear no name."""
    gateways = root.iter(BPMN + "exclusiveGateway")
    return {one.get("id", "") for one in gateways if len(one.findall(BPMN + "outgoing")) == 1}


@each_diagram
def test_a_shipped_diagram_is_accepted_without_a_single_remark(
    path: Path, definitions: Definitions, shipped_forms: dict[str, forms.Form]
) -> None:
    known = bpmn.Known(
        processes=frozenset(definitions),
        forms=frozenset(shipped_forms),
        decisions=frozenset(DECISIONS),
        services=frozenset(SERVICES),
        names=calendar.NAMES,
    )
    assert bpmn.lint(path.read_bytes(), known) == []


@each_diagram
def test_a_diagram_has_the_name_of_its_file(path: Path) -> None:
    assert bpmn.load(path.read_bytes()).process_id == path.stem


@each_diagram
def test_every_node_but_a_join_is_named_in_chinese_and_english(path: Path) -> None:
    root, definition = root_of(path), bpmn.load(path.read_bytes())
    for node in flow_nodes(definition):
        if node.id in merges(root):
            continue
        assert node.name, node.id
        assert any("\u4e00" <= character <= "\u9fff" for character in node.name), node.id
        assert node.name_en, node.id
        assert node.name_en.isascii(), node.id


@each_diagram
def test_every_way_out_of_a_question_is_labelled(path: Path) -> None:
    root = root_of(path)
    for gateway in root.iter(BPMN + "exclusiveGateway"):
        outgoing = [one.text for one in gateway.findall(BPMN + "outgoing")]
        if len(outgoing) > 1:
            flows = [one for one in root.iter(BPMN + "sequenceFlow") if one.get("id") in outgoing]
            assert all(flow.get("name") for flow in flows), gateway.get("id")
            assert gateway.get("default") in outgoing, f"{gateway.get('id')} could be a dead end"


@each_diagram
def test_every_task_says_by_which_article_it_is_done(path: Path) -> None:
    for node in flow_nodes(bpmn.load(path.read_bytes())):
        if node.kind in {"user_task", "service_task", "business_rule_task"}:
            assert "条" in node.properties["lawRef"], node.id
            assert "Art" in node.properties["lawRef_en"], node.id


@each_diagram
def test_every_user_task_has_its_form_and_somebody_to_do_it(
    path: Path, shipped_forms: dict[str, forms.Form]
) -> None:
    for node in flow_nodes(bpmn.load(path.read_bytes())):
        if node.kind == "user_task":
            assert node.form_id == node.id
            assert node.form_id in shipped_forms
            assert node.assignee == "=case.mediator" or set((node.candidate_groups or "").split(",")) <= ROLES


@each_diagram
def test_what_people_type_does_not_become_a_process_variable(path: Path) -> None:
    """Personal data lives in the domain's tables: only a task without any may merge its answers."""
    for node in flow_nodes(bpmn.load(path.read_bytes())):
        if node.kind == "user_task" and node.id != "assess_suitability":
            assert node.outputs, node.id


@each_diagram
def test_the_prefilled_names_are_questions_of_the_form(
    path: Path, shipped_forms: dict[str, forms.Form]
) -> None:
    for node in flow_nodes(bpmn.load(path.read_bytes())):
        if node.kind == "user_task":
            assert {target for _, target in node.inputs} <= shipped_forms[node.id].fields, node.id


def test_an_organisation_is_proposed_to_appear_by_its_representative(definitions: Definitions) -> None:
    ((proposed, _),) = definitions["online"].nodes["check_identities"].inputs
    known = {"unidentified": ["a", "b"], "organisations": ["b"]}
    rows = feel.evaluate(proposed.removeprefix("="), {"online": known})
    assert rows == [{"party_id": "a", "appears": "self"}, {"party_id": "b", "appears": "representative"}]


@each_diagram
def test_every_element_is_drawn(path: Path) -> None:
    root = root_of(path)
    shapes, edges = boxes(root), {name for name, _ in lines(root)}
    assert set(bpmn.load(path.read_bytes()).nodes) <= set(shapes)
    assert {one.get("id") for one in root.iter(BPMN + "sequenceFlow")} == edges
    assert {one.get("id") for one in root.iter(BPMN + "lane", BPMN + "participant")} <= set(shapes)


@each_diagram
def test_every_node_lies_in_the_lane_that_names_it(path: Path) -> None:
    root = root_of(path)
    shapes = boxes(root)
    for lane in root.iter(BPMN + "lane"):
        assert lane.get("id") in ROLES
        for reference in lane.findall(BPMN + "flowNodeRef"):
            assert shapes[lane.get("id", "")].holds(shapes[reference.text or ""]), reference.text


@each_diagram
def test_shapes_and_labels_do_not_lie_on_each_other(path: Path) -> None:
    root = root_of(path)
    nodes = bpmn.load(path.read_bytes()).nodes
    drawn = {
        name: box for name, box in boxes(root).items() if name in nodes and nodes[name].kind not in AROUND
    }
    # A gateway is a diamond: its label may stand in the corner of the box around it.
    for name in drawn:
        if nodes[name].kind == "exclusive_gateway":
            drawn[name] = Box(*(edge + by for edge, by in zip(drawn[name], (13, 13, -13, -13), strict=True)))
    drawn |= {f"label of {name}": box for name, box in labels(root).items()}
    touching = [pair for pair in combinations(drawn, 2) if drawn[pair[0]].overlaps(drawn[pair[1]])]
    assert touching == []


@each_diagram
def test_no_line_runs_through_a_task(path: Path) -> None:
    root = root_of(path)
    nodes = bpmn.load(path.read_bytes()).nodes
    tasks = {
        name: Box(box.left + 1, box.top + 1, box.right - 1, box.bottom - 1)
        for name, box in boxes(root).items()
        if name in nodes and nodes[name].kind.endswith(("task", "activity"))
    }
    crossing = [
        (flow, task) for flow, line in lines(root) for task, box in tasks.items() if line.overlaps(box)
    ]
    assert crossing == []


def test_a_party_may_leave_at_any_point_until_the_agreement_is_effective(definitions: Definitions) -> None:
    nodes = definitions["mediation"].nodes
    left = nodes["party_withdrew"]
    assert (left.message, left.interrupting, left.attached_to) == ("mediation_ended", True, "until_effective")
    assert {one.called_process for one in nodes.values() if one.kind == "call_activity"} == {
        "intake",
        "opening",
        "face_to_face",
        "consultation",
        "tv",
        "online",
        "agreement",
        "broadcast",
        "report",
        "expiry",
        "appraisal",
        "handover",
        "succession",
        "new_mediator",
    }
    calls = {one.id: one.scope for one in nodes.values() if one.kind == "call_activity"}
    assert (calls.pop("broadcast"), calls.pop("report")) == ("broadcast_beside", "report_event")
    assert {nodes[scope].scope for scope in set(calls.values()) - {"until_effective"}} == {"until_effective"}


def test_the_broadcast_goes_on_beside_the_agreement_and_after_it(definitions: Definitions) -> None:
    nodes = definitions["mediation"].nodes
    begun = nodes["footage_waits"]
    assert (begun.scope, begun.event, begun.interrupting) == ("broadcast_beside", "conditional", False)
    assert (nodes["broadcast_beside"].kind, nodes["broadcast_beside"].scope) == (
        "event_sub_process",
        "mediation",
    )


def paths_avoid(path: Path, start: str, goal: str, avoided: str) -> bool:
    """Whether a diagram has a way from one node to another around a third."""
    root = root_of(path)
    flows = [(one.get("sourceRef"), one.get("targetRef")) for one in root.iter(BPMN + "sequenceFlow")]
    flows += [(one.get("attachedToRef"), one.get("id")) for one in root.iter(BPMN + "boundaryEvent")]
    seen, todo = {avoided}, [start]
    while todo:
        here = todo.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            todo += [target for source, target in flows if source == here and target is not None]
    return False


@pytest.mark.parametrize(
    ("process", "start", "goal", "never_without"),
    [
        ("intake", "dispute_reported", "case_accepted", "decide_acceptance"),
        ("opening", "case_taken_up", "choose_mediator", "record_consent"),
        ("opening", "case_taken_up", "mediator_ready", "record_consent"),
        ("opening", "case_taken_up", "mediator_ready", "disclose_conflicts"),
        ("face_to_face", "talks_begun", "mediation_agreed", "hold_joint_session"),
        ("face_to_face", "talks_begun", "sign_fact_sheet", "hold_joint_session"),
        ("face_to_face", "talks_begun", "sign_fact_sheet", "draft_fact_sheet"),
        ("face_to_face", "talks_begun", "receive_fact_sheet", "draft_fact_sheet"),
        ("face_to_face", "talks_begun", "visits_over", "issue_investigation_record"),
        ("mediation", "case_opened", "face_to_face", "opening"),
        ("mediation", "case_opened", "consultation", "opening"),
        ("mediation", "case_opened", "online", "opening"),
        ("consultation", "consultation_begun", "write_case_sheet", "consents_missing"),
        ("consultation", "consultation_begun", "talks_on_opinion", "hold_consultation_meeting"),
        ("consultation", "consultation_begun", "talks_on_opinion", "tell_opinion"),
        ("online", "online_begun", "exchange_online", "online_consents_missing"),
        ("online", "online_begun", "exchange_online", "identities_missing"),
        ("online", "online_begun", "online_agreed", "confirm_online_record"),
        ("agreement", "parties_agreed", "sign_agreement", LAST_BEFORE_A_MARK),
        ("agreement", "parties_agreed", "sign_agreement", "agree_signing_method"),
        ("agreement", "parties_agreed", "receive_signed_sheet", LAST_BEFORE_A_MARK),
        ("agreement", "parties_agreed", "seal_agreement", "sign_as_mediator"),
        ("agreement", "parties_agreed", "seal_signed_sheet", "confirm_mark_dates"),
        ("agreement", "parties_agreed", "confirm_oral_agreement", "register_oral_agreement"),
        ("agreement", "parties_agreed", "seal_oral_register", "confirm_oral_agreement"),
        ("agreement", "parties_agreed", "oral_agreement_effective", "seal_oral_register"),
        ("mediation", "party_withdrew", "case_ended", "tell_other_routes"),
        ("mediation", "party_withdrew", "case_ended", "issue_routes_notice"),
    ],
)
def test_the_law_s_order_can_not_be_bypassed(process: str, start: str, goal: str, never_without: str) -> None:
    path = next(one for one in DIAGRAMS if one.stem == process)
    assert paths_avoid(path, start, goal, "nothing")
    assert not paths_avoid(path, start, goal, never_without)


def test_the_seal_and_the_mediator_s_signature_are_different_people_s_tasks(definitions: Definitions) -> None:
    nodes = definitions["agreement"].nodes
    assert nodes["sign_as_mediator"].assignee == "=case.mediator"
    assert nodes["seal_agreement"].candidate_groups == "seal_keeper"
    assert nodes["confirm_oral_agreement"].assignee == "=case.mediator"
    assert nodes["seal_oral_register"].candidate_groups == "seal_keeper"
    assert nodes["enter_mark_dates"].candidate_groups == "seal_keeper"
    assert nodes["confirm_mark_dates"].candidate_groups == "chief_mediator"
