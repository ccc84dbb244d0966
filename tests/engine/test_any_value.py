"""Whatever the values of a case are, they survive a hundred steps with save and restore between each."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine import audit, errors, jobs, messages, service_tasks, tasks
from engine.definitions import LiveSteppers
from engine.models.base import dump_json, load_json
from engine.models.processes import ProcessInstance
from engine.services import Result, Services, ServiceTask
from tests import diagrams, small_forms
from tests.conftest import TENANT, House
from tests.engine.test_messages import declared
from tests.engine.test_tasks import begin, the_task

STEPS = 100
ROUNDS = 17
ODD = (
    "typename",
    "",
    "\u200f\u202e",
    "e\u0301",
    "\U0001f91d",
    "\ufeff",
    "\ufffe",
    "\u2028",
    "\x7f",
    "\\u0000",
    "🏳️‍🌈",
    "龘𠮷",
    "'\";--",
)
SAY = small_forms.form("say", small_forms.field("textfield", "said"))
LOOP = diagrams.process(
    "values",
    [
        diagrams.start(), diagrams.choice("again"), diagrams.user_task("say", "say", outputs="said=said"),
        diagrams.service_task("give", "give"),
        diagrams.call_activity("call", "child"),
        diagrams.for_each(diagrams.user_task("each", "say"), "item", "items", output="collected=item",
                          kind="sequential"),
        '<bpmn:receiveTask id="hear" messageRef="m"/>', diagrams.choice("more"), diagrams.end(),
    ],
    ["begun -> again", "again -> say", "say -> give", "give -> call", "call -> each",
     "each -> hear", "hear -> more", "more -> again: more", "more => ended"],
    extra=declared("=number"),
)  # fmt: skip
CHILD = diagrams.in_line("child", [diagrams.user_task("inner")])


def texts() -> st.SearchStrategy[str]:
    """Any text that a database can hold: neither half characters nor NUL."""
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
    return st.one_of(st.sampled_from(ODD), st.text(letters, max_size=12))


def said() -> st.SearchStrategy[str]:
    """A text that a form takes as it stands: of one line, no blanks at its ends."""
    letters = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Co"])
    return st.one_of(
        st.sampled_from(("typename", "龘𠮷", "'\";--", "1.50", "true")), st.text(letters, min_size=1)
    )


def decimals() -> st.SearchStrategy[Decimal]:
    return st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=3)


def values() -> st.SearchStrategy[Any]:
    """Any JSON value: exact numbers, big integers, `typename` as a key, texts that look like numbers."""
    leaves = st.one_of(
        st.none(), st.booleans(), st.integers(-(10**40), 10**40), decimals(), decimals().map(str), texts(),
        st.sampled_from([{"typename": "datetime", "value": "2026-01-01"}, {"typename": {"typename": []}}]),
    )  # fmt: skip
    inner = st.recursive(
        leaves,
        lambda one: st.lists(one, max_size=3) | st.dictionaries(texts(), one, max_size=3),
        max_leaves=8,
    )
    return st.tuples(inner, st.integers(0, 60)).map(lambda pair: nested(*pair))


def nested(value: Any, depth: int) -> Any:
    """The value so many levels down."""
    for level in range(depth):
        value = {"typename": value} if level % 2 else [value]
    return value


class Giving:
    """A service that gives what the test has put there."""

    def __init__(self) -> None:
        self.value: Any = None

    def services(self) -> Services:
        def store(result: Result) -> Mapping[str, Any]:
            return {"given": self.value}

        return Services(tasks={"give": ServiceTask(lambda _: None, store)})


class Values:
    """One case that goes round with one value after the other, and what its variables must then be."""

    def __init__(self, house: House, giving: Giving, number: str) -> None:
        self.house, self.giving, self.number, self.steps = house, giving, number, 0
        self.expected: dict[str, Any] = {"number": number, "more": True, "kept": None, "items": [1, 2]}
        self.root_id = begin(house, "values", **self.expected)

    def go_round(self, value: Any, text: str) -> None:
        """Six steps, after each of which everything must be as it was given."""
        self.giving.value = value
        self._step(lambda: self._complete({"said": text}), said=text)
        self._step(self._serve, given=value)
        self._step(lambda: self._complete({}))
        self._step(lambda: self._complete({"said": text}))
        self._step(lambda: self._complete({"said": text}), collected=self.expected["items"])
        brought = {"kept": value, "items": [text, len(text)]}
        message = messages.Message("paid", self.number, brought)
        self._step(lambda: messages.publish(self.house.engine, self.house.administrator, message), **brought)

    def _step(self, act: Callable[[], object], **changed: Any) -> None:
        self.house.engine.definitions.live = LiveSteppers()
        act()
        self.steps += 1
        self.expected |= changed
        with self.house.engine.sessions.query(TENANT) as session:
            root = session.get_one(ProcessInstance, (TENANT, self.root_id))
            # As text, because 1, True and Decimal("1.0") are equal to Python.
            assert exact(root.variables) == exact(self.expected)

    def _complete(self, answers: Mapping[str, Any]) -> None:
        task = the_task(self.house, self.root_id)
        tasks.complete_task(self.house.engine, self.house.mediator, task.id, answers, task.id)

    def _serve(self) -> None:
        assert jobs.run_due(self.house.engine, service_tasks.HANDLERS) == 1


def exact(variables: Mapping[str, Any]) -> str:
    return dump_json({name: variables[name] for name in sorted(variables)})


@pytest.mark.slow
def test_any_values_survive_a_hundred_steps_restored_from_the_database_before_each(
    url: str, make_house: Callable[..., House]
) -> None:
    giving = Giving()
    house = make_house(url, giving.services())
    house.deploy({"values.bpmn": LOOP, "child.bpmn": CHILD, "say.form": SAY})
    begun = []

    # A failure names its step and its values; making a hundred steps fewer would take minutes.
    @settings(
        max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    @given(st.lists(st.tuples(values(), said()), min_size=ROUNDS, max_size=ROUNDS))
    def attempt(rounds: list[tuple[Any, str]]) -> None:
        case = Values(house, giving, f"n{len(begun)}")
        begun.append(case)
        for value, text in rounds:
            case.go_round(value, text)
        assert case.steps >= STEPS

    attempt()
    assert audit.verify(house.engine, TENANT, {}) == []


@given(values())
def test_a_value_is_read_as_it_was_written(value: Any) -> None:
    assert dump_json(load_json(dump_json(value))) == dump_json(value)
    assert load_json(dump_json(value)) == value


@pytest.mark.parametrize("unkept", ["half \ud800", float("nan"), {"a": float("inf")}])
def test_what_can_not_be_kept_is_refused_and_changes_nothing(house: House, unkept: Any) -> None:
    with pytest.raises(errors.UnreadableRequest):
        messages.publish(house.engine, house.administrator, messages.Message("paid", "A1", {"a": unkept}))
