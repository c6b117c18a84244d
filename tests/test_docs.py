"""The documentation tells the truth: examples are parts of files that run, commands work, tables are made."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from blankett.cli import main
from blankett.engine.checks import check_blueprint
from blankett.engine.scenarios import run_scenarios

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md"]
EXAMPLES = sorted((DOCS / "examples").glob("*.yaml"))
STEPS = sorted((DOCS / "tutorial").glob("step_*.yaml"))
#: Commands of the examples that tests may run: the others serve, ask or write.
RUNNABLE = {"check", "test", "schema"}
#: Stands in an example for lines that are left out.
LEFT_OUT = "# …"

FENCE = re.compile(r"^```(?P<info>\w+[^\n]*)\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^\$ blankett (?P<arguments>.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A fenced block of a page."""

    page: str
    #: What stands after the fence: ``yaml step=1``.
    info: str
    body: str

    @property
    def source(self) -> Path | None:
        """Return the file it says it is a part of."""
        example = re.search(r"example=(\w+)", self.info)
        if example:
            return DOCS / "examples" / f"{example[1]}.yaml"
        step, flagship = re.search(r"step=(\d)", self.info), re.search(r"from=(\w+)", self.info)
        if step:
            return DOCS / "tutorial" / f"step_{step[1]}.yaml"
        return ROOT / "blueprints" / f"{flagship[1]}.yaml" if flagship else None


def examples(language: str) -> Iterator[Example]:
    """Yield the blocks of all pages in a language."""
    for page in PAGES:
        for found in FENCE.finditer(page.read_text(encoding="utf-8")):
            if found["info"].split()[0] == language:
                yield Example(page.name, found["info"], found["body"])


def commands() -> Iterator[str]:
    """Yield the arguments of each ``blankett`` command of the pages that a test may run."""
    for example in examples("console"):
        for found in COMMAND.finditer(example.body):
            # The reader's own file is typed in `test_tutorial`.
            if found["arguments"].split()[0] in RUNNABLE and "loans.yaml" not in found["arguments"]:
                yield found["arguments"]


@pytest.mark.parametrize("example", list(examples("yaml")), ids=lambda example: f"{example.page}, {example.info}")
def test_an_example_is_part_of_a_file_that_runs(example: Example) -> None:
    assert example.source is not None, (
        "say which file it is from: ```yaml step=1, example=rules or from=order_management"
    )
    assert lacking_lines(example.body, example.source.read_text(encoding="utf-8")) == []


def lacking_lines(body: str, source: str) -> list[str]:
    """Return the lines of an example that do not stand in *source* in that order, however deep they are indented there.

    Lines that follow each other must do so there too, unless "# …" stands between them.
    """
    lines = [line.strip() for line in source.splitlines()]
    parts = [part.strip("\n").splitlines() for part in re.split(rf"^ *{LEFT_OUT}\n", body, flags=re.MULTILINE)]
    place, lacking = 0, []
    for part in parts:
        wanted = [line.strip() for line in part]
        found = next((at for at in range(place, len(lines)) if lines[at : at + len(wanted)] == wanted), None)
        if found is None:
            lacking += wanted
        else:
            place = found + len(wanted)
    return lacking


def test_an_example_that_is_not_in_the_file_is_found() -> None:
    assert lacking_lines("a: 1\n# …\nc: 3\n", "a: 1\nb: 2\nc: 3\n") == []
    assert lacking_lines("a: 1\nc: 3\n", "a: 1\nb: 2\nc: 3\n") == ["a: 1", "c: 3"]
    assert lacking_lines("c: 3\n# …\na: 1\n", "a: 1\nb: 2\nc: 3\n") == ["a: 1"]


@pytest.mark.parametrize("step", [*STEPS, *EXAMPLES], ids=lambda step: step.stem)
def test_every_step_of_the_tutorial_checks_clean_and_its_scenarios_pass(step: Path) -> None:
    found = check_blueprint(step.read_text(encoding="utf-8"))
    assert [problem.line(step.name) for problem in found.problems] == []
    assert found.blueprint is not None
    report = run_scenarios(found.blueprint)
    assert report.samples == ()
    assert {result.name: result.mismatches for result in report.results if not result.passed} == {}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_the_scenarios_of_an_example_make_every_rule_fire(example: Path) -> None:
    found = check_blueprint(example.read_text(encoding="utf-8"))
    assert found.blueprint is not None
    every = {(form.name, rule) for form in found.blueprint.forms.values() for rule in form.rules}
    assert set().union(*(result.rules for result in run_scenarios(found.blueprint).results)) == every


def test_the_last_step_of_the_tutorial_takes_every_action() -> None:
    found = check_blueprint(STEPS[-1].read_text(encoding="utf-8"))
    assert found.blueprint is not None
    assert run_scenarios(found.blueprint).untaken == ()


@pytest.mark.parametrize(
    ("written", "mistake", "told"),
    [
        ("required: yes", "reqired: yes", "unknown key 'reqired' in a link field. Did you mean 'required'?"),
        ('from_day + duration("P7D")', "from_day + 7", "'+' does not work between a date and a number"),
    ],
    ids=["a misspelt word", "a number added to a date"],
)
def test_the_checker_says_what_the_tutorial_says_it_does(written: str, mistake: str, told: str) -> None:
    text = STEPS[1].read_text(encoding="utf-8")
    assert written in text
    problems = check_blueprint(text.replace(written, mistake, 1)).problems
    assert any(told in problem.text() for problem in problems), [problem.text() for problem in problems]


@pytest.mark.parametrize("arguments", list(commands()))
def test_a_command_of_the_docs_works(arguments: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(main, shlex.split(arguments))
    assert (result.exit_code, result.exception) == (0, None), result.output


@pytest.mark.parametrize(("page", "maker"), [("language", "make_tables"), ("approvals", "make_approvals")])
def test_the_tables_of_a_page_are_those_of_the_product(page: str, maker: str) -> None:
    spec = importlib.util.spec_from_file_location(maker, DOCS / f"{maker}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    assert module.made(text) == text, f"run python docs/{maker}.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [target.partition("#")[0] for target in re.findall(r"\]\((?!\w+:|#)([^)]+)\)", text)]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_checker_answers_the_rule_of_small_orders_as_the_docs_say() -> None:
    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    added, said = re.findall(r"^```text\n(.*?)^```", page, re.S | re.M)
    rules = (DOCS / "examples" / "rules.yaml").read_text(encoding="utf-8")
    problems = check_blueprint(rules.replace("      ask_afterwards:\n", f"{added}      ask_afterwards:\n", 1)).problems
    assert [f"{problem.id} {problem.text()}\n" for problem in problems] == [said]
