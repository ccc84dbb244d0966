"""Ways from one page to the next that never leave this site."""

import re
from functools import cache
from urllib.parse import urlsplit
from uuid import uuid4

from flask import request, url_for

_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def safe_path(wanted: str | None) -> str:
    """The path if it lies on this site, else the first page: no open redirect."""
    if wanted and _PATH.fullmatch(wanted) and not urlsplit(wanted).netloc:
        return wanted
    return "/"


def way(endpoint: str) -> str:
    """The address of a page whose address has nothing else in it, built once."""
    return _way(request.script_root, endpoint)


@cache
def _way(_root: str, endpoint: str) -> str:
    return url_for(endpoint)


def new_key() -> str:
    """An idempotency key for one form, made when its page is rendered."""
    return uuid4().hex
