"""Published blueprints in memory: versions are loaded one by one; which is the newest is asked once per request.

A version never changes, so it may be forgotten at any time and loaded again; whoever is at work with one holds it. A
record's *process* is that of its version. How things are called and who may do what is *current*: of the newest
version that has the key. `Catalog` is one transaction's view, `BlueprintCatalog` what the process keeps.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from blankett.engine.access import policy_of
from blankett.engine.feel import Purse
from blankett.engine.language.editions import EDITION
from blankett.engine.language.loader import BlueprintError, load_blueprint
from blankett.engine.language.model import Blueprint, Form
from blankett.engine.language.renames import (
    Outline,
    VersionLine,
    former_states,
    read_first_keys,
    read_outline,
    with_first_keys,
)
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.current_version import CurrentForm, current_of
from blankett.engine.rules import Failure, remember
from blankett.engine.store import (
    Organisation,
    Reading,
    Share,
    SlotMap,
    StoredBlueprint,
    StoredRecord,
    StoredUser,
    Workspace,
    stored_trials,
    workspaces_above,
)
from blankett.engine.store.collation import collation_of
from blankett.engine.store.slots import NO_SLOTS

# The versions that a process has: the newest of each blueprint, and of older ones those used last ---------------------


#: (organisation, blueprint, version)
VersionKey = tuple[str, str, int]

#: Older versions are kept up to so many characters of text together, but for the one used last. A version in memory
#: takes some sixty times its text.
OLDER_TEXT = 3_000_000


class LoadedVersion:
    """A version with what was worked out of it, which goes when it goes."""

    def __init__(self, number: int, blueprint: Blueprint) -> None:
        self.number = number
        self.blueprint = blueprint
        #: Form → what is current for its records, with the newest version then.
        self.currents: dict[str, tuple[int, CurrentForm]] = {}
        #: (older version, form of it) → whether records of it behave here as they do there.
        self.same_processes: dict[tuple[int, str], bool] = {}
        self._processes: dict[str, Process] = {}
        self._kept_as: dict[str, Process] = {}

    def process(self, form: str) -> Process:
        """Return a form, ready to run. Raises KeyError when there is none."""
        found = self._processes.get(form)
        if found is None:
            made = Process(self.blueprint, self.number, self.blueprint.forms[form])
            found = self._processes.setdefault(form, made)
        return found

    def process_kept_as(self, kept_as: str) -> Process:
        """Return the form whose records are kept under a key, ready to run. Raises KeyError when there is none."""
        found = self._kept_as.get(kept_as)
        if found is None:
            found = self._kept_as[kept_as] = self.process(self.blueprint.kept_forms[kept_as].key)
        return found


class LoadedVersions:
    """What a process keeps of versions. Safe to share between threads."""

    def __init__(self, older_text: int = OLDER_TEXT) -> None:
        self.older_text = older_text
        self._newest: dict[tuple[str, str], LoadedVersion] = {}
        #: The one used last is the last.
        self._older: OrderedDict[VersionKey, LoadedVersion] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many versions are in memory."""
        return len(self._newest) + len(self._older)

    def find(self, key: VersionKey) -> LoadedVersion | None:
        """Return a version that is in memory, or None."""
        newest = self._newest.get(key[:2])
        if newest is not None and newest.number == key[2]:
            return newest
        with self._lock:
            found = self._older.get(key)
            if found is not None:
                self._older.move_to_end(key)
            return found

    def keep(self, key: VersionKey, blueprint: Blueprint) -> LoadedVersion:
        """Keep a version that was loaded, and return it; the one that is kept already, if somebody was faster."""
        found = self.find(key)
        if found is not None:
            return found
        made = LoadedVersion(key[2], blueprint)
        with self._lock:
            newest = self._newest.get(key[:2])
            if newest is None or newest.number < made.number:
                self._newest[key[:2]] = made
                if newest is not None:
                    self._become_older(key, newest)
            else:
                self._older[key] = made
            self._forget()
        return made

    def copy(self) -> LoadedVersions:
        """Return another that knows the same versions; what is kept in it is not kept here."""
        made = LoadedVersions(self.older_text)
        with self._lock:
            made._newest, made._older = dict(self._newest), OrderedDict(self._older)
        return made

    def _become_older(self, key: VersionKey, version: LoadedVersion) -> None:
        """Keep what was the newest as an older one. What was current holds the version before, and goes."""
        self._older[(*key[:2], version.number)] = version
        for of, older in self._older.items():
            if of[:2] == key[:2]:
                older.currents.clear()

    def _forget(self) -> None:
        """Let go of the versions used longest ago, until the rest has room."""
        held = sum(len(version.blueprint.source) for version in self._older.values())
        while held > self.older_text and len(self._older) > 1:
            _, gone = self._older.popitem(last=False)
            held -= len(gone.blueprint.source)


