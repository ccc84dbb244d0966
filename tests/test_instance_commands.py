"""`woshou instance`: a case shown, cancelled, its limits changed, what failed tried again; all recorded."""

import datetime as dt
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from click.testing import CliRunner

from engine import instances, people, policy, timers
from tests import diagrams
from tests.engine.test_timers import LIMITED
from tests.engine.test_timers import timer as timer_event
from tests.small_forms import BLANK
from tests.test_cli import Woshou
from web import instance_commands, settings

pytestmark = pytest.mark.slow

CATALOGUE = Path(__file__).parents[1] / "web/translations/zh/LC_MESSAGES/messages.po"
SECRET = "罗小琴左腕骨裂"
OUTER = diagrams.process(
    "outer",
    [diagrams.start(), diagrams.call_activity("call", "limited"), diagrams.end()],
    ["begun -> call", "call -> ended"],
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with two processes and one administrator, to be copied."""
    command = Woshou(tmp_path_factory.mktemp("installed") / "data")
    command("init")
    files = command.write({"outer.bpmn": OUTER, "limited.bpmn": LIMITED, "blank.form": BLANK})
    command("deploy", *files)
    add_account(command, "admin", "administrator")
    add_account(command, "clerk", "reception")
    return command.data


@pytest.fixture
def woshou(installed: Path, tmp_path: Path) -> Woshou:
    return Woshou(shutil.copytree(installed, tmp_path / "data"))


@pytest.fixture
def case(woshou: Woshou) -> str:
    """A case whose called process waits at a task with a timer; gives its id."""
    chosen = settings.read(woshou.environ)
    with settings.opened(chosen) as engine, engine.sessions.command(chosen.tenant_id) as session:
        new = instances.NewProcess("outer", body_of(woshou), {"facts": SECRET})
        return instances.start(session, engine, policy.system(chosen.tenant_id), new, lambda _: None).id


def body_of(woshou: Woshou) -> str:
    return str(woshou.sql("SELECT id FROM bodies")[0][0])


def add_account(woshou: Woshou, username: str, role: str) -> None:
    chosen = settings.read(woshou.environ)
    with settings.opened(chosen) as engine, engine.sessions.command(chosen.tenant_id) as session:
        new = people.NewAccount(username, username, [role], body_of(woshou), "")
        people.add_account(session, new, hash_password=lambda _: "-")


def shown(woshou: Woshou, case: str) -> dict[str, Any]:
    return dict(json.loads(woshou("instance", "show", case, "--json").stdout))


def waiting(woshou: Woshou, case: str) -> Mapping[str, Mapping[str, Any]]:
    """What waits in the called process, by its kind."""
    (called,) = shown(woshou, case)["root"]["called"]
    return {one["kind"]: one for one in called["waiting"]}


def last_recorded(woshou: Woshou) -> tuple[str, str]:
    row = woshou.sql("SELECT action, actor_name FROM audit_rows WHERE chain_id <> tenant_id ORDER BY seq")[-1]
    return str(row[0]), str(row[1])


def test_show_tells_where_a_case_stands_and_nothing_of_what_it_is_about(woshou: Woshou, case: str) -> None:
    plain, found = woshou("instance", "show", case).stdout, shown(woshou, case)
    root = found["root"]
    assert (root["id"], root["process_id"], root["status"], root["release"]) == (case, "outer", "active", 2)
    task, timer = waiting(woshou, case)["task"], waiting(woshou, case)["timer"]
    assert (task["name"], task["status"], timer["name"]) == ("answer", "open", "too_late")
    armed = dt.datetime.fromisoformat(root["started_at"])
    assert dt.datetime.fromisoformat(timer["at"]) - armed == dt.timedelta(days=3)
    first, second, *lines = plain.splitlines()
    assert first.startswith("outer  active  release 2")
    assert second.startswith("  limited  active")
    assert any(line.startswith("    timer  too_late  waiting  ") for line in lines)
    assert task["id"] in plain
    assert SECRET not in plain + json.dumps(found, ensure_ascii=False)


def test_show_does_not_quote_what_an_expression_gave(woshou: Woshou) -> None:
    quoting = diagrams.process(
        "quoting",
        [
            diagrams.start(), diagrams.user_task("answer"),
            diagrams.boundary("too_late", "answer", timer_event("PT0S")),
            diagrams.user_task("close", due="=facts"), diagrams.end(), diagrams.end("closed"),
        ],
        ["begun -> answer", "answer -> ended", "too_late -> close", "close -> closed"],
    )  # fmt: skip
    woshou("deploy", *woshou.write({"quoting.bpmn": quoting}))
    chosen = settings.read(woshou.environ)
    with settings.opened(chosen) as engine:
        with engine.sessions.command(chosen.tenant_id) as session:
            new = instances.NewProcess("quoting", body_of(woshou), {"facts": SECRET})
            root = instances.start(session, engine, policy.system(chosen.tenant_id), new, lambda _: None)
        assert timers.fire_due(engine) == 1
    plain, found = woshou("instance", "show", root.id).stdout, shown(woshou, root.id)
    (failed,) = [one for one in found["root"]["waiting"] if one["kind"] == "timer"]
    assert (failed["status"], "close" in failed["error"]) == ("failed", True)
    assert SECRET not in plain + json.dumps(found, ensure_ascii=False)


def test_an_unknown_case_is_named(woshou: Woshou) -> None:
    for arguments in (("show", "2026-0009"), ("cancel", "2026-0009", "--reason", "x"), ("retry", "x")):
        assert arguments[1] in woshou("instance", *arguments, ok=False).stderr


def test_cancel_ends_all_of_it_as_the_only_administrator(woshou: Woshou, case: str) -> None:
    assert "Cancelled" in woshou("instance", "cancel", case, "--reason", "登记了两次").stdout
    found = shown(woshou, case)["root"]
    assert (found["status"], found["called"][0]["status"]) == ("cancelled", "cancelled")
    assert found["called"][0]["waiting"] == []
    assert last_recorded(woshou) == ("case.cancelled", "admin")
    assert "holds" in woshou("audit", "verify").stdout
    woshou("instance", "cancel", case, "--reason", "登记了两次", ok=False)


def test_without_a_reason_nothing_is_changed(woshou: Woshou, case: str) -> None:
    timer = waiting(woshou, case)["timer"]["id"]
    for arguments in (["cancel", case], ["set-due", timer, "2026-12-01T09:00"]):
        done = CliRunner().invoke(instance_commands.instance, arguments, env=woshou.environ)
        assert done.exit_code == 2
        assert "--reason" in done.stderr
    assert shown(woshou, case)["root"]["status"] == "active"


@pytest.mark.parametrize("kind", ["timer", "task"])
def test_set_due_moves_a_timer_or_a_task_in_chinas_time(woshou: Woshou, case: str, kind: str) -> None:
    found = waiting(woshou, case)[kind]["id"]
    done = woshou("instance", "set-due", found, "2027-12-01T09:00", "--reason", "鉴定", "--as", "admin")
    assert "2027-12-01 09:00" in done.stdout
    moved = dt.datetime.fromisoformat(waiting(woshou, case)[kind]["at"])
    assert moved == dt.datetime(2027, 12, 1, 1, 0, tzinfo=dt.UTC)
    assert last_recorded(woshou) == ("due.set", "admin")
    done = woshou("instance", "set-due", found, "2027-12-01T09:00+00:00", "--reason", "x")
    assert "2027-12-01 17:00" in done.stdout


def test_who_may_not_is_refused_and_who_is_unknown_too(woshou: Woshou, case: str) -> None:
    for username in ("clerk", "nobody"):
        woshou("instance", "cancel", case, "--reason", "x", "--as", username, ok=False)
    assert shown(woshou, case)["root"]["status"] == "active"


def test_of_several_administrators_one_must_be_named(woshou: Woshou, case: str) -> None:
    add_account(woshou, "other", "administrator")
    arguments = ["cancel", case, "--reason", "x"]
    done = CliRunner().invoke(instance_commands.instance, arguments, env=woshou.environ)
    assert (done.exit_code, "--as" in done.stderr) == (2, True)
    woshou("instance", *arguments, "--as", "other")
    assert last_recorded(woshou) == ("case.cancelled", "other")


@pytest.mark.parametrize("when", ["tomorrow", "0001-01-01T00:00", "9999-12-31T23:59+00:00"])
def test_a_moment_that_is_none_is_refused(woshou: Woshou, case: str, when: str) -> None:
    before = waiting(woshou, case)
    arguments = ["set-due", before["timer"]["id"], when, "--reason", "x"]
    done = CliRunner().invoke(instance_commands.instance, arguments, env=woshou.environ)
    assert done.exit_code == 2
    assert "2026-12-01T09:00" in done.stderr
    assert waiting(woshou, case) == before


def test_retry_has_what_failed_tried_again(woshou: Woshou, case: str) -> None:
    assert "Tried again: 0" in woshou("instance", "retry", case).stdout
    timer = waiting(woshou, case)["timer"]["id"]
    woshou.sql("UPDATE timers SET status = 'failed', error = 'NoPath'")
    woshou.sql(
        "INSERT INTO incidents (tenant_id, id, root_id, kind, subject_id, node_id, payload, error_type,"
        " error, attempts, raised_at) VALUES (:tenant, 'i', :root, 'timer', :timer, 'too_late', '{}',"
        " 'NoPath', '', 1, '2026-03-02 01:00:00')",
        tenant=settings.TENANT, root=case, timer=timer,
    )  # fmt: skip
    assert (waiting(woshou, case)["timer"]["status"], waiting(woshou, case)["timer"]["error"]) == (
        "failed",
        "NoPath",
    )
    assert "Tried again: 1" in woshou("instance", "retry", case).stdout
    assert waiting(woshou, case)["timer"]["status"] == "waiting"
    assert last_recorded(woshou) == ("incident.retried", "admin")


def test_every_kind_and_state_is_there_in_chinese() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh")
    assert [word for word in instance_commands.WORDS if not getattr(catalogue.get(word), "string", "")] == []
