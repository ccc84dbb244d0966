"""How decisions and expressions answer in the terminal: the value, why it is so, and why it is null."""

from collections.abc import Iterator

from engine import dmn, feel
from web.texts import text


def lines(outcome: dmn.Outcome, name: str = "", indent: str = "") -> Iterator[str]:
    """The value (after the decision's name, where one is given), then what it rests on, further in.

    That is the rows that matched, counted from 1, each with its annotations, and the decisions required.
    """
    yield f"{indent}{name}{' = ' if name else ''}{feel.text_of(outcome.value)}"
    inner = indent + "  "
    notes = outcome.annotations or ({},) * len(outcome.rows)
    for row, annotations in zip(outcome.rows, notes, strict=True):
        told = "; ".join(f"{column}: {note}" if column else note for column, note in annotations.items())
        yield inner + text("row {row}", row=row) + (f"  {told}" if told else "")
    for required, found in outcome.required.items():
        yield from lines(found, required, inner)


def model_problem(found: dmn.ModelError) -> str:
    """Why a file is no decision model, in the reader's language."""
    said = text(found.message, **found.params)
    return text("{problem} (line {line})", problem=said, line=found.line) if found.line else said