class Outlines:
    """The outlines of a blueprint's versions, as far as they were read; equal parts are there once."""

    def __init__(self) -> None:
        #: Number of the last version read.
        self.read = 0
        #: (number, outline), the oldest first; of equal ones in a row the last alone.
        self._versions: list[tuple[int, Outline]] = []
        self._lock = threading.Lock()

    def add(self, number: int, outline: Outline) -> None:
        """Add the outline of the version after the last one that was read."""
        with self._lock:
            if number != self.read + 1:
                return  # somebody was faster
            last = self._versions[-1][1] if self._versions else Outline({})
            shared = {
                key: last.forms[key] if last.forms.get(key) == form else form for key, form in outline.forms.items()
            }
            if self._versions and shared == last.forms:
                self._versions[-1] = (number, last)
            else:
                self._versions.append((number, Outline(shared)))
            self.read = number

    def copy(self) -> Outlines:
        """Return another that has read the same."""
        made = Outlines()
        with self._lock:
            made.read, made._versions = self.read, list(self._versions)
        return made

    def until(self, newest: int) -> Sequence[tuple[int, Outline]]:
        """Return those of the versions up to *newest*; the last one stands under its own number."""
        with self._lock:
            found = [each for each in self._versions if each[0] <= newest]
            if found and found[-1][0] == newest:
                return found
            following = next(outline for number, outline in self._versions if number > newest)
            return [*found, (newest, following)]


# Each organisation's blueprints ---------------------------------------------------------------------------------------


#: Finds a form of another blueprint by its full name, for the links and effects that name it.
FindForm = Callable[[str], Form | None]
#: Turns the text of a published version into a blueprint, with the meaning of its edition.
Load = Callable[[str, FindForm, int], Blueprint]

#: So long the process trusts what it knows of slots: one that becomes ready meanwhile is used a little later.
KEPT = timedelta(seconds=5)
#: So long it goes by the older versions in use. There are only ever fewer of them: no record comes to one.
VERSIONS_KEPT = timedelta(minutes=1)


def load_published(text: str, find: FindForm, edition: int = EDITION) -> Blueprint:
    """Return the blueprint of a published text. It was checked then; what another blueprint has changed since does not
    stop it.
    """
    loaded = load_blueprint(text, foreign=find, edition=edition)
    if loaded.partial is None:
        raise BlueprintError("published version", loaded.problems)
    loaded.partial.settle()
    return loaded.partial


class WorkspacePlaces:
    """The organisation's workspaces and blueprints, as one transaction reads them: what one may do goes by it."""

    def __init__(self, reading: Reading, organisation: str) -> None:
        self.organisation: Organisation | None = reading.organisation(organisation)
        self.workspaces: dict[str, Workspace] = {place.id: place for place in reading.workspaces(organisation)}
        self.blueprints: dict[str, StoredBlueprint] = {found.key: found for found in reading.blueprints(organisation)}

    def above(self, workspace: str) -> list[str]:
        """Return *workspace* and those it is inside of, from below upwards."""
        return workspaces_above(self.workspaces.values(), workspace)

    def zone(self, workspace: str) -> ZoneInfo:
        """Return the time zone of *workspace*: its own, or the nearest above it, or the organisation's."""
        for id in self.above(workspace):
            place = self.workspaces.get(id)
            if place is not None and place.zone:
                return ZoneInfo(place.zone)
        return ZoneInfo(self.organisation.zone if self.organisation else "UTC")


