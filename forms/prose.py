"""Texts between a form's questions as HTML: Markdown or the tags that form-js allows, with FEEL in places."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

from forms.components import Prose
from forms.wording import Scope

PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
MARKDOWN = MarkdownIt("commonmark", {"html": False})
KEPT = 500  # texts without an expression that are not rendered again


def html(part: Prose, scope: Scope, locale: str) -> str:
    """The text in the reader's language; nothing that an expression gives is markup."""
    if part.is_html:
        return nh3.clean(part.text.fill(scope, locale, nh3.clean_text))
    filled = part.text.fill(scope, locale, _as_plain)
    # What is said of a case is not kept.
    return _rendered(filled) if part.text.template(locale).is_fixed else str(MARKDOWN.render(filled))


@lru_cache(KEPT)
def _rendered(markdown: str) -> str:
    return str(MARKDOWN.render(markdown))


def _as_plain(text: str) -> str:
    """A value inside Markdown: none of its characters mean anything, so that no party can place a link."""
    return PUNCTUATION.sub(r"\\\g<0>", text).replace("\n", "\\\n")
