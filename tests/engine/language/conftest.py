"""What the tests of the language share: the flag that writes golden files anew."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--regenerate``: write the expected texts of `tests/bad_blueprints/` anew; read the diff afterwards."""
    parser.addoption("--regenerate", action="store_true", default=False, help="write golden files anew")


@pytest.fixture
def regenerate(request: pytest.FixtureRequest) -> bool:
    """Tell whether golden files are to be written anew."""
    return bool(request.config.getoption("--regenerate", default=False))
