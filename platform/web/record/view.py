"""A record as its page shows it: facts, tables, buttons, history. Its head is in `head`."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Form
from blankett.engine.records.read.results import (
    ActionView,
    FieldView,
    LineView,
    RecordView,
    Related,
    StateView,
    TimelineEntry,
    ValueChange,
)
from blankett.forms.controls import FootSpans, column_kind, foot_spans
from blankett.forms.totals import totals_of
from blankett.forms.value_text import show_value
from blankett.web.identity import current_language, the_actor, told
from blankett.web.next_page import acts_done
from blankett.web.page_locale import the_reader
from blankett.web.record.head import head_context
from blankett.web.services import services
from blankett.web.templating import ShownMoment, hue, initials, long_time, shown_moment, t

#: Changes of one event shown before "more".
MOST_CHANGES = 6
#: Related records shown before "more".
MOST_RELATED = 10
#: Texts longer than this take a whole row.
LONG = 60


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value on the page."""

    ONLY_SHOWN = ("title", "shown", "address")

    title: str
    shown: str
    address: str = ""
    #: The address leads out of the application.
    is_outside: bool = False
    is_number: bool = False
    is_long: bool = False
    #: It stands in one line.
    is_short: bool = False
    is_total: bool = False
    #: For the house alone: not printed.
    is_internal: bool = False
    #: It is what the record is about.
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line on the page."""

    ONLY_SHOWN = ("number",)
    MADE_OF = ("cells",)

    number: str
    cells: tuple[ShownValue, ...]


@dataclass(frozen=True, slots=True)
class LinesTable:
    """What stands around lines on the page, without the columns that are empty on every one."""

    ONLY_SHOWN = ("count",)
    MADE_OF = ("columns", "totals", "foot", "notes")

    key: str
    title: str
    #: How many lines there are; empty for none.
    count: str
    columns: tuple[ShownValue, ...]
    #: Sums of columns that no amount under the lines says already; empty for none.
    totals: tuple[ShownValue, ...]
    #: Amounts under the lines, and other numbers that are worked out of them.
    foot: tuple[ShownValue, ...]
    notes: tuple[ShownValue, ...]
    spans: FootSpans


@dataclass(frozen=True, slots=True)
class RecordSection:
    """A section: facts, and tables under them."""

    key: str
    title: str
    facts: tuple[ShownValue, ...]
    tables: tuple[tuple[LinesTable, tuple[LineRow, ...]], ...]

    @property
    def told(self) -> tuple[ShownValue, ...]:
        """Return the facts that have a value."""
        return tuple(fact for fact in self.facts if fact.shown)

    @property
    def is_internal(self) -> bool:
        """Tell whether all it says is for the house alone."""
        return all(fact.is_internal for fact in self.told)


@dataclass(frozen=True, slots=True)
class Why:
    """Why a button is off, in words."""

    ONLY_SHOWN = ("text",)

    text: str


@dataclass(frozen=True, slots=True)
class Button:
    """An action as a button."""

    ONLY_SHOWN = ("title", "address", "why_address")
    MADE_OF = ("reasons",)

    key: str
    title: str
    #: Where it is taken, and where the details stand of why it cannot be.
    address: str
    why_address: str
    is_enabled: bool
    is_primary: bool
    asks: bool
    reasons: tuple[Why, ...]
    #: Whether there is more to say of why: a condition, or a table that says who may.
    has_details: bool = True


@dataclass(frozen=True, slots=True)
class MenuLink:
    """A link of a record's menu."""

    address: str
    icon: str
    title: str


@dataclass(frozen=True, slots=True)
class RecordMenu:
    """What else can be done with a record."""

    links: tuple[MenuLink, ...]
    #: Where it is discarded; empty where it is not.
    discards: str


@dataclass(frozen=True, slots=True)
class ShownInput:
    """What somebody answered who took an action."""

    ONLY_SHOWN = ("title", "words")

    title: str
    words: str
    is_internal: bool


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """A value that an event changed, in words; of a line that came or went its table alone is said."""

    ONLY_SHOWN = ("title", "before", "after")

    title: str
    before: str
    after: str
    #: came | went | changed
    kind: str
    is_internal: bool


