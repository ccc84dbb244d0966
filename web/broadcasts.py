"""Television: consents taken back, footage asked for, and the list of what must not be shown."""

import datetime as dt

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors
from engine.mediation import broadcast_uses
from engine.mediation.broadcast_items import ELEMENTS, NEEDS, Use
from engine.mediation.broadcast_ledger import ConsentWithdrawal, withdraw_consent
from engine.models.base import dump_json
from web.access import actor, engine, parties_only, staff_only

pages = Blueprint("broadcasts", __name__)


@pages.post("/cases/<case_id>/consents/withdrawal")
@staff_only
def withdraw(case_id: str) -> ResponseReturnValue:
    """A party has told the office that it takes back a consent (PIPL Art. 15)."""
    form = request.form
    asked = ConsentWithdrawal(case_id, form["party_id"], form.get("item", ""), form.get("reason", "")[:2000])
    withdraw_consent(engine(), actor(), asked, form.get("key", ""))
    flash(gettext("The consent is taken back."), "success")
    return redirect(url_for("cases.show", case_id=case_id, _anchor="broadcast"), 303)


@pages.post("/party/consents/withdrawal")
@parties_only
def withdraw_own() -> ResponseReturnValue:
    """Take back one's own consent, in one step and without a reason (PIPL Art. 15)."""
    me, form = actor(), request.form
    reason = form.get("reason", "")[:2000]
    asked = ConsentWithdrawal(me.instance_id or "", me.party_id or "", form.get("item", ""), reason)
    withdraw_consent(engine(), me, asked, form.get("key", ""))
    flash(gettext("You have taken back this consent. Mediation goes on as before."), "success")
    return redirect(url_for("parties.show", _anchor="broadcast"), 303)


@pages.post("/cases/<case_id>/footage")
@staff_only
def ask(case_id: str) -> ResponseReturnValue:
    """Whether footage may be used so now: yes or no, with the reasons, as JSON; recorded either way."""
    answer = broadcast_uses.ask_use(engine(), actor(), case_id, _use(), request.form.get("key", ""))
    return _json({"allowed": answer.allowed, "obstacles": [vars(one) for one in answer.obstacles]})


@pages.get("/cases/<case_id>/do-not-air.json")
@staff_only
def do_not_air(case_id: str) -> ResponseReturnValue:
    """What must not be shown today, for machines; docs/do_not_air.md describes it."""
    return _json(broadcast_uses.read_do_not_air(engine(), actor(), case_id))


def _use() -> Use:
    form = request.form
    shows: dict[str, list[str]] = {}
    for shown in form.getlist("shows"):
        party_id, _, element = shown.partition(":")
        shows.setdefault(party_id, []).append(element)
    known = form.get("kind") in NEEDS and all(one in ELEMENTS for many in shows.values() for one in many)
    day = form.get("day", type=dt.date.fromisoformat)
    if not known or day is None:
        raise errors.UnreadableRequest
    return Use(form["kind"], day, form.get("channel", "")[:200], shows)


def _json(value: object) -> Response:
    return Response(dump_json(value), mimetype="application/json")
