"""Explain what decided: the decisions kept with an event, and what an action asks for now, as somebody may see them.

Stored decisions hold the values they saw. Who reads them sees what they may see today, in the titles of today; what
the version they were taken by said stays said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from blankett.engine.effects import EFFECTS_BY_WORD
from blankett.engine.effects.base import OWN, ToldOf
from blankett.engine.feel import BudgetExceeded
from blankett.engine.language.model import LEFT_OUT, Action, Blueprint, DecisionPoint, Form
from blankett.engine.paths import OTHER_ROOTS, Path, record_path
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.decisions import Decision, decisions_from
from blankett.engine.records.eligible_actors import named_actors, named_by_formulas, row_params, rows_of
from blankett.engine.records.explain.condition_sentences import Teller, path_title
from blankett.engine.records.explain.reasons import Reason
from blankett.engine.records.permit import Permit
from blankett.engine.records.read.record_view import Look, look_at, reasons_of
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.records.write.destinations import LEAD, decisive, known_destination
from blankett.engine.records.write.rule_rounds import foresee
from blankett.engine.sentences import Sentence, sentence
from blankett.engine.store import StoredEvent
from blankett.engine.trace import RowsHit, redacted, trace, trace_from_json

MayRead = Callable[[tuple[str, ...]], bool]


@dataclass(frozen=True)
class Explained:
    """One thing that decided, or that stands in the way."""

    #: rule | table | guard | who
    kind: str
    #: "Rule Credit hold", "What Approve asks for", "Row 4 of Approval matrix".
    title: Sentence
    #: What it did: "set On hold", "told Finance".
    outcomes: tuple[object, ...]
    #: Where it stands: blueprint, version, line from 1; 0 where that is not known.
    blueprint: str
    version: int
    line: int
    #: The condition with what it saw; None for what decided without one.
    tree: Reason | None
    #: The rows of tables that hit on the way, in words, each with its line.
    rows: tuple[tuple[Sentence, int], ...] = ()
    #: What a formula that is no condition looked at: "Total: €1,452.20".
    seen: tuple[object, ...] = ()


@dataclass(frozen=True)
class EventExplained:
    """What decided what one event of a record tells."""

    sequence: int
    at: datetime
    decisions: tuple[Explained, ...]


@dataclass(frozen=True)
class ActionExplained:
    """What an action asks for now: what stands in the way, and all that decides about it."""

    key: str
    title: str
    reasons: tuple[Reason, ...]
    decisions: tuple[Explained, ...]


# What was decided -----------------------------------------------------------------------------------------------------


def explain_event(unit: Unit, id: str, sequence: int) -> EventExplained | None:
    """Return what decided what the event tells; None when there is no such event for the actor."""
    stored = unit.linked.record(id)
    look = look_at(unit, stored, live=False) if stored is not None else None
    if look is None or stored is None:
        return None
    events = unit.linked.reading.events(stored.organisation, stored.id)
    event = next((event for event in events if event.sequence == sequence), None)
    if event is None:
        return None
    decisions = decisions_from(event.payload)
    values = values_after(events, sequence)
    return EventExplained(sequence, event.at, tuple(_explained(look, decision, values) for decision in decisions))


def values_after(events: Iterable[StoredEvent], sequence: int) -> dict[str, Any]:
    """Return the stored values of the record as the event left them."""
    found: dict[str, Any] = {}
    for event in sorted(events, key=lambda each: each.sequence):
        data = event.payload.get("data")
        if event.sequence <= sequence and isinstance(data, Mapping):
            found.update(data)
    return found


def _explained(look: Look, decision: Decision, values: Mapping[str, Any]) -> Explained:
    """Return a stored decision in words, as the reader may see it now. *values*: the record's as they were then."""
    blueprint = _blueprint(look.unit.catalog, look.process.blueprint.key, decision.version) or look.process.blueprint
    teller = Teller(look.unit.catalog, look.unit.linked, look.process, stored=values)
    may_read = stored_reader(look.permit)
    found = redacted(trace_from_json(decision.trace), may_read) if decision.trace else None
    hits = tuple(hit for leaf in found.leaves() for hit in leaf.tables) if found is not None else ()
    form = blueprint.kept_forms.get(look.process.form.kept_as, look.process.form)
    return Explained(
        decision.kind,
        decision_title(decision, blueprint, form),
        tuple(outcomes_told(decision.outcomes, look, may_read)),
        blueprint.key,
        decision.version,
        decision.line,
        teller.tree(found) if found is not None and decision.kind in CONDITIONS else None,
        rows_told(blueprint, hits),
        () if found is None or decision.kind in CONDITIONS else teller.values(found),
    )


