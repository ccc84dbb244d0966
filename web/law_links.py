"""References to articles, each that the page of the law has an entry for as a link to it."""

import re
from collections.abc import Iterator
from functools import lru_cache

from flask_babel import gettext
from markupsafe import Markup, escape

from engine.mediation import law, limits
from web.ways import way

KEPT = 1_000  # references whose links are not put together again
Article = tuple[str, str]
"""The name of a law and the article, both as they stand in a reference."""
_REFERENCES = [
    *((row.key, row.law_ref, row.law_ref_zh) for row in law.RULES),
    *((row.key, row.law_ref, row.law_ref_zh) for row in limits.LIMITS),
]
_NAMES = sorted({ref.split(" Art")[0] for _, ref, _ in _REFERENCES}, key=len, reverse=True)
_ENGLISH = re.compile(rf"(?P<law>{'|'.join(map(re.escape, _NAMES))})|(?P<article>\d+)|(?P<end>;)")
_CHINESE = re.compile(r"《(?P<law>[^》]+)》|(?P<article>第[零一二三四五六七八九十百千]+条)|(?P<end>；)")


def linked(text: str) -> Markup:
    """A reference in the reader's language as HTML, its articles as links where they have an entry."""
    # No catalogue has an empty text.
    return _linked(str(gettext(text)), way("law.index")) if text else Markup("")


@lru_cache(KEPT)
def _linked(text: str, page: str) -> Markup:
    # Diagrams bring references too: nothing of them is markup.
    parts, done = [], 0
    for found, article in _articles(text):
        if article in _ENTRIES:
            parts.append(escape(text[done : found.start()]))
            parts.append(Markup('<a href="{}#{}">{}</a>').format(page, _ENTRIES[article], found[0]))
            done = found.end()
    return Markup("").join([*parts, escape(text[done:])])


def _articles(text: str) -> Iterator[tuple[re.Match[str], Article]]:
    of_law = ""
    for found in (_CHINESE if "第" in text else _ENGLISH).finditer(text):
        if found["article"]:
            yield found, (of_law, found["article"])
        else:
            of_law = found["law"] or ""


def _entries() -> dict[Article, str]:
    """Article → the anchor of the entry that tells it; a rule goes before a limit."""
    entries: dict[Article, str] = {}
    for key, *references in _REFERENCES:
        for reference in references:
            for _, article in _articles(reference):
                entries.setdefault(article, key)
    return entries


_ENTRIES = _entries()
