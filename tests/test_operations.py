"""What the pages for operators say: their tables are made from the product, and the commands they show can be given."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from blankett.cli import main

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
COMMAND = re.compile(r"^(?:\$ |    )?blankett (?P<arguments>[a-z].*)$", re.MULTILINE)
FENCE = re.compile(r"^```console\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE)
TARGET = re.compile(r"\bmake (?P<target>[a-z-]+)\b")
CODE = re.compile(r"`([^`\n]+)`|^    (.+)$", re.MULTILINE)


def test_the_tables_are_those_of_the_settings_and_commands() -> None:
    spec = importlib.util.spec_from_file_location("make_operations", DOCS / "make_operations.py")
    assert spec is not None
    assert spec.loader is not None
    make_operations = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_operations)
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    assert make_operations.made(page) == page, "run python docs/make_operations.py"


def shown_commands() -> Iterator[tuple[str, str]]:
    """Yield page and arguments of each command of ours that a console example shows."""
    for page in PAGES:
        for example in FENCE.finditer(page.read_text(encoding="utf-8")):
            for found in COMMAND.finditer(example["body"]):
                yield page.name, found["arguments"]


@pytest.mark.parametrize(("page", "arguments"), list(shown_commands()))
def test_a_command_that_is_shown_can_be_given(page: str, arguments: str) -> None:
    words = shlex.split(arguments)
    command: click.Command | None = main
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0))
    assert command is not None, f"{page} shows a command that there is not: {arguments}"
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word.split("=")[0] for word in words if word.startswith("--")} - known == set()


def test_a_target_of_make_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        (page.name, found["target"])
        for page in PAGES
        for code in CODE.findall(page.read_text(encoding="utf-8"))
        for found in TARGET.finditer("".join(code))
        if "".join(code).lstrip("$ ").startswith("make ")
    }
    assert named >= {("README.md", "demo"), ("README.md", "test")}
    assert {(page, target) for page, target in named if target not in targets} == set()