@dataclass(frozen=True, slots=True)
class EntryHead:
    """What one line of the history says, without what was changed."""

    ONLY_SHOWN = ("name", "initials", "words", "cause", "comment", "why_address", "why_id")
    MADE_OF = ("at", "inputs")

    name: str
    initials: str
    #: The class of the colour of the face; None for what nobody did.
    hue: str | None
    words: str
    at: ShownMoment
    state: StateView | None
    cause: str
    inputs: tuple[ShownInput, ...]
    comment: str
    #: Where it stands what decided, and the id of the place for it; empty where that is not known.
    why_address: str
    why_id: str
    #: They said something, and did nothing.
    is_talk: bool


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of the history."""

    head: EntryHead
    #: What they changed: the first of it, and the rest.
    changes: tuple[ChangedValue, ...]
    rest: tuple[ChangedValue, ...]
    #: What formulas, rules and effects changed in consequence.
    followed: tuple[ChangedValue, ...]

    @property
    def name(self) -> str:
        """Return who did it."""
        return self.head.name


@dataclass(frozen=True, slots=True)
class CommentBox:
    """The box to say something about a record."""

    ONLY_SHOWN = ("address", "intent", "typed", "mistake")

    address: str
    intent: str
    typed: str = ""
    mistake: str = ""


def record_context(record: RecordView) -> Mapping[str, object]:
    """Return what the record's template needs, without its history."""
    return {
        "record": record,
        "address": f"/records/{record.id}",
        "list_address": f"/forms/{record.blueprint}/{record.form_now.key}",
        "plural": record.form_now.plural.say(current_language()),
        "headline": headline_of(record),
        "is_amount_internal": record.amount is not None and record.form.is_internal(record.amount.field),
        **sections_context(record),
        **head_context(record),
        "buttons": buttons_of(record),
        "others": others_of(record),
        "related": related_groups(record.related),
        # What others belong to stands beside what belongs to it, not in a corner.
        "is_hub": record.form.life == "reference" and bool(record.related),
        "printed": t("record.printed", name=the_actor().name, time=long_time(services().clock())),
        "paper_name": " ".join(filter(None, (record.form_title, record.number or record.title))),
        # Something decides about it, and there is something to try.
        "may_try": bool(record.actions) and (record.may_edit or the_actor().may_administer(record.workspace)),
        "menu": menu_of(record),
    }


def menu_of(record: RecordView) -> RecordMenu:
    """Return what else can be done with a record."""
    address = f"/records/{record.id}"
    copy = f"/forms/{record.blueprint}/{record.form_now.key}/new?copy={record.id}"
    links = [MenuLink(copy, "copy", t("record.copy", name=record.form_title))]
    if the_actor().may_administer(record.workspace):
        links.append(MenuLink(f"{address}/as", "eye", t("seen.link")))
    return RecordMenu(tuple(links), f"{address}/discard?seen={record.revision}" if record.may_discard else "")


def sections_context(record: RecordView) -> Mapping[str, object]:
    """Return tables of lines, facts in rows by section, and the titles of the fields without a value."""
    blocks = tuple(blocks_of(record))
    return {
        "tables": tuple(table for block in blocks for table in block.tables),
        "fact_rows": tuple(block for block in blocks if block.told),
        "empty_facts": tuple(fact.title for block in blocks for fact in block.facts if not fact.shown),
    }


# Values ---------------------------------------------------------------------------------------------------------------


def shown_of(view: FieldView, reader: Reader, form: Form | None = None) -> ShownValue:
    """Return a field or cell as the page shows it; *form* says what of it is for the house alone."""
    target = view.target
    titles = {target.id: target.title} if target else {}
    text = show_value(view.field, view.value, reader, titles, view.currency)
    return ShownValue(
        title=view.title,
        shown=text,
        address=f"/records/{target.id}" if target and target.form else view.field.type.address(view.value),
        is_outside=target is None,
        is_number=view.field.type.is_number,
        is_long=view.field.type.is_long and len(text) > LONG,
        is_short=0 < len(text) <= view.field.type.letters,
        is_total=view.field.compute is not None,
        is_internal=form is not None and form.is_internal(view.field),
    )


def blocks_of(record: RecordView) -> Iterator[RecordSection]:
    """Yield the sections as the page shows them; what is a total of a table stands in its foot alone."""
    reader = the_reader()
    views = {view.field.key: view for section in record.sections for view in section.fields}
    feet = {table: keys for table, keys in totals_of(record.form).items() if table in views and views[table].lines}
    summed = {key for keys in feet.values() for key in keys}
    main = record.amount.field.key if record.amount is not None else ""
    for section in record.sections:
        facts = tuple(
            shown_of(view, reader, record.form)
            for view in section.fields
            if not view.field.columns and view.field.key not in summed
        )
        tables = tuple(
            table_of(
                view, [views[key] for key in feet.get(view.field.key, ()) if key in views], main, reader, record.form
            )
            for view in section.fields
            if view.field.columns
        )
        yield RecordSection(section.key, section.title, facts, tables)


