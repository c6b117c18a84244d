"""How columns keep what they hold in fewer bytes: numbers for names that stand in every row, and packed texts."""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Dialect, Integer, LargeBinary
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from blankett.engine.errors import BlankettError
from blankett.engine.store.sql_expressions import written

# Names as numbers: organisations, forms, series, paths of links -------------------------------------------------------


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


# Packed texts: hex digits as the bytes they stand for, longer texts without their repetitions -------------------------


#: The first byte says what the others are; no text of before begins so. A dictionary never changes: another one is
#: another first byte.
PLAIN, HEX, COUNTED_HASH, SHORTENED = b"\x01", b"\x02", b"\x03", b"\x04"
HEX_DIGITS = re.compile(r"(?:[0-9a-f]{2})+")
#: A number and a hash: ``3 9f86d081…``.
NUMBER_AND_HASH = re.compile(r"([1-9][0-9]*) ([0-9a-f]{64})")
HASH_SIZE = 32
#: What texts of events are made of, the commonest last; texts are shortened by referring to it.
DICTIONARY = (
    b'"becomes","removed","refill","comment":"\\u00,"inputs":{"reason":"","typed":["lines/"from_version":'
    b'"warnings":[],"message":"field.","kind":"rule","kind":"table","kind":"fill","hits":[],"table":"rule":"set":{"notify"'
    b'"missing":[],"null":true,"type":"date","value":{"text":"","value":{"date":"20"value":{"link":"01'
    b'"test":"in","test":"=","test":">","test":"<","test":"and","parts":[],"point":"submit","line":"key":"'
    b'"seen":[{"path":["total"],"value":{"number":"}}],"test":"<","text":"","version":1}],'
    b'"operands":[{"path":[""],"reads":[[""]],"text":"","value":{"number":"}},{"path":[],"reads":[],"text":"'
    b'"decisions":[{"key":"","kind":"guard","line":1,"outcomes":[],"point":"","trace":{"at":[1,1],"holds":true,'
    b'"state":"shipped","state":"approved","state":"review","state":"submitted","state":"cancelled","state":"done",'
    b'"2026-2027-2028-true,"false,null,"currency":"EUR","customer":"01","date":"20","id":"01M","name":"","price":"","'
    b'product":"01","quantity":"1","amount":"1"},{"lines":[{"amount":"},{"total":""}}"data":{"'
    b'"filled":["currency","lines/01"hidden":["'
    b'],"record":{"assignee":null,"department":null,"number":null,"owner":"","state":"draft","title":"","version":1,'
    b'"workspace":"01{"actions":["submit"],"record":{"state":""}}'
)
UNREADABLE = "\ufffd"
#: Texts below this are not worth it.
SHORTEST = 24


def pack(text: str) -> bytes:
    """Return *text* in as few bytes as it takes."""
    if HEX_DIGITS.fullmatch(text):
        return HEX + bytes.fromhex(text)
    if counted := NUMBER_AND_HASH.fullmatch(text):
        return COUNTED_HASH + bytes.fromhex(counted[2]) + counted[1].encode()
    plain = text.encode()
    if len(plain) < SHORTEST:
        return PLAIN + plain
    press = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=DICTIONARY)
    shortened = press.compress(plain) + press.flush()
    return SHORTENED + shortened if len(shortened) < len(plain) else PLAIN + plain


def unpack(kept: bytes) -> str:
    """Return the text that is kept as *kept*, which may be as it was kept before there was packing.

    Of bytes that nobody kept it returns a text that nobody wrote: it begins with `UNREADABLE`.
    """
    unpacking = UNPACKING.get(kept[:1])
    try:
        return kept.decode() if unpacking is None else unpacking(kept[1:])
    except (ValueError, zlib.error):
        return UNREADABLE + kept.decode("latin-1")


def _lengthened(shortened: bytes) -> str:
    reader = zlib.decompressobj(-zlib.MAX_WBITS, zdict=DICTIONARY)
    found = reader.decompress(shortened)
    if not reader.eof or reader.unused_data:
        raise ValueError("it does not end where the text does")
    return found.decode()


#: First byte → what gives the text from the other bytes.
UNPACKING: Mapping[bytes, Callable[[bytes], str]] = {
    PLAIN: bytes.decode,
    HEX: bytes.hex,
    COUNTED_HASH: lambda kept: f"{kept[HASH_SIZE:].decode()} {kept[:HASH_SIZE].hex()}",
    SHORTENED: _lengthened,
}


@written(postgresql="{0}", sqlite="CAST({0} AS BLOB)")
class AsBytes(FunctionElement[str]):
    """A packed column as bytes, which SQLite may hold as a text of before."""

    name = "as_bytes"
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], type_: TypeDecorator[str]) -> None:
        super().__init__(column)
        self.type = type_


class Packed(TypeDecorator[str]):
    """A column of texts that holds them packed."""

    impl = LargeBinary
    cache_ok = True

    def column_expression(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return what is selected for a column: its bytes."""
        return AsBytes(column, type_=self)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Return what packs a text."""
        return lambda text: None if text is None else pack(text)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Return what unpacks a text."""
        return lambda kept: None if kept is None else unpack(kept)
