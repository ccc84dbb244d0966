"""What the lint finds in a diagram, and what it is told about the world around it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One remark on a diagram.

    `message` and `hint` are English gettext ids with places for `params`; `element_id` names the element
    (of the root, or "" where no id can be read) and `name` what is drawn on it; `line` is the line in the
    XML, from 1; `law_ref` the article that it rests on, a gettext id; `file` the name of the checked file.
    """

    severity: Severity
    rule: str
    element_id: str
    line: int
    message: str
    params: Mapping[str, object]
    hint: str
    name: str = ""
    law_ref: str = ""
    file: str = ""

    def __str__(self) -> str:
        text = self.message.format_map(dict(self.params))
        return f"{self.line}: {self.severity} {self.rule} {self.element_id}: {text}"


@dataclass(frozen=True)
class Known:
    """The ids that references in a diagram may name; `names` are FEEL names with spaces that are in scope."""

    processes: Set[str] = frozenset()
    forms: Set[str] = frozenset()
    decisions: Set[str] = frozenset()
    services: Set[str] = frozenset()
    names: Set[str] = frozenset()
