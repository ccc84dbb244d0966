"""Words for the codes that the engine keeps: statuses, roles, recorded actions; and days and moments."""

import datetime as dt
from collections.abc import Mapping

from flask import Flask
from flask_babel import format_date, format_datetime, get_locale, gettext, lazy_gettext

STATUSES = {
    "draft": lazy_gettext("being registered"),
    "submitted": lazy_gettext("registered"),
    "accepted": lazy_gettext("accepted"),
    "invited": lazy_gettext("parties invited"),
    "consented": lazy_gettext("consent given"),
    "mediating": lazy_gettext("in mediation"),
    "agreed_drafting": lazy_gettext("agreed, being written"),
    "signing": lazy_gettext("being signed"),
    "effective": lazy_gettext("agreement effective"),
    "refused_intake": lazy_gettext("not accepted"),
    "transferred": lazy_gettext("transferred"),
    "ended": lazy_gettext("ended without agreement"),
}
ROLES = {
    "party": lazy_gettext("party"),
    "reception": lazy_gettext("reception"),
    "mediator": lazy_gettext("mediator"),
    "chief_mediator": lazy_gettext("chief mediator"),
    "seal_keeper": lazy_gettext("seal-keeper"),
    "administrator": lazy_gettext("administrator"),
    "system": lazy_gettext("system"),
}
ENDS = {
    "agreed_written": lazy_gettext("settled by a written agreement"),
    "refused": lazy_gettext("a party refused mediation"),
    "withdrawn": lazy_gettext("a party ended the mediation"),
    "unreachable": lazy_gettext("a party was not reached"),
    "deadlock": lazy_gettext("no agreement was reached"),
    "not_accepted": lazy_gettext("not accepted"),
    "transferred": lazy_gettext("transferred"),
    "other": lazy_gettext("another reason"),
}
SIGNERS = {
    "party": lazy_gettext("party"),
    "mediator": lazy_gettext("mediator"),
    "seal": lazy_gettext("the committee's seal"),
}
DOCUMENTS = {
    "receipt": lazy_gettext("receipt of the application"),
    "rights_notice": lazy_gettext("notice of rights and duties"),
    "agreement": lazy_gettext("mediation agreement"),
    "scan": lazy_gettext("signed sheet as it was brought"),
    "signed_sheet": lazy_gettext("signed sheet (scan)"),
    "routes_notice": lazy_gettext("notice of other ways"),
}
SIDES = {"applicant": lazy_gettext("applicant"), "respondent": lazy_gettext("respondent")}
ACTIONS = {
    "case.opened": lazy_gettext("opened the case"),
    "process.started": lazy_gettext("began the process"),
    "process.ended": lazy_gettext("ended the process"),
    "instance.started": lazy_gettext("opened the case"),
    "instance.ended": lazy_gettext("ended the process"),
    "task.completed": lazy_gettext("completed"),
    "task.claimed": lazy_gettext("took on"),
    "task.released": lazy_gettext("gave back"),
    "party.withdrew": lazy_gettext("ended mediation for a party"),
    "link.entered": lazy_gettext("opened the party's page"),
    "link.renewed": lazy_gettext("made a new link for a party"),
    "service.completed": lazy_gettext("completed"),
    "signal.received": lazy_gettext("received a signal"),
    "service.failed": lazy_gettext("could not complete"),
    "file.stored": lazy_gettext("stored a file"),
    "timer.fired": lazy_gettext("a time limit has run out"),
    "message.received": lazy_gettext("received a message"),
    "clocks.paused": lazy_gettext("stopped the time limits"),
    "clocks.resumed": lazy_gettext("let the time limits go on"),
    "due.set": lazy_gettext("changed a time limit"),
    "calendar.announced": lazy_gettext("announced working days"),
    "case.open": lazy_gettext("open a case"),
    "case.withdraw": lazy_gettext("end mediation for a party"),
    "link.read": lazy_gettext("see the parties' links"),
    "task.complete": lazy_gettext("complete this task"),
    "task.claim": lazy_gettext("take this task on"),
    "agreement.check": lazy_gettext("check the agreement"),
    "agreement.sign": lazy_gettext("sign for a party"),
    "agreement.seal": lazy_gettext("put the committee's seal"),
    "mediate": lazy_gettext("act as the mediator of this case"),
    "file.store": lazy_gettext("store a file"),
    "clocks.pause": lazy_gettext("stop the time limits"),
    "message.publish": lazy_gettext("send a message"),
    "calendar.announce": lazy_gettext("announce working days"),
}
STATES = {
    "done": lazy_gettext("done"),
    "active": lazy_gettext("now"),
    "ahead": lazy_gettext("not yet"),
}
TABLES = {
    "status": STATUSES,
    "end": ENDS,
    "role": ROLES,
    "side": SIDES,
    "signer": SIGNERS,
    "document": DOCUMENTS,
    "action": ACTIONS,
    "state": STATES,
}
MOMENT = {"zh": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm"}
DAY = {"zh": "y年M月d日", "en": "d MMM y"}


def prepare(app: Flask) -> None:
    """Give templates the filters `word`, `day` and `moment`."""
    app.jinja_env.filters.update(word=word, day=day, moment=moment)


def word(code: str | None, table: str) -> str:
    """The word for a code; the code itself where there is none."""
    return str(TABLES[table].get(code or "", code or ""))


def moment(at: dt.datetime | None) -> str:
    """A point in time on the tenant's clock."""
    return format_datetime(at, MOMENT[str(get_locale())]) if at else ""


def day(on: dt.date | dt.datetime | None) -> str:
    """A calendar day in the tenant's zone."""
    if isinstance(on, dt.datetime):
        return str(format_datetime(on, DAY[str(get_locale())]))
    return format_date(on, DAY[str(get_locale())]) if on else ""


def shown_params(params: Mapping[str, object]) -> dict[str, str]:
    """A message's parameters as people read them; those that are messages themselves are translated."""
    return _Shown({name: _shown(value) for name, value in params.items()})


def filled(message: str, params: Mapping[str, object]) -> str:
    """A message with named places, in the reader's language."""
    return str(gettext(message).format_map(shown_params(params)))


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def _shown(value: object) -> str:
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, str) and value:
        return word(value, "action") if value in ACTIONS else gettext(value)
    return str(value if value is not None else "…")
