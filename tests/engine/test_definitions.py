"""Releases: what is deployed together stays together, and what would run wrong is not deployed at all."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import audit, bpmn, definitions, errors, releases, tasks
from engine.models.processes import Definition, ProcessInstance, Release, ReleaseItem
from engine.services import Services
from tests import diagrams, small_forms
from tests.conftest import TENANT, House
from tests.engine.test_tasks import begin, the_task

ONE = diagrams.in_line("one", [diagrams.user_task("ask", "question")])
ONE_LATER = diagrams.in_line("one", [diagrams.user_task("ask", "question"), diagrams.user_task("ask_again")])
TWO = diagrams.in_line("two", [diagrams.user_task("look")])
QUESTION = small_forms.form("question", small_forms.field("textfield", "word", required=True))
QUESTION_LATER = small_forms.form("question", small_forms.field("textfield", "sentence"))
RULES = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="path" name="path"><variable name="path"/><literalExpression><text>"face"</text>
</literalExpression></decision></definitions>"""
GOOD = {"one.bpmn": ONE, "question.form": QUESTION}
UNREADABLE = {
    "broken.bpmn": b"<bpmn",
    "broken.form": b"{",
    "broken.dmn": b"<definitions",
    "empty.dmn": b"<a/>",
    "bytes.form": b"\xff\xfe{}",
    "bytes.html": b"\xff\xfe<p>",
    "bytes.css": b"\xff",
    "noise.bpmn": bytes(range(256)),
    "image.png": b"\x89PNG",
    "none": b"",
}


def count(house: House, row: Any) -> int:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


def refused(house: House, files: Mapping[str, bytes]) -> list[bpmn.Finding]:
    before = [count(house, row) for row in (Release, ReleaseItem, Definition)]
    with pytest.raises(errors.DiagramRefused) as refusal:
        house.deploy(files)
    assert [count(house, row) for row in (Release, ReleaseItem, Definition)] == before
    found = [found for found in refusal.value.findings if isinstance(found, bpmn.Finding)]
    assert {finding.severity for finding in found} == {"error"}
    assert all(finding.element_id in str(refusal.value) for finding in found)
    return found


def items(house: House, release_id: str) -> definitions.Items:
    with house.engine.sessions.query(TENANT) as session:
        return house.engine.definitions.items(session, release_id)


def test_a_release_holds_what_was_deployed_under_its_hash(house: House) -> None:
    release_id = house.deploy(GOOD | {"rules.dmn": RULES, "letter.html": b"<p>1</p>", "print.css": b"p {}"})
    expected = {
        ("process", "one"): ONE,
        ("form", "question"): QUESTION,
        ("form", "blank"): small_forms.BLANK,
        ("decision", "path"): RULES,
        ("template", "letter.html"): b"<p>1</p>",
        ("style", "print.css"): b"p {}",
    }
    assert items(house, release_id) == {
        name: hashlib.sha256(content).hexdigest() for name, content in expected.items()
    }
    with house.engine.sessions.query(TENANT) as session:
        known = house.engine.definitions
        assert known.source(session, release_id, "process", "one") == (hashlib.sha256(ONE).hexdigest(), ONE)
        assert known.template(session, release_id, "letter.html") == "<p>1</p>"
        assert known.style(session, release_id, "print.css") == "p {}"
        assert known.decision(session, release_id, "path").evaluate("path", {}) == "face"


def test_what_a_release_does_not_hold_is_not_found(house: House) -> None:
    release_id = house.deploy(GOOD)
    with house.engine.sessions.query(TENANT) as session:
        known = house.engine.definitions
        for ask in (known.process, known.form, known.decision, known.template, known.style):
            with pytest.raises(errors.NotFound):
                ask(session, release_id, "unheard_of")
        with pytest.raises(errors.NotFound):
            known.source(session, release_id, "process", "question")


def test_the_same_files_are_the_same_release(house: House) -> None:
    first = house.deploy(GOOD)
    assert house.deploy(GOOD) == first
    assert house.deploy({"renamed.bpmn": ONE}) == first
    assert count(house, Release) == 1


def test_a_new_file_makes_a_release_that_keeps_the_others(house: House) -> None:
    first = house.deploy(GOOD)
    second = house.deploy({"two.bpmn": TWO})
    assert second != first
    assert set(items(house, second)) - set(items(house, first)) == {("process", "two")}


def test_content_is_stored_once_however_often_it_is_deployed(house: House) -> None:
    for files in (GOOD, GOOD | {"one.bpmn": ONE_LATER}, GOOD):
        house.deploy(files)
    assert count(house, Release) == 3
    assert count(house, Definition) == 4


