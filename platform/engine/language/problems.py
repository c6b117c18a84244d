"""What can be wrong with a blueprint: one table of every problem, and the values that tell of one found.

A problem is the author's to mend, so it is a value with a place, never an exception; all of them are collected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from blankett.engine.suggestions import nearest

if TYPE_CHECKING:
    from blankett.engine.language.model import Place


Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class ProblemKind:
    """A kind of problem: its id, the name the code calls it by, and its English words."""

    id: str
    name: str
    message: str
    severity: Severity = "error"


#: What can be wrong with timers (BL96…).
TIMER_PROBLEMS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "BL961",
        "timer_without_day",
        "nothing says when the timer {timer!r} is due: write 'after', 'field' or 'at'.",
    ),
    ProblemKind("BL962", "timer_two", "{one!r} and {other!r} do not go together in a timer; leave one of them."),
    ProblemKind("BL963", "timer_before_what", "'before' needs a 'field' or an 'at': it counts back from that."),
    ProblemKind(
        "BL964",
        "timer_never_starts",
        "nothing starts the timer {timer!r}: write 'states', 'field' or 'at', or an effect 'start: {timer}'.",
    ),
    ProblemKind(
        "BL965",
        "timer_never_acts",
        "the timer {timer!r} runs in {states}, where {action!r} cannot be taken; it is taken from {sources}: write one "
        "of these under 'states', or another action.",
    ),
    ProblemKind(
        "BL966",
        "timer_in_final",
        "the timer {timer!r} changes records in {state!r}, which is final; take it out of 'states', or let it only "
        "notify or make another record.",
        "warning",
    ),
    ProblemKind(
        "BL967",
        "timers_go_round",
        "these timers let each other act for ever, with nobody between: {timers}. Write 'unless', or let one lead to a "
        "state in which somebody has to act.",
        "warning",
    ),
)

#: What can be wrong with clocks.
CLOCK_PROBLEMS: tuple[ProblemKind, ...] = (
    ProblemKind(
        "BL970",
        "clock_misplaced",
        "a clock runs by the states of a form: it is a field of one that has states, no column and nothing to ask.",
    ),
    ProblemKind(
        "BL971",
        "clock_state_twice",
        "{state!r} is already under {one!r} of this clock; it cannot be under {other!r} too.",
    ),
    ProblemKind(
        "BL972",
        "clock_in_final",
        "{state!r} is final, and the clock {clock!r} stops there by itself; take it out of {key!r}.",
    ),
    ProblemKind(
        "BL973",
        "clock_never_stops",
        "the clock {clock!r} never stops: no way leads from {states} to a state or an action of its 'stops', or to a "
        "final state.",
        "warning",
    ),
)

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
    ProblemKind(
        "BL418",
        "live_fact",
        "facts are counted when the record is written, but {field!r} also reads the day, a rate or a linked record, so "
        "it is worked out whenever it is read: make two fields of it.",
    ),
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
    ProblemKind(
        "BL953",
        "conditions_not_compared",
        "there are too many conditions to look at all of them; from here on one that never holds may be left untold.",
        "warning",
    ),
    # BL954 told of forms whose fields are made of too many others; now all of them are looked at.
    ProblemKind(
        "BL955",
        "too_much_effort",
        "the formulas of {form!r} may loop {steps} times for each page and save; after {limit} they are given up.",
        "warning",
    ),
)


#: So many problems of one blueprint are told; beyond them nobody reads.
MOST_PROBLEMS = 200
#: So many are looked at, to choose those; of what is found later only the first of a kind in a part of the file.
MOST_KEPT = 2_000
#: How alike a word must be to be suggested (difflib's ratio).
ALIKE = 0.6


@dataclass(frozen=True)
class Problem:
    """Something wrong at a place of a blueprint."""

    id: str
    severity: Severity
    place: Place
    message: str
    #: What was probably meant, or None.
    suggestion: str | None = None
    name: str = ""
    #: Whether a version that was published before may have it: it then means what it meant, and the next `check`
    #: refuses.
    is_spared: bool = False

    @property
    def is_error(self) -> bool:
        """Tell whether the blueprint cannot run with it."""
        return self.severity == "error"

    def text(self) -> str:
        """Return the message with its suggestion: ``unknown key 'tpye' in a field. Did you mean 'type'?``."""
        return f"{self.message} Did you mean {self.suggestion!r}?" if self.suggestion else self.message

    def line(self, file: str) -> str:
        """Return ``orders.yaml:6:5 BL101 unknown key 'tpye' in a field. Did you mean 'type'?``."""
        kind = "" if self.is_error else "warning: "
        return f"{file}:{self.place.line}:{self.place.column} {self.id} {kind}{self.text()}"


def suggest(word: str, known: Iterable[str]) -> str | None:
    """Return the word of *known* that *word* is a slip of, or None when none is close."""
    if len(word) > 60:
        return None
    return nearest(word, known, ALIKE)


def in_words(words: Iterable[str]) -> str:
    """Return *words* sorted and joined with commas."""
    return ", ".join(sorted(words))


@dataclass
class Report:
    """Collects the problems of one blueprint, at most one of a kind at a place."""

    problems: list[Problem] = field(default_factory=list)
    seen: set[tuple[str, int, int]] = field(default_factory=set)
    #: How many were told, beyond those kept.
    count: int = 0
    #: (id, *part of the file) of which one is kept.
    parts: set[tuple[str, ...]] = field(default_factory=set)
    #: Whether what is told now may be in versions that were published before.
    spares: bool = False
    #: Whether anything keeps a new text from being used, and a version that was published before from running.
    has_errors: bool = False
    stops: bool = False

    def add(self, name: str, place: Place, /, *, suggestion: str | None = None, **params: object) -> None:
        """Tell of a problem, by its kind's name, with the params of its message."""
        kind = KINDS[name]
        spot = (kind.id, place.start, place.line)
        if spot in self.seen:
            return
        self.seen.add(spot)
        self.count += 1
        self.has_errors |= kind.severity == "error"
        self.stops |= kind.severity == "error" and not self.spares
        part = (kind.id, *place.path[:2])
        if self.count <= MOST_KEPT or part not in self.parts:
            self.parts.add(part)
            message = kind.message.format_map(params)
            self.problems.append(Problem(kind.id, kind.severity, place, message, suggestion, name, self.spares))

    def tells(self, name: str, place: Place) -> bool:
        """Tell whether a problem of a kind was told at a place."""
        return (KINDS[name].id, place.start, place.line) in self.seen

    @contextmanager
    def sparing(self) -> Iterator[None]:
        """Tell of what versions that were published before may have: they go on, and a text is refused at its check."""
        before, self.spares = self.spares, True
        yield
        self.spares = before

    def finished(self) -> tuple[Problem, ...]:
        """Return the problems in the order of the file, with a last one telling how many were left out.

        Of too many, the first of each kind in each part of the file stay, then the second, errors before warnings.
        """
        found = sorted(self.problems, key=_in_file)
        if self.count <= MOST_PROBLEMS:
            return tuple(found)
        found = sorted(_most_telling(found)[:MOST_PROBLEMS], key=_in_file)
        kind = KINDS["too_many_problems"]
        message = kind.message.format(count=self.count - MOST_PROBLEMS)
        return (*found, Problem(kind.id, kind.severity, found[-1].place, message, None, kind.name))


