"""Receipts of forms that were sent: old ones are forgotten in the background, and nobody misses them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from blankett.engine.store import Store, tables
from blankett.engine.verify import verify
from blankett.web.services import Services
from blankett.work.chores import Chores

from .conftest import Clock
from .test_entry import customer, draft

__all__ = ["customer", "draft"]


@pytest.fixture
def chores(services: Services) -> Chores:
    """What a worker does again and again."""
    return Chores(services.store, services.clock)


def kept(store: Store) -> int:
    """Return how many receipts there are."""
    with store.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(tables.intent)) or 0


def told(store: Store) -> list[tuple[str, str]]:
    """Return what verifying says of acts, seals and rows without a record."""
    return [(each.promise, each.message) for each in verify(store) if each.promise in ("act", "seal", "orphan")]


def test_old_receipts_are_forgotten_a_day_after_their_week(
    chores: Chores, draft: str, services: Services, clock: Clock
) -> None:
    for days, wanted in ((6, 1), (1, 1), (1, 0)):
        clock.pass_by(days=days)
        chores.do()
        assert (kept(services.store), told(services.store)) == (wanted, [])


def test_a_young_receipt_that_is_gone_is_missed(chores: Chores, draft: str, services: Services, clock: Clock) -> None:
    clock.pass_by(days=5)
    chores.do()
    with services.store.engine.begin() as connection:
        connection.execute(sa.delete(tables.intent))
    assert told(services.store) == [("act", "verify.act_gone")]


def test_what_was_looked_through_is_not_looked_through_again_that_day(
    chores: Chores, draft: str, services: Services, clock: Clock
) -> None:
    clock.pass_by(days=9)
    chores.do()
    statements: list[str] = []
    sa.event.listen(services.store.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    chores.do()
    assert [each for each in statements if "intent" in each] == []
