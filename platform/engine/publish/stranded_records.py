"""Records that a publish would leave to nobody: that no grant opens any more, or that nobody may move on.

Rights are the newest version's, also for records that stay on an older one. So a state that is gone, or a grant that
is, may shut out everybody. What was so before the publish is not told: it is not its doing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from blankett.engine.language.model import Form, Words
from blankett.engine.language.renames import VersionLine
from blankett.engine.publish.impact import SAMPLES, Example, Group, Movement, is_finished
from blankett.engine.records.current_version import CurrentForm, current_of
from blankett.engine.store import Reading
from blankett.engine.store.version_records import records_in_state


@dataclass(frozen=True)
class Stranded:
    """Records of one form in one state that nobody could open, or act on."""

    #: ``stranded.open``: nobody could see them; ``stranded.act``: nobody could take an action that leads on.
    message: str
    form: Words
    state: Words
    version: int
    count: int
    examples: tuple[Example, ...]


@dataclass
class _Rights:
    """Who may do what with records of each version, when those of *line* are all there are."""

    line: VersionLine
    known: dict[tuple[int, str], CurrentForm] = field(default_factory=dict)

    def opens(self, version: int, form: Form, state: str | None) -> bool:
        """Tell whether a grant lets somebody see records of *form*, as *version* has it, in *state*."""
        return any(
            "view" in rule.verbs and not rule.deny and (rule.states is None or state in rule.states)
            for rule in self._current(version, form).policy.rules
        )

    def moves(self, version: int, form: Form, state: str | None) -> bool:
        """Tell whether somebody may take an action out of *state*."""
        current = self._current(version, form)
        rules = current.policy.rules
        takers = {key for rule in rules if rule.names or rule.who is not None for key in rule.actions}
        return any(current.action(action)[1].key in takers for action in form.actions_from(state))

    def _current(self, version: int, form: Form) -> CurrentForm:
        place = (version, form.key)
        if place not in self.known:
            self.known[place] = current_of(self.line.load(version), form, self.line.since(version))
        return self.known[place]


def stranded(reading: Reading, movement: Movement, *, moves: bool) -> tuple[Stranded, ...]:
    """Return the records that publishing `movement.new` would leave to nobody; *moves*: open ones that can move do."""
    if not movement.newest:
        return ()
    before, after = _Rights(movement.line), _Rights(movement.whole_line)
    found: list[Stranded] = []
    for group in movement.groups(reading):
        found += _of_group(reading, movement, group, before, after, moves=moves)
    return tuple(found)


def _of_group(
    reading: Reading,
    movement: Movement,
    group: Group,
    before: _Rights,
    after: _Rights,
    *,
    moves: bool,
) -> Iterator[Stranded]:
    place, form, state = group.version, group.form, group.state
    there = group.fit.state(state)
    goes = group.goes(moves=moves) and isinstance(there, str | None)
    if goes and group.fit.route.new is not None:
        place, form, state = movement.newest + 1, group.fit.route.new, there if isinstance(there, str) else None
    title = form.states[state].title if state is not None and state in form.states else form.title
    lost = []
    if before.opens(group.version, group.form, group.state) and not after.opens(place, form, state):
        lost.append("stranded.open")
    elif before.moves(group.version, group.form, group.state) and not (
        after.moves(place, form, state) or is_finished(form, state)
    ):
        lost.append("stranded.act")
    for message in lost:
        key = (movement.organisation, movement.new.key, group.outline.kept_as, group.version, group.state)
        examples = tuple(Example.of(record) for record in itertools.islice(records_in_state(reading, *key), SAMPLES))
        yield Stranded(message, form.title, title, group.version, group.count, examples)
