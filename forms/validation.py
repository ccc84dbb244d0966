"""Validates answers against the parts of a form: marshmallow for each question, scopes for conditions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marshmallow import RAISE, Schema, ValidationError

from forms.components import CHOICES, Group, Part, Question, Rows, keyed
from forms.errors import Message
from forms.fields import REQUIRED, field_for
from forms.wording import Scope, show, value_of

Errors = dict[str, Message]
UNASKED = Message("This was not asked.")
CHANGED = Message("This can't be changed here. Please open the task again.")
MOST_ROUNDS = 5


class Container:
    """The questions that share one level of answers: a form, a row of a list, or a group with a path."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        self.keyed = tuple(keyed(self.parts))
        self.keys = frozenset(part.key for part in self.keyed)
        self.told = tuple(part for part in self.keyed if isinstance(part, Question) and not part.is_asked)
        self.asked = {part.key: part for part in self.keyed if isinstance(part, Question) and part.is_asked}
        self.schema = Schema.from_dict({key: field_for(one) for key, one in self.asked.items()})(
            unknown=RAISE, partial=True
        )
        self.inside = {
            part.key: Container(part.parts) for part in self.keyed if isinstance(part, Rows | Group)
        }
        self.always_shown = self.keys if _never_hide(self.parts) else None

    def clean(
        self, raw: Mapping[str, Any], outer: Mapping[str, Any], initial: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Errors]:
        """The cleaned answers of this level and below, and the errors of what is shown.

        Which parts are shown depends on the answers, so hiding is repeated until it rests.
        """
        values, errors = self._load(raw, initial)
        shown = self.always_shown or self._at_rest(values, outer)
        return self._finish(raw, (values, errors), (shown, outer), initial)

    def known(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Those of these answers that are asked for, on this level and below."""
        return {key: self._known_inside(key, value) for key, value in raw.items() if key in self.keys}

    def _known_inside(self, key: str, value: Any) -> Any:
        inside = self.inside.get(key)
        if inside is None:
            return value
        if isinstance(value, list):
            return [inside.known(row) if isinstance(row, Mapping) else row for row in value]
        return inside.known(value) if isinstance(value, Mapping) else value

    def _load(self, raw: Mapping[str, Any], initial: Mapping[str, Any]) -> tuple[dict[str, Any], Errors]:
        given = {key: raw.get(key) for key in self.asked if key in raw}
        try:
            values, errors = dict(self.schema.load(given)), {}
        except ValidationError as invalid:
            values = dict(invalid.valid_data or {})
            errors = {str(key): messages[0] for key, messages in dict(invalid.messages_dict).items()}
        for part in self.told:
            values[part.key] = initial.get(part.key)
            if part.key in raw and show(raw[part.key]) != show(values[part.key]):
                errors[part.key] = CHANGED
        return values, errors

    def _at_rest(self, values: Mapping[str, Any], outer: Mapping[str, Any]) -> frozenset[str]:
        shown = self._shown(values, outer)
        if values.keys() <= shown:
            return shown
        for _ in range(MOST_ROUNDS):
            kept = {key: value for key, value in values.items() if key in shown}
            again = self._shown(kept, outer)
            if again == shown:
                break
            shown = again
        return shown

    def _shown(self, values: Mapping[str, Any], outer: Mapping[str, Any]) -> frozenset[str]:
        return frozenset(_shown_keys(self.parts, Scope(_with_nulls(values, self.keys), outer)))

    def _finish(
        self,
        raw: Mapping[str, Any],
        loaded: tuple[dict[str, Any], Errors],
        where: tuple[frozenset[str], Mapping[str, Any]],
        initial: Mapping[str, Any],
    ) -> tuple[dict[str, Any], Errors]:
        (values, found), (shown, outer) = loaded, where
        scope = Scope(_with_nulls({key: values[key] for key in values if key in shown}, self.keys), outer)
        cleaned: dict[str, Any] = {}
        errors = {key: UNASKED for key in raw if key not in self.keys}
        for part in self.keyed:
            if part.key not in shown:
                continue
            if isinstance(part, Question):
                self._question(part, (values, found, scope), cleaned, errors)
            else:
                below = self._below(part, raw.get(part.key), (scope, initial.get(part.key)), errors)
                cleaned[part.key] = below
        return cleaned, errors

    def _question(
        self,
        part: Question,
        loaded: tuple[Mapping[str, Any], Errors, Mapping[str, Any]],
        cleaned: dict[str, Any],
        errors: Errors,
    ) -> None:
        values, found, scope = loaded
        if part.key in found:
            errors[part.key] = found[part.key]
            return
        if part.computed is not None:
            cleaned[part.key] = value_of(part.computed, scope)
            return
        value = values.get(part.key)
        if value is None and part.type == "checkbox":
            value = False
        if _is_missing(part, value):
            errors[part.key] = Message("Tick this box to go on.") if part.type == "checkbox" else REQUIRED
        elif (options := _options(part, value, scope)) is not None and not _are_among(options, value):
            errors[part.key] = Message("This is not one of the answers to choose from.")
        elif (outside := _out_of_time(part, value, scope)) is not None:
            errors[part.key] = outside
        else:
            cleaned[part.key] = value if options is None else _own_value(options, value)

    def _below(
        self, part: Rows | Group, raw: Any, where: tuple[Mapping[str, Any], Any], errors: Errors
    ) -> Any:
        scope, initial = where
        inside = self.inside[part.key]
        if isinstance(part, Group):
            given = raw if isinstance(raw, Mapping) else {}
            return _under(part.key, inside.clean(given, scope, _mapping(initial)), errors)
        starts = initial if isinstance(initial, list) else []
        rows = starts if raw is None and not part.may_change else raw or []
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            errors[part.key] = Message("This is not a list.")
            return []
        _check_length(part, len(rows), len(starts), errors)
        if len(rows) > part.max_rows:
            return []
        return [
            _under(f"{part.key}.{at}", inside.clean(row, scope, _mapping(_at(starts, at))), errors)
            for at, row in enumerate(rows)
        ]


def _under(path: str, result: tuple[dict[str, Any], Errors], errors: Errors) -> dict[str, Any]:
    cleaned, found = result
    errors.update({f"{path}.{key}": message for key, message in found.items()})
    return cleaned


def _check_length(part: Rows, count: int, started: int, errors: Errors) -> None:
    if not part.may_change and count != started:
        errors[part.key] = CHANGED
    elif count < part.min_rows:
        errors[part.key] = Message("Add at least {count}.", {"count": part.min_rows})
    elif count > part.max_rows:
        errors[part.key] = Message("At most {count} fit here.", {"count": part.max_rows})


def _is_missing(part: Question, value: Any) -> bool:
    if not part.required or not part.is_asked:
        return False
    return value is False if part.type == "checkbox" else value in (None, "", [])


def _options(part: Question, value: Any, scope: Mapping[str, Any]) -> dict[str, Any] | None:
    """The options' own values by the text that a page posts; None where nothing was chosen among any."""
    if part.type not in CHOICES or not part.is_asked or value is None:
        return None
    return {option.text: option.value for option in part.options.among(scope)}


def _are_among(options: Mapping[str, Any], value: Any) -> bool:
    return all(show(one) in options for one in (value if isinstance(value, list) else [value]))


def _out_of_time(part: Question, value: Any, scope: Mapping[str, Any]) -> Message | None:
    limits = part.limits
    earliest = value_of(limits.earliest, scope) if limits.earliest is not None else None
    latest = value_of(limits.latest, scope) if limits.latest is not None else None
    if earliest is not None and type(earliest) is type(value) and value < earliest:
        return Message("This can't be before {limit}.", {"limit": show(earliest)})
    if latest is not None and type(latest) is type(value) and value > latest:
        return Message("This can't be after {limit}.", {"limit": show(latest)})
    return None


def _own_value(options: Mapping[str, Any], value: Any) -> Any:
    return [options[show(one)] for one in value] if isinstance(value, list) else options[show(value)]


def _never_hide(parts: Sequence[Part]) -> bool:
    return all(
        part.hide is None and (not isinstance(part, Group) or bool(part.key) or _never_hide(part.parts))
        for part in parts
    )


def _shown_keys(parts: Sequence[Part], scope: Mapping[str, Any]) -> Iterator[str]:
    for part in parts:
        if part.is_hidden(scope):
            continue
        if isinstance(part, Group) and not part.key:
            yield from _shown_keys(part.parts, scope)
        elif isinstance(part, Question | Rows | Group):
            yield part.key


def _with_nulls(values: Mapping[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    return dict.fromkeys(keys) | dict(values)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _at(rows: Sequence[Any], index: int) -> Any:
    return rows[index] if index < len(rows) else None
