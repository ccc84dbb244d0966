from pathlib import Path

import pytest

import forms
from engine import bpmn, dmn

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = ROOT / "processes"
DIAGRAMS = sorted(PROCESSES.glob("*.bpmn"))
FORM_FILES = sorted((ROOT / "forms").glob("*.form"))
CASE_FILES = sorted((ROOT / "tests" / "cases").glob("*.json"))


@pytest.fixture(scope="session")
def definitions() -> dict[str, bpmn.Definition]:
    loaded = [bpmn.load(path.read_bytes()) for path in DIAGRAMS]
    return {definition.process_id: definition for definition in loaded}


@pytest.fixture(scope="session")
def shipped_forms() -> dict[str, forms.Form]:
    loaded = [forms.load(path.read_text(encoding="utf-8")) for path in FORM_FILES]
    return {form.id: form for form in loaded}


@pytest.fixture(scope="session")
def triage() -> dmn.Model:
    return dmn.load(PROCESSES / "triage.dmn")
