"""What publishing would do to the records that exist. Reads only; `blankett.engine.publish.rollout` does it.

Records of a process fall into two classes: those that can move and those that must stay, each with its reason. Records
of reference forms follow in any case and can only hold the publish up. A form with another key is the same form: its
records are kept under the key that it had first.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from blankett.engine.language.form_formulas import formulas_of, named_forms
from blankett.engine.language.model import Blueprint, Form, Words
from blankett.engine.language.renames import FormOutline, Route, VersionLine
from blankett.engine.language.sameness import OWN_NAMES, FormNames, process_of
from blankett.engine.paths import LinkedForm, Path, own_or_old_path, resolve
from blankett.engine.publish.convert import Fit, Fitted, MoveReason, Remedy, not_unique
from blankett.engine.store import Reading, StoredRecord
from blankett.engine.store.unique_values import unique_values
from blankett.engine.store.version_records import records_in_state

#: What becomes of open records: they keep their version, or those that can follow do.
Move = Literal["stay", "move"]
#: Finds a form by its full name: ``orders.customer``.
FindForm = Callable[[str], Form | None]


def is_same_process(old: Form, new: Form, was: FormNames = OWN_NAMES, now: FormNames = OWN_NAMES) -> bool:
    """Tell whether a record of *old* behaves in every way as one of *new*: its version makes no difference to it.

    *was* and *now*: what the forms of the two versions are called in every version.
    """
    return process_of(old, was) == process_of(new, now)


def is_finished(form: Form, state: str | None) -> bool:
    """Tell whether a record of *form* in *state* has ended its life. One without states never does."""
    found = form.states.get(state) if state else None
    return found is not None and found.final


def link_reads(form: Form, find_form: FindForm) -> frozenset[tuple[str, Path]]:
    """Return what the formulas of *form* read through links: (full name of the linked form, field or column path)."""
    found: set[tuple[str, Path]] = set()
    for formula, table in formulas_of(form):
        for read in formula.reads:
            own = own_or_old_path(read, form.fields, table)
            steps = resolve(own, LinkedForm(form, find_form)).steps if own is not None else ()
            found.update((step.owner.form.name, step.field.path) for step in steps if step.links)
    return frozenset(found)


#: Records named as examples of a class.
SAMPLES = 5


@dataclass(frozen=True)
class Example:
    """A record named as an example."""

    id: str
    number: str | None
    title: str
    #: A user id, or None.
    owner: str | None
    version: int

    @classmethod
    def of(cls, record: StoredRecord) -> Example:
        """Return *record* as an example."""
        return cls(record.id, record.number, record.title, record.owner, record.version)


@dataclass
class Class:
    """The records that must stay for one reason."""

    reason: MoveReason
    count: int = 0
    examples: list[Example] = field(default_factory=list)
    #: How the text could say where they go, for a state or an option that is gone.
    remedy: Remedy | None = None

    def add(self, record: StoredRecord) -> None:
        """Count *record*, and keep the first ones as examples."""
        self.count += 1
        if len(self.examples) < SAMPLES:
            self.examples.append(Example.of(record))


#: Reasons that are told one by one; further ones stand together, without the values they are about.
MOST_REASONS = 50


def note_staying(known: dict[MoveReason, Class], reason: MoveReason, record: StoredRecord) -> Class:
    """Count *record* among those that must stay for a reason, and return that class."""
    if reason not in known and len(known) >= MOST_REASONS:
        reason = replace(reason, value="")
    found = known.setdefault(reason, Class(reason))
    found.add(record)
    return found


@dataclass
class FormImpact:
    """What happens to the records of one form."""

    #: As in the newest version that has it.
    form: str
    title: Words
    #: True for records that move with the publish in any case.
    follows: bool
    #: Not finished, and of these those that need not move: their version has the same process.
    open: int = 0
    unaffected: int = 0
    can_move: int = 0
    must_stay: int = 0
    #: Ended, and left alone.
    finished: int = 0
    #: Why records must stay; one with two reasons counts in both.
    staying: dict[MoveReason, Class] = field(default_factory=dict)
    #: Version → unfinished records that have it when those that can move do, and when nobody moves.
    left_after_move: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    left_after_stay: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    #: The key that its records are kept under.
    kept_as: str = ""
    #: Values, by path, that a record looked at holds and that are unique from the new version on.
    taken: set[tuple[str, str]] = field(default_factory=set, repr=False)

    @property
    def is_blocked(self) -> bool:
        """Tell whether the publish must be refused: a record that has to follow cannot."""
        return self.follows and self.must_stay > 0


@dataclass(frozen=True)
class Impact:
    """What happens to the records of a blueprint, by form in the order of its newest version."""

    forms: tuple[FormImpact, ...] = ()

    @property
    def open(self) -> int:
        """Return how many records of processes are not finished."""
        return sum(each.open for each in self.forms if not each.follows)

    @property
    def can_move(self) -> int:
        """Return how many open records would move, were it chosen."""
        return sum(each.can_move for each in self.forms if not each.follows)

    @property
    def must_stay(self) -> int:
        """Return how many open records cannot move."""
        return sum(each.must_stay for each in self.forms if not each.follows)

    @property
    def finished(self) -> int:
        """Return how many records have ended their life."""
        return sum(each.finished for each in self.forms if not each.follows)


@dataclass(frozen=True)
class Group:
    """The records of one version of a form that are in one state, and how they would go to the new version.

    The version is loaded when something asks for more than its outline tells.
    """

    movement: Movement = field(repr=False)
    outline: FormOutline
    version: int
    state: str | None
    count: int

    @property
    def is_finished(self) -> bool:
        """Tell whether the records have ended their life."""
        return self.outline.is_finished(self.state)

    @property
    def follows(self) -> bool:
        """Tell whether they move with the publish in any case: the form has no process."""
        new = self.movement.form_after(self.version, self.outline.key)
        return "reference" in (self.outline.life, new.life if new is not None else "")

    def goes(self, *, moves: bool) -> bool:
        """Tell whether they go to the new version; *moves*: open ones that can do."""
        return (self.follows or (moves and not self.is_finished)) and not self.is_same

    @property
    def is_doubtful(self) -> bool:
        """Tell whether each must be opened to know whether it can go to the new version."""
        if not self.goes(moves=True):
            return False
        newly_unique = self.fit.newly_unique if not isinstance(self.fit.state(self.state), MoveReason) else ()
        return bool(self.fit.doubtful or newly_unique)

    @property
    def form(self) -> Form:
        """Return the form as their version has it."""
        return self.fit.route.old

    @property
    def fit(self) -> Fit:
        """Return how they would go to the new version."""
        return self.movement.fit(self.version, self.outline.key)

    @property
    def is_same(self) -> bool:
        """Tell whether they need not move, since their version has the same process."""
        return self.movement.is_same(self.version, self.outline.key)


@dataclass(frozen=True)
class Movement:
    """From which versions records go to which new one."""

    organisation: str
    #: The number of the newest version.
    newest: int
    #: The versions of the blueprint up to the newest.
    line: VersionLine
    new: Blueprint
    #: Finds forms of other blueprints as they are now, also by keys that they had before.
    find_form: FindForm = field(compare=False, repr=False)
    #: What was worked out of a version, and of its forms: it is the same for all of their records.
    _routes: dict[int, Mapping[str, Route]] = field(default_factory=dict, compare=False, repr=False)
    _fits: dict[tuple[int, str], Fit] = field(default_factory=dict, compare=False, repr=False)
    same: dict[tuple[int, str], bool] = field(default_factory=dict, compare=False, repr=False)
    _names: dict[int, FormNames] = field(default_factory=dict, compare=False, repr=False)
    _lives_on: dict[tuple[int, str], Form | None] = field(default_factory=dict, compare=False, repr=False)

    def find_version(self, number: int) -> Blueprint:
        """Return a version of the blueprint."""
        return self.line.load(number)

    @cached_property
    def whole_line(self) -> VersionLine:
        """Return the versions up to the new one."""
        return self.line.followed_by(self.new)

    def groups(self, reading: Reading, most: int | None = None) -> Iterator[Group]:
        """Yield every group of records that exist; each is counted up to *most*, if that is told."""
        if most is None:
            counts = reading.pinned_counts(self.organisation, self.new.key)
        else:
            counts = reading.pinned_counts_up_to(self.organisation, self.new.key, most)
        for kept_as, version, state, count in counts:
            outline = self.whole_line.outline(version).kept(kept_as)
            if outline is None:
                raise KeyError(f"version {version} of {self.new.key!r} has no form {kept_as!r}")
            yield Group(self, outline, version, state, count)

    def routes_from(self, version: int) -> Mapping[str, Route]:
        """Return where the keys of *version* are in the new one, through all versions between."""
        if version not in self._routes:
            self._routes[version] = self.whole_line.since(version).routes(self.find_version(version))
        return self._routes[version]

    def form_after(self, version: int, form: str) -> Form | None:
        """Return what *form* of *version* is in the new version; None when it ended."""
        place = (version, form)
        if place not in self._lives_on:
            self._lives_on[place] = self.new.forms.get(self.whole_line.since(version).form_key(form) or "")
        return self._lives_on[place]

    def fit(self, version: int, form: str) -> Fit:
        """Return how records of *form* of *version* would go to the new version."""
        place = (version, form)
        if place not in self._fits:
            was, names = self._form_names(version), self._form_names(self.newest + 1)
            self._fits[place] = Fit(self.routes_from(version)[form], was, names)
        return self._fits[place]

    def is_same(self, version: int, form: str) -> bool:
        """Tell whether *form* of *version* has the same process in the new version."""
        place = (version, form)
        if place not in self.same:
            route = self.routes_from(version)[form]
            was, now = self._form_names(version), self._form_names(self.newest + 1)
            self.same[place] = route.new is not None and is_same_process(route.old, route.new, was, now)
        return self.same[place]

    def _form_names(self, version: int) -> FormNames:
        """Return what a version calls forms → what names them in every version: the names their records are kept
        under, also of forms of other blueprints.
        """
        if version not in self._names:
            of = self.whole_line.load(version)
            named = {name for form in of.forms.values() for name, _ in named_forms(form)} - of.form_names.keys()
            others = {name: found.kept_name for name in named if (found := self.find_form(name)) is not None}
            self._names[version] = {**others, **of.form_names}
        return self._names[version]


#: Called for each record that is opened.
OnOpened = Callable[[], None]


def records_to_open(groups: Iterable[Group]) -> int:
    """Return how many records must be opened to know what becomes of them."""
    return sum(group.count for group in groups if group.is_doubtful)


def weigh(
    reading: Reading,
    movement: Movement,
    groups: Iterable[Group] | None = None,
    *,
    opens: bool = True,
    on_opened: OnOpened = lambda: None,
) -> Impact:
    """Return what publishing `movement.new` would do. *opens* records only where a value might not fit; those that it
    does not open are taken to be able to move.

    *groups*: the records that exist, where they are known. *on_opened* is called for each record that is looked at.
    """
    forms: dict[str, FormImpact] = {}
    for group in movement.groups(reading) if groups is None else groups:
        newest = movement.form_after(group.version, group.outline.key) or group.form
        known = forms.get(newest.key)
        if known is None:
            known = forms[newest.key] = FormImpact(newest.key, newest.title, group.follows, kept_as=newest.kept_as)
        known.follows = known.follows or group.follows
        _weigh_group(reading, movement, group, known, on_opened if opens else None)
    order = [*movement.new.forms, *sorted(forms)]
    return Impact(tuple(sorted(forms.values(), key=lambda each: order.index(each.form))))


def _weigh_group(
    reading: Reading, movement: Movement, group: Group, into: FormImpact, on_opened: OnOpened | None
) -> None:
    if group.is_finished and not group.follows:
        into.finished += group.count
        return
    into.open += group.count
    into.left_after_stay[group.version] += 0 if group.follows else group.count
    if group.is_same:
        into.unaffected += group.count
        into.left_after_move[group.version] += group.count
        return
    stay = _staying(reading, movement, group, into, on_opened)
    into.must_stay += stay
    into.can_move += group.count - stay
    into.left_after_move[group.version] += stay


def _reasons(fit: Fit, record: StoredRecord, into: FormImpact) -> tuple[MoveReason, ...]:
    """Return why a record must stay; of several that hold what is to be unique, the first one looked at may go."""
    fitted = fit.fitted(record.state, record.data, record.filled)
    if not isinstance(fitted, Fitted):
        return fitted
    new = fit.route.new
    if new is None or not fit.newly_unique:
        return ()
    held = unique_values(new, fitted.data, fit.paths(record.hidden))
    places = {(path, held[path]) for path in fit.newly_unique if path in held}
    taken = places & into.taken
    into.taken |= places
    return tuple(not_unique(new, path) for path, _ in sorted(taken))


def _staying(reading: Reading, movement: Movement, group: Group, into: FormImpact, on_opened: OnOpened | None) -> int:
    """Return how many records of the group must stay, and note why: also what of their values, where their state is
    gone, so that one look tells all that is to be mapped.
    """
    place = (movement.organisation, movement.new.key, group.outline.kept_as, group.version, group.state)
    there, stay = group.fit.state(group.state), 0
    if isinstance(there, MoveReason):
        known = into.staying.setdefault(there, Class(there, remedy=group.fit.remedy(there)))
        first = itertools.islice(records_in_state(reading, *place), SAMPLES - len(known.examples))
        known.examples += [Example.of(record) for record in first]
        known.count += group.count
        stay = group.count
    if not group.is_doubtful or on_opened is None:
        return stay
    for record in records_in_state(reading, *place):
        on_opened()
        reasons = [reason for reason in _reasons(group.fit, record, into) if reason != there]
        stay += bool(reasons) and not isinstance(there, MoveReason)
        for reason in reasons:
            found = note_staying(into.staying, reason, record)
            found.remedy = found.remedy or group.fit.remedy(found.reason)
    return stay
