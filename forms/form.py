"""A form: its pages, what it declares, and the three ways in which answers reach it."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from forms import post, reader, view
from forms.choices import choices
from forms.components import Group, Rows, keyed
from forms.errors import InvalidAnswers, Message
from forms.reads import calls, deciding, members, reads
from forms.validation import Container
from forms.wording import Scope


class Form:
    """One form file, read once and shared; `effects` and `law_ref` come from the root's `properties`.

    `choices` has the values of the answers that the form lists, as forms/choices.py tells them; `reads`
    and `calls` the names and functions that its expressions ask of the case, `mentions` all names in them
    with the members asked of each.
    It `shows_all` its pages where none hides.
    """

    def __init__(self, text: str) -> None:
        root, self.pages = reader.read(text)
        properties = root.get("properties") or {}
        self.id = str(root["id"])
        self.title = str(properties.get("title") or self.id)
        self.title_en = str(properties.get("title_en") or self.title)
        self.law_ref = str(properties.get("lawRef") or "")
        self.effects = tuple(
            name.strip() for name in str(properties.get("effects") or "").split(",") if name.strip()
        )
        self._parts = tuple(
            Group(page.id, page.hide, "", page.title, parts=page.parts) for page in self.pages
        )
        self._container = Container(self._parts)
        self._deciding = Container(deciding(self._parts))
        self.shows_all = all(page.hide is None for page in self.pages)
        self.choices = choices(self.pages)
        self.reads, self.calls = reads(self.pages), calls(self.pages)
        self.mentions = members(self.pages)

    @property
    def fields(self) -> frozenset[str]:
        """The names of the answers of the first level."""
        return self._container.keys

    def validate(self, answers: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
        """The cleaned answers of the whole form: hidden ones dropped, lists always there, numbers exact.

        The context gives the names that expressions see, and under a question's own name its prefilled
        value. Raises InvalidAnswers.
        """
        cleaned, errors = self._clean(answers, context)
        if errors:
            raise InvalidAnswers(errors)
        return cleaned

    def known(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Those of these answers that the form asks for, as of a draft begun in another version of it."""
        return self._container.known(answers)

    def validate_page(self, index: int, answers: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        """Raise InvalidAnswers if the page's own answers, among all so far, are not right."""
        names = {part.key for part in keyed(self.pages[index].parts)}
        _, errors = self._clean(answers, context)
        here = {path: message for path, message in errors.items() if path.split(".", 1)[0] in names}
        if here:
            raise InvalidAnswers(here)

    def shown_pages(self, answers: Mapping[str, Any], context: Mapping[str, Any]) -> list[int]:
        """The numbers of the pages that are shown with these answers, from 0."""
        if self.shows_all:
            return list(range(len(self.pages)))
        cleaned, _ = self._deciding.clean(answers, context, self._initial(context))
        scope = Scope(dict.fromkeys(self.fields) | cleaned, context)
        return [
            at
            for at, page in enumerate(self.pages)
            if page.hide is None or not self._parts[at].is_hidden(scope)
        ]

    def parse(self, posted: post.Posted, index: int) -> dict[str, Any]:
        """The raw answers of one page as a browser posts them."""
        return post.parse(self.pages[index].parts, posted)

    def change_rows(self, index: int, answers: Mapping[str, Any], command: str) -> dict[str, Any]:
        """The answers after a button that adds or removes a row (`add:PATH`, `remove:PATH:NUMBER`)."""
        changed = copy.deepcopy(dict(answers))
        rows = post.rows_at(self.pages[index].parts, command.split(":")[1] if ":" in command else "")
        post.change_rows(changed, command, rows)
        return changed

    def draw(
        self, index: int, values: Mapping[str, Any], context: Mapping[str, Any], drawing: view.Drawing
    ) -> list[Any]:
        """The page's shown parts for the templates; `values` may be a draft with anything in it."""
        scope = Scope(dict.fromkeys(self.fields) | dict(values), context)
        return view.draw(self.pages[index].parts, values, scope, drawing)

    def troubles(self, parts: Sequence[Any], errors: Mapping[str, Message]) -> list[view.Trouble]:
        """What the error summary above the drawn parts of a page says, in their order."""
        return view.troubles(parts, errors, self.fields)

    def tables(self, index: int) -> frozenset[str]:
        """The names of a page's lists that come as a table: a file posted under one is read into it."""
        return frozenset(
            part.key for part in keyed(self.pages[index].parts) if isinstance(part, Rows) and part.as_table
        )

    def watched(self, index: int) -> frozenset[str]:
        """The names on a page whose answers change what else it shows: it is drawn again after them."""
        return view.watched(self.pages[index].parts)

    def page_of(self, path: str) -> int:
        """The number of the page on which an error's path lies; the last one if it is nowhere."""
        name = path.split(".", 1)[0]
        for at, page in enumerate(self.pages):
            if any(part.key == name for part in keyed(page.parts)):
                return at
        return len(self.pages) - 1

    def _clean(
        self, answers: Mapping[str, Any], context: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Message]]:
        return self._container.clean(answers, context, self._initial(context))

    def _initial(self, context: Mapping[str, Any]) -> dict[str, Any]:
        return {name: context[name] for name in self.fields if name in context}
