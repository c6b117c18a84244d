"""What actions do and rules come to: one class a word of the language, all of them listed here."""

from __future__ import annotations

from collections.abc import Mapping

from blankett.engine.effects.act import ActEffect as ActEffect
from blankett.engine.effects.assign import AssignEffect as AssignEffect
from blankett.engine.effects.base import Effect as Effect
from blankett.engine.effects.create import CreateEffect as CreateEffect
from blankett.engine.effects.notify import NotifyEffect as NotifyEffect
from blankett.engine.effects.refuse import RefuseOutcome as RefuseOutcome
from blankett.engine.effects.require import RequireOutcome as RequireOutcome
from blankett.engine.effects.set import SetEffect as SetEffect
from blankett.engine.effects.timers import StartEffect as StartEffect
from blankett.engine.effects.timers import StopEffect as StopEffect
from blankett.engine.effects.update import UpdateEffect as UpdateEffect
from blankett.engine.effects.warn import WarnOutcome as WarnOutcome

#: What an action may have, in the order of the language reference.
OF_ACTIONS: tuple[type[Effect], ...] = (
    SetEffect,
    CreateEffect,
    UpdateEffect,
    AssignEffect,
    NotifyEffect,
    ActEffect,
    StartEffect,
    StopEffect,
)
#: What may follow when a rule fires.
OF_RULES: tuple[type[Effect], ...] = (
    SetEffect,
    RefuseOutcome,
    WarnOutcome,
    RequireOutcome,
    NotifyEffect,
    AssignEffect,
    CreateEffect,
)
#: Every effect and outcome, each once.
EFFECTS: tuple[type[Effect], ...] = tuple(dict.fromkeys((*OF_ACTIONS, *OF_RULES)))


def _by_word() -> Mapping[str, type[Effect]]:
    found = {effect.word: effect for effect in EFFECTS}
    if len(found) != len(EFFECTS):
        raise ValueError("two effects have one word")
    return found


EFFECTS_BY_WORD = _by_word()