def test_a_running_instance_stays_with_its_release(house: House) -> None:
    house.deploy(GOOD)
    older = begin(house, "one")
    house.deploy({"one.bpmn": ONE_LATER, "question.form": QUESTION_LATER})
    newer = begin(house, "one")
    for root_id, answers in ((older, {"word": "旧"}), (newer, {"sentence": "新"})):
        task = the_task(house, root_id)
        tasks.complete_task(house.engine, house.mediator, task.id, answers, root_id)
    assert status(house, older) == "ended"
    assert the_task(house, newer).node_id == "ask_again"


def status(house: House, root_id: str) -> str:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(ProcessInstance.status).where(ProcessInstance.id == root_id)).one()


def test_one_bad_file_keeps_the_good_ones_out(house: House) -> None:
    bad = diagrams.in_line("bad", [diagrams.user_task("ask", "nowhere")])
    (found,) = refused(house, GOOD | {"bad.bpmn": bad})
    assert found.element_id == "ask"
    with house.engine.sessions.query(TENANT) as session:
        assert releases.active_release(session) is None
    assert count(house, audit.AuditRow) == 0


def test_the_findings_of_all_files_come_at_once(house: House) -> None:
    bad = diagrams.in_line("bad", [diagrams.user_task("ask", "nowhere")])
    worse = diagrams.in_line("worse", [diagrams.user_task("tell", due="=1 +")])
    form = small_forms.form("form", small_forms.field("textfield", "word"), effects="unheard_of")
    found = refused(house, {"a.bpmn": bad, "b.bpmn": worse, "c.form": form, "d.png": b"", "e.dmn": b"<a"})
    assert {finding.element_id for finding in found} == {"ask", "tell", "form", "d.png", "e.dmn"}


def test_what_calls_a_refused_process_is_not_blamed_too(house: House) -> None:
    inner = diagrams.in_line("inner", [diagrams.user_task("tell", due="=1 +")])
    outer = diagrams.in_line("outer", [diagrams.call_activity("call", "inner")])
    assert {one.element_id for one in refused(house, {"a.bpmn": outer, "b.bpmn": inner})} == {"tell"}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_refused_by_its_name_or_place(house: House, name: str) -> None:
    found = refused(house, GOOD | {name: UNREADABLE[name]})
    assert found
    assert all(finding.message.format_map(dict(finding.params)) for finding in found)


def test_a_form_is_refused_by_the_component_that_is_wrong(house: House) -> None:
    form = small_forms.form("form", {"type": "iframe", "id": "page", "key": "page"})
    assert {found.element_id for found in refused(house, {"form.form": form})} == {"page"}


def test_an_effect_that_nobody_knows_is_refused_and_a_known_one_passes(
    url: str, make_house: Callable[..., House]
) -> None:
    house = make_house(url, Services(effects={"case_registered": lambda _step: None}))
    asked = small_forms.field("textfield", "word")
    (found,) = refused(house, {"f.form": small_forms.form("f", asked, effects="case_registered, case_eaten")})
    assert (found.rule, found.element_id) == ("effect-known", "f")
    assert found.params == {"effect": "case_eaten"}
    assert house.deploy({"f.form": small_forms.form("f", asked, effects="case_registered")})


def test_two_files_that_claim_one_name_are_refused(house: House) -> None:
    found = refused(house, GOOD | {"again.bpmn": ONE_LATER})
    assert [(finding.rule, finding.element_id) for finding in found] == [("name-unique", "one")]


def test_references_reach_what_was_deployed_before(house: House) -> None:
    caller = diagrams.in_line("caller", [diagrams.call_activity("call", "one")])
    (found,) = refused(house, {"caller.bpmn": caller})
    assert found.element_id == "call"
    house.deploy(GOOD)
    assert house.deploy({"caller.bpmn": caller})


def test_a_process_that_begins_with_events_alone_is_called_by_none(house: House) -> None:
    timer = (
        "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"
    )
    daily = diagrams.event("startEvent", "daily", timer)
    nodes, flows = [daily, diagrams.end()], ["daily -> ended"]
    caller = diagrams.in_line("caller", [diagrams.call_activity("call", "called")])
    (found,) = refused(
        house, {"caller.bpmn": caller, "called.bpmn": diagrams.process("called", nodes, flows)}
    )
    assert (found.rule, found.element_id, found.file) == ("called-start", "call", "caller.bpmn")
    both = diagrams.process(
        "called",
        [*nodes, diagrams.start(), diagrams.user_task("look")],
        [*flows, "begun -> look", "look -> ended"],
    )
    house.deploy({"caller.bpmn": caller, "called.bpmn": both})
    assert the_task(house, begin(house, "caller")).node_id == "look"


