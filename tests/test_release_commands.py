"""`woshou release`, on an installation of its own in a temporary folder."""

import json
import re
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from engine import form_diff
from engine.bpmn.diff import NOT_COMPARED, label
from engine.bpmn.nodes import ACTIVITIES, Flow, Node
from engine.changes import lines
from engine.dmn.diff import ITEMS
from tests import diagrams
from tests.test_cli import GOOD, QUESTION, Woshou
from web.release_commands import change_line

pytestmark = pytest.mark.slow

CATCHES = frozenset(("intermediate_catch_event", "boundary_event"))
GATEWAYS = frozenset(("exclusive_gateway", "parallel_gateway", "event_based_gateway"))

LATER = diagrams.in_line("good", [diagrams.user_task("ask", "question", due='=date("2026-04-01")')])
KINDS = ACTIVITIES | CATCHES | GATEWAYS | {"start_event", "end_event", "sub_process"}
CATALOGUE = Path(__file__).parents[1] / "web/translations/zh/LC_MESSAGES/messages.po"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    command = Woshou(tmp_path_factory.mktemp("installed") / "data")
    command("init")
    command("deploy", *command.write({"good.bpmn": GOOD, "question.form": QUESTION}))
    command("deploy", *command.write({"good.bpmn": LATER}))
    return command.data


@pytest.fixture
def woshou(installed: Path, tmp_path: Path) -> Woshou:
    return Woshou(Path(shutil.copytree(installed, tmp_path / "data")))


def test_releases_are_listed_shown_and_one_is_activated(woshou: Woshou) -> None:
    def lines() -> list[str]:
        return [line[:6] for line in woshou("release", "list").output.splitlines()]

    assert lines() == ["*    3", "     2", "     1"]
    woshou("release", "activate", "2")
    assert lines() == ["     3", "*    2", "     1"]
    shown = woshou("release", "show", "2").output
    assert re.search(r"^process good [0-9a-f]{64}$", shown, re.MULTILINE)
    rows = json.loads(woshou("release", "list", "--json").output)
    assert [(row["number"], row["is_active"]) for row in rows] == [(3, False), (2, True), (1, False)]


def test_a_diff_is_told_exactly_in_both_languages(woshou: Woshou) -> None:
    told = woshou("release", "diff", "2", "3").output.splitlines()
    assert told == [
        "~ process good",
        '  ~ user task ask “ask”: due date: – → =date("2026-04-01")',
    ]
    told = woshou("release", "diff", "2", "3", WOSHOU_LANG="zh").output.splitlines()
    assert told == ["~ 流程 good", '  ~ 用户任务 ask “ask”: 到期时间: – → =date("2026-04-01")']
    (item,) = json.loads(woshou("release", "diff", "2", "3", "--json").output)
    assert item["changes"][0]["after"] == '=date("2026-04-01")'
    assert "same" in woshou("release", "diff", "3", "3").output


def test_a_process_is_removed_and_what_is_needed_is_not(woshou: Woshou) -> None:
    refused = woshou("release", "remove", "form:question", ok=False)
    assert "ask still needs the form question." in refused.output
    woshou("release", "remove", "process:good", "form:question")
    assert "question" not in woshou("release", "show", "4").output
    told = woshou("release", "diff", "3", "4").output.splitlines()
    assert told == ["- form question", "- process good"]
    assert "unheard_of" in woshou("release", "remove", "process:unheard_of", ok=False).output


def test_a_release_that_does_not_exist_ends_with_one(woshou: Woshou) -> None:
    for command in (["show", "9"], ["activate", "9"], ["diff", "1", "9"]):
        assert "nothing here" in woshou("release", *command, ok=False).output


def test_every_word_of_a_diff_is_there_in_chinese() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh")
    nodes = {label(kind) for kind in KINDS}
    words = (
        nodes
        | {label(field.name) for field in (*fields(Node), *fields(Flow)) if field.name not in NOT_COMPARED}
        | set(ITEMS.values())
        | set(form_diff.LABELS.values())
        | OTHERS
    )
    assert {word for word in words if not getattr(catalogue.get(word), "string", "")} == set()


OTHERS = {
    "flow", "row", "cell", "field", "form", "line", "input column", "output column", "annotation column",
    "place in the order", "hit policy", "aggregation", "expression", "type", "allowed values", "page",
    "value where no row holds", "requirements", "description", "process", "decision", "template", "style",
    "label",
    "{element_id} still needs the {kind} {key}.",
    "Keep what is needed, or remove or change what needs it too.",
}  # fmt: skip


def test_lines_of_a_text_stand_below_their_change() -> None:
    (change,) = lines("a\nb", "c\nd")
    assert change_line(change).count("\n") == 4
