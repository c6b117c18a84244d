"""What a kind of problem is, and the kinds that tables and rules have; those of the rest are in `problems`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class ProblemKind:
    """A kind of problem: its id, the name the code calls it by, and its English words."""

    id: str
    name: str
    message: str
    severity: Severity = "error"


#: What can be wrong with decision tables, rules and facts.
DECIDING_PROBLEMS: tuple[ProblemKind, ...] = (
    # Decision tables (BL9…)
    ProblemKind(
        "BL901",
        "row_cells",
        "this row has {given} cells, the table has {wanted} columns ({names}). Put a cell with a comma in quotes.",
    ),
    ProblemKind("BL902", "unknown_table_column", "the table has no column {name!r}."),
    ProblemKind(
        "BL903",
        "column_type",
        "{name!r} is no type of a column; the types are {types}, or 'form.field' for that field's type.",
    ),
    ProblemKind(
        "BL904",
        "missing_result",
        "this row gives nothing for the output {name!r}; write '= null' if that is meant.",
    ),
    ProblemKind("BL905", "column_twice", "the column {name!r} is there twice, or its name means something in a row."),
    ProblemKind("BL906", "hit_needs", "a table with 'hit: {hit}' needs {wanted}."),
    ProblemKind("BL907", "table_cycle", "these tables need each other: {names}."),
    ProblemKind(
        "BL908",
        "table_not_pure",
        "a table gives the same for the same inputs, so it cannot ask for {name}(); hand it in as an input.",
    ),
    ProblemKind("BL909", "cell_accepts_nothing", "nothing can meet this cell, so {row} never hits."),
    ProblemKind("BL910", "rows_overlap", "{example} matches {rows}; with 'hit: unique' only one row may match."),
    ProblemKind(
        "BL911", "rows_disagree", "{example} matches {rows}, which differ; with 'hit: any' the rows must agree."
    ),
    # BL912 told of rows that overlap under `hit: first`, which is what that is for.
    ProblemKind("BL913", "row_masked", "{row} never decides: all it matches goes to {others}, as {example} does."),
    ProblemKind("BL914", "table_gap", "nothing matches {example}, and there is no 'default'.", "warning"),
    ProblemKind(
        "BL915",
        "cell_not_compared",
        "this cell cannot be compared with those of other rows, because {reason}; see for yourself that they fit.",
        "warning",
    ),
    ProblemKind(
        "BL916",
        "table_not_compared",
        "this table has too many combinations to look at all of them; gaps and overlaps may be left untold.",
        "warning",
    ),
    ProblemKind(
        "BL918",
        "number_apart",
        "{found!r} means {meaning} here{otherwise}.",
        "warning",
    ),
    ProblemKind(
        "BL919",
        "cell_calculates",
        "{found!r} is worked out here, and is {meaning}.",
        "warning",
    ),
    ProblemKind("BL917", "unused_table", "no formula calls the table {name!r}.", "warning"),
    # Rules and facts (BL92…)
    ProblemKind("BL920", "unknown_fact", "there is no fact {name!r}."),
    ProblemKind(
        "BL921",
        "unknown_point",
        "{name!r} is no decision point of {form!r}: write save, an action, or an action with ':completed'.",
    ),
    ProblemKind("BL922", "point_twice", "the decision point {name!r} is there twice."),
    ProblemKind("BL923", "fact_field", "{measure!r} needs {wanted}, {name!r} is none."),
    ProblemKind("BL924", "fact_path", "{text!r} names no field of a form; write 'form.field'."),
    ProblemKind(
        "BL925",
        "fact_currency",
        "the amounts of {name!r} may be in several currencies; add 'and {field} = {instead}' to its 'where'.",
    ),
    ProblemKind(
        "BL926",
        "fact_not_stored",
        "{name!r} is worked out when it is shown, so it cannot be counted; see 'snapshot'.",
    ),
    ProblemKind("BL927", "valid_backwards", "'to' {to} is before 'from' {first}, so the rule is never in force."),
    ProblemKind(
        "BL928",
        "sets_twice",
        "the rules {one!r} and {other!r} both set {field} at {point}, to {values}{example}; "
        "give one of them the higher 'priority'.",
    ),
    ProblemKind("BL929", "outcome_not_here", "{word!r} means nothing at {point}: {reason}."),
    ProblemKind("BL930", "unused_fact", "nothing reads the fact {name!r}.", "warning"),
    ProblemKind("BL931", "set_again", "this rule already sets {field!r}, on line {line}."),
    ProblemKind("BL932", "unknown_rule", "there is no rule {name!r}."),
    # What rules do to each other (BL94…)
    ProblemKind(
        "BL940",
        "may_set_twice",
        "the rules {one!r} and {other!r}, which set {field} to {values}, may both fire at {point}, as far as can be "
        "told; give one of them the higher 'priority'.",
        "warning",
    ),
    ProblemKind("BL941", "rule_never_fires", "the rule {rule!r} never fires: {reason}."),
    ProblemKind(
        "BL942",
        "unless_excludes_nothing",
        "this 'unless' excludes nothing: it never holds where the 'when' of {rule!r} does.",
        "warning",
    ),
    ProblemKind(
        "BL943",
        "sets_in_vain",
        "the rule {rule!r} sets {field!r} in vain: wherever it fires{example}, the higher 'priority' of {others} wins.",
    ),
    ProblemKind(
        "BL944",
        "refused_anyway",
        "nothing comes of the rule {rule!r}: wherever it fires{example}, {other!r} refuses.",
        "warning",
    ),
    ProblemKind(
        "BL945",
        "rules_loop",
        "the rules {names} never come to rest: each changes {fields} so that another fires{example}.",
    ),
    ProblemKind(
        "BL946",
        "rule_grows",
        "the rule {rule!r} never comes to rest: it changes {fields} each time it fires, and then fires again.",
    ),
    ProblemKind(
        "BL947",
        "sets_as_is",
        "the rule {rule!r} sets {field!r} to {value}, which it is wherever the rule fires.",
        "warning",
    ),
    ProblemKind(
        "BL948",
        "cancels_itself",
        "this {word!r} is never seen: the rule {rule!r} sets {fields}, and then its condition no longer holds.",
    ),
    ProblemKind(
        "BL949",
        "rule_repeats",
        "the rule {rule!r} repeats {other!r}, which does the same wherever it fires.",
        "warning",
    ),
    ProblemKind(
        "BL950",
        "required_cannot_act",
        "this rule wants {roles}, but {action!r} is for {takers}, and no role is both; let one include another.",
        "warning",
    ),
    ProblemKind(
        "BL951",
        "requires_apart",
        "the rules {names} both fire at {point}{example}, and no role is {roles}.",
        "warning",
    ),
    ProblemKind(
        "BL952",
        "rules_not_compared",
        "the rules at {point} have too many combinations to look at all of them; contradictions may be left untold.",
        "warning",
    ),
)
