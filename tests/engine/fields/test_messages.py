"""Every fault a field type can give has words in every language of the interface."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import blankett.engine.fields as fields
import blankett.words as words

CODE = Path(fields.__file__).parent
CATALOGS = Path(words.__file__).parent


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_fault_has_words(language: str) -> None:
    used = {found for file in CODE.glob("*.py") for found in re.findall(r'"(field\.[a-z_]+)"', file.read_text())}
    with (CATALOGS / f"{language}.po").open(encoding="utf-8") as catalog:
        # One that says it by number has two ids, which are the same.
        told = [message.id for message in read_po(catalog) if message.string]
        said = {id if isinstance(id, str) else id[0] for id in told}
    assert used - said == set()
