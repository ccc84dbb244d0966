"""The page of the law: its rules and time limits, and a limit changed from a day on."""

import datetime as dt

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext

from engine import errors
from engine.mediation import law_changes
from engine.mediation.law_changes import LimitChange
from web.access import actor, engine, staff_only
from web.bodies import Wrong, attempt
from web.language import of_the_reader
from web.law_links import linked

pages = Blueprint("law", __name__, url_prefix="/law")
pages.add_app_template_filter(of_the_reader(linked))
UNITS = {
    "hours": lazy_gettext("hours"),
    "days": lazy_gettext("days"),
    "working_days": lazy_gettext("working days"),
    "months": lazy_gettext("months"),
    "years": lazy_gettext("years"),
    "people": lazy_gettext("people"),
}


@pages.app_template_filter("lasting")
@of_the_reader
def lasting(value: int, unit: str) -> str:
    """So many of a unit in words, such as 3 working days."""
    match unit:
        case "hours":
            said = ngettext("%(num)s hour", "%(num)s hours", value)
        case "days":
            said = ngettext("%(num)s day", "%(num)s days", value)
        case "working_days":
            said = ngettext("%(num)s working day", "%(num)s working days", value)
        case "months":
            said = ngettext("%(num)s month", "%(num)s months", value)
        case "people":
            said = ngettext("%(num)s person", "%(num)s people", value)
        case _:
            said = ngettext("%(num)s year", "%(num)s years", value)
    return str(said)


@pages.get("")
@staff_only
def index() -> ResponseReturnValue:
    """Every rule and limit with its article, and what was changed."""
    return _page(None)


@pages.post("/<key>")
@staff_only
def change(key: str) -> ResponseReturnValue:
    """Let a limit have another value from a day on."""
    goal = (gettext("The time limit has been changed."), url_for("law.index", _anchor=key))
    return attempt(
        f"limit-{key}", lambda: law_changes.change_limit(engine(), actor(), _change(key)), _page, goal
    )


def _change(key: str) -> LimitChange:
    value = _text("value")
    # What is no number is refused as 0 is.
    number = int(value) if value.isascii() and value.isdigit() and len(value) < len("100000") else 0
    return LimitChange(key, number, _day("effective_from"), _text("source"), _text("reason"), _text("unit"))


def _page(wrong: Wrong | None) -> str:
    view = law_changes.show_law(engine(), actor())
    return render_template("law/show.html", view=view, units=UNITS, wrong=wrong)


def _text(name: str) -> str:
    return request.form.get(name, "").strip()


def _day(name: str) -> dt.date:
    try:
        return dt.date.fromisoformat(_text(name))
    except ValueError as unreadable:
        raise errors.InvalidAnswers({name: (errors.UnreadableTime.__doc__ or "", {})}) from unreadable
