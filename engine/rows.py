"""Rows that hot statements read past the ORM's loader, which takes longer over a row than the database."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.attributes import instance_state

from engine.models.base import Row, TenantRow, table

T = TypeVar("T", bound=TenantRow)
Values = Mapping[str, Any]


def parts(found: Sequence[Any], *kinds: type[TenantRow]) -> tuple[list[dict[str, Any]], Sequence[Any]]:
    """A row that begins with these kinds' tables, taken apart: the attributes of each kind, and the rest."""
    taken, begin = [], 0
    for kind in kinds:
        names = _names(kind)
        end = begin + len(names)
        taken.append(dict(zip(names, found[begin:end], strict=True)))
        begin = end
    return taken, found[begin:]


def adopt(session: Session, kind: type[T], values: Values) -> T:
    """The session's own object of a row, as if the session had loaded it; the one that it has, if it has one.

    `values` has an attribute for each column of the kind's table; relationships are loaded when they are
    asked for.
    """
    key = tuple(values[name] for name in key_names(kind))
    if (own := loaded(session, kind, key)) is not None:
        return own
    mapper = mapper_of(kind)
    row = cast(T, mapper.class_manager.new_instance())
    vars(row).update(values)
    # Past `Session.add`, which looks for rows around this one.
    state = instance_state(row)
    state.key = mapper.identity_key_from_primary_key(key)
    state.session_id = session.hash_key
    session.identity_map.add(state)
    return row


def loaded(session: Session, kind: type[T], key: tuple[str, ...]) -> T | None:
    """The session's own object of the row with this primary key, if it has it; the database is not asked."""
    identity = mapper_of(kind).identity_key_from_primary_key(key)
    return cast(T | None, session.identity_map.get(identity))


def take_as_stored(session: Session, row: Row) -> None:
    """Let a row of the session stand for what is stored, so that what has changed is not written again."""
    # As the session itself does after a flush; `make_transient` and back makes six times as many calls.
    instance_state(row)._commit_all(vars(row), session.identity_map)


@cache
def mapper_of(kind: type[Row]) -> Mapper[Any]:
    """How a kind of rows lies in its table; `sqlalchemy.inspect` looks for it at each call."""
    return inspect(kind)


@cache
def _names(kind: type[TenantRow]) -> tuple[str, ...]:
    return tuple(mapper_of(kind).get_property_by_column(column).key for column in table(kind).columns)


@cache
def key_names(kind: type[Row]) -> tuple[str, ...]:
    """The attributes of the primary key, in its order."""
    mapper = mapper_of(kind)
    return tuple(mapper.get_property_by_column(column).key for column in mapper.primary_key)
