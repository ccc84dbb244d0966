"""A case of the shipped diagrams moves half way to changed ones, and is played to its end there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import audit, errors, migration, open_tasks, policy, releases, tasks
from engine.mediation import case_page, lookup
from engine.mediation.play import Player, Stage
from engine.models.cases import Case
from engine.models.processes import Release, UserTask
from tests import small_forms, stages
from tests.conftest import TENANT, House
from tests.mediation.conftest import add_case

NOTE = small_forms.form("note_result", small_forms.field("textfield", "note"))
STEP = """<bpmn:userTask id="note_result" name="记下结果"><bpmn:extensionElements>
<zeebe:formDefinition formId="note_result"/><zeebe:assignmentDefinition candidateGroups="mediator"/>
<zeebe:properties><zeebe:property name="name_en" value="Note the result"/></zeebe:properties>
</bpmn:extensionElements></bpmn:userTask>
<bpmn:sequenceFlow id="note_result_to_path_wanted" sourceRef="note_result"
 targetRef="path_wanted"/>"""
FLOW = 'id="opening_to_path_wanted" sourceRef="opening" targetRef="{}"'


@pytest.fixture
def stage(url: str, tmp_path: Path) -> Iterator[Stage]:
    with stages.opened(url, tmp_path) as opened:
        yield opened


def shipped(name: str) -> str:
    return (Path(__file__).parents[2] / name).read_text(encoding="utf-8")


def changed() -> dict[str, bytes]:
    """One step more behind the opening, another due date, and one question more to those invited."""
    mediation = shipped("processes/mediation.bpmn")
    ways = [FLOW.format("path_wanted"), FLOW.format("note_result")]
    drawn = f"    {STEP}\n      <bpmn:sequenceFlow {ways[1]}"
    mediation = mediation.replace(f"      <bpmn:sequenceFlow {ways[0]}", drawn)
    three = "limit(&quot;contact.other_party&quot;)"
    talks = shipped("processes/opening.bpmn").replace(three, "9")
    form = json.loads(shipped("forms/invite_party.form"))
    form["components"].append(small_forms.field("textfield", "remark"))
    return {
        "mediation.bpmn": mediation.encode(),
        "opening.bpmn": talks.encode(),
        "invite_party.form": json.dumps(form).encode(),
        "note_result.form": NOTE,
    }


def open_task(stage: Stage) -> UserTask:
    with stage.engine.sessions.query(stage.tenant_id) as session:
        return session.scalars(select(UserTask).where(UserTask.status == "open")).one()


@pytest.mark.slow
def test_a_case_half_way_moves_to_changed_diagrams_and_is_settled_there(stage: Stage) -> None:
    engine, system = stage.engine, policy.system(stage.tenant_id)
    player = Player(stage, stages.TRICYCLE, "case")
    played = player.play()
    for _ in range(3):
        next(played)
    before = open_task(stage)
    reception = player._actor("reception")
    tasks.save_draft(engine, reception, before.id, {"answers": [{"answer": "willing"}]})
    releases.deploy(engine, system, changed())
    with engine.sessions.query(stage.tenant_id) as session:
        number = session.scalars(select(Release.number).order_by(Release.number.desc())).first() or 0
        named = session.scalars(select(Case.number)).one()
    root_id = lookup.root_id_of(engine, system, "2026-0001")
    assert root_id == lookup.root_id_of(engine, system, named or "") == player.case_id
    done = migration.migrate_case(engine, system, root_id, number, {})
    told = {(one.process_id, one.code, one.element_id) for one in done.remarks}
    assert told == {
        ("expiry", "clock", "period_over"),
        ("mediation", "place", "expiry"),
        ("mediation", "place", "opening"),
        ("opening", "task", "invite_party"),
        ("opening", "questions", "invite_party"),
        ("opening", "due", "invite_party"),
    }
    after = open_task(stage)
    assert (after.id, after.due_at) == (before.id, before.due_at)
    opened = open_tasks.open_task(engine, reception, after.id)
    assert opened.draft == {"answers": [{"answer": "willing"}]}
    assert "remark" in opened.form.fields
    for _ in range(4):
        next(played)
    assert player.open_tasks() == ["note_result"]
    tasks.complete_task(engine, player._actor("mediator"), open_task(stage).id, {"note": "谈妥"}, "note")
    assert [step.what for step in played][-3:] == ["serve_copies", "confirmation", "ruling"]
    view = case_page.show_case(engine, reception, root_id)
    assert (view.status, view.tasks) == ("effective", [])
    assert {row.node_name for row in view.timeline if row.action == "task.completed"} >= {
        "登记纠纷",
        "记下结果",
    }
    assert audit.verify(engine, stage.tenant_id, {}) == []


@pytest.mark.slow
def test_a_step_that_the_new_diagram_no_longer_has_keeps_its_name_on_the_page(stage: Stage) -> None:
    engine, system = stage.engine, policy.system(stage.tenant_id)
    player = Player(stage, stages.TRICYCLE, "case")
    assert len(list(player.play(6))) == 6
    talks = shipped("processes/opening.bpmn").replace("invite_party", "ask_party")
    talks = talks.replace('formId="ask_party"', 'formId="invite_party"').replace("联系当事人", "询问当事人")
    releases.deploy(engine, system, {"opening.bpmn": talks.encode()})
    migration.migrate_case(engine, system, player.case_id, 2, {})
    view = case_page.show_case(engine, player._actor("reception"), player.case_id)
    assert "联系当事人" in {row.node_name for row in view.timeline}
    (talks_now,) = [one for one in view.positions if one.process_id == "opening"]
    assert "invite_party" not in talks_now.done
    assert "record_consent" in talks_now.done


def test_a_case_that_nobody_knows_or_that_two_bodies_have_is_not_guessed(house: House) -> None:
    def named(given: str) -> str:
        return lookup.root_id_of(house.engine, house.administrator, given)

    numbers = [f"（2026）{code}人调字第{at:04d}号" for code, at in (("花滩", 1), ("合阳", 1), ("合阳", 2))]
    ids = [add_case(house) for _ in numbers]
    with house.engine.sessions.command(TENANT) as session:
        for case_id, number in zip(ids, numbers, strict=True):
            session.get_one(Case, (TENANT, case_id)).number = number
    for given in ("2026-0001", "2026-0003", "2025-0002", "nobody", "", "%"):
        with pytest.raises(errors.UnknownCase):
            named(given)
    assert [named(given) for given in ("2026-2", "2026-0002", numbers[0], ids[1])] == [
        ids[2],
        ids[2],
        *ids[:2],
    ]
