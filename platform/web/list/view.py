"""A page of a list as its template draws it: tabs, chips, columns, rows, and where each link leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from blankett.engine.fields.base import Fault, Value
from blankett.engine.fields.locale_formats import brief_day
from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Field
from blankett.engine.records.read.link_choices import Choice
from blankett.engine.records.read.record_list import ListColumn, ListPage, ListRow
from blankett.forms.list_text import column_texts
from blankett.forms.value_text import show_value, typed_text
from blankett.web.entry.link_picker import hint_of
from blankett.web.identity import the_actor
from blankett.web.list.params import DEPARTMENT, ListParams, read_bound, title_of
from blankett.web.lookup import may_create
from blankett.web.templating import short_time, t


@dataclass(frozen=True, slots=True)
class Tab:
    """A named list."""

    title: str
    address: str
    is_here: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on."""

    title: str
    words: str
    edit: str
    drop: str


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column."""

    title: str
    is_number: bool
    sort: str
    sorted: str


@dataclass(frozen=True, slots=True)
class ListedColumn:
    """A column behind the first as the template draws it."""

    #: number, state, amount, day, moment, away or text.
    kind: str
    #: Whether a phone leaves its cells out; "wide" for what takes a line of its own there.
    extra: str
    texts: Sequence[str]
    #: Each text with the kind of its state, or with the address it leads to; empty for other columns.
    pairs: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class ListedRows:
    """The rows of a list, column by column."""

    ids: Sequence[str]
    #: The texts of the first column, which lead to the records.
    titles: Sequence[str]
    columns: Sequence[ListedColumn]

    @property
    def layout(self) -> tuple[tuple[str, str], ...]:
        """Return the kinds and extras of the columns, of which the markup of a row follows but for its cells."""
        return tuple((column.kind, column.extra) for column in self.columns)


#: What stands before a department for each one it is part of.
DEEPER = "\u2003"
#: What has no words.
NOTHING: tuple[object, ...] = (None, "", [], ())


def list_context(
    asked: ListParams, page: ListPage, count: str, elsewhere: Sequence[tuple[str, str]] = ()
) -> Mapping[str, object]:
    """Return what the list's template needs. *elsewhere*: (words, address) of lists that have what this one has not."""
    shown = [place for place, column in enumerate(page.columns) if is_used(page, place, column)]
    columns = [page.columns[place] for place in shown]
    return {
        **frame(asked),
        "columns": [head_of(asked, page, column) for column in columns],
        "rows": rows_of(page, shown, asked) if page.rows else None,
        "count_words": count,
        "newer": asked.address() if asked.after else "",
        "older": asked.page_after(page.next) if page.next else "",
        "addable": addable(asked, page.columns),
        "problem": "",
        "elsewhere": elsewhere,
        "meant": [],
    }


def nothing_context(asked: ListParams, problem: str) -> Mapping[str, object]:
    """Return what the template needs when the list could not be asked."""
    nothing: dict[str, object] = {
        "columns": [],
        "rows": None,
        "count_words": "",
        "newer": "",
        "older": "",
        "addable": [],
    }
    return {**frame(asked), **nothing, "problem": problem, "meant": meant_by(asked), "elsewhere": ()}


def frame(asked: ListParams) -> dict[str, object]:
    """Return what surrounds the rows."""
    form, language = asked.form, asked.reader.language
    steps = [state for state in form.states.values() if not (state.retired or state.stopped or state.held)]
    return {
        "address": asked.base,
        "title": form.plural.say(language),
        "single": form.title.say(language),
        "help": form.help.say(language) if form.help else "",
        "tabs": tabs_of(asked),
        "chips": chips_of(asked),
        "kept": asked.kept(without=("q",)),
        "words": asked.search,
        "cleared": f"{asked.base}?list={asked.view}" if asked.view else asked.base,
        "adding": adding_of(asked),
        "may_create": may_create(asked.request_unit, form),
        "steps": [(state.title.say(language), state.help.say(language) if state.help else "") for state in steps],
    }


