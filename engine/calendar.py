"""Legal days: calendar dates in the tenant's zone, working days, and the last days of limits.

Civil Code Art. 201–203: the day on which a limit begins is not counted; the last day ends at midnight; one
that falls on a day of rest is put off to the first working day after it.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

import chinese_calendar
from dateutil.relativedelta import relativedelta
from sqlalchemy import delete, insert, select

from engine import Engine, audit, feel, policy
from engine.models.base import table
from engine.models.clocks import CalendarDay
from engine.models.people import Tenant
from engine.policy import Actor

ZONE = ZoneInfo("Asia/Shanghai")
ONE = dt.timedelta(days=1)
SUNDAY_AND_SATURDAY = (5, 6)
LONGEST_LIMIT = 10_000
ADD_WORKING_DAYS = "add working days"
LAST_DAY = "last day"
IS_WORKING_DAY = "is working day"
NAMES = frozenset((ADD_WORKING_DAYS, LAST_DAY, IS_WORKING_DAY))
DAYS = table(CalendarDay)


def day_of(at: dt.datetime) -> dt.date:
    """The legal day in which a moment lies."""
    return at.astimezone(ZONE).date()


def start_of(day: dt.date) -> dt.datetime:
    """The first moment of a legal day."""
    return dt.datetime.combine(day, dt.time(), ZONE)


def end_of(day: dt.date) -> dt.datetime:
    """The first moment after a legal day: a limit whose last day this is has run out."""
    return start_of(day + ONE)


def after(at: dt.datetime, months: int, rest: dt.timedelta) -> dt.datetime:
    """A moment later by months and days of the calendar, then by hours of the clock; with the tenant's zone.

    A day that the month lacks becomes its last one. Raises OverflowError or ValueError beyond all dates.
    """
    local = at.astimezone(ZONE) + relativedelta(months=months, days=rest.days)
    return (local.astimezone(dt.UTC) + (rest - dt.timedelta(days=rest.days))).astimezone(ZONE)


@dataclass(frozen=True)
class Calendar:
    """Which days are working days; `announced` are those for which a tenant's table says so.

    Other days are as published for China, and in years that are not published yet Monday to Friday.
    """

    announced: Mapping[dt.date, bool] = field(default_factory=lambda: MappingProxyType({}))

    def is_working(self, day: dt.date) -> bool:
        """Whether offices work on the day."""
        if day in self.announced:
            return self.announced[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return day.weekday() not in SUNDAY_AND_SATURDAY

    def working_day_from(self, day: dt.date) -> dt.date:
        """The day itself, or the first working day after it."""
        while not self.is_working(day):
            day += ONE
        return day

    def add_working_days(self, start: dt.date, days: int) -> dt.date:
        """The last day of a limit of so many working days; ValueError below 0 and above 10,000."""
        _require_limit(days)
        day = start
        for _ in range(days):
            day = self.working_day_from(day + ONE)
        return day

    def last_day(self, start: dt.date, limit: int | relativedelta) -> dt.date:
        """The last day of a limit in calendar days, or in months; ValueError for an unsuitable limit."""
        if isinstance(limit, int):
            _require_limit(limit)
            limit = relativedelta(days=limit)
        return self.working_day_from(start + limit)

    def count_working_days(self, start: dt.date, end: dt.date) -> int:
        """How many working days lie after `start` up to and with `end`."""
        days = (start + ONE * number for number in range(1, (end - start).days + 1))
        return sum(self.is_working(day) for day in days)


def of_tenant(engine: Engine, tenant_id: str) -> Calendar:
    """The calendar with the tenant's own rows."""
    found = select(DAYS.c.day, DAYS.c.is_working).where(DAYS.c.tenant_id == tenant_id)
    with engine.sessions.query(tenant_id) as session:
        return Calendar({row.day: row.is_working for row in session.execute(found)})


def announce_days(engine: Engine, actor: Actor, days: Mapping[dt.date, bool]) -> None:
    """Say for days whether offices work on them, such as the State Council's notice for a new year.

    Days that were announced before are overwritten. Forbidden for who is no administrator.
    """
    policy.allow(actor, "calendar.announce")
    rows = [{"tenant_id": actor.tenant_id, "day": day, "is_working": days[day]} for day in sorted(days)]
    with engine.sessions.command(actor.tenant_id) as session:
        tenant = session.scalars(select(Tenant).where(Tenant.id == actor.tenant_id).with_for_update()).one()
        session.execute(delete(DAYS).where(DAYS.c.tenant_id == actor.tenant_id, DAYS.c.day.in_(list(days))))
        if rows:
            session.execute(insert(DAYS), rows)
        content = {day.isoformat(): days[day] for day in sorted(days)}
        entry = audit.Entry("calendar.announced", actor.tenant_id, engine.now(), content=content)
        audit.record(session, engine.keys, tenant, actor, entry)


def functions(read: Callable[[], Calendar]) -> dict[str, feel.Function]:
    """What diagrams and forms may call: `add working days(from, days)`, `last day(from, limit)` with days
    or a duration as the limit, `is working day(day)`; `from` may be a moment, for its legal day. The
    calendar is read when the first of them is called.
    """
    calendar = cache(read)
    return {
        ADD_WORKING_DAYS: feel.Function(
            ADD_WORKING_DAYS,
            ("from", "days"),
            lambda start, days: calendar().add_working_days(_day(start), _whole(days)),
        ),
        LAST_DAY: feel.Function(
            LAST_DAY, ("from", "limit"), lambda start, limit: calendar().last_day(_day(start), _limit(limit))
        ),
        IS_WORKING_DAY: feel.Function(IS_WORKING_DAY, ("day",), lambda day: calendar().is_working(_day(day))),
    }


def _require_limit(days: int) -> None:
    if not 0 <= days <= LONGEST_LIMIT:
        raise ValueError("a limit is some days long")


def _day(value: object) -> dt.date:
    if isinstance(value, dt.datetime):
        return day_of(value if value.tzinfo else value.replace(tzinfo=ZONE))
    if isinstance(value, dt.date):
        return value
    raise TypeError("a limit begins on a day")


def _whole(days: Decimal) -> int:
    if days != days.to_integral_value():
        raise ValueError("days are counted whole")
    return int(days)


def _limit(value: object) -> int | relativedelta:
    if isinstance(value, feel.YearsMonths) and 0 <= value.months <= LONGEST_LIMIT:
        return relativedelta(months=value.months)
    if isinstance(value, dt.timedelta):
        value = Decimal(value / ONE)
    if isinstance(value, Decimal):
        return _whole(value)
    raise TypeError("a limit is a number of days or a duration")
