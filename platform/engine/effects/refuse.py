"""`refuse`: nothing is done, and the person is told why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from blankett.engine.effects.base import Saying, Verdict


@dataclass(frozen=True, kw_only=True)
class RefuseOutcome(Saying):
    """The command is refused, with a message."""

    word: ClassVar[str] = "refuse"
    help: ClassVar[str] = "Nothing is done, and the person is told why."
    told: ClassVar[str] = "outcome.refuse"
    refuses: ClassVar[bool] = True
    may_refuse: ClassVar[bool] = True

    def decide(self, verdict: Verdict) -> None:
        """Refuse."""
        verdict.refuse(self)
