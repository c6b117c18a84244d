"""What checking costs is counted, so that no shape of blueprint holds a server up."""

from __future__ import annotations

import pytest

from blankett.engine.checks import check_blueprint
from blankett.engine.checks.formula_cost import rounds_of
from blankett.engine.feel import parse_expression
from blankett.engine.language.loader import load_blueprint, process

STATES = 400


def chain(count: int) -> str:
    """Return a blueprint whose form has *count* states one after the other."""
    states = "".join(f"      s{number}: {{}}\n" for number in range(1, count))
    actions = "".join(
        f"      go{number}: {{from: s{number}, to: {f's{number + 1}' if number < count - 1 else 'done'}, by: clerk}}\n"
        for number in range(count)
    )
    return (
        "blueprint: shop\nlanguage: 1\ntitle: Shop\nroles:\n  clerk: {title: Clerk}\n"
        "forms:\n  order:\n    title: Order\n"
        f"    fields:\n      a: {{type: number}}\n    states:\n      s0: {{start: true}}\n{states}"
        f"      done: {{final: true}}\n    actions:\n{actions}    grants:\n      - {{who: clerk, may: all}}\n"
    )


def test_the_graph_of_states_is_walked_a_fixed_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    walks: list[int] = []
    distances = process.distances

    def count(*given: object) -> object:
        walks.append(1)
        return distances(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(process, "distances", count)
    loaded = load_blueprint(chain(STATES))
    assert loaded.blueprint is not None
    assert len(walks) == 2
    kinds = [state.kind for state in loaded.blueprint.forms["order"].states.values()]
    assert (kinds[0], kinds[1], kinds[STATES // 2], kinds[STATES - 1], kinds[STATES]) == (
        "start", "work", "half", "near", "done",
    )  # fmt: skip


@pytest.mark.parametrize("bound", ["analysis.regions.MOST_STEPS", "checks.rules.MOST_STEPS_TOGETHER"])
def test_rules_that_are_too_many_to_compare_are_said_once(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(f"blankett.engine.{bound}", 2_000)
    rules = "".join(
        f"      r{number}: {{at: save, when: a != null and a > {number}, then: [{{warn: w{number}}}]}}\n"
        for number in range(60)
    )
    report = check_blueprint(chain(3).replace("    grants:", f"    rules:\n{rules}    grants:"))
    told = [problem for problem in report.problems if problem.id == "BL952"]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("formula", "rounds"),
    [
        ("a + 1", 0),
        ("sum(for i in 1..30 return i)", 30),
        ("sum(for i in 30..1, j in 1..2 return i * j)", 60),
        ("sum(for i in 1..3 return sum(for j in 1..4 return j))", 15),
        ("if a > 1 then sum(for i in 1..5 return i) else sum(for i in 1..7 return i)", 7),
        ("sum(for i in 1..a return i)", 1),
        ("if some i in 1..9 satisfies i = a then 1 else 2", 9),
    ],
)
def test_loops_over_written_ranges_are_counted(formula: str, rounds: int) -> None:
    assert rounds_of(parse_expression(formula)) == rounds


#: What loops → where it stands in a form, a hundred times.
LOOPING = {
    "default": ("    states:", "      {key}: {{type: number, default: '= {loop}'}}\n"),
    "fill": ("    states:", "      {key}: {{type: number, fill: '{loop} + a'}}\n"),
    "min": ("    states:", "      {key}: {{type: number, min: '= {loop}'}}\n"),
    "guard": ("    grants:", "      {key}: {{from: s0, to: s1, by: clerk, when: 'a > {loop}'}}\n"),
}


@pytest.mark.parametrize("what", LOOPING)
def test_loops_are_told_wherever_a_page_or_a_save_works_them_out(what: str) -> None:
    before, text = LOOPING[what]
    loop = "sum(for i in 1..30000 return i)"
    lines = "".join(text.format(key=f"x{number}", loop=loop) for number in range(100))
    report = check_blueprint(chain(3).replace(before, lines + before))
    assert [each.message.split(";")[0] for each in report.problems if each.id == "BL955"] == [
        "the formulas of 'order' may loop 3,000,000 times for each page and save"
    ]
