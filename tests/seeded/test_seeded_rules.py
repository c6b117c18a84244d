"""The checker finds what is wrong with rules: faults sown into the flagship's are caught, each on its line."""

from __future__ import annotations

import pytest

from blankett.engine.checks import check_blueprint

from .catching import catch
from .flagship import read_flagship
from .rule_faults import rule_faults
from .table_faults import Fault

FLAGSHIP = read_flagship()
FAULTS = list(rule_faults(FLAGSHIP))
#: So many the checker must be held to at least.
FEWEST = 30


def test_the_flagship_has_no_fault_before() -> None:
    assert [problem.line("flagship.yaml") for problem in check_blueprint(FLAGSHIP.text).problems] == []


@pytest.mark.parametrize("count", [len(FAULTS)], ids=[f"{len(FAULTS)}-faults"])
def test_enough_faults_are_sown_into_rules(count: int) -> None:
    assert count >= FEWEST
    assert len({FLAGSHIP.text, *(fault.text for fault in FAULTS)}) == count + 1


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_seeded_fault_is_caught_on_its_line(fault: Fault) -> None:
    catch(fault)
