"""The rules of a form: when they are looked at, their conditions, and what follows."""

from __future__ import annotations

from datetime import date

from blankett.engine.effects import OF_RULES, Effect
from blankett.engine.language.loader.effect_reader import read_effect
from blankett.engine.language.loader.formulas import read_condition, read_template
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint
from blankett.engine.language.loader.scopes import Scopes
from blankett.engine.language.loader.translations import read_text, read_title
from blankett.engine.language.model import SAVE, DecisionPoint, Formula, Place, Rule, Template
from blankett.engine.language.problems import suggest
from blankett.engine.language.source import Map, Scalar, Tree

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
