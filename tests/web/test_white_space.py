"""White space of templates: what indents them is taken out when they are compiled, what a reader sees stays."""

from __future__ import annotations

import traceback

import pytest
from flask import Flask
from jinja2 import Environment, StrictUndefined, TemplateSyntaxError
from markupsafe import Markup

from blankett.web.white_space import WhiteSpace

TOUCHING = "these words touch those of the line before: write {{ ' ' }} at its end, or both in one line"
ENVIRONMENT = Environment(extensions=[WhiteSpace], autoescape=True, undefined=StrictUndefined)


def drawn(template: str, **context: object) -> str:
    names = {"a": "A", "b": "B", "yes": True, "no": False, "gap": lambda: " "}
    return ENVIRONMENT.from_string(template).render({**names, **context})


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("<ul>\n  <li>{{ a }}</li>\n\n  <li>{{ b }}</li>\n</ul>\n", "<ul><li>A</li><li>B</li></ul>"),
        ("<p>\n  two\n  words\n</p>", "<p>two words</p>"),
        ("<p>\n  {{ a }}\n  <span>b</span>\n  word\n</p>", "<p>A<span>b</span>word</p>"),
        ("<i>{{ a }}</i> <b>b</b> {{ b }}  word", "<i>A</i> <b>b</b> B word"),
        ("{{ a }}{{ ' ' }}\n<b>b</b>", "A <b>b</b>"),
        ("{% if yes %}\n  {{ a }}\n{% endif %}\n · {{ b }}", "A· B"),
        ("{% if yes %} {{ a }}{% endif %} {{ b }}", " A B"),
        ("a \n{# what is said about it #}\n  b", "a b"),
        ("{% for x in (1, 2) %}\n  <i>{{ x }}</i>\n{% endfor %}", "<i>1</i><i>2</i>"),
        ("1\u00a0\n\u202f2", "1\u00a0 \u202f2"),
        ("a < b\n and b > c", "a < b and b > c"),
    ],
    ids=[
        "between tags",
        "between words",
        "between words, tags and expressions",
        "inside a line",
        "written out",
        "around statements",
        "beside statements",
        "around comments",
        "in loops",
        "spaces that do not break",
        "signs that are no tags",
    ],
)
def test_a_line_break_is_nothing_and_a_space_stays(template: str, page: str) -> None:
    assert drawn(template) == page


@pytest.mark.parametrize("element", ["pre", "textarea", "script", "style", "TEXTAREA"])
def test_text_that_is_kept_as_it_is_stays(element: str) -> None:
    inside = f"\n  {{{{ a }}}}  <i>\n\n</i>\n {{% if yes %}}\n b{{% endif %}}\n</{element}>"
    assert drawn(f"<{element}\n  id='x'\n>{inside}\n<b>\n</b>") == (
        f"<{element} id='x'>\n  A  <i>\n\n</i>\n \n b\n</{element}><b></b>"
    )


def test_comments_of_html_stay() -> None:
    assert drawn("<!-- <b>\n  it's  -->\n<b>\n</b>") == "<!-- <b>\n  it's  --><b></b>"


@pytest.mark.parametrize(
    ("tag", "made"),
    [
        ('<a\n  class="x"\n  href="{{ a }}"\n>', '<a class="x" href="A">'),
        ("<use\n  href='x'\n/>", "<use href='x'/>"),
        ('<a\n  {% if yes %}rel="x"{% endif %}\n  {% if no %}rel="y"{% endif %}\n  id="z"\n>', '<a rel="x" id="z">'),
        ("<a\n  {% if no %}one{% elif yes %}two{% else %}three{% endif %}\n>", "<a two>"),
        ("<a\n  {% if yes %}\n    one\n    two\n  {% endif %}\n  three\n>", "<a one two three>"),
        ("<a\n  {% if no %}{% if yes %}one{% endif %}{% else %}{% if yes %}two{% endif %}{% endif %}\n>", "<a two>"),
        ("<a {% if no %}one{% endif %}>", "<a>"),
        ("<a{% if yes %} one{% endif %} two>", "<a one two>"),
        ("<a\n  {{ 'one' if yes }}\n  {{ 'two' if no }}\n  {{ ' three' if yes }}\n>", "<a one three>"),
        ("<a one{{ ' two' if yes }}>", "<a one two>"),
        ("<a\n  {% for x in (1, 2) %}data-{{ x }}{% endfor %}\n>", "<a data-1 data-2>"),
        ('<a\n  {% set x = 3 %}\n  id="{{ x }}">', '<a id="3">'),
        ('<a class="\n  one\n  two\n">', '<a class="one two">'),
        ('<a class="one\n  {% if no %}two{% endif %}\n  {% if yes %}three{% endif %}">', '<a class="one three">'),
        ('<a class="one\n  {{ "two" if no }}\n  {{ "three" if yes }}" id="x">', '<a class="one three" id="x">'),
        ('<a title="{{ a }} {{ b }}  c">', '<a title="A B  c">'),
        ('<a data-x=\'{"a":\n  "b"}\'>', '<a data-x=\'{"a": "b"}\'>'),
    ],
)
def test_a_tag_over_several_lines_has_single_spaces(tag: str, made: str) -> None:
    assert drawn(tag) == made


