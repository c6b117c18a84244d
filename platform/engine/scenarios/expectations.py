"""What a scenario may expect: one function for each key of an `expect` step. They note what is another way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from blankett.engine.fields.base import Fault
from blankett.engine.fields.base import TextReading as FieldReading
from blankett.engine.language.model import ScenarioPerson, ScenarioStep
from blankett.engine.paths import field_path
from blankett.engine.records import Refusal
from blankett.engine.records.matched_lines import match_lines, with_ids
from blankett.engine.records.read.record_view import Look, look_at, open_actions
from blankett.engine.records.write.samples import read_value
from blankett.engine.scenarios.play import Play
from blankett.engine.scenarios.results import Mismatch
from blankett.engine.scenarios.stage import ORGANISATION
from blankett.engine.store import Reading


def expect_refused(play: Play, step: ScenarioStep, wanted: Any) -> None:
    """Compare what the last step was refused for."""
    play.refused = None
    if play.last is None:
        play.miss(step, "refused", wanted, "accepted")
    elif wanted not in refusal_names(play.last):
        found = ", ".join(sorted(refusal_names(play.last))) or play.last.kind
        play.mismatches.append(Mismatch(step.place, "refused", str(wanted), found, play.last.problems))


def expect_stored(play: Play, step: ScenarioStep, name: str, wanted: Any) -> None:
    """Compare a property of the record as it is stored."""
    with play.stage.store.reading() as reading:
        stored = reading.record(ORGANISATION, play.here.id) if play.here else None
    found = getattr(stored, name) if stored else None
    if (found or "") != ("" if wanted == "= null" else wanted):
        play.miss(step, name, wanted, found if found is not None else "nothing")


def expect_state(play: Play, step: ScenarioStep, wanted: Any) -> None:
    """Compare the state."""
    expect_stored(play, step, "state", wanted)


def expect_title(play: Play, step: ScenarioStep, wanted: Any) -> None:
    """Compare the title."""
    expect_stored(play, step, "title", wanted)


def expect_number(play: Play, step: ScenarioStep, wanted: Any) -> None:
    """Compare the number."""
    expect_stored(play, step, "number", wanted)


def expect_values(play: Play, step: ScenarioStep, wanted: Mapping[str, Any]) -> None:
    """Compare fields of the record at hand, live ones worked out; hidden ones keep their value."""
    form = play.form
    with play.stage.store.reading() as reading:
        look = _look(play, reading, authority=True)
        values = dict(look.situation.values) if look else {}
        for key, raw in wanted.items():
            of = form.fields.get(key) if form else None
            expected = read_value(of, raw, FieldReading(lookup=play.names)) if of else None
            found = values.get(key)
            if of is None or isinstance(expected, Fault) or not _matches(expected, found):
                shown = of.type.to_api(found, of) if of is not None and found is not None else "nothing"
                play.miss(step, f"values.{key}", raw, shown)


def expect_can(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare the actions that could be taken now; an empty list says that none can."""
    found = _open_actions(play)
    missing = sorted(set(wanted) - found)
    if missing:
        play.miss(step, "can", ", ".join(missing), ", ".join(sorted(found)) or "nothing")
    if not wanted and found:
        play.miss(step, "can", "nothing", ", ".join(sorted(found)))


