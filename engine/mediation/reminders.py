"""Reminders of invitations to a consultation that nobody has answered in time."""

from collections.abc import Mapping
from typing import Any

from engine.calendar import day_of
from engine.mediation.consultations import invited
from engine.services import Call, Result, ServiceTask


def remind_invitees() -> ServiceTask:
    """Note that those who are silent after the day for their answer are reminded once more."""
    return ServiceTask(_nothing, _reminded, variables=frozenset())


def _nothing(_call: Call) -> None:
    return None


def _reminded(result: Result) -> Mapping[str, Any]:
    for one in invited(result.session, result.root.id):
        if one.answer is None and one.answer_by is not None and one.answer_by < day_of(result.at):
            one.reminders, one.reminded_at = one.reminders + 1, result.at
    return {}
