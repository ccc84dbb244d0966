"""Files made to hurt the reader: each is refused by its rule, or harmless, in time and in little memory."""

import resource
import subprocess
import sys
import time

import pytest

from engine import bpmn, errors
from engine.bpmn import report, xml

from .conftest import Drawing

pytestmark = pytest.mark.slow

WHOLE = (
    Drawing()
    .start()
    .node("userTask", "work", "<bpmn:documentation>text</bpmn:documentation>")
    .end()
    .chain("begun", "work", "done")
    .xml()
    .decode()
)
FOREIGN = "<!DOCTYPE d [<!ENTITY % p SYSTEM 'http://x.invalid/e.dtd'> %p;]>"
LAUGHS = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
LAUGHS = f'<!DOCTYPE d [<!ENTITY e0 "ha">{LAUGHS}]>'


def text(inside: str) -> str:
    return WHOLE.replace(">text<", f">{inside}<")


def children(inside: str) -> str:
    return WHOLE.replace("</bpmn:process>", f"{inside}</bpmn:process>")


def attributes(more: str) -> str:
    return WHOLE.replace('id="work"', f'id="work" {more}')


def root(more: str) -> str:
    return WHOLE.replace("<bpmn:definitions ", f"<bpmn:definitions {more} ")


REFUSED = {
    "a billion laughs": ("doctype", LAUGHS + text("&e9;")),
    "a billion laughs in an attribute": ("doctype", LAUGHS + attributes('name="&e9;"')),
    "a parameter entity": ("doctype", FOREIGN + WHOLE),
    "default attributes": ("doctype", '<!DOCTYPE d [<!ATTLIST userTask name CDATA "x">]>' + WHOLE),
    "a notation": ("doctype", '<!DOCTYPE d [<!NOTATION n SYSTEM "x">]>' + WHOLE),
    "a doctype in lower case": ("xml", "<!doctype html>" + WHOLE),
    "an inclusion": (
        "element",
        text('<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'),
    ),
    "100,000 siblings": ("size", text("<x/>" * 100_000)),
    "45,000 unknown elements": ("element", children("<bpmn:odd/>" * 45_000)),
    "45,000 equal ids": ("id-twice", children('<bpmn:dataObject id="d"/>' * 45_000)),
    "deep nesting": ("depth", text("<bpmn:x>" * 50_000)),
    "deep nesting of sub-processes": (
        "depth",
        children("".join(f'<bpmn:subProcess id="s{n}">' for n in range(100)) + "</bpmn:subProcess>" * 100),
    ),
    "100,000 attributes": ("attribute-count", attributes(" ".join(f'a{n}="1"' for n in range(100_000)))),
    "40,000 namespaces": ("element", text("".join(f'<a:b xmlns:a="urn:{n}"/>' for n in range(40_000)))),
    "60,000 declared prefixes": (
        "attribute-count",
        root(" ".join(f'xmlns:n{n}="urn:{n}"' for n in range(60_000))),
    ),
    "BPMN's prefix for something else": (
        "element",
        WHOLE.replace("<bpmn:userTask ", '<bpmn:userTask xmlns:bpmn="urn:x" '),
    ),
    "a base for addresses": ("attribute", attributes('xml:base="http://x.invalid/"')),
    "a NUL": ("xml", text("te\x00xt")),
    "a NUL by number": ("xml", text("te&#0;xt")),
    "a control character by number": ("xml", text("te&#8;xt")),
    "half a character by number": ("xml", text("&#xD800;")),
    "too many bytes": ("size", text("x" * xml.MAX_BYTES)),
}
BYTES = {
    "UTF-7": ("encoding", b'<?xml version="1.0" encoding="UTF-7"?>+ADw-' + WHOLE.encode()),
    "UTF-16": ("encoding", WHOLE.encode("utf-16")),
    "UTF-16 with a doctype": ("encoding", (FOREIGN + WHOLE).encode("utf-16")),
    "UTF-16 without a mark": ("xml", WHOLE.encode("utf-16-le")),
    "UTF-16 that says so": ("encoding", f'<?xml version="1.0" encoding="UTF-16"?>{WHOLE}'.encode("utf-16")),
    "UTF-8 that says UTF-16": ("encoding", f'<?xml version="1.0" encoding="UTF-16"?>{WHOLE}'.encode()),
    "UTF-32": ("encoding", WHOLE.encode("utf-32")),
    "EBCDIC": ("xml", WHOLE.encode("cp037")),
    "an overlong <": ("xml", WHOLE.encode().replace(b"text", b"\xc0\xbc")),
}
HARMLESS = {
    "a byte order mark": "\ufeff" + WHOLE,
    "a processing instruction": text('te<?php system("id")?>xt'),
    "a style sheet": '<?xml-stylesheet href="http://x.invalid/x.xsl"?>' + WHOLE,
    "a schema's address": root('xsi:schemaLocation="urn:x http://x.invalid/x.xsd"'),
    "a huge attribute": attributes(f'name="{"x" * 3_900_000}"'),
    "a huge comment": text(f"<!--{'x' * 3_900_000}-->"),
    "a million comments": text("<!---->" * 500_000),
    "characters by number": text("&#65;" * 700_000),
    "45,000 properties": WHOLE.replace(
        "</bpmn:userTask>",
        '<bpmn:extensionElements><zeebe:formDefinition formId="f"/><zeebe:properties>'
        + "".join(f'<zeebe:property name="a{n}" value="1"/>' for n in range(45_000))
        + "</zeebe:properties></bpmn:extensionElements></bpmn:userTask>",
    ),
    "another prefix for BPMN": WHOLE.replace("bpmn:", "b:").replace("xmlns:bpmn=", "xmlns:b="),
}
ALL = {
    **{name: source.encode("utf-8", "surrogatepass") for name, (_, source) in REFUSED.items()},
    **{name: source for name, (_, source) in BYTES.items()},
    **{name: source.encode() for name, source in HARMLESS.items()},
}
LARGE = sorted(name for name, source in ALL.items() if len(source) > 1_000_000)


