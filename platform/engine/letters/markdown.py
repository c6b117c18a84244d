"""An author's Markdown with values in it, as plain text and as HTML that is safe to open in any reader of mail."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

#: What Markdown may read a meaning into: a value is shown as it is, whatever it holds.
_MEANINGFUL = re.compile(r"([!-/:-@\[-`{-~])")
_BREAKS = re.compile(r"[ \t]*(?:\r\n|\r|\n)+[ \t]*")
TAGS = frozenset(
    {"p", "br", "strong", "em", "ul", "ol", "li", "h1", "h2", "h3", "h4", "blockquote", "code", "pre", "hr", "a"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
ATTRIBUTES = {"a": {"href"}}
SCHEMES = frozenset({"http", "https", "mailto", "tel"})


def as_markdown(value: str) -> str:
    """Return a value as Markdown that says just that; its lines stay lines of one paragraph."""
    return _BREAKS.sub("\\\\\n", _MEANINGFUL.sub(r"\\\1", value.strip()))


def to_html(text: str) -> str:
    """Return Markdown as HTML, with nothing in it that runs, loads or looks like another page."""
    import nh3  # loaded with the first letter, as is what reads Markdown

    return nh3.clean(
        _reader().render(text),
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer",
    )


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Bare addresses are left alone, and pictures out: what a letter loads tells its sender who reads it, and when.
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