def table_of(
    view: FieldView, totals: Sequence[FieldView], main: str, reader: Reader, form: Form
) -> tuple[LinesTable, tuple[LineRow, ...]]:
    """Return a table, with *totals* in its foot, and its lines."""
    lines = [{key: shown_of(cell, reader, form) for key, cell in line.cells.items()} for line in view.lines]
    columns = [column for column in view.columns if any(key_shown(line, column.key) for line in lines)]
    heads = tuple(
        ShownValue(
            column.title.say(reader.language),
            "",
            is_number=column.type.is_number,
            is_internal=form.is_internal(column),
        )
        for column in columns
    )
    nothing = {column.key: ShownValue("", "", is_internal=form.is_internal(column)) for column in columns}
    rows = tuple(
        LineRow(str(number), tuple(line.get(key, empty) for key, empty in nothing.items()))
        for number, line in enumerate(lines, 1)
    )
    foot = [total for total in totals if total.value is not None]
    said = {(type(total.field.type), total.value) for total in foot}
    sums = tuple(
        "" if (type(column.type), sum_of(view.lines, column.key)) in said else total_of(view.lines, column.key, reader)
        for column in columns
    )
    table = LinesTable(
        view.field.key,
        view.title,
        str(len(rows)) if rows else "",
        heads,
        tuple(replace(head, shown=total) for head, total in zip(heads, sums, strict=True)) if any(sums) else (),
        tuple(replace(shown_of(each, reader, form), is_main=each.field.key == main) for each in foot if is_money(each)),
        tuple(shown_of(each, reader, form) for each in foot if not is_money(each)),
        foot_spans([column_kind(column) for column in columns]),
    )
    return table, rows


def key_shown(line: Mapping[str, ShownValue], key: str) -> bool:
    """Tell whether a line says something in the column with *key*."""
    return key in line and bool(line[key].shown)


def is_money(view: FieldView) -> bool:
    """Tell whether a number is an amount."""
    return view.field.type.has_currency


def total_of(lines: Sequence[LineView], key: str, reader: Reader) -> str:
    """Return the sum of a computed column of amounts in one currency; empty where a sum says nothing."""
    cells = [line.cells[key] for line in lines if key in line.cells]
    if not cells or cells[0].field.compute is None or not cells[0].field.type.adds_up:
        return ""
    codes = {cell.currency for cell in cells}
    found = sum_of(lines, key)
    return show_value(cells[0].field, found, reader, {}, codes.pop()) if len(codes) == 1 and found is not None else ""


def sum_of(lines: Sequence[LineView], key: str) -> Decimal | None:
    """Return the sum of a column's numbers; None where it has none."""
    values = [line.cells[key].value for line in lines if key in line.cells]
    numbers = [value for value in values if isinstance(value, Decimal)]
    return sum(numbers, Decimal()) if numbers else None


def headline_of(record: RecordView) -> str:
    """Return the amount that the record is about, as people read it; empty where the form says none."""
    if record.amount is None or record.amount.value is None:
        return ""
    return shown_of(record.amount, the_reader()).shown


# What can be done -----------------------------------------------------------------------------------------------------


def buttons_of(record: RecordView) -> tuple[Button, ...]:
    """Return the actions as buttons: those that lead on, those that lead back, those that cannot be taken.

    Those that only others may take are in `others_of`.
    """
    order = {state.key: (place, state.kind) for place, state in enumerate(record.states)}
    here = order.get(record.state.key, (0, ""))[0] if record.state else 0

    def rank(view: ActionView) -> int:
        targets = [view.leads_to] if view.leads_to else view.action.targets
        place, kind = max((order[to] for to in targets if to in order), default=(here, ""))
        leads_on = place > here and kind not in ("stop", "held")
        return 2 if not view.is_enabled else 0 if leads_on else 1

    views = sorted((view for view in record.actions if not is_for_others(view)), key=rank)
    return tuple(button_of(record, view, is_primary=place == 0 and rank(view) == 0) for place, view in enumerate(views))


def others_of(record: RecordView) -> tuple[Button, ...]:
    """Return the actions that the reader's roles do not open, each with who may."""
    return tuple(
        replace(button_of(record, view), has_details=has_details(view))
        for view in record.actions
        if is_for_others(view)
    )


