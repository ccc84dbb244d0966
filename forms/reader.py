"""Reads form-js JSON, as the form-js editor writes it, into pages of parts."""

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import re2

from engine import feel
from forms.components import Group, Limits, Option, Options, Page, Part, Prose, Question, Rows
from forms.errors import Finding, FormRefused, Unreadable
from forms.wording import Template, Words, expression

Json = Mapping[str, Any]
Read = TypeVar("Read")
QUESTIONS = (
    "textfield",
    "textarea",
    "number",
    "checkbox",
    "checklist",
    "radio",
    "select",
    "taglist",
    "datetime",
    "filepicker",
    "expression",
)
LINES = ("separator", "spacer")
SUBTYPES = ("date", "time", "datetime")
WIDGETS = ("", "signature")
MAX_ROWS = 50
LONGEST = 10_000
WIDGET_LENGTH = 200_000


def read(text: str) -> tuple[Json, tuple[Page, ...]]:
    """The root of a form file and its pages; FormRefused with every component that can't be read."""
    try:
        root = json.loads(text, parse_float=Decimal)
    except ValueError as broken:
        raise FormRefused([Finding("error", "json", "", 0, "This is not JSON.")]) from broken
    if not isinstance(root, dict) or not isinstance(root.get("components"), list) or not root.get("id"):
        raise FormRefused([Finding("error", "form", "", 0, "This is not a form of form-js.")])
    reader = _Reader()
    pages = reader.pages(root["components"])
    if reader.findings:
        raise FormRefused(reader.findings)
    return root, pages


def words(component: Json, name: str) -> Words:
    """A text of a component with its English, which stands in `properties` under the name and `_en`."""
    english = _properties(component).get(f"{name}_en", "")
    return Words(Template.read(str(component.get(name) or "")), Template.read(str(english)))


