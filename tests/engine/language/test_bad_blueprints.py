"""Every problem there is, with the exact text that `blankett check` prints for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from blankett.cli import main
from blankett.engine.language.problems import KINDS, PROBLEM_KINDS

FOLDER = Path(__file__).resolve().parents[2] / "bad_blueprints"
FILES = sorted(FOLDER.glob("*.yaml"))


def many_combinations() -> str:
    """Return a blueprint whose table has more combinations than are looked at."""
    inputs = [f"n{number}" for number in range(6)]
    fields = "".join(f"      {name}: {{type: number, required: yes}}\n" for name in inputs)
    cells = ([f'"{"<>"[row >> place & 1]} {(row * 37 + place * 11) % 97}"' for place in range(6)] for row in range(400))
    return (
        f"blueprint: shop\nlanguage: 1\ntitle: Shop\nforms:\n  order:\n    fields:\n{fields}"
        f"      fee: {{type: number, compute: 'fee({', '.join(inputs)})'}}\n"
        "    grants:\n      - {who: everyone, may: all}\n"
        f"tables:\n  fee:\n    hit: first\n    in: {{{', '.join(f'{name}: number' for name in inputs)}}}\n"
        "    out: {fee: number}\n    rows:\n" + "".join(f"      - [{', '.join(row)}, 1]\n" for row in cells)
    )


def many_rules() -> str:
    """Return a blueprint whose rules have more combinations than are looked at."""
    names = [f"n{number}" for number in range(8)]
    fields = "".join(f"      {name}: {{type: number, required: yes}}\n" for name in names)
    rules = ""
    for number in range(200):
        parts = [f"{name} {'<>'[number >> at & 1]} {(number * 37 + at * 11) % 97}" for at, name in enumerate(names)]
        when = f"({' or '.join(parts[:3])}) and ({' or '.join(parts[3:7])}) and {parts[7]}"
        rules += (
            f"      rule_{number}:\n        at: save\n        priority: {number}\n        when: {when}\n"
            f"        then:\n          - set: {{level: {number}}}\n"
        )
    return (
        f"blueprint: shop\nlanguage: 1\ntitle: Shop\nforms:\n  order:\n    fields:\n{fields}"
        f"      level: {{type: number}}\n    rules:\n{rules}    grants:\n      - {{who: everyone, may: all}}\n"
    )


def order_of(fields: str, roles: str = "  clerk: {title: Clerk}\n", hide: str = "") -> str:
    """Return a blueprint whose form has *fields*; what everyone may not see of it."""
    closed = f"      - {{who: everyone, may: view, hide: [{hide}]}}\n" if hide else ""
    return (
        f"blueprint: shop\nlanguage: 1\ntitle: Shop\nroles:\n{roles}forms:\n  order:\n    fields:\n{fields}"
        f"    grants:\n      - {{who: clerk, may: all}}\n{closed}"
    )


def chained(count: int, kind: str) -> str:
    """Return fields of which each but the first follows from the one before."""
    rest = "".join(f"      f{n}: {kind.format(before=f'f{n - 1}')}\n" for n in range(1, count))
    return f"      f0: {{type: {'yes_no' if 'visible' in kind else 'number'}}}\n{rest}"


#: What is too large to keep as a file: name → text.
MADE = {
    "BL027_too_many_formulas": order_of(
        "      a: {type: number}\n"
        + f"      f: {{type: yes_no, compute: '{' or '.join(['a = 1'] * 140)}'}}\n"
        + "".join(f"      f{n}: {{type: yes_no, compute: '{' or '.join(['a = 1'] * 140)}'}}\n" for n in range(120))
    ),
    "BL028_too_many_roles": order_of(
        "      a: {type: number}\n",
        "  clerk: {title: Clerk}\n" + "".join(f"  r{n}: {{title: R}}\n" for n in range(500)),
    ),
    "BL953_conditions_not_compared": order_of(chained(700, "{{type: yes_no, visible: {before}}}")),
    "BL002_too_large": "title: " + "x" * 1_000_000 + "\n",
    "BL021_too_many_nodes": "- 1\n" * 100_001,
    "BL916_table_not_compared": many_combinations(),
    "BL952_rules_not_compared": many_rules(),
}


def checked(file: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what `blankett check` prints for a file of the folder."""
    monkeypatch.chdir(FOLDER)
    return CliRunner().invoke(main, ["check", file.name]).stdout


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_check_prints_exactly_this(file: Path, regenerate: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = checked(file, monkeypatch)
    golden = file.with_suffix(".txt")
    if regenerate:
        golden.write_text(printed, encoding="utf-8")
    assert printed == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_bad_blueprint_shows_the_problem_it_is_named_for(file: Path) -> None:
    id_, _, name = file.stem.partition("_")
    golden = file.with_suffix(".txt").read_text(encoding="utf-8")
    assert KINDS[name].id == id_
    assert f" {id_} " in golden


@pytest.mark.parametrize("name", MADE)
def test_the_check_of_a_huge_file_prints_exactly_this(
    name: str, tmp_path: Path, regenerate: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{name}.yaml").write_text(MADE[name])
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(main, ["check", f"{name}.yaml"]).stdout
    golden = FOLDER / f"{name}.txt"
    if regenerate:
        golden.write_text(printed, encoding="utf-8")
    assert printed == golden.read_text(encoding="utf-8")


def test_every_problem_has_a_bad_blueprint() -> None:
    assert {f"{kind.id}_{kind.name}" for kind in PROBLEM_KINDS} == {file.stem for file in FILES} | MADE.keys()


def test_no_golden_text_is_left_without_its_blueprint() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == {file.stem for file in FILES} | MADE.keys()
