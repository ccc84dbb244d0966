"""Definitions: the processes, decisions, forms and templates of releases, parsed once for all instances."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Protocol, cast

from cachetools import LRUCache
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import bpmn, dmn, errors
from engine.models.processes import Definition, ProcessInstance, ReleaseItem
from engine.sessions import tenant_of

CACHED = 2_000
KEPT_LIVE = 500
Items = Mapping[tuple[str, str], str]


class Form(Protocol):
    """A form as the engine sees it."""

    id: str
    title: str
    effects: tuple[str, ...]

    @property
    def fields(self) -> frozenset[str]:
        """The names of its answers."""

    @property
    def choices(self) -> Mapping[str, frozenset[Any]]:
        """The possible values of the answers that it lists; None among them where there may be none."""

    @property
    def reads(self) -> frozenset[str]:
        """The names of variables and facts that its expressions ask for."""

    @property
    def calls(self) -> frozenset[tuple[str, str | None]]:
        """The functions beside FEEL's own that its expressions call, each with its first argument if that
        is a text written out."""

    @property
    def mentions(self) -> Mapping[str, Collection[str] | None]:
        """All names in its expressions, those of its own answers and of members too, each with the members
        that paths ask of its value; None where one uses the value as a whole."""

    def validate(self, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
        """The cleaned answers; raises the port's `InvalidAnswers`."""


class Forms(Protocol):
    """The port through which the engine reaches forms."""

    @property
    def InvalidAnswers(self) -> type[Exception]:  # noqa: N802
        """What `Form.validate` raises; its `errors` maps paths to (message id, params)."""

    @property
    def FormRefused(self) -> type[Exception]:  # noqa: N802
        """What `load` raises."""

    def load(self, text: str) -> Form:
        """Read form-js JSON; raises `FormRefused`."""


class LiveSteppers:
    """Steppers of instances as the last commit left them, each with the text of its state.

    One that is taken is gone: if its command rolls back, the next one restores from the stored state.
    """

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[str, str], tuple[str, bpmn.Stepper]] = LRUCache(KEPT_LIVE)
        self._lock = threading.Lock()

    def take(self, row: ProcessInstance, definition: bpmn.Definition) -> bpmn.Stepper:
        """The stepper of just this row's state, for the caller alone: the one kept, or restored.

        Raises StateUnreadable.
        """
        with self._lock:
            state, stepper = self._kept.pop((row.tenant_id, row.id), ("", None))
        if stepper is not None and state == row.state and stepper.definition is definition:
            return stepper
        return bpmn.Stepper.restore(definition, row.state)

    def keep(self, row: ProcessInstance, state: str, stepper: bpmn.Stepper) -> None:
        """Keep a stepper with its state, which is committed."""
        if row.status == "active":
            with self._lock:
                self._kept[row.tenant_id, row.id] = (state, stepper)


class Definitions:
    """Parsed definitions by hash, and the items of releases; both never change once stored."""

    def __init__(self, forms: Forms) -> None:
        self._parsers: dict[str, Callable[[bytes], Any]] = {
            "process": bpmn.load,
            "decision": lambda content: dmn.load(content),
            "form": lambda content: forms.load(content.decode()),
            "template": bytes.decode,
            "style": bytes.decode,
        }
        self._parsed: LRUCache[tuple[str, str], Any] = LRUCache(CACHED)
        self._items: LRUCache[tuple[str, str], Items] = LRUCache(CACHED)
        self.live = LiveSteppers()
        self._lock = threading.Lock()

    def process(self, session: Session, release_id: str, process_id: str) -> bpmn.Definition:
        """The release's process; NotFound if it has none of this id."""
        return cast("bpmn.Definition", self.parsed(session, release_id, "process", process_id))

    def form(self, session: Session, release_id: str, form_id: str) -> Form:
        """The release's form."""
        return cast(Form, self.parsed(session, release_id, "form", form_id))

    def decision(self, session: Session, release_id: str, decision_id: str) -> "dmn.Model":
        """The model that holds the release's decision."""
        return cast("dmn.Model", self.parsed(session, release_id, "decision", decision_id))

    def template(self, session: Session, release_id: str, name: str) -> str:
        """The text of a document's template, such as `agreement.html`."""
        return cast(str, self.parsed(session, release_id, "template", name))

    def style(self, session: Session, release_id: str, name: str) -> str:
        """The text of a style sheet, such as `print.css`."""
        return cast(str, self.parsed(session, release_id, "style", name))

    def source(self, session: Session, release_id: str, kind: str, key: str) -> tuple[str, bytes]:
        """Hash and bytes of an item as they were deployed."""
        found = self.items(session, release_id).get((kind, key))
        if found is None:
            raise errors.NotFound
        return found, content_of(session, found)

    def items(self, session: Session, release_id: str) -> Items:
        """(kind, key) → hash of everything in the release."""
        name = (tenant_of(session), release_id)
        with self._lock:
            items = self._items.get(name)
        if items is None:
            items = _items(session, release_id)
            with self._lock:
                self._items[name] = items
        return items

    def parse(self, kind: str, content: bytes) -> Any:
        """Parse without storing; raises what the kind's parser raises."""
        return self._parsers[kind](content)

    def keep(self, kind: str, found: str, parsed: Any) -> None:
        """Keep what was parsed of the content with this hash, so that it is not parsed again."""
        with self._lock:
            self._parsed[kind, found] = parsed

    def parsed(self, session: Session, release_id: str, kind: str, key: str) -> Any:
        """What is parsed of a release's item; NotFound if it has none of this kind and key."""
        found = self.items(session, release_id).get((kind, key))
        if found is None:
            raise errors.NotFound
        with self._lock:
            parsed = self._parsed.get((kind, found))
        if parsed is None:
            parsed = self.parse(kind, content_of(session, found))
            self.keep(kind, found, parsed)
        return parsed


class Parsed(Mapping[tuple[str, str], Any]):
    """(kind, key) → what is parsed of these items of a release, each when it is asked for."""

    def __init__(self, session: Session, known: Definitions, release_id: str, items: Items) -> None:
        self._session, self._known, self._release_id, self._items = session, known, release_id, items

    def __getitem__(self, name: tuple[str, str]) -> Any:
        if name not in self._items:
            raise KeyError(name)
        return self._known.parsed(self._session, self._release_id, *name)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


def _items(session: Session, release_id: str) -> Items:
    rows = session.execute(
        select(ReleaseItem.kind, ReleaseItem.key, ReleaseItem.hash).where(
            ReleaseItem.release_id == release_id
        )
    )
    return {(kind, key): found for kind, key, found in rows}


def has_item(session: Session, release_id: str, kind: str, key: str) -> bool:
    """Whether a release holds a definition of this kind and key: an earlier one may not know it yet."""
    this = (ReleaseItem.release_id == release_id, ReleaseItem.kind == kind, ReleaseItem.key == key)
    return session.scalars(select(ReleaseItem.hash).where(*this)).one_or_none() is not None


def content_of(session: Session, found: str) -> bytes:
    """The bytes that were deployed under a hash."""
    return session.scalars(select(Definition.content).where(Definition.hash == found)).one()
