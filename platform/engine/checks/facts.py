"""Checks of facts: that the store can be asked for them, and that something wants them."""

from __future__ import annotations

from blankett.engine.blueprint.model import Fact, Form
from blankett.engine.blueprint.walk import formulas_of
from blankett.engine.checks.subject import Subject

#: The parts of a form that read facts.
READING = ("rules", "checks", "actions", "fields")


def check_facts(subject: Subject) -> None:
    """Tell of facts over values that are not stored, and of facts nothing reads."""
    forms = {form.name: form for form in subject.forms()}
    for form in subject.forms():
        if not subject.is_sound("forms", form.key, "facts"):
            continue
        read = _facts_read(subject, form)
        for fact in form.facts.values():
            if not _is_stored(forms.get(fact.form), fact):
                subject.report.add("fact_not_stored", fact.place, name=f"{fact.form.partition('.')[2]}.{fact.field}")
            elif fact.key not in read and all(subject.is_sound("forms", form.key, part) for part in READING):
                subject.report.add("unused_fact", fact.place, name=fact.key)


def _is_stored(form: Form | None, fact: Fact) -> bool:
    of = form.fields.get(fact.path[0]) if form is not None and fact.path else None
    return of is None or of.is_stored


def _facts_read(subject: Subject, form: Form) -> set[str]:
    """Return the keys of the facts that any formula of the form reads, also in what it says."""
    paths = (path for formula, _table in formulas_of(form, subject.blueprint.messages) for path in formula.reads)
    return {path[1] for path in paths if path[0] == "facts" and len(path) > 1}
