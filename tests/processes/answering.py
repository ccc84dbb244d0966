"""Random answers that fit a form: mostly what the scripted cases answer, now and then anything."""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine.calendar import day_of
from engine.mediation import props
from engine.open_tasks import OpenTask
from forms.components import Group, Part, Question, Rows, keyed
from forms.wording import Scope, value_of

TEXTS = (
    "双方各让一步。",
    "已经说明，当事人听清楚了。",
    "院坝里的水管",
    "Agreed as written.",
    "一、先付三百元；二、余下的秋后付清。",
)
PHONES = ("023-40000001", "+86 23 40000002")
USUAL, DOUBTED = 0.85, 0.5
ANSWERED, HARDLY = 0.6, 0.1
MOST_ROWS = 3
# What two forms must call by the same name, and what is no text of any kind.
NAMED = frozenset({"channel", "channel_name", "web_name", "outlet", "meeting_link"})
Asked = Question | Rows | Group
Usual = Mapping[tuple[str, str], list[Any]]


def usual_answers(scripts: Iterable[Mapping[str, Any]]) -> Usual:
    """What scripted cases chose, by form and question; a question within rows counts in each row."""
    chosen: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for script in scripts:
        for step in script["steps"]:
            for key, value in _flat(step.get("answers", {})):
                chosen[step["task"], key].append(value)
    return chosen


def _flat(answers: Any) -> Iterable[tuple[str, Any]]:
    for key, value in answers.items():
        rows = value if isinstance(value, list) and value and isinstance(value[0], dict) else []
        yield from (found for row in rows for found in _flat(row))
        if not rows:
            yield key, value


