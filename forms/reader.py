"""Reads form-js JSON, as the form-js editor writes it, into pages of parts."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import re2

from engine import feel
from forms.components import CHOICES, Group, Limits, Option, Options, Page, Part, Prose, Question, Rows, keyed
from forms.errors import Finding, FormRefused, Unreadable
from forms.wording import Template, Words, expression

Json = Mapping[str, Any]
Read = TypeVar("Read")
QUESTIONS = (
    *CHOICES,
    "textfield",
    "textarea",
    "number",
    "checkbox",
    "datetime",
    "filepicker",
    "expression",
)
LINES = ("separator", "spacer")
SUBTYPES = ("date", "time", "datetime")
WIDGETS = ("", "signature", "hidden")
MAX_ROWS = 50
MOST_ROWS = 200
MAX_SIZE = 1_000_000
OLDEST_VERSION = 16
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
RESERVED = frozenset({"go", "key", "csrf_token"})
BROKEN = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError)
LONGEST = 10_000
WIDGET_LENGTH = 200_000


def read(text: str) -> tuple[Json, tuple[Page, ...]]:
    """The root of a form file and its pages; FormRefused with every component that can't be read."""
    root = _root(text)
    reader = _Reader(text)
    try:
        pages = reader.pages(root["components"])
    except RecursionError as deep:
        raise FormRefused([Finding("error", "deep", "", 0, "Its components are nested too deep.")]) from deep
    if not pages and not reader.findings:
        reader.refuse("", Unreadable("form", "This form asks nothing."))
    if reader.findings:
        raise FormRefused(reader.findings)
    return root, pages


def line_of(text: str, name: str) -> int:
    """The line, from 1, where a component's key or id stands first; 0 where it can't be found."""
    found = re.search(rf'"(key|path|id)"\s*:\s*{re.escape(json.dumps(name, ensure_ascii=False))}', text)
    return text.count("\n", 0, found.start()) + 1 if name and found else 0


def _root(text: str) -> Json:
    try:
        root = json.loads(text[: MAX_SIZE + 1], parse_float=Decimal)
    except (ValueError, RecursionError) as broken:
        raise FormRefused([Finding("error", "json", "", 0, "This is not JSON.")]) from broken
    if not isinstance(root, dict) or not isinstance(root.get("components"), list) or not root.get("id"):
        raise FormRefused([Finding("error", "form", "", 0, "This is not a form of form-js.")])
    if not isinstance(root["id"], str) or not isinstance(root.get("properties") or {}, dict):
        raise FormRefused([Finding("error", "form", "", 0, "This is not a form of form-js.")])
    version = root.get("schemaVersion")
    if not isinstance(version, int) or version < OLDEST_VERSION:
        wanted = {"version": OLDEST_VERSION}
        message = "The schemaVersion of a form must be {version} or later."
        raise FormRefused([Finding("error", "form", str(root["id"]), 0, message, wanted)])
    return root


def words(component: Json, name: str) -> Words:
    """A text of a component with its English, which stands in `properties` under the name and `_en`."""
    english = _properties(component).get(f"{name}_en", "")
    return Words(Template.read(str(component.get(name) or "")), Template.read(str(english)))


