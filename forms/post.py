"""What a browser posts: names like `obligations-0-amount` become nested answers, kept as they were typed."""

from collections.abc import Sequence
from typing import Any, Protocol

from forms import table
from forms.components import Group, Part, Question, Rows, keyed

LISTS = ("checklist", "taglist", "filepicker")
COUNT = "count"
EMPTY: tuple[object, ...] = (None, "", False, [])


class Posted(Protocol):
    """A form as the web framework gives it: several values under one name."""

    def get(self, name: str) -> str | None:
        """The first value."""

    def getlist(self, name: str) -> list[str]:
        """All values."""


def parse(parts: Sequence[Part], post: Posted, prefix: str = "") -> dict[str, Any]:
    """The raw answers to these parts; nothing is judged, so that a draft keeps whatever was typed."""
    answers: dict[str, Any] = {}
    for part in keyed(parts):
        name = prefix + part.key
        if isinstance(part, Question):
            if part.is_asked:
                _question(part, name, post, answers)
        elif isinstance(part, Group):
            answers[part.key] = parse(part.parts, post, f"{name}-")
        elif part.as_table:
            answers[part.key] = table.read_rows(part, post.get(name) or "")
        else:
            count = _count(part, post.get(f"{name}-{COUNT}"))
            answers[part.key] = [parse(part.parts, post, f"{name}-{index}-") for index in range(count)]
    return answers


def change_rows(answers: dict[str, Any], command: str, rows: Rows | None) -> None:
    """Carry out a button, `add:obligations` or `remove:obligations-0-instalments:2`.

    `fill:consents` gives the rows of a fixed list what they lack, from the first row.
    """
    verb, _, rest = command.partition(":")
    path, _, index = rest.partition(":")
    if rows is None or rows.may_change != (verb != "fill"):
        return
    found = _find(answers, path.split("-"))
    if found is None:
        return
    if verb == "add" and len(found) < rows.max_rows:
        found.append({})
    elif verb == "remove" and index.isdecimal() and int(index) < len(found):
        del found[int(index)]
    elif verb == "fill":
        found[1:] = [found[0] | {key: row[key] for key in row if row[key] not in EMPTY} for row in found[1:]]


def rows_at(parts: Sequence[Part], path: str) -> Rows | None:
    """The list under a path such as `obligations-0-instalments`."""
    rows: Rows | None = None
    for name in path.split("-"):
        if name.isdecimal():
            continue
        rows = next((one for one in keyed(parts) if one.key == name and isinstance(one, Rows)), None)
        if rows is None:
            return None
        parts = rows.parts
    return rows


def _question(part: Question, name: str, post: Posted, answers: dict[str, Any]) -> None:
    if part.type in LISTS:
        answers[part.key] = [value for value in post.getlist(name) if value]
    elif part.type == "checkbox":
        answers[part.key] = post.get(name) is not None
    elif (value := post.get(name)) is not None:
        answers[part.key] = value


def _count(part: Rows, text: str | None) -> int:
    return min(int(text), part.max_rows) if text and text.isdecimal() and len(text) < 4 else 0


def _find(answers: Any, path: Sequence[str]) -> list[Any] | None:
    for name in path:
        if isinstance(answers, list):
            answers = answers[int(name)] if name.isdecimal() and int(name) < len(answers) else None
        elif isinstance(answers, dict):
            answers = answers.get(name)
    return answers if isinstance(answers, list) else None
