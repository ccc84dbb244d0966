"""Addresses that are built once, and macros that are made once: neither may depend on one page."""

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import meta

from web import ways

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
IMPORT = re.compile(r'{% from "([^"]+)" import (?:(?!with context)[^%])+%}')


def imported() -> set[str]:
    """The templates whose macros are somewhere imported without the page's context."""
    sources = (path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    return {name for source in sources for name in IMPORT.findall(source)}


def names_in(app: Flask, name: str) -> set[str]:
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    return meta.find_undeclared_variables(app.jinja_env.parse(source)) - app.jinja_env.globals.keys()


def test_macros_without_a_page_s_context_name_nothing_of_it(app: Flask) -> None:
    assert {"macros.html", "forms/page.html", "forms/parts.html", "forms/inputs.html"} <= imported()
    # `related_to` needs the page's `may`, and its pages give it their context; `known_already` does not.
    of_others = {"relations/parts.html": {"may"}, "forms/inputs.html": {"types", "kinds", "latest"}}
    left = {name: names_in(app, name) - of_others.get(name, set()) for name in imported()}
    assert {name: found for name, found in left.items() if found} == {}


@pytest.mark.parametrize("root", ["", "/mediation"])
def test_an_address_that_is_built_once_lies_below_the_place_of_the_application(app: Flask, root: str) -> None:
    for _ in range(2):
        with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            assert ways.way("tasks.index") == f"{root}/tasks"
