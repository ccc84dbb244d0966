"""Hostile XML is refused before anything in it is expanded, fetched or run; nothing raises but a refusal."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import bpmn, errors
from engine.bpmn import xml

EXTERNAL = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
LAUGHS = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>\n'


def harmless(draw):
    drawing = draw().start().node("userTask", "work", "<bpmn:documentation>text</bpmn:documentation>").end()
    return drawing.chain("begun", "work", "done").xml()


def only(source):
    (found,) = [found for found in bpmn.lint(source) if found.severity == "error"]
    return found


@pytest.mark.parametrize(
    "head", [EXTERNAL, LAUGHS, b"<!DOCTYPE d>\n", b'<!DOCTYPE d SYSTEM "http://x.invalid/d">\n']
)
def test_a_doctype_is_refused_by_the_id_of_the_root(draw, head):
    source = harmless(draw)
    found = only(head + source)
    assert (found.rule, found.element_id, found.line) == ("doctype", "definitions_1", 1)
    with pytest.raises(errors.DiagramRefused) as refusal:
        bpmn.load(head + source)
    assert refusal.value.params == {"element_ids": "definitions_1"}
    assert not [found for found in bpmn.lint(source) if found.severity == "error"]


@pytest.mark.parametrize("place", [b">text<", b'id="done"'])
def test_an_external_entity_in_text_or_attribute_is_refused_and_never_read(draw, place):
    use = {b">text<": b">&x;<", b'id="done"': b'id="done" name="&x;"'}[place]
    found = only(EXTERNAL + harmless(draw).replace(place, use))
    assert (found.rule, found.element_id) == ("doctype", "definitions_1")
    assert "root:" not in str(found)


def test_an_entity_that_nobody_declared_is_refused(draw):
    assert only(harmless(draw).replace(b">text<", b">&x;<")).rule == "xml"
    assert (
        bpmn.load(harmless(draw).replace(b">text<", b">&lt;b&gt;&amp;<")).nodes["work"].documentation
        == "<b>&"
    )


def test_text_with_markup_stays_text(draw):
    source = harmless(draw).replace(b">text<", b"><![CDATA[<script>]]><")
    assert bpmn.load(source).nodes["work"].documentation == "<script>"


def test_deep_nesting_is_refused_where_it_begins(draw):
    deep = b"<bpmn:x>" * 60 + b"</bpmn:x>" * 60
    found = only(harmless(draw).replace(b">text<", b">" + deep + b"<"))
    assert (found.rule, found.element_id) == ("depth", "work")


def test_too_many_bytes_or_elements_are_refused(draw):
    source = harmless(draw)
    assert only(source.replace(b">text<", b">" + b"x" * xml.MAX_BYTES + b"<")).rule == "size"
    assert only(source.replace(b">text<", b">" + b"<x/>" * xml.MAX_ELEMENTS + b"<")).rule == "size"
    assert bpmn.lint(source.replace(b">text<", b">" + b"x" * 100_000 + b"<")) == bpmn.lint(source)


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "iso-8859-1"])
def test_only_utf_8_is_read(draw, encoding):
    source = f'<?xml version="1.0" encoding="{encoding}"?>' + harmless(draw).decode()
    assert only(source.encode(encoding)).rule in {"encoding", "xml"}
    bpmn.load(b'<?xml version="1.0" encoding="UTF-8"?>' + harmless(draw))


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_a_mark_of_another_encoding_is_named_before_anything_is_parsed(mark):
    assert only(mark + b"<").rule == "encoding"


@pytest.mark.parametrize(
    "source", [b"", b"<", b"no xml", b"\x00", b"<a/><b/>", b"<a>", b"\xff<", b"<a b=1/>", b"<a:b/>"]
)
def test_what_is_not_xml_is_refused(source):
    assert only(source).rule == "xml"


def test_another_kind_of_document_is_refused():
    found = bpmn.lint(b'<html id="page"><body/></html>')
    assert ("not-bpmn", "page") in {(one.rule, one.element_id) for one in found}


@settings(max_examples=200, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_mutilated_diagram_gives_findings_and_never_another_exception(diagram, data):
    source = bytearray(diagram("loop"))
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(source) - 1))
        length = data.draw(st.integers(0, 40))
        source[begin : begin + length] = data.draw(
            st.sampled_from(
                [b"", b"<", b">", b'"', b"&", b"=", b"x", b"</bpmn:process>", b'id="again"', b"\xe6"]
            )
        )
    before = time.process_time()
    refused = any(found.severity == "error" for found in bpmn.lint(bytes(source)))
    assert time.process_time() - before < 2
    try:
        bpmn.load(bytes(source))
    except errors.DiagramRefused:
        assert refused
    else:
        assert not refused
