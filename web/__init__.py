"""The web: one Flask application made from an Engine and the settings."""

import json
from collections.abc import Callable, Iterable, MutableMapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface
from flask.templating import Environment
from flask_babel import Babel
from flask_wtf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer

from engine import Engine
from web import (
    access,
    accounts,
    admissions,
    attendants,
    bodies,
    broadcasts,
    bundles,
    cases,
    clocks,
    confirmations,
    consultations,
    corrections,
    court_packets,
    documents,
    duties,
    evidence,
    experts,
    filings,
    follow_ups,
    guardians,
    happenings,
    headers,
    health,
    incidents,
    language,
    law,
    logs,
    mediators,
    metrics,
    online,
    parties,
    publications,
    receipts,
    referrals,
    refusals,
    relations,
    rooms,
    sign_in,
    statistics,
    supervision,
    tasks,
    words,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from web.settings import Settings

HERE = Path(__file__).parent
NOUNS = (
    sign_in, tasks, cases, happenings, evidence, guardians, attendants, corrections, broadcasts,
    consultations,
    supervision, experts, online, rooms, publications, clocks, incidents, documents, admissions,
    court_packets, follow_ups, confirmations, parties, filings, receipts, referrals, relations, bodies,
    accounts, mediators, duties, statistics, law, language, health, metrics,
)  # fmt: skip
UPLOAD_LIMIT = 25 * 2**20
FORM_LIMIT = 2 * 2**20
FIELDS_LIMIT = 5000
YEAR = timedelta(days=365)


class _Templates(Environment):
    """Jinja's, of which no template has globals of its own.

    So it need not be found out for each page which of them differ from those of the macros it imports.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template; those that all share can't be changed through one of them."""
        return super().make_globals(d) if d else cast(Any, MappingProxyType(self.globals))


class _Kept(TaggedJSONSerializer):
    """What a browser keeps for us is text and truth alone: it needs no tags that tell the types.

    They are still read, as browsers have cookies of earlier versions.
    """

    def dumps(self, value: Any) -> str:
        """As plain JSON."""
        return json.dumps(value, separators=(",", ":"))


class _Cookies(SecureCookieSessionInterface):
    """Flask's signed cookies; what signs them is made once and not for each request."""

    serializer = _Kept()
    _signing: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Of the application's one key."""
        self._signing = self._signing or super().get_signing_serializer(app)
        return self._signing


class _Site(Flask):
    jinja_environment = _Templates

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: none is asynchronous, and Flask would look at each before each call."""
        return func

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request: what it reads before and after a command of its own is of one state each."""
        with self.extensions["engine"].sessions.snapshot():
            return super().wsgi_app(environ, start_response)


def make_app(engine: Engine, settings: "Settings", vitals: health.Vitals | None = None) -> Flask:
    """The WSGI application; `settings` gives the tenant and whether cookies need HTTPS."""
    app = _Site(__name__)
    app.session_interface = _Cookies()
    app.config.update(_config(engine, settings))
    app.extensions["engine"] = engine
    app.extensions["tenant_id"] = settings.tenant_id
    app.extensions[rooms.ROOMS] = settings.rooms
    app.extensions[health.VITALS] = vitals or health.Vitals()
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    # Before what may refuse a request, so that this is logged and counted too.
    logs.prepare(app)
    metrics.prepare(app, engine, settings)
    Babel(app, locale_selector=language.locale, default_timezone="Asia/Shanghai")
    CSRFProtect(app)
    for part in (bundles, words, language, access, headers, refusals):
        part.prepare(app)
    for noun in NOUNS:
        app.register_blueprint(noun.pages)
    return app


def _config(engine: Engine, settings: "Settings") -> dict[str, Any]:
    return {
        "SECRET_KEY": engine.keys.cookies,
        "SESSION_COOKIE_NAME": "__Host-woshou" if settings.secure_cookies else "woshou",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SEND_FILE_MAX_AGE_DEFAULT": YEAR,
        "MAX_CONTENT_LENGTH": UPLOAD_LIMIT,
        "MAX_FORM_MEMORY_SIZE": FORM_LIMIT,
        "MAX_FORM_PARTS": FIELDS_LIMIT,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "BABEL_DEFAULT_LOCALE": "zh",
        "BABEL_TRANSLATION_DIRECTORIES": str(HERE / "translations"),
    }
