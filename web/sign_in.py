"""Signing in and out of the staff's pages."""

from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from engine import accounts, errors, people
from web import access, carried, metrics
from web.access import engine, tenant_id
from web.refusals import say
from web.ways import safe_path

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in")
def show() -> ResponseReturnValue:
    """The form; who is signed in already goes on."""
    if access.known_actor():
        return redirect(safe_path(request.args.get("next")), 303)
    return render_template("sign_in/show.html", next=request.args.get("next", ""))


@pages.post("/sign-in")
def enter() -> ResponseReturnValue:
    """Begin a new session and go on, or show the form again with what was wrong.

    What was carried here is not sent by itself: whoever has signed in presses the button.
    """
    form, address = request.form, request.remote_addr or ""
    name, password = form.get("username", ""), form.get("password", "")
    try:
        token, found = people.sign_in(engine(), tenant_id(), name, password, address)
    except (errors.SignInRefused, errors.TooManyAttempts) as refused:
        metrics.refused(refused)
        kept = {"next": form.get("next", ""), "carried": form.get("carried", "")}
        page = render_template("sign_in/show.html", problem=say(refused), username=name, **kept)
        return page, refused.status
    access.begin(token)
    session[access.PASSWORD_DUE] = accounts.owes_password(engine(), found)
    wanted, typed = safe_path(form.get("next")), carried.pairs(form.get("carried", ""))
    if typed and not session[access.PASSWORD_DUE]:
        return render_template("sign_in/again.html", action=wanted, typed=typed)
    return redirect(wanted, 303)


@pages.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session on the server and in the browser."""
    if token := session.get(access.TOKEN):
        people.sign_out(engine(), tenant_id(), token)
    access.end()
    return redirect("/sign-in", 303)
