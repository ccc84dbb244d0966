"""The `woshou` command, on an installation of its own in a temporary folder."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, pool, text

from tests import diagrams, small_forms
from web import settings
from web.cli import main

pytestmark = pytest.mark.slow

CASES = Path(__file__).parent / "cases"
GOOD = diagrams.in_line("good", [diagrams.user_task("ask", "question")])
QUESTION = small_forms.form("question", small_forms.field("textfield", "word"))
SCRIPT = diagrams.in_line(
    "bad", ['<bpmn:scriptTask id="run"><bpmn:script>import os</bpmn:script></bpmn:scriptTask>']
)
RULES = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<inputData id="i" name="amount"><variable name="amount"/></inputData>
<decision id="path" name="path"><variable name="path"/>
<informationRequirement><requiredInput href="#i"/></informationRequirement>
<literalExpression><text>if amount > 5000 then "court" else "here"</text></literalExpression>
</decision></definitions>"""

RISK = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<inputData id="i" name="amount"><variable name="amount"/></inputData>
<decision id="risk" name="risk"><variable name="risk"/>
<informationRequirement><requiredInput href="#i"/></informationRequirement>
<decisionTable hitPolicy="UNIQUE"><input><inputExpression><text>amount</text></inputExpression></input>
<output name="risk"/><annotation name="why"/>
<rule><inputEntry><text>&lt;= 50000</text></inputEntry><outputEntry><text>"low"</text></outputEntry>
<annotationEntry><text>a small sum</text></annotationEntry></rule>
<rule><inputEntry><text>&gt; 50000</text></inputEntry><outputEntry><text>"high"</text></outputEntry>
<annotationEntry><text>more than the committee takes on</text></annotationEntry></rule>
</decisionTable></decision>
<decision id="path" name="path"><variable name="path"/>
<informationRequirement><requiredDecision href="#risk"/></informationRequirement>
<literalExpression><text>get value({high: "court", low: "here"}, risk)</text></literalExpression>
</decision></definitions>"""


class Woshou:
    """Runs the command in this process, with its data in one folder."""

    def __init__(self, data: Path, language: str = "en") -> None:
        self.data = data
        self.environ = {"WOSHOU_DATA": str(data), "WOSHOU_LANG": language}

    def __call__(self, *arguments: str | Path, ok: bool = True, **environ: str) -> Result:
        done = CliRunner().invoke(main, [str(part) for part in arguments], env=self.environ | environ)
        assert done.exit_code == (0 if ok else 1), f"{done.output}\n{done.exception!r}"
        return done

    def write(self, files: Mapping[str, bytes]) -> list[Path]:
        for name, content in files.items():
            (self.data.parent / name).write_bytes(content)
        return [self.data.parent / name for name in files]

    def sql(self, statement: str, **values: object) -> list[Any]:
        database = create_engine(f"sqlite:///{self.data / 'woshou.db'}", poolclass=pool.NullPool)
        with database.begin() as connection:
            done = connection.execute(text(f"{statement} /* tenant_id */"), values)
            return list(done.all()) if done.returns_rows else []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of one installation, to be copied."""
    data = tmp_path_factory.mktemp("installed") / "data"
    Woshou(data)("init")
    return data


@pytest.fixture
def woshou(installed: Path, tmp_path: Path) -> Woshou:
    return Woshou(shutil.copytree(installed, tmp_path / "data"))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Woshou, Path, Result]:
    """The tricycle case, played once for all tests that look at what it made."""
    folder = tmp_path_factory.mktemp("played")
    command = Woshou(folder / "data")
    done = command("play", CASES / "tricycle_accident.json", "--out", folder / "out")
    return command, folder / "out", done


def test_init_makes_an_installation_and_a_second_one_leaves_it_as_it_is(woshou: Woshou) -> None:
    def everything() -> dict[str, bytes]:
        secret = [*(woshou.data / "keys").iterdir(), *(woshou.data / "authority").iterdir()]
        return {path.name: path.read_bytes() for path in secret}

    before, releases = everything(), woshou.sql("SELECT id FROM releases")
    assert "Ready" in woshou("init").stdout
    assert everything() == before
    assert woshou.sql("SELECT id FROM releases") == releases
    assert len(woshou.sql("SELECT id FROM bodies")) == 1


def test_only_the_owner_reads_the_keys(woshou: Woshou) -> None:
    modes = {path.stat().st_mode & 0o777 for path in (woshou.data / "keys").iterdir()}
    assert modes == {0o600}
    assert woshou.data.stat().st_mode & 0o777 == 0o700


