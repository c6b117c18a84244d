"""The door to the parser: the text of a formula, or of a cell, in; its parts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from blankett.engine.feel import tree
from blankett.engine.feel.cursor import Names
from blankett.engine.feel.functions import BUILTINS
from blankett.engine.feel.parser import Parser
from blankett.engine.feel.types import Type

_FUNCTIONS: Final = Names(BUILTINS)


def parse_expression(
    text: str, names: Iterable[str] = (), types: Mapping[str, Type] | None = None, offset: int = 0
) -> tree.Expression:
    """Return the parts of the formula *text*. Raises FeelSyntaxError.

    *names* are names of several words that the formula may use, *types* further types by name (for `instance of`).
    Places are counted from *offset*, where the formula stands in a longer text.
    """
    return Parser(text, _FUNCTIONS, names, types, offset).whole_expression()


def parse_unary_tests(text: str, names: Iterable[str] = (), types: Mapping[str, Type] | None = None) -> tree.UnaryTests:
    """Return the parts of *text*, the cell of a decision table.

    `-`, `< 10, 20`, `not("new")`. Raises FeelSyntaxError.
    """
    return Parser(text, _FUNCTIONS, names, types).whole_tests()
