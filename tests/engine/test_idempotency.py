"""A command that comes twice is carried out once; equal contents have equal texts."""

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import simplejson
from hypothesis import given
from hypothesis import strategies as st

from engine import errors, idempotency
from engine.idempotency import Request
from engine.models.base import load_json
from tests.conftest import TENANT, House

ANSWER = {"task_id": "t", "amount": Decimal("12.30"), "next": ["a", "b"]}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False, places=2)
    | st.text()
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def remember(house: House, request: Request, answer: Any = ANSWER) -> None:
    with house.engine.sessions.command(TENANT) as session:
        idempotency.remember(session, request, answer, house.clock())


def recall(house: House, request: Request) -> Any:
    with house.engine.sessions.command(TENANT) as session:
        return idempotency.recall(session, request)


def request_of(house: House, key: str = "k", content: str = "d", role: str = "mediator") -> Request:
    return Request(house.actors[role], key, content)


def test_a_new_key_has_no_answer_and_an_old_one_has_its_own(house: House) -> None:
    assert recall(house, request_of(house)) is None
    remember(house, request_of(house))
    assert recall(house, request_of(house)) == ANSWER
    assert recall(house, request_of(house, key="another")) is None


@pytest.mark.parametrize("other", [{"content": "changed"}, {"role": "reception"}])
def test_the_key_of_another_request_or_person_is_refused(house: House, other: dict[str, str]) -> None:
    remember(house, request_of(house))
    with pytest.raises(errors.KeyReused):
        recall(house, request_of(house, **other))


def test_a_key_stored_twice_is_a_concurrent_change(house: House) -> None:
    remember(house, request_of(house))
    with pytest.raises(errors.ConcurrentChange):
        remember(house, request_of(house))


def test_the_answer_of_a_command_that_was_undone_is_not_kept(house: House) -> None:
    def remember_and_fail() -> None:
        with house.engine.sessions.command(TENANT) as session:
            idempotency.remember(session, request_of(house), ANSWER, house.clock())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        remember_and_fail()
    assert recall(house, request_of(house)) is None


def shuffled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


@given(VALUES)
def test_the_order_of_keys_does_not_change_the_text(value: Any) -> None:
    assert idempotency.canonical(value) == idempotency.canonical(shuffled(value))


@given(VALUES)
def test_the_text_tells_the_value_and_its_types(value: Any) -> None:
    text = idempotency.canonical(value)
    assert idempotency.canonical(load_json(text)) == text
    assert json.loads(text) == json.loads(idempotency.canonical(shuffled(value)))


@pytest.mark.parametrize(("one", "two"), [(1, True), (1, "1"), (0, False), (None, ""), ([], {}), ("1.0", 1)])
def test_values_of_different_types_have_different_texts(one: Any, two: Any) -> None:
    assert idempotency.canonical({"a": one}) != idempotency.canonical({"a": two})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("5000.00"), "5000.00"),
        (dt.date(2026, 2, 28), '"2026-02-28"'),
        (("a", 1), '["a",1]'),
        ("花滩", '"花滩"'),
    ],
)
def test_money_days_and_chinese_are_written_exactly(value: Any, text: str) -> None:
    assert idempotency.canonical(value) == text


@pytest.mark.parametrize("refused", [float("nan"), float("inf"), {1, 2}, object()])
def test_what_json_does_not_know_is_refused(refused: Any) -> None:
    canonical: Callable[[Any], str] = idempotency.canonical
    with pytest.raises(errors.UnreadableRequest):
        canonical(refused)


@pytest.mark.parametrize("text", ["[1.50,2]", ' {"a": [1.50]}\n', "null", '"人"', "1e3", "0"])
def test_a_json_text_is_read_alike_with_and_without_space_around_it(text: str) -> None:
    assert load_json(text) == simplejson.loads(text, use_decimal=True)


@pytest.mark.parametrize("text", ["", " ", "[1,", "1 2", "[] x", "nul"])
def test_what_is_no_json_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        load_json(text)
