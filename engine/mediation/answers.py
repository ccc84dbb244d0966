"""What the effects ask of answers beyond their form: dates that make sense, parties of this case."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from engine import errors
from engine.calendar import day_of
from engine.services import Step


class Problems:
    """Collects what is wrong with answers, by path (`obligations.0.amount`), and refuses them at once."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[str, Mapping[str, object]]] = {}

    def add(self, path: str, message: str, **params: object) -> None:
        """Note one problem; `message` is a message id with named places for the params."""
        self.found.setdefault(path, (message, params))

    def not_after(self, path: str, day: dt.date | None, last: dt.date) -> None:
        """The day must not lie after `last`, usually today."""
        if day is not None and day > last:
            self.add(path, "This day must not be later than {day}.", day=last.isoformat())

    def not_before(self, path: str, day: dt.date | None, first: dt.date) -> None:
        """The day must not lie before `first`."""
        if day is not None and day < first:
            self.add(path, "This day must not be earlier than {day}.", day=first.isoformat())

    def one_of(self, path: str, value: object, known: Collection[object]) -> None:
        """The value must be one of the ids that this case knows."""
        if value not in known:
            self.add(path, "Choose somebody who takes part in this case.")

    def refuse(self) -> None:
        """Raise `errors.InvalidAnswers` if anything was noted."""
        if self.found:
            raise errors.InvalidAnswers(self.found)


def one_row_each(step: Step, name: str, key: str, expected: Collection[str]) -> list[Mapping[str, Any]]:
    """The rows of a list that must hold everybody expected exactly once; else `errors.InvalidAnswers`."""
    rows = list(step.answers.get(name) or [])
    problems, seen = Problems(), set()
    for index, row in enumerate(rows):
        problems.one_of(f"{name}.{index}.{key}", row[key], expected)
        if row[key] in seen:
            problems.add(f"{name}.{index}.{key}", "The same person is listed twice.")
        seen.add(row[key])
    if missing := set(expected) - seen:
        problems.add(name, "{count} people are missing from the list.", count=len(missing))
    problems.refuse()
    return rows


def today(step: Step) -> dt.date:
    """The legal day of the step."""
    return day_of(step.at)
