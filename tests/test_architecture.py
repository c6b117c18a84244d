"""docs/architecture.md: its picture is the one the code gives."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_the_picture_of_the_house_is_current() -> None:
    spec = importlib.util.spec_from_file_location("make_house", DOCS / "make_house.py")
    assert spec is not None
    assert spec.loader is not None
    make_house = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = make_house
    spec.loader.exec_module(make_house)
    assert make_house.drawn(make_house.read_rooms()) == make_house.PICTURE.read_text(encoding="utf-8"), (
        "run python docs/make_house.py"
    )
