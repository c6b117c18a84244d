"""Addresses of pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from blankett.engine.fields.base import Fault, TextReading, TypeOption, Value
from blankett.engine.fields.text import TextType

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

#: What a link may lead to: no script, no file.
SCHEMES = frozenset({"http", "https"})
LONGEST_URL = 2_000


class UrlType(TextType):
    """The address of a page."""

    name = "url"
    help = "The address of a page, http or https, shown as a link; https is meant where nothing is said."
    synonyms = "uri link_url web website web_address homepage href"
    options: ClassVar[tuple[TypeOption, ...]] = ()
    longest: ClassVar[int] = LONGEST_URL
    is_free_text = False
    is_column: ClassVar[bool] = False
    holds_code: ClassVar[bool] = False
    tells_apart: ClassVar[bool] = False
    names_record: ClassVar[bool] = False
    keyboard = "url"

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return the address, with https where no scheme was typed."""
        if "://" in text or ":" in text.partition("/")[0].partition(".")[0]:
            return text
        whole = f"https://{text}"
        return whole if is_page(whole) else text

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return a fault for what is no address of a page."""
        fault = super().check(value, of)
        if fault is None and isinstance(value, str) and not is_page(value):
            return Fault("field.not_a_url", {"value": value[:100]})
        return fault

    def echo(self, text: str, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return the whole address, where a part of it was typed."""
        return value if isinstance(value, str) and value != text.strip() else ""

    def address(self, value: Value) -> str:
        """Return the address; formulas may give what is none."""
        return value if isinstance(value, str) and is_page(value) else ""


def is_page(text: str) -> bool:
    """Tell whether a text is the address of a page."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port  # raises for what is no port
    except ValueError:
        return False
    is_host = "." in host or host == "localhost" or host.startswith("[") or ":" in host
    return parts.scheme in SCHEMES and is_host and not any(letter.isspace() or letter in '<>"' for letter in text)
