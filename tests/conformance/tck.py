"""Runs folders of the DMN Technology Compatibility Kit: `python -m tests.conformance.tck DIR [--json]`."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from lxml import etree

from engine import dmn, feel
from tests.conformance.values import read_value, same

SECONDS = 5
Element = etree._Element


@dataclass(frozen=True)
class Result:
    """One expected result: where it stands, if it expects an error, and why it failed (empty: passed)."""

    level: str
    folder: str
    case: str
    node: str
    expects_error: bool
    failure: str

    @property
    def passed(self) -> bool:
        return not self.failure


class TooSlowError(Exception):
    """A case took longer than five seconds."""


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def local(element: Element, name: str) -> list[Element]:
    """Child elements by their local name."""
    return [child for child in element if isinstance(child.tag, str) and etree.QName(child).localname == name]


def run(directory: Path) -> Iterator[Result]:
    """The results of all test files under a directory, in the order of their names."""
    for path in sorted(directory.rglob("*.xml")):
        root = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
        if etree.QName(root).localname == "testCases":
            yield from run_file(path, root)


def run_file(path: Path, root: Element) -> Iterator[Result]:
    """The results of one test file."""
    try:
        model: dmn.Model | Exception = load(path, root)
    except (dmn.ModelError, OSError) as error:
        model = error
    level = path.parent.parent.name
    for case in local(root, "testCase"):
        for node in local(case, "resultNode"):
            failure = str(model) if isinstance(model, Exception) else check(model, case, node)
            expects_error = node.get("errorResult") == "true"
            name = node.get("name") or ""
            yield Result(level, path.parent.name, case.get("id") or "", name, expects_error, failure)


def load(path: Path, root: Element) -> dmn.Model:
    """The model that a test file names, with all others of its folder for imports."""
    names = local(root, "modelName")
    main = path.parent / (names[0].text or "").strip()
    others = sorted(other for other in path.parent.glob("*.dmn") if other != main)
    return dmn.load(main, *others)


def check(model: dmn.Model, case: Element, node: Element) -> str:
    """Why a result is not what the case expects; empty where it is."""
    expects_error = node.get("errorResult") == "true"
    expected = local(node, "expected")
    wanted = read_value(expected[0]) if expected else None
    try:
        with time_limit(SECONDS):
            found = evaluate(model, case, node.get("name") or "")
    except feel.FeelError as error:
        return "" if expects_error else f"FeelError: {error}"
    except TooSlowError:
        return f"took longer than {SECONDS} s"
    except Exception as error:  # any other exception is a failure of the engine, to be listed
        return f"{type(error).__name__}: {error}"
    if expects_error:
        return "" if found is None else f"expected an error, found {show(found)}"
    return "" if same(wanted, found) else f"expected {show(wanted)}, found {show(found)}"


def evaluate(model: dmn.Model, case: Element, name: str) -> Any:
    """The value of a result node, of a decision or of what the case invokes."""
    context = {node.get("name") or "": read_value(node) for node in local(case, "inputNode")}
    invoked = case.get("invocableName")
    if case.get("type", "decision") == "decision" or not invoked:
        return model.evaluate(name, context)
    value = model.evaluate(invoked, context)
    outputs = model.services.get(invoked, ())
    return value.get(name) if len(outputs) > 1 and isinstance(value, dict) else value


def show(value: Any) -> str:
    """A value for the list of failures."""
    return f"{type(value).__name__} {feel.text_of(value)[:200]}"


def counts(results: list[Result]) -> dict[str, Any]:
    """Passed and total of values and of errors, for each level and each folder."""
    table: dict[str, Any] = {}
    for result in results:
        level = table.setdefault(result.level, {"values": [0, 0], "errors": [0, 0], "folders": {}})
        folder = level["folders"].setdefault(result.folder, {"values": [0, 0], "errors": [0, 0]})
        for place in (level, folder):
            passed_total = place["errors" if result.expects_error else "values"]
            passed_total[0] += result.passed
            passed_total[1] += 1
    return table


def report(results: list[Result]) -> str:
    """The counts and the failures as text."""
    lines = []
    for level, found in sorted(counts(results).items()):
        lines.append(f"{level}: {line(found)}")
        lines += [f"  {folder}: {line(inner)}" for folder, inner in sorted(found["folders"].items())]
    failed = [result for result in results if not result.passed]
    lines += [f"FAILED {r.folder} {r.case} {r.node}: {r.failure}" for r in failed]
    lines.append(f"{len(results) - len(failed)} of {len(results)} passed")
    return "\n".join(lines)


def line(found: dict[str, Any]) -> str:
    values, errors = found["values"], found["errors"]
    return f"values {values[0]}/{values[1]}, errors {errors[0]}/{errors[1]}"


def main(arguments: list[str]) -> int:
    """Run a directory; the exit code is 1 when something failed or nothing was found."""
    directories = [Path(argument) for argument in arguments if not argument.startswith("--")]
    if len(directories) != 1 or not directories[0].is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    results = list(run(directories[0]))
    if "--json" in arguments:
        failures = [vars(result) for result in results if not result.passed]
        print(json.dumps({"levels": counts(results), "failures": failures}, ensure_ascii=False, indent=1))
    else:
        print(report(results))
    return 0 if results and all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
