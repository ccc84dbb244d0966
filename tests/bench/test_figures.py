"""A figure knows whether it misses its aim, and its keys are those that the documentation tells."""

import json
import re
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench import figures
from tests.bench.figures import MEASURES, Figure

PAGE = (Path(__file__).parents[2] / "docs" / "bench.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([a-z0-9_.]+)` \| (\S+) \| ([^|]*) \|", PAGE, re.MULTILINE)


def aim_of(key: str) -> str:
    measure = MEASURES[key]
    if measure.aim is None:
        return "–"
    return f"{'≥' if measure.more_is_better else '≤'} {measure.aim:,g}"


def test_the_documentation_tells_each_key_with_its_unit_and_aim() -> None:
    told = {key: (unit, aim.strip()) for key, unit, aim in ROWS if key in MEASURES}
    assert told == {key: (measure.unit, aim_of(key)) for key, measure in MEASURES.items()}


def test_the_documentation_tells_each_field_of_the_json() -> None:
    found = json.loads(figures.as_json([Figure("step.sqlite", 2.0, 1.0)], bench.machine()))
    for field in [*found, *found["machine"], *found["figures"][0]]:
        assert f"`{field}`" in PAGE, field


def test_the_documentation_tells_each_part() -> None:
    for name in bench.parts():
        assert re.search(rf"^\| `{name}` \|", PAGE, re.MULTILINE), name


@pytest.mark.parametrize(
    ("key", "value", "missed"),
    [
        ("step.sqlite", 2.3, False),
        ("step.sqlite", 2.31, True),
        ("load.sqlite", 350, False),
        ("load.sqlite", 349, True),
        ("start.instance", 1e9, False),
    ],
)
def test_a_figure_misses_its_aim_only_beyond_it(key: str, value: float, missed: bool) -> None:
    assert Figure(key, value).missed is missed
    assert ("MISSED" in Figure(key, value).line()) is missed


def test_a_figure_tells_its_ratio_to_the_bare_libraries() -> None:
    figure = Figure("step.sqlite", 3.0, 1.5, "8 statements")
    assert figure.ratio == 2
    line, note = (" ".join(part.split()) for part in figure.line().splitlines())
    assert (line, note) == ("step.sqlite 3.00 ms <= 2.3 2.00 x bare MISSED", "8 statements")
    assert figure.as_json() == {
        "key": "step.sqlite", "value": 3.0, "unit": "ms", "aim": 2.3, "more_is_better": False,
        "missed": True, "bare": 1.5, "ratio": 2.0, "note": "8 statements",
    }  # fmt: skip
    assert Figure("step.sqlite", 3.0).as_json()["ratio"] is None


@pytest.mark.parametrize(("value", "code"), [(2.0, 0), (3.0, 1)])
def test_the_command_prints_json_alone_and_fails_where_an_aim_is_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: float, code: int
) -> None:
    monkeypatch.setattr(bench, "parts", lambda _=0: {"step": lambda: iter([Figure("step.sqlite", value)])})
    assert bench.main(["step", "--json"]) == code
    printed = capsys.readouterr()
    assert [one["value"] for one in json.loads(printed.out)["figures"]] == [value]
    assert "step.sqlite" in printed.err


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.main(["speed"])
    assert "speed" in capsys.readouterr().err
