"""`python -m bench --size`: what an order and an action take of a database's file, and where its bytes are.

Orders are made and acted on through the engine, with their receipts, as people do it; a copy without free pages is
weighed before and after. Nothing here depends on the clock or on what else the machine does.
"""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bench.ground import people_of, reference_of
from blankett.engine.access import Actor
from blankett.engine.records import Command, Engine, Receipt
from blankett.engine.store import Store
from blankett.engine.store.schema import upgrade

BEGIN_SIZE = "<!-- size: written by `python -m bench --size` -->"
END_SIZE = "<!-- end of size -->"
LINES = 5
#: What is done to each order.
ACTIONS = ("submit", "approve", "ship")
#: What stands beside an order and its history: table → why.
BESIDE: Mapping[str, str] = {
    "act": "what nobody may change unseen, sealed",
    "intent": "receipts of the forms that were sent",
}
#: Tables that hardly grow with orders.
NOISE = ("counter", "known_name")
#: Bytes of an order with its first event, and of an action, that are aimed at.
AIMS = (4_500, 600)


@dataclass(frozen=True)
class Weight:
    """What orders and actions add to a database."""

    orders: int
    #: Table → bytes of an order in it and in its indexes; of an action.
    of_order: Mapping[str, float]
    of_action: Mapping[str, float]


def measure(folder: Path, orders: int = 500, seed: int = 1) -> Weight:
    """Return what *orders* orders of five lines add to a database in *folder*, and what three actions on each do."""
    file, chance = folder / "size.sqlite", random.Random(seed)
    store = Store(f"sqlite:///{file}")
    upgrade(store)
    engine = Engine(store, lambda: datetime.now(UTC))
    actor = people_of(store, engine)
    customers, products = reference_of(engine, actor)
    intents = (f"{number:032x}" for number in itertools.count(1))
    empty = weigh(file)
    made = [_order(engine, actor, next(intents), number, customers, products, chance) for number in range(orders)]
    with_orders = weigh(file)
    for order in made:
        for action in ACTIONS:
            _do(engine, Command(
                intent=next(intents), actor=actor, blueprint="bench", form="order", record=order, action=action
            ))  # fmt: skip
    with_actions = weigh(file)
    store.close()
    return Weight(orders, _each(empty, with_orders, orders), _each(with_orders, with_actions, orders * len(ACTIONS)))


def table(found: Weight) -> str:
    """Return the weights as a Markdown table."""
    sides = (found.of_order, found.of_action)
    names = sorted({*found.of_order, *found.of_action} - set(NOISE), key=lambda name: -found.of_order.get(name, 0))
    own = [name for name in names if name not in BESIDE]
    lines = ["| bytes | an order with 5 lines | an action |", "|---|---:|---:|"]
    lines += [_line(name, *(side.get(name, 0) for side in sides)) for name in own]
    sums = [sum(side.get(name, 0) for name in own) for side in sides]
    shown = [f"{total:,.0f}" if total <= aim else f"**{total:,.0f}**" for total, aim in zip(sums, AIMS, strict=True)]
    aims = [f"{text} (aim {aim:,})" for text, aim in zip(shown, AIMS, strict=True)]
    lines.append(f"| together | {' | '.join(aims)} |")
    lines += [
        _line(f"{name}: {BESIDE[name]}", *(side.get(name, 0) for side in sides)) for name in names if name in BESIDE
    ]
    return "\n".join(lines)


def _line(title: str, *sizes: float) -> str:
    return f"| {title} | {' | '.join(f'{size:,.0f}' if size >= 1 else '–' for size in sizes)} |"


def _order(
    engine: Engine, actor: Actor, intent: str, number: int, customers: Sequence[str], products: Sequence[str],
    chance: random.Random,
) -> str:  # fmt: skip
    values = {
        "customer": chance.choice(customers),
        "channel": chance.choice(["web", "phone", "email"]),
        "reference": f"REF-{number}",
        "promised": (engine.clock() + timedelta(days=30)).date(),
        "lines": [
            {"product": product, "quantity": Decimal(chance.randint(1, 40))}
            for product in chance.sample(products, LINES)
        ],
    }
    return _do(engine, Command(intent=intent, actor=actor, blueprint="bench", form="order", values=values))


def _do(engine: Engine, command: Command) -> str:
    answer = engine.apply(command)
    assert isinstance(answer, Receipt), answer
    return answer.record


def weigh(file: Path) -> dict[str, int]:
    """Return table → bytes of a copy of the database *file* without free pages; indexes count as their table's."""
    copy = file.with_suffix(".copy")
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    found: dict[str, int] = defaultdict(int)
    with closing(sqlite3.connect(copy)) as connection:
        tables = dict(connection.execute("SELECT name, tbl_name FROM sqlite_schema"))
        for name, size in connection.execute("SELECT name, pgsize FROM dbstat WHERE aggregate = 1"):
            table = tables.get(name, name)
            found["search" if table.startswith("search_") else table] += size
    copy.unlink()
    return found


def _each(before: Mapping[str, int], after: Mapping[str, int], count: int) -> dict[str, float]:
    grown = {name: (size - before.get(name, 0)) / count for name, size in after.items()}
    return {name: size for name, size in sorted(grown.items(), key=lambda item: -item[1]) if size >= 1}
