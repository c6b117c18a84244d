"""The order in which a record's fields are worked out, by what depends on what, and which of them are live."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

from blankett.engine import feel
from blankett.engine.feel.builtins.departments import ORGANISATION_FUNCTIONS
from blankett.engine.feel.types import not_null
from blankett.engine.language.loader.fields import field_tree
from blankett.engine.language.loader.formulas import is_flag
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint
from blankett.engine.language.loader.scopes import Scopes, line_scope
from blankett.engine.language.model import Fact, Field, Formula
from blankett.engine.language.problems import Report
from blankett.engine.paths import (
    LinkedFields,
    LooseFields,
    Path,
    every_path,
    field_at,
    field_part,
    own_or_old_path,
    own_path,
    resolve,
)

# What formulas read: from their paths to the fields they mean ---------------------------------------------------------


def field_reads(formula: Formula, table: str | None, fields: Mapping[str, Field]) -> frozenset[Path]:
    """Return the fields and columns of the record that a formula reads."""
    own = (own_path(read, fields, table) for read in formula.reads)
    return frozenset(field_part(path, fields) for path in own if path is not None)


def walks_links(formula: Formula, table: str | None, fields: Mapping[str, Field]) -> bool:
    """Tell whether a formula reads something of another record or of a person."""
    return any(_is_walked(read, table, fields) for read in formula.reads)


def _is_walked(read: Path, table: str | None, fields: Mapping[str, Field]) -> bool:
    own = own_path(read, fields, table)
    if own is None:
        return read[0] in ("record", "old") and len(read) > 2
    path = field_part(own, fields)
    return len(own) > len(path) and field_at(path, fields).type.points_to is not None


def link_paths(
    formula: Formula, table: str | None, fields: Mapping[str, Field], linked: LinkedFields
) -> Iterator[Path]:
    """Yield the paths of links and people a formula reads through, or gives as they are."""
    for read in formula.reads:
        if read[0] in ("inputs", "record"):
            if len(read) > 2:
                yield read[:2]
            continue
        own = own_or_old_path(read, fields, table)
        if own is not None:
            steps = resolve(own, LooseFields(fields, linked)).steps
            yield from (step.path for step in steps if step.field.type.points_to is not None)


def deriving(field: Field) -> Iterable[Formula]:
    """Yield the formulas a field's value is made of."""
    for formula in (field.compute, field.fill, field.default.formula if field.default else None):
        if formula is not None:
            yield formula


# The order ------------------------------------------------------------------------------------------------------------


NO_FACTS: Mapping[str, Fact] = MappingProxyType({})
#: Functions whose answer changes without the record.
LIVE_FUNCTIONS = frozenset({"convert", "now", "today"}) | ORGANISATION_FUNCTIONS


def needs_of(path: Path, fields: Mapping[str, Field], facts: Mapping[str, Fact] = NO_FACTS) -> frozenset[Path]:
    """Return the fields and columns that must be worked out before the one at *path*.

    A field that its own `visible` reads is no cycle: what is stored decides whether it is shown.
    """
    field = field_at(path, fields)
    needs: set[Path] = {path[:1]} if len(path) > 1 else set()
    for formula in deriving(field):
        needs |= field_reads(formula, field.table, fields)
        needs.update(_counted_for(formula, fields, facts))
    if field.visible is not None:
        needs |= field_reads(field.visible, field.table, fields) - {path}
    return frozenset(needs)


def _counted_for(formula: Formula, fields: Mapping[str, Field], facts: Mapping[str, Fact]) -> Iterator[Path]:
    """Yield the fields that the facts of a formula look at of the record itself."""
    for key in {path[1] for path in formula.reads if path[0] == "facts" and len(path) > 1}:
        for read in facts[key].own_reads if key in facts else ():
            own = own_path(read, fields)
            if own is not None:
                yield field_part(own, fields)


def working_order(
    fields: Mapping[str, Field], report: Report, facts: Mapping[str, Fact] = NO_FACTS
) -> tuple[Path, ...]:
    """Return all paths, each after what it needs; a cycle is a problem, told once with its path."""
    needs = {path: needs_of(path, fields, facts) for path in every_path(fields)}
    order: list[Path] = []
    state: dict[Path, str] = {}
    told: set[Path] = set()

    def visit(start: Path) -> None:
        # By hand, for a chain of fields may be longer than Python's stack is deep.
        trail: list[Path] = [start]
        while trail:
            path = trail[-1]
            if state.get(path) != "open":
                state[path] = "open"
            following = next(
                (need for need in sorted(needs[path]) if state.get(need) != "done" and need in needs), None
            )
            if following is None:
                state[path] = "done"
                order.append(path)
                trail.pop()
            elif state.get(following) == "open":
                cycle = trail[trail.index(following) :]
                # One field may close several circles: they are mended together, so they are told once.
                if not told.intersection(cycle):
                    tell_cycle(cycle, fields, report)
                told.update(cycle)
                needs[path] -= {following}
            else:
                trail.append(following)

    for path in needs:
        if state.get(path) != "done":
            visit(path)
    return tuple(order)


