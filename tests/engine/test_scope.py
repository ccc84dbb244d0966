"""What FEEL in a diagram sees, and how seldom it asks the database."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import errors, feel, tasks
from engine.models.base import new_id
from engine.models.people import Body
from engine.scope import Scope
from engine.services import Services, Step
from tests import diagrams, small_forms
from tests.conftest import House
from tests.engine.test_tasks import begin, the_task


class Asked:
    """Facts that note how often they are asked."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def fact(self, name: str, value: Any) -> Callable[..., Any]:
        def ask(_session: Any, root_id: str) -> Any:
            self.names.append(name)
            return value

        return ask

    def services(self) -> Services:
        facts = {"case": self.fact("case", {"status": "draft"}), "law": self.fact("law", None)}
        double = feel.Function("double", ("n",), lambda n: n * 2)
        return Services(facts=facts, functions={"double": double})


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def lawful(sqlite_url: str, make_house: Callable[..., House], asked: Asked) -> House:
    return make_house(sqlite_url, asked.services())


@pytest.fixture
def scope(lawful: House) -> Any:
    with lawful.engine.sessions.query(lawful.mediator.tenant_id) as session:
        yield Scope(session, lawful.engine, "root", {"n": 3, "word": "人"})


def test_a_fact_is_asked_only_if_it_is_named_and_then_once(scope: Scope, asked: Asked) -> None:
    assert scope.evaluate("n + 1", "e") == Decimal(4)
    assert asked.names == []
    for _ in range(3):
        assert scope.evaluate("case.status", "e") == "draft"
    assert asked.names == ["case"]


def test_a_fact_that_is_null_is_asked_once_too(scope: Scope, asked: Asked) -> None:
    for _ in range(3):
        assert scope.evaluate("law", "e") is None
    assert asked.names == ["law"]


def test_other_variables_keep_the_facts_already_asked(scope: Scope, asked: Asked) -> None:
    scope.evaluate("case", "e")
    assert scope.over({"n": 5}).evaluate("double(n) + count([case])", "e") == Decimal(11)
    assert asked.names == ["case"]


def test_no_variable_takes_the_name_of_a_function_or_a_fact(scope: Scope, asked: Asked) -> None:
    own = scope.over({"case": "mine", "double": 4})
    assert own["case"] != "mine"
    assert own["double"] == scope["double"]
    assert asked.names == ["case"]


def test_an_unknown_name_is_null_to_feel_and_missing_to_python(scope: Scope) -> None:
    assert scope.evaluate("unheard_of = null", "e") is True
    assert "unheard_of" not in scope
    with pytest.raises(KeyError):
        scope["unheard_of"]


def test_all_names_are_listed_once(scope: Scope) -> None:
    days = ["add working days", "last day", "is working day"]
    assert list(scope.over({"case": 1, "n": 2})) == ["case", "n", "double", "now", "today", *days, "law"]
    assert len(scope) == len(list(scope)) == len(set(scope))
    assert all(name in scope for name in scope)


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        (dt.datetime(2026, 2, 16, 15, 59, tzinfo=dt.UTC), dt.date(2026, 2, 16)),
        (dt.datetime(2026, 2, 16, 16, 1, tzinfo=dt.UTC), dt.date(2026, 2, 17)),
    ],
)
def test_today_is_the_day_in_the_tenants_zone(lawful: House, utc: dt.datetime, day: dt.date) -> None:
    lawful.clock.moment = utc
    with lawful.engine.sessions.query(lawful.mediator.tenant_id) as session:
        scope = Scope(session, lawful.engine, "root", {})
        assert scope.evaluate("today()", "e") == day
        assert scope.evaluate("now()", "e") == utc


def test_a_text_without_the_sign_of_equality_stays_text(scope: Scope) -> None:
    assert scope.value("n + 1", "e") == "n + 1"
    assert scope.value("=n + 1", "e") == Decimal(4)
    assert scope.value(None, "e") is None


def test_an_expression_that_fails_names_its_element(scope: Scope) -> None:
    with pytest.raises(errors.ExpressionFailed) as failed:
        scope.value("=1 +", "ask")
    assert failed.value.params["element_id"] == "ask"


