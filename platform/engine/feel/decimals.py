"""The decimal arithmetic of the standard: 34 digits, rounding half to even, exponents up to 6144."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Final

#: An impossible or too large result raises ArithmeticError; the operators turn that into null.
CONTEXT: Final = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)


def number_from(text: str) -> Decimal | None:
    """Return the number written in *text* (`1`, `.5`, `1.2e3`), rounded to 34 digits.

    None where it is none or too large.
    """
    try:
        number = CONTEXT.create_decimal(text)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None
