"""Open a record for somebody: its fields as they may see them, actions with reasons, what holds it up, history,
neighbours; or a glance at it, for one action.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from blankett.engine.feel import BudgetExceeded
from blankett.engine.fields.base import Value
from blankett.engine.fields.reader import Reader
from blankett.engine.language.model import Action, DecisionPoint, Destination, Form, Rule, Words
from blankett.engine.records.command import FieldProblem
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.current_version import CurrentForm
from blankett.engine.records.eligible_actors import named_by_formulas, who_reason
from blankett.engine.records.evaluation_context import LineScope, Situation, path_of
from blankett.engine.records.explain.filled_text import MayRead, say_words
from blankett.engine.records.explain.reasons import Reason
from blankett.engine.records.permit import Permit
from blankett.engine.records.read.approval_view import approvals_seen, foresee_approval
from blankett.engine.records.read.record_sheet import RecordSheet, SheetField, sheet_of
from blankett.engine.records.read.related_records import related_of
from blankett.engine.records.read.results import (
    ActionView,
    Amount,
    FieldView,
    Hold,
    LineView,
    RecordHead,
    RecordView,
    SectionView,
    StateView,
    Target,
)
from blankett.engine.records.read.timeline import MOST_EVENTS, History, state_of, state_view, travelled
from blankett.engine.records.read.timer_view import timers_of
from blankett.engine.records.record_access import stored_permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.actions import first_answers, guard_reasons
from blankett.engine.records.write.destinations import known_destination
from blankett.engine.records.write.discard import may_discard
from blankett.engine.records.write.rule_rounds import foresee, unmet
from blankett.engine.rules import rule_set
from blankett.engine.sentences import Sentence, sentence
from blankett.engine.store import StoredEvent, StoredRecord


def glance(unit: Unit, id: str, action: str) -> RecordHead | None:
    """Return the record as the actor may see it, with the *action* alone if it leads out of its state; else None.

    Says nothing of what would keep the action: whoever takes it is told.
    """
    stored = unit.linked.record(id)
    if stored is None:
        return None
    unit.locate(stored.workspace)
    process = unit.catalog.process_of(stored)
    permit = stored_permit(unit, process, stored)
    if not permit.may("view"):
        return None
    current, language, form = unit.catalog.current(process), unit.actor.language, process.form
    views = tuple(
        _view(found, current.action(found)[1], language)
        for found in form.actions_from(stored.state)
        if found.key == action and permit.has_takers(found)
    )
    return RecordHead(
        id=stored.id,
        blueprint=stored.blueprint,
        form=form,
        form_now=current.newest or form,
        form_title=current.title().say(language),
        version=stored.version,
        workspace=stored.workspace,
        revision=stored.revision,
        title=stored.title,
        number=stored.number,
        state=state_view(current, form, stored.state, language) if stored.state else None,
        owner=None,
        assignee=None,
        department=None,
        created_at=stored.created_at,
        created_by=Target(stored.created_by, ""),
        changed_at=stored.changed_at,
        actions=views,
        may_edit=permit.may("edit"),
        may_comment=permit.may("comment"),
    )


def _view(action: Action, described: Action, language: str) -> ActionView:
    done = described.done.say(language) if described.done else None
    return ActionView(action, action.key, described.title.say(language), is_enabled=True, done=done)


def holds_of(unit: Unit, work: Work, permit: Permit) -> tuple[Hold, ...]:
    """Return what holds the record, each rule once, in the order of the actions that are refused.

    A rule whose condition reads what the reader may not see is left out, unless taking an action would tell them of it.
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
        if problem.message == "said" and rule is not None and _may_hear(work, permit, action, rule, problem):
            read = {path[0] for path in rule.reads}
            ways = tuple(way.key for way in form.actions_from(work.record.state) if _sets(way, read))
            title, text = rule.title.say(unit.actor.language), problem.params["text"]
            yield Hold(rule.key, title, text, ways, _is_internal(form, rule, problem))


def _is_internal(form: Form, rule: Rule, problem: FieldProblem) -> bool:
    """Tell whether the rule's text shows what is for the house alone."""
    fields = (form.fields.get(path[0]) for path in _shown(rule, problem))
    return any(field is not None and form.is_internal(field) for field in fields)


