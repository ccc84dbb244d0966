"""What the form of a page posted, field by field."""

import datetime as dt

from flask import request

from engine import errors

LONGEST_TEXT = 4000


def text_given(name: str, longest: int = LONGEST_TEXT) -> str:
    """A text without blanks around it, cut where it is longer than anything that is asked for."""
    return request.form.get(name, "").strip()[:longest]


def day_given(name: str) -> dt.date:
    """A day; InvalidAnswers under its name where it is missing or can't be read."""
    given = text_given(name)
    if not given:
        raise errors.InvalidAnswers({name: ("Answer this question.", {})})
    try:
        return dt.date.fromisoformat(given)
    except ValueError as unreadable:
        raise errors.InvalidAnswers({name: (errors.UnreadableTime.__doc__ or "", {})}) from unreadable
