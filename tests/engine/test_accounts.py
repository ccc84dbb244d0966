"""Administrators let people in and out, and nobody but its owner knows a password for long."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from engine import accounts, bodies, errors, instances, people, tasks
from engine.accounts import Person
from engine.bodies import NewBody
from engine.models.people import Account
from engine.models.processes import UserTask
from engine.models.records import AuditRow
from engine.policy import Actor
from tests import diagrams
from tests.conftest import ROLES as EVERYBODY
from tests.conftest import TENANT, House, recorded, settle
from tests.engine.test_tasks import begin, open_tasks

OWN = "taohua kaizai jiangbian"
CLERK = ("zhou", "周小梅")


def person(house: House, *roles: str, name: str = CLERK[1]) -> Person:
    return Person(name, roles or ("reception",), house.body_id)


def make(house: House, *roles: str, username: str = CLERK[0]) -> accounts.Made:
    return accounts.make_account(house.engine, house.administrator, username, person(house, *roles))


def sign_in(house: House, password: str, username: str = CLERK[0]) -> tuple[str, Actor]:
    return people.sign_in(house.engine, TENANT, username, password, "192.0.2.7")


def actions(house: House) -> list[str]:
    with house.engine.sessions.query(TENANT) as session:
        of_tenant = select(AuditRow.action).where(AuditRow.chain_id == TENANT).order_by(AuditRow.seq)
        return list(session.scalars(of_tenant))


def wrong_in(refused: pytest.ExceptionInfo[errors.InvalidAnswers]) -> set[str]:
    return set(refused.value.errors)


def test_who_was_let_in_signs_in_and_chooses_a_password_that_nobody_else_has_seen(house: House) -> None:
    made = make(house, "mediator", "reception")
    _, actor = sign_in(house, made.password)
    assert (actor.id, actor.roles) == (made.account_id, frozenset({"reception", "mediator"}))
    assert accounts.owes_password(house.engine, actor)
    accounts.change_password(house.engine, actor, made.password, OWN)
    assert not accounts.owes_password(house.engine, actor)
    with pytest.raises(errors.SignInRefused):
        sign_in(house, made.password)
    assert sign_in(house, OWN)[1].id == made.account_id
    assert actions(house)[:1] == ["account.made"]
    assert "account.password_changed" in actions(house)


def test_no_password_is_in_the_record_or_in_the_table(house: House) -> None:
    made = make(house)
    with house.engine.sessions.query(TENANT) as session:
        account = session.scalars(select(Account).where(Account.id == made.account_id)).one()
        assert made.password not in account.password_hash
        assert account.password_hash.startswith("$argon2id$")
    assert len({accounts.new_password() for _ in range(100)}) == 100
    assert not set("0o1li") & set(accounts.new_password())


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("", "short", "new"), ("", CLERK[0] + " 的密码很长很长很长", "new"), ("", "x" * 201, "new"),
        ("wrong", OWN, "old"), ("x" * 100_000, OWN, "old"),
    ],
)  # fmt: skip
def test_a_password_that_is_wrong_or_weak_is_refused_at_its_place(
    house: House, old: str, new: str, place: str
) -> None:
    made = make(house)
    _, actor = sign_in(house, made.password)
    with pytest.raises(errors.InvalidAnswers) as refused:
        accounts.change_password(house.engine, actor, old or made.password, new)
    assert wrong_in(refused) == {place}
    assert accounts.owes_password(house.engine, actor)


def test_the_present_password_is_not_guessed_by_trying(house: House) -> None:
    _, actor = sign_in(house, make(house).password)
    for _ in range(people.ATTEMPTS):
        with pytest.raises(errors.InvalidAnswers):
            accounts.change_password(house.engine, actor, "wrong", OWN)
    with pytest.raises(errors.TooManyAttempts):
        accounts.change_password(house.engine, actor, "wrong", OWN)


def test_choosing_a_password_ends_the_other_sessions(house: House) -> None:
    made = make(house)
    (here, actor), (elsewhere, _) = (sign_in(house, made.password) for _ in range(2))
    accounts.change_password(house.engine, actor, made.password, OWN, here)
    assert people.live_session(house.engine, TENANT, here) is not None
    assert people.live_session(house.engine, TENANT, elsewhere) is None


def test_a_new_first_password_ends_all_sessions_and_the_old_one(house: House) -> None:
    first = make(house)
    token, actor = sign_in(house, first.password)
    accounts.change_password(house.engine, actor, first.password, OWN, token)
    second = accounts.reset_password(house.engine, house.administrator, first.account_id)
    assert people.live_session(house.engine, TENANT, token) is None
    with pytest.raises(errors.SignInRefused):
        sign_in(house, OWN)
    assert accounts.owes_password(house.engine, sign_in(house, second.password)[1])


def test_a_closed_account_is_out_at_once_and_gives_back_what_it_took_on(house: House) -> None:
    house.deploy({"talks.bpmn": diagrams.in_line("talks", [diagrams.user_task("talk")])})
    root_id = begin(house)
    (task_id,) = [task.id for task in open_tasks(house, root_id)]
    made = make(house, "mediator")
    with house.engine.sessions.command(TENANT) as session:
        instances.add_member(session, root_id, made.account_id)
    token, actor = sign_in(house, made.password)
    tasks.claim_task(house.engine, actor, task_id)
    assert accounts.close_account(house.engine, house.administrator, made.account_id) == 1
    assert people.live_session(house.engine, TENANT, token) is None
    with pytest.raises(errors.SignInRefused):
        sign_in(house, made.password)
    with house.engine.sessions.query(TENANT) as session:
        assert session.scalars(select(UserTask.claimed_by).where(UserTask.id == task_id)).one() is None
    assert recorded(house, root_id)[-1] == "task.released"
    accounts.reopen_account(house.engine, house.administrator, made.account_id)
    assert sign_in(house, made.password)[1].id == made.account_id
    assert accounts.close_account(house.engine, house.administrator, made.account_id) == 0


def test_somebody_can_always_let_others_in(house: House) -> None:
    last = house.administrator
    with pytest.raises(errors.LastAdministrator):
        accounts.close_account(house.engine, last, last.id)
    with pytest.raises(errors.LastAdministrator):
        accounts.change_account(house.engine, last, last.id, person(house, "reception"))
    second = make(house, "administrator")
    accounts.change_account(house.engine, last, last.id, person(house, "reception"))
    _, now = sign_in(house, second.password)
    with pytest.raises(errors.LastAdministrator):
        accounts.close_account(house.engine, now, second.account_id)


def test_roles_and_body_count_from_the_next_page_on(house: House) -> None:
    village = bodies.add_body(
        house.engine, house.administrator, NewBody("白塔村调委会", "白塔", "", house.body_id, "village")
    )
    made = make(house)
    moved = Person("周晓梅", ["mediator", "grid_member"], village)
    accounts.change_account(house.engine, house.administrator, made.account_id, moved)
    actor = people.account_actor(house.engine, TENANT, made.account_id)
    assert actor is not None
    assert (actor.name, actor.roles, actor.body_ids) == ("周晓梅", {"mediator", "grid_member"}, {village})
    shown = accounts.show_account(house.engine, house.administrator, made.account_id)
    assert (shown.roles, shown.body) == (["mediator", "grid_member"], "白塔村调委会")
    bodies.close_body(house.engine, house.administrator, village)
    with pytest.raises(errors.BodyClosed):
        accounts.make_account(house.engine, house.administrator, "late", moved)
    accounts.change_account(house.engine, house.administrator, made.account_id, replace(moved, name="周小梅"))


@pytest.mark.parametrize(
    ("username", "changed", "place"),
    [
        ("", {}, "username"), ("two words", {}, "username"), ("全　角", {}, "username"),
        ("tab\t", {}, "username"), ("x" * 101, {}, "username"), ("MEDIATOR", {}, "username"),
        ("zhou", {"name": " "}, "name"), ("zhou", {"name": "长" * 101}, "name"),
        ("zhou", {"roles": []}, "roles"), ("zhou", {"roles": ["reception", "system"]}, "roles"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_new_account_is_named_and_nothing_is_made(
    house: House, username: str, changed: dict[str, object], place: str
) -> None:
    before = accounts.list_accounts(house.engine, house.administrator)
    with pytest.raises(errors.InvalidAnswers) as refused:
        accounts.make_account(house.engine, house.administrator, username, replace(person(house), **changed))  # type: ignore[arg-type]
    assert wrong_in(refused) == {place}
    assert accounts.list_accounts(house.engine, house.administrator) == before


def test_accounts_are_found_by_two_characters_of_a_name_and_the_closed_come_last(house: House) -> None:
    made = make(house)
    accounts.make_account(house.engine, house.administrator, "xiaomei", person(house, name="陈小梅"))
    accounts.close_account(house.engine, house.administrator, made.account_id)
    found = accounts.list_accounts(house.engine, house.administrator, "小梅")
    assert [(row.name, row.active) for row in found] == [("陈小梅", True), ("周小梅", False)]
    assert accounts.list_accounts(house.engine, house.administrator, "%") == []


COMMANDS: dict[str, Callable[[House, Actor, str], object]] = {
    "list": lambda house, actor, _: accounts.list_accounts(house.engine, actor),
    "show": lambda house, actor, of: accounts.show_account(house.engine, actor, of),
    "make": lambda house, actor, _: accounts.make_account(house.engine, actor, "new", person(house)),
    "change": lambda house, actor, of: accounts.change_account(house.engine, actor, of, person(house)),
    "close": lambda house, actor, of: accounts.close_account(house.engine, actor, of),
    "reopen": lambda house, actor, of: accounts.reopen_account(house.engine, actor, of),
    "reset": lambda house, actor, of: accounts.reset_password(house.engine, actor, of),
    "give back": lambda house, actor, of: tasks.give_back(house.engine, actor, of),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_only_administrators_do_this(house: House, name: str) -> None:
    made = make(house)
    for role in ("reception", "mediator", "chief_mediator", "seal_keeper"):
        with pytest.raises(errors.Forbidden):
            COMMANDS[name](house, house.actors[role], made.account_id)


@pytest.mark.parametrize("name", ["show", "change", "close", "reopen", "reset"])
def test_another_tenant_s_account_is_not_there(house: House, name: str) -> None:
    other = settle(house.engine, house.clock, "00000000-0000-7000-8000-000000000002")
    made = make(house)
    with pytest.raises(errors.NotFound):
        COMMANDS[name](other, other.administrator, made.account_id)
    listed = accounts.list_accounts(house.engine, other.administrator)
    assert {row.username for row in listed} == set(EVERYBODY)
