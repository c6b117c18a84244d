"""What a list's address asks for: the list, filters, sort, search, page. And the addresses that ask for something else.

?list=open&record.state=review&record.state=released&total.from=1000&q=bolt&sort=-total&after=<cursor>
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from blankett.engine.departments import Directory
from blankett.engine.fields.base import Fault, Value
from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Field, Form
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.read import link_choices, record_list
from blankett.engine.records.read.link_choices import Choice
from blankett.engine.records.read.record_list import ListRequest
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.store import Filter
from blankett.engine.store.filters import Operator
from blankett.web.page_locale import the_reader, the_reading
from blankett.web.request_unit import RequestUnit
from blankett.web.templating import t

Pair = tuple[str, str]
#: The parameter that asks for the records of a department and those below it.
DEPARTMENT = "record.department"
Path = tuple[str, ...]

#: Parameters that are no filters.
OWN = frozenset({"list", "q", "sort", "after", "filter", "language"})
#: What a picker sends beside what it shows.
PICKED = "_picked"
PAGE = 50
LONGEST_SEARCH = 200
MOST_FILTERS = 80
#: The longest text of a filter, and so much of it is read.
LONGEST_FILTER = 2_000


@dataclass
class ListParams:
    """What an address asks of a form's records."""

    request_unit: RequestUnit
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
    #: Why the address cannot be answered, in words: then nothing is listed.
    problem: str = ""
    _former: dict[Path, Mapping[str, str]] = field(default_factory=dict)
    _meant: dict[Pair, tuple[Choice, ...]] = field(default_factory=dict)

    def former(self, path: Path) -> Mapping[str, str]:
        """Return {key: title} of the options, or states, at *path* that only records of older versions have."""
        if path not in self._former:
            self._former[path] = record_list.former_values(*self._process(), path)
        return self._former[path]

    def meant(self, of: Field, text: str) -> tuple[Choice, ...]:
        """Return the records, or people, that *text* can mean in a link or user field."""
        known = self._meant.get((of.key, text))
        if known is None:
            known = link_choices.meant_choices(self.request_unit.unit, self.form, of.key, text)
            self._meant[of.key, text] = known
        return known

    @property
    def directory(self) -> Directory:
        """Return the departments."""
        unit = self.request_unit.unit
        return unit.linked.reading.directory(unit.actor.organisation)

    def _process(self) -> tuple[Unit, Process]:
        unit = self.request_unit.unit
        return unit, unit.catalog.newest_process(self.form.name)

    @property
    def reader(self) -> Reader:
        """Return who reads."""
        return the_reader()

    @property
    def base(self) -> str:
        """Return the address without anything asked."""
        return f"/forms/{self.form.blueprint}/{self.form.key}"

    def request(self, view: str | None = None, *, everything: bool = False) -> ListRequest:
        """Return the question for the engine; the same of another list with its key in *view*, or of all records."""
        return ListRequest(
            blueprint=self.form.blueprint,
            form=self.form.key,
            list=view or self.view,
            everything=everything,
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


def read_asked(request_unit: RequestUnit, form: Form, pairs: Iterable[Pair]) -> ListParams:
    """Return what an address asks; what cannot be used is a problem in words, not an error."""
    cut = [(name[:100], text[: LONGEST_FILTER + 1]) for name, text in with_picked(pairs)]
    asked = ListParams(request_unit, form, [(name, plain_day(form, name, text)) for name, text in cut])
    given = dict(asked.pairs)
    asked.view = given.get("list") if given.get("list") in form.lists else None
    asked.search = given.get("q", "").strip()[:LONGEST_SEARCH]
    asked.sort = read_sort(given.get("sort", ""))
    asked.after = given.get("after") or None
    asked.adding = given.get("filter", "")
    asked_for = [(name, text) for name, text in asked.pairs if name not in OWN and text]
    for name, text in asked_for[:MOST_FILTERS]:
        asked.given.setdefault(name, []).append(text)
    _read_filters(asked)
    if len(asked_for) > MOST_FILTERS:
        asked.problem = t("error.limit", limit=MOST_FILTERS)
    return asked


def with_picked(pairs: Iterable[Pair]) -> list[Pair]:
    """Return *pairs* with the id of a record in the place of its title where it was picked:
    ``_picked=customer=01J…|Acme`` beside ``customer=Acme``.
    """
    given = list(pairs)
    picked: dict[Pair, str] = {}
    for text in (text for name, text in given if name == PICKED):
        name, _, choice = text.partition("=")
        id, _, title = choice.partition("|")
        picked[name, title] = id
    return [(name, picked.get((name, text), text)) for name, text in given if name != PICKED]


def plain_day(form: Form, name: str, text: str) -> str:
    """Return the text of a filter that was typed as a day ("fri", "3/12") as everybody reads it: it goes into
    addresses, which others open, on other days.
    """
    of = form.fields.get(filter_key(name))
    if of is None or not of.type.is_day or not text.strip():
        return text
    value = read_bound(of, name, text)
    return text if isinstance(value, Fault) else str(of.type.to_api(value, of))


def read_bound(of: Field, name: str, text: str) -> Value | Fault:
    """Return the value that the parameter *name* asks for: ``total.to`` for the last of a range."""
    return of.type.parse_bound(text.strip(), of, the_reading(), is_last=name.endswith(".to"))


def read_sort(text: str) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Return the sort of ``-total,record.number``."""
    keys = [key.strip() for key in text.split(",") if key.strip()][:3]
    return tuple((tuple(key.removeprefix("-").split(".")), key.startswith("-")) for key in keys)


def _read_filters(asked: ListParams) -> None:
    for name, texts in asked.given.items():
        key = filter_key(name)
        for found in _read_filter(asked, key, name.removeprefix(key).removeprefix("."), texts):
            if isinstance(found, Filter):
                asked.filters.append(found)
            else:
                title = title_of(asked.form, key, asked.reader.language)
                unclear = found.message == "list.means_several"
                reason = t(found.message, **found.params)
                asked.problem = f"{title}: {reason}" if unclear else t("list.bad_filter", name=title, reason=reason)


def _read_filter(asked: ListParams, key: str, end: str, texts: list[str]) -> Iterator[Filter | Fault]:
    """Yield what a parameter asks, or why it cannot be used."""
    of = asked.form.fields.get(key)
    if key == "record.state":
        yield _read_states(asked, texts)
    elif key == DEPARTMENT and not end:
        yield _read_departments(asked, texts)
    elif of is None or (end and of.type.filter != "range"):
        yield Fault("list.not_a_field", {"value": key[:50]})
    elif too_long := next((text for text in texts if len(text) > LONGEST_FILTER), ""):
        yield Fault("field.too_long", {"max": LONGEST_FILTER, "length": len(too_long)})
    elif of.type.filter == "range":
        yield from _read_range(of, end, texts)
    elif of.type.filter == "options":
        yield from _all_read(of, "in", [_read_option(asked, of, text) for text in texts])
    elif of.type.filter == "pointer":
        yield _read_pointing(asked, of, texts)
    else:
        yield from (Filter((key,), "contains", text) for text in texts)


def _read_states(asked: ListParams, texts: list[str]) -> Filter | Fault:
    """Return a filter on states; those that only records of older versions are in are among them."""
    path = ("record", "state")
    unknown = [text for text in texts if text not in asked.form.states and text not in asked.former(path)]
    return Fault("list.no_such_value", {"value": unknown[0][:50]}) if unknown else Filter(path, "in", tuple(texts))


def _read_departments(asked: ListParams, texts: list[str]) -> Filter | Fault:
    """Return a filter on departments, each with those below it; named by their keys or their titles."""
    directory = asked.directory
    found: set[str] = set()
    for text in texts:
        named = directory.named(text)
        if len(named) != 1:
            return Fault("list.means_several" if named else "list.means_no_department", {"value": text[:100]})
        found |= directory.within(named[0].id)
    return Filter(("record", "department"), "in", tuple(sorted(found)))


def _read_option(asked: ListParams, of: Field, text: str) -> Value | Fault:
    """Return an option; one that only records of older versions have is one too."""
    found = of.type.parse_option(text, of, the_reading())
    return text if isinstance(found, Fault) and text in asked.former((of.key,)) else found


def _read_pointing(asked: ListParams, of: Field, texts: list[str]) -> Filter | Fault:
    """Return a filter on the records, or people, that *texts* mean: one for each text."""
    ids: list[str] = []
    if of.type.points_to == "department":
        named = _read_departments(asked, texts)
        return named if isinstance(named, Fault) else replace(named, path=(of.key,))
    for text in texts:
        found = asked.meant(of, text)
        if not found and of.links_to is not None:
            # They may see the record's name in a list and not the record.
            return Filter((of.key, "title"), "equals", text)
        if len(found) != 1:
            message = "list.means_several" if found else "list.means_nobody"
            return Fault(message, {"value": text[:100]})
        ids.append(found[0].id)
    return Filter((of.key,), "in", tuple(ids))


def _read_range(of: Field, end: str, texts: list[str]) -> Iterator[Filter | Fault]:
    read = [read_bound(of, f"{of.key}.{end}", text) for text in texts if text.strip()]
    if end:
        operator: Operator = "at_least" if end == "from" else "at_most"
        yield from (value if isinstance(value, Fault) else Filter((of.key,), operator, value) for value in read)
    else:
        yield from _all_read(of, "in", read)


def _all_read(of: Field, operator: Operator, values: list[Any]) -> Iterator[Filter | Fault]:
    fault = next((value for value in values if isinstance(value, Fault)), None)
    if fault is not None:
        yield fault
    elif values:
        yield Filter((of.key,), operator, tuple(values))


def title_of(form: Form, key: str, language: str) -> str:
    """Return what a field, or a property of records, is called."""
    of = form.fields.get(key)
    if of is not None:
        return of.title.say(language)
    return t(f"list.{key.removeprefix('record.')}") if key.startswith("record.") else key