def test_checking_finds_what_deploying_would_and_stores_nothing(house: House) -> None:
    bad = diagrams.in_line(
        "bad", [diagrams.call_activity("call", "one"), diagrams.user_task("ask", "nowhere")]
    )
    found = releases.check(house.engine, house.administrator, {"bad.bpmn": bad})
    errors_found = {(one.rule, one.element_id, one.file) for one in found if one.severity == "error"}
    assert errors_found == {("process-unknown", "call", "bad.bpmn"), ("form-unknown", "ask", "bad.bpmn")}
    house.deploy(GOOD)
    found = releases.check(house.engine, house.administrator, {"bad.bpmn": bad})
    assert {one.element_id for one in found if one.severity == "error"} == {"ask"}
    with house.engine.sessions.query(TENANT) as session:
        newest = releases.active_release(session)
        assert newest is not None
        assert ("process", "bad") not in house.engine.definitions.items(session, newest)
    with pytest.raises(errors.Forbidden):
        releases.check(house.engine, house.mediator, {})


def harmless(task: str = "", head: str = "", condition: str = "word = 1") -> bytes:
    """A diagram with a place for each attack; as it stands nothing is wrong with it."""
    nodes = [
        diagrams.start(),
        task or diagrams.user_task("act"),
        diagrams.choice("way"),
        diagrams.end("left"),
        diagrams.end("right"),
    ]
    flows = ["begun -> act", "act -> way", f"way -> left: {condition}", "way => right"]
    whole = diagrams.process("p", nodes, flows).decode()
    return whole.replace("?>\n", f"?>\n{head}", 1).encode()


EXTERNAL = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
SCRIPT = (
    '<bpmn:scriptTask id="act" scriptFormat="python"><bpmn:script>import os</bpmn:script></bpmn:scriptTask>'
)
FEEL_SCRIPT = (
    '<bpmn:scriptTask id="act"><bpmn:extensionElements><zeebe:script expression="=1"'
    ' resultVariable="a"/></bpmn:extensionElements></bpmn:scriptTask>'
)
HOSTILE = {
    "script task": (harmless(SCRIPT), "act"),
    "Python where FEEL belongs": (harmless(FEEL_SCRIPT.replace("=1", "=__import__('os')")), "act"),
    "script that is no FEEL": (harmless(FEEL_SCRIPT.replace("=1", "import os")), "act"),
    "Python condition": (harmless(condition="__import__('os').system('id')"), "flow_2"),
    "Python list comprehension": (harmless(condition="[x for x in (1,)]"), "flow_2"),
    "condition in another language": (harmless().replace(b">=word = 1<", b">word == 1<"), "flow_2"),
    "external entity": (harmless(head=EXTERNAL).replace(b'name="act"', b'name="&x;"'), "definitions_p"),
    "document type": (harmless(head="<!DOCTYPE d>\n"), "definitions_p"),
    "unknown element": (harmless(diagrams.user_task("act").replace("userTask", "magicTask")), "act"),
    "complex gateway": (harmless().replace(b"exclusiveGateway", b"complexGateway"), "way"),
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_hostile_diagram_is_refused_by_the_id_of_the_element(sqlite_house: House, attack: str) -> None:
    source, element_id = HOSTILE[attack]
    assert element_id in {found.element_id for found in refused(sqlite_house, {"p.bpmn": source})}


@pytest.mark.parametrize("twin", [harmless(), harmless(FEEL_SCRIPT)], ids=["user task", "script in FEEL"])
def test_the_harmless_twins_of_the_hostile_diagrams_pass(house: House, twin: bytes) -> None:
    assert house.deploy({"p.bpmn": twin})


@pytest.fixture
def sqlite_house(sqlite_url: str, make_house: Callable[..., House]) -> House:
    return make_house(sqlite_url)


def test_who_is_no_administrator_does_not_deploy(house: House) -> None:
    for actor in (house.reception, house.mediator, house.chief_mediator, house.seal_keeper):
        with pytest.raises(errors.Forbidden):
            releases.deploy(house.engine, actor, GOOD)


def test_a_deployment_is_in_the_tenants_record(house: House) -> None:
    release_id = house.deploy(GOOD)
    house.deploy(GOOD)
    with house.engine.sessions.query(TENANT) as session:
        (row,) = session.scalars(select(audit.AuditRow).where(audit.AuditRow.chain_id == TENANT)).all()
    assert (row.action, row.subject, row.actor_id) == ("release.deployed", release_id, house.administrator.id)


def test_a_file_is_parsed_once_for_all_releases_that_hold_it(house: House) -> None:
    first = house.deploy(GOOD)
    second = house.deploy({"two.bpmn": TWO})
    with house.engine.sessions.query(TENANT) as session:
        known = house.engine.definitions
        assert known.process(session, first, "one") is known.process(session, second, "one")
