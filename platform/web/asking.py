"""What a list's address asks for: the list, filters, sort, search, page. And the addresses that ask for something else.

?list=open&record.state=review&record.state=released&total.from=1000&q=bolt&sort=-total&after=<cursor>
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from blankett.engine.blueprint.model import Field, Form
from blankett.engine.fields.base import Fault, Reading
from blankett.engine.runtime.listing import ListRequest
from blankett.engine.store import Filter
from blankett.forms.shown import Reader
from blankett.web.identity import current_language
from blankett.web.templating import t

Pair = tuple[str, str]

#: Parameters that are no filters.
OWN = frozenset({"list", "q", "sort", "after", "filter", "language"})
PAGE = 50
LONGEST_SEARCH = 200
MOST_FILTERS = 20
#: Types whose filters have two ends.
RANGES = frozenset({"number", "money", "percent", "date"})
#: Properties of a record that may be filtered, and how.
PROPERTIES: Mapping[str, str] = {"record.state": "state", "record.created_at": "date", "record.changed_at": "date"}


@dataclass
class Asked:
    """What an address asks of a form's records."""

    form: Form
    pairs: list[Pair]
    view: str | None = None
    search: str = ""
    sort: tuple[tuple[tuple[str, ...], bool], ...] = ()
    after: str | None = None
    #: The filter that is being typed.
    adding: str = ""
    #: Key → what was given for it: texts, or ends "from" and "to".
    given: dict[str, list[str]] = field(default_factory=dict)
    filters: list[Filter] = field(default_factory=list)
    problem: str = ""

    @property
    def reader(self) -> Reader:
        """Return who reads."""
        return Reader.of_language(current_language())

    @property
    def base(self) -> str:
        """Return the address without anything asked."""
        return f"/forms/{self.form.blueprint}/{self.form.key}"

    def request(self) -> ListRequest:
        """Return the question for the engine."""
        return ListRequest(
            blueprint=self.form.blueprint,
            form=self.form.key,
            list=self.view,
            filters=tuple(self.filters),
            sort=self.sort,
            search=self.search,
            after=self.after,
            limit=PAGE,
        )

    # Addresses --------------------------------------------------------------------------------------------------------

    def address(self, *, without: Iterable[str] = (), **changes: str | None) -> str:
        """Return the address that asks the same with *changes* (None leaves one out), from the first page."""
        gone = {*without, *changes, "after", "filter", "language"}
        pairs = [
            (name, text) for name, text in self.pairs if name not in gone and filter_key(name) not in gone and text
        ]
        pairs += [(name, text) for name, text in changes.items() if text]
        return f"{self.base}?{written(pairs)}" if pairs else self.base

    def page_after(self, cursor: str) -> str:
        """Return the address of the page behind *cursor*."""
        start = self.address()
        return f"{start}{'&' if '?' in start else '?'}{written([('after', cursor)])}"

    def kept(self, *, without: Iterable[str] = ()) -> list[Pair]:
        """Return what a form that changes one parameter must carry along."""
        gone = {*without, "after", "filter", "language"}
        return [(name, text) for name, text in self.pairs if name not in gone and filter_key(name) not in gone and text]


def written(pairs: Iterable[Pair]) -> str:
    """Return *pairs* as they stand in an address. A page writes the same few words into a dozen of them."""
    return "&".join([f"{_quoted(name)}={_quoted(text)}" for name, text in pairs])


_quoted = lru_cache(maxsize=4096)(quote_plus)


def filter_key(name: str) -> str:
    """Return the field a parameter filters by: ``total`` for ``total.from``."""
    return name.removesuffix(".from").removesuffix(".to")


def read_asked(form: Form, pairs: Iterable[Pair]) -> Asked:
    """Return what an address asks; what cannot be used is a problem in words, not an error."""
    asked = Asked(form, [(name[:100], text[:500]) for name, text in pairs])
    given = dict(asked.pairs)
    asked.view = given.get("list") if given.get("list") in form.lists else None
    asked.search = given.get("q", "").strip()[:LONGEST_SEARCH]
    asked.sort = read_sort(given.get("sort", ""))
    asked.after = given.get("after") or None
    asked.adding = given.get("filter", "")
    for name, text in asked.pairs[: MOST_FILTERS * 4]:
        if name not in OWN and text:
            asked.given.setdefault(name, []).append(text)
    _read_filters(asked)
    return asked


def read_sort(text: str) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Return the sort of ``-total,record.number``."""
    keys = [key.strip() for key in text.split(",") if key.strip()][:3]
    return tuple((tuple(key.removeprefix("-").split(".")), key.startswith("-")) for key in keys)


def _read_filters(asked: Asked) -> None:
    for name, texts in asked.given.items():
        key, _, end = name.rpartition(".") if name.endswith((".from", ".to")) else (name, "", "")
        found = _read_filter(asked, key, end, texts)
        if isinstance(found, Filter):
            asked.filters.append(found)
        elif found is not None:
            title = title_of(asked.form, key, asked.reader.language)
            asked.problem = t("list.bad_filter", name=title, reason=t(found.message, **found.params))


def _read_filter(asked: Asked, key: str, end: str, texts: list[str]) -> Filter | Fault | None:
    if key == "record.state":
        return Filter(("record", "state"), "in", tuple(text for text in texts if text in asked.form.states))
    of = asked.form.fields.get(key)
    if of is None:
        return Fault("list.not_a_field", {"value": key[:50]})
    if of.type.name == "link":
        return Filter((key, "title"), "contains", texts[0])
    if of.type.name in ("choice", "yes_no"):
        values = [of.type.read_text(text, of, Reading(asked.reader.locale)) for text in texts]
        return next((value for value in values if isinstance(value, Fault)), None) or Filter(
            (key,), "in", tuple(values)
        )
    if of.type.name not in RANGES:
        return Filter((key,), "contains", texts[0])
    return _read_end(asked, of, end, texts[0])


def _read_end(asked: Asked, of: Field, end: str, text: str) -> Filter | Fault | None:
    value: Any = of.type.parse(text.strip(), of, Reading(asked.reader.locale)) if text.strip() else None
    if value is None or isinstance(value, Fault):
        return value
    return Filter((of.key,), {"from": "at_least", "to": "at_most"}.get(end, "equals"), value)  # type: ignore[arg-type]


def title_of(form: Form, key: str, language: str) -> str:
    """Return what a field, or a property of records, is called."""
    of = form.fields.get(key)
    if of is not None:
        return of.title.say(language)
    return t(f"list.{key.removeprefix('record.')}") if key.startswith("record.") else key
