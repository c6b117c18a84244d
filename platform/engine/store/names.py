"""Names that stand as numbers in rows: organisations, forms, series, paths of links.

Each stands in every row and every index entry, so a row has a number of a few bytes in their place. Everything outside
of this package, and every statement in it, says the names: a column of the type `Numbered` takes and gives them. A name
gets its number in the first transaction that writes it, and keeps it for ever; so what is known of one database is kept
for all its transactions, and looked up again only when a name or a number is met that is not known.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Integer
from sqlalchemy.types import TypeDecorator

from blankett.engine.errors import BlankettError

#: The number of what has none: no row has it.
NONE = 0


class UnknownName(BlankettError):
    """A name or a number that was not known when the names were looked up last. Answered within this package."""

    def __init__(self, unknown: str | int) -> None:
        self.unknown = unknown
        super().__init__(f"{unknown!r} is not known as a name of the database")


class NumberedNames:
    """The names of one database, as far as they are known; of committed ones only."""

    def __init__(self) -> None:
        self._numbers: Mapping[str, int] = {}
        self._names: Mapping[int, str] = {}
        #: What the transaction that asks knows beside, while it asks.
        self._beside = _Beside()

    def know(self, numbers: Mapping[str, int]) -> None:
        """Know these names with their numbers."""
        self._names = {number: name for name, number in numbers.items()}
        self._numbers = dict(numbers)

    @contextmanager
    def beside(self, own: Mapping[str, int], absent: Collection[str | int]) -> Iterator[None]:
        """Let this thread know the names of *own* too, and that there are none of *absent*, for as long as this is
        open. A number without a name is called ``#7``, as nothing else is: somebody changed the row by hand.
        """
        self._beside.numbers = {**dict.fromkeys((name for name in absent if isinstance(name, str)), NONE), **own}
        self._beside.names = {number: f"#{number}" for number in absent if not isinstance(number, str)}
        self._beside.names.update({number: name for name, number in own.items()})
        try:
            yield
        finally:
            self._beside.numbers, self._beside.names = {}, {}

    def number(self, name: str | None) -> int | None:
        """Return the number of *name*. Raises UnknownName."""
        if name is None:
            return None
        found = self._numbers.get(name)
        if found is None:
            found = self._beside.numbers.get(name)
        if found is None:
            raise UnknownName(name)
        return found

    def name(self, number: object) -> str | None:
        """Return the name with *number*. Raises UnknownName."""
        if type(number) is int and number in self._names:
            return self._names[number]
        if number is None:
            return None
        if not isinstance(number, int):  # SQLite keeps anything that somebody puts there
            return f"#{number}"
        found = self._beside.names.get(number)
        if found is None:
            raise UnknownName(number)
        return found


class _Beside(threading.local):
    """What one thread knows beside."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.names: dict[int, str] = {}


_names: WeakKeyDictionary[Dialect, NumberedNames] = WeakKeyDictionary()


def names_of(dialect: Dialect) -> NumberedNames:
    """Return what is known of the names of the database that *dialect*, an engine's own, speaks to."""
    return _names.setdefault(dialect, NumberedNames())


class Numbered(TypeDecorator[str]):
    """A column of names that holds their numbers."""

    impl = Integer
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Return what gives the number of a name."""
        return names_of(dialect).number

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Return what gives the name of a number."""
        return names_of(dialect).name
