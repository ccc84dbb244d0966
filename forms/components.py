"""The parts of a form as they are known after reading: pages, groups, lists of rows, questions, prose."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from engine import feel
from forms.wording import Words, show, value_of

CHOICES = ("radio", "select", "checklist", "taglist")


@dataclass(frozen=True)
class Part:
    """What every component has."""

    id: str
    hide: feel.Expression | None = None

    def is_hidden(self, scope: Mapping[str, Any]) -> bool:
        """Whether `conditional.hide` is true; any other value shows the component."""
        return self.hide is not None and value_of(self.hide, scope) is True


@dataclass(frozen=True)
class Option:
    """One answer to choose; `text` is how a page posts its value."""

    value: Any
    label: str
    label_en: str = ""

    @cached_property
    def text(self) -> str:
        return show(self.value)


@dataclass(frozen=True)
class Options:
    """The answers to choose from: written in the form, or computed from the context.

    `not_offered` gives the value, or the list of values, of those written that have no place in this scope.
    """

    static: tuple[Option, ...] = ()
    computed: feel.Expression | None = None
    not_offered: feel.Expression | None = None

    def among(self, scope: Mapping[str, Any]) -> tuple[Option, ...]:
        """The options in this scope; values that are neither text, number nor {label, value} are left out."""
        if self.computed is None:
            return self.static if self.not_offered is None else self._offered(self.not_offered, scope)
        found = value_of(self.computed, scope)
        return tuple(_options(found)) if isinstance(found, list) else ()

    def _offered(self, not_offered: feel.Expression, scope: Mapping[str, Any]) -> tuple[Option, ...]:
        unwanted = value_of(not_offered, scope)
        left_out = unwanted if isinstance(unwanted, list) else [unwanted]
        return tuple(option for option in self.static if option.value not in left_out)


def _options(found: Sequence[Any]) -> Iterator[Option]:
    for item in found:
        value, label = (item.get("value"), item.get("label")) if isinstance(item, Mapping) else (item, item)
        if isinstance(value, (str, bool, int, Decimal)):
            yield Option(value, show(label) or show(value), show(_english(item)))


def _english(item: object) -> object:
    return item.get("label_en") if isinstance(item, Mapping) else None


@dataclass(frozen=True)
class Limits:
    """What an answer must keep to; None where the form does not say."""

    min: Decimal | None = None
    max: Decimal | None = None
    decimals: int | None = None
    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None
    kind: str | None = None
    earliest: feel.Expression | None = None
    latest: feel.Expression | None = None


@dataclass(frozen=True)
class Question(Part):
    """One question; `type` is form-js's, `subtype` is date, time or datetime."""

    key: str = ""
    type: str = "textfield"
    label: Words = Words()
    description: Words = Words()
    required: bool = False
    readonly: bool = False
    default: Any = None
    options: Options = Options()
    limits: Limits = Limits()
    subtype: str = ""
    widget: str = ""
    prefix: str = ""
    suffix: str = ""
    accept: str = ""
    multiple: bool = False
    computed: feel.Expression | None = None

    @cached_property
    def is_asked(self) -> bool:
        """Whether somebody answers it; not so for what is only shown or computed."""
        return not self.readonly and self.computed is None


@dataclass(frozen=True)
class Prose(Part):
    """A text between questions, HTML if `is_html` and else Markdown; or a line, if it has none."""

    text: Words = Words()
    is_html: bool = False


@dataclass(frozen=True)
class Group(Part):
    """Questions under one heading; with a `key` their answers are an object of their own."""

    key: str = ""
    label: Words = Words()
    description: Words = Words()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Rows(Part):
    """A dynamic list: the same questions once a row, or once a line of a text where it is `as_table`."""

    key: str = ""
    label: Words = Words()
    description: Words = Words()
    row_title: Words = Words()
    parts: tuple[Part, ...] = ()
    repetitions: int = 1
    may_change: bool = True
    min_rows: int = 0
    max_rows: int = 50
    as_table: bool = False


@dataclass(frozen=True)
class Page:
    """One group of questions: what a reader sees at once."""

    id: str
    title: Words
    description: Words
    parts: tuple[Part, ...] = field(repr=False)
    hide: feel.Expression | None = None


def keyed(parts: Sequence[Part]) -> Iterator[Question | Rows | Group]:
    """The parts with a key, those of groups without one among them, in the form's order."""
    for part in parts:
        if isinstance(part, Group) and not part.key:
            yield from keyed(part.parts)
        elif isinstance(part, (Question, Rows, Group)):
            yield part
