"""Lists that come as a table: pasted from a spreadsheet or read from a CSV file, a line a row."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forms.components import Question, Rows
from forms.errors import Message
from forms.wording import show

SEPARATORS = re.compile(r"[,，;；\t]")
ENCODINGS = ("utf-8-sig", "gb18030")
TAB = "\t"


@dataclass(frozen=True)
class Line:
    """What is wrong in a line of a table: its number from 1, the column's label, what is wrong."""

    number: int
    label: str
    message: Message


@dataclass(frozen=True)
class Table:
    """A list that comes as a table: `text` holds its rows, `columns` are their headings."""

    kind: str
    id: str
    name: str
    label: str
    help: str
    error: Message | None
    text: str
    columns: Sequence[str]
    count: int
    lines: Sequence[Line]


def read_text(content: bytes) -> str | None:
    """The text of a CSV file as spreadsheets write it, in UTF-8 or GB 18030; None if it is no text."""
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def read_rows(part: Rows, text: str) -> list[dict[str, Any]]:
    """The rows of a text, with whatever was typed; headings and empty lines are left out.

    What stands behind the last column stays with it, so that nothing is lost and its check tells.
    """
    lines = [cells for line in text.splitlines() if any(cells := _cells(line))]
    return [_row(part, cells) for cells in lines if not _is_heading(part, cells)]


def write_rows(part: Rows, rows: Sequence[Any]) -> str:
    """The rows as a text that reads as the same rows, a tab between two columns."""
    return "\n".join(TAB.join(_written(part, row)).rstrip() for row in rows if isinstance(row, Mapping))


def lines(place: str, labels: Mapping[str, str], errors: Mapping[str, Message]) -> Iterator[Line]:
    """What is wrong in the lines of the list at a place; `labels` are those of its columns by key."""
    for path, message in errors.items():
        if path.startswith(f"{place}."):
            index, _, key = path.removeprefix(f"{place}.").partition(".")
            yield Line(int(index) + 1, labels.get(key, key), message)


def columns(part: Rows) -> list[Question]:
    """The questions of a row, in their order."""
    return [one for one in part.parts if isinstance(one, Question)]


def _cells(line: str) -> list[str]:
    if TAB in line:
        return [cell.strip().strip('"') for cell in line.split(TAB)]
    comma = SEPARATORS.sub(lambda found: "," if found[0] in "，,;；" else found[0], line)
    return [cell.strip() for cell in next(csv.reader([comma]), [])]


def _is_heading(part: Rows, cells: Sequence[str]) -> bool:
    first = columns(part)[0].label
    return cells[0] in (first.fill({}, "zh"), first.fill({}, "en"))


def _row(part: Rows, cells: Sequence[str]) -> dict[str, Any]:
    keys = [one.key for one in columns(part)]
    own = [*cells[: len(keys) - 1], TAB.join(cells[len(keys) - 1 :]).strip()]
    return {key: cell for key, cell in zip(keys, own, strict=False) if cell}


def _written(part: Rows, row: Mapping[str, Any]) -> Iterator[str]:
    for one in columns(part):
        yield show(row.get(one.key)).replace("\n", " ")
