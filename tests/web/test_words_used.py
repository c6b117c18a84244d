"""Every message that pages name is in the catalogs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.catalogs import has_message, params_of

from blankett.words import all_catalogs

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "platform/web").rglob("*.py"),
        *(ROOT / "platform/forms").rglob("*.py"),
    ]
)
CALLS = (r"""\bt\(\s*['"]([a-z0-9_.]+)['"]""", r"""\bsay\([^,()]*(?:\([^()]*\))?[^,()]*,\s*['"]([a-z0-9_.]+)['"]""")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_messages_are_in_the_catalog(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = {id for call in CALLS for id in re.findall(call, text) if not id.endswith((".", "_"))}
    assert {id for id in named if not has_message(id)} == set()


@pytest.mark.parametrize("path", [path for path in SOURCES if path.suffix == ".html"], ids=lambda path: path.name)
def test_messages_get_the_parameters_they_use(path: Path) -> None:
    text, english = path.read_text(encoding="utf-8"), all_catalogs()["en"]
    missing = {}
    for id, rest in re.findall(r"""\bt\(\s*'([a-z0-9_.]+)'((?:[^()]|\([^()]*\))*)\)""", text):
        if not has_message(id) or "**" in rest:
            continue
        lacking = params_of(english, id) - set(re.findall(r"\b(\w+)=", rest))
        if lacking:
            missing[id] = lacking
    assert missing == {}