def errors_of(source: bytes) -> set[str]:
    before = time.process_time()
    found = {one.rule for one in bpmn.lint(source) if one.severity == "error"}
    assert time.process_time() - before < 2
    return found


@pytest.mark.parametrize("name", [*REFUSED, *BYTES])
def test_what_is_hostile_is_refused_by_its_rule_in_time(name: str) -> None:
    rule, _ = (REFUSED | BYTES)[name]
    assert rule in errors_of(ALL[name])
    with pytest.raises(errors.DiagramRefused):
        bpmn.load(ALL[name])


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_hostile_passes_and_is_not_followed(name: str) -> None:
    assert errors_of(ALL[name]) == set()
    assert set(bpmn.load(ALL[name]).nodes) == {"begun", "work", "done"}


def test_an_instruction_in_a_text_is_dropped() -> None:
    source = HARMLESS["a processing instruction"].encode()
    assert bpmn.load(source).nodes["work"].documentation == "text"


@pytest.mark.parametrize("name", LARGE)
def test_a_large_file_takes_no_more_than_256_megabytes(name: str) -> None:
    measure = (
        "import resource, sys; from engine import bpmn; source = sys.stdin.buffer.read();"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "before = peak(); bpmn.lint(source); print(peak() - before)"
    )
    command = [sys.executable, "-P", "-c", measure]
    done = subprocess.run(command, input=ALL[name], capture_output=True, timeout=60, check=True)
    assert int(done.stdout) * resource.getpagesize() // 4096 < 256 * 1024


def test_more_findings_than_help_are_counted_and_not_listed() -> None:
    found = bpmn.lint(ALL["45,000 unknown elements"])
    assert len([one for one in found if one.rule == "element"]) == report.MAX_FINDINGS
    assert [one.severity for one in found if one.rule == "more"] == ["error"]


def test_an_error_behind_many_warnings_still_refuses() -> None:
    names = [f"task_{number}" for number in range(report.MAX_FINDINGS)]
    drawing = Drawing().start().end()
    for name in names:
        drawing.node("userTask", name)
    source = drawing.chain("begun", *names, "done").xml().replace(b'formId="form_1"', b"", 1)
    assert {one.rule for one in bpmn.lint(source) if one.severity == "error"} == {"form-missing"}
    with pytest.raises(errors.DiagramRefused):
        bpmn.load(source)
