"""What decides: decision tables and business rules, and what can be said of them before they do.

Of tables: `geometry` finds gaps, overlaps and rows that never hit; `tracing` says why a row hit and the others did not;
`exchange` brings tables to spreadsheets and DMN and back.

Of rules: `rule_set` gives the rules of a form at a decision point, ready to say which of them fire.
"""

from blankett.engine.rules.durable import library_version
from blankett.engine.rules.durable.faults import Fault, Faults, faults
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
    "Fault",
    "Faults",
    "Fired",
    "RuleEngineError",
    "RuleSet",
    "chosen_engine",
    "failed_trials",
    "faults",
    "library_version",
    "remember",
    "rule_set",
]
