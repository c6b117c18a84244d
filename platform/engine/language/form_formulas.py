"""Walks over what a form holds: every formula with the table whose columns it sees bare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from blankett.engine.effects import Effect
from blankett.engine.effects.base import Targeted
from blankett.engine.language.model import (
    Action,
    Approval,
    ApprovalStep,
    BlueprintMessage,
    Field,
    Form,
    Formula,
    Rule,
    Setting,
    Table,
    Template,
    Timer,
    Words,
)

NO_MESSAGES: Mapping[str, BlueprintMessage] = MappingProxyType({})
#: A formula, and the table in whose lines it is worked out, or None.
Placed = tuple[Formula, str | None]


def formulas_of(form: Form, messages: Mapping[str, BlueprintMessage] = NO_MESSAGES) -> Iterator[Placed]:
    """Yield every formula of a form that reads its own records, not those that pick others.

    With the blueprint's *messages*, also the formulas in those the form sends.
    """
    for field in form.every_field():
        for formula in field_formulas(field):
            yield formula, field.table
    for check in form.checks.values():
        yield check.that, None
        if check.when is not None:
            yield check.when, None
        yield from template_formulas(check.message)
    if form.show is not None:
        yield from template_formulas(form.show)
    for action in form.actions.values():
        for formula in action_formulas(action):
            yield formula, None
        for effect in action.effects:
            if effect.sends is not None and effect.sends in messages:
                yield from message_formulas(messages[effect.sends])
    for approval in form.approvals.values():
        for formula in approval_formulas(approval):
            yield formula, None
    for rule in form.rules.values():
        for formula in rule_formulas(rule, messages):
            yield formula, None
    for timer in form.timers.values():
        for formula in timer_formulas(timer, messages):
            yield formula, None
    for grant in form.grants:
        for found in (grant.where, *grant.who.formulas):
            if found is not None:
                yield found, None


def text_formulas(form: Form) -> Iterator[Placed]:
    """Yield the formulas in the words that stand beside a form's records: of actions, and in helps.

    They are no part of what the form does: words are always those of the newest version.
    """
    texts: list[tuple[Words | None, str | None]] = [(of.help, of.table) for of in form.every_field()]
    texts += [(state.help, None) for state in form.states.values()]
    for action in form.actions.values():
        texts += [(words, None) for words in (action.title, action.help, action.confirm)]
        texts += [(asked.help, None) for asked in action.ask.values()]
    for words, table in texts:
        if words is not None and words.pieces:
            yield from ((formula, table) for formula in words.formulas())


def called_tables(
    form: Form, messages: Mapping[str, BlueprintMessage], tables: Mapping[str, Table]
) -> dict[str, Table]:
    """Return the tables that the process of a form calls, also through others: not those that say who may act."""
    whos = [*(grant.who for grant in form.grants), *(action.by for action in form.actions.values())]
    people = {id(formula) for who in whos for formula in who.formulas}
    waiting = [formula for formula, _table in formulas_of(form, messages) if id(formula) not in people]
    waiting += picking_formulas(form)
    found: set[str] = set()
    for formula in waiting:  # grows on the way
        for name in formula.checked.calls & tables.keys() - found:
            found.add(name)
            waiting.extend(tables[name].formulas())
    return {key: table for key, table in tables.items() if key in found}


def picking_formulas(form: Form) -> Iterator[Formula]:
    """Yield the formulas that pick other records: what links may point at, what effects change, what facts count."""
    asked = (of for action in form.actions.values() for of in action.ask.values())
    for of in (*form.every_field(), *asked):
        where = of.options.get("where")
        if isinstance(where, Formula):
            yield where
    yield from (effect.picking for effect in every_effect(form) if effect.picking is not None)
    yield from (fact.where for fact in form.facts.values() if fact.where is not None)


def sent_messages(form: Form, messages: Mapping[str, BlueprintMessage]) -> dict[str, BlueprintMessage]:
    """Return the messages that the actions and rules of a form send."""
    sent = {effect.sends for effect in every_effect(form)}
    return {key: message for key, message in messages.items() if key in sent}


def field_formulas(field: Field) -> Iterator[Formula]:
    """Yield the formulas of a field that read its own record."""
    for found in (field.required, field.visible, field.editable, field.compute, field.fill):
        if isinstance(found, Formula):
            yield found
    if field.default is not None and field.default.formula is not None:
        yield field.default.formula
    if field.check is not None:
        yield field.check.that
        if field.check.message is not None:
            yield from (formula for formula, _table in template_formulas(field.check.message))
    for bound in (field.options.get("min"), field.options.get("max"), field.options.get("within")):
        if isinstance(bound, Formula):
            yield bound


def action_formulas(action: Action) -> Iterator[Formula]:
    """Yield the formulas of an action that read its own record."""
    if action.when is not None:
        yield action.when
    yield from action.by.formulas
    if action.message is not None:
        yield from (formula for formula, _table in template_formulas(action.message))
    for asked in action.ask.values():
        yield from field_formulas(asked)
    yield from (destination.when for destination in action.destinations if destination.when is not None)
    for effect in action.effects:
        yield from effect.formulas()


def approval_formulas(approval: Approval) -> Iterator[Formula]:
    """Yield the formulas of an approval: when steps are asked, and who decides them."""
    for step in approval.steps.values():
        for each in (step, *step.together.values()):
            yield from step_formulas(each)


def step_formulas(step: ApprovalStep) -> Iterator[Formula]:
    """Yield when a step is asked, and the formulas of who decides it; not those of steps in it."""
    if step.when is not None:
        yield step.when
    for approver in step.approvers:
        yield from approver.who.formulas


def rule_formulas(rule: Rule, messages: Mapping[str, BlueprintMessage] = NO_MESSAGES) -> Iterator[Formula]:
    """Yield the formulas of a rule, and with the blueprint's *messages* those of the ones it sends."""
    yield from (formula for formula in (rule.when, rule.unless) if formula is not None)
    for outcome in rule.then:
        yield from outcome.formulas()
        sent = messages.get(outcome.sends or "")
        for text in (outcome.text, *(sent.templates if sent is not None else ())):
            if text is not None:
                yield from (formula for formula, _table in template_formulas(text))


