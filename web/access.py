"""Who asks: the actor of the browser's session, and which pages need one."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, cast

from flask import Flask, current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from engine import Engine, errors, people
from engine.mediation import links
from engine.policy import OUTSIDERS, Actor, is_staff
from web import carried
from web.ways import new_key, way

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
TOKEN, PASSWORD_DUE = "token", "password_due"
# What somebody may do who has still to choose a password.
MEANWHILE = frozenset(("accounts.own", "accounts.choose", "sign_in.leave", "language.choose", "static"))


def prepare(app: Flask) -> None:
    """Give templates `actor`, whether one is of the staff, ways, and fresh keys; a password comes first."""
    app.context_processor(lambda: {"actor": known_actor(), "is_staff": is_staff})
    # What macros call is global: imported without a page's context, they are made once and not for each page.
    app.jinja_env.globals.update(new_key=new_key, way=way)
    app.before_request(_own_password_first)


def engine() -> Engine:
    """The Engine that this application was made with."""
    return cast(Engine, current_app.extensions["engine"])


def tenant_id() -> str:
    """The tenant that this application serves."""
    return cast(str, current_app.extensions["tenant_id"])


def known_actor() -> Actor | None:
    """Who is signed in, as an account or as a party; looked up once a request."""
    if "actor" not in g:
        g.actor = _actor_of(session.get(TOKEN))
    return cast("Actor | None", g.actor)


def actor() -> Actor:
    """Who is signed in; behind `staff_only` and `signed_in` there always is somebody."""
    found = known_actor()
    if found is None:
        raise errors.NotFound
    return found


def signed_in(view: View[P]) -> View[P]:
    """The page needs a session, of the staff or of a party."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        return view(*args, **kwargs) if known_actor() else _to_sign_in()

    return guarded


def staff_only(view: View[P]) -> View[P]:
    """The page is for accounts; a party learns nothing of it, nor does somebody from outside."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        found = known_actor()
        if found is not None and not is_staff(found):
            raise errors.NotFound
        return view(*args, **kwargs) if found else _to_sign_in()

    return guarded


def parties_only(view: View[P]) -> View[P]:
    """The page is for a party who came by its link."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if actor().party_id is None:
            raise errors.NotFound
        return view(*args, **kwargs)

    return guarded


def outsiders_only(view: View[P]) -> View[P]:
    """The page is for experts, crews and grid members, who see none that is for the staff."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        found = known_actor()
        if found is not None and not found.roles & OUTSIDERS:
            raise errors.NotFound
        return view(*args, **kwargs) if found else _to_sign_in()

    return guarded


def begin(token: str) -> None:
    """Keep a new session's token, and nothing of the session before it but the language."""
    language = session.get("language")
    end()
    session[TOKEN] = token
    if language:
        session["language"] = language


def end() -> None:
    """Forget everything that the browser's cookie holds."""
    session.clear()
    g.pop("actor", None)
    g.pop("csrf_token", None)


def _own_password_first() -> ResponseReturnValue | None:
    if request.endpoint not in MEANWHILE and session.get(PASSWORD_DUE):
        return redirect(url_for("accounts.own"), 303)
    return None


def _actor_of(token: str | None) -> Actor | None:
    live = people.live_session(engine(), tenant_id(), token) if token else None
    if live is None:
        return None
    if live.party_id is None:
        return live.actor
    return links.party_actor(engine(), tenant_id(), live.party_id)


def _to_sign_in() -> ResponseReturnValue:
    """To sign in and back; with a page that was sent too late goes what was typed in it."""
    wanted = request.full_path.rstrip("?")
    if request.method != "GET" and (typed := carried.posted()):
        page = render_template("sign_in/show.html", next=wanted, carried=typed, files=_chosen_files())
        return page, 401
    return redirect(url_for("sign_in.show", next=wanted if request.method == "GET" else None), 303)


def _chosen_files() -> bool:
    return any(file.filename for _, file in request.files.items(multi=True))
