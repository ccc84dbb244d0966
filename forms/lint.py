"""What `woshou check` says about a form file, beside what makes it refused."""

from collections.abc import Iterator, Sequence

from forms.components import Group, Part, Question, Rows
from forms.errors import Finding, FormRefused
from forms.reader import line_of, read


def lint(text: str) -> list[Finding]:
    """Errors for which the file is refused, or else warnings: what somebody who reads English will miss."""
    try:
        _, pages = read(text)
    except FormRefused as refused:
        return list(refused.findings)
    return [
        Finding(
            "warning", "english", part.key, line_of(text, part.key), "It has no English label (label_en)."
        )
        for page in pages
        for part in _labelled(page.parts)
        if not part.label.english and part.label.chinese
    ]


def _labelled(parts: Sequence[Part]) -> Iterator[Question | Rows]:
    for part in parts:
        if isinstance(part, Question | Rows):
            yield part
        if isinstance(part, Group | Rows):
            yield from _labelled(part.parts)