def test_a_process_without_facts_in_it_asks_for_none(lawful: House, asked: Asked) -> None:
    lawful.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("a"), diagrams.user_task("b")])})
    root_id = begin(lawful, "p")
    tasks.complete_task(lawful.engine, lawful.mediator, the_task(lawful, root_id).id, {}, "k")
    assert asked.names == []


@pytest.mark.parametrize(
    "attribute", [{"due": "=5"}, {"due": '="soon"'}, {"groups": "=5"}, {"assignee": "=5"}]
)
def test_a_value_of_the_wrong_kind_is_refused_by_its_element(
    lawful: House, attribute: dict[str, str]
) -> None:
    lawful.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask", **attribute)])})
    with pytest.raises(errors.ExpressionFailed) as failed:
        begin(lawful, "p")
    assert failed.value.params["element_id"] == "ask"


@pytest.mark.parametrize(
    ("due", "moment"),
    [
        ('=date("2026-03-05")', dt.datetime(2026, 3, 5, 15, 59, 59, tzinfo=dt.UTC)),
        ('=date and time("2026-03-05T09:00:00")', dt.datetime(2026, 3, 5, 1, tzinfo=dt.UTC)),
        ('=date and time("2026-03-05T09:00:00Z")', dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)),
        ("2026-03-05T09:00:00+08:00", dt.datetime(2026, 3, 5, 1, tzinfo=dt.UTC)),
        ("=null", None),
    ],
)
def test_a_due_date_is_a_moment_or_the_end_of_a_day_in_shanghai(
    lawful: House, due: str, moment: dt.datetime | None
) -> None:
    lawful.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask", due=due)])})
    assert the_task(lawful, begin(lawful, "p")).due_at == moment


def test_a_fact_sees_what_an_effect_wrote_and_the_instance_is_written_once(
    sqlite_url: str, make_house: Callable[..., House], statements: list[str]
) -> None:
    def named(session: Session, _root_id: str) -> list[str]:
        return list(session.scalars(select(Body.name).where(Body.name == "新街道")))

    def open_body(step: Step) -> None:
        step.session.add(Body(tenant_id=step.root.tenant_id, id=new_id(), name="新街道", code="X"))

    house = make_house(sqlite_url, Services(facts={"bodies": named}, effects={"opened": open_body}))
    ask = small_forms.form("ask", small_forms.field("textfield", "word"), effects="opened")
    due = '=if count(bodies) = 1 then date("2026-03-05") else null'
    line = [diagrams.user_task("ask", "ask"), diagrams.user_task("b", due=due)]
    house.deploy({"p.bpmn": diagrams.in_line("p", line), "ask.form": ask})
    root_id = begin(house, "p")
    statements.clear()
    tasks.complete_task(house.engine, house.mediator, the_task(house, root_id).id, {"word": "x"}, "k")
    assert sum(one.startswith("UPDATE process_instances") for one in statements) == 1
    assert the_task(house, root_id).due_at is not None


class Lazy(dict[str, Any]):
    """A fact that notes which of its members are computed."""

    def __init__(self) -> None:
        super().__init__(number="1", status="draft", parties=["甲"])
        self.computed: list[str] = []

    def __getitem__(self, name: str) -> Any:
        self.computed.append(name)
        return super().__getitem__(name)


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"number", "unknown"}, {"number": "1"}),
        (set(), {}),
        (None, {"number": "1", "status": "draft", "parties": ["甲"]}),
    ],
)
def test_of_a_fact_only_the_members_that_are_named_are_computed(
    sqlite_url: str, make_house: Callable[..., House], members: set[str] | None, found: dict[str, Any]
) -> None:
    fact = Lazy()
    house = make_house(sqlite_url, Services(facts={"case": lambda _session, _root_id: fact}))
    with house.engine.sessions.query(house.mediator.tenant_id) as session:
        seen = Scope(session, house.engine, "root", {"n": 3}).asked({"case": members})
    assert (seen["case"], seen["n"]) == (found, 3)
    assert set(fact.computed) == set(found)
