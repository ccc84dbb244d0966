"""One turn of a guided form: what was posted, on top of what was saved, and where the reader goes next."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, cast

from flask import flash, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

import forms
from engine import errors, open_tasks, tasks
from engine.definitions import Form
from engine.mediation import documents
from engine.open_tasks import OpenTask
from forms import table
from web.access import actor, engine
from web.language import code

Errors = Mapping[str, forms.Message]
Members = Collection[str] | None
HEADED_BY = ("case", "number")  # the fact and its member that stand above each page


@dataclass(frozen=True)
class Turn:
    """A page of a task's form, with all answers known so far; `shown` are the pages that are not hidden."""

    opened: OpenTask
    index: int
    answers: Mapping[str, Any]
    shown: tuple[int, ...]
    errors: Errors = field(default_factory=dict)

    @property
    def form(self) -> forms.Form:
        """The task's form."""
        return cast(forms.Form, self.opened.form)

    @property
    def number(self) -> int:
        """Which of the shown pages this is, from 1."""
        return sum(1 for index in self.shown if index <= self.index) or 1

    @property
    def is_last(self) -> bool:
        """Whether no page comes after this one."""
        return self.number >= len(self.shown)

    def address(self, step: int = 0) -> str:
        """The address of this page, or of the one `step` pages on."""
        number = min(max(self.number + step, 1), len(self.shown) or 1)
        return url_for("tasks.show", task_id=self.opened.task.id, page=number)

    @property
    def context(self) -> Mapping[str, Any]:
        """What the form's expressions see."""
        return {**self.opened.context, **self.opened.initial}

    @property
    def parts(self) -> list[Any]:
        """The page's parts, to be drawn."""
        drawing = forms.Drawing(self.errors, code(), self.opened.initial)
        return self.form.draw(self.index, self.answers, self.context, drawing)


def begin(task_id: str) -> Turn:
    """The page that the address names, with the draft's answers in it."""
    return _turn(open_tasks.open_task(engine(), actor(), task_id, _drawn))


def read(task_id: str) -> Turn:
    """The page that was posted, with its answers over the draft's."""
    turn = _turn(open_tasks.open_task(engine(), actor(), task_id, _posted))
    post: MultiDict[str, str] = MultiDict(request.form)
    tables = turn.form.tables(turn.index)
    for name, file in request.files.items(multi=True):
        if not file.filename:
            continue
        if name in tables:
            post[name] = _with_lines(post.get(name, ""), file.read())
        else:
            post.add(name, documents.store_file(engine(), actor(), file.filename, file.read()))
    answers = {**turn.answers, **turn.form.parse(post, turn.index)}
    return replace(turn, answers=answers, shown=tuple(turn.form.shown_pages(answers, turn.context)))


def change_rows(turn: Turn, command: str) -> Turn:
    """The turn after a button that adds or removes a row."""
    return replace(turn, answers=turn.form.change_rows(turn.index, turn.answers, command))


def check(turn: Turn) -> Errors:
    """What is wrong on this page."""
    try:
        turn.form.validate_page(turn.index, turn.answers, turn.context)
    except forms.InvalidAnswers as invalid:
        return invalid.errors
    return {}


def with_errors(turn: Turn, found: Mapping[str, Any]) -> Turn:
    """The turn on the first shown page on which something is wrong, to be shown again."""
    index = min(turn.form.page_of(path) for path in found)
    messages = {path: forms.Message(*message) for path, message in found.items()}
    opened = open_tasks.open_task(engine(), actor(), turn.opened.task.id, _drawn)
    return replace(turn, opened=opened, index=index if index in turn.shown else turn.index, errors=messages)


def keep(turn: Turn) -> None:
    """Save all answers so far as the actor's draft."""
    tasks.save_draft(engine(), actor(), turn.opened.task.id, turn.answers)


def complete(turn: Turn, key: str) -> tasks.TaskDone:
    """Complete the task; where that is refused, what was typed is kept as a draft."""
    try:
        return tasks.complete_task(engine(), actor(), turn.opened.task.id, turn.answers, key)
    except errors.Refusal:
        with suppress(errors.Refusal):
            keep(turn)
        raise


def next_address(done: tasks.TaskDone) -> str:
    """Where the actor goes on: a party to its page, others to a task opened by this one, or to the case."""
    if actor().party_id:
        return url_for("parties.show")
    task_id = open_tasks.first_to_do(engine(), actor(), done.next_task_ids)
    if task_id is not None:
        return url_for("tasks.show", task_id=task_id)
    return url_for("cases.show", case_id=done.root_id)


def _drawn(form: Form) -> Mapping[str, Members]:
    """What a page needs that is drawn: what its expressions name, and what stands above it."""
    fact, member = HEADED_BY
    known = form.mentions.get(fact, ())
    return {**form.mentions, fact: None if known is None else {*known, member}}


def _posted(form: Form) -> Mapping[str, Members] | None:
    """What a posted page needs: nothing if it is surely the last one, as the command asks anew for itself."""
    read = cast(forms.Form, form)
    return None if read.shows_all and _number() >= len(read.pages) else form.mentions


def _number() -> int:
    return request.args.get("page", 1, int)


def _turn(opened: OpenTask) -> Turn:
    answers, number = cast(forms.Form, opened.form).known(opened.draft or {}), _number()
    turn = Turn(opened, 0, answers, ())
    shown = turn.form.shown_pages(answers, turn.context)
    index = shown[min(max(number, 1), len(shown)) - 1] if shown else 0
    return replace(turn, index=index, shown=tuple(shown))


def _with_lines(typed: str, content: bytes) -> str:
    """What was typed with a file's lines after it; the file itself, which names people, is not kept."""
    lines = table.read_text(content)
    if lines is None:
        flash(gettext("This file is no list. Save it as CSV and choose it again."), "warning")
        return typed
    return f"{typed}\n{lines}"