def _shown(rule: Rule, problem: FieldProblem) -> set[tuple[str, ...]]:
    """Return what the rule's text shows."""
    said = (each.text for each in rule.then if each.refuses and each.place == problem.place)
    return {path for text in said if text is not None for path in text.reads}


def _may_hear(work: Work, permit: Permit, action: Action, rule: Rule, problem: FieldProblem) -> bool:
    """Tell whether the reader may know that the rule refuses: by what it reads, or because taking the action tells it.

    What of its text they may not see is hidden in it. What is counted is told to who may take the action.
    """
    if permit.may_act(action):
        return work.record.state in action.sources or all(map(permit.can_read_name, rule.reads - {("facts",)}))
    counted = {path for path in {*rule.reads, *_shown(rule, problem)} if path == ("facts",)}
    return not counted and all(map(permit.can_read_name, rule.reads))


def _sets(action: Action, fields: set[str]) -> bool:
    """Tell whether an action gives one of *fields* a new value."""
    return any(not fields.isdisjoint(effect.given) for effect in action.effects)


@dataclass(frozen=True)
class Look:
    """One reader's look at one record: what all parts of the view are made from."""

    unit: Unit
    process: Process
    permit: Permit
    current: CurrentForm
    #: Opens the record.
    open: Callable[[], Work]

    @cached_property
    def work(self) -> Work:
        """Return the opened record."""
        return self.open()

    @property
    def situation(self) -> Situation:
        """Return the record's situation."""
        return self.work.situation

    @property
    def reader(self) -> Reader:
        """Return who reads."""
        return self.unit.reader

    @property
    def sheet(self) -> RecordSheet:
        """Return the fields that the reader sees of such records."""
        return sheet_of(self.permit, self.reader)

    @property
    def language(self) -> str:
        """Return the reader's language."""
        return self.unit.actor.language

    def say(self, words: Words | None) -> str:
        """Return words of the newest version that stand beside the record, as the reader may know them; empty for
        None.
        """
        if words is None or not words.pieces:
            return words.say(self.language) if words else ""
        return say_current(words, self.situation, self.current, self.permit, self.reader)


def say_current(words: Words, situation: Situation, current: CurrentForm, permit: Permit, reader: Reader) -> str:
    """Return words of the newest version that stand beside a record of any version, as a reader may know them."""
    former = current.former

    def may_read(path: tuple[str, ...]) -> bool:
        return permit.can_read_name((former.get(path[0], path[0]), *path[1:]))

    try:
        return say_words(words, situation, reader, may_read, current.renamed(situation.names))
    except BudgetExceeded:
        return words.say(reader.language)


def look_at(unit: Unit, stored: StoredRecord, *, authority: bool = False, live: bool = True) -> Look | None:
    """Return the actor's look at a record, live fields worked out; None when they may not see it.

    With *authority* nobody is asked: for scenarios, which compare what is stored. Without *live* they are left alone.
    """
    look = unopened_look(unit, stored, authority=authority, live=live)
    if look is not None:
        _ = look.work
    return look


def unopened_look(unit: Unit, stored: StoredRecord, *, authority: bool = False, live: bool = True) -> Look | None:
    """Return the same; its values are not read until somebody asks for them, which must be before the next look."""
    unit.locate(stored.workspace)
    process = unit.catalog.process_of(stored)
    permit = stored_permit(unit, process, stored)
    if not permit.may("view") and not authority:
        return None

    def opened() -> Work:
        work = unit.open(stored)
        if live:
            work.situation.refresh_live()
        return work

    return Look(unit, process, permit, unit.catalog.current(process), opened)


def open_record(unit: Unit, id: str, asked: str = "") -> RecordView | None:
    """Return the record as the actor may see it; None when there is none, or none for them. *asked*: the action whose
    question is put: what it starts with, and what is said beside it.
    """
    stored = unit.linked.record(id)
    look = unopened_look(unit, stored) if stored is not None else None
    return None if stored is None or look is None else _view_of(look, stored, asked)


