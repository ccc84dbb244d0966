"""Changed rows, written past the ORM's flush, which makes three times as many calls of functions for one."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state

from engine import errors
from engine.models.base import TenantRow, table
from engine.rows import mapper_of, take_as_stored

Names = tuple[str, ...]


def write_changed(session: Session) -> None:
    """Write the session's changed rows, those of a kind with the same changes in one statement.

    The flush does it, with all its care, where rows come or go or relationships change. Raises
    ConcurrentChange if a row is gone, or has another version in the database.
    """
    changed = session.dirty
    if session.new or session.deleted or not all(map(_has_plain_changes, changed)):
        session.flush()
        return
    alike: dict[tuple[type[TenantRow], Names], list[TenantRow]] = {}
    for row in sorted(changed, key=_place):
        alike.setdefault((type(row), _changes(row)), []).append(row)
    for (_, names), rows in alike.items():
        _write(session, rows, names)


def write_together(session: Session, rows: Sequence[TenantRow]) -> None:
    """Write those of these rows of one kind that have changed, once, in one statement.

    New ones are left to the flush. Raises ConcurrentChange as `write_changed` does.
    """
    changes = {row: _changes(row) for row in dict.fromkeys(rows) if _is_changed(row)}
    names = tuple(sorted({name for found in changes.values() for name in found}))
    _write(session, list(changes), names)


def _write(session: Session, rows: Sequence[TenantRow], names: Names) -> None:
    if names:
        values = [_values(row, names) for row in rows]
        written = session.connection().execute(_update(type(rows[0]), names), values)
        if written.rowcount != len(rows):
            raise errors.ConcurrentChange
    for row in rows:
        if names and (version := _version(type(row))) is not None:
            setattr(row, version, getattr(row, version) + 1)
        take_as_stored(session, row)


def _is_changed(row: TenantRow) -> bool:
    state = instance_state(row)
    return state.persistent and state.modified


def _has_plain_changes(row: TenantRow) -> bool:
    return not instance_state(row).committed_state.keys() - mapper_of(type(row)).columns.keys()


def _changes(row: TenantRow) -> Names:
    now, before = vars(row), instance_state(row).committed_state
    return tuple(name for name in before if now[name] != before[name])


def _place(row: TenantRow) -> tuple[str, Any]:
    # As the flush does: two commands that change the same rows do it in the same order.
    return type(row).__tablename__, instance_state(row).identity


def _values(row: TenantRow, names: Names) -> dict[str, Any]:
    # What is loaded is taken as it lies there: to ask the ORM is a call of a function for each column.
    here = vars(row)
    this = {parameter: here[name] for name, parameter in _parameters(type(row)).items()}
    return this | {name: here[name] if name in here else getattr(row, name) for name in names}


@lru_cache(1_000)
def _update(kind: type[TenantRow], names: Names) -> Update:
    columns, version = mapper_of(kind).columns, _version(kind)
    these = [columns[name] == bindparam(parameter) for name, parameter in _parameters(kind).items()]
    values: dict[Any, Any] = {columns[name]: bindparam(name) for name in names}
    if version is not None:
        values[columns[version]] = columns[version] + 1
    return update(table(kind)).where(*these).values(values)


@cache
def _parameters(kind: type[TenantRow]) -> dict[str, str]:
    """The names by which a row is found as it was read, each with its parameter."""
    mapper = mapper_of(kind)
    keys = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
    version = _version(kind)
    return {name: f"of_{name}" for name in [*keys, *([] if version is None else [version])]}


@cache
def _version(kind: type[TenantRow]) -> str | None:
    """The name of what counts a row's versions."""
    mapper = mapper_of(kind)
    counting = mapper.version_id_col
    return None if counting is None else mapper.get_property_by_column(counting).key