class _Reader:
    """Reads components and collects what is wrong with them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.findings: list[Finding] = []

    def refuse(self, place: str, why: Unreadable) -> None:
        message, line = why.message, line_of(self.text, place)
        self.findings.append(Finding("error", why.rule, place, line, message.msgid, message.params))

    def pages(self, components: Sequence[Json]) -> tuple[Page, ...]:
        groups = [one for one in components if isinstance(one, dict) and one.get("type") == "group"]
        loose = [one for one in components if one not in groups]
        first = [Page("page", Words(), Words(), self.parts(loose))] if loose else []
        pages = first + [page for one in groups if (page := self.guard(one, self._page)) is not None]
        self._refuse_doubles([part for page in pages for part in page.parts])
        return tuple(pages)

    def parts(self, components: Sequence[Json]) -> tuple[Part, ...]:
        return tuple(part for one in components if (part := self.guard(one, self._part)) is not None)

    def guard(self, component: Json, read_one: Callable[[Json], Read]) -> Read | None:
        try:
            return read_one(component)
        except Unreadable as unreadable:
            self.refuse(_place(component), unreadable)
        except BROKEN:
            self.refuse(_place(component), Unreadable("component", "It is not written as form-js writes it."))
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
            path = _key(one["path"]) if one.get("path") else ""
            return Group(_id(one), _hide(one), path, words(one, "label"), parts=parts)
        if kind == "dynamiclist":
            return self._rows(one)
        raise Unreadable("component", "Components of the type {type} are not supported.", type=kind)

    def _rows(self, one: Json) -> Rows:
        most = int(_properties(one).get("max_rows", MAX_ROWS))
        rows = Rows(
            _id(one),
            _hide(one),
            key=_key(one.get("path")),
            label=words(one, "label"),
            description=words(one, "description"),
            row_title=words({"properties": _properties(one), **_properties(one)}, "row_title"),
            parts=self.parts(one.get("components") or []),
            repetitions=min(int(one.get("defaultRepetitions", 1)), most),
            may_change=bool(one.get("allowAddRemove", True)),
            min_rows=int(_properties(one).get("min_rows", 0)),
            max_rows=min(most, MOST_ROWS),
            as_table=_properties(one).get("input") == "table",
        )
        self._refuse_doubles(rows.parts)
        if rows.as_table and not all(map(_fits_table, rows.parts)):
            raise Unreadable("table", "A list that comes as a table has text fields and numbers only.")
        if rows.may_change and any(
            isinstance(part, Question) and part.readonly for part in keyed(rows.parts)
        ):
            raise Unreadable("readonly", "A question that can't be changed needs a list with fixed rows.")
        return rows

    def _refuse_doubles(self, parts: Sequence[Part]) -> None:
        keys = [part.key for part in keyed(parts)]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            self.refuse(key, Unreadable("key-once", "Two components have this key."))


def _question(one: Json) -> Question:
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
        key=_key(one.get("key")),
        type=kind,
        label=_label(one, kind),
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


def _label(one: Json, kind: str) -> Words:
    for name in ("label", "dateLabel", "dateTimeLabel", "timeLabel"):
        if one.get(name):
            return Words(words(one, name).chinese, words(one, "label").english)
    if kind != "expression":
        raise Unreadable("label", "A question needs a label.")
    return Words()


def _options(one: Json) -> Options:
    if one.get("type") not in CHOICES:
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
            if value["value"] is not None
        ),
        not_offered=_expression(properties.get("not_offered")),
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
        earliest=_expression(_properties(one).get("earliest")),
        latest=_expression(_properties(one).get("latest")),
    )


def _expression(text: Any) -> feel.Expression | None:
    return expression(str(text)) if text else None


def _is_pattern(pattern: str) -> bool:
    quiet = re2.Options()
    quiet.log_errors = False
    try:
        re2.compile(pattern, quiet)
    except re2.error:
        return False
    return True


def _decimal(value: Any) -> Decimal | None:
    return None if value in (None, "") else Decimal(str(value))


def _hide(one: Json) -> feel.Expression | None:
    text = (one.get("conditional") or {}).get("hide")
    if text and not str(text).startswith("="):
        raise Unreadable("feel", "A condition is FEEL: it begins with “=”.")
    return expression(str(text)) if text else None


def _key(key: object) -> str:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise Unreadable("key", "The key must be letters, digits and _ , and begin with a letter.")
    if key in RESERVED:
        raise Unreadable("key", "The key {key} is used by the page itself.", key=key)
    return key


def _fits_table(part: Part) -> bool:
    return isinstance(part, Question) and part.type in ("textfield", "number") and part.hide is None


def _place(component: Any) -> str:
    if not isinstance(component, dict):
        return ""
    return str(component.get("key") or component.get("path") or component.get("id") or "")


def _id(one: Json) -> str:
    return str(one.get("id") or one.get("key") or one.get("path") or "")


def _properties(one: Json) -> Json:
    found = one.get("properties")
    return found if isinstance(found, dict) else {}
