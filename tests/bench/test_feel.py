"""The measurement of FEEL: its peers work in a process of their own, a budget that is passed is told."""

import sys

from tests.bench import feel, timing
from tests.bench.figures import MEASURES


def test_without_the_other_engines_the_measurement_says_how_to_get_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(feel, "PEERS", tmp_path)
    assert feel.others() == {}
    assert "make bench" in capsys.readouterr().err


def test_the_other_engines_are_asked_for_the_same_expression_by_a_process_of_their_own(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    engine = tmp_path / "bin" / "python"
    engine.write_text(
        f"#!{sys.executable}\nimport json, sys\nasked = json.load(sys.stdin)\n"
        "called = ' '.join(sys.argv[1:3]) + ': ' + asked['expression']\n"
        "print(json.dumps({called: asked['context']['amount']}))\n"
    )
    engine.chmod(0o755)
    monkeypatch.setattr(feel, "PEERS", tmp_path)
    assert feel.others() == {f"-m tests.bench.peers: {feel.EXPRESSION}": 12}


def test_each_engine_is_measured_beside_python_and_an_expression_over_its_budget_misses_it(monkeypatch):
    monkeypatch.setattr(feel, "median_seconds", lambda _call: 4e-6)
    monkeypatch.setattr(feel, "others", lambda: {"bkflow": 8e-6, "feelin": 2e-6})
    found = {figure.key: figure for figure in feel.measured()}
    assert set(found) == {key for key in MEASURES if key.startswith("feel.")}
    assert {key for key, figure in found.items() if figure.missed} == {"feel.parsed", "feel.plain"}
    assert found["feel.parsed"].line().split()[1:3] == ["4.00", "µs"]
    ratios = {key: figure.ratio for key, figure in found.items()}
    assert (ratios["feel.bkflow"], ratios["feel.feelin"], ratios["feel.parsed"]) == (2, 0.5, 1)
    assert (ratios["feel.python"], ratios["feel.table_200"]) == (None, None)


def test_the_median_is_the_time_of_one_call_and_not_of_a_round(monkeypatch):
    monkeypatch.setattr(timing, "timed", lambda _call, count: count * 0.005)
    assert timing.median_seconds(lambda: None) == 0.005
