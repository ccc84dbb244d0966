import ast
import inspect
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from engine import errors
from engine.bpmn import report
from engine.mediation import invariants, law
from web import findings, words

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "web" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "text": None}
SAID = ("add", "forbids", "wrong", "Message", "RenderingFailed", "Unreadable", "Finding")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh")


def missing(catalogue: Catalog, messages: set[str]) -> set[str]:
    return {message for message in messages if message and not getattr(catalogue.get(message), "string", "")}


def test_every_text_of_pages_and_commands_is_there_in_chinese(catalogue: Catalog) -> None:
    methods = [("templates/**.html", "jinja2"), ("**.py", "python")]
    found = extract_from_dir(ROOT / "web", methods, keywords=KEYWORDS)
    assert missing(catalogue, {_first(message) for _, _, message, _, _ in found}) == set()


def test_each_message_is_there_once() -> None:
    messages = re.findall(r'^msgid "(.+)"$', CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [message for message, count in Counter(messages).items() if count > 1] == []


def test_every_refusal_of_the_engine_is_there_in_chinese(catalogue: Catalog) -> None:
    classes = [
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.Refusal)
    ]
    assert len(classes) > 20
    assert missing(catalogue, {kind.__doc__ or "" for kind in classes}) == set()


def test_what_effects_and_forms_say_of_answers_is_there_in_chinese(catalogue: Catalog) -> None:
    paths = [*(ROOT / "engine" / "mediation").glob("*.py"), *(ROOT / "forms").glob("*.py")]
    said = {text for path in paths for text in _sentences(path)}
    assert len(said) > 30
    assert missing(catalogue, said) == set()


def test_what_the_lint_says_is_there_in_chinese(catalogue: Catalog) -> None:
    said = {text for rule in report.ALL_RULES.values() for text in (rule.message, rule.hint)}
    assert len(said) > 50
    assert missing(catalogue, said) == set()


def test_what_is_said_of_the_files_of_a_release_is_there_in_chinese(catalogue: Catalog) -> None:
    nodes = list(ast.walk(ast.parse((ROOT / "engine" / "checks.py").read_text("utf-8"))))
    docstrings = [node.value for node in nodes if isinstance(node, ast.Expr)]
    texts = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings
    }
    said = {text for text in texts if " " in text}
    assert len(said) > 8
    assert missing(catalogue, said) == set()


def test_the_words_for_codes_in_findings_are_there_in_chinese(catalogue: Catalog) -> None:
    assert missing(catalogue, set(findings.WORDS.values())) == set()


def test_what_the_law_s_invariants_say_is_there_in_chinese(catalogue: Catalog) -> None:
    rows = invariants.law_on(law.READ_ON).invariants
    assert len(rows) > 8
    assert missing(catalogue, {text for row in rows for text in (row.message, row.hint)}) == set()


def test_every_article_is_there_in_chinese(catalogue: Catalog) -> None:
    assert missing(catalogue, {rule.law_ref for rule in law.RULES}) == set()
    for rule in law.RULES:
        assert catalogue[rule.law_ref].string == rule.law_ref_zh


def test_nothing_is_fuzzy_and_every_place_is_kept(catalogue: Catalog) -> None:
    for message in catalogue:
        assert not message.fuzzy or not message.id
        assert not list(message.check(catalogue)), message.id
        if isinstance(message.id, str) and message.id:
            assert _places(message.id) == _places(str(message.string)), message.id


def test_every_action_that_the_engine_records_has_a_word() -> None:
    recorded = {
        call.args[0].value
        for path in (ROOT / "engine").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _name(call) == "Entry" and isinstance(call.args[0], ast.Constant)
    }
    of_tenants = {"account.signed_in", "release.deployed", "release.activated"}
    assert recorded - of_tenants - set(words.ACTIONS) == set()


def _first(message: str | tuple[str, ...]) -> str:
    return message if isinstance(message, str) else message[0]


def _name(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _sentences(path: Path) -> set[str]:
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return {
        argument.value
        for call in calls
        if _name(call) in SAID
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and " " in argument.value
    }


def _places(text: str) -> list[str]:
    return sorted(part.split("}")[0] for part in text.split("{")[1:])
