"""Small forms as text, for tests of the engine that need questions and not a page."""

import json
from typing import Any


def form(form_id: str, *components: dict[str, Any], effects: str = "") -> bytes:
    """A form-js file with these components on one page."""
    return json.dumps(
        {
            "type": "default",
            "id": form_id,
            "schemaVersion": 16,
            "components": list(components),
            "properties": {"effects": effects, "title": form_id, "title_en": form_id},
        }
    ).encode()


def field(kind: str, key: str, *, required: bool = False, **more: Any) -> dict[str, Any]:
    """One component."""
    return {"type": kind, "key": key, "id": key, "label": key, "validate": {"required": required}, **more}


BLANK = form("blank", {"type": "text", "id": "words", "text": "没有问题要回答。"})
