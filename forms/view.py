"""A page of a form as the templates draw it: every text chosen, every value as it stands in its input."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from forms import prose, table
from forms.components import Group, Option, Part, Prose, Question, Rows, keyed
from forms.errors import Message
from forms.fields import while_typed
from forms.wording import Scope, show, value_of

MANY = 10


@dataclass(frozen=True)
class Choice:
    """One option of a question."""

    id: str
    text: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Field:
    """A question: `id` is the input's, `name` what it posts; `value` is its text, or a list of texts."""

    kind: str
    id: str
    name: str
    label: str
    help: str
    value: Any
    error: Message | None
    part: Question
    choices: Sequence[Choice] = ()

    @property
    def text(self) -> str:
        """The value in words, for a question that is only shown."""
        if self.choices:
            return "、".join(choice.label for choice in self.choices if choice.chosen)
        return "、".join(self.value) if isinstance(self.value, list) else str(self.value)


@dataclass(frozen=True)
class Section:
    """A heading with parts: a group, or one row of a list with its `number` from 1."""

    kind: str
    id: str
    label: str
    parts: Sequence[Any]
    number: int = 0


@dataclass(frozen=True)
class List:
    """A dynamic list: `name` is its path in the buttons."""

    kind: str
    id: str
    name: str
    label: str
    help: str
    error: Message | None
    rows: Sequence[Section]
    may_add: bool
    may_remove: bool
    may_fill: bool


@dataclass(frozen=True)
class Text:
    """Prose as safe HTML; empty for a line."""

    kind: str
    html: str


@dataclass(frozen=True)
class Drawing:
    """What drawing a page needs besides its parts: errors by path, the reader's language, first values."""

    errors: Mapping[str, Message]
    locale: str
    initial: Mapping[str, Any] = field(default_factory=dict)


def draw(
    parts: Sequence[Part],
    values: Mapping[str, Any],
    outer: Mapping[str, Any],
    drawing: Drawing,
    path: str = "",
) -> list[Any]:
    """The shown parts of one level; `path` is that of the level, such as `obligations.0.`."""
    scope = Scope(dict(drawing.initial) | dict(values), outer)
    judged = while_typed(parts, scope)
    return [_draw(part, scope, drawing, path) for part in parts if not part.is_hidden(judged)]


@dataclass(frozen=True)
class Trouble:
    """A line of the error summary: the input to go to ("" if there is none), its label, what is wrong."""

    id: str
    label: str
    message: Message


def troubles(parts: Sequence[Any], errors: Mapping[str, Message], named: Set[str]) -> list[Trouble]:
    """The errors of a drawn page, in its order; then those of names that the form does not know."""
    strange = [(path, one) for path, one in errors.items() if path.split(".", 1)[0] not in named]
    return [*_troubles(parts, ""), *(Trouble("", path, message) for path, message in strange)]


def _troubles(parts: Sequence[Any], before: str) -> Iterator[Trouble]:
    for part in parts:
        if isinstance(part, Field | List | table.Table) and part.error is not None:
            yield Trouble(part.id, before + part.label, part.error)
        if isinstance(part, Section):
            yield from _troubles(part.parts, before)
        if isinstance(part, table.Table):
            for line in part.lines:
                yield Trouble(part.id, f"{part.label} {line.number} {line.label}", line.message)
        if isinstance(part, List):
            for row in part.rows:
                yield from _troubles(row.parts, f"{before}{row.label or f'{part.label} {row.number}'} ")


def watched(parts: Sequence[Part]) -> frozenset[str]:
    """The names of questions on a page whose answers show or hide, or fill, something else on it."""
    keys, names = set(_keys(parts)), set(_names(parts))
    return frozenset(keys & names)


def _keys(parts: Sequence[Part]) -> Iterator[str]:
    for part in keyed(parts):
        yield part.key
        yield from _keys(part.parts if isinstance(part, Rows | Group) else ())


