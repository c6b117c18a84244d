"""Marks from one to a few."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from blankett.engine.fields import locale_formats
from blankett.engine.fields.base import PROCESS, Fault, TextReading, TypeOption, Value
from blankett.engine.fields.numbers import NumberType

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

#: The highest mark where the blueprint says nothing, and the highest there can be.
USUAL, HIGHEST = 5, 10
STAR = "★"


class RatingType(NumberType):
    """A mark from one to a few."""

    name = "rating"
    help = "A mark from 1 to `max`, chosen as stars."
    synonyms = "stars score likert nps"
    options: ClassVar[tuple[TypeOption, ...]] = (
        TypeOption("max", "whole", f"The best mark; {USUAL} unless told.", least=2, most=HIGHEST, part=PROCESS),
    )
    decimals: ClassVar[int] = 0
    adds_up: ClassVar[bool] = False
    can_be_key: ClassVar[bool] = False
    is_column: ClassVar[bool] = False
    width = 2

    def cases(self, of: Field) -> Sequence[tuple[str, Value]]:
        """Return the marks."""
        return [(str(mark), Decimal(mark)) for mark in range(1, best(of) + 1)]

    def widget_of(self, of: Field) -> str:
        """Return stars; a cell of a table has no room for them."""
        return "rating" if of.table is None else "choice"

    def width_of(self, of: Field) -> int:
        """Return more for more stars than usual, so that they stand in one line."""
        return self.width if best(of) <= USUAL else self.width + 1

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the mark that was typed, as a number or in stars."""
        is_stars = text.strip(STAR + "☆") == "" and text.startswith(STAR)
        return super().parse(str(text.count(STAR)) if is_stars else text, of, reading)

    def bounds(self, of: Field) -> tuple[object, object]:
        """Return the lowest and the highest mark."""
        return Decimal(1), Decimal(best(of))

    def show(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the mark and the best one: ``4/5``."""
        return f"{locale_formats.shown_number(value, locale)}/{best(of)}" if isinstance(value, Decimal) else ""


def best(of: Field) -> int:
    """Return the best mark."""
    found = of.options.get("max")
    return found if isinstance(found, int) else USUAL
