"""Blueprints made to break the checker: always problems with places, never another exception, never for long."""

from __future__ import annotations

import random
import re
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counted import FLAGSHIP, counted

from blankett.engine.checks import check_blueprint

HEAD = "blueprint: a\nlanguage: 1\ntitle: A\nforms:\n  f:\n    fields:\n"
GRANTS = "    grants:\n      - {who: everyone, may: all}\n"


def field_lines(*lines: str) -> str:
    """Return a blueprint of one form with these fields."""
    return HEAD + "".join(f"      {line}\n" for line in lines) + GRANTS


CHAIN = [f"f{number}: {{type: number, compute: f{number + 1} + 1}}" for number in range(3_000)]
LOOP = "(" * 500 + "1" + ")" * 500
HOSTILE = {
    "ten thousand keys": (field_lines(*(f"k{number}: {{typo: 1}}" for number in range(10_000))), "unknown_key"),
    "ten thousand fields": (field_lines(*(f"k{number}: {{type: number}}" for number in range(10_000))), None),
    "a chain of three thousand computes": (field_lines(*CHAIN, "f3000: {type: number}"), None),
    "a circle of three thousand computes": (field_lines(*CHAIN, "f3000: {type: number, compute: f0}"), "cycle"),
    "a formula of brackets": (field_lines(f"n: {{type: number, compute: '{LOOP}'}}"), "formula_syntax"),
    "a long formula": (field_lines(f"n: {{type: number, compute: '{'1 + ' * 20_000}1'}}"), "formula_syntax"),
    "a slow pattern": (field_lines("n: {type: text, pattern: '^(a+)+$', default: " + "a" * 400 + "!}"), "bad_value"),
    "a huge pattern": (field_lines("n: {type: text, pattern: '((((a{1000}){1000}){1000}){1000})'}"), "bad_pattern"),
    "a huge number": (field_lines(f"n: {{type: number, decimals: {'9' * 5_000}}}"), "not_whole"),
    "a huge default": (field_lines(f"n: {{type: number, default: {'9' * 5_000}}}"), "bad_value"),
    "a huge exponent": (field_lines("n: {type: number, compute: 10 ** 999999999}"), None),
    "a lone surrogate": (field_lines("n: {type: text, title: '\ud800'}"), "bad_character"),
    "a right-to-left key": (field_lines("n\u202e: {type: text}"), "hidden_in_key"),
    "a right-to-left formula": (field_lines("n: {type: yes_no, compute: 1 = \u202e2}"), "formula_syntax"),
    "links in a circle": (
        field_lines("n: {type: link, to: f}", "m: {type: number, compute: n.n.n.n.m}"),
        "too_many_steps",
    ),
    "a live circle through a link": (
        field_lines("n: {type: link, to: f}", "m: {type: number, compute: n.m + 1}"),
        None,
    ),
    "a key of a megabyte": (field_lines(f"{'k' * 900_000}: {{type: text}}"), "bad_yaml"),
    "a formula that looks for attributes": (
        field_lines("n: {type: text, compute: n.__class__.__mro__}"),
        "unknown_member",
    ),
    "a formula that calls": (field_lines("n: {type: text, compute: '__import__(\"os\")'}"), "unknown_function"),
}


@pytest.fixture(scope="module")
def flagship() -> int:
    """Give what checking the flagship costs."""
    return counted(lambda: check_blueprint(FLAGSHIP))[0]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_blueprints_are_answered_soon(name: str, flagship: int) -> None:
    text, problem = HOSTILE[name]
    calls, loaded = counted(lambda: check_blueprint(text))
    assert {found.name for found in loaded.problems if found.is_error} >= ({problem} if problem else set())
    assert (loaded.blueprint is None) == any(found.is_error for found in loaded.problems)
    assert calls < 10 * flagship


SHIPPED = (files("blankett.blueprints") / "leave_request.yaml").read_text(encoding="utf-8").split("\n")
WORDS = [
    *re.findall(r"[a-z_.]+|\"[^\"\n]*\"", "\n".join(SHIPPED))[:400],
    *("null", "= null", "= record", "[]", "{}", "0", "~", '""', "today()", "x.y", "inputs.x", "this", "table", "link"),
    *("money", "everyone", "1e999", "é", "|", "parent.x", "= lines", "[a, b]", "{a: b}", "that.x", "record", "EUR"),
]


def changed(line: str, randomness: random.Random) -> list[str]:
    """Return what becomes of a line: gone, twice, elsewhere indented, with another word or value."""
    kind = randomness.randrange(6)
    found = list(re.finditer(r"[A-Za-z_\"][\w. ]*|\d+", line))
    if kind == 0 or (kind in (1, 2) and not found):
        return []
    if kind in (1, 2):
        word = randomness.choice(found)
        return [line[: word.start()] + randomness.choice(WORDS) + line[word.end() :]]
    if kind == 3:
        return [line.partition(":")[0] + ": " + randomness.choice(WORDS)]
    return [line, randomness.choice(SHIPPED)] if kind == 4 else ["  " + line]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_any_change_to_a_blueprint_gives_problems_with_places_never_an_exception(seed: int) -> None:
    randomness = random.Random(seed)
    lines = list(SHIPPED)
    for _ in range(randomness.randint(1, 4)):
        at = randomness.randrange(len(lines))
        lines[at : at + 1] = changed(lines[at], randomness)
    loaded = check_blueprint("\n".join(lines))
    assert loaded.blueprint is not None or any(problem.is_error for problem in loaded.problems)
    assert all(1 <= problem.place.line <= len(lines) + 1 for problem in loaded.problems)
