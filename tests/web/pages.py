"""Reading pages in tests: the text of elements, the values a form would post."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

Pair = tuple[str, str]


class FormReader(HTMLParser):
    """Collects what a browser would post from the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[Pair] = []
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: str | None = None
        self._text = ""
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value if value is not None else "" for name, value in attrs}
        if tag == "template":
            self._skipped += 1
        if self._skipped:
            return
        name = found.get("name", "")
        if tag == "input" and name and found.get("type") not in ("submit", "search"):
            if found.get("type") in ("checkbox", "radio") and "checked" not in found:
                return
            self.pairs.append((name, found.get("value", "")))
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select is not None:
            self._options.append((found.get("value", ""), "selected" in found))
        elif tag == "textarea":
            self._area, self._text = name, ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._skipped -= 1
        elif tag == "select" and self._select is not None:
            chosen = [value for value, is_chosen in self._options if is_chosen] or [v for v, _ in self._options[:1]]
            self.pairs += [(self._select, value) for value in chosen]
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self.pairs.append((self._area, self._text.removeprefix("\n")))
            self._area = None


def form_pairs(page: str, form: str = "entry") -> list[Pair]:
    """Return what the form with the id (or action) *form* would post, without the CSRF token."""
    found = re.search(rf'<form[^>]*(?:id|action)="{re.escape(form)}".*?</form>', page, re.S)
    assert found is not None, f"there is no form {form}"
    reader = FormReader()
    reader.feed(found[0])
    return [(name, value) for name, value in reader.pairs if name != "csrf_token"]


def with_values(pairs: list[Pair], **changes: str) -> list[Pair]:
    """Return *pairs* with other texts for some controls; `__` stands for a dot. Unknown names are added."""
    wanted = {name.replace("__", "."): text for name, text in changes.items()}
    kept = [(name, wanted.pop(name) if name in wanted else text) for name, text in pairs]
    return [*kept, *wanted.items()]


def words(page: str) -> str:
    """Return the words of a page as people read them."""
    text = re.sub(r"<(script|style|template|title)\b.*?</\1>|<[^>]+>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(text)).strip()


def new_line(pairs: list[Pair]) -> str:
    """Return the id of the blank line at the end of the form."""
    return [name.split(".")[1] for name, _ in pairs if name.startswith("lines.+")][-1]
