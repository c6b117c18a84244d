"""Checks of rules: those that contradict each other, never fire, decide nothing, or never come to rest."""

from __future__ import annotations

from blankett.engine.checks.subject import Subject
from blankett.engine.rules.conflicts import rule_findings


def check_rules(subject: Subject) -> None:
    """Tell what comparing the rules of each sound form shows."""
    forms = {form.name: form for form in subject.forms()}
    for form in subject.forms():
        path = ("forms", form.key)
        parts = ("fields", "states", "actions", "facts", "rules")
        if form.rules and subject.is_sound("tables") and all(subject.is_sound(*path, part) for part in parts):
            for finding in rule_findings(form, forms, subject.blueprint):
                subject.report.add(finding.name, finding.place, suggestion=None, **finding.params)