class BlueprintCatalog:
    """What a process keeps of the blueprints."""

    def __init__(self, load: Load = load_published, purse: Purse | None = None) -> None:
        self.load = load
        #: What all formulas may use together, of all views; None where each view has as much of its own.
        self.purse = purse
        #: Keys of blueprints that are being loaded now, under the lock.
        self.loading: set[str] = set()
        self.versions = LoadedVersions()
        #: (organisation, blueprint) → the outlines of its versions.
        self.outlines: dict[tuple[str, str], Outlines] = {}
        #: The same → newest version, and what the states of its forms were called before.
        self.former_states: dict[tuple[str, str], tuple[int, Mapping[str, Mapping[str, str]]]] = {}
        #: The same → newest version, and forms by keys that they had before (None: the form ended).
        self.former_forms: dict[tuple[str, str], tuple[int, dict[str, str | None]]] = {}
        #: (organisation, blueprint, form) → newest version, when it was asked which older ones open records live by,
        #: and the answer.
        self.older_versions: dict[tuple[str, str, str], tuple[int, datetime, frozenset[int]]] = {}
        #: (organisation, blueprint) → newest version, when the slots of its forms were asked, and the answer.
        self.slots: dict[tuple[str, str], tuple[int, datetime, dict[str, SlotMap]]] = {}
        self.lock = threading.RLock()

    def for_one_transaction(self) -> BlueprintCatalog:
        """Return one that knows the same versions, for a transaction that may be undone: nobody else finds what it
        loads.
        """
        own = BlueprintCatalog(self.load, self.purse)
        own.versions = self.versions.copy()
        own.outlines = {key: known.copy() for key, known in list(self.outlines.items())}
        return own

    def view(self, reading: Reading, organisation: str, now: datetime) -> Catalog:
        """Return the catalog as one transaction sees it."""
        return Catalog(self, reading, organisation, now)


