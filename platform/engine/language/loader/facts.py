"""The facts of a form: what its rules count over other records, each with its static type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from blankett.engine import feel
from blankett.engine.feel import tree
from blankett.engine.feel.types import not_null, or_null
from blankett.engine.fields import FieldType
from blankett.engine.language.grammar.rules import MEASURES
from blankett.engine.language.loader.formulas import read_condition
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint, record_properties
from blankett.engine.language.loader.scopes import where_scope
from blankett.engine.language.loader.translations import read_title
from blankett.engine.language.model import Fact, Formula, Measure
from blankett.engine.language.problems import suggest
from blankett.engine.language.source import Map, Scalar

#: What a fact needs of its field, by what it does: whether a type will do, and how to say so.
NEEDS: dict[Measure, tuple[Callable[[FieldType], bool], str]] = {
    "sum": (lambda type_: type_.adds_up, "a number or an amount"),
    "min": (lambda type_: type_.is_ordered, "a number, an amount, a percentage or a date"),
    "max": (lambda type_: type_.is_ordered, "a number, an amount, a percentage or a date"),
    "latest": (lambda type_: type_.sql_kind is not None, "a field with one short value"),
}
#: What may be compared of the record itself: ``complaint.record.created_at``.
MOMENTS = frozenset({"created_at", "changed_at"})


@dataclass(frozen=True)
class _Counted:
    """What a fact looks at: the form, as far as it is known, and a path of its names; empty for `count`."""

    name: str
    form: FormDraft | None
    path: tuple[str, ...]


def read_facts(draft: PartialBlueprint, form: FormDraft) -> dict[str, Fact]:
    """Return the facts of a form that can be counted."""
    facts: dict[str, Fact] = {}
    trees = form.tree.map("facts")
    for key, tree_ in trees.maps():
        measure = next((word for word in MEASURES if tree_.get(word) is not None), None)
        scalar = tree_.scalar(measure) if measure else None
        if measure is not None and scalar is not None:
            fact = _read_fact(draft, form, key, tree_, measure, scalar)  # type: ignore[arg-type]
            if fact is not None:
                facts[key] = fact
    return facts


def facts_type(form: FormDraft, facts: dict[str, Fact]) -> feel.Context:
    """Return the static type of `facts`; one that is badly written lets everything pass."""
    return feel.Context(
        {key: facts[key].type if key in facts else feel.Any() for key in form.tree.map("facts").entries}
    )


def _read_fact(
    draft: PartialBlueprint, form: FormDraft, key: str, tree_: Map, measure: Measure, scalar: Scalar
) -> Fact | None:
    place = form.tree.map("facts").key_place(key)
    title = read_title(draft.translations, tree_, ("forms", form.key, "facts", key), place)
    counted = _read_counted(draft, measure, scalar)
    where = read_condition(draft, tree_.scalar("where"), where_scope(draft, counted.form, form), warns=False)
    type_ = _type_of(draft, form, measure, scalar, counted, where)
    if type_ is None:
        return None
    field = ".".join(counted.path) or None
    return Fact(key, title, measure, counted.name, field, where, type_, place, tree_.text("was"))


def _read_counted(draft: PartialBlueprint, measure: Measure, scalar: Scalar) -> _Counted:
    """Return what is counted: ``complaint``, ``other.complaint``, ``invoice.total``, ``invoice.record.created_at``."""
    if measure == "count":
        found = draft.check_form(scalar)
        return _Counted(found.name if found else draft.full_name(scalar.text), found, ())
    words = scalar.text.split(".")
    taken = 2 if len(words) > 2 and words[-2] == "record" else 1
    name, path = ".".join(words[:-taken]), tuple(words[-taken:])
    if not name or len(words) - taken > 2:
        draft.report.add("fact_path", scalar.place, text=scalar.text[:60])
        return _Counted("", None, ())
    found = draft.find_form(name)
    if found is None and (draft.full_name(name).partition(".")[0] == draft.key or draft.foreign is not None):
        draft.report.add("unknown_form", scalar.place, suggestion=suggest(name, draft.forms), name=name[:60])
        return _Counted("", None, ())
    return _Counted(found.name if found else draft.full_name(name), found, path)


def _type_of(
    draft: PartialBlueprint, form: FormDraft, measure: Measure, scalar: Scalar, counted: _Counted, where: Formula | None
) -> feel.Type | None:
    """Return the static type of a fact's value; None, with a problem, where it cannot be counted."""
    if measure == "count":
        return feel.Number() if counted.form or "." in scalar.text else None
    if not counted.path:
        return None
    if counted.form is None:
        return feel.Any()
    if len(counted.path) == 2:
        return _moment_type(draft, measure, scalar, counted)
    of = counted.form.fields.get(counted.path[0])
    if of is None:
        if counted.path not in counted.form.broken:
            known = [f"{counted.form.key}.{key}" for key in counted.form.fields]
            meant = suggest(f"{counted.form.key}.{counted.path[0]}", known)
            draft.report.add(
                "unknown_field", scalar.place, suggestion=meant, name=counted.path[0][:60], form=counted.form.key
            )
        return None
    takes, wanted = NEEDS[measure]
    if not takes(of.type):
        if counted.path not in counted.form.broken:
            draft.report.add("fact_field", scalar.place, measure=measure, name=scalar.text[:60], wanted=wanted)
        return None
    found = counted.form.type_at(counted.path)
    if isinstance(found, feel.Number) and found.currency is not None:
        found = _in_one_currency(draft, form, scalar, found, where)
    return not_null(found) if measure == "sum" else or_null(found)


