"""Addresses of the bundled files, with a part of their hash, so that a browser may keep them for good."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, request, url_for

STATIC = Path(__file__).parent / "static"


def prepare(app: Flask) -> None:
    """Give templates `asset(name)`."""
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """The address of a file in web/static, which `npm run build` makes."""
    return _address(request.script_root, name)


@cache
def _address(_root: str, name: str) -> str:
    return url_for("static", filename=name, v=_version(name))


def _version(name: str) -> str:
    path = STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.exists() else ""
