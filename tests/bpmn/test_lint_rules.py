"""Each rule has a diagram that breaks it; it tells the line and the way to mend it, in both languages."""

import re
from functools import cache
from pathlib import Path
from xml.parsers import expat

import pytest
from babel.messages.pofile import read_po

from engine import bpmn
from engine.bpmn.rules import RULES
from engine.bpmn.rules_world import WORLD_RULES
from web.findings import as_json

from .conftest import Drawing
from .test_hostile import ALL
from .test_lint import KNOWN, PAIRS, straight
from .test_lint_tokens import CROWDED
from .test_lint_tokens import drawn as tokens

CATALOGUE = Path(__file__).parents[2] / "web" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
ENGLISH = re.compile(r"[a-z]{3,} [a-z]{2,}")
# Found between files, where tests/processes/test_names.py and tests/engine/test_definitions.py look for them.
BETWEEN_FILES = {
    "called-start", "condition-false", "condition-never", "feel-function", "feel-key", "gateway-gap",
    "law-unproved", "name-unknown", "play-limit",
}  # fmt: skip


def plain():
    return Drawing().start().node("userTask", "work", name="工作").end().chain("begun", "work", "done")


def repeated():
    marker = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="false"><bpmn:extensionElements>'
        '<zeebe:loopCharacteristics inputCollection="=parties" inputElement="party"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    return straight(Drawing, "userTask", marker)


def nested():
    drawing, inner = plain(), Drawing().start("in").end("out").chain("in", "out")
    return drawing.sub_process("inside", inner).chain("work", "inside", "in")


MORE = {
    "attribute-value": lambda: straight(Drawing, "subProcess", triggeredByEvent="perhaps"),
    "boundary-incoming": lambda: plain().boundary("late", "work", Drawing().timer()).chain("late", "done")
    .flow("work", "late").xml(),
    "complex-gateway": lambda: straight(Drawing, "complexGateway"),
    "end-outgoing": lambda: plain().flow("done", "work").xml(),
    "follow-up": lambda: straight(
        Drawing, "userTask",
        '<bpmn:extensionElements><zeebe:formDefinition formId="form_1"/>'
        '<zeebe:taskSchedule followUpDate="=today()"/></bpmn:extensionElements>',
    ),
    "flow-crosses": lambda: nested().xml(),
    "id-missing": lambda: plain().xml().replace(b'<bpmn:endEvent id="done">', b"<bpmn:endEvent>"),
    "link-name": lambda: plain().node("intermediateThrowEvent", "gone", "<bpmn:linkEventDefinition />").xml(),
    "loop-kept": repeated,
    "special-sub-process": lambda: straight(Drawing, "transaction"),
    "start-incoming": lambda: plain().flow("work", "begun").xml(),
    "superfluous-gateway": lambda: straight(Drawing, "exclusiveGateway"),
    "join-missing": lambda: tokens(CROWDED["a fork into a merge"][0]),
    "not-bpmn": lambda: b"<definitions id='d'/>",
    "doctype": lambda: ALL["a parameter entity"],
    "encoding": lambda: ALL["UTF-7"],
    "xml": lambda: ALL["a NUL"],
    "depth": lambda: ALL["deep nesting"],
    "size": lambda: ALL["100,000 siblings"],
    "attribute-count": lambda: ALL["100,000 attributes"],
    "more": lambda: ALL["45,000 unknown elements"],
}  # fmt: skip


@cache
def examples():
    """One finding of each rule that the diagrams of these tests break."""
    found = {}
    for source in [wrong(Drawing) for wrong, _, _ in PAIRS.values()] + [draw() for draw in MORE.values()]:
        for one in bpmn.lint(source, KNOWN):
            found.setdefault(one.rule, one)
    return found


@cache
def chinese():
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="zh")
    return lambda message: str(getattr(catalogue.get(message), "string", "") or message)


def test_every_rule_is_broken_by_a_diagram_here():
    assert set(examples()) == set(RULES) | set(WORLD_RULES) - BETWEEN_FILES


@pytest.mark.parametrize("rule", MORE)
def test_the_diagram_of_a_rule_breaks_it(rule):
    assert rule in {one.rule for one in bpmn.lint(MORE[rule](), KNOWN)}


@pytest.mark.parametrize("rule", sorted(set(RULES) | set(WORLD_RULES) - BETWEEN_FILES))
def test_a_finding_names_its_line_and_the_way_to_mend_it_in_both_languages(rule):
    found = examples()[rule]
    english, translated = as_json(found, str), as_json(found, chinese())
    assert found.line >= 1
    for shown in (english, translated):
        assert shown["message"]
        assert shown["hint"]
        assert "{" not in str(shown["message"]) + str(shown["hint"])
    said = re.sub(r"“.*?”|\(.*?\)|（.*?）", "", f"{translated['message']} {translated['hint']}")
    assert not ENGLISH.search(said), said


# What expat can say of a file without a DOCTYPE: the others are of entities, of its caller, of memory.
SAID_OF_FILES = (*range(2, 10), 11, 14, *range(17, 21), 27, 28, 30, 38, 39, 40)


@pytest.mark.parametrize("code", SAID_OF_FILES)
def test_what_is_wrong_with_xml_is_told_in_chinese(code):
    assert not ENGLISH.search(chinese()(expat.ErrorString(code)))
