"""Reads XML that anybody may have made: bounded, without document types, each element with its line.

expat is driven directly, so that a document type is refused before an entity is defined or anything is fetched, and
what is too large or too deep before it is held in memory.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn
from xml.parsers import expat

from blankett.engine.fields.base import Fault

MOST_LEVELS: Final = 50
MOST_ELEMENTS: Final = 200_000
#: Between a namespace and a name, as expat gives them.
_APART: Final = "|"
#: Where XML says how it is written.
_DECLARED: Final = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,60})["']""")
#: Encodings that expat reads by itself, those of one byte a character, and those that Python reads for it.
_READ: Final = frozenset(("utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii"))
_ONE_BYTE: Final = re.compile(r"(?:iso-?8859-\d{1,2}|latin-?1|windows-125\d|cp125\d|koi8-[ru])\Z")
_WIDE: Final = frozenset(("gbk", "gb2312", "gb18030", "big5", "shift-jis", "euc-jp", "euc-kr"))


class UnsafeMarkupError(Exception):
    """The XML is not read; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass
class Element:
    """An element of a file. Attributes of other namespaces are named ``namespace|name``."""

    name: str
    attributes: Mapping[str, str]
    #: Line of the file, from 1.
    line: int
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return the text right inside of it."""
        return "".join(self.pieces)

    def get(self, name: str, namespace: str = "") -> str | None:
        """Return an attribute, or None."""
        return self.attributes.get(f"{namespace}{_APART}{name}" if namespace else name)

    def all(self, name: str) -> Iterator[Element]:
        """Yield every element called *name* in it, at any depth, in the order of the file."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.all(name)

    def named(self, name: str) -> list[Element]:
        """Return the elements called *name* right inside of it."""
        return [child for child in self.children if child.name == name]


def read_markup(data: bytes) -> Element:
    """Return the topmost element of an XML file; raise `UnsafeMarkupError` for what is not read."""
    reader = _ElementReader()
    text = _as_utf8(data)
    parser = _careful_parser("utf-8" if text is not data else None)
    parser.StartElementHandler = reader.open
    parser.EndElementHandler = reader.close
    parser.CharacterDataHandler = reader.text
    parser.buffer_text = True
    reader.parser = parser
    try:
        parser.Parse(text, True)
    except expat.ExpatError as err:
        problem = expat.ErrorString(err.code)
        raise UnsafeMarkupError(Fault("exchange.not_xml", {"problem": problem, "line": err.lineno})) from err
    return reader.top.children[0]


def count_elements(data: bytes, most: int) -> int:
    """Return how many elements XML has; what is no XML, or broken, counts up to where it can be read.

    Raises `UnsafeMarkupError` for a document type, an encoding that expat does not know, and more than *most*.
    """
    found = 0

    def open_(*_parts: object) -> None:
        nonlocal found
        found += 1
        if found > most:
            raise UnsafeMarkupError(Fault("exchange.too_large", {"limit": most}))

    parser = _careful_parser()
    parser.StartElementHandler = open_
    try:
        parser.Parse(data, True)
    except expat.ExpatError as err:
        if expat.ErrorString(err.code) == expat.errors.XML_ERROR_UNKNOWN_ENCODING:
            raise UnsafeMarkupError(Fault("exchange.not_a_workbook")) from err
    except (ValueError, LookupError) as err:
        raise UnsafeMarkupError(Fault("exchange.not_a_workbook")) from err
    return found


def watch_elements(data: bytes, see: Callable[[str, Mapping[str, str]], None]) -> None:
    """Call *see* with the name and the attributes of each element; what is broken is read up to where it breaks."""
    parser = _careful_parser()
    parser.StartElementHandler = lambda name, attributes: see(name.rpartition(_APART)[2], attributes)
    with contextlib.suppress(expat.ExpatError, ValueError, LookupError):
        parser.Parse(data, True)


def _as_utf8(data: bytes) -> bytes:
    """Return XML as expat reads it; raise `UnsafeMarkupError` for an encoding that no XML is written in."""
    declared = _DECLARED.match(data)
    name = declared[1].decode("ascii").lower() if declared is not None else "utf-8"
    plain = name.replace("_", "-")
    if plain in _READ or _ONE_BYTE.match(plain):
        return data
    try:
        return data.decode(name).encode() if plain in _WIDE else _unread(name)
    except UnicodeError:
        return _unread(name)


def _unread(name: str) -> NoReturn:
    raise UnsafeMarkupError(Fault("exchange.bad_encoding", {"found": name[:60]}))


def _careful_parser(encoding: str | None = None) -> expat.XMLParserType:
    """Return a parser that refuses a document type when it begins: no entity is ever defined, and nothing fetched."""
    parser = expat.ParserCreate(encoding, namespace_separator=_APART)

    def refuse(*_parts: object) -> None:
        raise UnsafeMarkupError(Fault("exchange.has_doctype", {"line": parser.CurrentLineNumber}))

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


class _ElementReader:
    """Makes elements of what expat meets."""

    parser: expat.XMLParserType

    def __init__(self) -> None:
        self.top = Element("", {}, 0)
        self.under_way = [self.top]
        self.count = 0

    def open(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.under_way) > MOST_LEVELS or self.count > MOST_ELEMENTS:
            raise UnsafeMarkupError(Fault("exchange.too_large", {"limit": MOST_ELEMENTS}))
        element = Element(name.rpartition(_APART)[2], attributes, self.parser.CurrentLineNumber)
        self.under_way[-1].children.append(element)
        self.under_way.append(element)

    def close(self, _name: str) -> None:
        self.under_way.pop()

    def text(self, text: str) -> None:
        self.under_way[-1].pieces.append(text)
