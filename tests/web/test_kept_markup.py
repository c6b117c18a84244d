"""What is kept of a page is what would be drawn anew."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup

from blankett.engine.fields.base import Wording
from blankett.engine.fields.reader import Reader
from blankett.engine.language.loader import load_blueprint
from blankett.engine.language.model import Field
from blankett.forms.controls import Control
from blankett.web import kept_markup
from blankett.web.kept_markup import KeptMarkup, drawn_column

EVERY_WIDGET = """
blueprint: house
language: 1
title: House
roles: {clerk: {title: Clerk}}
forms:
  thing:
    title: Thing
    show: "{name}"
    fields:
      name: {type: text}
      code: {type: barcode}
      mail: {type: email}
      note: {type: long_text}
      day: {type: date}
      moment: {type: datetime}
      urgent: {type: yes_no}
      size: {type: choice, options: [small, large]}
      colour: {type: choice, options: [red, blue], widget: radio}
      mark: {type: rating}
      tags: {type: choices, options: [new, old]}
      other: {type: link, to: thing}
      owner: {type: user}
      count: {type: number}
    grants: [{who: clerk, may: all}]
"""
FILLED: tuple[dict[str, Any], ...] = (
    {},
    {"is_required": True, "error": "This is wrong.", "lead": "Do you mean", "readings": (Wording("1", "one"),)},
    {"is_filled": True, "source": "Customer", "picked": "01"},
    {"is_typed_over": True, "is_kept_typed": True, "help": "Say <it>.", "unit": "kg"},
    {"is_given": True, "read": "Friday", "read_day": "2026-11-27", "width": 1},
    {"is_locked": True, "typed": "before"},
    {"is_hidden": True, "typed": "before", "picked": "01"},
)
TEXTS = ("", "yes", "red", 'new, old & <b>"', "\ue0000 \x1f1", " \n spaces ")


def controls(of: Field, name: str) -> list[Control]:
    """Return controls of a field with every text in every way that a form shows it."""
    options = tuple((key, title.title.say("en")) for key, title in of.option_titles().items())
    control = Control(name, of, of.type.widget_of(of), "Label", "", "", "", options=options, label_cell="Line 1: Label")
    return [
        replace(control, **{**filled, "text": text, "shown": text, "picked": text and filled.get("picked", "")})
        for filled in FILLED
        for text in TEXTS
    ]


@pytest.mark.parametrize(("macro", "name"), [("drawn_field", "{}"), ("drawn_cell", "lines.+NEW.{}")])
def test_controls_are_drawn_from_what_is_kept_as_anew(app: Flask, macro: str, name: str) -> None:
    blueprint = load_blueprint(EVERY_WIDGET).blueprint
    assert blueprint is not None
    kept, differing = KeptMarkup(is_open=True), []
    for language in ("en", "zh", "en"):
        with app.test_request_context(headers={"Accept-Language": language}):
            draw = getattr(app.jinja_env.get_template("fields/controls.html").module, macro)
            for of in blueprint.forms["thing"].fields.values():
                for control in controls(of, name.format(of.key)):
                    if kept.control(draw, control) != draw(control):
                        differing.append((language, control))
    assert differing == []


def test_every_widget_is_among_them(app: Flask) -> None:
    blueprint = load_blueprint(EVERY_WIDGET).blueprint
    assert blueprint is not None
    widgets = {of.type.widget_of(of) for of in blueprint.forms["thing"].fields.values()}
    with app.test_request_context():
        assert set(app.jinja_env.get_template("fields/controls.html").module.WIDGETS) <= widgets


class Counted:
    """A macro that counts how often it draws."""

    name = "counted"

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, *values: object) -> str:
        self.times += 1
        return Markup(f"<p>{values}</p>")


def test_a_part_is_drawn_once_for_the_same_values_and_language(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_markup, "MOST_KEPT", 3)
    kept, draw = KeptMarkup(is_open=True), Counted()
    for language, value in (("en", 1), ("en", 1), ("zh", 1), ("en", 2), ("en", 1), ("en", 3), ("en", 1)):
        with app.test_request_context(headers={"Accept-Language": language}):
            assert kept.part(draw, value, "x") == f"<p>{(value, 'x')}</p>"
    # Two values, and one in another language; the fourth has all of them forgotten.
    assert draw.times == 5


def test_large_parts_are_forgotten_by_their_bytes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_markup, "MOST_BYTES", 3_000)
    kept, draw = KeptMarkup(is_open=True), Counted()
    with app.test_request_context():
        for value in ("a", "b", "a", "c" * 2_850, "a", "d" * 4_000, "d" * 4_000, "a"):
            kept.part(draw, value)
    # Where the long one does not fit beside the short ones, all are forgotten; what is too long is never kept.
    assert draw.times == 6


def test_nothing_is_kept_while_templates_are_written(app: Flask) -> None:
    kept, draw = KeptMarkup(is_open=False), Counted()
    with app.test_request_context():
        assert [kept.part(draw, 1), kept.part(draw, 1)] == [Markup("<p>(1,)</p>")] * 2
    assert draw.times == 2


ROW = """\
{% macro sample_row(columns, cells) %}
{% set first, second, third = cells %}
<tr title="{{ first }}">{% for column in columns %}<th>100% of {{ column }}</th>{% endfor %}
<td>{{ third }} %s</td><td>{{ first }}{{ second }}</td></tr>
{% endmacro %}
"""
BOLD = "{% macro bold(name, kind) %}<b class='{{ kind }}'>{{ name }}</b>{% endmacro %}"
#: Of which one has the sign that stands between texts that are escaped together.
CELLS = (("a", "", "%s"), ('<b>"&', "\ue0001\ue001", "\x1f"), ("a", "中文", "%(x)s"))


def test_rows_are_drawn_from_what_is_kept_as_anew(app: Flask) -> None:
    kept = KeptMarkup(is_open=True)
    draw = app.jinja_env.from_string(ROW).module.sample_row  # type: ignore[attr-defined]
    with app.test_request_context():
        for layout in ((), ("one", "<two>"), ("one",), ()):
            anew = "".join(draw(layout, cells) for cells in CELLS)
            assert kept.rows(draw, layout, list(zip(*CELLS, strict=True))) == anew
        assert kept.rows(draw, (), ((), (), ())) == ""


def test_a_column_of_markup_is_drawn_once_for_each_value(app: Flask) -> None:
    bold, draw = app.jinja_env.from_string(BOLD).module.bold, Counted()  # type: ignore[attr-defined]
    values = (("<A>", "x"), (), ("<A>", "x"), ("B", "y"))
    with app.test_request_context():
        column = drawn_column(bold, values)
        assert column == ("<b class='x'>&lt;A&gt;</b>", "", "<b class='x'>&lt;A&gt;</b>", "<b class='y'>B</b>")
        drawn = KeptMarkup(is_open=False).rows(app.jinja_env.from_string(ROW).module.sample_row, (), [column] * 3)  # type: ignore[attr-defined]
        assert "<td><b class='y'>B</b><b class='y'>B</b></td>" in drawn
        drawn_column(draw, values)
    assert draw.times == 2


@dataclass(frozen=True)
class Leaf:
    """Something of which one text decides how it is drawn, and two are only put out."""

    ONLY_SHOWN = ("name", "note")

    kind: str
    name: str
    note: str


@dataclass(frozen=True)
class Branch:
    """Something that is made of others."""

    MADE_OF = ("leaves",)

    leaves: tuple[Leaf, ...]


class Drawn(Counted):
    """A macro that draws branches."""

    def __call__(self, *values: object) -> str:
        self.times += 1
        branch, inside = values
        assert isinstance(branch, Branch)
        leaves = [
            Markup('<li class="{}">{}{}</li>').format(leaf.kind, leaf.name, Markup("<i>{}</i>").format(leaf.note))
            if leaf.note
            else Markup("<li>{}</li>").format(leaf.name)
            for leaf in branch.leaves
        ]
        return Markup("<ul>{}</ul>{}").format(Markup("").join(leaves), inside)


def test_texts_that_are_only_put_out_are_filled_in(app: Flask) -> None:
    kept, draw, anew = KeptMarkup(is_open=True), Drawn(), Drawn()
    with app.test_request_context():
        for text in ("one", "two", *TEXTS):
            for note in ("", text):
                branch = Branch((Leaf("a", text, note), Leaf("b", "x", text)))
                inside = Markup("<b>{}</b>").format(text) if text else Markup()
                assert kept.part(draw, branch, inside) == anew(branch, inside)
    # Once for each way in which some are empty: with a note, without, and with no text at all.
    assert (draw.times, anew.times) == (3, 2 * (2 + len(TEXTS)))


@pytest.mark.parametrize(
    "asked", ["name|upper", "name|length", "name == 'x'", "name in ('x', 'y')", "'x' in name", "name[:2]", "name < 'x'"]
)
def test_a_text_that_decides_anything_is_found(app: Flask, asked: str) -> None:
    draw = app.jinja_env.from_string(
        f"{{% macro looks(leaf) %}}{{% set name = leaf.name %}}{{% if {asked} %}}x{{% endif %}}{{% endmacro %}}"
    ).module.looks  # type: ignore[attr-defined]
    with app.test_request_context(), pytest.raises(AssertionError, match="only to be shown"):
        KeptMarkup(is_open=True).part(draw, Leaf("a", "One", ""))


def test_numbers_in_parts_are_written_as_their_reader_writes_them(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, draw = KeptMarkup(is_open=True), Counted()
    with app.test_request_context():
        for numbers in ("comma_point", "point_comma", "comma_point"):
            reader = Reader.with_ways("en", numbers)
            monkeypatch.setattr(kept_markup, "current_reader", lambda reader=reader: reader)
            kept.part(draw, 1)
    assert draw.times == 2


def texts_of_templates() -> list[str]:
    folder = Path(str(files("blankett.templates")))
    return [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))]


def kept_macros() -> set[str]:
    """Return the names of all macros of which drawings are kept."""
    call = r"kept_(?:part|each|control|rows)\(\s*(\w+)"
    return {name for text in texts_of_templates() for name in re.findall(call, text)}


def test_no_two_kept_macros_have_one_name() -> None:
    made = Counter(name for text in texts_of_templates() for name in re.findall(r"{%-? macro (\w+)", text))
    assert kept_macros()
    assert {name: made[name] for name in kept_macros()} == dict.fromkeys(kept_macros(), 1)
