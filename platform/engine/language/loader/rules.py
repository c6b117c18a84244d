"""The rules of a form: the facts they count over other records, when they are looked at, their conditions, and what
follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from blankett.engine import feel
from blankett.engine.effects import OF_RULES, Effect
from blankett.engine.feel import tree
from blankett.engine.feel.types import not_null, or_null
from blankett.engine.fields import FieldType
from blankett.engine.language.grammar.decision_logic import MEASURES
from blankett.engine.language.loader.effect_reader import read_effect
from blankett.engine.language.loader.formulas import read_condition, read_template
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint, record_properties
from blankett.engine.language.loader.scopes import Scopes, where_scope
from blankett.engine.language.loader.translations import read_text, read_title
from blankett.engine.language.model import SAVE, DecisionPoint, Fact, Formula, Measure, Place, Rule, Template
from blankett.engine.language.problems import suggest
from blankett.engine.language.source import Map, Scalar, Tree

# Facts, each with its static type -------------------------------------------------------------------------------------


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


# Rules ----------------------------------------------------------------------------------------------------------------


#: What follows the key of an action at the point after it.
COMPLETED = ":completed"


def read_rules(draft: PartialBlueprint, form: FormDraft, scopes: Scopes) -> dict[str, Rule]:
    """Return the rules of a form."""
    trees = form.tree.map("rules")
    return {key: _RuleReader(draft, form, scopes, key, tree).read() for key, tree in trees.maps()}


class _RuleReader:
    """Reads one rule."""

    def __init__(self, draft: PartialBlueprint, form: FormDraft, scopes: Scopes, key: str, tree: Map) -> None:
        self.draft = draft
        self.form = form
        self.key = key
        self.tree = tree
        self.item = ("forms", form.key, "rules", key)
        self.points = tuple(self._points())
        actions = [] if SAVE in self.points else [point.action for point in self.points]
        self.scope = scopes.rule(actions)
        #: How often a refusal and a warning were said: translations name the second ``refuse_2``.
        self.said: dict[str, int] = {}

    def read(self) -> Rule:
        """Return the rule as far as it can be read."""
        draft, tree = self.draft, self.tree
        place = self.form.tree.map("rules").key_place(self.key)
        when = read_condition(draft, tree.scalar("when"), self.scope)
        unless = read_condition(draft, tree.scalar("unless"), self.scope, given=when)
        valid_from, valid_to = self._valid()
        priority = tree.text("priority")
        rule = Rule(
            key=self.key,
            title=read_title(draft.translations, tree, self.item, place),
            help=read_text(draft.translations, tree, self.item, "help"),
            at=self.points,
            when=when,
            unless=unless,
            priority=int(priority) if priority else 0,
            valid_from=valid_from,
            valid_to=valid_to,
            then=tuple(self._outcomes()),
            place=place,
            was=tree.text("was"),
        )
        self._check_outcomes(rule)
        return rule

    # When -------------------------------------------------------------------------------------------------------------

    def _points(self) -> list[DecisionPoint]:
        found: list[DecisionPoint] = []
        for scalar in self.tree.scalars("at"):
            point = self._point(scalar)
            if point in found:
                self.draft.report.add("point_twice", scalar.place, name=scalar.text[:60])
            elif point is not None:
                found.append(point)
        return found

    def _point(self, scalar: Scalar) -> DecisionPoint | None:
        if scalar.text == "save":
            return SAVE
        action = scalar.text.removesuffix(COMPLETED)
        if action in self.form.actions:
            return DecisionPoint("completed" if action != scalar.text else "request", action)
        known = ["save", *(f"{key}{end}" for key in self.form.actions for end in ("", COMPLETED))]
        meant = suggest(scalar.text, known)
        self.draft.report.add(
            "unknown_point", scalar.place, suggestion=meant, name=scalar.text[:60], form=self.form.key
        )
        return None

    def _valid(self) -> tuple[date | None, date | None]:
        tree = self.tree.map("valid")
        first, last = self._day(tree.scalar("from")), self._day(tree.scalar("to"))
        to = tree.scalar("to")
        if first and last and to and last < first:
            self.draft.report.add("valid_backwards", to.place, to=last.isoformat(), first=first.isoformat())
        return first, last

    def _day(self, scalar: Scalar | None) -> date | None:
        if scalar is None:
            return None
        try:
            found = date.fromisoformat(scalar.text)
        except ValueError:
            found = None
        if found is None or found.isoformat() != scalar.text:
            self.draft.report.add(
                "bad_value", scalar.place, text=scalar.text[:60], reason="is not a date such as 2026-01-31"
            )
        return found

    # Then -------------------------------------------------------------------------------------------------------------

    def _outcomes(self) -> list[Effect]:
        trees = self.tree.list("then")
        found = (read_effect(self.draft, self.form, tree, self.scope, OF_RULES, self._said) for tree in trees)
        return [outcome for outcome in found if outcome is not None]

    def _said(self, word: str, tree: Tree | None) -> tuple[Template, str | None] | None:
        message = tree.scalar("message") if isinstance(tree, Map) else tree
        if not isinstance(message, Scalar):
            return None
        count = self.said[word] = self.said.get(word, 0) + 1
        attribute = word if count == 1 else f"{word}_{count}"
        text = read_template(self.draft, message, self.scope, self.item, attribute)
        field = tree.scalar("field") if isinstance(tree, Map) else None
        if field is not None and field.text not in self.form.fields:
            if (field.text,) not in self.form.broken:
                self.draft.unknown("unknown_field", field, self.form.fields, form=self.form.key)
            field = None
        return text, field.text if field else None

    def _check_outcomes(self, rule: Rule) -> None:
        """Tell of outcomes that mean nothing at one of the rule's points, and of fields that it sets twice."""
        given: dict[str, Place] = {}
        for outcome in rule.then:
            for point in rule.at:
                reason = outcome.nonsense_at(point.moment, sees_change=_looks_at_old(rule))
                if reason is not None:
                    self.draft.report.add(
                        "outcome_not_here", outcome.place, word=outcome.word, point=point, reason=reason
                    )
            for key in outcome.given:
                if key in given:
                    self.draft.report.add("set_again", outcome.place, field=key, line=given[key].line)
                given.setdefault(key, outcome.place)


def _looks_at_old(rule: Rule) -> bool:
    conditions: tuple[Formula | None, ...] = (rule.when, rule.unless)
    return any(path[0] == "old" for formula in conditions if formula is not None for path in formula.reads)
