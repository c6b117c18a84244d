"""What the outcomes of a rule are called where it is told what it did: ``set hold``, ``notify finance``."""

from __future__ import annotations

from collections.abc import Collection

from blankett.engine.blueprint.model import AssignEffect, CreateEffect, NotifyEffect, Rule, SetEffect
from blankett.engine.blueprint.rules import RefuseOutcome, RequireOutcome, WarnOutcome


def outcome_words(rule: Rule, changed: Collection[str]) -> tuple[str, ...]:
    """Return what a rule that fired did, in its author's order; of what it sets only the fields it *changed*."""
    found: list[str] = []
    for outcome in rule.then:
        match outcome:
            case SetEffect():
                found += [f"set {key}" for key in outcome.values if key in changed]
            case RefuseOutcome():
                found.append("refuse")
            case WarnOutcome():
                found.append("warn")
            case RequireOutcome():
                found.append(f"require {', '.join(sorted(outcome.roles))}")
            case NotifyEffect():
                found.append(f"notify {outcome.role or 'people'}")
            case AssignEffect():
                found.append("assign")
            case CreateEffect():
                found.append(f"create {outcome.form.partition('.')[2]}")
    return tuple(found)
