"""A case file as visitors of the web use it: days moved to today, answers flattened to names of inputs."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CASES = Path(__file__).parent.parent / "cases"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def steps(name: str) -> list[dict[str, Any]]:
    """The steps of a case file, every day in them moved so that the first step is today."""
    text = (CASES / f"{name}.json").read_text(encoding="utf-8")
    begun = dt.datetime.fromisoformat(json.loads(text)["steps"][0]["at"]).date()
    moved = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date() - begun
    last = dt.datetime.fromisoformat(json.loads(text)["steps"][-1]["at"]).date()

    def shift(found: re.Match[str]) -> str:
        day = dt.date.fromisoformat(found[0])
        held = begun if begun <= day <= last else day
        return (held + moved).isoformat()

    return list(json.loads(DAY.sub(shift, text))["steps"])


def tasks(name: str) -> list[dict[str, Any]]:
    """Of these the steps that complete a task."""
    return [step for step in steps(name) if "task" in step]


def flat(answers: Any, prefix: str = "") -> dict[str, Any]:
    """Names of inputs to their values: text, lists of text, True; a row's index is part of its name."""
    found: dict[str, Any] = {}
    for key, value in answers.items():
        name = f"{prefix}{key}"
        if isinstance(value, list) and value and isinstance(value[0], dict) and not _is_reference(value[0]):
            for index, row in enumerate(value):
                found |= flat(row, f"{name}-{index}-")
        else:
            found[name] = value
    return found


def row_counts(answers: Any, prefix: str = "") -> dict[str, int]:
    """Paths of lists to the number of their rows."""
    found: dict[str, int] = {}
    for key, value in answers.items():
        if isinstance(value, list) and value and isinstance(value[0], dict) and not _is_reference(value[0]):
            found[f"{prefix}{key}"] = len(value)
            for index, row in enumerate(value):
                found |= row_counts(row, f"{prefix}{key}-{index}-")
    return found


def _is_reference(value: dict[str, Any]) -> bool:
    return set(value) in ({"party"}, {"invitee"}, {"account"}, {"signature"}, {"scan"})