def tabs_of(asked: ListParams) -> list[Tab]:
    """Return the form's lists; without a choice the first is shown."""
    lists = asked.form.lists
    here = asked.view or next(iter(lists), None)
    return [
        Tab(view.title.say(asked.reader.language), f"{asked.base}?list={key}", key == here)
        for key, view in lists.items()
    ]


# Filters --------------------------------------------------------------------------------------------------------------


def chips_of(asked: ListParams) -> list[Chip]:
    """Return a chip for each field that is filtered by."""
    keys = dict.fromkeys(name.removesuffix(".from").removesuffix(".to") for name in asked.given)
    chips = []
    for key in keys:
        words = words_of(asked, key)
        edit = asked.address(without=(), filter=None)
        edit += f"{'&' if '?' in edit else '?'}filter={key}"
        title = title_of(asked.form, key, asked.reader.language)
        chips.append(Chip(title, words, edit, asked.address(without=(key,))))
    return chips


def words_of(asked: ListParams, key: str) -> str:
    """Return what a filter asks for, in words."""
    given = asked.given
    if key == "record.state":
        return t("list.between").join(state_words(asked, text) for text in given.get(key, ()))
    if key == DEPARTMENT:
        return department_words(asked, given.get(key, ()))
    of = asked.form.fields.get(key)
    low, high = (bound_words(asked, of, f"{key}.{end}", is_typed=False) for end in ("from", "to"))
    if low or high:
        return f"{low} – {high}" if low and high else f"≥ {low}" if low else f"≤ {high}"
    texts = given.get(key, [])
    if of is not None and of.type.filter == "options":
        return t("list.between").join(option_words(asked, of, text) for text in texts)
    if of is not None and of.type.filter == "pointer":
        if of.type.points_to == "department":
            return department_words(asked, texts)
        found = [asked.meant(of, text) for text in texts]
        titles = [each[0].title if len(each) == 1 else text for each, text in zip(found, texts, strict=True)]
        return t("list.between").join(titles)
    return t("list.between").join(texts)


def department_words(asked: ListParams, texts: Iterable[str]) -> str:
    """Return the titles of departments, each with those below it."""
    found = (each for text in texts for each in asked.directory.named(text))
    return t("list.between").join(t("list.and_below", title=each.title) for each in found)


def bound_words(asked: ListParams, of: Field | None, name: str, *, is_typed: bool) -> str:
    """Return an end of a range as its reader writes it, *typed* into a box or in words; what is no value as it is."""
    text = asked.given.get(name, [""])[0]
    value = read_bound(of, name, text) if of is not None and of.type.is_day and text else None
    if of is None or value is None or isinstance(value, Fault):
        return text
    return typed_text(of, value, asked.reader, {}) if is_typed else show_value(of, value, asked.reader, {})


def option_words(asked: ListParams, of: Field, text: str) -> str:
    """Return the title of an option, or yes and no."""
    known = listed_values(of)
    if text not in known:
        return asked.former((of.key,)).get(text, text)
    return show_value(of, known[text], asked.reader, {})


def listed_values(of: Field) -> Mapping[str, Value]:
    """Return {text in the address: value} of what a filter offers, where that is listed."""
    return {key: key for key in of.option_titles()} or dict(of.type.cases(of))


def state_words(asked: ListParams, key: str) -> str:
    """Return the title of a state. Records are asked only for one that the form has not."""
    own = asked.form.states.get(key)
    return own.title.say(asked.reader.language) if own is not None else asked.former(("record", "state")).get(key, key)


def state_titles(asked: ListParams) -> dict[str, str]:
    """Return {key: title} of the states that records may be in, those that only older versions have last."""
    titles = {state.key: state.title.say(asked.reader.language) for state in asked.form.states.values()}
    return {**titles, **asked.former(("record", "state"))}