def tell_cycle(cycle: list[Path], fields: Mapping[str, Field], report: Report) -> None:
    """Tell of fields that need each other, at the first of them in the file."""
    first = min(range(len(cycle)), key=lambda at: field_at(cycle[at], fields).place.start)
    turned = [*cycle[first:], *cycle[:first]]
    names = " → ".join(".".join(path) for path in [*turned, turned[0]])
    field = field_at(turned[0], fields)
    formula = next(iter(deriving(field)), field.visible)
    report.add("cycle", formula.place if formula else field.place, names=names)


def mark_live(fields: Mapping[str, Field], order: tuple[Path, ...]) -> dict[str, Field]:
    """Return the fields with `live` set on every compute that changes without the record, also through another."""
    live: set[Path] = set()
    for path in order:
        field = field_at(path, fields)
        compute = field.compute
        if compute is not None and (
            _is_live(compute, field, fields) or field_reads(compute, field.table, fields) & live
        ):
            live.add(path)
    return {key: _marked(found, (key,), live) for key, found in fields.items()}


def _marked(field: Field, path: Path, live: set[Path]) -> Field:
    if path not in live and not any((*path, key) in live for key in field.columns):
        return field
    columns = {key: replace(column, live=(*path, key) in live) for key, column in field.columns.items()}
    return replace(field, live=path in live, columns=MappingProxyType(columns))


def _is_live(compute: Formula, field: Field, fields: Mapping[str, Field]) -> bool:
    return bool(compute.checked.calls & LIVE_FUNCTIONS) or walks_links(compute, field.table, fields)


def refine_nulls(draft: PartialBlueprint, form: FormDraft) -> None:
    """Give every computed field that is always shown the type of its formula: not null where that never is.

    Fields are taken in the order they need each other; in a cycle, which is told elsewhere, they stay nullable.
    """
    formulas = {path: parsed for path in computed_paths(form) if (parsed := _parse(draft, form, path)) is not None}
    plain = Scopes(draft, form).plain
    needs: dict[Path, set[Path]] = {}
    first: dict[Path, feel.CheckedFormula] = {}
    for path, expression in formulas.items():
        scope = plain if len(path) == 1 else line_scope(draft, form, path[0])
        table = path[0] if len(path) > 1 else None
        first[path] = feel.check(expression, scope)
        own = (own_path(read, form.fields, table) for read in first[path].reads)
        needs[path] = {found for read in own if read and (found := field_part(read, form.fields)) in formulas}
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError:
        return
    for path in order:
        # Where nothing was refined that it reads, what was found first stays true.
        is_settled = not needs[path] and all(len(read) == 1 for read in first[path].reads)
        _refine(draft, form, path, formulas[path], first[path] if is_settled else None)


def computed_paths(form: FormDraft) -> list[Path]:
    """Return the paths of the fields and columns with `compute`."""
    return [path for path in every_path(form.fields) if field_tree(form, path).scalar("compute") is not None]


def sure_facts(form: FormDraft) -> feel.Context:
    """Return the static type of `facts` as far as they are never null: what is counted and added up."""
    facts = form.tree.map("facts")
    return feel.Context(
        {
            key: feel.Number() if tree.get("count") is not None else feel.Any()
            for key, tree in facts.maps()
            if tree.get("count") is not None or tree.get("sum") is not None
        }
    )


def _parse(draft: PartialBlueprint, form: FormDraft, path: Path) -> feel.Expression | None:
    scalar = field_tree(form, path).scalar("compute")
    text = scalar.text.removeprefix("=").strip() if scalar else ""
    if not draft.refines_formula(text):
        return None
    try:
        draft.parsed[text] = feel.parse_expression(text)
    except feel.FeelSyntaxError:
        return None
    return draft.parsed[text]


def _refine(
    draft: PartialBlueprint,
    form: FormDraft,
    path: Path,
    expression: feel.Expression,
    checked: feel.CheckedFormula | None,
) -> None:
    visible = field_tree(form, path).scalar("visible")
    if visible is not None and is_flag(visible) is not True:
        return
    if checked is None:
        scope = Scopes(draft, form).plain if len(path) == 1 else line_scope(draft, form, path[0])
        sure = sure_facts(form)
        checked = feel.check(expression, scope.child({"facts": sure}))
        if any(read[0] == "facts" and read[1:2] and read[1] not in sure.fields for read in checked.reads):
            return
    # A formula with a mistake in it says nothing of nulls: its mistake is told.
    if checked.type.nullable and not checked.errors:
        return
    if len(path) == 1:
        form.types[path[0]] = not_null(form.types[path[0]])
    else:
        form.column_types[path[0]][path[1]] = not_null(form.column_types[path[0]][path[1]])
