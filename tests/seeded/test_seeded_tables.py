"""The checker finds what is wrong with tables: faults sown into the flagship's are caught, each on its line."""

from __future__ import annotations

import pytest

from .catching import catch
from .flagship import read_flagship
from .table_faults import Fault, table_faults

FLAGSHIP = read_flagship()
FAULTS = list(table_faults(FLAGSHIP))
#: So many the checker must be held to at least.
FEWEST = 30


@pytest.mark.parametrize("count", [len(FAULTS)], ids=[f"{len(FAULTS)}-faults"])
def test_enough_faults_are_sown_into_tables(count: int) -> None:
    assert count >= FEWEST
    assert len({FLAGSHIP.text, *(fault.text for fault in FAULTS)}) == count + 1


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_seeded_fault_is_caught_on_its_line(fault: Fault) -> None:
    catch(fault)
