"""What holds a record up: the rules that refuse an action it can still come to, and which actions could change that.

A record at its start is held only by what refuses the actions out of it: what lies ahead of it cannot be judged yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from blankett.engine.blueprint.model import Action, Form
from blankett.engine.blueprint.rules import DecisionPoint, Rule
from blankett.engine.feel import BudgetExceeded
from blankett.engine.runtime.commands import FieldProblem
from blankett.engine.runtime.permits import Permit
from blankett.engine.runtime.ruling import foresee
from blankett.engine.runtime.views import Hold
from blankett.engine.runtime.work import Unit, Work


def holds_of(unit: Unit, work: Work, permit: Permit) -> tuple[Hold, ...]:
    """Return what holds the record, each rule once, in the order of the actions that are refused.

    A rule whose condition or text shows what the reader may not see is left out.
    """
    found: dict[str, Hold] = {}
    for action in coming_actions(work.process.form, work.record.state):
        for hold in _refusals(unit, work, permit, action):
            found.setdefault(hold.rule, hold)
    return tuple(found.values())


def coming_actions(form: Form, state: str | None) -> Iterator[Action]:
    """Yield the actions that some rule can refuse and that are not behind *state* in the author's order of states."""
    here = form.states.get(state or "")
    if here is None or here.final:
        return
    refusing = {point for rule in form.rules.values() if _refuses(rule) for point in rule.at}
    order = {key: place for place, key in enumerate(form.states)}
    for action in form.actions.values():
        if DecisionPoint("request", action.key) not in refusing:
            continue
        furthest = max((order[key] for key in action.sources if key in order), default=-1)
        if here.key in action.sources or (not here.start and furthest > order[here.key]):
            yield action


def _refuses(rule: Rule) -> bool:
    return any(outcome.refuses for outcome in rule.then)


def _refusals(unit: Unit, work: Work, permit: Permit, action: Action) -> Iterator[Hold]:
    form = work.process.form
    try:
        problems = foresee(unit, work, DecisionPoint("request", action.key)).refusals
    except BudgetExceeded:  # taking the action tells
        return
    for problem in problems:
        rule = form.rules.get(problem.key)
        if problem.message == "said" and rule is not None and _may_hear(permit, action, rule, problem):
            read = {path[0] for path in rule.reads}
            ways = tuple(way.key for way in form.actions_from(work.record.state) if _sets(way, read))
            title, text = rule.title.say(unit.actor.language), str(problem.params["text"])
            yield Hold(rule.key, title, text, ways, _is_internal(form, rule, problem))


def _is_internal(form: Form, rule: Rule, problem: FieldProblem) -> bool:
    """Tell whether the rule's text shows what is for the house alone."""
    fields = (form.fields.get(path[0]) for path in _shown(rule, problem))
    return any(field is not None and form.is_internal(field) for field in fields)


def _shown(rule: Rule, problem: FieldProblem) -> set[tuple[str, ...]]:
    """Return what the rule's text shows."""
    said = (each.text for each in rule.then if each.refuses and each.place == problem.place)
    return {path for text in said if text is not None for path in text.reads}


def _may_hear(permit: Permit, action: Action, rule: Rule, problem: FieldProblem) -> bool:
    """Tell whether the reader may see all that the rule reads; what is counted is told to who may take the action."""
    paths = {*rule.reads, *_shown(rule, problem)}
    counted = {path for path in paths if path == ("facts",)}  # a text that does not say which
    return all(map(permit.can_read_name, paths - counted)) and (not counted or permit.may_act(action))


def _sets(action: Action, fields: set[str]) -> bool:
    """Tell whether an action gives one of *fields* a new value."""
    return any(not fields.isdisjoint(effect.given) for effect in action.effects)
