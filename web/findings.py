"""What the lint found, as people and editors read it."""

from collections.abc import Callable

from engine.bpmn import Finding

Translate = Callable[[str], str]


def as_json(found: Finding, translate: Translate) -> dict[str, object]:
    """One finding as docs/check.md describes it, its texts through `translate`."""
    message, hint = _texts(found, translate)
    return {
        "severity": found.severity,
        "rule": found.rule,
        "file": found.file,
        "line": found.line,
        "element_id": found.element_id,
        "name": found.name,
        "message": message,
        "hint": hint,
        "law_ref": translate(found.law_ref) if found.law_ref else "",
    }


def as_line(found: Finding, translate: Translate) -> str:
    """One finding as one line: where, what, how to mend it, by which article."""
    message, hint = _texts(found, translate)
    place = f"{found.file}:{found.line}" if found.file else str(found.line)
    name = f" {found.name}" if found.name else ""
    article = f" [{translate(found.law_ref)}]" if found.law_ref else ""
    line = f"{found.severity}: {found.element_id} ({found.rule}, {place}){name}: {message} {hint}"
    return line.rstrip() + article


def _texts(found: Finding, translate: Translate) -> tuple[str, str]:
    params = dict(found.params)
    if "law_ref" in params:
        params["law_ref"] = translate(str(params["law_ref"]))
    hint = translate(found.hint).format_map(params) if found.hint else ""
    return translate(found.message).format_map(params), hint
