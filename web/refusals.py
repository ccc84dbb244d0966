"""Every refusal as a page in plain words."""

import logging

from flask import Flask, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine import errors
from web import metrics
from web.words import filled

TITLES = {
    400: lazy_gettext("The page could not be sent"),
    401: lazy_gettext("Please sign in"),
    403: lazy_gettext("You may not do this"),
    404: lazy_gettext("Page not found"),
    405: lazy_gettext("The page could not be sent"),
    409: lazy_gettext("This can't be done now"),
    413: lazy_gettext("The file is too large"),
    422: lazy_gettext("Some answers need your attention."),
    429: lazy_gettext("Too many attempts"),
    500: lazy_gettext("Something went wrong"),
}
CSRF = lazy_gettext(
    "This page was open for too long, or you signed in again meanwhile. "
    "Go back, load the page anew and send it once more. What was saved as a draft is still there."
)
TEXTS = {
    400: lazy_gettext("Something was missing in what your browser sent. Go back and try again."),
    404: lazy_gettext("There is nothing here that you may see."),
    405: lazy_gettext("This address can't be opened like that. Go back and use the buttons of the page."),
    413: lazy_gettext("Files may have at most 25 MB together. Scan with fewer dots per inch, or send fewer."),
    500: lazy_gettext(
        "This is our fault, and it was written down. Nothing that was saved is lost. "
        "Please try again in a while."
    ),
}
log = logging.getLogger("woshou.web")


def prepare(app: Flask) -> None:
    """Let the application answer each kind of failure with a page."""
    app.register_error_handler(errors.Refusal, _refused)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _failed)
    app.register_error_handler(Exception, _broken)


def say(refusal: errors.Refusal) -> str:
    """What a refusal says, in the reader's language."""
    return filled(refusal.message, refusal.params)


def show(status: int, text: str, law_ref: str = "") -> ResponseReturnValue:
    """A page that says what can't be done, by which article, and where to go on.

    A failure of ours has the number under which it stands in the log.
    """
    title = TITLES.get(status, TITLES[409])
    number = g.get("request_id") if status >= 500 else None
    return render_template(
        "refusals/show.html", title=title, text=text, law_ref=law_ref, number=number
    ), status


def _refused(refusal: errors.Refusal) -> ResponseReturnValue:
    metrics.refused(refusal)
    if refusal.status >= 500:
        log.exception("a page failed")
    law_ref = str(refusal.params.get("law_ref") or "")
    return show(refusal.status, say(refusal), gettext(law_ref) if law_ref else "")


def _forged(_: CSRFError) -> ResponseReturnValue:
    return show(400, str(CSRF))


def _failed(failure: HTTPException) -> ResponseReturnValue:
    status = failure.code or 500
    return show(status, str(TEXTS.get(status, TEXTS[400 if status < 500 else 500])))


def _broken(_: Exception) -> ResponseReturnValue:
    log.exception("a page failed")
    return show(500, str(TEXTS[500]))
