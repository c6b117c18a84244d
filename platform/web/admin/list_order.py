"""The order of an organisation's lists: a language that an administrator chooses, followed in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable

from blankett.engine.access import Actor
from blankett.engine.publish.sort_keys import choose_collation, is_stale, rekey
from blankett.engine.records import Engine
from blankett.engine.store import Organisation

#: The orders there are, each called as its readers call it; the first is the default.
ORDERS = {"en": "English", "da": "Dansk", "de": "Deutsch", "nb": "Norsk", "zh": "中文（拼音）"}

Run = Callable[[Callable[[], object]], None]


def in_background(work: Callable[[], object]) -> None:
    """Do *work* while pages go on; what a restart interrupts is gone on with at the next start."""
    threading.Thread(target=work, name="list order", daemon=True).start()


def order_of(organisation: Organisation | None) -> str:
    """Return the language an organisation's lists are sorted by."""
    chosen = organisation.collation if organisation is not None else ""
    return chosen if chosen in ORDERS else next(iter(ORDERS))


def is_sorting(organisation: Organisation | None) -> bool:
    """Tell whether records still wait for their new place in lists."""
    return organisation is not None and is_stale(organisation)


def choose_order(engine: Engine, actor: Actor, language: str, run: Run = in_background) -> bool:
    """Sort the organisation's lists as *language* does; False for one there is no order of."""
    if language not in ORDERS:
        return False
    choose_collation(engine, actor.organisation, language, by=actor.user)
    run(lambda: rekey(engine, actor.organisation))
    return True
