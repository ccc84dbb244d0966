"""`woshou instance migrate` and `undo-migration`, on an installation of its own in a temporary folder."""

import json
import shutil
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from engine import errors, instances, migration, policy
from engine.bpmn import remarks
from tests import diagrams
from tests.test_cli import GOOD, QUESTION, Woshou
from web import migration_commands, settings

pytestmark = pytest.mark.slow

CATALOGUE = Path(__file__).parents[1] / "web/translations/zh/LC_MESSAGES/messages.po"
LATER = diagrams.in_line(
    "good",
    [
        diagrams.user_task("ask", "question", due='=date("2026-04-01")'),
        diagrams.user_task("more", "question"),
    ],
)
OTHER = diagrams.in_line("good", [diagrams.user_task("inquire", "question")])


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Releases 2, 3 and 4 with one process, release 2 being active."""
    command = Woshou(tmp_path_factory.mktemp("installed") / "data")
    command("init")
    for source in (GOOD, LATER, OTHER):
        command("deploy", *command.write({"good.bpmn": source, "question.form": QUESTION}))
    command("release", "activate", "2")
    return command.data


@pytest.fixture
def woshou(installed: Path, tmp_path: Path) -> Woshou:
    return Woshou(Path(shutil.copytree(installed, tmp_path / "data")))


def begin(woshou: Woshou) -> str:
    """A case at its first task; gives its id."""
    chosen = settings.read(woshou.environ)
    with settings.opened(chosen) as engine, engine.sessions.command(chosen.tenant_id) as session:
        (body_id,) = woshou.sql("SELECT id FROM bodies")[0]
        new = instances.NewProcess("good", body_id, {})
        root = instances.start(session, engine, policy.system(chosen.tenant_id), new, lambda _: None)
        return root.id


def release_of(woshou: Woshou, root_id: str) -> int:
    found = "SELECT r.number FROM releases r JOIN process_instances p ON p.release_id = r.id WHERE p.id = :id"
    return int(woshou.sql(found, id=root_id)[0][0])


def test_a_dry_run_says_in_both_languages_what_would_happen_and_moves_nothing(woshou: Woshou) -> None:
    root_id = begin(woshou)
    told = woshou("instance", "migrate", "--to", "3", "--dry-run", root_id).output.splitlines()
    assert told == [
        f"{root_id}: would move to release 3",
        "  good: ask (ask) stays open, with what was typed so far and with whoever works on it.",
        '  good: ask (ask) keeps its due time –, though the diagram says: – → =date("2026-04-01")',
    ]
    told = woshou("instance", "migrate", "--to", "3", "--dry-run", root_id, WOSHOU_LANG="zh").output
    assert told.startswith(f"{root_id}：可以移到版本3\n  good: “ask”（ask）继续办理")
    assert release_of(woshou, root_id) == 2


def test_a_case_is_moved_and_moved_back_until_it_goes_on(woshou: Woshou) -> None:
    root_id = begin(woshou)
    assert "moved to release 3" in woshou("instance", "migrate", "--to", "3", root_id).output
    assert release_of(woshou, root_id) == 3
    assert woshou("instance", "undo-migration", root_id).output == f"{root_id}: back in release 2\n"
    assert release_of(woshou, root_id) == 2
    assert "not moved" in woshou("instance", "undo-migration", root_id, ok=False).output
    woshou("audit", "verify")


def test_what_speaks_against_going_back_is_said(woshou: Woshou, monkeypatch: pytest.MonkeyPatch) -> None:
    root_id = begin(woshou)

    def at_work(*_: object) -> int:
        raise errors.MigrationUnsafe(2, [remarks.Remark("busy", "good", "ask", "ask")])

    monkeypatch.setattr(migration, "undo_migration", at_work)
    said = woshou("instance", "undo-migration", root_id, ok=False).stderr.splitlines()
    assert said[0] == "The service of ask (ask) is at work just now. Try again when it is done."
    assert "release 2" in said[1]


def test_a_case_that_can_not_move_says_why_and_ends_with_one_while_the_others_move(woshou: Woshou) -> None:
    first, second = begin(woshou), begin(woshou)
    woshou("instance", "migrate", "--to", "4", "--map", "ask=inquire", second)
    refused = woshou("instance", "migrate", "--to", "4", "--all", ok=False)
    assert refused.output.splitlines() == [
        f"{first}: stays where it is",
        "  good: A token waits at ask (ask), and the new diagram has no such element.",
    ]
    told = json.loads(
        woshou("instance", "migrate", "--to", "3", "--dry-run", "--json", first, second, ok=False).output
    )
    assert [(one["case"], one["outcome"]) for one in told] == [(first, "would move"), (second, "stays")]
    assert [(one["code"], one["element_id"]) for one in told[1]["remarks"]] == [("missing", "inquire")]
    moved = json.loads(
        woshou("instance", "migrate", "--to", "3", "--all", "--map", "inquire=more", "--json").output
    )
    assert [(one["root_id"], one["outcome"]) for one in moved] == [(first, "moved"), (second, "moved")]
    assert woshou("instance", "migrate", "--to", "3", "--all").output == ""


def test_what_is_asked_wrongly_is_told(woshou: Woshou) -> None:
    root_id = begin(woshou)
    assert "no case 2026-0001" in woshou("instance", "migrate", "--to", "3", "2026-0001", ok=False).output
    assert "nothing here" in woshou("instance", "migrate", "--to", "9", root_id, ok=False).output
    for wrong in (["--to", "3"], ["--to", "3", "--all", root_id], ["--to", "3", root_id, "--map", "ask"]):
        with pytest.raises(AssertionError, match="Usage"):
            woshou("instance", "migrate", *wrong)


def test_every_reason_note_and_outcome_is_there_in_chinese() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh")
    said = {*remarks.REASONS.values(), *remarks.NOTES.values(), *migration_commands.OUTCOMES.values()}
    assert len(said) > 35
    assert {message for message in said if not getattr(catalogue.get(message), "string", "")} == set()
