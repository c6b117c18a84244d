"""A text on its way to become a version: read, checked, compared and tried once, and kept for what follows.

Kept under the text and the newest versions of every blueprint, since those decide what the checker finds. What records
and people make of it (access, impact, obstacles) is asked anew each time: what is kept never decides what one may do.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from blankett.engine.blueprint.diff import Change, TextLine, diff, text_diff
from blankett.engine.blueprint.model import Blueprint
from blankett.engine.publish.checking import (
    Checked,
    FindBlueprint,
    canonical_texts,
    check_source,
    test_scenarios,
    try_rules,
)
from blankett.engine.rules import FailedTrial
from blankett.engine.runtime.catalog import Catalog
from blankett.engine.scenarios import ScenarioReport

#: Texts that are kept, the last used ones; the blueprint of each is in memory.
MOST = 4
T = TypeVar("T")
#: (organisation, digest of the text, the newest version of every blueprint)
Key = tuple[str, str, frozenset[tuple[str, int]]]


@dataclass
class Candidate:
    """One text, and what was worked out of it; each thing once, by whoever asks first."""

    checked: Checked
    _known: dict[str, object] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def blueprint(self) -> Blueprint:
        """Return the checked blueprint; there is one only where the text has no errors."""
        assert self.checked.blueprint is not None
        return self.checked.blueprint

    def compared(self, old: Blueprint | None) -> tuple[tuple[Change, ...], tuple[TextLine, ...]]:
        """Return what differs from *old*, the newest version when the text was read, in meaning and line by line."""
        new = self.blueprint
        return self._once("compared", lambda: (diff(old, new), text_diff(old.source, new.source)) if old else ((), ()))

    def scenarios(self, find: FindBlueprint) -> ScenarioReport:
        """Return how its scenarios went."""
        return self._once("scenarios", lambda: test_scenarios(self.blueprint, find))

    def failed_trials(self) -> tuple[FailedTrial, ...]:
        """Return the rules that durable-rules must not decide."""
        return self._once("trials", lambda: try_rules(self.blueprint))

    def canonical(self) -> tuple[str, str]:
        """Return the text's data and the places of its items, as JSON."""
        return self._once("canonical", lambda: canonical_texts(self.blueprint, self.checked.tree))

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._known:
                self._known[name] = make()
            return self._known[name]  # type: ignore[return-value]


class Candidates:
    """The last texts that somebody looked at on their way to a version."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Candidate] = OrderedDict()
        self._lock = threading.Lock()
        self._checking: dict[Key, threading.Lock] = {}

    def of(self, catalog: Catalog, source: str) -> Candidate:
        """Return the candidate of a text, checked with the other blueprints' newest forms in view."""
        text = source.replace("\r\n", "\n")
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        key = (catalog.organisation, digest, frozenset(catalog.newest.items()))
        with self._lock:
            checking = self._checking.setdefault(key, threading.Lock())
        with checking:
            found = self._find(key)
            if found is None:
                found = Candidate(check_source(text, catalog.find_form))
                self._keep(key, found)
            return found

    def _find(self, key: Key) -> Candidate | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _keep(self, key: Key, candidate: Candidate) -> None:
        with self._lock:
            self._kept[key] = candidate
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
            for waiting in self._checking.keys() - self._kept.keys() - {key}:
                del self._checking[waiting]
