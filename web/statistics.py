"""Statistics of a period, as a page and as a file for the justice bureau."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from engine import errors
from engine.calendar import day_of
from engine.mediation import statistics
from engine.mediation.statistics import BREAKDOWNS, Line, Period, Statistics
from web.access import actor, engine, staff_only
from web.spreadsheets import csv_file
from web.words import word

pages = Blueprint("statistics", __name__, url_prefix="/statistics")
TITLES = {
    "dispute_type": lazy_gettext("By type of dispute"),
    "source": lazy_gettext("By source"),
    "intake_channel": lazy_gettext("By how it reached the committee"),
    "body": lazy_gettext("By body"),
    "path": lazy_gettext("By path"),
    "form": lazy_gettext("By form of the agreement"),
    "ending": lazy_gettext("By result"),
}

HEADINGS = (
    lazy_gettext("Cases"),
    lazy_gettext("Parties"),
    lazy_gettext("Households of groups among them"),
    lazy_gettext("Settled"),
    lazy_gettext("Yuan in dispute"),
)


@pages.get("")
@staff_only
def show() -> ResponseReturnValue:
    """The page of a period; without one, of this year until today."""
    found = statistics.show_statistics(engine(), actor(), _period())
    return render_template("statistics/show.html", found=found, titles=TITLES, named=_named)


@pages.get("/statistics.csv")
@staff_only
def export() -> ResponseReturnValue:
    """The same as a file (PML Art. 10)."""
    found = statistics.show_statistics(engine(), actor(), _period())
    return csv_file("statistics.csv", _lines(found))


def _period() -> Period:
    today = day_of(engine().now())
    return Period(_day("first", today.replace(month=1, day=1)), _day("last", today))


def _day(name: str, usual: dt.date) -> dt.date:
    try:
        return dt.date.fromisoformat(request.args[name]) if request.args.get(name) else usual
    except ValueError as unreadable:
        raise errors.UnreadableTime from unreadable


def _lines(found: Statistics) -> Iterator[list[str]]:
    yield [gettext("Accepted from %(first)s to %(last)s", **_days(found.period))]
    yield ["", "", *map(str, HEADINGS)]
    yield [gettext("All cases"), "", *_cells(found.total)]
    for part in BREAKDOWNS:
        for key, line in found.parts[part].items():
            yield [str(TITLES[part]), _named(key, part), *_cells(line)]
    yield [gettext("Brought and not accepted"), "", str(found.turned_away)]


def _days(period: Period) -> dict[str, str]:
    return {"first": period.first.isoformat(), "last": period.last.isoformat()}


def _cells(line: Line) -> list[str]:
    counts = (line.cases, line.parties, line.households, line.settled)
    return [*map(str, counts), _yuan(line.amount)]


def _yuan(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _named(key: str, part: str) -> str:
    return key if part == "body" else word(key, part)
