"""What the forms package says when a form file or somebody's answers are not right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple


class Message(NamedTuple):
    """A sentence for people: an English gettext id with {places}, and what goes into them."""

    msgid: str
    params: Mapping[str, object] = {}

    def __str__(self) -> str:
        return self.msgid.format(**self.params)


class InvalidAnswers(Exception):
    """Answers that the form does not accept.

    `errors` maps each path, like `obligations.0.amount`, to its Message; "" is the whole form.
    """

    def __init__(self, errors: Mapping[str, Message]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(f"{path}: {message}" for path, message in errors.items()))


@dataclass(frozen=True)
class Finding:
    """One remark on a form file, in the shape of the findings on diagrams.

    `element_id` is the component's id, or its key; `line` counts from 1, 0 where it is not known.
    """

    severity: Literal["error", "warning"]
    rule: str
    element_id: str
    line: int
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.element_id}: {self.message.format(**self.params)}"


class FormRefused(Exception):
    """A form file that would not work as written: `component` is the first one at fault, `reason` why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        self.component = findings[0].element_id
        self.reason = Message(findings[0].message, findings[0].params)
        super().__init__("; ".join(str(found) for found in findings))


class Unreadable(Exception):
    """One component, or one text in it, can't be read; becomes a Finding."""

    def __init__(self, rule: str, msgid: str, **params: object) -> None:
        self.rule = rule
        self.message = Message(msgid, params)
        super().__init__(str(self.message))
