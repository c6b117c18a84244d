"""Names of DMN files, which may be of several words, of any script and with dots, beside the names of our columns.

Keys are made from names; cells and results that read an input by its name read its column instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from blankett.engine.feel.builtins import BUILTINS
from blankett.engine.language.grammar import RESERVED
from blankett.engine.language.grammar.decision_logic import ROW_KEYS
from blankett.engine.language.model import KEY
from blankett.engine.language.source import plain_key

LONGEST_KEY: Final = 60
#: Where a name that programs write in one word has its next: ``guestCount``.
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: A text in quotes.
_TEXT: Final = re.compile(r'"(?:\\.|[^"\\])*"?')


def key_of(name: str, otherwise: str = "c") -> str:
    """Return a key made from any name: ``credit_limit`` for ``Credit limit!`` and ``creditLimit``.

    *otherwise*: what it is where the name has no letter or digit that a key can have, as one in Chinese.
    """
    apart = _HUMP.sub("_", name)
    key = plain_key(apart)[:LONGEST_KEY].strip("_")
    return key if KEY.match(key) else f"c_{key}" if key else otherwise


def column_key(names: Iterable[str], otherwise: str, taken: set[str]) -> str:
    """Return a key for a column called by one of *names*, the best first, that is not among *taken*; it is then."""
    found = next((key for name in names if (key := key_of(name, ""))), otherwise)
    if found in RESERVED or found in ROW_KEYS:
        found = f"the_{found}"
    return free_key(found, taken)


def table_key(name: str, otherwise: str, taken: set[str]) -> str:
    """Return a key for a table called *name* that is not among *taken*; it is then."""
    found = key_of(name, otherwise)
    return free_key(f"{found}_table" if found in BUILTINS or found in RESERVED else found, taken)


def free_key(key: str, taken: set[str]) -> str:
    """Return *key*, with a number where it is among *taken*; it is among them then."""
    found, number = key, 2
    while found in taken:
        found, number = f"{key}_{number}", number + 1
    taken.add(found)
    return found


class Renames:
    """Puts the names of columns in the place of those a file reads inputs by, and of tables in that of functions."""

    def __init__(self, keys: Mapping[str, str], functions: Mapping[str, str] | None = None) -> None:
        #: {name in the file, its words one blank apart: the column}
        self._keys = {" ".join(name.split()): key for name, key in keys.items()}
        names = sorted((name for name, key in self._keys.items() if name != key), key=len, reverse=True)
        self._pattern = _pattern_of(names) if names else None
        self._functions = dict(functions or {})
        called = [name for name, key in self._functions.items() if name != key]
        self._calls = _pattern_of_calls(called) if called else None

    def renamed(self, text: str) -> str:
        """Return a cell or a result with the names of columns and tables."""
        return "".join(part if is_text else self._renamed_part(part) for part, is_text in _parts_of(text))

    def _renamed_part(self, part: str) -> str:
        if self._calls is not None:
            part = self._calls.sub(lambda found: self._functions[" ".join(found[0].split())], part)
        if self._pattern is not None:
            part = self._pattern.sub(lambda found: self._keys[" ".join(found[0].split())], part)
        return part


def _pattern_of(names: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds names that stand alone: not inside another word, not behind a dot."""
    found = "|".join(r"\s+".join(map(re.escape, name.split())) for name in names)
    # Behind two dots stands the end of a range.
    return re.compile(rf"(?<![\w?])(?<!(?<!\.)\.)(?:{found})(?!\w|\s*\()")


def _pattern_of_calls(names: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds names of functions that are called."""
    longest = sorted(names, key=len, reverse=True)
    found = "|".join(r"\s+".join(map(re.escape, name.split())) for name in longest)
    return re.compile(rf"(?<![\w?])(?<!\.)(?:{found})(?=\s*\()")


def names_called(text: str, names: Iterable[str]) -> list[str]:
    """Return which of *names*, those of functions, a formula calls."""
    known = list(names)
    parts = [part for part, is_text in _parts_of(text) if not is_text] if known else []
    pattern = _pattern_of_calls(known) if known else None
    return [" ".join(found[0].split()) for part in parts if pattern for found in pattern.finditer(part)]


def names_read(text: str, names: Iterable[str]) -> list[str]:
    """Return which of *names* a cell or a result reads."""
    known = {" ".join(name.split()): name for name in names}
    if not known:
        return []
    pattern = _pattern_of(sorted(known, key=len, reverse=True))
    parts = [part for part, is_text in _parts_of(text) if not is_text]
    return [known[" ".join(match[0].split())] for part in parts for match in pattern.finditer(part)]


def _parts_of(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a formula and whether each is a text in quotes."""
    reached = 0
    for match in _TEXT.finditer(text):
        yield text[reached : match.start()], False
        yield match[0], True
        reached = match.end()
    yield text[reached:], False
