"""Open tasks as a page shows them: only what is asked of the database, and who goes on with what."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engine import errors, tasks
from engine.models.base import new_id
from engine.open_tasks import first_to_do, open_task
from engine.services import Services
from tests import diagrams, small_forms
from tests.conftest import House, add_person
from tests.engine.test_tasks import begin, the_task
from tests.engine.test_tasks import open_tasks as waiting

TWO_AT_ONCE = diagrams.process(
    "two",
    [
        diagrams.start(),
        diagrams.user_task("ask", "ask"),
        diagrams.fork("both"),
        diagrams.user_task("check", groups="chief_mediator"),
        diagrams.user_task("talk"),
        diagrams.fork("joined"),
        diagrams.end(),
    ],
    [
        "begun -> ask", "ask -> both", "both -> check", "both -> talk", "check -> joined", "talk -> joined",
        "joined -> ended",
    ],
)  # fmt: skip


@pytest.fixture
def two(house: House) -> tuple[House, tuple[str, ...]]:
    """A case whose one step has opened a task for the chief mediator and one for the mediator."""
    ask = small_forms.form("ask", small_forms.field("textfield", "word"))
    house.deploy({"two.bpmn": TWO_AT_ONCE, "ask.form": ask})
    task = the_task(house, begin(house, "two"))
    return house, tasks.complete_task(house.engine, house.mediator, task.id, {}, "k").next_task_ids


def test_everybody_goes_on_with_the_first_task_of_their_own_role(two: tuple[House, tuple[str, ...]]) -> None:
    house, opened = two
    by_node = {task.node_id: task.id for task in waiting(house, root_of(house, opened))}
    assert set(by_node.values()) == set(opened)
    assert first_to_do(house.engine, house.mediator, opened) == by_node["talk"]
    assert first_to_do(house.engine, house.chief_mediator, opened) == by_node["check"]
    assert first_to_do(house.engine, house.seal_keeper, opened) is None


def root_of(house: House, opened: tuple[str, ...]) -> str:
    return open_task(house.engine, house.mediator, opened[0]).task.root_id


def test_nobody_goes_on_with_what_they_may_not_see_or_what_is_done(
    two: tuple[House, tuple[str, ...]],
) -> None:
    house, opened = two
    stranger = add_person(house.engine, house.mediator.tenant_id, house.body_id, "mediator", "stranger")
    assert first_to_do(house.engine, stranger, opened) is None
    talk = first_to_do(house.engine, house.mediator, opened)
    assert talk is not None
    tasks.complete_task(house.engine, house.mediator, talk, {}, "k2")
    assert first_to_do(house.engine, house.mediator, opened) is None
    assert first_to_do(house.engine, house.mediator, []) is None
    assert first_to_do(house.engine, house.mediator, [new_id()]) is None


def test_a_page_asks_only_for_the_facts_that_its_form_names(
    url: str, make_house: Callable[..., House]
) -> None:
    asked: list[str] = []

    def fact(name: str) -> Callable[[Session, str], Any]:
        return lambda _session, _root_id: asked.append(name) or name

    names = ("named", "unnamed", "heading")
    house = make_house(url, Services(facts={name: fact(name) for name in names}))
    field = small_forms.field("textfield", "word", conditional={"hide": '=named = "x"'})
    ask = small_forms.form("ask", field)
    house.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask", "ask")]), "ask.form": ask})
    task = the_task(house, begin(house, "p", kept="变量"))
    opened = open_task(house.engine, house.mediator, task.id, lambda form: {**form.mentions, "heading": None})
    assert asked == ["named", "heading"]
    assert {name: opened.context[name] for name in ("kept", "named", "heading")} == {
        "kept": "变量", "named": "named", "heading": "heading",
    }  # fmt: skip
    assert "unnamed" not in opened.context


def test_a_task_is_found_with_its_draft_and_who_took_it_on_in_one_statement(
    two: tuple[House, tuple[str, ...]], statements: list[str]
) -> None:
    house, opened = two
    talk = first_to_do(house.engine, house.mediator, opened)
    assert talk is not None
    tasks.claim_task(house.engine, house.mediator, talk)
    tasks.save_draft(house.engine, house.mediator, talk, {})
    open_task(house.engine, house.mediator, talk)
    statements.clear()
    shown = open_task(house.engine, house.mediator, talk)
    assert len([text for text in statements if text.startswith("SELECT")]) == 1
    assert (shown.draft, shown.claimed_by, shown.may_act) == ({}, house.mediator.name, True)
    assert open_task(house.engine, house.chief_mediator, talk).draft is None


def test_a_task_that_never_was_is_not_found(two: tuple[House, tuple[str, ...]]) -> None:
    house, _ = two
    with pytest.raises(errors.NotFound):
        open_task(house.engine, house.mediator, new_id())
