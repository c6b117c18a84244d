"""The fuzz target of `tests/fuzz`, on bytes made by hypothesis."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st


def _target() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "fuzz" / "formulas.py"
    spec = importlib.util.spec_from_file_location("fuzz_formulas", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TARGET = _target()


@given(st.binary(max_size=40).map(lambda data: b"\x01" + data))
def test_any_words_of_the_language_hold(data: bytes) -> None:
    TARGET.hold(TARGET.formula_of(data))


@given(st.text(max_size=60))
def test_any_text_holds(text: str) -> None:
    TARGET.hold(text)


#: Formulas that fuzzing found, or that come close to a bound.
FOUND = [
    '@"2026-03-01T10:00:00@Nowhere/Town"',
    "string(for i in 1..5000 return [partial[-1]])",
    "(for i in 1..9000 return {a: partial[-1]})[-1] = (for i in 1..9000 return {a: partial[-1]})[-1]",
    '{"a\\"b": 1}',
    'replace("' + "a" * 3000 + '", "(a|a|aa)+$", "$1$1")',
    'split("' + "a" * 3000 + '", "(a*)*b")',
    'matches("' + "a" * 3000 + '!", "^(([a-z])+.)+[A-Z]([a-z])+$")',
    "for x in 1..100000 return string(x)",
    "distinct values(for x in 1..90000 return {a: x})",
]


@pytest.mark.parametrize("formula", FOUND, ids=[each[:40] for each in FOUND])
def test_formula_that_once_was_trouble_holds(formula: str) -> None:
    TARGET.hold(formula)
