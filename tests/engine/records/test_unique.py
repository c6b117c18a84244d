"""What must be unique: who holds a value, what is the same, and whom the message tells which record it is."""

from __future__ import annotations

import pytest

from blankett.engine.store.unique_values import unique_text

from .told import misses

CODES = """\
blueprint: codes
language: 1
title: Codes
roles: {clerk: {}, stranger: {}}
forms:
  req:
    show: "{name}"
    fields:
      name: {type: text}
      kind: {type: choice, options: [a, b], required: yes}
      code: {type: text, unique: yes, visible: kind = "b"}
    grants:
      - {who: clerk, may: all}
      - {who: stranger, may: create}
      - {who: stranger, may: [view, edit], where: name = "own"}
scenarios:
  a code nobody sees:
    as: ann (clerk)
    steps:
      - create: req
        with: {kind: b, code: X}
      - change: {kind: a}
      - create: req
        with: {kind: b, code: X}
      - expect: {values: {code: X}}
  it is looked at again when it is shown:
    as: ann (clerk)
    steps:
      - create: req
        with: {kind: b, code: X}
      - change: {kind: a}
      - create: req
        with: {kind: b, code: X}
      - change: {kind: a}
      - change: {kind: b}
      - create: req
        with: {kind: b, code: x}
      - expect: {refused: code}
"""


def test_a_hidden_value_keeps_nobody_from_having_it() -> None:
    assert misses(CODES) == []


@pytest.mark.parametrize(
    "text", ["AB c", " ab  C ", "ＡＢ\u3000c", "a\u200bb c", "ab\u2060 c\ufeff", "a\u00adb\u00a0c"]
)
def test_texts_that_nobody_can_tell_apart_are_the_same(text: str) -> None:
    assert unique_text(text) == "ab c"


def test_accents_tell_texts_apart() -> None:
    assert unique_text("Müller") != unique_text("Muller")
