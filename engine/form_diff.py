"""What differs between two versions of a form: its fields, each question's every attribute, exactly."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.changes import Change, Kind, compared, moved, values
from engine.models.base import dump_json

# Ids, rows and columns are of the drawing; what runs stands under the key.
NOT_COMPARED = frozenset(("id", "key", "components", "layout"))
LABELS = {
    "validate.required": "required",
    "conditional.hide": "hidden where",
    "properties.label_en": "English label",
    "properties.title": "title",
    "properties.title_en": "English title",
    "properties.effects": "effects",
    "properties.lawRef": "article",
    "values": "answers to choose from",
    "path": "list",
}


def diff(before: bytes, after: bytes) -> list[Change]:
    """The changes from one form-js file to a later version of it; both must be deployable.

    A field is known by the path of its key, `obligations.amount` for one inside a list.
    """
    old, new = json.loads(before), json.loads(after)
    was, now = dict(_components(old)), dict(_components(new))
    return [
        *values(("form", str(new.get("id")), ""), _flat(old), _flat(new)),
        *compared(was, now, _whole, _changes),
        *_reordered(was, now),
    ]


def keys(source: bytes) -> frozenset[str]:
    """The keys of a form's answers, a list's own among them but not those of its rows."""
    components = dict(_components(json.loads(source)))
    return frozenset(
        path for path, one in components.items() if "." not in path and (one.get("key") or one.get("path"))
    )


def _components(around: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for component in around.get("components", ()):
        named = component.get("key") or component.get("path") or component.get("id") or ""
        here = f"{path}.{named}" if path else str(named)
        yield here, {**component, "place": here, "page": around.get("label", "")}
        # A group only arranges its fields, a list keeps each row's apart.
        yield from _components(component, here if component.get("path") else path)


def _place(component: Mapping[str, Any]) -> tuple[str, str, str]:
    element = (
        "field" if component.get("key") or component.get("path") else str(component.get("type", "field"))
    )
    return element, component["place"], str(component.get("label") or component.get("text") or "")


def _whole(kind: Kind, component: Mapping[str, Any]) -> Change:
    return Change(kind, *_place(component))


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    yield from values(_place(new), _flat(old), _flat(new))


def _reordered(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    was, now = list(old), list(new)
    for path in moved(was, now):
        places = (str(was.index(path) + 1), str(now.index(path) + 1))
        yield Change("changed", *_place(new[path]), "place in the order", "", *places)


def _flat(value: Mapping[str, Any], around: str = "") -> dict[str, str]:
    """Attributes by their labels, else by their dotted names; a list is one text."""
    flat: dict[str, str] = {}
    for name, part in value.items():
        if name in NOT_COMPARED or name == "place":
            continue
        if isinstance(part, Mapping):
            flat |= _flat(part, f"{around}{name}.")
        else:
            flat[LABELS.get(around + name, around + name)] = (
                part if isinstance(part, str) else dump_json(part)
            )
    return flat
