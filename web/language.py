"""The reader's language: Chinese, or English by choice."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

from babel import Locale
from babel.support import NullTranslations
from flask import Blueprint, Flask, g, redirect, request, session
from flask_babel import get_locale, get_translations
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from werkzeug.wrappers import Response

from web.ways import safe_path

P = ParamSpec("P")
LANGUAGES = {"zh": "中文", "en": "English"}
LOCALES = {language: Locale.parse(language) for language in LANGUAGES}

pages = Blueprint("language", __name__)


def prepare(app: Flask) -> None:
    """Give templates the languages, and `named(zh, en)` for what administrators wrote in both."""
    app.jinja_env.globals.update(languages=LANGUAGES, named=named, locale=code)
    # A page has many texts: the reader's catalogue is looked up once for all of them.
    cast(Any, app.jinja_env).install_gettext_callables(
        lambda text: _catalogue().ugettext(text),
        lambda one, many, count: _catalogue().ungettext(one, many, count),
        newstyle=True,
    )
    # Jinja's own `_` looks for both itself and the catalogue in the page's context, once for each text.
    app.jinja_env.globals["_"] = _said


def _said(text: str, /, **variables: object) -> Markup:
    said = Markup(_catalogue().ugettext(text))
    return said % variables if "%" in said else said


def _catalogue() -> NullTranslations:
    found: NullTranslations | None = g.get("catalogue")
    if found is None:
        found = g.catalogue = get_translations()
    return found


def chosen() -> str:
    """What the reader chose in this browser; Chinese before that."""
    language = session.get("language")
    return language if language in LANGUAGES else "zh"


def locale() -> Locale:
    """The locale of the reader's language; Babel would read a name of it anew for each request."""
    return LOCALES[chosen()]


def code() -> str:
    """The code of the reader's language, `zh` or `en`, found once a request."""
    found: str | None = g.get("language")
    if found is None:
        found = g.language = str(get_locale())
    return found


def of_the_reader(say: Callable[P, str]) -> Callable[..., str]:
    """A filter that says it to each reader: what is fixed Jinja would say once, to the first of them."""

    @pass_context
    @wraps(say)
    def said(_: Context, *args: P.args, **kwargs: P.kwargs) -> str:
        return say(*args, **kwargs)

    return said


def named(chinese: str, english: str | None) -> str:
    """The text in the reader's language, Chinese where there is no English."""
    return english if english and code() == "en" else chinese


@pages.post("/language")
def choose() -> Response:
    """Keep the choice and go back to the page."""
    if (language := request.form.get("language")) in LANGUAGES:
        session["language"] = language
    return redirect(safe_path(request.form.get("next")), 303)
