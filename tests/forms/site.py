"""A small site that shows the sample forms as the real one does: pages, drafts, rows, errors."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from flask import Flask, Response, redirect, render_template_string, request
from playwright.sync_api import Page

import forms

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "web"
ASSETS = WEB / "assets"
PAGE = """{% from "forms/page.html" import form_page with context %}<!doctype html>
<html lang="{{ 'zh-CN' if locale() == 'zh' else 'en' }}"><head><meta charset="utf-8">
<title>{{ title }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/app.css"><script type="module" src="/forms.js"></script>
<script type="module" src="/signature.js"></script></head>
<body><main class="main"><h1>{{ title }}</h1>{{ form_page(turn, "/draft/" ~ name) }}</main></body></html>"""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)


@dataclass
class Turn:
    """What the page's macro asks of the web."""

    form: forms.Form
    name: str
    index: int
    answers: dict[str, Any]
    context: dict[str, Any]
    locale: str = "zh"
    errors: dict[str, forms.Message] = field(default_factory=dict)

    @property
    def shown(self) -> list[int]:
        return self.form.shown_pages(self.answers, self.context)

    @property
    def number(self) -> int:
        return sum(1 for index in self.shown if index <= self.index)

    @property
    def is_last(self) -> bool:
        return self.number >= len(self.shown)

    def address(self, step: int = 0) -> str:
        return f"/{self.name}/{min(max(self.number + step, 1), len(self.shown))}"

    @property
    def parts(self) -> list[Any]:
        drawing = forms.Drawing(self.errors, self.locale, self.context)
        return self.form.draw(self.index, self.answers, self.context, drawing)


class Site:
    """Sample forms by name, their contexts, what was typed and what was sent."""

    def __init__(self) -> None:
        self.contexts: dict[str, dict[str, Any]] = {}
        self.drafts: dict[str, dict[str, Any]] = {}
        self.sent: dict[str, dict[str, Any]] = {}
        self.locale = "zh"
        self.app = Flask("samples", template_folder=str(WEB / "templates"))
        self.app.jinja_env.add_extension("jinja2.ext.i18n")
        catalogue = _catalogue()
        self.app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
            lambda text: catalogue.get(text, text) if self.locale == "zh" else text,
            lambda one, many, n: one if n == 1 else many,
            newstyle=True,
        )
        self.app.jinja_env.globals.update(
            locale=lambda: self.locale, new_key=lambda: "key", csrf_token=lambda: "token"
        )
        self._route()

    def turn(self, name: str, number: int = 1) -> Turn:
        form = sample(name)
        context, answers = self.contexts.get(name, {}), self.drafts.get(name, {})
        shown = form.shown_pages(answers, context)
        return Turn(form, name, shown[number - 1], dict(answers), context, self.locale)

    def _route(self) -> None:
        files = {
            "app.css": lambda: (_css(), "text/css"),
            "forms.js": lambda: ((ASSETS / "forms.js").read_text(), "text/javascript"),
            "signature.js": lambda: (_signature(), "text/javascript"),
        }
        for path, content in files.items():
            self.app.add_url_rule(
                f"/{path}", path, lambda content=content: Response(content()[0], mimetype=content()[1])
            )
        self.app.add_url_rule("/favicon.ico", "icon", lambda: ("", 204))
        self.app.add_url_rule("/<name>/<int:number>", "show", self.show)
        self.app.add_url_rule("/<name>/<int:number>", "post", self.post, methods=["POST"])
        self.app.add_url_rule("/draft/<name>", "draft", self.draft, methods=["POST"])
        self.app.after_request(_guarded)

    def show(self, name: str, number: int) -> Any:
        return self.page(self.turn(name, number))

    def page(self, turn: Turn, status: int = 200) -> Any:
        return render_template_string(PAGE, turn=turn, title=turn.form.title, name=turn.name), status

    def draft(self, name: str) -> Any:
        number = int(request.referrer.rsplit("/", 1)[1]) if request.referrer else 1
        turn = self.turn(name, number)
        self.drafts[name] = turn.answers | turn.form.parse(request.form, turn.index)
        return "", 204

    def post(self, name: str, number: int) -> Any:
        turn, go = self.turn(name, number), request.form.get("go", "next")
        turn.answers |= turn.form.parse(request.form, turn.index)
        if go != "next":
            if go not in ("back", "save"):
                turn.answers = turn.form.change_rows(turn.index, turn.answers, go)
            self.drafts[name] = turn.answers
            return redirect(turn.address(-1 if go == "back" else 0), 303)
        self.drafts[name] = turn.answers
        try:
            turn.form.validate_page(turn.index, turn.answers, turn.context)
            if not turn.is_last:
                return redirect(turn.address(1), 303)
            self.sent[name] = turn.form.validate(turn.answers, turn.context)
        except forms.InvalidAnswers as invalid:
            turn.errors = invalid.errors
            return self.page(turn, 422)
        return "<!doctype html><html lang='zh'><title>ok</title><h1>sent</h1>"


def sample(name: str) -> forms.Form:
    """A form of tests/forms/samples, or of forms/."""
    path = HERE / "samples" / f"{name}.form"
    return forms.load((path if path.exists() else WEB.parent / "forms" / f"{name}.form").read_text())


def text_of(name: str) -> dict[str, Any]:
    """A sample's JSON."""
    return json.loads((HERE / "samples" / f"{name}.form").read_text())  # type: ignore[no-any-return]


def _catalogue() -> dict[str, str]:
    with (WEB / "translations/zh/LC_MESSAGES/messages.po").open("rb") as po:
        return {str(m.id): str(m.string) for m in read_po(po) if m.string and isinstance(m.id, str)}


def _css() -> str:
    return "".join((ASSETS / "css" / f"{name}.css").read_text() for name in ("base", "forms"))


def _signature() -> str:
    done = subprocess.run(
        ["node_modules/.bin/esbuild", "signature.js", "--bundle"], cwd=ASSETS, capture_output=True, check=True
    )
    return done.stdout.decode()


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page, one line each."""
    axe = (ASSETS / "node_modules/axe-core/axe.min.js").read_text()
    page.evaluate(axe + "; 0")
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
    return [json.dumps(one, ensure_ascii=False)[:400] for one in found]