#: Kinds of decisions that come from a condition; the others come from a formula that gives a value.
CONDITIONS = frozenset({"rule", "guard", "effect", "destination", "timer"})


def _blueprint(catalog: Catalog, key: str, version: int) -> Blueprint | None:
    try:
        return catalog.blueprint(key, version)
    except KeyError:
        return None


def decision_title(decision: Decision, blueprint: Blueprint, form: Form) -> Sentence:
    """Return what a decision is called."""
    key = decision.key
    if decision.kind == "rule":
        rule = form.rules.get(key)
        return sentence("decision.rule", title=rule.title if rule is not None else key)
    if decision.kind == "table":
        table = blueprint.tables.get(key)
        return sentence("decision.table", title=table.title if table is not None else key)
    doer = form.timers.get(key) if decision.kind == "timer" else form.actions.get(key) or form.timers.get(key)
    return sentence(OF_ACTIONS[decision.kind], title=doer.title if doer is not None else key)


#: Kind of a decision about an action or a timer → the id of its title.
OF_ACTIONS: Mapping[str, str] = {
    "guard": "decision.guard", "who": "decision.who", "effect": "decision.effect",
    "destination": "decision.destination", "timer": "decision.timer",
}  # fmt: skip


def rows_told(blueprint: Blueprint, hits: tuple[RowsHit, ...]) -> tuple[tuple[Sentence, int], ...]:
    """Return the rows that hit, each with the line it stands at."""
    return tuple(
        (sentence("decision.row", **row_params(table, row)), line)
        for table, row in rows_of(blueprint, hits)
        for line in [row.place.line]
    )


def outcomes_told(outcomes: Iterable[str], look: Look, may_read: MayRead) -> Iterator[Sentence]:
    """Yield what a decision did; a field the reader may not see is not named."""
    for outcome in outcomes:
        is_left_out = outcome.startswith(f"{LEFT_OUT} ")
        word, _, about = outcome.removeprefix(f"{LEFT_OUT} ").partition(" ")
        effect = EFFECTS_BY_WORD.get(word)
        if word == LEAD:
            state = look.process.form.states.get(about)
            yield sentence("outcome.lead", state=state.title if state else about)
        if effect is not None and _may_be_told(effect.told_of, about, look, may_read):
            title, who = _told_of(effect.told_of, about, look), _who_told(about, look)
            told = sentence(effect.told, title=title, who=who)
            yield sentence("outcome.left_out", what=told) if is_left_out else told


def _may_be_told(kind: ToldOf, about: str, look: Look, may_read: MayRead) -> bool:
    """Tell whether the reader may know of the field that an effect was about, or came by."""
    name = about.partition(" ")[0]
    by_field = kind == "field" or (kind in ("reached", "action") and name in look.process.form.fields)
    return not by_field or may_read((name,))


def _told_of(kind: ToldOf, about: str, look: Look) -> object:
    """Return the title of what an effect was about; empty where its sentence names none."""
    form, blueprint = look.process.form, look.process.blueprint
    match kind:
        case "field":
            return path_title(look.unit.catalog, form, (about,))
        case "form":
            made = blueprint.forms.get(about)
            return made.title if made is not None else about
        case "reached":
            if about in form.fields:
                return path_title(look.unit.catalog, form, (about,))
            reached = blueprint.forms.get(about.removeprefix(f"{blueprint.key}."))
            return reached.plural if reached is not None else about
        case "action":
            reached_by, _, action = about.partition(" ")
            link = form.fields.get(reached_by)
            name = str(link.options.get("to")) if link is not None else reached_by
            taken = form if name == OWN else blueprint.forms.get(name.removeprefix(f"{blueprint.key}."))
            found = taken.actions.get(action) if taken is not None else None
            return found.title if found is not None else action
        case "timer":
            return form.timers[about].title if about in form.timers else about
        case "roles" | "nothing":
            return ""
        case _:
            assert_never(kind)


def _who_told(about: str, look: Look) -> tuple[object, ...]:
    """Return the titles of the roles in *about*, and what is none as it is."""
    roles = look.process.blueprint.roles
    known: dict[str, object] = {
        "people": sentence("outcome.people"),
        **{key: role.title for key, role in roles.items()},
    }
    return tuple(known.get(key, key) for key in about.split(", ") if key)