def addable(asked: ListParams, columns: Sequence[ListColumn]) -> list[Mapping[str, str]]:
    """Return the filters that may be added: the list's columns that can be asked for, and the state."""
    keys = [column.key for column in columns if column.is_sortable and not column.key.startswith("record.")]
    if asked.form.states:
        keys.insert(0, "record.state")
    if the_actor().department is not None:
        keys.append(DEPARTMENT)
    start = asked.address()
    join = "&" if "?" in start else "?"
    return [
        {"title": title_of(asked.form, key, asked.reader.language), "address": f"{start}{join}filter={key}"}
        for key in keys
    ]


def adding_of(asked: ListParams) -> Mapping[str, object] | None:
    """Return the little form for the filter that is being typed, or None."""
    key = asked.adding
    of = asked.form.fields.get(key)
    if of is None and key not in ("record.state", DEPARTMENT):
        return None
    language, given = asked.reader.language, asked.given
    options = options_of(asked, key, of)
    is_range = of is not None and of.type.filter == "range"
    is_pointer = of is not None and of.type.filter == "pointer"
    return {
        "name": key,
        "title": title_of(asked.form, key, language),
        "kept": asked.kept(without=(key,)),
        "options": options,
        "is_range": is_range,
        "is_day": of is not None and of.type.is_day,
        "low": bound_words(asked, of, f"{key}.from", is_typed=True),
        "high": bound_words(asked, of, f"{key}.to", is_typed=True),
        "text": words_of(asked, key) if is_pointer and len(given.get(key, ())) == 1 else given.get(key, [""])[0],
        "picks_from": f"{asked.base}/filter/pick" if is_pointer else "",
    }


def options_of(asked: ListParams, key: str, of: Field | None) -> list[tuple[str, str, bool]]:
    """Return the options of a filter: (key, title, whether it is on)."""
    on = set(asked.given.get(key, ()))
    if key == DEPARTMENT:
        return [(each.id, DEEPER * depth + each.title, each.id in on) for depth, each in asked.directory.outline()]
    if of is None:
        return [(state, title, state in on) for state, title in state_titles(asked).items()]
    titles = {text: show_value(of, value, asked.reader, {}) for text, value in listed_values(of).items()}
    former = asked.former((key,)) if titles else {}
    return [(text, title, text in on) for text, title in {**titles, **former}.items()]


def meant_by(asked: ListParams) -> list[tuple[str, str]]:
    """Return (title, address) of the records, or people, that a filter could mean where these are several."""
    found = []
    for key, texts in asked.given.items():
        of = asked.form.fields.get(key)
        if of is None or of.type.filter != "pointer":
            continue
        for text in texts:
            choices = asked.meant(of, text)
            alike = alike_titles(choices) if len(choices) > 1 else ()
            for choice in choices if len(choices) > 1 else ():
                told = " · ".join(filter(None, (choice.title, hint_of(choice) if choice.title in alike else "")))
                found.append((told, asked.address(**{key: choice.id})))
    return found


# Rows -----------------------------------------------------------------------------------------------------------------


def is_used(page: ListPage, place: int, column: ListColumn) -> bool:
    """Tell whether a column is worth its place: the first, one that is sorted by, or one with a value on this page."""
    is_sorted = any(path == column.path for path, _ in page.sort)
    return place == 0 or is_sorted or any(value not in NOTHING for value in page.values[place])


def head_of(asked: ListParams, page: ListPage, column: ListColumn) -> Head:
    """Return the head of a column; its link sorts by it, or the other way round."""
    title = title_of(asked.form, column.key, asked.reader.language)
    if not column.is_sortable:
        return Head(title, column.is_number, "", "")
    sorted_by = next((descending for path, descending in page.sort[:1] if path == column.path), None)
    sort = f"-{column.key}" if sorted_by is False else column.key
    words = "" if sorted_by is None else "descending" if sorted_by else "ascending"
    return Head(title, column.is_number, asked.address(sort=sort), words)


