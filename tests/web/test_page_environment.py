"""Templates compiled on the short way draw what Jinja's own draw."""

from __future__ import annotations

import jinja2
import pytest
from flask import Flask
from markupsafe import Markup

from blankett.engine import library_shortcuts
from blankett.web.templating import PageCode, PageEnvironment, init_templates

TEMPLATE = """
{% macro cell(value, label="none") %}<td title="{{ label }}">{{ value }}</td>{% endmacro %}
{% macro around(value, label="none") %}<td title="{{ label }}">{{ value }}{{ caller() }}</td>{% endmacro %}
{% for each in values %}{{ cell(each, label=each) }}{% endfor %}
{% call around(*["<b>"], **{"label": "a & b"}) %}<i>{{ shown("<", end=">") }}</i>{% endcall %}
{% autoescape false %}{{ "<raw>" }}{% endautoescape %}{{ values | join(", ") }}{{ "<"|safe }}{{ range(2) | list }}
"""
VALUES = ["<a href='x'>", Markup("<b>kept</b>"), 1, 1.5, None, True, "it's", 'a "quote"', "&amp;", ["<", Markup("<")]]


def test_pages_are_drawn_as_jinja_draws_them() -> None:
    app = Flask("pages")
    environments = [
        PageEnvironment(app, undefined=jinja2.StrictUndefined, autoescape=True),
        jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True),
    ]
    names = {"values": VALUES, "shown": lambda text, end: f"{text}{end}"}
    short, long = (environment.from_string(TEMPLATE).render(names) for environment in environments)
    assert short == long
    assert "&lt;a href=&#39;x&#39;&gt;" in short


@pytest.mark.parametrize(("asked", "is_short"), [("", True), ("off", False)])
def test_the_switch_leaves_pages_to_jinja(asked: str, is_short: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(library_shortcuts.VARIABLE, asked)
    library_shortcuts.is_open.cache_clear()
    app = Flask("pages")
    init_templates(app)
    library_shortcuts.is_open.cache_clear()
    assert (app.jinja_env.code_generator_class is PageCode) == is_short
    assert app.jinja_env.from_string("{{ text }}").render(text="<") == "&lt;"


@pytest.mark.parametrize(("language", "drawn"), [("en", "One. Two. a, b"), ("zh", "One.Two.a、b")])
def test_what_stands_between_sentences_and_items_is_the_languages(app: Flask, language: str, drawn: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        page = "One.{{ gap() }}Two.{{ gap() }}\n{{ ['a', 'b']|join(between()) }}"
        assert app.jinja_env.from_string(page).render() == drawn
