"""What grants hide and fields made of it still show: all of it is found, however many fields are made of each other."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from blankett.engine.checks import check_blueprint
from blankett.engine.checks.disclosure import hidden_sources
from blankett.engine.paths import Path

Reads = Mapping[int, list[int]]


def order_of(reads: Reads, hide: str) -> str:
    """Return a blueprint whose fields `f<n>` are set by rules to sums of those that *reads* names."""
    fields = "".join(f"      f{n}: {{type: number, required: yes}}\n" for n in reads)
    rules = "".join(
        f"      r{n}: {{at: save, then: [{{set: {{f{n}: '= {' + '.join(f'f{each}' for each in read)}'}}}}]}}\n"
        for n, read in reads.items()
        if read
    )
    return f"""
blueprint: shop
language: 1
title: Shop
roles: {{clerk: {{}}}}
forms:
  order:
    fields:
{fields}
    rules:
{rules}
    grants:
      - {{who: clerk, may: all}}
      - {{who: everyone, may: view, hide: [{hide}]}}
"""


def made_of(reads: Reads, n: int) -> set[int]:
    found: set[int] = set()
    waiting = list(reads[n])
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += reads[each]
    return found - {n}


@pytest.mark.parametrize("seed", range(25))
def test_hidden_fields_are_found_behind_any_others(seed: int) -> None:
    chance = random.Random(seed)
    reads = {n: chance.sample(range(9), chance.choice([0, 1, 1, 2, 3])) for n in range(9)}
    hidden = set(chance.sample(range(9), 3))
    loaded = check_blueprint(order_of(reads, ", ".join(f"f{n}" for n in sorted(hidden))))
    assert loaded.partial is not None
    expected: dict[Path, frozenset[Path]] = {
        (f"f{n}",): frozenset((f"f{each}",) for each in made_of(reads, n) & hidden) for n in reads
    }
    assert hidden_sources(loaded.partial.forms["order"]) == {path: each for path, each in expected.items() if each}


def test_a_long_chain_is_looked_at_to_its_end() -> None:
    fields = "".join(f"      f{n}: {{type: number, compute: f{n - 1} + 1}}\n" for n in range(1, 700))
    text = f"""
blueprint: shop
language: 1
title: Shop
roles: {{clerk: {{}}}}
forms:
  order:
    fields:
      f0: {{type: number, required: yes}}
{fields}
    grants:
      - {{who: clerk, may: all}}
      - {{who: everyone, may: view, hide: [f0]}}
"""
    told = [problem.text() for problem in check_blueprint(text).problems if problem.id.startswith(("BL5", "BL95"))]
    assert told == [
        "this grant hides 'f0' and opens 'f1', 'f2', 'f3', 'f4', 'f5', 'f6' and 693 more, made of that: hide those "
        "too, or say 'declassify' there."
    ]