class Answering:
    """Answers forms by chance; `wish` is a value preferred, `usually` how often the usual is answered.

    What stands in a form already is mostly left as it is, but less often for the questions `doubted`.
    """

    def __init__(self, chance: random.Random, usual: Usual, wish: str) -> None:
        self.chance, self.usual, self.wish, self._depth = chance, usual, wish, 0
        self.usually, self.answered, self._taken = USUAL, ANSWERED, dict[str, list[Any]]()
        self.doubted = frozenset[str]()

    def answers(self, opened: OpenTask, now: dt.datetime, store: Callable[[], str]) -> dict[str, Any]:
        """Answers to each question that the form shows to somebody who goes through it from top to bottom.

        `store` keeps a file and gives its digest.
        """
        self._form, self._today, self._store = opened.form.id, day_of(now), store
        outer = Scope(dict(opened.initial), opened.context)
        pages = [Group(page.id, page.hide, parts=page.parts) for page in opened.form.pages]
        return self._level(pages, outer, opened.initial)

    def _level(
        self, parts: Iterable[Part], outer: Mapping[str, Any], initial: Mapping[str, Any]
    ) -> dict[str, Any]:
        given: dict[str, Any] = {}
        known = {part.key: initial.get(part.key) for part in keyed(tuple(parts))}
        for part in _shown(parts, lambda: Scope(known | given, outer)):
            scope = Scope(known | given, outer)
            answer = self._part(part, scope, initial.get(part.key))
            if answer is not None:
                given[part.key] = answer
        return self._agreeing(given)

    def _agreeing(self, given: dict[str, Any]) -> dict[str, Any]:
        """The same with one answer fitting the other where the law wants it, which no form tells."""
        if parts := given.get("instalments"):
            given["amount"] = sum(part["amount"] for part in parts)
            for part, day in zip(parts, sorted((part["due_on"] for part in parts), key=str), strict=True):
                part["due_on"] = given["due_on"] = day
        return given

    def _part(self, part: Asked, scope: Scope, initial: Any) -> Any:
        if isinstance(part, Group):
            return self._level(part.parts, scope, initial or {})
        if isinstance(part, Rows):
            starts = initial if isinstance(initial, list) else []
            most = max(part.min_rows, min(part.max_rows, MOST_ROWS))
            count = len(starts) or self._each(part, scope) or self.chance.randint(max(part.min_rows, 1), most)
            filled = [starts[at] if at < len(starts) else {} for at in range(count)]
            before, self._taken, self._depth = self._taken, {}, self._depth + 1
            rows = [self._level(part.parts, scope, row) for row in filled]
            self._taken, self._depth = before, self._depth - 1
            return rows
        kept = DOUBTED if part.key in self.doubted else USUAL
        if initial is not None and part.is_asked and self.chance.random() < kept:
            return initial
        if not part.is_asked or (not part.required and self.chance.random() > self.answered):
            return None
        return self._question(part, scope)

    def _each(self, rows: Rows, scope: Scope) -> int:
        """Mostly a row for each whom the rows may name; 0 where they name nobody, or now and then."""
        named = (one for one in keyed(rows.parts) if isinstance(one, Question) and one.options.computed)
        first = next(named, None)
        return len(first.options.among(scope)) if first and self.chance.random() < self.usually else 0

    def _question(self, part: Question, scope: Scope) -> Any:
        if part.widget == "signature":
            return props.drawn_signature(str(self.chance.random()))
        match part.type:
            case "checkbox":
                return part.required or self.chance.random() < USUAL
            case "radio" | "select":
                return self._choice(part, scope)
            case "checklist" | "taglist":
                return self._several([option.value for option in part.options.among(scope)], part.key)
            case "number":
                return self._number(part)
            case "datetime":
                return self._moment(part, scope)
            case "filepicker":
                return [self._store()]
        return self._text(part)

    def _choice(self, part: Question, scope: Scope) -> Any:
        values = [option.value for option in part.options.among(scope)]
        if part.key == "creditor":
            values = [value for value in values if value != scope.own.get("debtor")]
        if not values:
            return None
        if self.wish in values and self.chance.random() < self.usually:
            return self.wish
        if self._depth and part.options.computed:
            taken = self._taken.setdefault(part.key, [])
            values = [value for value in values if value not in taken] or values
            taken.append(chosen := self.chance.choice(values))
            return chosen
        usual = [value for value in self.usual.get((self._form, part.key), ()) if value in values]
        return self.chance.choice(usual if usual and self.chance.random() < self.usually else values)

    def _several(self, values: list[Any], key: str) -> list[Any]:
        lists = [usual for usual in self.usual.get((self._form, key), ()) if set(usual) <= set(values)]
        if lists and self.chance.random() < USUAL:
            return list(self.chance.choice(lists))
        few = self.chance.sample(values, self.chance.randint(1, len(values))) if values else []
        return self.chance.choice((few, values))

    def _number(self, part: Question) -> Decimal | int:
        low = part.limits.min if part.limits.min is not None else Decimal(0)
        high = part.limits.max if part.limits.max is not None else low + 5000
        most = self.chance.choice((1, 5000))
        number = low + Decimal(self.chance.randint(0, int(min(high - low, Decimal(most)))))
        return int(number) if part.limits.decimals == 0 else number

    def _moment(self, part: Question, scope: Scope) -> str:
        earliest, latest = (
            value_of(limit, scope) if limit is not None else None
            for limit in (part.limits.earliest, part.limits.latest)
        )
        if part.subtype == "time":
            return f"{self.chance.randint(8, 17):02}:00"
        day = self._today + dt.timedelta(days=self._days(part.key))
        day = min(max(day, _day(earliest) or day), _day(latest) or dt.date.max)
        return f"{day}T10:00" if part.subtype == "datetime" else day.isoformat()

    def _days(self, key: str) -> int:
        """From today: what is due lies ahead, its instalments before its end; all else lies back."""
        if "due" in key or key.startswith("until"):
            return self.chance.randint(1, 10) if self._depth > 1 else self.chance.randint(11, 30)
        return self.chance.choice((0, 0, 0, -1, -3))

    def _text(self, part: Question) -> str:
        if part.key in NAMED and (usual := self.usual.get((self._form, part.key))):
            return str(self.chance.choice(usual))
        if part.limits.pattern or part.limits.kind == "phone":
            return self.chance.choice(PHONES) if "phone" in part.key else ""
        text = f"{self.chance.choice(TEXTS)} {self.chance.randint(1, 9999)}"
        text = text.ljust(part.limits.min_length, "。")
        return text[: part.limits.max_length or len(text)]


def mended(given: Any, other: Any, wrong: frozenset[str], path: str = "") -> Any:
    """The given answers with others in their place where a path was wrong; rows count from 0 in paths.

    A row is answered anew as a whole: its answers hang together.
    """
    if path in wrong or not any(one.startswith(path) for one in wrong):
        return other if path in wrong else given
    if isinstance(given, dict) and isinstance(other, dict):
        below = {key: f"{path}.{key}" if path else key for key in given | other}
        found = {key: mended(given.get(key), other.get(key), wrong, below[key]) for key in below}
        return {key: value for key, value in found.items() if value is not None}
    if isinstance(given, list) and isinstance(other, list):
        anew = {at for at in range(len(given)) if any(f"{one}.".startswith(f"{path}.{at}.") for one in wrong)}
        return [other[at] if at in anew and at < len(other) else row for at, row in enumerate(given)]
    return given


def _shown(parts: Iterable[Part], scope: Callable[[], Scope]) -> Iterable[Asked]:
    for part in parts:
        if part.is_hidden(scope()):
            continue
        if isinstance(part, Group) and not part.key:
            yield from _shown(part.parts, scope)
        elif isinstance(part, (Question, Rows, Group)):
            yield part


def _day(value: Any) -> dt.date | None:
    return value.date() if isinstance(value, dt.datetime) else value if isinstance(value, dt.date) else None