class _Reader:
    """Reads components and collects what is wrong with them."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def pages(self, components: Sequence[Json]) -> tuple[Page, ...]:
        loose = [one for one in components if one.get("type") != "group"]
        groups = [one for one in components if one.get("type") == "group"]
        first = [Page("page", Words(), Words(), self.parts(loose))] if loose else []
        return tuple(first + [page for one in groups if (page := self.guard(one, self._page)) is not None])

    def parts(self, components: Sequence[Json]) -> tuple[Part, ...]:
        found = tuple(part for one in components if (part := self.guard(one, self._part)) is not None)
        self._refuse_doubles(found, components)
        return found

    def guard(self, component: Json, read_one: Callable[[Json], Read]) -> Read | None:
        try:
            return read_one(component)
        except Unreadable as unreadable:
            place = str(component.get("key") or component.get("path") or component.get("id") or "")
            message = unreadable.message
            self.findings.append(Finding("error", unreadable.rule, place, 0, message.msgid, message.params))
            return None

    def _page(self, one: Json) -> Page:
        if one.get("path"):
            raise Unreadable("page-path", "A page has no path; its answers belong to the form.")
        parts = self.parts(one.get("components") or [])
        return Page(str(one["id"]), words(one, "label"), words(one, "description"), parts, _hide(one))

    def _part(self, one: Json) -> Part:
        kind = one.get("type")
        if kind in QUESTIONS:
            return _question(one)
        if kind in ("text", "html"):
            return Prose(
                _id(one), _hide(one), words(one, "text" if kind == "text" else "content"), kind == "html"
            )
        if kind in LINES:
            return Prose(_id(one), _hide(one))
        if kind == "group":
            parts = self.parts(one.get("components") or [])
            return Group(_id(one), _hide(one), str(one.get("path") or ""), words(one, "label"), parts=parts)
        if kind == "dynamiclist":
            return self._rows(one)
        raise Unreadable("component", "Components of the type {type} are not supported.", type=kind)

    def _rows(self, one: Json) -> Rows:
        if not one.get("path"):
            raise Unreadable("key", "A list needs a path.")
        return Rows(
            _id(one),
            _hide(one),
            key=str(one["path"]),
            label=words(one, "label"),
            description=words(one, "description"),
            row_title=words(_properties(one), "row_title"),
            parts=self.parts(one.get("components") or []),
            repetitions=int(one.get("defaultRepetitions", 1)),
            may_change=bool(one.get("allowAddRemove", True)),
            min_rows=int(_properties(one).get("min_rows", 0)),
            max_rows=int(_properties(one).get("max_rows", MAX_ROWS)),
        )

    def _refuse_doubles(self, parts: Sequence[Part], components: Sequence[Json]) -> None:
        keys = [key for part in parts if (key := getattr(part, "key", ""))]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            self.findings.append(Finding("error", "key-once", key, 0, "Two components have this key."))


def _question(one: Json) -> Question:
    if not one.get("key"):
        raise Unreadable("key", "A question needs a key.")
    kind, properties = str(one["type"]), _properties(one)
    subtype, widget = str(one.get("subtype") or "date"), str(properties.get("widget", ""))
    if kind == "datetime" and subtype not in SUBTYPES:
        raise Unreadable("subtype", "{subtype} is not a date, a time or both.", subtype=subtype)
    if widget not in WIDGETS:
        raise Unreadable("widget", "The widget {widget} is not known.", widget=widget)
    appearance = one.get("appearance") or {}
    return Question(
        _id(one),
        _hide(one),
        key=str(one["key"]),
        type=kind,
        label=_label(one),
        description=words(one, "description"),
        required=bool((one.get("validate") or {}).get("required")),
        readonly=bool(one.get("readonly") or one.get("disabled")),
        default=one.get("defaultValue"),
        options=_options(one),
        limits=_limits(one, widget),
        subtype=subtype,
        widget=widget,
        prefix=str(appearance.get("prefixAdorner") or ""),
        suffix=str(appearance.get("suffixAdorner") or ""),
        accept=str(one.get("accept") or ""),
        multiple=bool(one.get("multiple")),
        computed=expression(str(one["expression"])) if kind == "expression" else None,
    )


def _label(one: Json) -> Words:
    for name in ("label", "dateLabel", "dateTimeLabel", "timeLabel"):
        if one.get(name):
            return Words(words(one, name).chinese, words(one, "label").english)
    return Words()


def _options(one: Json) -> Options:
    if one.get("type") not in ("radio", "select", "checklist", "taglist"):
        return Options()
    if computed := one.get("valuesExpression"):
        return Options(computed=expression(str(computed)))
    properties = _properties(one)
    given = one.get("values") or []
    if not given:
        raise Unreadable("options", "A choice needs values or a valuesExpression.")
    return Options(
        tuple(
            Option(value["value"], str(value["label"]), str(properties.get(f"value_en:{value['value']}", "")))
            for value in given
        )
    )


def _limits(one: Json, widget: str) -> Limits:
    validate = one.get("validate") or {}
    pattern = validate.get("pattern")
    if pattern and not _is_pattern(str(pattern)):
        raise Unreadable("pattern", "The pattern {pattern} can't be read.", pattern=pattern)
    longest = validate.get("maxLength") or (WIDGET_LENGTH if widget else LONGEST)
    return Limits(
        min=_decimal(validate.get("min")),
        max=_decimal(validate.get("max")),
        decimals=one.get("decimalDigits"),
        min_length=int(validate.get("minLength") or 0),
        max_length=int(longest),
        pattern=pattern,
        kind=validate.get("validationType"),
    )


def _is_pattern(pattern: str) -> bool:
    try:
        re2.compile(pattern)
    except re2.error:
        return False
    return True


def _decimal(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def _hide(one: Json) -> feel.Expression | None:
    text = (one.get("conditional") or {}).get("hide")
    return expression(str(text)) if text else None


def _id(one: Json) -> str:
    return str(one.get("id") or one.get("key") or one.get("path") or "")


def _properties(one: Json) -> Json:
    found = one.get("properties")
    return found if isinstance(found, dict) else {}
