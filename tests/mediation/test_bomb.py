"""An agreement of thousands of rows is stopped by the renderer's limits, and the case goes on."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from engine.mediation.play import Player
from engine.open_tasks import open_task
from web import rehearsal, settings

CASE = Path(__file__).parents[1] / "cases" / "tricycle_accident.json"
PARTS = 50
LONG = "付款说明" * 50


def bombed(script: dict[str, Any]) -> dict[str, Any]:
    """The case with a draft of 50 obligations of 50 instalments and long texts, then the true draft."""
    changed = copy.deepcopy(script)
    at = next(n for n, step in enumerate(script["steps"]) if step.get("task") == "draft_agreement")
    bomb = changed["steps"][at]
    (owed, *_) = bomb["answers"]["obligations"]
    parts = [{"amount": "1", "due_on": owed["due_on"]} for _ in range(PARTS)]
    big = owed | {"action": LONG, "manner": LONG, "amount": str(PARTS), "instalments": parts}
    bomb["answers"]["obligations"] = [big] * PARTS
    changed["steps"][at + 1 :] = [script["steps"][at] | {"at": script["steps"][at + 1]["at"]}]
    return changed


@pytest.mark.slow
def test_a_bomb_goes_back_to_the_draft_with_its_reason_and_the_case_goes_on(tmp_path: Path) -> None:
    script = bombed(json.loads(CASE.read_text(encoding="utf-8")))
    chosen = settings.read({"WOSHOU_DATA": str(tmp_path)})
    with rehearsal.stage_for(chosen, script) as stage:
        player = Player(stage, script, "bomb")
        steps = player.play()
        for _ in script["steps"][:-1]:
            next(steps)
        assert player.open_tasks() == ["draft_agreement"]
        task_id = player._task_id("draft_agreement")
        opened = open_task(stage.engine, player._actor("mediator"), task_id)
        assert opened.context["case"]["rendering_error"]
        next(steps)
        assert player.open_tasks() == ["check_legality"]
