"""What decides: decision tables and business rules.

Of tables: `table_trace` says why a row hit and the others did not. What is proved of tables and rules before they
decide is in `analysis`, tables as files in `exchange`.

Of rules: `rule_set` gives the rules of a form at a decision point, ready to say which of them fire.
"""

from blankett.engine.rules.durable import library_version
from blankett.engine.rules.durable.faults import Faults, NotedFault, faults
from blankett.engine.rules.durable.trials import Failure, remember
from blankett.engine.rules.rule_sets import (
    FailedTrial,
    Fired,
    RuleEngineError,
    RuleSet,
    chosen_engine,
    failed_trials,
    rule_set,
)

__all__ = [
    "FailedTrial",
    "Failure",
    "Faults",
    "Fired",
    "NotedFault",
    "RuleEngineError",
    "RuleSet",
    "chosen_engine",
    "failed_trials",
    "faults",
    "library_version",
    "remember",
    "rule_set",
]