def rows_of(page: ListPage, shown: Sequence[int], asked: ListParams) -> ListedRows:
    """Return the rows of a page with the columns *shown*; what has no text in the first one by its title."""
    alike = alike_titles(page.rows)
    kinds = kinds_of(page, shown, asked.form.amount_field)
    first, *others = [
        shown_column(page, place, kind, extra, asked) for place, (kind, extra) in zip(shown, kinds, strict=True)
    ]
    titles = [text or title_in_list(row, alike) for row, text in zip(page.rows, first.texts, strict=True)]
    return ListedRows([row.id for row in page.rows], titles, others)


def shown_column(page: ListPage, place: int, kind: str, extra: str, asked: ListParams) -> ListedColumn:
    """Return the column at *place*."""
    values, reader = page.values[place], asked.reader
    if kind == "day":
        return ListedColumn(kind, extra, day_texts(values, reader, asked.request_unit.this_year))
    texts, type = column_texts(page, place, reader), page.columns[place].type
    if kind == "state":
        return ListedColumn(kind, extra, texts, list(zip(texts, map(state_kind, page.rows), strict=True)))
    if kind == "away" and type is not None:
        return ListedColumn(kind, extra, texts, list(zip(texts, map(type.address, values), strict=True)))
    return ListedColumn(kind, extra, texts)


def day_texts(values: Sequence[Any], reader: Reader, this_year: int) -> list[str]:
    """Return days and moments in few words, each put into words once: days without their year when that is this one."""
    said: dict[date | None, str] = {None: ""}
    for value in dict.fromkeys(values):
        if isinstance(value, datetime):
            said[value] = short_time(value)
        elif value is not None:
            said[value] = brief_day(value, reader.locale, has_year=value.year != this_year)
    return [said[value] for value in values]


def alike_titles(rows: Iterable[ListRow | Choice]) -> frozenset[str]:
    """Return the titles that several of *rows* have."""
    return frozenset(title for title, count in Counter(row.title for row in rows).items() if count > 1)


def title_in_list(row: ListRow, alike: Collection[str]) -> str:
    """Return what stands for a record whose first column is empty: of several of one title, when each was begun too."""
    return t("list.begun", title=row.title, time=short_time(row.created_at)) if row.title in alike else row.title


def state_kind(row: ListRow) -> str:
    """Return the kind of the state a row's record is in."""
    return row.state.kind if row.state else "start"


def kinds_of(page: ListPage, shown: Sequence[int], main: Field | None) -> list[tuple[str, str]]:
    """Return the kind of each column, and what a phone does with it.

    A phone shows the first column and the state, the second column below, the first day, and the amount that a record
    is about (*main*), or else the last one.
    """
    kinds = [kind_of(page, place) for place in shown]
    types = [page.columns[place].type for place in shown]
    amounts = [place for place, type in enumerate(types) if type is not None and type.adds_up]
    days = [place for place, kind in enumerate(kinds) if kind in ("day", "moment")]
    named = [place for place in amounts if main is not None and page.columns[shown[place]].path == main.path]
    kept = {*(named or amounts[-1:]), *days[:1]}
    extras = [
        "wide" if place == 1 and kind == "text" else "" if place in kept else "left out"
        for place, kind in enumerate(kinds)
    ]
    return list(zip(kinds, extras, strict=True))


def kind_of(page: ListPage, place: int) -> str:
    """Return how the cells of a column are drawn."""
    column = page.columns[place]
    if column.key in ("record.state", "record.number"):
        return column.key.removeprefix("record.")
    if column.is_number:
        return "amount"
    value = next((value for value in page.values[place] if value is not None), None)
    if column.type is not None and column.type.is_day and isinstance(value, datetime):
        return "moment"  # when something is: the time of day belongs to it
    if column.type is not None and column.type.address(value):
        return "away"
    return "day" if isinstance(value, date) else "text"
