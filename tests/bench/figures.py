"""What is measured: each key with its unit and aim, and the figures that a run finds."""

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measure:
    """One key: its unit, and the aim that its value may not pass; None where it is only told."""

    unit: str
    aim: float | None = None
    more_is_better: bool = False


# docs/bench.md tells what each key measures; a test holds both together.
MEASURES = {
    "bare.sqlite": Measure("ms"),
    "bare.postgresql": Measure("ms"),
    "step.sqlite": Measure("ms", 2.3),
    "step.postgresql": Measure("ms", 4.0),
    "step.statements": Measure("statements", 12),
    "step.commits": Measure("commits", 1),
    "step.late": Measure("times", 1.5),
    "start.instance": Measure("ms"),
    "deploy.200_tasks": Measure("ms"),
    "case.step": Measure("ms", 4.0),
    "case.statements_median": Measure("statements", 12),
    "case.statements_most": Measure("statements", 12),
    "case.commits_most": Measure("commits", 1),
    "http.submit": Measure("ms", 7.0),
    "http.submit_extra": Measure("ms", 4.0),
    "http.page": Measure("ms", 5.0),
    "agreement.bare": Measure("ms"),
    "agreement.woshou": Measure("ms"),
    "agreement.ratio": Measure("times", 1.3),
    "load.sqlite": Measure("steps/s", 350, more_is_better=True),
    "load.sqlite_p99": Measure("ms", 1_000),
    "load.postgresql": Measure("steps/s", 300, more_is_better=True),
    "memory.gained": Measure("MB", 10),
    "lists.fill": Measure("s"),
    "lists.mine": Measure("times", 1.5),
    "lists.role": Measure("times", 1.5),
    "lists.overdue": Measure("times", 1.5),
    "lists.search_tasks": Measure("times", 1.5),
    "lists.cases": Measure("times", 1.5),
    "lists.search_cases": Measure("times", 1.5),
    "lists.search_own_cases": Measure("times", 1.5),
    "feel.parsed": Measure("µs", 3),
    "feel.plain": Measure("µs", 3),
    "feel.cached": Measure("µs"),
    "feel.python": Measure("µs"),
    "feel.table_200": Measure("µs", 1_000),
    "feel.bkflow": Measure("µs"),
    "feel.feelin": Measure("µs"),
}


@dataclass(frozen=True)
class Figure:
    """A value found for a key; `bare` is what the bare libraries took meanwhile, in the same unit.

    `note` tells what stands in the way of the aim, or what the value was found among.
    """

    key: str
    value: float
    bare: float | None = None
    note: str = ""

    @property
    def measure(self) -> Measure:
        """What the key means."""
        return MEASURES[self.key]

    @property
    def missed(self) -> bool:
        """Whether the value misses its aim."""
        aim = self.measure.aim
        if aim is None:
            return False
        return self.value < aim if self.measure.more_is_better else self.value > aim

    @property
    def ratio(self) -> float | None:
        """How many times as much as the bare libraries."""
        return None if self.bare is None else self.value / self.bare

    def line(self) -> str:
        """One line of the table, and the note below it where an aim is missed."""
        measure, sign = self.measure, ">=" if self.measure.more_is_better else "<="
        aim = "" if measure.aim is None else f"{sign} {measure.aim:g}"
        beside = "" if self.ratio is None else f"{self.ratio:.2f} x bare"
        verdict = "MISSED" if self.missed else ""
        shown = f"{self.key:26}{self.value:10.2f} {measure.unit:12}{aim:10}{beside:14}{verdict}".rstrip()
        return f"{shown}\n    {self.note}" if self.note else shown

    def as_json(self) -> dict[str, Any]:
        """The figure as docs/bench.md describes it."""
        return {
            "key": self.key,
            "value": round(self.value, 4),
            "unit": self.measure.unit,
            "aim": self.measure.aim,
            "more_is_better": self.measure.more_is_better,
            "missed": self.missed,
            "bare": None if self.bare is None else round(self.bare, 4),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "note": self.note,
        }


def as_json(figures: Iterable[Figure], machine: dict[str, Any]) -> str:
    """A whole run as JSON."""
    found = {"machine": machine, "figures": [figure.as_json() for figure in figures]}
    return json.dumps(found, ensure_ascii=False, indent=2)


def median_ms(seconds: Sequence[float]) -> float:
    """The median in milliseconds."""
    return statistics.median(seconds) * 1e3