def timer_formulas(timer: Timer, messages: Mapping[str, BlueprintMessage] = NO_MESSAGES) -> Iterator[Formula]:
    """Yield the formulas of a timer that read its record, and with *messages* those of what it sends."""
    yield from timer.formulas()
    for effect in timer.then:
        yield from effect.formulas()
        sent = messages.get(effect.sends or "")
        if sent is not None:
            yield from (formula for formula, _table in message_formulas(sent))


def every_effect(form: Form) -> Iterator[Effect]:
    """Yield the effects of a form's actions and timers, and the outcomes of its rules."""
    for action in form.actions.values():
        yield from action.effects
    for rule in form.rules.values():
        yield from rule.then
    for timer in form.timers.values():
        yield from timer.then


def named_forms(form: Form) -> Iterator[tuple[str, Words]]:
    """Yield the full name of each form that a field, a question, a fact or an effect of *form* names, with the title of
    that or of the action, rule or timer that has the effect.
    """
    asked = (of for action in form.actions.values() for of in action.ask.values())
    yield from ((of.links_to, of.title) for of in (*form.every_field(), *asked) if of.links_to is not None)
    yield from ((fact.form, fact.title) for fact in form.facts.values())
    doing = [(action.title, action.effects) for action in form.actions.values()]
    doing += [(rule.title, rule.then) for rule in form.rules.values()]
    doing += [(timer.title, timer.then) for timer in form.timers.values()]
    for title, effects in doing:
        for effect in effects:
            target = effect.target.form if effect.target is not None else None
            yield from ((name, title) for name in (effect.makes, target) if name is not None)


def reached_form(form: Form, target: Targeted) -> str:
    """Return the full name of the form whose records an effect of *form* reaches; empty where it is not known."""
    if target.is_own:
        return form.name
    if target.form is not None:
        return target.form
    link = form.fields.get(target.link or "")
    return str(link.options.get("to")) if link else ""


def settings_of(rule: Rule) -> dict[str, Setting]:
    """Return what a rule gives to fields of the record."""
    return {key: setting for outcome in rule.then for key, setting in outcome.given.items()}


def set_formulas(form: Form) -> dict[tuple[str, ...], list[Formula]]:
    """Return the formulas by which rules give the form's fields values, by field path."""
    found: dict[tuple[str, ...], list[Formula]] = {}
    for rule in form.rules.values():
        for key, setting in settings_of(rule).items():
            if setting.formula is not None:
                found.setdefault((key,), []).append(setting.formula)
    return found


def template_formulas(template: Template) -> Iterator[Placed]:
    """Yield the formulas of a text in all its languages."""
    for pieces in template.pieces.values():
        for piece in pieces:
            if isinstance(piece, Formula):
                yield piece, None


def message_formulas(message: BlueprintMessage) -> Iterator[Placed]:
    """Yield the formulas of all texts of a message."""
    for text in message.templates:
        yield from template_formulas(text)
