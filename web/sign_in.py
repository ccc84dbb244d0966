"""Signing in and out of the staff's pages."""

from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from engine import accounts, errors, people
from web import access, metrics
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
    """Begin a new session, or show the form again with what was wrong."""
    form, address = request.form, request.remote_addr or ""
    name, password = form.get("username", ""), form.get("password", "")
    try:
        token, found = people.sign_in(engine(), tenant_id(), name, password, address)
    except (errors.SignInRefused, errors.TooManyAttempts) as refused:
        metrics.refused(refused)
        problem, wanted = say(refused), form.get("next", "")
        page = render_template("sign_in/show.html", problem=problem, username=name, next=wanted)
        return page, refused.status
    access.begin(token)
    session[access.PASSWORD_DUE] = accounts.owes_password(engine(), found)
    return redirect(safe_path(form.get("next")), 303)


@pages.post("/sign-out")
def leave() -> ResponseReturnValue:
    """End the session on the server and in the browser."""
    if token := session.get(access.TOKEN):
        people.sign_out(engine(), tenant_id(), token)
    access.end()
    return redirect("/sign-in", 303)
