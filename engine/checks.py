"""What files are checked for, as one release, before they are deployed."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from engine import Engine, bpmn, dmn, errors

KINDS = {".bpmn": "process", ".dmn": "decision", ".form": "form", ".html": "template", ".css": "style"}


@dataclass(frozen=True)
class DeployedFile:
    """A file to deploy: its kind and the keys under which a release finds it."""

    name: str
    kind: str
    keys: tuple[str, ...]
    content: bytes

    @property
    def hash(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()


def check(
    engine: Engine, files: Mapping[str, bytes], base: Iterable[tuple[str, str]] = ()
) -> tuple[list[bpmn.Finding], list[DeployedFile]]:
    """Lint files as one release together with the base's items; findings in the files' order."""
    findings: list[bpmn.Finding] = []
    deployed: list[DeployedFile] = []
    for name, content in files.items():
        try:
            deployed.append(_read(engine, name, content))
        except errors.DiagramRefused as refused:
            findings += [found for found in refused.findings if isinstance(found, bpmn.Finding)]
        except engine.forms.FormRefused as refused:
            findings += [bpmn.Finding(**vars(found)) for found in refused.findings]  # type: ignore[attr-defined]
        except (errors.Refusal, dmn.ModelError) as refused:
            findings.append(_unreadable(name, refused.message, refused.params))
        except UnicodeDecodeError:
            findings.append(_unreadable(name, "The file is not text in UTF-8.", {}))
    findings += _claimed_twice(deployed)
    known = _known(engine, [*base, *((file.kind, key) for file in deployed for key in file.keys)])
    for file in deployed:
        if file.kind == "process":
            findings += bpmn.lint(file.content, known)
        if file.kind == "form":
            findings += _unknown_effects(engine, file)
        if file.kind == "decision":
            findings += _faulty_expressions(engine, file)
    return findings, deployed


def _read(engine: Engine, name: str, content: bytes) -> DeployedFile:
    path = PurePath(name)
    kind = KINDS.get(path.suffix)
    if kind is None:
        raise errors.UnknownFile(name=path.name)
    parsed = engine.definitions.parse(kind, content)
    match kind:
        case "process":
            keys = (parsed.process_id,)
        case "decision":
            keys = tuple(parsed.decisions)
        case "form":
            keys = (parsed.id,)
        case _:
            keys = (path.name,)
    return DeployedFile(path.name, kind, keys, content)


def _unreadable(name: str, message: str, params: Mapping[str, object]) -> bpmn.Finding:
    return bpmn.Finding("error", "readable", PurePath(name).name, 0, message, params, "")


def _claimed_twice(files: list[DeployedFile]) -> list[bpmn.Finding]:
    claims = Counter((file.kind, key) for file in files for key in file.keys)
    message = "{count} of the files hold a {kind} of this name."
    hint = "Give each a name of its own, or leave the others out."
    return [
        bpmn.Finding("error", "name-unique", key, 0, message, {"count": count, "kind": kind}, hint)
        for (kind, key), count in claims.items()
        if count > 1
    ]


def _known(engine: Engine, items: Iterable[tuple[str, str]]) -> bpmn.Known:
    keys: dict[str, set[str]] = {"process": set(), "form": set(), "decision": set()}
    for kind, key in items:
        keys.setdefault(kind, set()).add(key)
    return bpmn.Known(keys["process"], keys["form"], keys["decision"], set(engine.services.tasks))


def _unknown_effects(engine: Engine, file: DeployedFile) -> list[bpmn.Finding]:
    form = engine.definitions.parse("form", file.content)
    message = "The form declares the unknown effect {effect}."
    hint = "Use an effect that this installation knows."
    return [
        bpmn.Finding("error", "effect-known", form.id, 0, message, {"effect": effect}, hint)
        for effect in form.effects
        if effect not in engine.services.effects
    ]


def _faulty_expressions(engine: Engine, file: DeployedFile) -> list[bpmn.Finding]:
    model: dmn.Model = engine.definitions.parse("decision", file.content)
    hint = "Declare what the decision needs as its required inputs, and mend the expression."
    return [
        bpmn.Finding(
            "error", "decision-feel", model.id, found.line, found.error.message, found.error.params, hint
        )
        for found in [*model.problems, *model.unknown_names]
    ]