def _in_file(problem: Problem) -> tuple[int, int, str]:
    return problem.place.line, problem.place.column, problem.id


def _most_telling(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems so that no kind in any part of the file stands behind many of another kind."""
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
    ranked: list[tuple[bool, int, int, Problem]] = []
    for problem in problems:
        part = (problem.id, tuple(problem.place.path[:2]))
        seen[part] += 1
        ranked.append((not problem.is_error, seen[part], len(ranked), problem))
    return [each[3] for each in sorted(ranked, key=lambda each: each[:3])]


QUOTES = "Put it in quotes, or on a line of its own after '|'."

#: Every problem there is. An id is never given to another problem.
PROBLEM_KINDS: tuple[ProblemKind, ...] = (
    # Reading the file (BL0…)
    ProblemKind("BL001", "not_utf8", "this file is not UTF-8: the byte {byte} is no character. Save it as UTF-8."),
    ProblemKind("BL002", "too_large", "this file is larger than {limit} bytes."),
    ProblemKind("BL003", "bad_yaml", "this is not YAML: {problem}."),
    ProblemKind("BL004", "eaten_formula", "YAML takes this formula under {key!r} apart. " + QUOTES),
    ProblemKind(
        "BL005",
        "eaten_comma",
        "inside {{ }} and [ ] the comma ends the value of {key!r}, and {rest!r} is left over. " + QUOTES,
    ),
    ProblemKind("BL006", "tab", "a tab; indent and separate with spaces."),
    ProblemKind("BL007", "bad_character", "the character {character} is not allowed; delete it."),
    ProblemKind("BL008", "alias", "aliases (*name) are not allowed; write the value out."),
    ProblemKind("BL009", "anchor", "anchors (&{name}) are not allowed; write the value out where it is needed."),
    ProblemKind("BL010", "tag", "tags ({tag}) are not allowed; the key decides what a value means."),
    ProblemKind("BL011", "merge_key", "merge keys (<<) are not allowed; write the keys out."),
    ProblemKind("BL012", "several_documents", "a second document; a file holds one blueprint."),
    ProblemKind("BL013", "directive", "directives (%…) are not allowed; delete the line."),
    ProblemKind("BL014", "duplicate_key", "the key {key!r} is written twice; the first is on line {line}."),
    ProblemKind("BL015", "empty_key", "a key without a name."),
    ProblemKind("BL016", "key_not_text", "a key must be a word, not a list or a map."),
    ProblemKind("BL017", "hidden_in_key", "the invisible character {character} in a key; delete it."),
    ProblemKind(
        "BL018",
        "empty_value",
        '{key!r} has no value. Write "" for an empty text, {{}} for an empty map, or leave the key out.',
    ),
    ProblemKind("BL019", "empty_file", "the file is empty."),
    ProblemKind("BL020", "too_deep", "more than {limit} levels."),
    ProblemKind("BL021", "too_many_nodes", "more than {limit} values."),
    ProblemKind("BL022", "eaten_comment", "YAML ends this formula at the ' #', which begins a comment. " + QUOTES),
    ProblemKind(
        "BL023",
        "indentation",
        "this line is {distance} too {direction}: {key!r} on line {line} begins after {wanted}, this after {given}.",
    ),
    ProblemKind(
        "BL024",
        "unclosed_quote",
        "the text opened here with {quote} is not closed on its line. Put {quote} at its end.",
    ),
    ProblemKind(
        "BL025",
        "text_after_quote",
        "the text under {key!r} ends at this quote, and {rest!r} is left over. Write {inside} for a quote inside it.",
    ),
    ProblemKind(
        "BL026", "unclosed_bracket", "the {bracket} opened here is not closed on its line: {closing} is missing."
    ),
    ProblemKind(
        "BL027",
        "too_many_formulas",
        "from here on the formulas and cells are longer than {limit} characters together; they are not read any more. "
        "Say in a decision table what many of them repeat, or make a part another blueprint; "
        "what is published goes on.",
    ),
    ProblemKind("BL028", "too_many_roles", "more than {limit} roles."),
    # Keys, and how values are written (BL1…)
    ProblemKind("BL101", "unknown_key", "unknown key {key!r} in {where}."),
    ProblemKind("BL102", "missing_key", "{where} needs the key {key!r}."),
    ProblemKind("BL103", "wrong_shape", "{what} must be {expected}, this is {given}{instead}."),
    ProblemKind("BL104", "not_yet", "{what!r} is not supported yet."),
    ProblemKind("BL105", "unknown_word", "{word!r} is no word for {what!r}; it is one of {words}."),
    ProblemKind("BL106", "bad_key", "the key {key!r} must begin with a-z and hold only a-z, 0-9 and _, at most 60."),
    ProblemKind("BL107", "reserved_key", "the key {key!r} already means something in the language; choose another."),
    ProblemKind("BL108", "not_whole", "{what!r} must be {expected}, this is {given!r}."),
    ProblemKind("BL109", "not_yes_no", "{what!r} must be yes or no, this is {given!r}."),
    ProblemKind(
        "BL110", "bad_option", "the key {key!r} must be one line without blanks around it, at most {limit} long."
    ),
    ProblemKind("BL111", "text_too_long", "the text of {what!r} is longer than {limit} characters."),
    ProblemKind("BL112", "bad_pattern", "this pattern cannot be used: {reason}."),
    ProblemKind("BL113", "too_few", "{what!r} must not be empty."),
    ProblemKind("BL114", "one_of", "{where} needs exactly one of {words}; this has {given}{instead}."),
    ProblemKind("BL115", "unknown_type", "there is no type {name!r}; the types are {types}."),
    ProblemKind("BL116", "table_in_table", "a column cannot be a table; make it a form of its own and link to it."),
    ProblemKind("BL117", "duplicate_option", "the option {key!r} is empty or listed twice."),
    ProblemKind("BL118", "not_together", "{one!r} and {other!r} do not go together: what is computed is never typed."),
    ProblemKind("BL119", "needs_key", "{key!r} means something only with {other}."),
    ProblemKind("BL120", "bounds_crossed", "'max' {most} is less than 'min' {least}."),
    ProblemKind(
        "BL121", "number_pattern", "this number pattern cannot be used: {reason}. Say 'SO-{{year}}-{{counter:5}}'."
    ),
    ProblemKind("BL122", "placed_twice", "{field!r} already stands in the section {section!r}."),
    ProblemKind("BL123", "was_still_there", "'was' names {name!r}, which is still there; it names a key that is gone."),
    ProblemKind("BL124", "was_twice", "'was' names {name!r} a second time; the first is on line {line}."),
    ProblemKind(
        "BL125",
        "unique_alone",
        "one field is unique by itself: write 'unique: yes' at {field!r}, or name another field here.",
    ),
    ProblemKind("BL126", "one_record", "a step goes to one record; write the other one in a step of its own."),
    ProblemKind("BL127", "unused_options", "no field names the list {name!r}.", "warning"),
    # Names (BL2…)
    ProblemKind("BL201", "unknown_role", "there is no role {name!r}."),
    ProblemKind("BL202", "unknown_form", "there is no form {name!r}."),
    ProblemKind("BL203", "unknown_field", "there is no field {name!r} in {form!r}."),
    ProblemKind("BL204", "unknown_state", "there is no state {name!r} in {form!r}."),
    ProblemKind("BL205", "unknown_action", "there is no action {name!r} in {form!r}."),
    ProblemKind("BL206", "unknown_message", "there is no message {name!r}."),
    ProblemKind("BL207", "unknown_column", "{name!r} is no field of {form!r} and nothing a record has."),
    ProblemKind("BL208", "unknown_input", "the action {action!r} does not ask {name!r}."),
    ProblemKind("BL209", "missing_input", "the action {action!r} asks {name!r}; give it under 'with'."),
    ProblemKind("BL210", "unknown_currency", "{name!r} is neither a field nor a currency code."),
    ProblemKind(
        "BL211", "no_currency", "the amount {field!r} needs a currency: give 'currency' to the form or the field."
    ),
    ProblemKind("BL212", "wrong_field", "{name!r} must be {wanted}."),
    ProblemKind("BL213", "wrong_link", "the link field {link!r} points at {to!r}, not at {form!r}."),
    ProblemKind("BL214", "role_cycle", "the role {role!r} includes itself."),
    ProblemKind(
        "BL215",
        "formula_among_names",
        "this is no name of a role; a formula under {key!r} begins with '=': write {formula!r}.",
    ),
    ProblemKind("BL226", "unknown_approval", "there is no approval {name!r} in {form!r}."),
    ProblemKind("BL217", "bad_hours", "{text!r} {reason}."),
    ProblemKind(
        "BL218", "no_working_time", "nobody works in the calendar {key!r}; say the hours of one weekday under 'hours'."
    ),
    ProblemKind("BL219", "unknown_zone", "{name!r} is no time zone; write one such as 'Europe/Copenhagen'."),
    ProblemKind(
        "BL220",
        "unknown_holidays",
        "no public holidays are known of {name!r}; write a country, 'DK', or a country and its region, 'DE-MV'.",
    ),
    ProblemKind("BL221", "bad_day", "{text!r} is no day from {first} to {last}; write it as '2026-12-24'."),
    ProblemKind("BL222", "unknown_timer", "there is no timer {name!r} in {form!r}."),
    ProblemKind("BL216", "unknown_option_list", "there is no list {name!r} under 'options' of the blueprint."),
    # Formulas and values (BL3…)
    ProblemKind("BL301", "formula_syntax", "this formula cannot be read: {message}."),
    ProblemKind("BL302", "unknown_name", "{message}."),
    ProblemKind("BL303", "name_not_here", "there is no {name} here; it is known in {where}."),
    ProblemKind("BL304", "unknown_function", "{message}."),
    ProblemKind("BL305", "unknown_member", "{message}."),
    ProblemKind("BL306", "formula_type", "{message}."),
    ProblemKind("BL307", "formula_option", "{message}."),
    ProblemKind("BL308", "mixed_currencies", "{message}."),
    ProblemKind("BL309", "wrong_arguments", "{message}."),
    ProblemKind("BL310", "bad_literal", "{message}."),
    ProblemKind("BL311", "wrong_result", "{message}."),
    ProblemKind("BL312", "too_many_steps", "{message}."),
    ProblemKind("BL313", "may_be_null", "{message}.", "warning"),
    ProblemKind("BL314", "cycle", "these fields need each other: {names}."),
    ProblemKind("BL315", "bad_value", "{text!r} {reason}."),
    ProblemKind(
        "BL316",
        "formula_without_equals",
        "{text!r} looks like a formula; a formula in the place of a value begins with '=': write '= {instead}'.",
    ),
    ProblemKind(
        "BL317",
        "formula_in_text",
        "{text!r} is kept as a text; put it in quotes if that is meant, or '=' before a formula.",
        "warning",
    ),
    ProblemKind(
        "BL318",
        "value_needs_formula",
        "{text!r} cannot be looked up here; {what} is given by a formula, which begins with '='.",
    ),
    ProblemKind(
        "BL319",
        "formula_in_title",
        "the text of {what!r} is shown where there is no record, so it cannot hold a formula; "
        "write {{{{ and }}}} for braces.",
    ),
    ProblemKind(
        "BL320",
        "percent_without_sign",
        "{text!r} may be read as {text} % and as {share} %, which it meant so far; write '{text}%' or '{share}%'.",
    ),
    ProblemKind("BL321", "percent_scale", "{message}."),
    ProblemKind("BL322", "never_answers", "{message}.", "warning"),
    ProblemKind("BL323", "item_may_be_null", "{message}.", "warning"),
    ProblemKind("BL324", "percent_added", "{message}.", "warning"),
    ProblemKind("BL325", "moment_without_zone", "{message}."),
    ProblemKind("BL330", "unknown_calendar", "{message}."),
    ProblemKind("BL326", "in_text", "{message}.", "warning"),
    ProblemKind(
        "BL327",
        "small_percent",
        "{text!r} is {text} % here; write '{share}%' for {share} %, or '{text}%' if that is meant.",
        "warning",
    ),
    ProblemKind(
        "BL328",
        "eaten_division",
        "what follows // is a comment, so {found!r} is left out; write '{instead}' to divide, or '/*' and '*/' around "
        "a comment.",
        "warning",
    ),
    ProblemKind("BL329", "braces_in_formula", "{message}.", "warning"),
    # Approvals (BL44…, BL45…)
    ProblemKind(
        "BL440", "step_twice", "the step {key!r} is there twice in this approval; the first is on line {line}."
    ),
    ProblemKind("BL441", "nested_steps", "steps stand together one level deep; write these beside the others."),
    ProblemKind("BL442", "approver_everyone", "'everyone' decides nothing; name roles, owner, assignee or a formula."),
    ProblemKind(
        "BL443",
        "bad_need",
        "{text!r} is no need of a step; write any, all, a number such as 2, a percentage such as 60% or {{weight: 3}}.",
    ),
    ProblemKind("BL444", "need_beyond", "{need} must agree, and the step never has more than {most} to ask."),
    ProblemKind(
        "BL445", "bad_length", "{text!r} is no length of time; write '8 working hours', '2 working days' or '3 days'."
    ),
    ProblemKind(
        "BL446",
        "due_calendar",
        "{text!r} counts working time, and it is not said in which calendar; name one under 'calendar'.",
    ),
    ProblemKind("BL447", "no_calendar", "there is no calendar {name!r} in the blueprint."),
    ProblemKind("BL448", "unused_approval", "no action asks for the approval {name!r}.", "warning"),
    ProblemKind(
        "BL449",
        "during_not_between",
        "{action!r} waits for its approval in {state!r}, which must be a state of its own between: "
        "neither the start, nor final, nor one of its 'from', 'to', 'rejected' and 'returned'.",
    ),
    ProblemKind(
        "BL450",
        "led_to_during",
        "{action!r} leads to {state!r}, where records wait for an approval, but asks nobody; nothing would be decided.",
    ),
    ProblemKind(
        "BL451",
        "maybe_nobody",
        "whoever decides the step {step!r} may be nobody: {reason}. A record would wait until somebody is named.",
        "warning",
    ),
    ProblemKind(
        "BL452",
        "all_steps_skipped",
        "each step of {name!r} may be left out, and then it is given without anybody having agreed.",
        "warning",
    ),
    ProblemKind("BL453", "no_approvals", "{form!r} has no approvals, so nothing can be decided about one."),
    ProblemKind("BL454", "unknown_step", "there is no step {name!r} in the approvals of {form!r}."),
    # States and actions (BL4…)
    ProblemKind("BL401", "sets_computed", "{field!r} is computed; nothing else can give it a value."),
    ProblemKind("BL402", "no_start", "no state of {form!r} has 'start: true'; new records must begin somewhere."),
    ProblemKind("BL403", "several_starts", "{state!r} is a second start beside {first!r}; a form has one."),
    ProblemKind("BL404", "no_states", "{form!r} has actions but no states."),
    ProblemKind("BL405", "unreachable_state", "no action leads from {start!r} to {state!r}."),
    ProblemKind("BL406", "dead_end", "no action leads out of {state!r}; say 'final: true' if it is an end."),
    ProblemKind("BL407", "action_from_final", "{action!r} leads out of {state!r}, which is final."),
    ProblemKind("BL408", "start_is_final", "{state!r} is both the start and an end."),
    ProblemKind(
        "BL430",
        "only_state",
        "{state!r} is the only state of {form!r}, and no action leads out of it: leave 'states' out, or say what comes "
        "next.",
    ),
    ProblemKind("BL409", "never_holds", "this condition can never hold: {what}."),
    ProblemKind(
        "BL433",
        "never_led_to",
        "{action!r} never leads here: the destinations before take every case it can be taken in.",
    ),
    ProblemKind(
        "BL434",
        "leads_nowhere",
        "{action!r} leads nowhere{example}; let the last destination have no 'when'.",
    ),
    ProblemKind(
        "BL437",
        "made_again",
        "{action!r} may be taken again where its record stays, and then makes all these records again; say in 'when' "
        "that there are none yet, let it lead to another state, or note the lines' records with 'link'.",
        "warning",
    ),
    ProblemKind("BL432", "always_holds", "this condition always holds here, so {what}; leave it out.", "warning"),
    ProblemKind(
        "BL410",
        "nobody_takes",
        "nobody may take {action!r}: name somebody under 'by', or let an effect take it.",
        "warning",
    ),
    ProblemKind("BL411", "act_cycle", "these actions take each other: {names}."),
    ProblemKind(
        "BL412",
        "never_filled",
        "{field!r} is required, but nobody may type it and nothing gives it a value.",
        "warning",
    ),
    ProblemKind("BL413", "becomes_nothing", "there is no {what} {name!r} that this one could become."),
    ProblemKind(
        "BL414",
        "becomes_alone",
        "{name!r} becomes another {what}, so it is none any more; beside 'becomes' only 'title' may be, not {key!r}.",
    ),
    ProblemKind(
        "BL415",
        "fixed_never_filled",
        "the lines of {field!r} are fixed, and nothing fills them: let the 'create' or 'set' of an action do it.",
        "warning",
    ),
    ProblemKind(
        "BL416",
        "table_value",
        "{key!r} gives no lines to a table: let the 'create' or 'set' of an action fill {field!r}.",
    ),
    ProblemKind(
        "BL417",
        "unique_not_stored",
        "{field!r} is worked out anew whenever it is read, so nothing can be unique by it.",
    ),
    ProblemKind(
        "BL419",
        "unique_lines",
        "'unique' holds between records, not in the lines of {table!r}: write a check, such as "
        "'count(distinct values({table}.code)) = count({table})'.",
    ),
    # Access and privacy (BL5…)
    ProblemKind("BL501", "nobody_sees", "nobody is granted to view {form!r}.", "warning"),
    ProblemKind("BL502", "nobody_creates", "nobody is granted to create {form!r}, and no effect does.", "warning"),
    ProblemKind(
        "BL503", "private_in_show", "the title shows {field!r}, which only some may read ({source} is private)."
    ),
    ProblemKind(
        "BL504",
        "derived_private",
        "{field!r} is private too, for it is made of what is: {names}. Say 'private' or 'declassify'.",
        "warning",
    ),
    ProblemKind(
        "BL505", "needless_declassify", "{field!r} is not made of {name!r}, or that is not private.", "warning"
    ),
    ProblemKind(
        "BL506",
        "hidden_shows",
        "this grant hides {hidden} and opens {names}, made of that: hide those too, or say 'declassify' there.",
        "warning",
    ),
    ProblemKind(
        "BL507",
        "created_hidden",
        "this lets {who!r} fill in {names} in a new record, which the grant on line {line} hides afterwards: hide it "
        "here too, or open it there.",
        "warning",
    ),
    ProblemKind(
        "BL508",
        "private_in_text",
        "this text shows {name!r}, which only {roles} may read: {others} see '(hidden)' there.",
        "warning",
    ),
    ProblemKind(
        "BL509",
        "private_in_letter",
        "this letter goes to an address where nobody's rights are known, and shows {name!r}, which only {roles} may "
        "read; leave it out, or 'declassify' it where it is worked out.",
    ),
    # Lists and searching (BL6…)
    ProblemKind(
        "BL601",
        "slots_run_out",
        "there is no slot left for {field!r}: {form!r} can list, sort and search {most} {kind}.",
    ),
    ProblemKind("BL602", "not_searchable", "{message}."),
    ProblemKind(
        "BL603",
        "sort_not_stored",
        "{field!r} is worked out when it is shown, so lists cannot sort by it; see 'snapshot'.",
    ),
    ProblemKind("BL604", "sort_no_order", "lists cannot sort by {field!r}: a {type} has no order."),
    # Texts and languages (BL7…)
    ProblemKind("BL701", "missing_translation", "{what} is not in {languages}.", "warning"),
    ProblemKind("BL702", "unknown_translation", "nothing has the text {key!r} that is translated to {language} here."),
    ProblemKind("BL703", "unknown_language", "{name!r} is none of the further 'languages' of this blueprint."),
    ProblemKind("BL704", "unused_message", "nothing sends the message {name!r}.", "warning"),
    ProblemKind("BL705", "unused_role", "the role {name!r} may do nothing.", "warning"),
    ProblemKind(
        "BL706",
        "no_letter",
        "{name!r} is one line for people in the application; a letter to an address needs a 'subject' and a 'body'.",
    ),
    ProblemKind("BL707", "nothing_without", "{name!r} says nothing without {other!r}."),
    # Samples and scenarios (BL8…)
    ProblemKind("BL801", "bad_person", "{text!r} names nobody; write a name and roles, as in 'anna (sales)'."),
    ProblemKind("BL802", "no_record_yet", "there is no record yet; begin with 'create' or 'on'."),
    ProblemKind("BL803", "bad_wait", "{text!r} is no time to wait; write '31 days', '3 working days' or '2 hours'."),
    ProblemKind("BL804", "unknown_refusal", "{name!r} is no check, rule, field or action that can refuse."),
    ProblemKind("BL805", "unknown_person", "{name!r} is no role and nobody in the scenarios."),
    ProblemKind("BL806", "sample_incomplete", "this sample of {form!r} lacks {names}."),
    ProblemKind("BL807", "sample_twice", "{text!r} is already the {field!r} of the sample on line {line}."),
    ProblemKind("BL808", "sample_link", "no sample of {form!r} has the key {text!r}."),
    ProblemKind("BL809", "bad_moment", "{text!r} is no moment; write '2026-12-24 14:00'."),
    *DECIDING_PROBLEMS,
    *TIMER_PROBLEMS,
    *CLOCK_PROBLEMS,
    ProblemKind("BL099", "too_many_problems", "{count} more problems are not shown."),
)


def _by_name(kinds: Iterable[ProblemKind]) -> Mapping[str, ProblemKind]:
    named: dict[str, ProblemKind] = {}
    ids: set[str] = set()
    for kind in kinds:
        if kind.name in named or kind.id in ids:
            raise ValueError(f"two problems are called {kind.id} or {kind.name!r}")
        named[kind.name] = kind
        ids.add(kind.id)
    return named


#: {name: kind}
KINDS = _by_name(PROBLEM_KINDS)
