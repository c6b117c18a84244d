"""Checks of rules and of what they count: contradictions, rules that never fire or never end, counts nobody wants."""

from __future__ import annotations

from blankett.engine.analysis.regions import MOST_STEPS_TOGETHER, StepCounter
from blankett.engine.analysis.rule_analysis import rule_findings
from blankett.engine.checks.subject import Subject
from blankett.engine.language.form_formulas import formulas_of
from blankett.engine.language.model import Fact, Form

#: A text of up to so many characters may take half as many steps again: so little of it is left to read that it need
#: not lose a finding.
SMALL_TEXT = 50_000


def steps_for(text: str) -> int:
    """Return the steps that are spent on the decision points of a text."""
    return MOST_STEPS_TOGETHER * 3 // 2 if len(text) <= SMALL_TEXT else MOST_STEPS_TOGETHER


def check_rules(subject: Subject) -> None:
    """Tell what comparing the rules of each sound form shows."""
    forms = {form.name: form for form in subject.forms()}
    shared = StepCounter(steps_for(subject.blueprint.source))
    for form in subject.forms():
        path = ("forms", form.key)
        parts = ("fields", "states", "actions", "facts", "rules")
        if form.rules and subject.is_sound("tables") and all(subject.is_sound(*path, part) for part in parts):
            for finding in rule_findings(form, forms, subject.blueprint, shared):
                subject.report.add(finding.name, finding.place, suggestion=None, **finding.params)


#: The parts of a form that read facts.
READING = ("rules", "checks", "actions", "fields")


def check_facts(subject: Subject) -> None:
    """Tell of facts over values that are not stored, of those nothing reads, and of computes that read one and also
    change by themselves.
    """
    forms = {form.name: form for form in subject.forms()}
    for form in subject.forms():
        for field in form.fields.values():
            if field.live and field.compute is not None and any(path[0] == "facts" for path in field.compute.reads):
                subject.report.add("live_fact", field.compute.place, field=field.key)
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
