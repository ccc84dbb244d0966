"""What was typed and sent after the session had ended: carried over signing in, to be sent once more."""

import json

from flask import request

# Made anew for each page; and no password stands in a page.
LEFT_OUT = ("csrf_token", "password")


def posted() -> str:
    """What was posted, as JSON, without tokens and passwords; empty where nobody had typed anything."""
    pairs = [(name, text) for name, text in request.form.items(multi=True) if not _is_left_out(name)]
    return json.dumps(pairs, ensure_ascii=False) if any(name != "key" for name, _ in pairs) else ""


def pairs(text: str) -> list[tuple[str, str]]:
    """The names and texts of what was carried; none where it can't be read."""
    try:
        return [(str(name), str(value)) for name, value in json.loads(text)]
    except (ValueError, TypeError, RecursionError):
        return []


def _is_left_out(name: str) -> bool:
    return any(part in name for part in LEFT_OUT)
