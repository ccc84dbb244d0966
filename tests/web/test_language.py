"""What templates say: in the reader's language, with every value as text, and none changing another."""

import pytest
from flask import Flask, render_template_string, session


def said(app: Flask, template: str, language: str = "zh", **values: object) -> str:
    with app.test_request_context("/"):
        session["language"] = language
        return render_template_string(template, **values)


@pytest.mark.parametrize(("language", "found"), [("zh", "已完成：登记"), ("en", "Done: 登记")])
def test_a_text_is_said_in_the_readers_language(app: Flask, language: str, found: str) -> None:
    assert said(app, "{{ _('Done: %(task)s', task=task) }}", language, task="登记") == found


def test_a_value_in_a_text_is_no_markup(app: Flask) -> None:
    shown = said(app, "{{ _('Done: %(task)s', task=task) }}", task="<b onclick=x>")
    assert shown == "已完成：&lt;b onclick=x&gt;"


def test_a_text_without_places_keeps_its_signs(app: Flask) -> None:
    assert said(app, "{{ _('no such text: a < b & 100%%') }}") == "no such text: a < b & 100%"


def test_no_template_changes_the_globals_of_all(app: Flask) -> None:
    template = app.jinja_env.get_template("macros.html")
    with pytest.raises(TypeError):
        template.globals["actor"] = "somebody"
    with pytest.raises(AttributeError):
        app.jinja_env.get_template("macros.html", globals={"actor": "somebody"})
    assert "actor" not in app.jinja_env.globals