def _moment_type(draft: PartialBlueprint, measure: Measure, scalar: Scalar, counted: _Counted) -> feel.Type | None:
    name = counted.path[1]
    if measure == "sum" or name not in MOMENTS:
        wanted = NEEDS["sum"][1] if measure == "sum" else "record.created_at, record.changed_at or a field"
        draft.report.add("fact_field", scalar.place, measure=measure, name=scalar.text[:60], wanted=wanted)
        return None
    return or_null(record_properties(()).fields[name])


# Currencies -----------------------------------------------------------------------------------------------------------


def _in_one_currency(
    draft: PartialBlueprint, form: FormDraft, scalar: Scalar, found: feel.Number, where: Formula | None
) -> feel.Number:
    """Return the type of amounts that `where` keeps to one currency; without that, it is a problem."""
    if isinstance(found.currency, str):
        return found
    own = ".".join(found.currency or ())
    for part in _conjuncts(where.expression) if where is not None else ():
        currency = _pinned(part, own)
        if currency is not None:
            return feel.Number(currency)
    if found.currency and len(found.currency) == 1:
        mine = form.currency if form.currency in form.fields else None
        draft.report.add(
            "fact_currency", scalar.place, name=scalar.text[:60], field=own, instead=f"this.{mine}" if mine else '"EUR"'
        )
    return feel.Number()


def _conjuncts(part: tree.Expression) -> Iterator[tree.Expression]:
    if isinstance(part, tree.Logic) and part.operator == "and":
        for operand in part.operands:
            yield from _conjuncts(operand)
    else:
        yield part


def _pinned(part: tree.Expression, field: str) -> feel.types.Currency | None:
    """Return the currency that ``field = this.currency`` or ``field = "EUR"`` keeps to, seen from the rule's record."""
    if not isinstance(part, tree.Comparison) or part.operator != "=":
        return None
    for one, other in ((part.left, part.right), (part.right, part.left)):
        if not (isinstance(one, tree.Name) and one.name == field):
            continue
        if isinstance(other, tree.Literal) and isinstance(other.value, str):
            return other.value
        if isinstance(other, tree.PathExpression) and isinstance(other.owner, tree.Name) and other.owner.name == "this":
            return (other.name,)
    return None
