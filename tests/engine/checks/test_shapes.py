"""A blueprint of any shape costs at most ten times what checking the flagship does, counted in calls of functions.

Whole megabytes are looked at with `BLANKETT_HYPOTHESIS=thorough`; else a part of one, whose share is compared.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from tests.counted import FLAGSHIP, counted

from blankett.engine.checks import check_blueprint
from blankett.engine.language.loader import load_blueprint, partial_blueprint
from blankett.engine.language.problems import Problem
from blankett.engine.language.yaml_reader import MOST_BYTES

#: What any blueprint may cost, in flagships.
MOST_FLAGSHIPS = 10
#: What a part of a megabyte may cost beside its share: the work that is bounded for a whole blueprint, in flagships.
BOUNDED_WORK = 2.5
#: Bytes of a shape.
SIZE = MOST_BYTES if os.environ.get("BLANKETT_HYPOTHESIS") == "thorough" else 12_000

HEAD = "blueprint: shop\nlanguage: 1\ntitle: Shop\nroles:\n  clerk: {title: Clerk}\n"
GRANTS = "    grants:\n      - {who: clerk, may: all}\n"
NUMBER = "      a: {type: number}\n"

#: Formulas that read nothing, so that the checker may work them out, and that take long.
LONG_LOOP = 'count(split(replace(string join(for i in 1..20000 return "aaaa", ","), "a", "b"), ","))'
GROWN_TEXT = "string length(" + "replace(" * 5 + '"aaaaaaaaaa"' + ', "a", "aaaaaaaaaa")' * 5 + ")"

#: Lines of a blueprint, given how many there are to be.
Shape = Callable[[int], str]


def many(line: str, count: int, start: int = 0) -> str:
    """Return *line* for each number: `{n}` is the number, `{b}` the one before."""
    return "".join(line.replace("{n}", str(n)).replace("{b}", str(n - 1)) for n in range(start, count))


def form(fields: str, more: str = "", key: str = "order", grants: str = GRANTS) -> str:
    """Return a form."""
    return f"  {key}:\n    title: Order\n    fields:\n{fields}{more}{grants}"


def one(fields: str, more: str = "", grants: str = GRANTS, roles: str = "") -> str:
    """Return a blueprint with one form."""
    return HEAD + roles + "forms:\n" + form(fields, more, grants=grants)


def moving(states: str, actions: str) -> str:
    """Return a blueprint with the states and actions of an order."""
    return one(
        NUMBER, f"    states:\n      s0: {{start: true}}\n{states}      done: {{final: true}}\n    actions:\n{actions}"
    )


def decided(rows: str, inputs: int = 1) -> str:
    """Return a blueprint with a table of numbers that is called once."""
    names = [f"i{at}" for at in range(inputs)]
    called = f"{NUMBER}      b: {{type: number, compute: 'd({', '.join('a' for _ in names)})'}}\n"
    columns = ", ".join(f"{name}: number" for name in names)
    return (
        one(called)
        + f"tables:\n  d:\n    hit: unique\n    in: {{{columns}}}\n    out: {{o: number}}\n    rows:\n{rows}"
    )


def choices(count: int, line: str) -> str:
    """Return a blueprint in which one choice has as many options as there are fields that ask for one."""
    keys = ", ".join(f"o{n}" for n in range(count))
    return one(f"      a: {{type: choice, options: [{keys}]}}\n{many(line, count)}")


def nested(count: int) -> str:
    """Return a value as deep as it is long."""
    return HEAD + "x: " + "[" * count + "]" * count + "\n"


SHAPES: dict[str, Shape] = {
    "fields": lambda n: one(many("      f{n}: {type: number}\n", n)),
    "chain of computes": lambda n: one(
        NUMBER + many("      f{n}: {type: number, compute: f{b} + 1}\n", n).replace("f-1", "a")
    ),
    "chain of visible": lambda n: one(
        "      f0: {type: yes_no}\n" + many("      f{n}: {type: yes_no, visible: f{b}}\n", n, 1)
    ),
    "columns": lambda n: one(
        "      t:\n        type: table\n        fields:\n" + many("          f{n}: {type: number}\n", n)
    ),
    "tables of lines": lambda n: one(many("      t{n}: {type: table, fields: {x: {type: number}}}\n", n)),
    "forms": lambda n: HEAD + "forms:\n" + "".join(form(NUMBER, key=f"o{at}") for at in range(n)),
    "linked forms": lambda n: (
        HEAD
        + "forms:\n"
        + "".join(form(f"      l: {{type: link, to: o{(at + 1) % n}}}\n", key=f"o{at}") for at in range(n))
    ),
    "grants": lambda n: one(NUMBER, grants=GRANTS + many("      - {who: clerk, may: view, where: a > {n}}\n", n)),
    "hiding grants": lambda n: one(
        NUMBER + many("      f{n}: {type: number, compute: f{b} + 1}\n", n).replace("f-1", "a"),
        grants=GRANTS + "      - {who: everyone, may: view, hide: [a]}\n",
    ),
    "chain of roles": lambda n: one(
        NUMBER, roles=many("  r{n}: {title: R, includes: [r{b}]}\n", n).replace("r-1", "clerk")
    ),
    "options": lambda n: choices(n, ""),
    "compared options": lambda n: choices(n, '      f{n}: {type: yes_no, compute: a = "o{n}"}\n'),
    "states": lambda n: moving(
        many("      s{n}: {}\n", n, 1), many("      g{n}: {from: s{b}, to: s{n}, by: clerk}\n", n, 1)
    ),
    "guards": lambda n: moving("", many("      g{n}: {from: s0, to: done, by: clerk, when: a > {n}}\n", n)),
    "lists": lambda n: one(NUMBER, "    lists:\n" + many("      l{n}: {title: L, columns: [a], where: a > {n}}\n", n)),
    "checks": lambda n: one(NUMBER, "    checks:\n" + many("      c{n}: {that: a > {n}, message: no}\n", n)),
    "facts": lambda n: one(NUMBER, "    facts:\n" + many("      x{n}: {count: order, where: a > {n}}\n", n)),
    "rules": lambda n: one(
        NUMBER, "    rules:\n" + many("      r{n}: {at: save, when: a > {n}, then: [{set: {a: {n}}}]}\n", n)
    ),
    "chain of rules": lambda n: one(
        many("      f{n}: {type: number}\n", n),
        "    rules:\n" + many("      r{n}: {at: save, when: f{b} = 1, then: [{set: {f{n}: 1}}]}\n", n, 1),
    ),
    "rows": lambda n: decided(many("      - [{n}, {n}]\n", n)),
    "overlapping rows": lambda n: decided(
        "".join(f"      - ['[{at}..{at + 50}]', '> {at * 13 % 997}', {at}]\n" for at in range(n)), 2
    ),
    "tables": lambda n: (
        one(NUMBER)
        + "tables:\n"
        + many("  d{n}:\n    in: {i: number}\n    out: {o: number}\n    rows:\n      - ['-', 1]\n", n)
    ),
    "loops": lambda n: one(
        NUMBER + many("      f{n}: {type: number, compute: 'sum(for x in 1..3, y in 1..x return x * y)'}\n", n)
    ),
    "templates": lambda n: one(NUMBER + many('      f{n}: {type: number, help: "{a} and {a} and {a}"}\n', n)),
    "bounds": lambda n: one(NUMBER + many("      f{n}: {type: number, min: '= a', required: a > {n}}\n", n)),
    "unknown names": lambda n: one(many("      f{n}: {type: number, compute: g{n} + 1}\n", n)),
    "unknown options": lambda n: choices(n, '      f{n}: {type: yes_no, compute: a = "p{n}"}\n'),
    "unknown keys": lambda n: one(many("      f{n}: {type: number, colour{n}: x}\n", n)),
    "unknown forms": lambda n: one(many("      l{n}: {type: link, to: p{n}}\n", n)),
    "anchors": lambda n: one(many("      f{n}: &x{n} {type: number}\n", n)),
    "aliases": lambda n: one("      a: &x {type: number}\n" + many("      f{n}: *x\n", n)),
    "same keys": lambda n: one(NUMBER * n),
    "depth": nested,
    "a long text": lambda n: one(f'      a: {{type: number, help: "{"x" * n * 40}"}}\n'),
    "a long help": lambda n: one(f'{NUMBER}      b: {{type: number, help: "{"{a} " * n}"}}\n'),
    "a long message": lambda n: one(
        NUMBER, f"    rules:\n      r: {{at: save, when: a > 1, then: [{{warn: '{'{a} ' * n}'}}]}}\n"
    ),
    "a long choice": lambda n: one(f"{NUMBER}      f: {{type: yes_no, compute: '{' or '.join(['a = 1'] * n)}'}}\n"),
    "many choices": lambda n: one(
        NUMBER
        + many(
            f"      f{{n}}: {{type: yes_no, compute: '{' or '.join(f'a = {at}' for at in range(500))}'}}\n", n // 250
        )
    ),
    "long loops over nothing": lambda n: one(
        NUMBER + many(f"      f{{n}}: {{type: number, compute: '{LONG_LOOP}'}}\n", n)
    ),
    "texts that grow by nothing": lambda n: one(
        NUMBER + many(f"      f{{n}}: {{type: number, compute: '{GROWN_TEXT}'}}\n", n)
    ),
    "a long formula": lambda n: one(f"{NUMBER}      f: {{type: number, compute: {' + '.join('a' * n)}}}\n"),
}


def calls_of(text: str) -> tuple[int, tuple[Problem, ...]]:
    """Return how many functions are called to check a text, and what is found."""
    calls, report = counted(lambda: check_blueprint(text))
    return calls, report.problems


def largest(shape: Shape, size: int) -> str:
    """Return the largest text of a shape within *size* bytes."""
    least, most = 1, 2
    while len(shape(most)) <= size:
        least, most = most, most * 2
    while most - least > least // 50 + 1:
        middle = (least + most) // 2
        least, most = (middle, most) if len(shape(middle)) <= size else (least, middle)
    return shape(least)


@pytest.fixture(scope="module")
def flagship() -> int:
    """Give the calls that checking the flagship takes."""
    check_blueprint(FLAGSHIP)
    return calls_of(FLAGSHIP)[0]


@pytest.mark.parametrize("name", SHAPES)
def test_no_shape_costs_more_than_ten_flagships(name: str, flagship: int) -> None:
    text = largest(SHAPES[name], SIZE)
    calls, problems = calls_of(text)
    share = len(text) / MOST_BYTES
    allowed = MOST_FLAGSHIPS if SIZE == MOST_BYTES else MOST_FLAGSHIPS * share + BOUNDED_WORK
    assert calls <= allowed * flagship, f"{calls / flagship:.2f} flagships for {len(text)} bytes"
    # What was not looked at is said once.
    unfinished = [
        problem.id for problem in problems if problem.id in ("BL021", "BL027", "BL028", "BL916", "BL952", "BL953")
    ]
    assert len(unfinished) == len(set(unfinished))


@pytest.mark.parametrize("name", ["loops", "overlapping rows"])
def test_formulas_and_cells_beyond_their_budget_cost_no_more(
    name: str, flagship: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The budget is made smaller as the text is, so that all of it must be kept in the share of a megabyte.
    text = largest(SHAPES[name], 40_000)
    share = len(text) / MOST_BYTES
    monkeypatch.setattr(partial_blueprint, "MOST_FORMULAS", int(partial_blueprint.MOST_FORMULAS * share))
    calls, problems = calls_of(text)
    assert calls <= MOST_FLAGSHIPS * share * flagship, f"{calls / flagship / share:.2f} flagships for a megabyte"
    assert [problem.id for problem in problems] == ["BL027"]


def test_cells_that_are_read_again_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial_blueprint, "MOST_FORMULAS", 40)
    same = check_blueprint(decided("      - ['> 1', 1]\n" * 30))
    assert "BL027" not in {problem.id for problem in same.problems}
    table = same.partial.tables["d"] if same.partial is not None else None
    assert table is not None
    lines = [row.cells[0].formula.place.line for row in table.rows if row.cells[0].formula is not None]
    assert lines == [row.place.line for row in table.rows]
    other = check_blueprint(decided(many("      - ['> {n}', 1]\n", 30)))
    assert [problem.id for problem in other.problems] == ["BL027"]


def test_a_list_of_twenty_thousand_prices_is_read_whole(flagship: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # A tenth of the rows, within a tenth of the budget and of the work.
    monkeypatch.setattr(partial_blueprint, "MOST_FORMULAS", partial_blueprint.MOST_FORMULAS // 10)
    prices = "".join(f"""      - ['"P{at:05}"', {at}]\n""" for at in range(2_000))
    calls, problems = calls_of(decided(prices).replace("{i0: number}", "{i0: text}").replace("'d(a)'", "'d(\"\")'"))
    assert [problem.id for problem in problems] == ["BL914"]
    assert calls <= MOST_FLAGSHIPS / 10 * flagship, f"{calls / flagship:.2f} flagships"


def test_a_version_that_is_published_reads_all_its_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial_blueprint, "MOST_FORMULAS", 10)
    text = decided(many("      - ['{n}', 1]\n", 30))
    assert [problem.id for problem in check_blueprint(text).problems] == ["BL027"]
    assert load_blueprint(text).problems == ()
