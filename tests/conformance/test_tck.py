"""The kit passes, and its runner fails wrong answers."""

import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from engine import feel
from tests.conformance import tck
from tests.conformance.values import read_value, same

KIT = Path(os.environ.get("WOSHOU_TCK") or Path(__file__).parents[3] / "shared" / "conformance")


@pytest.fixture
def kit():
    """The kit's folder; where there is none the test fails in CI and is skipped elsewhere."""
    if not KIT.is_dir():
        absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        absent(f"no kit at {KIT}; WOSHOU_TCK names its folder")
    return KIT


CONFORMANCE = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text(encoding="utf-8")

MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="m" name="m" namespace="m">
<inputData name="n" id="n"><variable name="n" typeRef="number"/></inputData>
<decision name="d" id="d"><variable name="d"/>
<informationRequirement><requiredInput href="#n"/></informationRequirement>
<literalExpression><text>{text}</text></literalExpression></decision></definitions>"""
CASES = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
<modelName>m.dmn</modelName><testCase id="1">
<inputNode name="n"><value xsi:type="xsd:decimal">2</value></inputNode>
<resultNode name="d" {attributes}><expected>{expected}</expected></resultNode></testCase></testCases>"""
VALUE = '<value xsi:type="xsd:{kind}">{text}</value>'
NIL = '<value xsi:nil="true"/>'


def outcome(folder, text, expected, attributes=""):
    place = folder / "level" / "folder"
    place.mkdir(parents=True, exist_ok=True)
    (place / "m.dmn").write_text(MODEL.format(text=text))
    (place / "m-test.xml").write_text(CASES.format(expected=expected, attributes=attributes))
    (result,) = tck.run(folder)
    return result


def test_the_kit_passes_but_for_what_the_page_on_conformance_names(kit):
    results = list(tck.run(kit))
    failed = sorted((result.folder, result.case) for result in results if not result.passed)
    assert len(results) > 1600
    assert failed == sorted(re.findall(r"^\| `([\w-]+)` \| `(\w+)` \|", CONFORMANCE, re.MULTILINE))
    for level, found in tck.counts(results).items():
        for passed, total in (found["values"], found["errors"]):
            assert passed == total or (level, passed / total) >= ("compliance-level-3", 0.99)


@pytest.mark.parametrize(
    ("text", "kind", "wanted", "passes"),
    [
        ("n + 1", "decimal", "3", True),
        ("n + 1", "decimal", "3.00000001", True),
        ("n + 1", "decimal", "3.0000001", False),
        ("n + 1", "string", "3", False),
        ('"3"', "decimal", "3", False),
        ("n = 2", "boolean", "true", True),
        ("n = 2", "decimal", "1", False),
        ('@"2026-11-23"', "date", "2026-11-23", True),
        ('@"2026-11-23T00:00:00"', "date", "2026-11-23", False),
        ('@"10:00:00Z"', "time", "11:00:00+01:00", False),
        ('@"10:00:00"', "time", "10:00:00Z", False),
        ('@"P1Y"', "duration", "P12M", True),
        ('@"P1D"', "duration", "PT25H", False),
        ("null", "decimal", "0", False),
        ("[n]", "decimal", "2", False),
    ],
)
def test_a_result_is_compared_by_type_and_value(tmp_path, text, kind, wanted, passes):
    assert outcome(tmp_path, text, VALUE.format(kind=kind, text=wanted)).passed is passes


def test_lists_are_compared_in_order_and_contexts_by_all_their_entries():
    assert same([Decimal(1), Decimal(2)], [Decimal(1), Decimal(2)])
    assert not same([Decimal(1), Decimal(2)], [Decimal(2), Decimal(1)])
    assert not same([Decimal(1)], [Decimal(1), None])
    assert same({"a": None}, {"a": None})
    assert not same({"a": Decimal(1)}, {"a": Decimal(1), "b": Decimal(2)})
    assert not same({"a": Decimal(1)}, [Decimal(1)])
    assert not same(True, Decimal(1))


def test_a_list_and_its_components_are_read_with_their_types():
    text = CASES.format(
        attributes="",
        expected="<list><item><component name='a'><value xsi:type='xsd:string'>x</value></component></item>"
        f"<item>{NIL}</item></list>",
    )
    expected = next(etree.fromstring(text).iter("{*}expected"))
    assert read_value(expected) == [{"a": "x"}, None]


@pytest.mark.parametrize(
    ("text", "passes"), [("null", True), ("1 + ", True), ('n + "x"', True), ("n", False)]
)
def test_an_expected_error_is_a_feel_error_or_null_and_is_counted_apart(tmp_path, text, passes):
    result = outcome(tmp_path, text, NIL, 'errorResult="true"')
    assert result.expects_error
    assert result.passed is passes


def test_a_feel_error_is_no_expected_null(tmp_path):
    assert outcome(tmp_path, "1 + ", NIL).passed is False
    assert outcome(tmp_path, "null", NIL).passed is True


def test_another_exception_is_a_failure_even_where_an_error_is_expected(tmp_path, monkeypatch):
    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(tck.dmn.Model, "evaluate", broken)
    result = outcome(tmp_path, "null", NIL, 'errorResult="true"')
    assert result.failure == "ZeroDivisionError: a defect"


def test_a_case_that_takes_too_long_fails(tmp_path, monkeypatch):
    def endless(*_args, **_kwargs):
        while True:
            pass

    monkeypatch.setattr(tck, "SECONDS", 1)
    monkeypatch.setattr(tck.dmn.Model, "evaluate", endless)
    assert outcome(tmp_path, "null", NIL, 'errorResult="true"').failure == "took longer than 1 s"


def test_the_command_counts_levels_and_folders_and_lists_what_fails(tmp_path, capsys):
    outcome(tmp_path, "n", VALUE.format(kind="decimal", text="5"))
    assert tck.main([str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "level: values 0/1, errors 0/0" in printed
    assert "FAILED folder 1 d: expected Decimal 5, found Decimal 2" in printed
    assert tck.main([str(tmp_path), "--json"]) == 1
    assert '"values": [\n    0,\n    1\n   ]' in capsys.readouterr().out
    assert tck.main([]) == 2


def test_an_empty_folder_is_a_failure(tmp_path):
    assert tck.main([str(tmp_path)]) == 1
    assert feel.text_of(None) == "null"
