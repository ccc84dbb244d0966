"""Changed rows, written past the ORM's flush, which makes three times as many calls of functions for one."""

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import Update, bindparam, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state

from engine import errors
from engine.models.base import Row, table
from engine.rows import key_names, mapper_of, take_as_stored

Names = tuple[str, ...]
OF_VERSION = "of_version"


def write_changed(session: Session) -> None:
    """Write the session's changed rows, neighbours with the same changes in one statement.

    The flush does it, with all its care, where rows come or go or relationships change. Raises
    ConcurrentChange if a row is gone, or has another version in the database.
    """
    changed = session.dirty
    if session.new or session.deleted or not all(map(_has_plain_changes, changed)):
        session.flush()
        return
    # In one order, so that two commands that change the same rows do not wait for each other.
    for (_, names), rows in groupby(sorted(changed, key=_place), key=_kind_and_changes):
        _write(session, list(rows), names)


def write_together(session: Session, rows: Sequence[Row]) -> None:
    """Write those of these rows of one kind in which something was set, once, in one statement.

    New ones are left to the flush. Raises ConcurrentChange as `write_changed` does.
    """
    changed = [row for row in dict.fromkeys(rows) if _is_changed(row)]
    # Also what is equal to what it was: 1 and true are, and so are two orders of the same names.
    names = {name for row in changed for name in instance_state(row).committed_state}
    _write(session, changed, tuple(sorted(names)))


def _write(session: Session, rows: Sequence[Row], names: Names) -> None:
    if names:
        kind, values = type(rows[0]), [_values(row, names) for row in rows]
        if session.connection().execute(_update(kind, names), values).rowcount != len(rows):
            raise errors.ConcurrentChange
        if (version := _version(kind)) is not None:
            for row in rows:
                setattr(row, version, getattr(row, version) + 1)
    for row in rows:
        take_as_stored(session, row)


def _is_changed(row: Row) -> bool:
    state = instance_state(row)
    return state.persistent and state.modified


def _has_plain_changes(row: Row) -> bool:
    columns = mapper_of(type(row)).columns
    return all(name in vars(row) and name in columns for name in instance_state(row).committed_state)


def _kind_and_changes(row: Row) -> tuple[type[Row], Names]:
    now, before = vars(row), instance_state(row).committed_state
    return type(row), tuple(name for name in before if now[name] != before[name])


def _place(row: Row) -> tuple[str, Any]:
    return type(row).__tablename__, instance_state(row).identity


def _values(row: Row, names: Names) -> dict[str, Any]:
    # What is loaded is taken as it lies there: to ask the ORM is a call of a function for each column.
    kind, here = type(row), vars(row)
    keys = zip(key_names(kind), instance_state(row).identity or (), strict=True)
    this = {f"of_{name}": value for name, value in keys}
    if (version := _version(kind)) is not None:
        this[OF_VERSION] = getattr(row, version)
    return this | {name: here[name] if name in here else getattr(row, name) for name in names}


@lru_cache(1_000)
def _update(kind: type[Row], names: Names) -> Update:
    columns, version = mapper_of(kind).columns, _version(kind)
    these = [columns[name] == bindparam(f"of_{name}") for name in key_names(kind)]
    values: dict[Any, Any] = {columns[name]: bindparam(name) for name in names}
    if version is not None:
        these.append(columns[version] == bindparam(OF_VERSION))
        values[columns[version]] = columns[version] + 1
    return update(table(kind)).where(*these).values(values)


@cache
def _version(kind: type[Row]) -> str | None:
    """The name of what counts a row's versions."""
    mapper = mapper_of(kind)
    counting = mapper.version_id_col
    return None if counting is None else mapper.get_property_by_column(counting).key
