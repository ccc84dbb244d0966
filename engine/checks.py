"""What files are checked for, as one release, before they are deployed."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePath
from typing import Any

from engine import Engine, bpmn, calendar, dmn, errors

Items = Mapping[tuple[str, str], Any]
KINDS = {".bpmn": "process", ".dmn": "decision", ".form": "form", ".html": "template", ".css": "style"}


@dataclass(frozen=True)
class DeployedFile:
    """A file to deploy: its kind, the keys under which a release finds it, and what it says."""

    name: str
    kind: str
    keys: tuple[str, ...]
    content: bytes
    parsed: Any = field(compare=False, repr=False)

    @property
    def hash(self) -> str:
        """SHA-256 of the content."""
        return hashlib.sha256(self.content).hexdigest()


def check(
    engine: Engine, files: Mapping[str, bytes], base: Items | None = None
) -> tuple[list[bpmn.Finding], list[DeployedFile]]:
    """Lint files as one release together with the base's items, (kind, key) → what was parsed of each.

    Gives the findings in the files' order and the files that can be read. What refers to a file that can't
    be read is not called unknown. What is found between files comes last, and only if nothing is wrong
    with any file alone.
    """
    base = base or {}
    findings: list[bpmn.Finding] = []
    deployed: list[DeployedFile] = []
    for name, content in files.items():
        found = _read_into(engine, name, content, deployed)
        findings += [replace(one, file=PurePath(name).name) for one in found]
    findings += _claimed_twice(deployed)
    known = _known(engine, [*base, *((file.kind, key) for file in deployed for key in file.keys)])
    refused = {PurePath(name).name for name in files} - {file.name for file in deployed}
    in_doubt = {f"{KINDS.get(PurePath(name).suffix)}-unknown" for name in refused}
    for file in deployed:
        found = [one for one in _in_file(engine, file, known) if one.rule not in in_doubt]
        findings += [replace(one, file=file.name) for one in found]
    if not any(found.severity == "error" for found in findings):
        findings = _between(engine, deployed, base, findings)
    return findings, deployed


def _read_into(engine: Engine, name: str, content: bytes, deployed: list[DeployedFile]) -> list[bpmn.Finding]:
    try:
        deployed.append(_read(engine, name, content))
    except errors.DiagramRefused as refused:
        return [found for found in refused.findings if isinstance(found, bpmn.Finding)]
    except engine.forms.FormRefused as refused:
        return [bpmn.Finding(**vars(found)) for found in refused.findings]  # type: ignore[attr-defined]
    except (errors.Refusal, dmn.ModelError) as refused:
        return [_unreadable(name, refused.message, refused.params)]
    except UnicodeDecodeError:
        return [_unreadable(name, "The file is not text in UTF-8.", {})]
    return []


def _in_file(engine: Engine, file: DeployedFile, known: bpmn.Known) -> list[bpmn.Finding]:
    match file.kind:
        case "process":
            return bpmn.lint(file.content, known)
        case "form":
            return _unknown_effects(engine, file) + _unknown_functions(engine, file)
        case "decision":
            return _faulty_expressions(file)
        case _:
            return []


def _between(
    engine: Engine, deployed: list[DeployedFile], base: Items, findings: list[bpmn.Finding]
) -> list[bpmn.Finding]:
    """The findings with those between the files, and without those that the whole release settles."""
    own = {(file.kind, key): file for file in deployed for key in file.keys}
    held = {kind: dict[str, Any]() for kind in ("process", "form", "decision")}
    for kind, key in {**dict.fromkeys(base), **own}:
        if kind in held:
            held[kind][key] = own[kind, key].parsed if (kind, key) in own else base[kind, key]
    world = bpmn.World(
        processes=held["process"],
        outcome=_remembered(partial(_outcome, engine, held)),
        facts=set(engine.services.facts),
        functions=_functions(engine),
        keys={name: found.keys for name, found in engine.services.tenant_functions.items()},
    )
    judged = bpmn.lint_world(world, engine.services.law(engine.now().date()))
    names = {key: file.name for (kind, key), file in own.items() if kind == "process"}
    found = [replace(one, file=names.get(process_id, "")) for process_id, one in judged.findings]
    kept = [one for one in findings if (one.rule, one.element_id) not in judged.settled]
    return kept + found


def _remembered(outcome: Callable[[bpmn.Node], bpmn.Outcome]) -> Callable[[bpmn.Node], bpmn.Outcome]:
    known: dict[int, bpmn.Outcome] = {}

    def remembered(node: bpmn.Node) -> bpmn.Outcome:
        if id(node) not in known:
            known[id(node)] = outcome(node)
        return known[id(node)]

    return remembered


def _outcome(engine: Engine, held: Mapping[str, Mapping[str, Any]], node: bpmn.Node) -> bpmn.Outcome:
    """What completing an activity does, as its form, service or decision declares it."""
    match node.kind:
        case "user_task":
            form = held["form"].get(node.form_id or "")
            return bpmn.Outcome(is_open=True) if form is None else _answered(engine, form)
        case "service_task" | "send_task":
            task = engine.services.tasks.get(node.service or "")
            if task is None or task.variables is None:
                return bpmn.Outcome(task.effects if task else frozenset(), is_open=True)
            return bpmn.Outcome(task.effects, dict.fromkeys(task.variables))
        case "business_rule_task":
            return _decided(held["decision"], node)
        case "script_task":
            return bpmn.Outcome(answers={node.result_variable or "result": None})
        case _ if node.message:
            brought = engine.services.messages.get(node.message)
            return bpmn.Outcome(answers=dict.fromkeys(brought or ()), is_open=brought is None)
        case _:
            return bpmn.Outcome()


def _answered(engine: Engine, form: Any) -> bpmn.Outcome:
    private = {name for effect in form.effects for name in engine.services.private.get(effect, ())}
    answers = {name: form.choices.get(name) for name in form.fields - private}
    return bpmn.Outcome(frozenset(form.effects), answers, reads=form.reads)


def _decided(decisions: Mapping[str, dmn.Model], node: bpmn.Node) -> bpmn.Outcome:
    result, decision_id = node.result_variable or "result", node.decision_id or ""
    if decision_id not in decisions:
        return bpmn.Outcome(answers={result: None})
    model = decisions[decision_id]
    columns = model.outputs(decision_id)
    answers = {f"{result}.{name}".rstrip("."): values for name, values in columns.items()}
    return bpmn.Outcome(answers=answers, reads=model.reads(decision_id))


def dangling(processes: Iterable[bpmn.Definition], items: Collection[tuple[str, str]]) -> list[bpmn.Finding]:
    """What these processes refer to that is not among the items: (kind, key)."""
    message = "{element_id} still needs the {kind} {key}."
    hint = "Keep what is needed, or remove or change what needs it too."
    return [
        bpmn.Finding(
            "error", "needed", node.id, node.line, message,
            {"element_id": node.id, "kind": kind, "key": key}, hint,
        )
        for process in processes
        for node in process.nodes.values()
        for kind, key in _needs(node)
        if (kind, key) not in items
    ]  # fmt: skip


def _needs(node: bpmn.Node) -> list[tuple[str, str]]:
    template = node.properties.get("document")
    needs = {
        "form": node.form_id,
        "process": node.called_process,
        "decision": node.decision_id,
        "template": template and f"{template}.html",
    }
    return [(kind, key) for kind, key in needs.items() if key]


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
    return DeployedFile(path.name, kind, keys, content, parsed)


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
    form = file.parsed
    message = "The form declares the unknown effect {effect}."
    hint = "Use an effect that this installation knows."
    return [
        bpmn.Finding("error", "effect-known", form.id, 0, message, {"effect": effect}, hint)
        for effect in form.effects
        if effect not in engine.services.effects
    ]


def _unknown_functions(engine: Engine, file: DeployedFile) -> list[bpmn.Finding]:
    form, known = file.parsed, _functions(engine)
    names = {name for name, _ in form.calls} - known
    found = [("feel-function", {"name": name, "attribute": form.id}) for name in sorted(names)]
    for name, function in engine.services.tenant_functions.items():
        keys = {key for called, key in form.calls if called == name and key is not None} - function.keys
        found += [("feel-key", {"name": name, "key": key, "attribute": form.id}) for key in sorted(keys)]
    return [bpmn.finding(rule, form.id, 0, dict(params), form.title) for rule, params in found]


def _functions(engine: Engine) -> set[str]:
    services = engine.services
    return {*services.functions, *services.tenant_functions, *calendar.NAMES, "now", "today"}


def _faulty_expressions(file: DeployedFile) -> list[bpmn.Finding]:
    model: dmn.Model = file.parsed
    hint = "Declare what the decision needs as its required inputs, and mend the expression."
    told = {
        "The expression can't be read: {problem}": model.problems,
        "The expression always fails: {problem}": model.faults,
    }
    return [
        bpmn.Finding("error", "decision-feel", model.id, found.line, message, {"problem": found.error}, hint)
        for message, problems in told.items()
        for found in problems
    ]
