"""Texts of a form that may hold FEEL, and the scopes in which conditions and texts are evaluated."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine import feel
from forms.errors import Unreadable

_PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


class Scope(Mapping[str, Any]):
    """The names of one container's answers before those of the containers around it and the context."""

    def __init__(self, own: Mapping[str, Any], outer: Mapping[str, Any]) -> None:
        self.own, self.outer = own, outer

    def __getitem__(self, name: str) -> Any:
        return self.own[name] if name in self.own else self.outer[name]

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self.outer

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self.own, *self.outer]))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def expression(text: str) -> feel.Expression:
    """FEEL without its `=`; Unreadable if it does not parse, or can never have a value."""
    try:
        read = feel.parse(text.removeprefix("="))
    except feel.FeelError as refused:
        raise Unreadable("feel", "The expression can't be read: {problem}", problem=refused) from refused
    for fault in read.faults():
        raise Unreadable("feel-fault", "The expression always fails: {problem}", problem=fault)
    return read


def value_of(asked: feel.Expression, scope: Mapping[str, Any]) -> Any:
    """An expression's value; null where it goes beyond the limits of FEEL, as with every other fault."""
    try:
        return asked.evaluate(scope)
    except feel.FeelError:
        return None


def show(value: object) -> str:
    """A value in the words of a page: numbers without exponent, dates in ISO 8601, lists with `、`."""
    match value:
        case None:
            return ""
        case Decimal():
            return format(value, "f")
        case bool():
            return str(value).lower()
        case datetime() | date() | time():
            return value.isoformat()
        case list():
            return "、".join(show(item) for item in value)
    return str(value)


@dataclass(frozen=True)
class Template:
    """A text with FEEL: the whole after `=`, or in {{places}} as form-js writes it."""

    parts: tuple[str | feel.Expression, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Template":
        """Raises Unreadable if an expression does not parse."""
        if text.startswith("="):
            return cls((expression(text),))
        pieces = _PLACE.split(text)
        return cls(tuple(expression(p) if i % 2 else p for i, p in enumerate(pieces) if p or i % 2))

    def fill(self, scope: Mapping[str, Any], quote: Callable[[str], str] = str) -> str:
        """The text; `quote` is applied to what expressions give."""
        return "".join(p if isinstance(p, str) else quote(show(value_of(p, scope))) for p in self.parts)

    @property
    def is_fixed(self) -> bool:
        """Whether it says the same whatever the answers and the case are."""
        return all(isinstance(part, str) for part in self.parts)

    def __bool__(self) -> bool:
        return bool(self.parts)


@dataclass(frozen=True)
class Words:
    """A text in Chinese, with its English where the form has it."""

    chinese: Template = Template()
    english: Template = Template()

    def fill(self, scope: Mapping[str, Any], locale: str, quote: Callable[[str], str] = str) -> str:
        """The text in the reader's language; Chinese where there is no other."""
        return self.template(locale).fill(scope, quote)

    def template(self, locale: str) -> Template:
        """English for an English reader, if there is any; else Chinese."""
        return self.english if locale.startswith("en") and self.english else self.chinese
