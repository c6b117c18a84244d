"""What differs between two versions, and what a publish does to records, in words of the page's language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from blankett.engine.language.diff import Difference, aspects_of
from blankett.engine.language.model import Blueprint
from blankett.engine.publish.convert import MoveReason
from blankett.engine.publish.impact import Example, FormImpact, Impact, Move
from blankett.engine.publish.kept_calendars import KeptCalendar
from blankett.engine.publish.role_holders import RoleGift
from blankett.engine.publish.stranded_records import Stranded
from blankett.web.identity import current_reader
from blankett.web.templating import t


@dataclass(frozen=True)
class ShownChange:
    """A difference between two versions, in words."""

    #: added | removed | changed | renamed | moved
    kind: str
    label: str
    subject: str
    #: The YAML key that changed; empty when the item came or went.
    aspect: str
    old: str
    new: str
    #: A sentence instead of old and new.
    words: str
    #: Line in the newer text; None for what was removed.
    line: int | None


@dataclass(frozen=True)
class ShownClass:
    """A class of records on the publish page."""

    #: same | moves | follows | stays | blocks
    kind: str
    count: int
    #: Why they stay; empty for those that move.
    words: str = ""
    examples: tuple[Example, ...] = ()
    #: How the text could say what becomes of them: its name, and (key, title) of each choice.
    remedy: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ShownStranded:
    """Records that nobody could open or act on, in words."""

    words: str
    count: int
    examples: tuple[Example, ...]
    #: When: ``always``, ``stay`` or ``move``.
    when: str


@dataclass(frozen=True)
class ShownImpact:
    """What a publish does to the records of one form."""

    title: str
    classes: tuple[ShownClass, ...]


def shown_changes(changes: Iterable[Difference]) -> list[ShownChange]:
    """Return changes in words."""
    return [_shown_change(change) for change in changes]


def _shown_change(change: Difference) -> ShownChange:
    return ShownChange(
        kind=change.kind,
        label=t(change.label),
        subject=t(change.subject, **change.params),
        aspect=change.aspect or "",
        old=_side(change, change.old),
        new=_side(change, change.new),
        words=_moved(change.new) if change.kind == "moved" else "",
        line=change.place.line if change.place is not None and change.kind != "removed" else None,
    )


def _side(change: Difference, text: str | None) -> str:
    if change.kind not in ("changed", "renamed") or change.old == change.new:
        return ""
    return text if text else t("change.empty")


def _moved(after: str | None) -> str:
    return t("change.moved_after", new=after) if after else t("change.moved_first")


def shown_rights(changes: Iterable[Difference], old: Blueprint | None, new: Blueprint) -> list[ShownChange]:
    """Return the changes of who may do what; what came or went says for whom."""
    found = []
    for change in filter(is_right, changes):
        shown = _shown_change(change)
        if change.kind in ("added", "removed"):
            blueprint = old if change.kind == "removed" else new
            aspect, text = _granted(blueprint, change.path) if blueprint is not None else ("", "")
            old_text, new_text = (text, "") if change.kind == "removed" else ("", text)
            shown = replace(shown, aspect=aspect, old=old_text, new=new_text)
        found.append(shown)
    return found


def _granted(blueprint: Blueprint, path: tuple[str, ...]) -> tuple[str, str]:
    """Return for whom, or what: the aspect of an action or a grant that gives rights, and its text."""
    form = blueprint.forms.get(path[1]) if len(path) == 4 and path[0] == "forms" else None
    item = (
        next((action for key, action in form.actions.items() if path[2:] == ("actions", key)), None) if form else None
    )
    grant = next((grant for grant in form.grants if grant.place.path == path), None) if form else None
    aspect = "by" if item is not None else "may"
    return (aspect, aspects_of(item or grant).get(aspect, "")) if item or grant else ("", "")


def is_right(change: Difference) -> bool:
    """Tell whether a change changes who may do what."""
    if change.item in ("grant", "role"):
        return change.item == "grant" or change.aspect in (None, "includes")
    if change.item == "action":
        return change.aspect in (None, "by") and change.kind not in ("moved", "renamed")
    return change.aspect in ("private", "declassify")


# What a publish does to records ----------------------------------------------------------------------------------


def shown_impact(impact: Impact, language: str, *, is_later: bool = False) -> list[ShownImpact]:
    """Return what happens to the records, by form; forms that are not affected stand together at the end: those of
    processes, whose open records are counted at the head of the page, and the others. *is_later*: the version was
    published before, and nothing holds it up.
    """
    touched = []
    mapped: set[str] = set()
    same: dict[bool, list[FormImpact]] = {False: [], True: []}
    for each in impact.forms:
        classes = tuple(_classes(each, language, mapped, is_later=is_later))
        if any(found.kind != "same" for found in classes):
            touched.append(ShownImpact(each.title.say(language), classes))
        elif classes:
            same[each.follows].append(each)
    rest = tuple(
        ShownClass(
            "same",
            sum(each.unaffected for each in found),
            t(
                "publish_page.same_records" if follows else "publish_page.same_forms",
                names=[each.title for each in found],
            ),
        )
        for follows, found in same.items()
        if found
    )
    return [*touched, ShownImpact(t("publish_page.other_forms"), rest)] if rest else touched


def shown_stranded(found: Mapping[Move, tuple[Stranded, ...]]) -> list[ShownStranded]:
    """Return the records that nobody could open or act on, each once, with what has to be chosen for it."""
    chosen: dict[tuple[object, ...], tuple[Stranded, list[str]]] = {}
    for move, each in found.items():
        for one in each:
            key = (one.message, one.form.say("en"), one.state.say("en"), one.version, one.count)
            chosen.setdefault(key, (one, []))[1].append(move)
    return [
        ShownStranded(
            t(one.message, form=one.form, state=one.state, version=one.version),
            one.count,
            one.examples,
            "always" if len(moves) > 1 else moves[0],
        )
        for one, moves in chosen.values()
    ]


def shown_gifts(gifts: Iterable[RoleGift]) -> list[tuple[str, str]]:
    """Return who holds a role already that comes with the publish, and the other blueprints that have it."""
    found = []
    for gift in gifts:
        more = gift.count - len(gift.people)
        people = current_reader().between.join(
            [*gift.people, *([t("publish_page.and_more", count=more)] if more else [])]
        )
        message = "publish.role_wider" if gift.forms else "publish.role_gift"
        params = {"role": gift.title, "key": gift.key, "people": people, "forms": list(gift.forms)}
        words = t(message, count=gift.count, **params)
        found.append((words, t("publish.role_shared", blueprints=list(gift.blueprints)) if gift.blueprints else ""))
    return found


def shown_calendars(found: Iterable[KeptCalendar]) -> list[str]:
    """Return the calendars that the organisation keeps otherwise than the text says, in words."""
    return [t("publish.calendar_kept", title=of.title, key=of.key, parts=list(of.parts)) for of in found]


def _classes(impact: FormImpact, language: str, mapped: set[str], *, is_later: bool) -> Iterator[ShownClass]:
    """Yield the classes of a form's records. *mapped*: what the page asks already what it becomes; several fields may
    share a list of options.
    """
    counts = (
        ("same", impact.unaffected),
        ("follows" if impact.follows and not is_later else "moves", impact.can_move),
    )
    yield from (ShownClass(kind, count) for kind, count in counts if count)
    for reason, found in impact.staying.items():
        kind = "blocks" if impact.follows and not is_later else "stays"
        remedy = found.remedy if found.remedy is not None and found.remedy.name not in mapped else None
        choices = tuple((key, title.say(language)) for key, title in remedy.choices.items()) if remedy else ()
        name = remedy.name if remedy else ""
        mapped.add(name)
        yield ShownClass(kind, found.count, why(reason), tuple(found.examples), name, choices)


def why(reason: MoveReason) -> str:
    """Return in words why a record cannot follow."""
    return t(reason.message, title=reason.title, value=reason.value)
