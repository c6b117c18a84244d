"""What an author has said of a text that does not match its pattern."""

from __future__ import annotations

from blankett.engine.fields.base import Fault, TextReading
from blankett.engine.language.loader import load_blueprint, read_blueprint
from blankett.words import say

CODES = """\
blueprint: codes
language: 1
languages: [en, zh]
title: Codes
forms:
  code:
    fields:
      name:
        type: text
        pattern: "[A-Z]{2}[0-9]+"
        pattern_message: Two capitals, then digits.
    grants: [{who: everyone, may: all}]
translations:
  zh: {title: 代码, forms: {code: {title: 代码, fields: {name: {title: 名称, pattern_message: 两个大写字母加数字。}}}}}
"""


def test_the_authors_message_stands_in_place_of_the_pattern() -> None:
    name = read_blueprint(CODES).forms["code"].fields["name"]
    fault = name.type.read_text("x1", name, TextReading())
    assert isinstance(fault, Fault)
    assert [say(language, fault.message, **fault.params) for language in ("en", "zh")] == [
        "Two capitals, then digits.",
        "两个大写字母加数字。",
    ]
    assert name.type.read_text("AB12", name, TextReading()) == "AB12"


def test_a_message_without_a_pattern_and_one_that_is_not_translated_are_told() -> None:
    alone = CODES.replace('        pattern: "[A-Z]{2}[0-9]+"\n', "").replace(
        ", pattern_message: 两个大写字母加数字。", ""
    )
    assert [(problem.name, problem.place.line) for problem in load_blueprint(alone).problems] == [
        ("needs_key", 10),
        ("missing_translation", 10),
    ]