def test_check_passes_what_is_shipped(woshou: Woshou) -> None:
    shipped = [*(settings.ROOT / "processes").glob("*.*mn"), *(settings.ROOT / "forms").glob("*.form")]
    assert len(shipped) > 5
    assert "error" not in woshou("check", *shipped).stdout


def test_check_names_the_element_and_leaves_with_1(woshou: Woshou) -> None:
    (path,) = woshou.write({"bad.bpmn": SCRIPT})
    shown = woshou("check", path, ok=False).stdout
    assert shown.startswith("error: run (")
    assert "{" not in shown


def test_check_speaks_json_and_both_languages(woshou: Woshou) -> None:
    paths = woshou.write({"bad.bpmn": SCRIPT, "good.bpmn": GOOD, "question.form": QUESTION})
    english, chinese = (
        json.loads(woshou("check", "--json", *paths, ok=False, WOSHOU_LANG=language).stdout)
        for language in ("en", "zh")
    )
    errors = [found for found in english if found["severity"] == "error"]
    assert {found["element_id"] for found in errors} == {"run"}
    keys = {"severity", "rule", "file", "line", "element_id", "name", "message", "hint", "law_ref"}
    assert all(set(found) == keys for found in english)
    assert {found["file"] for found in errors} == {"bad.bpmn"}
    assert [found["rule"] for found in english] == [found["rule"] for found in chinese]
    assert [found["message"] for found in english] != [found["message"] for found in chinese]


def test_check_refuses_a_diagram_that_breaks_the_law_and_names_the_article(woshou: Woshou) -> None:
    shipped = (settings.ROOT / "processes" / "mediation.bpmn").read_text(encoding="utf-8")
    wrong = shipped.replace(">=case.effective<", ">=true<")
    (path,) = woshou.write({"mediation.bpmn": wrong.encode()})
    english = woshou("check", path, ok=False).stdout
    assert "error: case_settled (law-routes, mediation.bpmn:" in english
    assert "[People's Mediation Law Art. 26]" in english
    chinese = json.loads(woshou("check", "--json", path, ok=False, WOSHOU_LANG="zh").stdout)
    (breach,) = [found for found in chinese if found["rule"] == "law-routes"]
    assert (breach["element_id"], breach["name"]) == ("case_settled", "纠纷已化解")
    assert breach["law_ref"] == "《人民调解法》第二十六条"
    example = (settings.ROOT / "docs" / "check.md").read_text(encoding="utf-8").partition("```json")[2]
    assert [breach] == json.loads(example.partition("```")[0])


def test_deploy_refuses_it_too_and_keeps_the_release(woshou: Woshou) -> None:
    before = woshou.sql("SELECT id FROM releases")
    shipped = (settings.ROOT / "processes" / "mediation.bpmn").read_text(encoding="utf-8")
    (path,) = woshou.write({"mediation.bpmn": shipped.replace(">=case.effective<", ">=true<").encode()})
    assert "law-routes" in woshou("deploy", path, ok=False).stdout
    assert woshou.sql("SELECT id FROM releases") == before


def test_check_needs_no_installation_and_leaves_none(tmp_path: Path) -> None:
    command = Woshou(tmp_path / "data")
    paths = command.write({"good.bpmn": GOOD, "question.form": QUESTION})
    command("check", *paths)
    assert not (tmp_path / "data" / "woshou.db").exists()


def test_deploy_is_all_or_nothing(woshou: Woshou) -> None:
    paths = woshou.write({"good.bpmn": GOOD, "question.form": QUESTION, "bad.bpmn": SCRIPT})
    before = woshou.sql("SELECT id FROM releases")
    refused = woshou("deploy", *paths, ok=False)
    assert "error: run (" in refused.stdout
    assert "run" in refused.stderr
    assert woshou.sql("SELECT id FROM releases") == before
    assert "Deployed as release" in woshou("deploy", *paths[:2]).stdout
    assert len(woshou.sql("SELECT id FROM releases")) == len(before) + 1


def test_play_prints_each_step_and_writes_the_documents(played: tuple[Woshou, Path, Result]) -> None:
    _, out, done = played
    script = json.loads((CASES / "tricycle_accident.json").read_text(encoding="utf-8"))
    steps = [line for line in done.stdout.splitlines() if line[:3].strip().isdigit()]
    assert len(steps) == len(script["steps"])
    assert steps[0].endswith("reception register_dispute")
    assert {"agreement.pdf", "receipt.pdf"} <= {path.name for path in out.iterdir()}
    assert all(path.read_bytes().startswith(b"%PDF") for path in out.glob("*.pdf"))


