"""Checks of what is asked of the store: conditions that pick records, sorting, and the slots they need."""

from __future__ import annotations

from collections.abc import Iterator

from blankett.engine.checks.subject import Subject
from blankett.engine.feel import ListOf, Text, parse_expression
from blankett.engine.feel.sql import sql_findings
from blankett.engine.feel.tree import ListLiteral
from blankett.engine.language.form_formulas import every_effect, reached_form
from blankett.engine.language.model import Form, Formula
from blankett.engine.store.record_columns import FormColumns
from blankett.engine.store.slots import SLOTS_BY_KIND, SlotMap, give_slots, wanted_slots

SLOT_WORDS = {"text": "texts, choices, links and people", "number": "numbers", "date": "dates"}


def check_slots(subject: Subject) -> None:
    """Tell of fields for which no slot is left."""
    for form in subject.forms():
        for want in give_slots(SlotMap(), wanted_slots(subject.blueprint, form), {}, ready=True).left_over:
            most = len(SLOTS_BY_KIND[want.kind])
            place = subject.place("forms", form.key, "fields", want.path)
            words = SLOT_WORDS[want.kind]
            subject.report.add("slots_run_out", place, field=want.path, form=form.key, most=most, kind=words)


def check_wheres(subject: Subject) -> None:
    """Tell of conditions that pick records and cannot be asked of the store."""
    columns = {form.name: _columns(subject, form) for form in subject.forms()}
    for form in subject.forms():
        for formula, name in wheres(form):
            if formula.checked.errors or name not in columns:
                continue
            for finding in sql_findings(formula.expression, formula.scope, columns[name]):
                subject.report.add("not_searchable", formula.place, message=finding.message)
                break


def check_people(subject: Subject) -> None:
    """Tell of grants whose people cannot be found by the store, so that lists would leave their records out."""
    for form in subject.forms():
        columns = _columns(subject, form)
        for who in (formula for grant in form.grants for formula in grant.who.formulas):
            if who.checked.errors:
                continue
            for text in _named(who):
                findings = sql_findings(parse_expression(f"({text}) = user"), who.scope, columns)
                if findings:
                    subject.report.add("not_searchable", who.place, message=findings[0].message)


def _named(who: Formula) -> Iterator[str]:
    """Yield the formulas of the people a formula names; roles, which are texts, are left out."""
    items = who.expression.items if isinstance(who.expression, ListLiteral) else (who.expression,)
    given = who.checked.type
    if not isinstance(given.item if isinstance(given, ListOf) else given, Text):
        yield from (who.text[item.start : item.end] for item in items)


def _columns(subject: Subject, form: Form) -> FormColumns:
    gift = give_slots(SlotMap(), wanted_slots(subject.blueprint, form), {}, ready=True)
    return FormColumns(form, SlotMap(gift.new))


def wheres(form: Form) -> Iterator[tuple[Formula, str]]:
    """Yield every condition that picks records, with the full name of their form."""
    for view in form.lists.values():
        if view.where is not None:
            yield view.where, form.name
    for grant in form.grants:
        if grant.where is not None:
            yield grant.where, form.name
    asked = (of for action in form.actions.values() for of in action.ask.values())
    for of in (*form.every_field(), *asked):
        where = of.options.get("where")
        if isinstance(where, Formula):
            yield where, str(of.options.get("to"))
    for fact in form.facts.values():
        if fact.where is not None:
            yield fact.where, fact.form
    for effect in every_effect(form):
        if effect.picking is not None and effect.target is not None:
            yield effect.picking, reached_form(form, effect.target)


def check_sorts(subject: Subject) -> None:
    """Tell of lists sorted by what is not stored, or has no order."""
    for form in subject.forms():
        for view in form.lists.values():
            for column, _descending in view.sort:
                of = form.fields.get(column)
                if of is None:
                    continue
                place = subject.place("forms", form.key, "lists", view.key, "sort")
                if not of.is_stored:
                    subject.report.add("sort_not_stored", place, field=column)
                elif of.type.slot is None:
                    subject.report.add("sort_no_order", place, field=column, type=of.type.name)
