import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from .conftest import Browser

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
SYNTAX = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/p/unknown", "/static/app.css"])
def test_every_answer_carries_the_strict_headers(browser: Browser, path: str) -> None:
    headers = browser.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_pages_are_not_kept_and_bundles_are(browser: Browser) -> None:
    assert browser.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert "max-age=31536000" in browser.get("/static/app.css?v=1").headers["Cache-Control"]


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_has_a_script_or_style_that_the_policy_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\s(style|on[a-z]+)=[\"']", text)
    assert not re.search(r"<style|<script(?![^>]*src=)", text)
    assert not re.search(r"(src|href)=[\"'](https?:)?//", text)


def test_only_the_prose_of_forms_which_is_cleaned_is_marked_as_safe() -> None:
    marked = {}
    for path in TEMPLATES.rglob("*.html"):
        filters = SYNTAX.parse(path.read_text(encoding="utf-8")).find_all(nodes.Filter)
        if found := [used.node for used in filters if used.name == "safe"]:
            marked[path.name] = found
    assert {name: len(found) for name, found in marked.items()} == {"parts.html": 1}
    assert marked["parts.html"][0] == nodes.Getattr(nodes.Name("part", "load"), "html", "load")
