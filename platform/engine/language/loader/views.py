"""How a form is laid out and listed: sections, the title of a record, its number, lists."""

from __future__ import annotations

import re

from blankett.engine.language.loader.formulas import read_condition, read_template
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint
from blankett.engine.language.loader.scopes import Scopes
from blankett.engine.language.loader.translations import read_title
from blankett.engine.language.model import Check, Field, ListView, Numbering, NumberPolicy, Section, Words
from blankett.engine.language.source import Map, Scalar

#: What a list may show of the record itself.
RECORD_COLUMNS = tuple(
    f"record.{name}"
    for name in (
        "number",
        "state",
        "title",
        "created_at",
        "created_by",
        "changed_at",
        "owner",
        "assignee",
        "department",
    )
)
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
COUNTER = re.compile(r"counter:([1-9]|10)\Z")


def read_number(draft: PartialBlueprint, form: FormDraft) -> Numbering | None:
    """Return how the records of a form are numbered."""
    tree = form.tree.map("number")
    pattern = tree.scalar("pattern")
    if pattern is None:
        return None
    _check_pattern(draft, pattern)
    at = tree.scalar("at")
    if at is not None and at.text != "create" and at.text not in form.actions:
        draft.unknown("unknown_action", at, ["create", *form.actions], form=form.key)
    policy: NumberPolicy = "fast" if tree.text("policy") == "fast" else "gapless"
    return Numbering(pattern.text, policy, at.text if at else "create", tree.place)


def _check_pattern(draft: PartialBlueprint, pattern: Scalar) -> None:
    found = [match[1] for match in PLACEHOLDER.finditer(pattern.text)]
    counters = [name for name in found if COUNTER.match(name)]
    others = [name for name in found if name not in ("year", "month") and name not in counters]
    rest = PLACEHOLDER.sub("", pattern.text)
    if others:
        draft.report.add("number_pattern", pattern.place, reason=f"{{{others[0]}}} is none of its placeholders")
    elif len(counters) != 1:
        draft.report.add("number_pattern", pattern.place, reason=f"it has {len(counters)} counters")
    elif "{" in rest or "}" in rest or len(rest) > 40:
        draft.report.add("number_pattern", pattern.place, reason="a brace is not closed, or it is too long")
    elif "month" in found and "year" not in found:
        draft.report.add("number_pattern", pattern.place, reason="{month} without {year} repeats itself every year")


def read_sections(draft: PartialBlueprint, form: FormDraft, fields: dict[str, Field]) -> tuple[Section, ...]:
    """Return the sections of a form: the author's, and one more for what they leave out."""
    sections: list[Section] = []
    placed: dict[str, str] = {}
    for key, tree in form.tree.map("sections").maps():
        names: list[str] = []
        for scalar in tree.scalars("fields"):
            if scalar.text in placed:
                draft.report.add("placed_twice", scalar.place, field=scalar.text, section=placed[scalar.text])
            elif scalar.text in fields or (scalar.text,) in form.broken:
                placed[scalar.text] = key
                names.append(scalar.text)
            else:
                draft.unknown("unknown_field", scalar, fields, form=form.key)
        place = form.tree.map("sections").key_place(key)
        title = read_title(draft.translations, tree, ("forms", form.key, "sections", key), place)
        sections.append(Section(key, title, tuple(names), place))
    return (*sections, *_rest(form, fields, placed))


def _rest(form: FormDraft, fields: dict[str, Field], placed: dict[str, str]) -> list[Section]:
    left = [key for key in fields if key not in placed]
    plain = tuple(key for key in left if not fields[key].type.has_lines)
    sections: list[Section] = []
    if plain:
        # Nobody wrote this section, so it has no words: the page gives it its own, or no heading.
        sections.append(Section("details", Words({}), plain, form.tree.place))
    for key in left:
        if fields[key].type.has_lines:
            sections.append(Section(key, fields[key].title, (key,), fields[key].place))
    return sections


def read_checks(draft: PartialBlueprint, form: FormDraft, scopes: Scopes) -> dict[str, Check]:
    """Return the checks of a form."""
    checks: dict[str, Check] = {}
    for key, tree in form.tree.map("checks").maps():
        item = ("forms", form.key, "checks", key)
        message, field = tree.scalar("message"), tree.scalar("field")
        binds = tree.text("binds") or "written"
        when = read_condition(draft, tree.scalar("when"), scopes.check)
        that = read_condition(draft, tree.scalar("that"), scopes.check, given=when)
        template = read_template(draft, message, scopes.check, item, "message", main="message") if message else None
        if field is not None and field.text not in form.fields and (field.text,) not in form.broken:
            draft.unknown("unknown_field", field, form.fields, form=form.key)
        if that is not None and template is not None:
            checks[key] = Check(key, that, template, field.text if field else None, when, tree.place, binds)
    return checks


def read_lists(draft: PartialBlueprint, form: FormDraft, scopes: Scopes) -> dict[str, ListView]:
    """Return the lists of a form."""
    lists: dict[str, ListView] = {}
    trees = form.tree.map("lists")
    for key, tree in trees.maps():
        title = read_title(draft.translations, tree, ("forms", form.key, "lists", key), trees.key_place(key))
        columns = tuple(
            scalar.text for scalar in tree.scalars("columns") if _check_column(draft, form, scalar, scalar.text)
        )
        where = read_condition(draft, tree.scalar("where"), scopes.grant, warns=False)
        lists[key] = ListView(key, title, columns, where, _read_sort(draft, form, tree), trees.key_place(key))
    return lists


def _read_sort(draft: PartialBlueprint, form: FormDraft, tree: Map) -> tuple[tuple[str, bool], ...]:
    sort: list[tuple[str, bool]] = []
    for scalar in tree.scalars("sort"):
        name = scalar.text.removeprefix("-")
        if _check_column(draft, form, scalar, name):
            sort.append((name, scalar.text.startswith("-")))
    return tuple(sort)


def _check_column(draft: PartialBlueprint, form: FormDraft, scalar: Scalar, name: str) -> bool:
    field = form.fields.get(name)
    if field is not None and field.type.has_lines:
        draft.report.add("wrong_field", scalar.place, name=name, wanted="a field that is no table")
        return False
    if field is not None or name in RECORD_COLUMNS or (name,) in form.broken:
        return True
    draft.unknown("unknown_column", scalar, [*form.fields, *RECORD_COLUMNS], form=form.key)
    return False


def plural_of(draft: PartialBlueprint, tree: Map, title: Words, item: tuple[str, ...]) -> Words:
    """Return what several records are called: the title unless told."""
    found = tree.scalar("plural")
    if found is None:
        return title
    return draft.translations.words(found.text, item, "plural", place=found.place)
