"""Scripts of cases with many households: what is written once for each of them, written out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

EACH = "each_household"


def expanded(script: Mapping[str, Any]) -> dict[str, Any]:
    """The script with a step, or a row of a list, for each household that `households` names.

    A household is "address name", such as "龙溪花园1栋101 王建国"; `$name` and `$address` stand for them.
    `from` and `to` choose among them, counted from 1. A script without households stays as it is.
    """
    households = [dict(zip(("$address", "$name"), one.split(), strict=True)) for one in _listed(script)]
    steps = [one for step in script["steps"] for one in _steps(step, households)]
    return {**script, "steps": steps}


def _listed(script: Mapping[str, Any]) -> Sequence[str]:
    return list(script.get("households") or [])


def _steps(step: Mapping[str, Any], households: Sequence[Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    whole = _written(step, households)
    if step["as"] != EACH:
        yield whole
        return
    for household in _chosen(step, households):
        yield _filled({**whole, "as": "$name"}, household)


def _written(value: Any, households: Sequence[Mapping[str, str]]) -> Any:
    if isinstance(value, Mapping):
        return {key: _written(item, households) for key, item in value.items() if key not in ("from", "to")}
    if not isinstance(value, list):
        return value
    written = []
    for item in value:
        if isinstance(item, Mapping) and EACH in item:
            written += [_filled(item[EACH], household) for household in _chosen(item, households)]
        else:
            written.append(_written(item, households))
    return written


def _chosen(item: Mapping[str, Any], households: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    return households[item.get("from", 1) - 1 : item.get("to", len(households))]


def _filled(value: Any, household: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(item, household) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, household) for item in value]
    return household.get(value, value) if isinstance(value, str) else value
