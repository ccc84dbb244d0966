"""What all tables share: the tenant in every key, ids, times in UTC, JSON as text."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, cast

import simplejson
import uuid_utils
from sqlalchemy import DateTime, Dialect, MetaData, String, Table, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator, UserDefinedType

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def new_id() -> str:
    """A new UUIDv7 as text: ids sort by the time at which they were made."""
    return str(uuid_utils.uuid7())


def dump_json(value: object) -> str:
    """JSON text of a value: Decimals as exact numbers, dates as ISO text; keys keep their order."""
    return str(WRITER.encode(value))


def _iso(value: object) -> str:
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in JSON")


encoder = partial(
    simplejson.JSONEncoder,
    use_decimal=True,
    ensure_ascii=False,
    separators=(",", ":"),
    default=_iso,
    allow_nan=False,
)
# Made once: simplejson makes one of each for every value, which takes as long as a short text.
WRITER = encoder()
READER: Any = simplejson.JSONDecoder(parse_float=Decimal)


def load_json(text: str) -> Any:
    """The value of a JSON text; numbers with a fraction come back as Decimal, the others as int."""
    # Past `decode`, which looks for space around the value first: what is stored has none.
    try:
        value, end = READER.scan_once(text, 0)
    except (StopIteration, ValueError):
        end = -1
    return value if end == len(text) else READER.decode(text)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment: aware in Python, UTC without offset in the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Refuse naive times; they would be read as another moment elsewhere."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Give the moment back with UTC as its zone."""
        return None if value is None else value.replace(tzinfo=dt.UTC)


class JsonText(UserDefinedType[Any]):
    """A JSON value kept as text, never as jsonb: key order and number types survive; None is SQL's NULL."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """As a text that may be long."""
        return "TEXT"

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:
        """What writes a value as text."""
        return lambda value: None if value is None else dump_json(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:
        """What reads the text back."""
        return lambda text: None if text is None else load_json(text)


class Row(DeclarativeBase):
    """The declarative root of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dt.datetime: UtcDateTime, str: Text}


def table(row: type[Row]) -> Table:
    """The table of a row class, for the hot statements that go past the ORM."""
    return cast(Table, row.__table__)


class TenantRow(Row):
    """A row of one tenant: `tenant_id` is the first part of its primary key."""

    __abstract__ = True

    @declared_attr
    def tenant_id(cls) -> Mapped[str]:  # noqa: N805
        """The tenant, a district."""
        return mapped_column(String(36), primary_key=True, sort_order=-2)


class IdRow(TenantRow):
    """A tenant's row with an id of its own."""

    __abstract__ = True

    @declared_attr
    def id(cls) -> Mapped[str]:  # noqa: N805
        """UUIDv7 as text."""
        return mapped_column(String(36), primary_key=True, default=new_id, sort_order=-1)


class NotedRow(IdRow):
    """What somebody of the staff wrote down in a case, never changed."""

    __abstract__ = True
    case_id: Mapped[str] = mapped_column(String(36))
    made_at: Mapped[dt.datetime]
    recorded_by: Mapped[str] = mapped_column(String(36))
