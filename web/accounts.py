"""The staff's accounts for administrators, and everybody's own password."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from engine import accounts, bodies, errors
from engine.accounts import Made, Person
from web import access, metrics
from web.access import actor, engine, signed_in, staff_only
from web.bodies import Wrong, attempt, texts
from web.posted import text_given

pages = Blueprint("accounts", __name__)


@pages.get("/accounts")
@staff_only
def index() -> ResponseReturnValue:
    """All accounts, or those that a search finds."""
    return _list(None)


@pages.post("/accounts")
@staff_only
def make() -> ResponseReturnValue:
    """Make an account; the answer shows its first password, this once."""
    username = text_given("username")
    return _with_password(
        "make", lambda: accounts.make_account(engine(), actor(), username, _person()), _list
    )


@pages.get("/accounts/<account_id>")
@staff_only
def show(account_id: str) -> ResponseReturnValue:
    """The page of one account."""
    return _page_of(account_id, None)


@pages.post("/accounts/<account_id>")
@staff_only
def change(account_id: str) -> ResponseReturnValue:
    """Give it another name, other roles or another body."""
    return _attempt(
        "change", account_id, lambda: accounts.change_account(engine(), actor(), account_id, _person()),
        gettext("The account has been changed."),
    )  # fmt: skip


@pages.post("/accounts/<account_id>/closing")
@staff_only
def close(account_id: str) -> ResponseReturnValue:
    """Let nobody sign in with it any more."""

    def command() -> None:
        count = accounts.close_account(engine(), actor(), account_id)
        given_back = ngettext("%(num)s task was given back.", "%(num)s tasks were given back.", count)
        flash(given_back, "success")

    return _attempt("close", account_id, command, gettext("The account has been closed."))


@pages.post("/accounts/<account_id>/opening")
@staff_only
def reopen(account_id: str) -> ResponseReturnValue:
    """Let it be used again."""
    said = gettext("The account can be used again.")
    return _attempt("close", account_id, lambda: accounts.reopen_account(engine(), actor(), account_id), said)


@pages.post("/accounts/<account_id>/password")
@staff_only
def reset(account_id: str) -> ResponseReturnValue:
    """Give it a new first password, shown this once."""
    return _with_password(
        "reset",
        lambda: accounts.reset_password(engine(), actor(), account_id),
        lambda wrong: _page_of(account_id, wrong),
    )


@pages.get("/password")
@signed_in
def own() -> ResponseReturnValue:
    """The form for one's own password; a party has none."""
    return _own(None)


@pages.post("/password")
@signed_in
def choose() -> ResponseReturnValue:
    """Choose a password; all other sessions end."""
    given = request.form
    if given.get("new", "") != given.get("again", ""):
        again = gettext("The two are not the same. Please type the new password once more.")
        return _own(Wrong("choose", {"again": again}, {})), 422
    token = session.get(access.TOKEN, "")
    try:
        accounts.change_password(engine(), actor(), given.get("old", ""), given.get("new", ""), token)
    except (errors.InvalidAnswers, errors.TooManyAttempts) as refusal:
        metrics.refused(refusal)
        return _own(Wrong("choose", texts(refusal), {})), refusal.status
    session.pop(access.PASSWORD_DUE, None)
    flash(
        gettext("Your password has been changed. Where you were signed in elsewhere, you no longer are."),
        "success",
    )
    return redirect("/", 303)


def _person() -> Person:
    return Person(text_given("name"), request.form.getlist("roles"), text_given("body_id"))


def _attempt(form: str, account_id: str, command: Callable[[], object], said: str) -> ResponseReturnValue:
    goal = (said, url_for("accounts.show", account_id=account_id))
    return attempt(form, command, lambda wrong: _page_of(account_id, wrong), goal)


def _with_password(
    form: str, command: Callable[[], Made], page: Callable[[Wrong], str]
) -> ResponseReturnValue:
    """The page with a password that is shown once, and never by an address that could be opened again."""
    try:
        made = command()
    except (errors.InvalidAnswers, errors.BodyClosed) as refusal:
        metrics.refused(refusal)
        return page(Wrong(form, texts(refusal), request.form)), refusal.status
    found = accounts.show_account(engine(), actor(), made.account_id)
    return render_template("accounts/made.html", account=found, password=made.password)


def _list(wrong: Wrong | None) -> str:
    search = request.args.get("search", "").strip()[:100]
    found = accounts.list_accounts(engine(), actor(), search)
    return render_template("accounts/list.html", found=found, search=search, wrong=wrong, **_choices())


def _page_of(account_id: str, wrong: Wrong | None) -> str:
    found = accounts.show_account(engine(), actor(), account_id)
    return render_template("accounts/show.html", account=found, wrong=wrong, **_choices())


def _choices() -> dict[str, object]:
    tree = [row for row in bodies.list_bodies(engine(), actor()) if not row.is_closed]
    return {"roles": accounts.ROLES, "tree": tree, "chosen": request.form.getlist("roles")}


def _own(wrong: Wrong | None) -> str:
    if actor().party_id is not None:
        raise errors.NotFound
    due = session.get(access.PASSWORD_DUE, False)
    return render_template("accounts/password.html", wrong=wrong, due=due, least=accounts.SHORTEST_PASSWORD)