def _view_of(look: Look, stored: StoredRecord, asked: str) -> RecordView:
    unit = look.unit
    events = unit.linked.reading.events(stored.organisation, stored.id, limit=MOST_EVENTS)[::-1]
    history = _history_of(look)
    history.load(events, stored)
    timeline, passed = history.entries(events, stored.revision), tuple(map(history.state, travelled(events)))
    head = _head_of(look, stored, history, events)
    return RecordView(
        **{
            **vars(head),
            "actions": tuple(_action_view(look, action, is_asked=action.key == asked) for action in _offered(look)),
            "holds": holds_of(unit, look.work, look.permit),
            "move": next((entry for entry in timeline if entry.state is not None), None),
            "came_from": passed[-2] if len(passed) > 1 else None,
        },
        timeline=timeline,
        travelled=passed,
        sections=sections_of(look),
        related=related_of(unit, stored, look.reader),
        values=readable_values(look),
        amount=amount_of(look),
        timers=timers_of(unit, look.process, look.permit, stored),
        approvals=approvals_seen(unit, look.work, look.permit) if look.process.form.approvals else (),
    )


def open_head(unit: Unit, id: str) -> RecordHead | None:
    """Return the record without what it says, as the actor may see it; None when there is none, or none for them. Of
    what happened it reads how the record came into its state; of the actions it tells those by which it is let go.
    """
    stored = unit.linked.record(id)
    look = unopened_look(unit, stored) if stored is not None else None
    if stored is None or look is None:
        return None
    events = unit.linked.reading.moves(stored.organisation, stored.id, limit=MOST_EVENTS)[::-1]
    history = _history_of(look)
    head = _head_of(look, stored, history, events)
    led = [event for event in events if state_of(event) is not None]
    is_holdable = any(coming_actions(look.process.form, stored.state))
    holds = holds_of(unit, look.work, look.permit) if is_holdable else ()
    ways = {way for hold in holds for way in hold.ways}
    return replace(
        head,
        holds=holds,
        actions=actions_of(look, ways) if ways else (),
        move=history.move(led[-1]) if led else None,
        came_from=history.state(travelled(led)[-2]) if len(led) > 1 else None,
    )


def _history_of(look: Look) -> History:
    return History(look.process, look.current, look.permit, look.unit.linked, look.reader)


def _head_of(look: Look, stored: StoredRecord, history: History, events: Sequence[StoredEvent]) -> RecordHead:
    """Return where a record stands; *events* are those that led it there, at least. Actions and holds are not asked."""
    form = look.process.form
    return RecordHead(
        id=stored.id,
        blueprint=stored.blueprint,
        form=form,
        form_now=look.current.newest or form,
        form_title=look.current.title().say(look.language),
        version=stored.version,
        workspace=stored.workspace,
        revision=stored.revision,
        title=stored.title,
        number=stored.number,
        state=_state_view(look, stored, history),
        owner=history.person(stored.owner) if stored.owner else None,
        department=_department(look.unit, stored.department),
        assignee=history.person(stored.assignee) if stored.assignee else None,
        created_at=stored.created_at,
        created_by=history.person(stored.created_by),
        changed_at=stored.changed_at,
        actions=(),
        states=tuple(history.state(key) for key, state in form.states.items() if not state.retired),
        may_edit=look.permit.may("edit"),
        may_comment=look.permit.may("comment"),
        may_discard=may_discard(look.permit, stored, events),
    )


def _state_view(look: Look, stored: StoredRecord, history: History) -> StateView | None:
    """Return the state the record is in, with what the author says about it."""
    key = stored.state
    if key is None:
        return None
    state = look.process.form.states.get(key)
    return replace(history.state(key), help=look.say(look.current.described_state(state).help) if state else "")


# Fields ---------------------------------------------------------------------------------------------------------------


def sections_of(look: Look) -> tuple[SectionView, ...]:
    """Return the sections of the newest version with the fields the reader sees; empty ones are left out."""
    hidden = look.situation.hidden
    views = (
        SectionView(
            section.key,
            section.title,
            tuple([_field_view(look, of) for of in section.fields if of.own.key not in hidden]),
        )
        for section in look.sheet.sections
    )
    return tuple(view for view in views if view.fields)


