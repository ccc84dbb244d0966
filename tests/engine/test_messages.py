"""Messages find exactly one receiver by name and key, wait for one, start processes, and come once."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine import audit, errors, instances, messages
from engine.messages import Message, Published
from engine.models.messages import KeptMessage, Subscription
from engine.models.processes import ProcessInstance
from tests import diagrams
from tests.away import away_at
from tests.conftest import TENANT, House, recorded
from tests.engine.test_tasks import begin
from tests.engine.test_timers import beside, caught, complete, names

PAID = '<bpmn:messageEventDefinition messageRef="m"/>'


def declared(key: str = "=number", name: str = "paid") -> str:
    return (
        f'<bpmn:message id="m" name="{name}"><bpmn:extensionElements>'
        f'<zeebe:subscription correlationKey="{key}"/></bpmn:extensionElements></bpmn:message>'
    )


def waiting(key: str = "=number") -> bytes:
    nodes = [diagrams.start(), caught("wait", PAID), diagrams.user_task("thank"), diagrams.end()]
    flows = ["begun -> wait", "wait -> thank", "thank -> ended"]
    return diagrams.process("waiting", nodes, flows, extra=declared(key))


BESIDE = diagrams.process(
    "beside",
    [
        diagrams.start(), diagrams.user_task("answer"), beside("paid", "answer", PAID),
        diagrams.user_task("thank"), diagrams.end(), diagrams.end("thanked"),
    ],
    ["begun -> answer", "answer -> ended", "paid -> thank", "thank -> thanked"],
    extra=declared(),
)  # fmt: skip
STARTED = diagrams.process(
    "claims",
    [
        f'<bpmn:startEvent id="claimed">{PAID}</bpmn:startEvent>',
        diagrams.user_task("look"),
        diagrams.end(),
    ],
    ["claimed -> look", "look -> ended"],
    extra=declared("=number", "claimed"),
)


def publish(house: House, key: Any, **more: Any) -> Published:
    return messages.publish(house.engine, house.administrator, Message("paid", key, **more))


def kept(house: House) -> list[KeptMessage]:
    with house.engine.sessions.query(TENANT) as session:
        return list(session.scalars(select(KeptMessage)))


def subscriptions(house: House) -> list[Subscription]:
    with house.engine.sessions.query(TENANT) as session:
        return list(session.scalars(select(Subscription)))


def variables(house: House, root_id: str) -> dict[str, Any]:
    with house.engine.sessions.query(TENANT) as session:
        return session.scalars(select(ProcessInstance).where(ProcessInstance.id == root_id)).one().variables


@pytest.fixture
def paying(house: House) -> House:
    house.deploy({"waiting.bpmn": waiting(), "beside.bpmn": BESIDE})
    return house


def test_a_message_reaches_the_one_with_its_key_and_brings_its_variables(paying: House) -> None:
    one, two = (begin(paying, "waiting", number=number) for number in ("A1", "A2"))
    published = publish(paying, "A2", variables={"amount": 2561}, id="pay-1")
    assert published == Published("pay-1", "received", two)
    assert [names(paying, root_id) for root_id in (one, two)] == [[], ["thank"]]
    assert variables(paying, two)["amount"] == 2561
    assert recorded(paying, two) == ["process.started", "message.received"]
    assert audit.verify(paying.engine, TENANT, {}) == []
    assert [row.root_id for row in subscriptions(paying)] == [one]


def test_of_two_with_the_same_key_the_one_that_waited_longer_receives(paying: House) -> None:
    first = begin(paying, "waiting", number="A1")
    paying.clock.forward(seconds=1)
    second = begin(paying, "waiting", number="A1")
    assert publish(paying, "A1").root_id == first
    assert names(paying, second) == []
    assert publish(paying, "A1").root_id == second


@pytest.mark.parametrize(
    ("key", "told", "fits"),
    [
        ("=number", 5, True),
        ("=number", "5.0", False),
        ("=number * 1.0", 5, True),
        ("=[number, &quot;花滩&quot;]", [5, "花滩"], True),
        ("=[number, &quot;花滩&quot;]", [5, "别处"], False),
        ("=[number, &quot;花滩&quot;]", 5, False),
    ],
)
def test_all_of_a_key_must_be_equal(
    sqlite_url: str, make_house: Callable[..., House], key: str, told: Any, fits: bool
) -> None:
    house = make_house(sqlite_url)
    house.deploy({"waiting.bpmn": waiting(key)})
    begin(house, "waiting", number=5)
    assert publish(house, told).outcome == ("received" if fits else "kept")


def test_the_key_is_the_one_of_the_moment_at_which_the_wait_began(paying: House) -> None:
    root_id = begin(paying, "beside", number="A1")
    publish(paying, "A1", variables={"number": "A2"})
    assert publish(paying, "A2").outcome == "kept"
    assert publish(paying, "A1").root_id == root_id


def test_an_event_that_does_not_interrupt_receives_again_and_again(paying: House) -> None:
    root_id = begin(paying, "beside", number="A1")
    for count in (1, 2, 3):
        assert publish(paying, "A1").outcome == "received"
        assert names(paying, root_id).count("thank") == count
    complete(paying, root_id, "answer")
    assert subscriptions(paying) == []
    assert publish(paying, "A1").outcome == "kept"


def test_a_message_is_kept_until_somebody_waits_and_is_then_given_once(paying: House) -> None:
    assert publish(paying, "A1", variables={"amount": 7}).outcome == "kept"
    assert messages.deliver_kept(paying.engine) == 0
    root_id = begin(paying, "waiting", number="A1")
    assert [messages.deliver_kept(paying.engine) for _ in range(2)] == [1, 0]
    assert names(paying, root_id) == ["thank"]
    assert variables(paying, root_id)["amount"] == 7
    assert kept(paying) == []


def test_a_message_that_nobody_wanted_in_time_goes_away(paying: House) -> None:
    publish(paying, "A1", ttl=dt.timedelta(minutes=5))
    assert publish(paying, "A1", ttl=dt.timedelta()).outcome == "dropped"
    paying.clock.forward(minutes=5)
    root_id = begin(paying, "waiting", number="A1")
    assert messages.deliver_kept(paying.engine) == 0
    assert names(paying, root_id) == []
    assert kept(paying) == []


def test_the_same_message_twice_is_received_once_and_answered_alike(paying: House) -> None:
    root_id = begin(paying, "beside", number="A1")
    first = publish(paying, "A1", id="pay-1")
    assert publish(paying, "A1", id="pay-1") == first
    assert names(paying, root_id).count("thank") == 1
    with pytest.raises(errors.KeyReused):
        publish(paying, "A1", id="pay-1", variables={"amount": 1})


def test_a_message_starts_the_process_that_begins_with_it(house: House) -> None:
    house.deploy({"claims.bpmn": STARTED})
    message = Message("claimed", "A1", {"amount": 3}, "claim-1")
    published = messages.publish(house.engine, house.administrator, message)
    assert published.outcome == "started"
    assert published.root_id is not None
    assert names(house, published.root_id) == ["look"]
    assert variables(house, published.root_id) == {"amount": 3}
    assert messages.publish(house.engine, house.administrator, message) == published


def test_a_message_that_can_not_be_delivered_is_set_aside_with_its_error(paying: House) -> None:
    broken = diagrams.process(
        "broken",
        [
            diagrams.start(),
            caught("wait", PAID),
            diagrams.choice("which"),
            diagrams.user_task("thank"),
            diagrams.user_task("ask"),
            diagrams.end(),
            diagrams.end("asked"),
        ],
        [
            "begun -> wait",
            "wait -> which",
            "which -> thank: amount = 1",
            "which -> ask: amount = 2",
            "thank -> ended",
            "ask -> asked",
        ],
        extra=declared(),
    )
    paying.deploy({"broken.bpmn": broken})
    publish(paying, "A1", variables={"amount": 3})
    root_id = begin(paying, "broken", number="A1")
    assert [messages.deliver_kept(paying.engine) for _ in range(2)] == [1, 0]
    (message,) = kept(paying)
    assert message.status == "failed"
    assert "which" in message.error
    assert recorded(paying, root_id) == ["process.started"]
    with pytest.raises(errors.NoPath):
        publish(paying, "A1", variables={"amount": 3})


def test_a_kept_message_that_the_database_did_not_let_through_is_given_later(paying: House) -> None:
    publish(paying, "A1")
    root_id = begin(paying, "waiting", number="A1")
    with away_at(paying, "INSERT INTO user_tasks") as lost, pytest.raises(DBAPIError):
        messages.deliver_kept(paying.engine)
    assert lost
    assert [message.status for message in kept(paying)] == ["waiting"]
    assert messages.deliver_kept(paying.engine) == 1
    assert (names(paying, root_id), kept(paying)) == (["thank"], [])


def test_only_administrators_and_machines_publish(paying: House) -> None:
    with pytest.raises(errors.Forbidden):
        messages.publish(paying.engine, paying.mediator, Message("paid", "A1"))
    with pytest.raises(errors.UnreadableRequest):
        publish(paying, {"number": 1})


def test_a_command_of_the_case_reaches_its_event_whatever_the_key(paying: House) -> None:
    root_id = begin(paying, "waiting", number=None)
    assert subscriptions(paying) == []
    with paying.engine.sessions.command(TENANT) as session:
        root = instances.lock(session, root_id)
        assert messages.throw(session, paying.engine, root, "paid")
    assert names(paying, root_id) == ["thank"]


def test_a_key_that_is_no_key_is_refused_where_the_wait_begins(
    sqlite_url: str, make_house: Callable[..., House]
) -> None:
    house = make_house(sqlite_url)
    house.deploy({"waiting.bpmn": waiting("=number &gt; 1")})
    with pytest.raises(errors.ExpressionFailed, match="correlationKey"):
        begin(house, "waiting", number=5)


def test_a_called_process_may_begin_by_waiting_for_a_message(house: House) -> None:
    outer = diagrams.process(
        "outer",
        [diagrams.start(), diagrams.call_activity("call", "waiting"), diagrams.end()],
        ["begun -> call", "call -> ended"],
    )
    house.deploy({"outer.bpmn": outer, "waiting.bpmn": waiting()})
    root_id = begin(house, "outer", number="A-7")
    assert [one.key for one in subscriptions(house)] == ["A-7"]
    assert publish(house, "A-7").root_id == root_id