def test_play_leaves_the_installation_alone(played: tuple[Woshou, Path, Result]) -> None:
    command, _, _ = played
    assert not (command.data / "woshou.db").exists()
    assert not (command.data / "authority").exists()


def changed_script(**first_step: Any) -> bytes:
    script = json.loads((CASES / "tricycle_accident.json").read_text(encoding="utf-8"))
    script["steps"] = [script["steps"][0] | first_step]
    script.pop("expect", None)
    return json.dumps(script, ensure_ascii=False).encode()


def test_a_script_that_does_not_fit_names_the_open_tasks(woshou: Woshou) -> None:
    (path,) = woshou.write({"case.json": changed_script(task="seal_agreement")})
    refused = woshou("play", path, "--out", woshou.data.parent / "out", ok=False)
    assert "Step 1 does not fit" in refused.stderr
    assert "Open tasks: register_dispute" in refused.stderr


def test_answers_that_do_not_fit_are_named_by_their_path(woshou: Woshou) -> None:
    (path,) = woshou.write({"case.json": changed_script(answers={"source": "rumour"})})
    refused = woshou("play", path, "--out", woshou.data.parent / "out", ok=False)
    assert "  source: " in refused.stderr


def test_an_end_that_was_not_expected_is_named(woshou: Woshou) -> None:
    script = json.loads(changed_script()) | {"expect": {"status": "effective"}}
    (path,) = woshou.write({"case.json": json.dumps(script).encode()})
    refused = woshou("play", path, "--out", woshou.data.parent / "out", ok=False)
    assert "status should be effective" in refused.stderr


def test_verify_names_four_signers_of_a_good_file(played: tuple[Woshou, Path, Result]) -> None:
    command, out, _ = played
    shown = command("verify", out / "agreement.pdf").stdout
    lines = [line for line in shown.splitlines() if ": " in line and "intact" in line]
    signers = {line.split(": ")[1].split(",")[0] for line in lines if not line.startswith("certification")}
    assert len(signers) == 4
    assert "rehearsal" in shown
    assert shown.rstrip().endswith("All signatures hold.")


def test_verify_needs_only_the_certificate(played: tuple[Woshou, Path, Result], tmp_path: Path) -> None:
    command, out, _ = played
    certificate = command.data / "rehearsal" / "authority.pem"
    elsewhere = Woshou(tmp_path / "nothing")
    elsewhere("verify", out / "agreement.pdf", "--certificate", certificate)
    assert "certificate" in elsewhere("verify", out / "agreement.pdf", ok=False).stderr
    elsewhere("init")
    elsewhere("verify", out / "agreement.pdf", ok=False)


def test_a_flipped_byte_breaks_the_signatures(played: tuple[Woshou, Path, Result], tmp_path: Path) -> None:
    command, out, _ = played
    content = bytearray((out / "agreement.pdf").read_bytes())
    content[len(content) // 3] ^= 1
    (tmp_path / "flipped.pdf").write_bytes(content)
    shown = command("verify", tmp_path / "flipped.pdf", ok=False)
    assert "This file does not hold." in shown.stdout
    assert shown.stderr.strip()


def test_what_is_added_after_the_last_signature_is_named(
    played: tuple[Woshou, Path, Result], tmp_path: Path
) -> None:
    command, out, _ = played
    (tmp_path / "longer.pdf").write_bytes((out / "agreement.pdf").read_bytes() + b"\n% one more promise\n")
    shown = command("verify", tmp_path / "longer.pdf", ok=False)
    assert "This file does not hold." in shown.stdout
    assert shown.stderr.strip()


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"\x89PNG"])
def test_a_file_that_is_no_signed_pdf_does_not_verify(woshou: Woshou, content: bytes) -> None:
    (path,) = woshou.write({"empty.pdf": content})
    woshou("verify", path, ok=False)


def test_audit_verify_tells_a_good_record_from_a_changed_one(woshou: Woshou) -> None:
    assert "The record holds." in woshou("audit", "verify").stdout
    woshou.sql("UPDATE audit_rows SET actor_name = 'somebody else'")
    shown = woshou("audit", "verify", ok=False).stdout
    assert shown.splitlines()[0] == f"{settings.TENANT} 1 changed"
    assert "改" in woshou("audit", "verify", ok=False, WOSHOU_LANG="zh").stdout


def test_feel_evaluates_with_a_context_and_says_what_is_wrong(woshou: Woshou) -> None:
    assert woshou("feel", "amount * 2", "--context", '{"amount": 0.1}').stdout.strip() == "0.2"
    assert "line 1" in woshou("feel", "1 +", ok=False).stderr
    assert "（第1行第4列）" in woshou("feel", "1 +", ok=False, WOSHOU_LANG="zh").stderr


