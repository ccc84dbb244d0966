"""What is said of an element when an instance moves to another definition: a reason against it, or a note."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REASONS = {
    "gone": "The new release has no process {process}.",
    "missing": "A token waits at {name} ({element_id}), and the new diagram has no such element.",
    "kind": "{name} ({element_id}) is of another kind in the new diagram.",
    "scope": "{name} ({element_id}) stands inside another sub-process in the new diagram.",
    "loop": "{name} ({element_id}) is repeated in another way in the new diagram.",
    "twice": "Tokens of several elements would all go to {name} ({element_id}).",
    "service": "{name} ({element_id}) calls another service in the new diagram.",
    "called": "{name} ({element_id}) calls another process in the new diagram.",
    "interrupts": "{name} ({element_id}) has begun, and would interrupt what stands beside it, or no longer.",
    "join": "A token has arrived at {name} ({element_id}), and other flows lead there in the new diagram.",
    "gateway": "Other events than those that are waited for stand behind {name} ({element_id}).",
    "stuck": "{name} ({element_id}) would wait forever: no token would come by one of its flows.",
    "doubled": "Several tokens would come to {name} ({element_id}), and what follows would be done twice.",
    "unsure": "It can't be told whether {name} ({element_id}) would get a token by each of its flows.",
    "busy": "The service of {name} ({element_id}) is at work just now. Try again when it is done.",
    "claimed": "{who} works on {name} ({element_id}) and could not complete it then. Let it be given back.",
    "expression": "An expression at {name} ({element_id}) can't be evaluated: {problem}",
    "ended": "The case has ended.",
    "already": "The case is in this release already.",
}
"""Why an instance can't be moved: message ids by code."""
NOTES = {
    "task": "{name} ({element_id}) stays open, with what was typed so far and with whoever works on it.",
    "place": "{name} ({element_id}) goes on as it is.",
    "clock": "The clock {name} ({element_id}) keeps its due time {due_at}.",
    "due": "{name} ({element_id}) keeps its due time {due_at}, though the diagram says: {before} → {after}",
    "renamed": "{before} is now called {name} ({element_id}).",
    "form": "{name} ({element_id}) asks other questions: {before} → {after}",
    "questions": "The questions of {name} ({element_id}) have changed in the form {form}.",
    "groups": "{name} ({element_id}) can then be done by: {after} (before: {before})",
    "assignee": "{name} ({element_id}) is assigned to somebody else.",
    "law": "{name} ({element_id}) then rests on: {after} (before: {before})",
    "armed": "{name} ({element_id}) is new and is waited for from now on.",
    "armed_clock": "The clock {name} ({element_id}) is new: it runs from now on and is due at {due_at}.",
    "disarmed": "{name} ({element_id}) is no longer waited for.",
    "message": "{name} ({element_id}) then waits for {after} (before: {before})",
    "used": "From now on the case uses another {kind} {key}.",
}
"""What happens to an instance that moves: message ids by code."""
_MESSAGES = REASONS | NOTES


@dataclass(frozen=True)
class Remark:
    """One thing said of an element; one of the whole case has no `element_id`.

    `code` is a key of REASONS or NOTES, `process_id` the process of the element, `params` fill the message's
    places beside `name` and `element_id`.
    """

    code: str
    process_id: str = ""
    element_id: str = ""
    name: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_reason(self) -> bool:
        """Whether it speaks against moving."""
        return self.code in REASONS

    @property
    def message(self) -> str:
        """The message's id in the catalogues, with named places for `places`."""
        return _MESSAGES[self.code]

    @property
    def places(self) -> dict[str, Any]:
        """What fills the message's places."""
        return {"name": self.name or self.element_id, "element_id": self.element_id, **self.params}
