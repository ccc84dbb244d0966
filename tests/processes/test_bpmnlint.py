"""The shipped diagrams pass the rules that bpmnlint recommends, as every editor on bpmn-js shows them."""

import subprocess
from pathlib import Path

from .conftest import DIAGRAMS, ROOT

ASSETS = ROOT / "web" / "assets"
BPMNLINT = ASSETS / "node_modules" / "bpmnlint" / "bin" / "bpmnlint.js"


def bpmnlint(*paths: Path) -> "subprocess.CompletedProcess[str]":
    """A warning fails as an error does."""
    command = ["node", BPMNLINT, "--config", ASSETS / ".bpmnlintrc", "--max-warnings", "0", *paths]
    return subprocess.run(command, cwd=ASSETS, capture_output=True, text=True, timeout=60)


def test_every_shipped_diagram_passes_what_bpmnlint_recommends() -> None:
    assert len(DIAGRAMS) >= 5
    done = bpmnlint(*DIAGRAMS)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_bpmnlint_names_what_is_wrong_in_a_copy(tmp_path: Path) -> None:
    source = (ROOT / "processes" / "intake.bpmn").read_text(encoding="utf-8")
    path = tmp_path / "intake.bpmn"
    path.write_text(source.replace(' name="登记纠纷"', ""), encoding="utf-8")
    done = bpmnlint(path)
    assert done.returncode == 1
    assert "register_dispute" in done.stdout
    assert "label-required" in done.stdout