def test_what_an_expression_gives_inside_a_tag_is_escaped_once() -> None:
    given = {"plain": '"<', "markup": Markup(' title="x"'), "zero": 0}
    assert drawn("<a\n  {{ plain }}\n  {{ markup }}\n  {{ zero }}\n>", **given) == '<a &#34;&lt; title="x" 0>'


def test_a_name_that_is_not_there_stays_an_error_inside_a_tag() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError, match="'nothing' is undefined"):
        drawn("<a\n  {{ nothing }}\n>")


@pytest.mark.parametrize(
    ("template", "line", "words"),
    [
        ("<p>\n<a\n  href='x\n>\n</p>\n", 2, "this tag is not closed"),
        ("<a\n  {% if yes %}one{% endif %}two>", 2, "a space is missing after the statement"),
        ("<p>\n  {{ a }}\n  {{ b }}\n</p>", 3, TOUCHING),
        ("<p>\n  {{ a }}\n\n  words\n</p>", 4, TOUCHING),
        ("{% if yes %}\n  more\n  words\n{# said #}\n  {{ b }}{% endif %}", 5, TOUCHING),
        ("{% macro m() %}x{% endmacro %}\n{{ m() }}\n{{ a }}\n{{ b }}", 4, TOUCHING),
        ("<p>\n  {{ a }}\n  <b>{{ b }}</b>\n</p>", 3, TOUCHING),
        ("<p>\n  <b>{{ a }}</b>\n  words\n</p>", 3, TOUCHING),
        ("<p>\n  <i><b>words</b></i>\n  {{ b }}\n</p>", 3, TOUCHING),
        ("<p>\n  <b>\n    {{ a }}\n  </b>{{ b }}\n</p>", 4, TOUCHING),
    ],
    ids=[
        "a tag that is open",
        "attributes that touch",
        "two expressions",
        "an expression and words",
        "words and an expression",
        "behind a macro",
        "before an element in a sentence",
        "behind one",
        "behind two",
        "behind a break in one",
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(template: str, line: int, words: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        drawn(template)
    assert (caught.value.lineno, caught.value.message) == (line, words)


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("{{ a }}{{ b }}", "AB"),
        ("{{ a }}{{ ' ' }}\n{{ b }}", "A B"),
        ("{{ a }}\n{{ ', ' if yes }}{{ b }}", "A, B"),
        ("{{ a }}\n{% if yes %}{{ b }}{% endif %}", "AB"),
        ("<a>{{ a }}</a>\n<a>{{ b }}</a>", "<a>A</a><a>B</a>"),
        ("{{ a }}{{ gap() }}\n<b>{{ b }}</b>", "A <b>B</b>"),
        ("{% macro m() %}<i>x</i>{% endmacro %}\n{{ a }}\n{{ m() }}\n{{ b }}", "A<i>x</i>B"),
        ("{{ a }}\n<!-- c -->\n{{ b }}", "A<!-- c -->B"),
        ("<a\n  title='{{ a }}\n  {{ b }}'\n  {{ a }}\n  {{ b }}\n></a>", "<a title='A B' A B></a>"),
    ],
    ids=[
        "in a line",
        "with a space",
        "with a text",
        "with a statement",
        "two boxes",
        "with a gap",
        "with a macro",
        "with a tag",
        "in a tag",
    ],
)
def test_words_may_touch_where_the_template_shows_it(template: str, page: str) -> None:
    assert drawn(template) == page


def test_what_is_imported_draws_elements(app: Flask) -> None:
    with app.test_request_context():
        line = "{% from 'macros/marks.html' import tag as mark, spoken_error with context %}"
        one = app.jinja_env.from_string(line + "{{ 1 }}\n{{ mark('a') }}\n{{ spoken_error('b') }}").render()
        other = app.jinja_env.from_string("{% import 'macros/marks.html' as marks %}{{ 1 }}\n{{ marks.tag('a') }}")
        assert one.startswith('1<span class="b-tag">a</span><div class="b-error"')
        assert other.render() == '1<span class="b-tag">a</span>'


def test_a_traceback_names_the_line_of_the_template() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        drawn("<p>\n\n  <a\n    id='x'\n    {{ 1 }}\n    {{ 1 / (a|length - 1) }}\n  ></a>\n</p>")
    assert [frame.lineno for frame in traceback.extract_tb(caught.value.__traceback__)][-1] == 6


def test_pages_are_compiled_without_what_indents_them(app: Flask) -> None:
    with app.test_request_context():
        assert app.jinja_env.from_string("<p>\n  a\n</p>\n").render() == "<p>a</p>"