class Catalog:
    """The blueprints as one transaction sees them."""

    def __init__(self, kept: BlueprintCatalog, reading: Reading, organisation: str, now: datetime) -> None:
        self.kept = kept
        self.reading = reading
        self.organisation = organisation
        self.now = now
        #: What all formulas that are evaluated for one request, or one command, may use together.
        self.purse = kept.purse or Purse()
        self._newest: Mapping[str, int] | None = None
        #: The versions in use, which stay the same for as long as this view does.
        self._versions: dict[tuple[str, int], LoadedVersion] = {}
        #: Of the same: forms by their full names, what is current for a process, the process of a record.
        self._forms: dict[str, Form | None] = {}
        self._currents: dict[Process, CurrentForm] = {}
        self._processes: dict[tuple[str, int, str], Process] = {}
        self._places: WorkspacePlaces | None = None

    # Versions ---------------------------------------------------------------------------------------------------------

    @property
    def newest(self) -> Mapping[str, int]:
        """Return the newest version of each blueprint, asked once."""
        if self._newest is None:
            self._newest = self.reading.newest_versions(self.organisation)
        return self._newest

    def blueprint(self, key: str, version: int) -> Blueprint:
        """Return a version, loading it if this process has not yet. Raises KeyError when there is none."""
        return self._version(key, version).blueprint

    def _version(self, key: str, number: int) -> LoadedVersion:
        found = self._versions.get((key, number))
        if found is None:
            found = self.kept.versions.find((self.organisation, key, number)) or self._load(key, number)
            self._versions[key, number] = found
        return found

    def _load(self, key: str, number: int) -> LoadedVersion:
        place = (self.organisation, key, number)
        with self.kept.lock:
            found = self.kept.versions.find(place)
            if found is not None:
                return found
            stored = self.reading.version(self.organisation, key, number)
            if stored is None:
                raise KeyError(f"blueprint {key!r} has no version {number}")
            self.kept.loading.add(key)
            try:
                loaded = self.kept.load(stored.source, self._foreign, stored.edition)
                loaded = with_first_keys(loaded, read_first_keys(stored.canonical))
            finally:
                self.kept.loading.discard(key)
            self._remember_trials(loaded)
            return self.kept.versions.keep(place, loaded)

    def line(self, key: str, newest: int) -> VersionLine:
        """Return the versions of a blueprint up to *newest*; none is loaded for it."""
        known = self.kept.outlines.setdefault((self.organisation, key), Outlines())
        while known.read < newest:
            texts = self.reading.canonical_texts(self.organisation, key, known.read + 1, newest)
            if not texts:
                raise KeyError(f"blueprint {key!r} has no version {known.read + 1}")
            for number, canonical in texts:
                known.add(number, read_outline(canonical))
        return VersionLine(known.until(newest) if newest else (), lambda number: self.blueprint(key, number))

    def _remember_trials(self, loaded: Blueprint) -> None:
        """Learn which rules failed when some process tried them, before this one decides any."""
        if any(form.rules for form in loaded.forms.values()):
            remember(Failure(each.fingerprint, each.reason) for each in stored_trials(self.reading, self.organisation))

    def _foreign(self, name: str) -> Form | None:
        """Return a form of another blueprint; None for one that is itself being loaded, so that two may link to each
        other.
        """
        return None if name.partition(".")[0] in self.kept.loading else self.find_form(name)

    def newest_blueprint(self, key: str) -> Blueprint | None:
        """Return the newest version of a blueprint, or None."""
        number = self.newest.get(key)
        return None if number is None else self.blueprint(key, number)

    def find_form(self, name: str) -> Form | None:
        """Return the newest form of the full name ``blueprint.form``, or None. A form is found by a name that it had
        before, unless another one has it now.
        """
        if name not in self._forms:
            key, _, form = name.partition(".")
            blueprint = self.newest_blueprint(key)
            found = None if blueprint is None else blueprint.forms.get(form)
            if blueprint is not None and found is None:
                found = blueprint.forms.get(self._key_now(key, form) or "")
            self._forms[name] = found
        return self._forms[name]

    def _key_now(self, blueprint: str, former: str) -> str | None:
        """Return the key that a form has now which was called *former*; None where there is none."""
        newest = self.newest[blueprint]
        place = (self.organisation, blueprint)
        known = self.kept.former_forms.get(place)
        if known is None or known[0] != newest:
            known = self.kept.former_forms[place] = (newest, {})
        if former not in known[1]:
            line = self.line(blueprint, newest)
            last = next((number for number, outline in reversed(line.versions) if former in outline.forms), None)
            if last is None:
                return None  # nothing that was ever a form: a text may say whatever it likes
            known[1][former] = line.since(last).form_key(former)
        return known[1][former]

    def same_processes(self, key: str, version: int) -> dict[tuple[int, str], bool]:
        """Return what is known of (older version, form of it) → whether it has the same process in *version*: what
        compares them notes it there, and need not load the older one again.
        """
        return self._version(key, version).same_processes

    # Processes --------------------------------------------------------------------------------------------------------

    def process(self, blueprint: str, version: int, form: str) -> Process:
        """Return a form of a version, ready to run."""
        return self._version(blueprint, version).process(form)

    def process_of(self, stored: StoredRecord) -> Process:
        """Return the process a record is pinned to. Raises KeyError when its version has no such form."""
        return self.kept_process(stored.blueprint, stored.version, stored.form)

    def kept_process(self, blueprint: str, version: int, kept_as: str) -> Process:
        """Return the form of a version whose records are *kept_as* this, ready to run. Raises KeyError when it has
        none.
        """
        place = (blueprint, version, kept_as)
        found = self._processes.get(place)
        if found is None:
            found = self._processes[place] = self._version(blueprint, version).process_kept_as(kept_as)
        return found

    def find_newest(self, blueprint: str, form: str) -> Process | None:
        """Return the newest process of a form that new records may be made of, found as `find_form` does, or None."""
        found = self.find_form(f"{blueprint}.{form}")
        return None if found is None else self.process(blueprint, self.newest[blueprint], found.key)

    def newest_process(self, name: str) -> Process:
        """Return the newest process of the full name ``blueprint.form``. Raises KeyError when there is none."""
        blueprint, _, form = name.partition(".")
        found = self.find_newest(blueprint, form)
        if found is None:
            raise KeyError(f"there is no form {name!r}")
        return found

    def find_process(self, blueprint: str, version: int, kept_as: str) -> Process | None:
        """Return the form of a version whose records are *kept_as* this, ready to run; None where it has none."""
        found = self._version(blueprint, version)
        return found.process_kept_as(kept_as) if kept_as in found.blueprint.kept_forms else None

    def older_versions(self, process: Process) -> Sequence[int]:
        """Return the versions before the newest *process*, the later first, that open records of its form live by."""
        if process.version <= 1:
            return ()
        form = process.form
        place = (self.organisation, form.blueprint, form.key)
        known = self.kept.older_versions.get(place)
        if known is None or known[0] != process.version or not timedelta() <= self.now - known[1] < VERSIONS_KEPT:
            ended = self._ends(form)
            found = self.reading.older_versions(self.organisation, form, process.version, ended)
            known = self.kept.older_versions[place] = (process.version, self.now, found)
        return sorted(known[2], reverse=True)

    def _ends(self, form: Form) -> set[str]:
        """Return the states, also as they were called before, that no record leaves by any version of *form*."""
        former = self.former_states(form)
        lived = {
            former.get(key, key)
            for _, outline in self.line(form.blueprint, self.newest.get(form.blueprint, 0)).versions
            if (then := outline.kept(form.kept_as)) is not None
            for key, state in then.states.items()
            if not state.final
        }
        ends = {key for key, state in form.states.items() if state.final and not state.start} - lived
        return ends | {was for was, now in former.items() if now in ends}

    # What is current --------------------------------------------------------------------------------------------------

    def current(self, process: Process) -> CurrentForm:
        """Return what is current for records of *process*."""
        found = self._currents.get(process)
        if found is None:
            found = self._currents[process] = self._find_current(process)
        return found

    def _find_current(self, process: Process) -> CurrentForm:
        key, form = process.blueprint.key, process.form
        newest = self.newest.get(key, process.version)
        kept = self._version(key, process.version).currents
        found = kept.get(form.key)
        if found is None or found[0] != newest:
            if newest == process.version:
                policy = policy_of(process.blueprint, form, old_states=self.former_states(form))
                made = CurrentForm(form, form, None, {}, policy)
            else:
                made = current_of(process.blueprint, form, self.line(key, newest).since(process.version))
            found = kept[form.key] = (newest, made)
        return found[1]

    def former_states(self, form: Form) -> Mapping[str, str]:
        """Return {state that records of older versions may have: its key now} of a newest form; worked out once."""
        newest = self.newest.get(form.blueprint, 0)
        if newest <= 1 or not form.states:
            return {}
        place = (self.organisation, form.blueprint)
        known = self.kept.former_states.get(place)
        if known is None or known[0] != newest:
            outlines = [outline for _, outline in self.line(form.blueprint, newest).versions]
            known = self.kept.former_states[place] = (newest, former_states(outlines))
        return known[1].get(form.key, {})

    def form_now(self, stored: StoredRecord) -> Form:
        """Return the form of a record as the newest version has it; as its own version does where it has ended."""
        process = self.process_of(stored)
        return self.current(process).newest or process.form

    def shares_of(self, blueprint: str) -> tuple[Share, ...]:
        """Return what a blueprint shares with other workspaces, as it is now."""
        found = self.places.blueprints.get(blueprint)
        return found.shares if found else ()

    def slots(self, form: Form) -> SlotMap:
        """Return the slots of a form; at most a few seconds old, and never older than the newest version."""
        key, newest = (self.organisation, form.blueprint), self.newest.get(form.blueprint, 0)
        known = self.kept.slots.get(key)
        if known is None or known[0] != newest or not timedelta() <= self.now - known[1] < KEPT:
            old = known[2] if known else {}
            read = self.reading.slot_maps(self.organisation, form.blueprint)
            # The same object for the same slots: what the store has planned with it stays valid.
            same = {name: old[name] if old.get(name) == slots else slots for name, slots in read.items()}
            known = self.kept.slots[key] = (newest, self.now, same)
        return known[2].get(form.kept_as, NO_SLOTS)

    @cached_property
    def revision(self) -> Hashable:
        """Return what is the same while nothing of what is protected was written, as this transaction sees it."""
        return self.reading.revision(self.organisation)

    @property
    def collation(self) -> str:
        """Return the language whose order the organisation's lists have; empty for the default."""
        found = self.places.organisation
        return found.collation if found is not None else ""

    @property
    def is_keyed(self) -> bool:
        """Tell whether the sort keys of all records are made with the organisation's collation as it is now."""
        found = self.places.organisation
        return found is None or found.collated == collation_of(found.collation).version

    # Places -----------------------------------------------------------------------------------------------------------

    @property
    def places(self) -> WorkspacePlaces:
        """Return workspaces and blueprints as they are now, read once for this transaction."""
        if self._places is None:
            self._places = WorkspacePlaces(self.reading, self.organisation)
        return self._places

    def home_of(self, process: Process) -> str:
        """Return the workspace of the process's blueprint."""
        found = self.places.blueprints.get(process.blueprint.key)
        return found.workspace if found else ""

    def is_within(self, process: Process, workspace: str) -> bool:
        """Tell whether records of *process* may be in *workspace*: its blueprint's own, or one inside that."""
        return self.home_of(process) in self.places.above(workspace)

    def whole_text(self, stored: StoredRecord, path: tuple[str, ...]) -> str | None:
        """Return the text that *stored* has in the field that the newest version calls *path*."""
        process = self.process_of(stored)
        current = self.current(process)
        field = next((of for of in process.form.fields.values() if current.path(of.path) == path), None)
        value = stored.data.get(field.key) if field is not None else None
        return value if isinstance(value, str) else None

    def people_with_role(self, blueprint: Blueprint, record: StoredRecord, role: str) -> list[StoredUser]:
        """Return the active people who hold *role* (or one that includes it) for a record: in its workspace or above
        it, and for its department where they hold it for one alone; by name.
        """
        roles = {key for key, held in blueprint.roles.items() if key == role or role in held.includes}
        return self.reading.users_with_role(self.organisation, record.workspace, roles, record.department)

    def holders(self, blueprint: Blueprint, record: StoredRecord, role: str) -> list[str]:
        """Return the ids of those people."""
        return [user.id for user in self.people_with_role(blueprint, record, role)]
