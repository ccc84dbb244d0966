"""Three hundred damaged diagrams; `make campaign` tries ten thousand."""

import secrets

import pytest

from engine import bpmn
from tests.reliability import mutants


@pytest.mark.slow
def test_a_damaged_diagram_is_refused_or_runs_in_time_and_memory() -> None:
    seed = secrets.randbelow(10**6)
    judged = list(mutants.campaign(300, seed))
    assert sorted(one.number for one in judged) == list(range(300))
    wrong = [one for one in judged if one.failed]
    assert not wrong, f"seed {seed}: {wrong}"
    assert {one.fate for one in judged} == {"refused", "ran"}


def test_the_same_seed_gives_the_same_mutants() -> None:
    assert [mutants.mutant(1, n) for n in range(20)] == [mutants.mutant(1, n) for n in range(20)]
    assert len({mutants.mutant(1, n) for n in range(20)}) == 20


def test_each_source_is_accepted_as_it_is() -> None:
    for source in mutants.sources():
        assert not [found for found in bpmn.lint(source) if found.severity == "error"]


def test_what_raises_or_takes_long_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(bpmn, "lint", broken)
    assert mutants.judge(1, 1).fate == "ZeroDivisionError"
    assert mutants.judge(1, 1).failed
    assert mutants.Judgement(1, "refused", 2.5).failed
