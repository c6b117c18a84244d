"""How many lines a table wants, said as people say it."""

from __future__ import annotations

import pytest

from blankett.engine.fields.base import Fault
from blankett.engine.fields.tables import TableType
from blankett.engine.language.loader import read_blueprint
from blankett.words import say

FORM = """
blueprint: shop
language: 1
title: Shop
forms:
  order:
    fields:
      lines: {{type: table, min: {least}, fields: {{n: {{type: number}}}}}}
    grants: [{{who: everyone, may: all}}]
"""


@pytest.mark.parametrize(
    ("least", "lines", "said"), [(1, [], "Add a line."), (2, [{}], "Add at least 2 lines."), (1, [{}], None)]
)
def test_missing_lines_are_asked_for(least: int, lines: list[dict[str, object]], said: str | None) -> None:
    of = read_blueprint(FORM.format(least=least)).forms["order"].fields["lines"]
    assert isinstance(of.type, TableType)
    fault = of.type.check_count(lines, of)
    assert (say("en", fault.message, **fault.params) if isinstance(fault, Fault) else None) == said