def stored_reader(permit: Permit) -> MayRead:
    """Return what tells whether the reader may see a value that was stored some versions ago: what nobody knows any
    more is closed.
    """
    form = permit.process.form
    asked = {key: field for action in form.actions.values() for key, field in action.ask.items()}

    def may_read(path: Path) -> bool:
        steps = record_path(path)
        if not steps:
            return True
        if steps[0] in form.fields:
            return permit.can_read_name(path)
        if steps[0] == "inputs":
            return len(steps) > 1 and steps[1] in asked and permit.can_read_input(asked[steps[1]])
        if steps[0] == "facts":
            return len(steps) > 1 and steps[1] in form.facts and permit.can_read_name(path)
        return steps[0] in OTHER_ROOTS or permit.access.reads(steps[:1])

    return may_read


# What is asked for now ------------------------------------------------------------------------------------------------


def explain_action(unit: Unit, id: str, key: str) -> ActionExplained | None:
    """Return what decides about an action of the record now; None when the actor sees no such action."""
    stored = unit.linked.record(id)
    look = look_at(unit, stored) if stored is not None else None
    action = look.process.form.actions.get(key) if look is not None else None
    if look is None or action is None or not look.permit.has_takers(action):
        return None
    title = look.say(look.current.action(action)[1].title)
    return ActionExplained(key, title, tuple(reasons_of(look, action)), tuple(_deciding(look, action)))


def _deciding(look: Look, action: Action) -> Iterator[Explained]:
    """Yield who may take the action where a formula says so, its guard, and the rules that fire when it is asked
    for.
    """
    try:
        yield from _who(look, action)
        yield from _guard(look, action)
        yield from _destination(look, action)
        yield from _rules(look, action)
    except BudgetExceeded:
        return


def _who(look: Look, action: Action) -> Iterator[Explained]:
    blueprint = look.current.policy.blueprint
    version = look.unit.catalog.newest.get(blueprint.key, look.process.version)
    title = look.say(look.current.action(action)[1].title)
    for named in named_by_formulas(look.permit, action, look.situation.names, look.situation.moment):
        may_see = all(look.permit.can_read_name(path) for path in named.formula.reads)
        who = tuple(named_actors(blueprint, named.value, look.unit)) if may_see else ()
        rows = rows_told(blueprint, named.tables) if may_see else ()
        message = sentence("reason.who", who=who) if who else sentence("reason.who_formula")
        yield Explained(
            "who",
            sentence("decision.who", title=title),
            (message,),
            blueprint.key,
            version,
            named.formula.place.line,
            None,
            rows,
            _teller(look).values(named.traced()) if may_see else (),
        )


def _guard(look: Look, action: Action) -> Iterator[Explained]:
    if action.when is None:
        return
    found = redacted(trace(action.when, look.situation.names, look.situation.moment), look.permit.can_read_name)
    hits = tuple(hit for leaf in found.leaves() for hit in leaf.tables)
    title = look.say(look.current.action(action)[1].title)
    yield Explained(
        "guard",
        sentence("decision.guard", title=title),
        (),
        look.process.blueprint.key,
        look.process.version,
        action.when.place.line,
        _teller(look).tree(found),
        rows_told(look.process.blueprint, hits),
    )


def _destination(look: Look, action: Action) -> Iterator[Explained]:
    """Yield where the action leads as the record is now, where that depends and not on what it asks."""
    destination = known_destination(action, look.situation, look.permit.can_read_name) if action.depends else None
    condition = decisive(action, destination)
    if destination is None or condition is None:
        return
    found = redacted(trace(condition, look.situation.names, look.situation.moment), look.permit.can_read_name)
    yield Explained(
        "destination",
        sentence("decision.destination", title=look.say(look.current.action(action)[1].title)),
        tuple(outcomes_told([f"{LEAD} {destination.to}"], look, look.permit.can_read_name)),
        look.process.blueprint.key,
        look.process.version,
        condition.place.line,
        _teller(look).tree(found),
    )


def _rules(look: Look, action: Action) -> Iterator[Explained]:
    ruling = foresee(look.unit, look.work, DecisionPoint("request", action.key), traced=True)
    for rule in ruling.fired:
        traced = ruling.traces.get(rule.key)
        found = redacted(traced, look.permit.can_read_name) if traced is not None else None
        told = [problem for problem in (*ruling.refusals, *ruling.warnings) if problem.key == rule.key]
        yield Explained(
            "rule",
            sentence("decision.rule", title=rule.title),
            tuple(problem.params.get("text", "") for problem in told),
            look.process.blueprint.key,
            look.process.version,
            rule.place.line,
            _teller(look).tree(found) if found is not None else None,
        )


def _teller(look: Look) -> Teller:
    return Teller(look.unit.catalog, look.unit.linked, look.process, look.situation)
