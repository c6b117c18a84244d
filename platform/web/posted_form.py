"""What forms post, out of the body of a request. What was posted is read into values by `blankett.forms`."""

from __future__ import annotations

from functools import lru_cache
from typing import IO
from urllib.parse import unquote_to_bytes

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

URL_ENCODED = "application/x-www-form-urlencoded"
#: Names of controls that are kept decoded, and how long they may be.
MOST_NAMES, LONGEST_NAME = 1024, 100


class PostedForm(FormDataParser):
    """werkzeug's parser; forms that carry no files are read by `read_pairs`."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Return the stream, the values and the files of a body; no values of one that is no UTF-8."""
        if mimetype != URL_ENCODED:
            return super().parse(stream, mimetype, content_length, options)
        try:
            pairs = read_pairs(stream.read().decode())
        except UnicodeDecodeError:
            pairs = []
        return stream, self.cls(pairs), self.cls()


def read_pairs(body: str) -> list[tuple[str, str]]:
    """Return (name, value) of each pair in a URL-encoded *body*, as `urllib.parse.parse_qsl` gives them, empty values
    too. Most names and values are plain, and the names of a form's controls come again and again.
    """
    pairs = [pair.partition("=") for pair in body.replace("+", " ").split("&") if pair]
    if "%" not in body:
        return [(name, value) for name, _, value in pairs]
    return [
        (_name(name) if "%" in name else name, _decoded(value) if "%" in value else value) for name, _, value in pairs
    ]


def _name(encoded: str) -> str:
    return _known_name(encoded) if len(encoded) <= LONGEST_NAME else _decoded(encoded)


def _decoded(encoded: str) -> str:
    # werkzeug's handler keeps bytes that are no UTF-8 as they were sent.
    return unquote_to_bytes(encoded).decode("utf-8", "werkzeug.url_quote")


_known_name = lru_cache(maxsize=MOST_NAMES)(_decoded)
