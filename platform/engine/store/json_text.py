"""JSON as it is kept: one text for one value, so that hashes of it stay the same; and read only when somebody looks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from blankett.engine.fields.base import Json

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode
NO_NAMES: frozenset[str] = frozenset()


def write_json(value: object) -> str:
    """Return the one text of *value*: keys sorted, no spaces. Raises ValueError for NaN and infinity."""
    return _encode(value)


def read_names(text: str) -> frozenset[str]:
    """Return the set of names that `write_names` wrote."""
    if text == "[]":
        return NO_NAMES
    # Without an escape, what stands between the quotes are the names themselves.
    return frozenset(text[2:-2].split('","') if "\\" not in text else json.loads(text))


def write_names(names: frozenset[str]) -> str:
    """Return a set of names as a sorted JSON list."""
    return write_json(sorted(names)) if names else "[]"


class LazyJson(Mapping[str, Json]):
    """A map kept as JSON, parsed when it is first looked at: lists show many records and the data of none."""

    __slots__ = ("_parsed", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._parsed: dict[str, Json] | None = None

    @property
    def parsed(self) -> dict[str, Json]:
        """Return the map. Not to be changed."""
        if self._parsed is None:
            self._parsed = json.loads(self.text)
        return self._parsed

    def __getitem__(self, key: str) -> Json:
        return self.parsed[key]

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of *key*, or *default*."""
        return (self.parsed if self._parsed is None else self._parsed).get(key, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self.parsed)

    def __len__(self) -> int:
        return len(self.parsed)

    def __repr__(self) -> str:
        return f"LazyJson({self.text!r})"


def data_text(data: Mapping[str, Json]) -> str:
    """Return the text that keeps *data*; one that came from the store is not written anew."""
    return data.text if isinstance(data, LazyJson) else write_json(data)
