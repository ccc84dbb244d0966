"""The house rules that a tool can check: sizes, names, and what is forbidden everywhere."""

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from engine import errors

ROOT = Path(__file__).resolve().parent.parent
OURS = sorted(
    path
    for folder in ("engine", "forms", "web")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FILE_LINES, TEST_LINES, FUNCTION_LINES, PARAMETERS = 300, 700, 40, 5
# A table of data or a grammar may be longer where that reads better.
LONG_FILES = {
    "engine/migrations/versions/0001_the_first_tables.py": "every table, as Alembic wrote them",
    "engine/feel/parser.py": "one grammar",
    "engine/feel/regex/parse.py": "one grammar",
    "engine/bpmn/rules.py": "one table of the rules with their words",
    "engine/errors.py": "one list of the refusals with their words",
    "engine/mediation/law.py": "one table of the rules with their articles",
    "engine/mediation/invariants.py": "one table of the order that the law wants",
    "web/words.py": "one table of the words for codes",
}
LONG_FUNCTIONS = {
    "engine/migrations/versions/0001_the_first_tables.py:upgrade": "every table, as Alembic wrote them",
    "engine/migrations/versions/0001_the_first_tables.py:downgrade": "every table, as Alembic wrote them",
}
NEVER_NAMED = ("Manager", "Helper", "Util", "Handler", "Base")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """All nodes of a module, itself first."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def functions(path: Path) -> Iterator[Function]:
    return (node for node in nodes_of(path) if isinstance(node, Function))


def lines_of(node: Function) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


@pytest.mark.parametrize(("paths", "limit"), [(OURS, FILE_LINES), (TESTS, TEST_LINES)], ids=["ours", "tests"])
def test_no_file_is_too_long(paths: list[Path], limit: int) -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {name for name, length in lengths.items() if length > limit} - set(LONG_FILES) == set()


def test_no_function_is_too_long_and_most_are_short() -> None:
    lengths = {f"{name_of(path)}:{node.name}": lines_of(node) for path in OURS for node in functions(path)}
    assert {name for name, lines in lengths.items() if lines > FUNCTION_LINES} - set(LONG_FUNCTIONS) == set()
    assert sorted(lengths.values())[len(lengths) // 2] < 10


def test_no_exception_to_the_sizes_outlives_its_file() -> None:
    assert all((ROOT / name.split(":")[0]).exists() for name in [*LONG_FILES, *LONG_FUNCTIONS])


def test_no_function_takes_too_many_parameters() -> None:
    many = [
        f"{name_of(path)}:{node.name}"
        for path in OURS
        for node in functions(path)
        if len([a for a in (*node.args.posonlyargs, *node.args.args) if a.arg not in ("self", "cls")])
        > PARAMETERS
    ]
    assert many == []


def test_every_module_begins_with_a_line_that_says_what_it_is() -> None:
    modules = {name_of(path): cast(ast.Module, nodes_of(path)[0]) for path in OURS}
    assert [name for name, module in modules.items() if not ast.get_docstring(module)] == []


def test_every_refusal_has_its_message_and_a_status_of_http() -> None:
    for name, refusal in inspect.getmembers(errors, inspect.isclass):
        if issubclass(refusal, errors.Refusal):
            assert vars(refusal)["__doc__"], name
            assert 400 <= refusal.status <= 500, name


def test_nothing_is_evaluated_executed_or_unpickled() -> None:
    calls = [
        f"{name_of(path)}:{node.lineno}"
        for path in OURS
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"eval", "exec", "compile", "__import__"}
    ]
    assert calls == []
    assert [name_of(path) for path in OURS if "import pickle" in path.read_text(encoding="utf-8")] == []


def test_nothing_commits_but_the_block_of_a_command() -> None:
    commits = {
        name_of(path)
        for path in OURS
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert commits == set()


def test_imports_stand_at_the_top() -> None:
    inside = [
        f"{name_of(path)}:{node.name}"
        for path in OURS
        for node in functions(path)
        if any(isinstance(part, ast.Import | ast.ImportFrom) for part in ast.walk(node))
    ]
    assert inside == []


def test_no_class_is_named_for_doing_everything() -> None:
    named = [
        f"{name_of(path)}:{node.name}"
        for path in OURS
        for node in nodes_of(path)
        if isinstance(node, ast.ClassDef) and node.name.endswith(NEVER_NAMED)
    ]
    assert named == []
