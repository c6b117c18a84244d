"""States and actions: where a record is, and what moves it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from blankett.engine import feel
from blankett.engine.language.loader.effect_reader import read_effects
from blankett.engine.language.loader.fields import check_state, finish_asks
from blankett.engine.language.loader.formulas import read_condition, read_template, read_words
from blankett.engine.language.loader.grants import read_who
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint
from blankett.engine.language.loader.scopes import Scopes
from blankett.engine.language.loader.translations import read_text, read_title
from blankett.engine.language.model import Action, Destination, Formula, State
from blankett.engine.language.source import YES_WORDS, Map, Scalar

#: Types of what a record may be due by.
_DAYS = (feel.Date, feel.DateTime)
Ways = Mapping[str, frozenset[str]]


def read_states(draft: PartialBlueprint, form: FormDraft, scopes: Scopes) -> dict[str, State]:
    """Return the states of a form, each with its kind from the graph."""
    states: dict[str, State] = {}
    for key, tree in form.tree.map("states").maps():
        item = ("forms", form.key, "states", key)
        final = tree.text("final") or "no"
        states[key] = State(
            key=key,
            title=read_title(draft.translations, tree, item, form.tree.map("states").key_place(key)),
            help=read_words(draft, tree, item, "help", scopes.plain),
            start=tree.is_yes("start"),
            final=final in YES_WORDS or final == "stopped",
            stopped=final == "stopped",
            held=tree.is_yes("held"),
            due=read_due(draft, form, tree),
            kind="work",
            place=form.tree.map("states").key_place(key),
            was=tree.text("was"),
            retired=tree.is_yes("retired"),
        )
    ways = ways_of(form, states)
    ahead = distances((key for key, state in states.items() if state.final and not state.stopped), turned(ways))
    behind = distances((key for key, state in states.items() if state.start), ways)
    return {key: replace(state, kind=kind_of(state, behind.get(key), ahead.get(key))) for key, state in states.items()}


def read_due(draft: PartialBlueprint, form: FormDraft, tree: Map) -> str | None:
    """Return the field of days or moments that `due` of the form or of a state names."""
    scalar = tree.scalar("due")
    if scalar is None or (scalar.text,) in form.broken:
        return None
    field = form.fields.get(scalar.text)
    if field is None:
        days = [key for key, of in form.fields.items() if isinstance(of.type.feel_type(of), _DAYS)]
        draft.unknown("unknown_field", scalar, days or form.fields, form=form.key)
    elif not isinstance(field.type.feel_type(field), _DAYS):
        draft.report.add(
            "wrong_field", scalar.place, name=scalar.text, wanted="a field of type date, datetime or clock"
        )
    else:
        return field.key
    return None


def ways_of(form: FormDraft, states: Iterable[str]) -> Ways:
    """Return {state: states an action leads to from it}."""
    ways: dict[str, set[str]] = {state: set() for state in states}
    for _key, tree in form.tree.map("actions").maps():
        for source, to in _steps_between(tree):
            if source in ways and to in ways:
                ways[source].add(to)
    return {state: frozenset(found) for state, found in ways.items()}


def _steps_between(action: Map) -> Iterator[tuple[str, str]]:
    """Yield the steps from state to state that an action may make, as `Action.steps_between`."""
    targets = [scalar.text for scalar, _when in _destinations(action)]
    sources = [scalar.text for scalar in action.scalars("from")]
    during = action.text("during")
    if during is None:
        yield from ((source, to) for source in sources for to in targets)
        return
    returned = action.text("returned")
    ends = [*targets, action.text("rejected") or "", *([returned] if returned else sources)]
    yield from ((source, during) for source in sources)
    yield from ((during, to) for to in ends)


def _destinations(action: Map) -> Iterator[tuple[Scalar, Scalar | None]]:
    """Yield each state an action leads to, with its condition."""
    for tree in action.list("to"):
        state = tree.scalar("to") if isinstance(tree, Map) else tree
        if isinstance(state, Scalar):
            yield state, tree.scalar("when") if isinstance(tree, Map) else None


def _read_destinations(
    draft: PartialBlueprint, form: FormDraft, action: Map, scope: feel.Scope, guard: Formula | None
) -> tuple[Destination, ...]:
    found: list[Destination] = []
    for scalar, condition in _destinations(action):
        state, when = check_state(draft, form, scalar), read_condition(draft, condition, scope, given=guard)
        if state is not None and (condition is None or when is not None):
            found.append(Destination(state, when, scalar.place))
    return tuple(found)


def distances(starts: Iterable[str], ways: Ways) -> dict[str, int]:
    """Return {state: fewest actions from any of *starts*} for the states that can be reached."""
    found = dict.fromkeys(starts, 0)
    waiting = deque(found)
    while waiting:
        here = waiting.popleft()
        for there in ways.get(here, ()):
            if there not in found:
                found[there] = found[here] + 1
                waiting.append(there)
    return found


def turned(ways: Ways) -> Ways:
    """Return the ways backwards."""
    back: dict[str, set[str]] = {state: set() for state in ways}
    for source, targets in ways.items():
        for target in targets:
            back[target].add(source)
    return {state: frozenset(found) for state, found in back.items()}


def kind_of(state: State, behind: int | None, ahead: int | None) -> str:
    """Return start, work, half, near, done, held or stop: how far a state is from the start (*behind*, in actions) and
    from the end (*ahead*).
    """
    if state.final:
        return "stop" if state.stopped else "done"
    if state.start:
        return "start"
    if state.held:
        return "held"
    if ahead is None or behind is None:
        return "work"
    share = behind / (behind + ahead) if behind + ahead else 0
    return "work" if share < 0.45 else "half" if share < 0.75 else "near"


def read_actions(draft: PartialBlueprint, form: FormDraft, scopes: Scopes) -> dict[str, Action]:
    """Return the actions of a form."""
    actions: dict[str, Action] = {}
    trees = form.tree.map("actions")
    for key, tree in trees.maps():
        if key == "create":
            draft.report.add("reserved_key", trees.key_place(key), key=key)
        actions[key] = _read_action(draft, form, scopes, key, tree)
    return actions


def _read_action(draft: PartialBlueprint, form: FormDraft, scopes: Scopes, key: str, tree: Map) -> Action:
    item = ("forms", form.key, "actions", key)
    scope: feel.Scope = scopes.action(key)
    place = form.tree.map("actions").key_place(key)
    message = tree.scalar("message")
    if message is not None and tree.scalar("when") is None:
        draft.report.add("missing_key", message.place, where="an action with a message", key="when")
    guard = read_condition(draft, tree.scalar("when"), scope)
    return Action(
        key=key,
        title=read_words(draft, tree, item, "title", scopes.act) or read_title(draft.translations, tree, item, place),
        help=read_words(draft, tree, item, "help", scopes.act),
        sources=tuple(state for scalar in tree.scalars("from") if (state := check_state(draft, form, scalar))),
        destinations=_read_destinations(draft, form, tree, scope, guard),
        by=read_who(draft, tree, "by", scopes.grant),
        when=guard,
        ask=finish_asks(draft, form, key, scope, scopes.act),
        effects=read_effects(draft, form, tree.list("effects"), scope, guard),
        place=place,
        confirm=read_words(draft, tree, item, "confirm", scopes.act),
        message=read_template(draft, message, scope, item, "message") if message else None,
        done=read_text(draft.translations, tree, item, "done"),
        task=tree.is_yes("task") if tree.scalar("task") else None,
        was=tree.text("was"),
        approval=_approval_of(draft, form, tree),
        during=_state_at(draft, form, tree, "during"),
        rejected=_state_at(draft, form, tree, "rejected"),
        returned=_state_at(draft, form, tree, "returned"),
        approves=_approves(draft, form, tree),
        approves_until=_state_at(draft, form, tree, "approves_until"),
    )


#: Keys of an action that mean something only with an approval, and those that an approval needs.
_WITH_APPROVAL = ("during", "rejected", "returned", "approves", "approves_until")
_APPROVAL_NEEDS = ("during", "to", "rejected")


def _approval_of(draft: PartialBlueprint, form: FormDraft, tree: Map) -> str | None:
    """Return the approval an action asks for; told where what belongs to it is missing, or stands there without it."""
    scalar = tree.scalar("approval")
    if scalar is None:
        for key in _WITH_APPROVAL:
            if tree.get(key) is not None:
                draft.report.add("needs_key", tree.key_place(key), key=key, other="approval")
        return None
    for key in _APPROVAL_NEEDS:
        if tree.get(key) is None:
            draft.report.add("missing_key", scalar.place, where="an action with an approval", key=key)
    known = form.tree.map("approvals").entries
    if scalar.text not in known:
        draft.unknown("unknown_approval", scalar, known, form=form.key)
        return None
    return scalar.text


def _state_at(draft: PartialBlueprint, form: FormDraft, tree: Map, key: str) -> str | None:
    scalar = tree.scalar(key)
    return check_state(draft, form, scalar) if scalar is not None else None


def _approves(draft: PartialBlueprint, form: FormDraft, tree: Map) -> tuple[str, ...] | None:
    if tree.get("approves") is None:
        return None
    return check_fields(draft, form, tree, "approves")


def check_fields(draft: PartialBlueprint, form: FormDraft, tree: Map, key: str) -> tuple[str, ...]:
    """Return the fields of the form that the list under *key* names; one that does not exist is a problem."""
    found: dict[str, None] = {}
    for scalar in tree.scalars(key):
        if scalar.text in form.fields:
            found[scalar.text] = None
        elif (scalar.text,) not in form.broken:
            draft.unknown("unknown_field", scalar, form.fields, form=form.key)
    return tuple(found)
