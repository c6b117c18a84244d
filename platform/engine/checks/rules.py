"""Checks of rules: those that contradict each other, never fire, decide nothing, or never come to rest."""

from __future__ import annotations

from blankett.engine.checks.subject import Subject
from blankett.engine.rules.boxes import Work
from blankett.engine.rules.conflicts import rule_findings
from blankett.engine.rules.spaces import MOST_STEPS_TOGETHER


def check_rules(subject: Subject) -> None:
    """Tell what comparing the rules of each sound form shows."""
    forms = {form.name: form for form in subject.forms()}
    shared = Work(MOST_STEPS_TOGETHER)
    for form in subject.forms():
        path = ("forms", form.key)
        parts = ("fields", "states", "actions", "facts", "rules")
        if form.rules and subject.is_sound("tables") and all(subject.is_sound(*path, part) for part in parts):
            for finding in rule_findings(form, forms, subject.blueprint, shared):
                subject.report.add(finding.name, finding.place, suggestion=None, **finding.params)
