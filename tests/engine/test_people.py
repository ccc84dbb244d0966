"""People sign in with a password, for some hours, and see what is in their body's care."""

import datetime as dt
import secrets
import string
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import select, update

from engine import audit, bodies, errors, people, policy
from engine.bodies import NewBody
from engine.models.base import table
from engine.models.people import Account, Attempt, WebSession
from engine.models.processes import ProcessInstance
from tests import diagrams
from tests.conftest import PASSWORD, TENANT, House
from tests.engine.test_tasks import begin

SLOW_HASHER = people.HASHER
OTHER_TENANT = "00000000-0000-7000-8000-000000000002"
ADDRESS = "192.0.2.7"
LONG_NAME = "".join(secrets.choice(string.ascii_letters) for _ in range(9000))


class QuickHasher:
    """Stands for argon2 where a test signs in many times; the real one is tested once, below."""

    def verify(self, password_hash: str, password: str) -> bool:
        if password_hash != f"hash of {password}":
            raise people.VerifyMismatchError
        return True


@pytest.fixture
def quick(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(people, "HASHER", QuickHasher())
    add_account(house, "reception_desk", hash_password=lambda word: f"hash of {word}")
    return house


def add_account(
    house: House, username: str, body_id: str = "", hash_password: Callable[[str], str] = lambda _: "-"
) -> str:
    new = people.NewAccount(username, "周小梅", ["reception"], body_id or house.body_id, PASSWORD)
    with house.engine.sessions.command(TENANT) as session:
        return people.add_account(session, new, hash_password).id


def sign_in(
    house: House, username: str = "reception_desk", password: str = PASSWORD, address: str = ADDRESS
) -> tuple[str, policy.Actor]:
    return people.sign_in(house.engine, TENANT, username, password, address)


def fail(house: House, times: int, **more: str) -> None:
    for _ in range(times):
        with pytest.raises(errors.SignInRefused):
            sign_in(house, **{"password": "wrong", **more})


def stored(house: House, row: Any) -> list[Any]:
    with house.engine.sessions.query(TENANT) as session:
        return list(session.scalars(select(row)))


def test_a_hash_costs_at_least_what_rfc_9106_recommends_where_memory_is_scarce() -> None:
    """Asked in a process of its own: the tests hash with less."""
    asked = "from engine.people import HASHER; print(HASHER.time_cost, HASHER.memory_cost, HASHER.hash_len)"
    told = subprocess.run([sys.executable, "-P", "-c", asked], capture_output=True, text=True, check=True)
    time_cost, memory_cost, length = map(int, told.stdout.split())
    assert time_cost >= RFC_9106_LOW_MEMORY.time_cost
    assert memory_cost >= RFC_9106_LOW_MEMORY.memory_cost
    assert length >= RFC_9106_LOW_MEMORY.hash_len


def test_the_password_is_kept_as_an_argon2id_hash_and_opens_a_session(house: House) -> None:
    account_id = add_account(house, "desk", hash_password=SLOW_HASHER.hash)
    (kept,) = [account.password_hash for account in stored(house, Account) if account.username == "desk"]
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept
    with pytest.raises(errors.SignInRefused):
        sign_in(house, "desk", "wrong")
    _, actor = sign_in(house, "desk")
    assert (actor.id, actor.name, actor.roles) == (account_id, "周小梅", frozenset({"reception"}))
    assert actor.body_ids == {house.body_id}


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(quick: House) -> None:
    said = []
    for username, password in (("nobody", PASSWORD), ("reception_desk", "wrong"), ("", "")):
        with pytest.raises(errors.SignInRefused) as refused:
            sign_in(quick, username, password)
        said.append((str(refused.value), refused.value.status, refused.value.params))
    assert said == [said[0]] * 3


def test_for_a_wrong_name_a_hash_is_compared_too(quick: House, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(password_hash: str, password: str) -> bool:
        compared.append(password_hash)
        return False

    monkeypatch.setattr(people, "password_fits", compare)
    fail(quick, 1, username="nobody")
    assert compared == [people.hash_of_nobody()]


def test_an_account_without_a_password_is_refused_like_a_wrong_one(house: House) -> None:
    with pytest.raises(errors.SignInRefused):
        sign_in(house, "mediator", "-")


@pytest.mark.parametrize("username", ["a\0b", LONG_NAME, "';--", "\ud800"])
def test_a_name_that_nobody_can_have_is_a_wrong_name(quick: House, username: str) -> None:
    with pytest.raises(errors.SignInRefused):
        sign_in(quick, username)


def test_the_sixth_attempt_for_one_name_waits_even_with_the_right_password(quick: House) -> None:
    for number in range(people.ATTEMPTS):
        fail(quick, 1, address=f"192.0.2.{number}")
    with pytest.raises(errors.TooManyAttempts) as limited:
        sign_in(quick, address="198.51.100.1")
    assert limited.value.params == {"minutes": 15}


def test_one_address_does_not_try_name_after_name(quick: House) -> None:
    for number in range(people.ATTEMPTS):
        fail(quick, 1, username=f"name{number}")
    with pytest.raises(errors.TooManyAttempts):
        sign_in(quick)
    assert sign_in(quick, address="198.51.100.1")


def test_the_window_of_attempts_moves_with_the_clock(quick: House) -> None:
    fail(quick, 2)
    quick.clock.forward(minutes=10)
    fail(quick, 3)
    with pytest.raises(errors.TooManyAttempts):
        sign_in(quick)
    quick.clock.forward(minutes=5)
    assert sign_in(quick)


def test_attempts_outside_the_window_are_forgotten(quick: House) -> None:
    fail(quick, 3)
    quick.clock.forward(minutes=16)
    fail(quick, 1)
    assert len(stored(quick, Attempt)) == 2


def test_an_attempt_that_was_refused_for_the_limit_does_not_prolong_it(quick: House) -> None:
    fail(quick, people.ATTEMPTS)
    quick.clock.forward(minutes=14)
    with pytest.raises(errors.TooManyAttempts):
        sign_in(quick)
    quick.clock.forward(minutes=1)
    assert sign_in(quick)


def test_a_session_ends_after_two_idle_hours(quick: House) -> None:
    token, _ = sign_in(quick)
    quick.clock.forward(hours=1, minutes=59)
    assert live(quick, token)
    quick.clock.forward(hours=1, minutes=59)
    assert live(quick, token)
    quick.clock.forward(hours=2)
    assert live(quick, token) is None


def test_a_session_ends_after_twelve_hours_however_busy(quick: House) -> None:
    token, _ = sign_in(quick)
    for _ in range(11):
        quick.clock.forward(hours=1)
        assert live(quick, token)
    quick.clock.forward(hours=1)
    assert live(quick, token) is None


def live(house: House, token: str) -> people.LiveSession | None:
    return people.live_session(house.engine, TENANT, token)


def test_looking_at_a_session_writes_at_most_once_a_minute(quick: House, statements: list[str]) -> None:
    token, _ = sign_in(quick)
    quick.clock.forward(seconds=59)
    statements.clear()
    live(quick, token)
    assert [text for text in statements if text.startswith("UPDATE")] == []
    quick.clock.forward(seconds=2)
    live(quick, token)
    live(quick, token)
    assert len([text for text in statements if text.startswith("UPDATE")]) == 1


def test_a_session_is_found_with_its_account_and_all_its_bodies_in_one_statement(
    quick: House, statements: list[str]
) -> None:
    token, actor = sign_in(quick)
    statements.clear()
    assert live(quick, token) == people.LiveSession(actor, None)
    assert len([text for text in statements if not text.startswith("BEGIN")]) == 1
    with quick.engine.sessions.command(TENANT) as session:
        party = people.open_session(session, quick.engine, party_id="01a21fcc-1288-76ad-976d-b745351b8151")
    assert live(quick, party) == people.LiveSession(None, "01a21fcc-1288-76ad-976d-b745351b8151")


def test_after_sign_out_the_token_opens_nothing(quick: House) -> None:
    token, _ = sign_in(quick)
    other, _ = sign_in(quick)
    people.sign_out(quick.engine, TENANT, token)
    assert live(quick, token) is None
    assert live(quick, other)
    people.sign_out(quick.engine, TENANT, "never given out")


def test_the_token_is_stored_only_as_its_hash(quick: House) -> None:
    token, actor = sign_in(quick)
    (row,) = stored(quick, WebSession)
    assert row.account_id == actor.id
    assert token not in str(vars(row))
    assert live(quick, row.token_hash) is None


def test_two_sign_ins_have_two_tokens(quick: House) -> None:
    tokens = {sign_in(quick)[0] for _ in range(3)}
    assert len(tokens) == 3
    assert min(len(token) for token in tokens) >= 43


def test_a_token_opens_nothing_in_another_tenant(quick: House) -> None:
    token, actor = sign_in(quick)
    bodies.ensure_tenant(quick.engine, OTHER_TENANT, "别区")
    assert people.live_session(quick.engine, OTHER_TENANT, token) is None
    assert people.account_actor(quick.engine, OTHER_TENANT, actor.id) is None


def test_an_account_that_is_no_longer_active_neither_signs_in_nor_acts(quick: House) -> None:
    _, actor = sign_in(quick)
    accounts = table(Account)
    with quick.engine.sessions.command(TENANT) as session:
        this = (accounts.c.tenant_id == TENANT, accounts.c.id == actor.id)
        session.execute(update(accounts).where(*this).values(active=False))
    assert people.account_actor(quick.engine, TENANT, actor.id) is None
    fail(quick, 1, password=PASSWORD)


def test_a_sign_in_is_in_the_tenants_record_and_a_failed_one_is_not(quick: House) -> None:
    fail(quick, 2)
    _, actor = sign_in(quick)
    with quick.engine.sessions.query(TENANT) as session:
        found = select(audit.ROWS).where(audit.ROWS.c.tenant_id == TENANT, audit.ROWS.c.chain_id == TENANT)
        (row,) = session.execute(found).all()
    assert (row.action, row.actor_id, row.at) == ("account.signed_in", actor.id, quick.clock())
    assert audit.verify(quick.engine, TENANT, {}) == []


@pytest.fixture
def town(house: House) -> dict[str, policy.Actor]:
    """A reception each in a town, its two villages and a hamlet of one, and in another town."""
    places = [("town", None), ("upper", "town"), ("lower", "town"), ("hamlet", "upper"), ("elsewhere", None)]
    ids: dict[str, str] = {}
    for place, parent in places:
        with house.engine.sessions.command(TENANT) as session:
            ids[place] = bodies.ensure_body(session, NewBody(place, parent_id=ids.get(parent or "")))
    accounts = {place: add_account(house, place, body_id) for place, body_id in ids.items()}
    return {place: actor_of(house, account_id) for place, account_id in accounts.items()}


def actor_of(house: House, account_id: str) -> policy.Actor:
    actor = people.account_actor(house.engine, TENANT, account_id)
    assert actor is not None
    return actor


def test_a_town_sees_its_villages_cases_and_not_the_reverse(
    house: House, town: dict[str, policy.Actor]
) -> None:
    house.deploy({"p.bpmn": diagrams.in_line("p", [diagrams.user_task("ask")])})
    cases = {begin(replace(house, body_id=actor.body_id), "p"): place for place, actor in town.items()}
    seen = {place: {cases[root_id] for root_id in roots_seen(house, actor)} for place, actor in town.items()}
    assert seen == {
        "town": {"town", "upper", "lower", "hamlet"},
        "upper": {"upper", "hamlet"},
        "lower": {"lower"},
        "hamlet": {"hamlet"},
        "elsewhere": {"elsewhere"},
    }


def roots_seen(house: House, actor: policy.Actor) -> list[str]:
    with house.engine.sessions.query(TENANT) as session:
        return list(session.scalars(select(ProcessInstance.id).where(policy.visible_roots(actor))))


def test_a_body_of_the_same_name_is_made_once(house: House) -> None:
    made = set()
    for _ in range(2):
        with house.engine.sessions.command(TENANT) as session:
            made.add(bodies.ensure_body(session, NewBody("龙溪镇人民调解委员会", "龙溪")))
    assert len(made) == 1


def test_a_tenant_that_is_there_keeps_its_name(house: House) -> None:
    bodies.ensure_tenant(house.engine, TENANT, "另一个名字")
    with house.engine.sessions.query(TENANT) as session:
        assert session.scalars(select(people.Tenant.name).where(people.Tenant.id == TENANT)).one() == "合川区"


def test_moments_are_kept_to_the_microsecond(quick: House) -> None:
    quick.clock.moment = dt.datetime(2026, 3, 2, 9, 0, 0, 123456, dt.timezone(dt.timedelta(hours=8)))
    sign_in(quick)
    assert stored(quick, WebSession)[0].created_at == quick.clock()
