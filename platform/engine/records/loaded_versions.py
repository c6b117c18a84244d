"""The versions that a process has in memory: the newest of each blueprint, and of older ones those used last.

A version never changes, so it may be forgotten at any time and loaded again. Whoever is at work with one holds it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from blankett.engine.language.model import Blueprint
from blankett.engine.language.renames import Outline
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.current_version import CurrentForm

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
