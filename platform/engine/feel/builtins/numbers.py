"""The built-in functions on numbers."""

from __future__ import annotations

import decimal
import random
from decimal import Decimal
from typing import Final

from blankett.engine.feel.builtins.registry import overload
from blankett.engine.feel.operators import CONTEXT
from blankett.engine.feel.temporal import AnyDuration, WideDuration
from blankett.engine.feel.values import ZERO

_MAX_SCALE: Final = 6176
_MIN_SCALE: Final = -6111
#: Wide enough to hold any number at any scale while it is rounded.
_WIDE: Final = decimal.Context(prec=12_500, Emin=-20_000, Emax=20_000, traps=[decimal.InvalidOperation])


def rounding(mode: str) -> object:
    """Return a function that rounds a number to a scale by *mode*, one of the rounding modes of `decimal`."""

    def to_scale(number: Decimal, scale: Decimal = ZERO) -> Decimal | None:
        if not _MIN_SCALE <= scale <= _MAX_SCALE:
            return None
        places = int(scale)
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and -exponent <= places:
            return number
        rounded = number.quantize(Decimal(1).scaleb(-places, _WIDE), rounding=mode, context=_WIDE)
        return CONTEXT.plus(rounded)

    return to_scale


def modulo(dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """Return the rest of the division, with the divisor's sign."""
    if not divisor:
        return None
    rest = (
        CONTEXT.remainder(dividend, divisor)
        if abs(dividend.adjusted() - divisor.adjusted()) < 30
        else _wide_rest(dividend, divisor)
    )
    return rest + divisor if rest and (rest < 0) != (divisor < 0) else rest


def _wide_rest(dividend: Decimal, divisor: Decimal) -> Decimal:
    return CONTEXT.plus(_WIDE.remainder(dividend, divisor))


def square_root(number: Decimal) -> Decimal | None:
    """Return the square root; null of a negative number."""
    return CONTEXT.sqrt(number) if number >= 0 else None


def logarithm(number: Decimal) -> Decimal | None:
    """Return the natural logarithm; null of zero and below."""
    return CONTEXT.ln(number) if number > 0 else None


def exponential(number: Decimal) -> Decimal:
    """Return e to the power of *number*."""
    return CONTEXT.exp(number)


def is_odd(number: Decimal) -> bool | None:
    """Say whether *number* is odd; null for one that is not whole."""
    return bool(_WIDE.remainder(number, 2)) if number == number.to_integral_value() else None


def is_even(number: Decimal) -> bool | None:
    """Say whether *number* is even; null for one that is not whole."""
    return not _WIDE.remainder(number, 2) if number == number.to_integral_value() else None


def random_number() -> Decimal:
    """Return a number from 0 up to 1."""
    return CONTEXT.create_decimal(repr(random.random()))


def absolute(value: Decimal) -> Decimal:
    """Return the value without its sign."""
    return abs(value)


def absolute_duration(length: AnyDuration) -> AnyDuration:
    """Return the duration without its sign."""
    return WideDuration(abs(length.nanoseconds)) if isinstance(length, WideDuration) else abs(length)


_half_even = rounding(decimal.ROUND_HALF_EVEN)
_floor = rounding(decimal.ROUND_FLOOR)
_ceiling = rounding(decimal.ROUND_CEILING)

FUNCTIONS: Final = (
    overload("decimal(n: N, scale: number) -> N", _half_even),  # type: ignore[arg-type]
    overload("floor(n: N, scale?: number) -> N", _floor),  # type: ignore[arg-type]
    overload("ceiling(n: N, scale?: number) -> N", _ceiling),  # type: ignore[arg-type]
    overload("round up(n: N, scale?: number) -> N", rounding(decimal.ROUND_UP)),  # type: ignore[arg-type]
    overload("round down(n: N, scale?: number) -> N", rounding(decimal.ROUND_DOWN)),  # type: ignore[arg-type]
    overload("round half up(n: N, scale?: number) -> N", rounding(decimal.ROUND_HALF_UP)),  # type: ignore[arg-type]
    overload("round half down(n: N, scale?: number) -> N", rounding(decimal.ROUND_HALF_DOWN)),  # type: ignore[arg-type]
    overload("abs(n: N) -> N", absolute),
    overload("abs(n: days and time duration) -> days and time duration", absolute_duration),
    overload("abs(n: years and months duration) -> years and months duration", lambda n: type(n)(abs(n.total))),
    overload("modulo(dividend: N, divisor: number) -> N", modulo),
    overload("sqrt(number: number) -> number", square_root),
    overload("log(number: number) -> number", logarithm),
    overload("exp(number: number) -> number", exponential),
    overload("odd(number: number) -> boolean", is_odd),
    overload("even(number: number) -> boolean", is_even),
    overload("random number() -> number", random_number),
)