def button_of(record: RecordView, view: ActionView, *, is_primary: bool = False) -> Button:
    """Return an action as a button."""
    address = f"/records/{record.id}/actions/{view.key}"
    return Button(
        key=view.key,
        title=view.title,
        address=f"{address}?seen={record.revision}",
        why_address=f"{address}/why",
        is_enabled=view.is_enabled,
        is_primary=is_primary,
        asks=bool(view.action.ask or view.confirm),
        reasons=reasons_of(view),
    )


def has_details(view: ActionView) -> bool:
    """Tell whether a condition or a formula decides about an action, beside roles."""
    return view.action.when is not None or bool(view.action.by.formulas)


def is_for_others(view: ActionView) -> bool:
    """Tell whether it is access, not a condition, that keeps the reader from an action."""
    return any(reason.message.startswith("reason.") for reason in view.reasons)


def reasons_of(view: ActionView) -> tuple[Why, ...]:
    """Return why an action cannot be taken now, in words."""
    return tuple(Why(told(reason)) for reason in view.reasons)


def related_groups(groups: Sequence[Related]) -> tuple[Mapping[str, object], ...]:
    """Return related records as tables; those of one form that link by several fields are told apart by these."""
    counts = Counter(group.form.name for group in groups)
    return tuple(group_of(group, is_told_apart=counts[group.form.name] > 1) for group in groups)


def group_of(group: Related, *, is_told_apart: bool) -> Mapping[str, object]:
    """Return related records of one form as a table: those that go on first."""
    has_day = any(column.type.is_day for column in group.columns)
    language = current_language()
    return {
        "title": f"{group.title} · {group.through}" if is_told_apart else group.title,
        "icon": group.form.icon or "file-text",
        "records": group.records,
        "open": sum(each.state is not None and each.state.kind not in ("done", "stop") for each in group.records),
        "columns": tuple(
            {
                "key": column.key,
                "title": column.title.say(language),
                "is_number": column.type.is_number,
                "is_money": column.type.has_currency,
                "is_day": column.type.is_day,
            }
            for column in group.columns
        ),
        # Where no day tells them apart, the day they were made does.
        "has_created": not has_day,
        "most": MOST_RELATED,
    }


# History --------------------------------------------------------------------------------------------------------------


def timeline_context(record: RecordView, typed: str = "", mistake: str = "") -> Mapping[str, object]:
    """Return the record's history, the newest first, and the box to say something, if the reader may."""
    box = CommentBox(f"/records/{record.id}/comments", secrets.token_urlsafe(12), typed, mistake)
    return {
        "entries": tuple(entry_of(entry, record.id) for entry in record.timeline),
        "comment_box": box if record.may_comment else None,
    }


def entry_of(entry: TimelineEntry, record: str = "") -> HistoryEntry:
    """Return one event in words; of the history of *record* with the address of what decided it, if that is known."""
    changes = tuple(changed_value(change) for change in entry.changes if change.is_typed)
    followed = tuple(changed_value(change) for change in entry.changes if not change.is_typed)
    inputs = tuple(
        ShownInput(title, told(words), title in entry.internal_inputs) for title, words in entry.inputs if words
    )
    why = f"why-{entry.sequence}" if record and entry.has_decisions else ""
    head = EntryHead(
        name=entry.user.title,
        initials=initials(entry.user.title),
        hue=hue(entry.user.title) if entry.cause is None else None,
        words=words_of(entry),
        at=shown_moment(entry.at),
        state=entry.state,
        cause=t("event.caused", title=entry.cause.title) if entry.cause else "",
        inputs=inputs,
        comment=entry.comment or "",
        why_address=f"/records/{record}/events/{entry.sequence}/why" if why else "",
        why_id=why,
        is_talk=bool(entry.comment) and not (entry.state or changes or entry.inputs),
    )
    return HistoryEntry(head, changes[:MOST_CHANGES], changes[MOST_CHANGES:], followed)


def words_of(entry: TimelineEntry) -> str:
    """Return what somebody did, as it follows their name: "approved it", "changed 2 fields"."""
    count = sum(change.is_typed for change in entry.changes)
    if entry.actions:
        done = acts_done(entry.actions)
        return t("event.act_change", done=done, count=count) if count else done
    if entry.kind in ("create", "comment", "migrate", "backfill", "erase"):
        return t(f"event.{entry.kind}", version=entry.version)
    return t("event.change", count=count) if count else t("event.saved")


def changed_value(change: ValueChange) -> ChangedValue:
    """Return a change in words; its title says in which line it was."""
    line = change.line
    title = change.title if line is None else t("event.line", number=line, field=change.title)
    after = (told(change.after) or t("value.empty")) if change.kind == "changed" else ""
    return ChangedValue(title, told(change.before), after, change.kind, change.is_internal)