def expect_cannot(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare the actions that cannot be taken now."""
    found = sorted(set(wanted) & _open_actions(play))
    if found:
        play.miss(step, "cannot", ", ".join(found), "they can be taken")


def expect_hidden(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare what the person does not see: hidden by the form, or closed to them."""
    with play.stage.store.reading() as reading:
        look = _look(play, reading)
        seen = [name for name in wanted if look is not None and _is_seen(look, tuple(name.split(".")))]
    if seen:
        play.miss(step, "hidden", ", ".join(seen), "shown")


def expect_notified(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare who was told since the last time this was asked: people, or holders of roles."""
    told, play.told = play.told, set()
    found = {*told, *(role for role in play.blueprint.roles if any(_holds(play, user, role) for user in told))}
    missing = [name for name in wanted if name not in found]
    if missing:
        play.miss(step, "notified", ", ".join(missing), ", ".join(sorted(told)) or "nobody")
    if not wanted and told:
        play.miss(step, "notified", "nobody", ", ".join(sorted(told)))


def expect_fired(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare the rules that fired in the last step; an empty list says that none did."""
    _expect_rules(play, step, "fired", wanted, play.just_fired)


def expect_warned(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare the rules that warned in the last step; an empty list says that none did."""
    _expect_rules(play, step, "warned", wanted, play.just_warned)


def _expect_rules(play: Play, step: ScenarioStep, what: str, wanted: Sequence[str], found: frozenset[str]) -> None:
    missing = [key for key in wanted if key not in found]
    if missing:
        play.miss(step, what, ", ".join(missing), ", ".join(sorted(found)) or "none")
    if not wanted and found:
        play.miss(step, what, "none", ", ".join(sorted(found)))


def expect_records(play: Play, step: ScenarioStep, wanted: Mapping[str, Any]) -> None:
    """Compare how many records of each form the scenario has made."""
    for key, count in wanted.items():
        form = play.find_form(key)
        found = sum(1 for made in play.made if form is not None and made.form == form.name)
        if str(found) != str(count):
            play.miss(step, f"records.{key}", count, found)


def _holds(play: Play, user: str, role: str) -> bool:
    person = play.people.get(user, ScenarioPerson(user, frozenset({user})))
    return role in play.blueprint.closed_roles(person.roles)


def _open_actions(play: Play) -> frozenset[str]:
    with play.stage.store.reading() as reading:
        look = _look(play, reading)
        return open_actions(look) if look is not None else frozenset()


def _look(play: Play, reading: Reading, *, authority: bool = False) -> Look | None:
    unit = play.stage.engine.unit(reading, play.actor)
    stored = unit.linked.record(play.here.id) if play.here else None
    return look_at(unit, stored, authority=authority) if stored is not None else None


def refusal_names(refusal: Refusal) -> frozenset[str]:
    """Return what a scenario may call a refusal: its checks, fields (also ``lines.price``), action, or guard, access,
    stale.
    """
    kinds = {"forbidden": "access", "missing": "access", "guard": "guard", "stale": "stale", "state": "guard"}
    names = {kinds[refusal.kind]} if refusal.kind in kinds else set()
    for problem in refusal.problems:
        names.update(filter(None, (problem.key, *problem.path[:1], problem.path[-1] if problem.path else "")))
        if len(problem.path) == 3:
            names.add(".".join(field_path(problem.path)))
        if problem.message.startswith("need."):
            names.add("guard")
    return frozenset(names)


def _matches(expected: Any, found: Any) -> bool:
    """Tell whether a value is as expected; of lines, only the columns the scenario names are compared."""
    if not isinstance(expected, list):
        return bool(expected == found)
    if not isinstance(found, list) or len(found) != len(expected):
        return False
    matched = match_lines(found, with_ids(expected, found))
    return all(all(line.before.get(key) == value for key, value in line.now.items()) for line in matched)


def _is_seen(look: Look, path: tuple[str, ...]) -> bool:
    if not look.permit.can_read(path):
        return False
    if path[0] in look.situation.hidden:
        return False
    if len(path) == 1:
        return True
    lines = look.situation.lines.get(path[0], ())
    return any(f"{path[0]}/{line.id}/{path[1]}" not in look.situation.hidden for line in lines)


EXPECTATIONS: Mapping[str, Callable[[Play, ScenarioStep, Any], None]] = {
    "refused": expect_refused,
    "state": expect_state,
    "values": expect_values,
    "can": expect_can,
    "cannot": expect_cannot,
    "title": expect_title,
    "number": expect_number,
    "hidden": expect_hidden,
    "notified": expect_notified,
    "fired": expect_fired,
    "warned": expect_warned,
    "records": expect_records,
}