def test_feel_says_why_a_value_is_null(woshou: Woshou) -> None:
    shown = woshou("feel", "[amout, 1]", "--context", '{"amount": 1}')
    assert shown.stdout == "[null, 1]\n"
    assert shown.stderr == "amout is not known here. (line 1, column 2)\n"


def test_decide_shows_the_rows_their_annotations_and_the_required_decisions(woshou: Woshou) -> None:
    (path,) = woshou.write({"risk.dmn": RISK.encode()})
    shown = woshou("decide", path, "path", "--context", '{"amount": 60000}')
    assert shown.stdout.splitlines() == [
        "court",
        "  risk = high",
        "    row 2  why: more than the committee takes on",
    ]
    assert shown.stderr == ""
    unknown = woshou("decide", path, "path")
    assert unknown.stdout.splitlines() == ["null", "  risk = null"]
    assert "The input amount is missing." in unknown.stderr
    assert (
        "第2行" in woshou("decide", path, "risk", "--context", '{"amount": 60000}', WOSHOU_LANG="zh").stdout
    )


def test_decide_takes_a_decision_by_name(woshou: Woshou) -> None:
    (path,) = woshou.write({"rules.dmn": RULES.encode()})
    assert "court" in woshou("decide", path, "path", "--context", '{"amount": 5000.01}').stdout
    assert "here" in woshou("decide", path, "path", "--context", '{"amount": 5000.00}').stdout
    assert "unheard_of" in woshou("decide", path, "unheard_of", ok=False).stderr


@pytest.mark.parametrize(
    "arguments",
    [("feel", "1", "--context", "{"), ("feel", "1", "--context", "[1]"), ("decide", "bad.dmn", "x")],
)
def test_input_that_is_not_what_it_should_be_is_refused_in_a_sentence(
    woshou: Woshou, arguments: tuple[str, ...]
) -> None:
    (path,) = woshou.write({"bad.dmn": b"<definitions"})
    named = [str(path) if part == "bad.dmn" else part for part in arguments]
    done = CliRunner().invoke(main, named, env=woshou.environ)
    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)
    assert done.stderr.strip()


@pytest.mark.parametrize("command", [("audit", "verify"), ("deploy", "question.form")])
def test_without_an_installation_a_command_says_how_to_make_one(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    nowhere = Woshou(tmp_path / "data")
    (path,) = nowhere.write({"question.form": QUESTION})
    named = [str(path) if part == "question.form" else part for part in command]
    done = CliRunner().invoke(main, named, env=nowhere.environ)
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert "woshou init" in done.stderr


def test_the_command_runs_as_a_process_of_its_own(woshou: Woshou) -> None:
    program = [sys.executable, "-P", "-c", "from web.cli import main; main()"]
    shown = subprocess.run(
        [*program, "feel", "1 + 1"],
        env=os.environ | woshou.environ | {"PYTHONPATH": str(settings.ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == "2"


def test_a_worker_says_when_it_is_ready_and_ends_when_it_is_told_to(woshou: Woshou) -> None:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "web.cli", "worker"],
        env=os.environ | woshou.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "The worker is ready.\n"
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_worker_needs_an_installation_and_at_least_one_job_at_a_time(tmp_path: Path) -> None:
    assert "Nothing is installed" in Woshou(tmp_path / "nowhere")("worker", ok=False).output
    refused = CliRunner().invoke(main, ["worker", "--jobs", "0"])
    assert refused.exit_code == 2


def test_the_first_administrator_is_made_on_the_command_line_with_a_password_that_is_shown_once(
    woshou: Woshou,
) -> None:
    made = woshou("account", "add", "wang", "王建国", "--role", "administrator").output
    password = made.rsplit(" ", 1)[1].strip()
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", password)
    assert woshou("account", "list", "王").output.startswith("wang  王建国  administrator  ")
    assert (
        "user name already" in woshou("account", "add", "wang", "王", "--role", "mediator", ok=False).output
    )
    again = woshou("account", "password", "wang").output
    assert password not in again
    assert (
        woshou("account", "close", "wang", ok=False).output.strip().endswith("Make somebody else one first.")
    )
    woshou("account", "add", "li", "李霞", "--role", "administrator")
    assert woshou("account", "close", "wang").output == "Closed; 0 tasks were given back.\n"
    assert woshou("account", "list", "王").output.endswith("(closed)\n")
    woshou("audit", "verify")
