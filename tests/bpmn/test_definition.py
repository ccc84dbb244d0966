"""A definition holds what the diagram says, in one record a node."""

import dataclasses
import hashlib

import pytest

from engine import bpmn


@pytest.fixture
def everything(diagram):
    return bpmn.load(diagram("everything"))


def test_a_definition_knows_itself_and_what_it_refers_to(everything, diagram):
    assert (everything.process_id, everything.name) == ("everything", "全部构造")
    assert everything.hash == hashlib.sha256(diagram("everything")).hexdigest()
    assert (everything.name_en, dict(everything.properties)) == ("Everything", {"name_en": "Everything"})
    assert everything.called_processes == {"intake"}
    assert everything.form_ids == {"register_dispute"}
    assert everything.decision_ids == {"triage_table"}
    assert everything.services == {"issue_document"}


def test_a_user_task_carries_its_form_people_clocks_mappings_and_properties(everything):
    node = everything.nodes["register"]
    assert (node.kind, node.name, node.name_en, node.lane, node.scope) == (
        "user_task", "登记纠纷", "Register the dispute", "reception", "everything",
    )  # fmt: skip
    assert node.documentation == "当事人来到窗口。"
    assert node.form_id == "register_dispute"
    assert (node.assignee, node.candidate_groups) == ("=case.mediator", "reception,mediator")
    assert node.due_date == "=add working days(today(), 3)"
    assert node.follow_up_date == "2027-01-31T17:00:00+08:00"
    assert node.inputs == (("=case.number", "number"),)
    assert node.outputs == (("=decision", "intake.decision"),)
    assert node.properties["lawRef"] == "人民调解法第十七条"


def test_a_node_names_its_line_in_the_file(everything, diagram):
    line = everything.nodes["register"].line
    assert b'id="register"' in diagram("everything").splitlines()[line - 1]


def test_the_lane_is_the_innermost_one_and_reaches_into_sub_processes(everything):
    assert everything.nodes["issue_notice"].lane == "mediator"
    assert everything.nodes["call_intake"].lane == "reception"
    assert everything.nodes["failed"].lane is None


def test_activities_carry_what_they_call(everything):
    assert everything.nodes["triage"].decision_id == "triage_table"
    assert everything.nodes["triage"].result_variable == "triage"
    assert (everything.nodes["issue_notice"].service, everything.nodes["issue_notice"].retries) == (
        "issue_document", "5",
    )  # fmt: skip
    call = everything.nodes["call_intake"]
    assert (call.called_process, call.scope) == ("intake", "until_effective")
    assert call.propagate_all_parent_variables
    assert not call.propagate_all_child_variables


def test_boundary_events_carry_what_they_wait_for(everything):
    withdrew, reminded, failed = (everything.nodes[i] for i in ("withdrew", "reminded", "rendering_failed"))
    assert (withdrew.message, withdrew.correlation_key) == ("mediation_ended", "=case.number")
    assert (withdrew.attached_to, withdrew.interrupting) == ("until_effective", True)
    assert (reminded.timer, reminded.timer_kind, reminded.interrupting) == ("P3D", "duration", False)
    assert (failed.error_code, failed.event) == ("rendering_failed", "error")
    assert everything.nodes["failed"].error_code == "rendering_failed"


def test_nothing_of_a_definition_can_be_changed(everything):
    with pytest.raises(dataclasses.FrozenInstanceError):
        everything.nodes["register"].name = "x"
    with pytest.raises(TypeError):
        everything.nodes["register"].properties["lawRef"] = "x"
    with pytest.raises(TypeError):
        everything.nodes["new"] = everything.nodes["register"]


def test_an_instance_walks_through_everything(everything, drive):
    case = drive(everything, restores=True)
    assert case.complete("register", "triage").waiting == ["withdrew", "reminded", "call_intake"]
    case.trigger("reminded")
    assert case.waiting == ["withdrew", "call_intake"]
    assert case.trigger("withdrew").waiting == ["issue_notice"]
    assert case.throw("issue_notice", "rendering_failed")
    assert case.stepper.uncaught_error == "rendering_failed"
    assert case.stepper.end_nodes == ("reminder_noted", "failed")


def test_an_effective_case_ends_settled(everything, drive):
    case = drive(everything, **{"case.effective": True})
    case.complete("register", "triage", "call_intake")
    assert case.stepper.end_nodes == ("inside_done", "settled")


def test_ids_that_spiffworkflow_keeps_for_itself_are_free_to_use(draw, drive):
    drawing = draw().start("Start").node("userTask", "Root").end("End")
    case = drive(drawing.chain("Start", "Root", "End").load(), restores=True)
    assert case.complete("Root").stepper.end_nodes == ("End",)
