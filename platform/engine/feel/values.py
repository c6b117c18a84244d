"""Values that Python has no type for: years-and-months durations, ranges, functions and references to records.

All other FEEL values are Python's own: None, bool, Decimal, str, date, time, datetime, timedelta, list and dict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import total_ordering
from typing import Any as Value
from typing import Final

#: The longest duration in months, as long as the standard's.
MAX_MONTHS: Final = 12 * 999_999_999_999


@total_ordering
@dataclass(frozen=True, slots=True)
class YearsMonths:
    """A duration in whole months: `duration("P1Y2M")` has `total` 14. Its parts carry its sign."""

    total: int

    def __post_init__(self) -> None:
        if abs(self.total) > MAX_MONTHS:
            raise OverflowError("a duration is too long")

    @property
    def years(self) -> int:
        """Return the whole years, truncated toward zero."""
        return abs(self.total) // 12 * (-1 if self.total < 0 else 1)

    @property
    def months(self) -> int:
        """Return the months beside the whole years, 0 to 11, with the duration's sign."""
        return abs(self.total) % 12 * (-1 if self.total < 0 else 1)

    def __lt__(self, other: YearsMonths) -> bool:
        return self.total < other.total


class NoEnd:
    """The missing end of a range such as `(< 10)`."""

    def __repr__(self) -> str:
        return "NO_END"


NO_END: Final = NoEnd()


@dataclass(frozen=True, slots=True)
class Range:
    """`[1..10)`: two ends and whether each belongs to it. An end is NO_END in a range made of a test, as `(< 10)`."""

    low: Value
    high: Value
    low_closed: bool = True
    high_closed: bool = True
    #: Made of the test `(= 10)`, which is another value than `[10..10]`.
    is_test: bool = False
    #: `2..1` in a loop runs downwards; a range with brackets does not.
    descends: bool = field(default=False, compare=False)

    @property
    def sides(self) -> tuple[bool, bool, bool]:
        """Return what it is besides its ends."""
        return self.low_closed, self.high_closed, self.is_test


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function as a value.

    `call` takes the arguments by position and gives the result, null where they do not fit.
    """

    parameters: tuple[str, ...]
    call: Callable[[list[Value]], Value]
    #: How many arguments the function must be given at least; None: as many as it has parameters.
    required: int | None = None

    def takes(self, count: int) -> bool:
        """Say whether the function may be called with *count* arguments."""
        return (
            count == len(self.parameters) if self.required is None else self.required <= count <= len(self.parameters)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A linked record or a user. Equal to another reference with the same id; `fields` are what formulas may read."""

    id: str
    title: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)


ZERO: Final = Decimal(0)
