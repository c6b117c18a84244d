"""What is found about rules: what there is to tell, of which rule, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from blankett.engine.analysis.examples import joined
from blankett.engine.analysis.regions import Box, PointRules
from blankett.engine.language.model import Form, Place, Rule

#: So many rules are named in one message.
MOST_NAMED = 4


@dataclass(frozen=True)
class RuleFinding:
    """Something that can be said of rules; *params* are those of the problem *name*."""

    name: str
    rule: Rule
    place: Place
    params: Mapping[str, object] = field(default_factory=dict)
    #: Whether it matters only where it can be said at all points of the rule.
    everywhere: bool = False

    @property
    def key(self) -> tuple[str, str, int]:
        """Return what two findings have in common that say the same at two points."""
        return self.name, self.rule.key, self.place.start


def finding(rules: PointRules, name: str, rule: Rule, place: Place, /, **params: object) -> RuleFinding:
    """Return a finding about a rule of a point."""
    return RuleFinding(name, rule, place, {"rule": rule.key, "point": rules.point, **params})


def finding_everywhere(rules: PointRules, name: str, rule: Rule, place: Place, /, **params: object) -> RuleFinding:
    """Return a finding about a rule of a point, that matters only if it can be said at all of the rule's points."""
    return replace(finding(rules, name, rule, place, **params), everywhere=True)


def rule_words(rules: Sequence[Rule]) -> str:
    """Return rules by their keys, ``'hold' and 'rush'``; of many the first few."""
    names = [repr(rule.key) for rule in rules]
    if len(names) > MOST_NAMED:
        names[MOST_NAMED - 1 :] = [f"{len(names) - MOST_NAMED + 1} others"]
    return joined(names)


def for_example(rules: PointRules, boxes: Sequence[Box]) -> str:
    """Return the end of a sentence that gives an example of boxes; empty where they are everything."""
    words = rules.spaces.words(boxes[0]) if boxes else ""
    return f", say for {words}" if words else ""


def is_later(form: Form, one: Rule, other: Rule) -> bool:
    """Tell whether *one* stands behind *other*."""
    keys = list(form.rules)
    return keys.index(one.key) > keys.index(other.key)


def surely_both(rules: PointRules, one: Rule, other: Rule) -> Box | None:
    """Return a box in which both rules surely fire; None where that is not sure.

    Where one fires only when the other does, too, it is sure, for a rule is there to fire at some time.
    """
    left, right = rules.fires[one.key], rules.fires[other.key]
    for inner, outer in ((left, right), (right, left)):
        if inner and rules.spaces.covers(outer, inner):
            return inner[0]
    pairs = ((a, b) for a in left for b in right)
    return next((found for a, b in pairs if (found := rules.spaces.certain([a, b])) is not None), None)
