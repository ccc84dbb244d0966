"""The parties' own pages, without an account: the link and its code, where the case stands, leaving it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import errors
from engine.mediation import case_page, cases, links
from web import access, metrics
from web.access import actor, engine, parties_only, tenant_id
from web.refusals import say

pages = Blueprint("parties", __name__)


@pages.get("/p/<token>")
def enter(token: str) -> ResponseReturnValue:
    """Ask for the code that belongs to the link; nothing else is told."""
    return render_template("parties/enter.html", token=token)


@pages.post("/p/<token>")
def check(token: str) -> ResponseReturnValue:
    """Open the party's session if the code is right."""
    code, address = "".join(request.form.get("code", "").split()), request.remote_addr or ""
    try:
        session_token, _ = links.enter_link(engine(), tenant_id(), token, code, address)
    except (errors.SignInRefused, errors.TooManyAttempts) as refused:
        metrics.refused(refused)
        wrong = isinstance(refused, errors.SignInRefused)
        problem = gettext("This code is not right.") if wrong else say(refused)
        return render_template("parties/enter.html", token=token, problem=problem), refused.status
    access.begin(session_token)
    return redirect(url_for("parties.show"), 303)


@pages.get("/party")
@parties_only
def show() -> ResponseReturnValue:
    """Where the party's case stands, what it may do, and its documents."""
    case = case_page.show_case(engine(), actor(), actor().instance_id or "")
    return render_template("parties/show.html", case=case)


@pages.post("/party/withdrawal")
@parties_only
def withdraw() -> ResponseReturnValue:
    """End mediation for this party, in one step and without a reason (PML Art. 23)."""
    me, form = actor(), request.form
    leaving = cases.Withdrawal(me.instance_id or "", me.party_id or "", form.get("reason", "")[:2000])
    cases.withdraw(engine(), me, leaving, form.get("key", ""))
    flash(gettext("You have ended the mediation for yourself."), "success")
    return redirect(url_for("parties.show"), 303)
