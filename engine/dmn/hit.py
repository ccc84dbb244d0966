"""Hit policies: from the rows that match to the table's value (DMN 1.5, 8.2.10)."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from engine.feel.builtins import BUILTINS
from engine.feel.calls import invoke
from engine.feel.compare import equal, matches_test
from engine.feel.run import Run

Ranks = Sequence[Sequence[Any]]
"""For each output its allowed values, the most important first."""

LETTERS = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
    "COLLECT": "C",
}
AGGREGATIONS = {"SUM": "C+", "MIN": "C<", "MAX": "C>", "COUNT": "C#"}
_FUNCTIONS = {"C+": "sum", "C<": "min", "C>": "max"}

SINGLE = frozenset(["U", "A", "P", "F"])
"""Policies that give one row's outputs."""


def unique(run: Run, rows: list[int], _outputs: Sequence[tuple[Any, ...]], _ranks: Ranks) -> Any:
    """The only row that matches; null where several do."""
    if len(rows) > 1:
        return run.note(
            0, "Rows {rows} match, but only one may.", rows=", ".join(str(row + 1) for row in rows)
        )
    return rows


def any_equal(
    run: Run, rows: list[int], outputs: Sequence[tuple[Any, ...]], _ranks: Ranks
) -> list[int] | None:
    """The first row; null where another row's outputs differ."""
    for other in outputs[1:]:
        if not all(equal(run, a, b) is True for a, b in zip(outputs[0], other, strict=True)):
            run.note(0, "Rows match with different outputs.")
            return None
    return rows[:1]


def first(_run: Run, rows: list[int], _outputs: Sequence[tuple[Any, ...]], _ranks: Ranks) -> list[int]:
    """The first row that matches."""
    return rows[:1]


def all_rows(_run: Run, rows: list[int], _outputs: Sequence[tuple[Any, ...]], _ranks: Ranks) -> list[int]:
    """All rows, in the table's order."""
    return rows


def by_rank(run: Run, rows: list[int], outputs: Sequence[tuple[Any, ...]], ranks: Ranks) -> list[int]:
    """All rows, the one with the most important outputs first."""
    keys = {
        row: [_rank(run, value, rank) for value, rank in zip(values, ranks, strict=True)]
        for row, values in zip(rows, outputs, strict=True)
    }
    return sorted(rows, key=lambda row: keys[row])


def highest(run: Run, rows: list[int], outputs: Sequence[tuple[Any, ...]], ranks: Ranks) -> list[int]:
    """The row with the most important outputs."""
    return by_rank(run, rows, outputs, ranks)[:1]


def _rank(run: Run, value: Any, rank: Sequence[Any]) -> int:
    for place, allowed in enumerate(rank):
        if matches_test(run, value, allowed) is True:
            return place
    return len(rank)


CHOICES: dict[str, Callable[[Run, list[int], Sequence[tuple[Any, ...]], Ranks], list[int] | None]] = {
    "U": unique,
    "A": any_equal,
    "P": highest,
    "F": first,
    "R": all_rows,
    "O": by_rank,
    "C": all_rows,
}
"""Which of the matching rows count, in which order."""


def aggregate(run: Run, policy: str, values: list[Any]) -> Any:
    """The sum, smallest, largest or number of the values of a collecting table."""
    if policy == "C#":
        return Decimal(len(values))
    return invoke(run, BUILTINS[_FUNCTIONS[policy]], [values])
