"""What decides: decision tables and business rules, and what can be said of them before they do.

Of tables: `geometry` finds gaps, overlaps and rows that never hit; `tracing` says why a row hit and the others did not;
`exchange` brings tables to spreadsheets and DMN and back.

Of rules: `rule_set` gives the rules of a form at a decision point, ready to say which of them fire.
"""

from blankett.engine.rules.rule_sets import Fired, RuleSet, rule_set

__all__ = ["Fired", "RuleSet", "rule_set"]
