"""What a text costs on its way to a version: each thing once, and none of it again when it is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import blankett.engine.language.loader as loader
import blankett.engine.publish.candidate as candidate
from blankett.engine.publish import Publication, Published, Refused

from .conftest import SHOP, Office, put_in

NOTE = "      note: {type: text"
CALMER = put_in(SHOP, ("title: Shop\n", "title: Calm shop\n"), (f"{NOTE}}}\n", f"{NOTE}, unique: yes}}\n"))


@pytest.fixture
def costs(monkeypatch: pytest.MonkeyPatch, shop: Office) -> Counter[str]:
    """Count readings of YAML, checks, comparisons and runs of scenarios, once the version that is there was read."""
    with shop.store.reading() as reading:
        assert shop.engine.catalog.view(reading, "acme", shop.now).newest_blueprint("shop") is not None
    counted: Counter[str] = Counter()

    def count(module: Any, name: str, what: str) -> None:
        original: Callable[..., Any] = getattr(module, name)

        def counting(*args: Any, **more: Any) -> Any:
            counted[what] += 1
            return original(*args, **more)

        monkeypatch.setattr(module, name, counting)

    count(loader, "read_source", "readings")
    count(candidate, "check_blueprint", "checks")
    count(candidate, "diff", "comparisons")
    count(candidate, "run_scenarios", "runs")
    return counted


def publish(office: Office, source: str, user: str = "boss") -> Published | Refused:
    return office.publisher.publish(
        office.actor(user), Publication(source=source, blueprint="shop", base=1, move="move")
    )


def test_a_preview_costs_each_thing_once_and_the_publish_none_again(shop: Office, costs: Counter[str]) -> None:
    shop.order(shop.customer(), channel="fax")
    shop.publisher.preview(shop.actor("boss"), "shop", CALMER)
    shop.publisher.run_scenarios(shop.actor("boss"), CALMER)
    assert costs == {"readings": 1, "checks": 1, "comparisons": 1, "runs": 1}
    shop.publisher.preview(shop.actor("boss"), "shop", CALMER)
    answer = publish(shop, CALMER)
    assert isinstance(answer, Published)
    assert answer.moved == 1
    assert costs == {"readings": 1, "checks": 1, "comparisons": 1, "runs": 1}


def test_a_publish_without_a_preview_costs_each_thing_once_too(shop: Office, costs: Counter[str]) -> None:
    assert isinstance(publish(shop, CALMER), Published)
    assert costs == {"readings": 1, "checks": 1, "runs": 1}


def test_another_text_and_another_version_are_looked_at_anew(shop: Office, costs: Counter[str]) -> None:
    shop.publisher.preview(shop.actor("boss"), "shop", CALMER)
    shop.publisher.preview(shop.actor("boss"), "shop", f"{CALMER}\n")
    shop.publish(put_in(SHOP, ("title: Shop\n", "title: Loud shop\n")))
    shop.publisher.preview(shop.actor("boss"), "shop", CALMER)
    assert (costs["checks"], costs["comparisons"]) == (4, 3)


def test_what_is_kept_lets_nobody_in(shop: Office) -> None:
    shop.publisher.preview(shop.actor("boss"), "shop", CALMER)
    answer = publish(shop, CALMER, "anna")
    assert isinstance(answer, Refused)
    assert answer.kind == "forbidden"


def test_records_that_came_since_the_preview_are_weighed(shop: Office) -> None:
    buyer = shop.customer(tier="gold")
    fewer = put_in(SHOP, ("[gold, plain]", "[silver, plain]"), ('buyer.tier = "gold"', 'buyer.tier = "silver"'))
    shop.do("customer", buyer, tier="plain")
    assert not shop.preview(fewer).obstacles["stay"]
    shop.do("customer", buyer, tier="gold")
    answer = publish(shop, fewer)
    assert isinstance(answer, Refused)
    assert answer.kind == "records"


def test_only_the_last_texts_are_kept(shop: Office, costs: Counter[str]) -> None:
    for number in range(candidate.MOST + 1):
        shop.publisher.preview(shop.actor("boss"), "shop", f"{CALMER}# {number}\n")
    shop.publisher.preview(shop.actor("boss"), "shop", f"{CALMER}# 0\n")
    assert costs["checks"] == candidate.MOST + 2
