"""`warn`: it is done, and the person is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from blankett.engine.effects.base import Saying, Verdict


@dataclass(frozen=True, kw_only=True)
class WarnOutcome(Saying):
    """The command is carried out, and the person is told."""

    word: ClassVar[str] = "warn"
    help: ClassVar[str] = "It is done, and the person is told."
    told: ClassVar[str] = "outcome.warn"

    def decide(self, verdict: Verdict) -> None:
        """Warn."""
        verdict.warn(self)
