"""Finds out which computed fields may be null, so that warnings about null are told where they matter."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from blankett.engine import feel
from blankett.engine.blueprint.loading.draft import Draft, FormDraft
from blankett.engine.blueprint.loading.fields import field_tree
from blankett.engine.blueprint.loading.formulas import is_flag
from blankett.engine.blueprint.loading.reads import Path, field_path, own_path
from blankett.engine.blueprint.loading.scopes import Scopes, line_scope
from blankett.engine.feel.types import not_null


def refine_nulls(draft: Draft, form: FormDraft) -> None:
    """Give every computed field that is always shown the type of its formula: not null where that never is.

    Fields are taken in the order they need each other; in a cycle, which is told elsewhere, they stay nullable.
    """
    formulas = {path: parsed for path in computed_paths(form) if (parsed := _parse(form, path)) is not None}
    plain = Scopes(draft, form).plain
    needs: dict[Path, set[Path]] = {}
    for path, expression in formulas.items():
        scope = plain if len(path) == 1 else line_scope(draft, form, path[0])
        table = path[0] if len(path) > 1 else None
        own = (own_path(read, table, form.fields) for read in feel.check(expression, scope).reads)
        needs[path] = {found for read in own if read and (found := field_path(read, form.fields)) in formulas}
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError:
        return
    for path in order:
        _refine(draft, form, path, formulas[path])


def computed_paths(form: FormDraft) -> list[Path]:
    """Return the paths of the fields and columns with `compute`."""
    paths: list[Path] = [(key,) for key in form.fields]
    paths += [(key, name) for key, found in form.fields.items() for name in found.columns]
    return [path for path in paths if field_tree(form, path).scalar("compute") is not None]


def _parse(form: FormDraft, path: Path) -> feel.Expression | None:
    scalar = field_tree(form, path).scalar("compute")
    try:
        return feel.parse_expression(scalar.text.removeprefix("=")) if scalar else None
    except feel.FeelSyntaxError:
        return None


def _refine(draft: Draft, form: FormDraft, path: Path, expression: feel.Expression) -> None:
    visible = field_tree(form, path).scalar("visible")
    if visible is not None and is_flag(visible) is not True:
        return
    scope = Scopes(draft, form).plain if len(path) == 1 else line_scope(draft, form, path[0])
    checked = feel.check(expression, scope)
    # A formula with a mistake in it says nothing of nulls: its mistake is told.
    if checked.type.nullable and not checked.errors:
        return
    if len(path) == 1:
        form.types[path[0]] = not_null(form.types[path[0]])
    else:
        form.column_types[path[0]][path[1]] = not_null(form.column_types[path[0]][path[1]])
