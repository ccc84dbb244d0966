"""What templates say: in the reader's language, with every value as text, and none changing another."""

import pytest
from flask import Flask, render_template_string, session
from jinja2.utils import _PassArg


def said(app: Flask, template: str, language: str = "zh", **values: object) -> str:
    with app.test_request_context("/"):
        session["language"] = language
        return render_template_string(template, **values)


@pytest.mark.parametrize(("language", "found"), [("zh", "已完成：登记"), ("en", "Done: 登记")])
def test_a_text_is_said_in_the_readers_language(app: Flask, language: str, found: str) -> None:
    assert said(app, "{{ _('Done: %(task)s', task=task) }}", language, task="登记") == found


@pytest.mark.parametrize("text", ["{{ 'morning'|word('half') }}", "{{ 3|lasting('hours') }}"])
def test_a_fixed_word_is_said_to_each_reader_and_not_as_the_first_one_reads_it(app: Flask, text: str) -> None:
    found = []
    with app.test_request_context("/"):
        session["language"] = "en"
        template = app.jinja_env.from_string(text)
        found.append(template.render())
    with app.test_request_context("/"):
        found.append(template.render())
    assert found in (["morning", "上午"], ["3 hours", "3小时"])


def test_each_filter_of_ours_asks_who_reads(app: Flask) -> None:
    ours = {name: say for name, say in app.jinja_env.filters.items() if say.__module__.startswith("web.")}
    assert {"word", "day", "moment", "linked", "lasting"} <= set(ours)
    assert [name for name, say in ours.items() if _PassArg.from_obj(say) is not _PassArg.context] == []


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
