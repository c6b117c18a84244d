"""Texts of a blueprint: each may hold formulas or says that it cannot, and what is in braces is checked."""

from __future__ import annotations

import pytest

from blankett.engine.checks import check_blueprint
from blankett.engine.language.loader import load_blueprint, read_blueprint

LEAVE = """
blueprint: leave
language: 1
languages: [en, zh]
title: {title}
roles:
  a: {{title: {role}}}
forms:
  wish:
    title: {form}
    plural: {plural}
    help: {form_help}
    fields:
      subject: {{type: text, title: {field}, help: {field_help}}}
      kind: {{type: choice, title: Kind, options: {{x: {option}}}}}
      lines: {{type: table, title: Lines, fields: {{n: {{type: number, title: N, help: {column_help}}}}}}}
    sections:
      main: {{title: {section}, fields: [subject, kind, lines]}}
    states:
      s: {{start: true, title: {state}, help: {state_help}}}
      e: {{final: true, title: E}}
    actions:
      withdraw:
        title: {action}
        help: {action_help}
        confirm: {confirm}
        from: s
        to: e
        by: a
        ask: {{why: {{type: text, title: Why, help: {ask_help}}}}}
    lists:
      all: {{title: {list}, columns: [subject]}}
    grants: [{{who: a, may: all}}]
translations:
  zh: {zh}
"""
TEXTS = (
    "title role form plural form_help field field_help option column_help section state state_help action action_help "
    "confirm ask_help list"
).split()
#: Texts that stand beside a record, with a formula that each may hold.
BESIDE = {
    "field_help": "{subject}",
    "column_help": "{n}",
    "state_help": "{subject}",
    "action": "{subject}",
    "action_help": "{subject}",
    "confirm": "{subject} {user.name}",
    "ask_help": "{subject}",
}


def blueprint(zh: str = "{}", **texts: str) -> str:
    given = {name: f'"{text}"' for name, text in texts.items()}
    return LEAVE.format(**dict.fromkeys(TEXTS, "Words") | given, zh=zh)


def found(text: str) -> list[str]:
    loaded = check_blueprint(text)
    return [f"{problem.id} {problem.text()}" for problem in loaded.problems if problem.is_error]


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_in_braces_that_means_nothing_is_a_problem_in_every_text(text: str) -> None:
    source = blueprint(**{text: "Go {nn}"})
    (said,) = found(source)
    assert said.startswith("BL302 there is no 'nn' here" if text in BESIDE else "BL319 the text of ")


@pytest.mark.parametrize("text", TEXTS)
def test_a_version_that_was_published_with_one_goes_on_and_says_it_as_it_did(text: str) -> None:
    published = load_blueprint(blueprint(**{text: "Go {nn}"})).blueprint
    assert published is not None
    form = published.forms["wish"]
    words = {
        "confirm": form.actions["withdraw"].confirm,
        "action": form.actions["withdraw"].title,
        "state": form.states["s"].title,
        "field_help": form.fields["subject"].help,
        "section": form.sections[0].title,
        "option": form.fields["kind"].option_titles()["x"].title,
    }
    assert text not in words or words[text].say("en") == "Go {nn}"  # type: ignore[union-attr]


@pytest.mark.parametrize(("text", "formula"), BESIDE.items(), ids=BESIDE)
def test_texts_beside_a_record_hold_formulas(text: str, formula: str) -> None:
    assert found(blueprint(**{text: f"Go {formula}"})) == []


def test_a_text_that_holds_no_formula_says_how_braces_are_written() -> None:
    assert found(blueprint(title="Leave {subject}")) == [
        "BL319 the text of 'title' is shown where there is no record, so it cannot hold a formula; "
        "write {{ and }} for braces."
    ]


def test_braces_that_are_text_are_doubled_in_every_text() -> None:
    source = blueprint(title="{{x}}", confirm="{{x}}", action="Go {{x}}", option="{{x}}")
    assert found(source) == []
    form = read_blueprint(source).forms["wish"]
    action = form.actions["withdraw"]
    assert (action.confirm and action.confirm.say("en"), action.title.say("en")) == ("{x}", "Go {x}")


def test_translations_are_checked_as_the_texts_are() -> None:
    zh = '{title: "{t}", forms: {wish: {actions: {withdraw: {confirm: "{nn}"}}}}}'
    assert [said[:5] for said in found(blueprint(zh=zh))] == ["BL319", "BL302"]


def test_where_no_record_is_at_hand_a_formula_is_left_out() -> None:
    title = read_blueprint(blueprint(action="Withdraw {subject}")).forms["wish"].actions["withdraw"].title
    assert title.say("en") == "Withdraw …"


def test_a_message_that_nobody_sends_must_be_readable_too() -> None:
    source = blueprint() + 'messages:\n  gone: "It {is gone"\n'
    assert [said[:5] for said in found(source)] == ["BL301"]
    assert load_blueprint(source).blueprint is not None