def amount_of(look: Look) -> FieldView | None:
    """Return what the record is about, with its value; None where the form says none or the reader may not see it."""
    field = look.current.amount_field()
    of = look.sheet.fields.get(field.key) if field is not None else None
    return _field_view(look, of) if of is not None and of.own.key not in look.situation.hidden else None


def shows_values(current: CurrentForm, actions: Iterable[Action]) -> bool:
    """Tell whether the titles of *actions*, or the amount, show what must be worked out in an opened record."""
    field = current.amount_field()
    return (field is not None and field.live) or any(current.action(action)[1].title.pieces for action in actions)


def stored_amount_of(look: Look, stored: StoredRecord) -> Amount | None:
    """Return the same in brief; a record that keeps its amount is not opened."""
    field = look.current.amount_field()
    if field is None or field.key in stored.hidden or not look.permit.can_read(field.path):
        return None
    source = look.process.currencies.get(field.path)
    if field.live:
        value, currency = look.situation.values.get(field.key), look.situation.currency(source)
    else:
        kept = stored.data.get(field.key)
        value = None if kept is None else field.type.from_stored(kept, field)
        currency = source.of_stored(stored.data) if source is not None else None
    return Amount(look.current.field(field), value, currency)


def _department(unit: Unit, id: str | None) -> Target | None:
    """Return the department that a record belongs to; None where there is none."""
    found = unit.directory().find(id) if id is not None else None
    return None if found is None else Target(found.id, found.title)


def _field_view(look: Look, of: SheetField, line: LineScope | None = None) -> FieldView:
    """Return one field or cell as the reader sees it."""
    situation, own = look.situation, of.own
    if own.columns:
        lines = situation.lines[own.key] if of.columns else ()
        return FieldView(of, None, lines=tuple([_line_view(look, of.columns, scope) for scope in lines]))
    value = (situation.values if line is None else line.values).get(own.key)
    return FieldView(
        of,
        value,
        situation.currency(of.currency, line) if of.currency else None,
        _target(look, of, value) if own.type.points_to and isinstance(value, str) else None,
    )


def _line_view(look: Look, columns: tuple[SheetField, ...], line: LineScope) -> LineView:
    hidden = look.situation.hidden
    cells = {
        column.own.key: _field_view(look, column, line)
        for column in columns
        if not hidden or path_of(column.own, line) not in hidden
    }
    return LineView(line.id, cells)


def _target(look: Look, of: SheetField, value: str) -> Target:
    pointed = of.own.type.points_to
    assert pointed is not None
    title = look.unit.linked.title_of(pointed, value)
    return Target(value, value if title is None else title, *((of.to,) if pointed == "record" else ()))


def readable_values(look: Look) -> Mapping[str, Any]:
    """Return field → value of what the reader may see and is not hidden; lines with the columns they may see."""
    situation = look.situation
    values = {
        key: value
        for key, value in situation.values.items()
        if key not in situation.hidden and look.permit.can_read((key,))
    }
    return look.permit.masked_lines(values)


# Actions --------------------------------------------------------------------------------------------------------------


def actions_of(look: Look, keys: Container[str] | None = None) -> tuple[ActionView, ...]:
    """Return the actions out of the record's state, or those of them with *keys*; those that cannot be taken now with
    the reasons.
    """
    return tuple(_action_view(look, action) for action in _offered(look) if keys is None or action.key in keys)


def _offered(look: Look) -> Iterator[Action]:
    """Yield the actions out of the record's state that anybody may take at all."""
    return filter(look.permit.has_takers, look.process.form.actions_from(look.work.record.state))


def _action_view(look: Look, action: Action, *, is_asked: bool = False) -> ActionView:
    reasons = tuple(reasons_of(look, action))
    described = look.current.action(action)[1]
    lead = _lead(look, action)
    return ActionView(
        action=action,
        key=action.key,
        title=look.say(described.title),
        is_enabled=not reasons,
        reasons=reasons,
        confirm=look.say(described.confirm) or None,
        done=described.done.say(look.language) if described.done else None,
        answers=_answers(look, action) if is_asked and not reasons else {},
        help=(look.say(described.help) or None) if is_asked else None,
        leads_to=lead.to if lead is not None else None,
        leads=_leads(look, action, lead),
        asked_helps={key: look.say(of.help) for key, of in described.ask.items() if of.help is not None}
        if is_asked
        else {},
        follows=foresee_approval(look.unit, look.work, action) if is_asked and not reasons else (),
    )


