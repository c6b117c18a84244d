"""A person's browser, as far as a benchmark needs one: one connection kept open, cookies, and the fields of forms."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit


class UnexpectedAnswer(Exception):
    """The server answered something else than the benchmark counts on."""

    def __init__(self, method: str, path: str, status: int, body: str) -> None:
        self.status = status
        super().__init__(f"{method} {path} answered {status}: {body[:2000]}")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def location(self) -> str:
        """Return the path a redirect leads to."""
        return urlsplit(self.headers.get("location", "")).path


@dataclass
class Form:
    """A form of a page: where it is sent, and the values its fields have."""

    action: str = ""
    method: str = "get"
    values: dict[str, list[str]] = field(default_factory=dict)

    def filled(self, **values: str | Iterable[str]) -> list[tuple[str, str]]:
        """Return the fields to send with *values* typed into them; ``lines-0-product`` is given as it is named."""
        all_values: dict[str, list[str]] = dict(self.values)
        all_values.update({key: [value] if isinstance(value, str) else list(value) for key, value in values.items()})
        return [(key, value) for key, texts in all_values.items() for value in texts]


class Browser:
    """Talks to one server over one connection that stays open."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}

    def get(self, path: str, *, expect: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
        """Fetch a page."""
        return self.send("GET", path, None, expect=expect, headers=headers)

    def post(
        self,
        path: str,
        fields: Iterable[tuple[str, str]],
        *,
        expect: int = 303,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a form."""
        return self.send("POST", path, urlencode(list(fields)), expect=expect, headers=headers)

    def send(
        self, method: str, path: str, body: str | None, *, expect: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request and return its answer; raise `UnexpectedAnswer` for another status than *expect*."""
        sent = {"Host": "127.0.0.1", "Cookie": self.cookie_header()}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, {**sent, **(headers or {})})
        response = self.connection.getresponse()
        text = response.read().decode("utf-8", "replace")
        return self.answered(method, path, expect, response.status, response.getheaders(), text)

    def cookie_header(self) -> str:
        """Return the cookies as they are sent."""
        return "; ".join(f"{key}={value}" for key, value in self.cookies.items())

    def answered(
        self, method: str, path: str, expect: int, status: int, headers: Iterable[tuple[str, str]], text: str
    ) -> Answer:
        """Return an answer, and keep the cookies it sets."""
        found = [(name.lower(), value) for name, value in headers]
        for value in (value for name, value in found if name == "set-cookie"):
            key, _, rest = value.partition("=")
            self.cookies[key] = rest.partition(";")[0]
        if status != expect:
            raise UnexpectedAnswer(method, path, status, text)
        return Answer(status, dict(found), text)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def forms_in(page: str) -> list[Form]:
    """Return the forms of a page with the values of their fields, in order."""
    reader = _FormReader()
    reader.feed(page)
    return reader.forms


class _FormReader(HTMLParser):
    """Collects forms: inputs, the chosen option of each select, and texts of textareas."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._text: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a form or of one of its fields."""
        given = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is None:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self._form.values[self._select] = [given.get("value", "")]
        elif tag == "textarea" and name:
            self._text = name
            self._form.values[name] = [""]

    def _input(self, name: str, given: Mapping[str, str]) -> None:
        assert self._form is not None
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" in given:
                self._form.values.setdefault(name, []).append(given.get("value", "on"))
        elif kind not in ("submit", "button", "file"):
            self._form.values.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        """Take the text of a textarea."""
        if self._text and self._form is not None:
            texts = self._form.values[self._text]
            # A line break right behind the tag is none of the text.
            texts[0] += data if texts[0] else data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        """Leave a form or a field."""
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._text = None
