"""A record as its page shows it: buttons, history, neighbours. Its head is in `head`, what it says in `facts`."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from blankett.engine.records.read.results import (
    ActionView,
    ApprovalActTold,
    RecordView,
    Related,
    StateView,
    TimelineEntry,
    ValueChange,
)
from blankett.web.identity import current_language, the_actor, told
from blankett.web.next_page import acts_done
from blankett.web.record.facts import headline_of, sections_context
from blankett.web.record.head import head_context
from blankett.web.services import services
from blankett.web.templating import ShownMoment, hue, initials, long_time, shown_moment, t

#: Changes of one event shown before "more".
MOST_CHANGES = 6
#: Related records shown before "more".
MOST_RELATED = 10


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
        "headline": headline_of(record.amount),
        "is_amount_internal": record.amount is not None and record.amount.of.is_internal,
        **sections_context(record.sections, record.form, record.amount),
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
        name=entry.user.title or t("jobs.machine"),
        initials=initials(entry.user.title),
        hue=hue(entry.user.title) if entry.cause is None and entry.user.id else None,
        words=words_of(entry),
        at=shown_moment(entry.at),
        state=entry.state,
        cause=t("event.caused", title=entry.cause.title) if entry.cause else "",
        inputs=inputs,
        comment=entry.comment or next((each.comment for each in entry.approval_acts if each.comment), ""),
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
        if entry.kind == "timer":
            return t("event.timer_act", done=done)
        return t("event.act_change", done=done, count=count) if count else done
    if entry.approval_acts:
        changed = [t("event.change", count=count)] if count else []
        return t("event.and").join((*changed, *(approval_words(each) for each in entry.approval_acts)))
    if entry.kind == "timer":
        return t("event.timer")
    if entry.kind in ("create", "comment", "migrate", "backfill", "erase"):
        return t(f"event.{entry.kind}", version=entry.version)
    return t("event.change", count=count) if count else t("event.saved")


def approval_words(act: ApprovalActTold) -> str:
    """Return what somebody did about an approval, as it follows their name: "approved: Price, for Lars Bakke"."""
    words = t(f"approvals.did_{act.verb}")
    words = t("approvals.did_step", done=words, step=act.step) if act.step else words
    return t("approvals.did_behalf", done=words, name=act.behalf) if act.behalf else words


def changed_value(change: ValueChange) -> ChangedValue:
    """Return a change in words; its title says in which line it was."""
    line = change.line
    title = change.title if line is None else t("event.line", number=line, field=change.title)
    after = (told(change.after) or t("value.empty")) if change.kind == "changed" else ""
    return ChangedValue(title, told(change.before), after, change.kind, change.is_internal)