def _names(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        used = [part.hide]
        if isinstance(part, Question):
            used += [part.computed, part.options.computed]
        if isinstance(part, Prose):
            used += [one for one in part.text.chinese.parts if not isinstance(one, str)]
        for expression in used:
            yield from expression.names if expression is not None else ()
        yield from _names(part.parts if isinstance(part, Rows | Group) else ())


def _draw(part: Part, scope: Scope, drawing: Drawing, path: str) -> Any:
    if isinstance(part, Question):
        return _field(part, scope, drawing, path)
    if isinstance(part, Rows) and part.as_table:
        return _table(part, scope, drawing, path)
    if isinstance(part, Rows):
        return _list(part, scope, drawing, path)
    if isinstance(part, Group):
        values, below = _level(part, scope), _below(drawing, part.key)
        inside = draw(part.parts, values, scope, below, f"{path}{part.key}." if part.key else path)
        return Section("group", part.id, part.label.fill(scope, drawing.locale), inside)
    return _prose(part, scope, drawing.locale)


def _field(part: Question, scope: Scope, drawing: Drawing, path: str) -> Field:
    place = path + part.key
    name = place.replace(".", "-")
    value = _value(part, scope)
    return Field(
        "signature" if part.widget == "signature" else part.type,
        f"f-{name}",
        name,
        part.label.fill(scope, drawing.locale),
        part.description.fill(scope, drawing.locale),
        value,
        drawing.errors.get(place),
        part,
        [
            _choice(option, (name, number), value, drawing.locale)
            for number, option in enumerate(part.options.among(scope))
        ],
    )


def _value(part: Question, scope: Scope) -> Any:
    if part.computed is not None:
        return show(value_of(part.computed, scope))
    value = scope.own.get(part.key)
    if value is None and part.key not in scope.own:
        value = part.default
    return [show(one) for one in value] if isinstance(value, list) else show(value)


def _choice(option: Option, place: tuple[str, int], value: Any, locale: str) -> Choice:
    name, number = place
    label = option.label_en if locale.startswith("en") and option.label_en else option.label
    chosen = option.text in value if isinstance(value, list) else option.text == value
    return Choice(f"f-{name}-{number}" if number else f"f-{name}", option.text, label, chosen)


def _table(part: Rows, scope: Scope, drawing: Drawing, path: str) -> table.Table:
    place, columns = path + part.key, table.columns(part)
    name, rows = place.replace(".", "-"), scope.own.get(part.key)
    if not isinstance(rows, list):
        rows = drawing.initial.get(part.key) or []
    labels = {one.key: one.label.fill(scope, drawing.locale) for one in columns}
    return table.Table(
        "table",
        f"f-{name}",
        name,
        part.label.fill(scope, drawing.locale),
        part.description.fill(scope, drawing.locale),
        drawing.errors.get(place),
        table.write_rows(part, rows),
        list(labels.values()),
        len(rows),
        list(table.lines(place, labels, drawing.errors)),
    )


def _list(part: Rows, scope: Scope, drawing: Drawing, path: str) -> List:
    place = path + part.key
    name, label = place.replace(".", "-"), part.label.fill(scope, drawing.locale)
    starts = drawing.initial.get(part.key) or []
    rows = scope.own.get(part.key)
    if not isinstance(rows, list) or (not part.may_change and len(rows) != len(starts)):
        rows = list(starts) or [{} for _ in range(part.repetitions if part.may_change else 0)]
    return List(
        "rows",
        f"f-{name}",
        name,
        label,
        part.description.fill(scope, drawing.locale),
        drawing.errors.get(place),
        [
            _row(part, (row, index, starts), scope, drawing, f"{place}.{index}.")
            for index, row in enumerate(rows)
        ],
        part.may_change and len(rows) < part.max_rows,
        part.may_change and len(rows) > max(part.min_rows, 0),
        not part.may_change and len(rows) >= MANY,
    )


def _row(
    part: Rows, row: tuple[Any, int, Sequence[Any]], scope: Scope, drawing: Drawing, path: str
) -> Section:
    values, index, starts = row
    start = starts[index] if index < len(starts) and isinstance(starts[index], Mapping) else {}
    below = Drawing(drawing.errors, drawing.locale, start)
    answers = values if isinstance(values, Mapping) else {}
    inside = draw(part.parts, answers, scope, below, path)
    title = part.row_title.fill(Scope({**start, **answers}, scope), drawing.locale)
    if not title and not part.may_change and inside and _names_row(inside[0]):
        title = inside.pop(0).text
    return Section("row", f"r-{path.replace('.', '-').strip('-')}", title, inside, index + 1)


def _names_row(first: Any) -> bool:
    """Whether a row of a fixed list begins with whom it is about: then that is the row's title."""
    return isinstance(first, Field) and first.part.readonly and bool(first.text)


def _prose(part: Part, scope: Scope, locale: str) -> Text:
    if not isinstance(part, Prose) or not part.text.template(locale):
        return Text("line", "")
    return Text("prose", prose.html(part, scope, locale))


def _level(part: Group, scope: Scope) -> Mapping[str, Any]:
    if not part.key:
        return scope.own
    inside = scope.own.get(part.key)
    return inside if isinstance(inside, Mapping) else {}


def _below(drawing: Drawing, key: str) -> Drawing:
    start = drawing.initial.get(key) if key else drawing.initial
    return Drawing(drawing.errors, drawing.locale, start if isinstance(start, Mapping) else {})
