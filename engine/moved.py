"""Instances that a command has moved: written in one statement, where the ORM writes each by itself."""

from collections.abc import Sequence

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state

from engine import errors
from engine.models.base import table
from engine.models.processes import ProcessInstance
from engine.rows import take_as_stored
from engine.sessions import OF_TENANT

ROWS = table(ProcessInstance)
VALUES = tuple(column.name for column in ROWS.columns if not column.primary_key and column.name != "version")
WRITE = (
    update(ROWS)
    .where(
        ROWS.c.tenant_id == OF_TENANT,
        ROWS.c.id == bindparam("of_instance"),
        ROWS.c.version == bindparam("of_version"),
    )
    .values(version=bindparam("of_version") + 1, **{name: bindparam(name) for name in VALUES})
)


def write(session: Session, rows: Sequence[ProcessInstance]) -> None:
    """Write these rows as they stand, each as its next version, once; new ones are left to the flush.

    Raises ConcurrentChange if a row has another version in the database.
    """
    known = [row for row in dict.fromkeys(rows) if _is_changed(row)]
    if not known:
        return
    written = session.connection().execute(WRITE, [_values(row) for row in known])
    if written.rowcount != len(known):
        raise errors.ConcurrentChange
    for row in known:
        row.version += 1
        take_as_stored(session, row)


def _is_changed(row: ProcessInstance) -> bool:
    # `Session.is_modified` compares every column; it is enough that one was set.
    state = instance_state(row)
    return state.persistent and state.modified


def _values(row: ProcessInstance) -> dict[str, object]:
    # What is loaded is taken as it lies there: to ask the ORM is a call of a function for each column.
    here = vars(row)
    values = {name: here[name] if name in here else getattr(row, name) for name in VALUES}
    return {"of_tenant": row.tenant_id, "of_instance": row.id, "of_version": row.version, **values}
