"""Rules decided by durable-rules: as the predicates do, inside limits, and not at all where it fails."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from tests.engine.rules.made_rules import MOMENT, described, made_record, made_rules, rule

from blankett.engine.rules import durable, faults, library_version
from blankett.engine.rules.durable import DurableRules, LibraryFault, Session, profile, refuse_unfit
from blankett.engine.rules.durable import faults as noted_faults
from blankett.engine.rules.durable.faults import NotedFault
from blankett.engine.rules.durable.profile import (
    MAX_ABSENT,
    MAX_ATTRIBUTES,
    MAX_BRANCHES,
    MAX_NUMBER,
    MAX_TESTS,
    RuleFault,
    attribute_names,
    fnv32,
    packets_of,
)
from blankett.engine.rules.rule_evaluator import Predicates
from blankett.engine.rules.rule_sets import MAX_STARTS, Fired, RuleEngineError, RuleSet, chosen_engine

#: How many sets of rules are made; `make nightly` makes more.
CASES = int(os.environ.get("BLANKETT_RULE_CASES", "500"))

#: Skips where the library is not installed; where BLANKETT_REQUIRE_DURABLE is set, such a test fails.
needs_library = pytest.mark.skipif(
    library_version() is None and not os.environ.get("BLANKETT_REQUIRE_DURABLE"),
    reason="durable_rules is not installed",
)


@pytest.fixture(autouse=True)
def _no_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted_faults, "_kept", noted_faults.KeptFaults())


def decided(conditions: list[str], names: dict[str, object]) -> tuple[int, ...]:
    """Return which of some conditions durable-rules finds to hold."""
    library = DurableRules(Predicates([rule(f"rule_{at}", text) for at, text in enumerate(conditions)]))
    try:
        return library.fired(names, MOMENT)
    finally:
        library.close()


def told(condition: str, **names: object) -> object:
    """Return what the library is told of the only operand of a condition."""
    predicates = Predicates([rule("only", condition)])
    (packet,) = packets_of(predicates)
    (attribute,) = packet.attributes.values()
    assert attribute.column is not None
    return attribute.tell(predicates.values(names, MOMENT)[attribute.column])


# ---- the same answers ----


@needs_library
@pytest.mark.parametrize("seed", range(100, 110))
def test_durable_rules_decides_as_the_predicates_do(seed: int) -> None:
    random = Random(seed)
    for _ in range(CASES // 10):
        rules = made_rules(random)
        predicates = Predicates(rules)
        library = DurableRules(predicates)
        for _ in range(3):
            names = made_record(random)
            assert library.fired(names, MOMENT) == predicates.fired(names, MOMENT), described(rules, names)
        library.close()


@needs_library
def test_each_rule_fires_once_however_many_of_its_alternatives_hold() -> None:
    conditions = ["total > 1 or total > 2 or urgent", "total in (1, 2, 3)", "total != 5 or total = null"]
    assert decided(conditions, {"total": Decimal(3), "urgent": True}) == (0, 1, 2)


@needs_library
def test_a_thousand_rules_are_split_and_all_are_looked_at() -> None:
    conditions = [f'total > {number} and (tier = "gold" or discount = null)' for number in range(500)]
    conditions += [f"limit != {number}" for number in range(500)]
    names: dict[str, object] = {"total": Decimal(250), "limit": Decimal(7), "discount": None}
    expected = (*range(250), *(500 + number for number in range(500) if number != 7))
    predicates = Predicates([rule(f"rule_{at}", text) for at, text in enumerate(conditions)])
    library = DurableRules(predicates)
    assert len(library.sessions) > 10
    assert library.fired(names, MOMENT) == predicates.fired(names, MOMENT) == expected
    library.close()


# ---- what the library is told ----


@pytest.mark.parametrize(
    ("condition", "names", "expected"),
    [
        ("total > 12.50", {"total": Decimal("12.50")}, 2500),
        ("total > 12.50", {"total": Decimal("12.504")}, 2501),
        ("total > 12.50 and total < 99", {"total": Decimal("-0.001")}, 2499),
        ("total > 100", {"total": Decimal("1E+6000")}, 201),
        ("total > -100", {"total": Decimal("-1E+6000")}, -201),
        ("total > 100", {"total": None}, None),
        ('due > @"1970-01-31"', {"due": date(1970, 1, 31)}, 30),
        ('due > @"1970-01-31"', {"due": date(9999, 12, 31)}, 31),
        ('note = "a" or note = "b"', {"note": "a"}, "a"),
        ('note = "a" or note = "~"', {"note": "Somebody's secret"}, "~~"),
        ("urgent", {"urgent": False}, False),
        ("total = null", {"total": Decimal("1E+6000")}, True),
        ("total > 1E40", {"total": Decimal("1E+41")}, True),
        ("total > 0.00000000001", {"total": Decimal(0)}, None),
        ('note = "a\\"b"', {"note": 'a"b'}, True),
        ('note > "a"', {"note": "b"}, True),
        ("odd = 3", {"odd": Decimal(3)}, True),
        ("odd = 3", {"odd": [1]}, None),
        ("total > limit", {"total": Decimal(2), "limit": Decimal(1)}, True),
    ],
    ids=[
        "number", "between two numbers", "below", "too large", "too small", "null", "day", "too late", "word",
        "any other text", "truth", "presence", "large constant", "many places", "quoted word", "order of texts",
        "any type", "another type", "two fields",
    ],
)  # fmt: skip
def test_values_are_told_as_small_numbers_truths_and_words_of_the_rules(
    condition: str, names: dict[str, object], expected: object
) -> None:
    found = told(condition, **names)
    assert (found, type(found)) == (expected, type(expected))


def test_a_value_of_another_kind_than_its_type_is_a_fault_where_it_matters() -> None:
    assert told('tier = "gold"', tier=None) is None
    with pytest.raises(RuleFault, match=r"^a value is Decimal, not str$"):
        told('tier != "gold"', tier=Decimal(3))


@pytest.mark.parametrize("value", [1.5, None, [1], 2**53 + 1, "a" * 201, "a\n", "\ud800"], ids=repr)
def test_nothing_else_reaches_the_library(value: Any) -> None:
    with pytest.raises(RuleFault, match=r"^the attribute a0 is not fit for the library$"):
        refuse_unfit({"a0": value})


def test_every_set_stays_inside_the_limits_of_the_library() -> None:
    random = Random(7)
    rules = [each for _ in range(100) for each in made_rules(random)]
    packets = packets_of(Predicates(rules))
    assert len(packets) > 5
    for packet in packets:
        assert packet.branches <= MAX_BRANCHES
        assert len(packet.attributes) <= MAX_ATTRIBUTES
        written = json.dumps(packet.rules)
        assert written.count("$nex") <= MAX_ABSENT
        assert sum(written.count(f'"{name}"') for name in packet.attributes) <= MAX_TESTS
        assert not {"$mt", "$imt", "$div", "$mul", "$iany", "$iall", "$not", "$m", "null"} & set(written.split('"'))
        assert '"$and": []' not in written
        assert '"$or": []' not in written
        assert all(_is_guarded(expression) for expression in packet.rules.values())


def _is_guarded(expression: dict[str, Any]) -> bool:
    return expression == profile.GUARD or expression["$and"][0] == profile.GUARD


def test_a_name_that_the_library_would_take_for_another_is_left_out() -> None:
    names = attribute_names(
        lambda name: fnv32("kind") if name == "a1" else fnv32("a0") if name == "a2" else fnv32(name)
    )
    assert [next(names) for _ in range(3)] == ["a0", "a3", "a4"]


def test_names_are_hashed_as_the_library_does() -> None:
    assert fnv32("") == 0x811C9DC5
    assert fnv32("a") == 0x050C5D7E


# ---- one session at a time ----


@needs_library
def test_no_thread_is_started_and_nothing_stays_in_the_library() -> None:
    before = threading.active_count()
    library = DurableRules(Predicates([rule("only", "total > 1")]))
    for number in range(50):
        assert library.fired({"total": Decimal(number % 3)}, MOMENT) == ((0,) if number % 3 == 2 else ())
    (session,) = library.sessions
    assert session._host is not None
    assert session._host.get_facts("r", "s") == []
    assert threading.active_count() == before
    library.close()


@needs_library
def test_many_threads_each_get_their_own_answer() -> None:
    library = DurableRules(Predicates([rule(f"rule_{number}", f"total = {number}") for number in range(8)]))

    def ask(number: int) -> bool:
        return all(library.fired({"total": Decimal(number)}, MOMENT) == (number,) for _ in range(100))

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [True] * 8
    library.close()


@needs_library
@pytest.mark.parametrize("asks", [0, 1])
def test_a_closed_set_answers_no_more_and_may_be_closed_again(asks: int) -> None:
    library = DurableRules(Predicates([rule("only", "total > 1")]))
    for _ in range(asks):
        library.fired({}, MOMENT)
    library.close()
    library.close()
    with pytest.raises(RuleFault, match=r"^the set is closed$"):
        library.fired({}, MOMENT)


# ---- faults ----


@needs_library
def test_the_predicates_answer_where_the_library_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    found = RuleSet((rule("only", "total > 1"),), "orders.order save", "durable")
    names = {"total": Decimal(2)}
    assert found.fired(names, MOMENT) == Fired(("only",), "durable")
    monkeypatch.setattr(DurableRules, "__init__", lambda self, *given: _fail("does not start"))
    monkeypatch.setattr(Session, "fired", lambda self, told: _fail("lost its way"))
    assert found.fired(names, MOMENT) == Fired(("only",), "python", "lost its way")
    assert found.fired(names, MOMENT) == Fired(("only",), "python", "does not start")
    assert faults().count == 2
    assert faults().latest[1] == NotedFault(MOMENT.now, "orders.order save", "lost its way")


@needs_library
def test_what_is_only_foreseen_is_not_asked_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "fired", lambda self, told: _fail("lost its way"))
    found = RuleSet((rule("only", "total > 1"),), "orders.order save", "durable")
    assert found.foreseen({"total": Decimal(2)}, MOMENT) == Fired(("only",), "python")
    assert faults().count == 0


def _fail(message: str) -> None:
    raise LibraryFault(message)


@needs_library
def test_a_set_that_keeps_failing_is_left_to_the_predicates(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Session, "fired", lambda self, told: _fail("lost its way"))
    found = RuleSet((rule("only", "total > 1"),), "orders.order save", "durable")
    answers = [found.fired({"total": Decimal(2)}, MOMENT) for _ in range(MAX_STARTS + 2)]
    assert answers == [Fired(("only",), "python", "lost its way")] * MAX_STARTS + [Fired(("only",), "python")] * 2
    assert found.engine == "python"
    assert faults().count == MAX_STARTS
    assert {record.message for record in caplog.records} == {
        "durable-rules failed for orders.order save, the predicates decided: lost its way"
    }


@needs_library
def test_a_fault_tells_nothing_of_the_record() -> None:
    session = DurableRules(Predicates([rule("only", 'tier = "gold"')])).sessions[0]
    session._host.assert_fact("r", {"id": "f0", "sid": "s", "kind": "rec"})  # type: ignore[union-attr]
    with pytest.raises(LibraryFault, match=r"^MessageObservedException$"):
        session.fired({"a0": "gold"})


@needs_library
def test_an_order_of_the_library_that_stops_half_way_is_a_fault() -> None:
    session = DurableRules(Predicates([rule("only", "urgent")])).sessions[0]
    session._noting = lambda name: lambda context: None  # type: ignore[method-assign]
    session._fired = _Deaf()
    with pytest.raises(LibraryFault, match=r"^the library did not look at every rule$"):
        session.fired({"a0": True})


class _Deaf(list[str]):
    def append(self, item: str) -> None:
        if item != "end":
            super().append(item)


# ---- the choice ----


def test_the_predicates_decide_where_the_library_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blankett.engine.rules.rule_sets.library_version", lambda: None)
    monkeypatch.delenv("BLANKETT_RULES_ENGINE", raising=False)
    assert chosen_engine() == "python"
    monkeypatch.setenv("BLANKETT_RULES_ENGINE", "durable")
    with pytest.raises(RuleEngineError, match=r"^BLANKETT_RULES_ENGINE is durable, but durable_rules is not installed"):
        chosen_engine()


def test_the_library_decides_where_it_is_installed_and_not_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blankett.engine.rules.rule_sets.library_version", lambda: "2.0.28")
    monkeypatch.delenv("BLANKETT_RULES_ENGINE", raising=False)
    assert chosen_engine() == "durable"
    monkeypatch.setenv("BLANKETT_RULES_ENGINE", "python")
    assert chosen_engine() == "python"
    monkeypatch.setenv("BLANKETT_RULES_ENGINE", "drools")
    with pytest.raises(RuleEngineError, match=r"^BLANKETT_RULES_ENGINE is 'drools'; it must be durable or python.$"):
        chosen_engine()


def test_a_library_that_does_not_load_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "find_spec", lambda name: None)
    assert durable.library_version.__wrapped__() is None


def test_the_largest_number_is_one_that_the_library_tells_apart() -> None:
    assert MAX_NUMBER < 2**63