def _lead(look: Look, action: Action) -> Destination | None:
    try:
        return known_destination(action, look.situation, look.permit.can_read_name)
    except BudgetExceeded:  # taking the action tells
        return None


def _leads(look: Look, action: Action, lead: Destination | None) -> Sentence | None:
    """Return to which state the action leads, or may lead, where conditions decide; None where none does."""
    if not action.depends:
        return None
    states = look.process.form.states
    if lead is not None:
        return sentence("record.leads_to", state=states[lead.to].title)
    titles = tuple(states[to].title for to in action.targets if to in states)
    return sentence("record.leads_to_one", states=titles)


def _answers(look: Look, action: Action) -> Mapping[str, Value]:
    try:
        return first_answers(look.work, action)
    except BudgetExceeded:  # taking the action tells
        return {}


def reasons_of(look: Look, action: Action, may_read: MayRead | None = None) -> Iterator[Reason]:
    """Yield why the action cannot be taken: who could, the conditions that fail with the values they saw, and the rules
    that would refuse it or ask for somebody else.

    *may_read*: what may be told, where that is less than the actor may read; a rule's text is then left out
    where it shows more.
    """
    readable = may_read or look.permit.can_read_name
    try:
        if not look.permit.may_act(action):
            named = named_by_formulas(look.permit, action, look.situation.names, look.situation.moment)
            yield who_reason(look.permit, action, named, readable, look.unit)
        yield from guard_reasons(look.work, action, readable)
        if look.process.form.rules and look.permit.may_act(action):
            yield from _rule_reasons(look, action, may_read)
    except BudgetExceeded:
        yield Reason("formula.budget", {"reason": ""}, action.place)


def _rule_reasons(look: Look, action: Action, may_read: MayRead | None = None) -> Iterator[Reason]:
    """Yield what the rules at the action's request would refuse, as far as that is known before it is asked for."""
    ruling = foresee(look.unit, look.work, DecisionPoint("request", action.key))
    stopped = ruling.loop.problems if ruling.loop is not None else ()
    problems = [*stopped, *ruling.refusals, *unmet(look.unit, look.work, ruling, look.permit)]
    for problem in problems:
        if problem.message == "said":
            yield _refused(look, problem, may_read)
        else:
            yield Reason(problem.message, problem.params, problem.place)


def _refused(look: Look, problem: FieldProblem, may_read: MayRead | None) -> Reason:
    """Return what a rule says that refuses an action; its title, and its text as far as *may_read*."""
    if may_read is None:
        return Reason("plain", {"value": problem.params["text"]}, problem.place)
    rule = look.process.form.rules[problem.key]
    said = (each.text for each in rule.then if each.refuses and each.place == problem.place)
    paths = [path for text in said if text is not None for path in text.reads]
    params: dict[str, object] = {"rule": rule.title}
    if not all(map(may_read, paths)) or ("facts",) in paths:
        return Reason("access.rule", params, problem.place)
    return Reason("access.rule_text", {**params, "text": problem.params["text"]}, problem.place)


def open_actions(look: Look) -> frozenset[str]:
    """Return the keys of the actions the actor could take now."""
    found = look.process.form.actions_from(look.work.record.state)
    return frozenset(action.key for action in found if is_open(look, action))


def is_open(look: Look, action: Action) -> bool:
    """Tell whether the actor may take an action now: by access, guard and rules."""
    if not look.permit.may_act(action):
        return False
    try:
        if action.when is not None and action.when.evaluate(look.situation.names, look.situation.moment) is not True:
            return False
        if not look.process.form.rules or not rule_set(look.process.form, DecisionPoint("request", action.key)).rules:
            return True
        return not any(True for _ in _rule_reasons(look, action))
    except BudgetExceeded:
        return False
