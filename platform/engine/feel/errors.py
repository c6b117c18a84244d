"""What can go wrong with a formula: it cannot be read, or it used up its budget.

Data never raises: a wrong value gives null, as the standard says. What the checker finds are values (`Finding`), not
exceptions.
"""

from __future__ import annotations

from collections.abc import Mapping

from blankett.engine.errors import BlankettError

#: {code: template}
MESSAGES: dict[str, str] = {
    # reading
    "feel.empty": "the formula is empty",
    "feel.too_long": "the formula has {length} characters; at most {limit} are read",
    "feel.too_deep": (
        "the formula is nested more than {limit} levels deep; take a part of it out into a field of its own"
    ),
    "feel.unclosed_text": 'a text is not closed: it needs another " at its end',
    "feel.unclosed_comment": "a comment is not closed: it needs */ at its end",
    "feel.unclosed_brace": "a formula in braces is not closed: it needs a }} (write {{{{ for a brace that is text)",
    "feel.stray_brace": "a }} without a formula before it (write }}}} for a brace that is text)",
    "feel.single_quotes": 'texts stand in double quotes: "…"',
    "feel.unexpected_character": "the character {character} means nothing here",
    "feel.foreign_operator": "{found} is not an operator here; write {instead}",
    "feel.foreign_words": "'{found}' means nothing here; write {instead}",
    "feel.left_out": "'{found}' means nothing here; leave it out",
    "feel.number_too_large": "{found} is larger than numbers go",
    "feel.decimal_comma": "decimals are written with a point: {instead}",
    "feel.not_brackets": "'not' needs brackets: not(…)",
    "feel.missing_right": "{operator} needs something on its right",
    "feel.missing_left": "{operator} needs something on its left",
    "feel.missing_value": "a value is missing before {found}",
    "feel.missing_end": "something is missing at the end of the formula",
    "feel.unexpected": "{found} does not belong here",
    "feel.missing_operator": "an operator is missing between {left} and {right}",
    "feel.unclosed": "{opened} is not closed: {expected} is missing",
    "feel.expected": "{expected} is missing before {found}",
    "feel.expected_at_end": "{expected} is missing at the end",
    "feel.member_name": "a name must follow the dot",
    "feel.key_name": "an entry of a context needs a name and a colon, as in {{name: value}}",
    "feel.parameter_name": "a parameter needs a name",
    "feel.type_name": "{found} is not the name of a type",
    "feel.mixed_arguments": "a call has either names for all arguments or for none",
    "feel.repeated_key": "the entry '{name}' is there twice",
    # checking
    "feel.unknown_name": "there is no '{name}' here",
    "feel.unknown_function": "there is no function '{name}'",
    "feel.not_a_function": "'{name}' is not a function",
    "feel.function_without_call": "'{name}' is a function; write {name}({given})",
    "feel.unknown_member": "{owner} has no '{name}'",
    "feel.no_members": "{type} has no parts, so .{name} cannot be read from it",
    "feel.single_value": "{function}(…) gives a single value; leave .{name} out",
    "feel.wrong_operand": "{operator} does not work on {type}",
    "feel.wrong_operands": "{operator} does not work between {left} and {right}",
    "feel.text_and_number": "{operator} does not join {left} and {right}; turn the other into text with string(…)",
    "feel.cannot_compare": "{left} cannot be compared with {right}",
    "feel.date_and_datetime": "{left} cannot be compared with {right}; take the day of it with date(…)",
    "feel.cannot_order": "{type} has no order, so {operator} does not work on it",
    "feel.different_answers": "the two answers of 'if' are of different kinds: {left} and {right}",
    "feel.not_boolean": "{where} must be true or false, this is {type}",
    "feel.not_a_list": "{where} needs a list, this is {type}",
    "feel.wrong_filter": "a filter needs a condition or a position, this is {type}",
    "feel.in_text": "'in' asks whether the two texts are the same",
    "feel.braces_in_text": "braces in a text of a formula are only text",
    "feel.wrong_range": "a range needs two ends of one kind, these are {left} and {right}",
    "feel.not_an_option": "{value} is not one of the options ({options})",
    "feel.mixed_currencies": (
        "two amounts whose currencies may differ ({left} and {right}); "
        "turn one into the other with convert(amount, currency, date)"
    ),
    "feel.mixed_list": (
        "the amounts in this list may be in different currencies ({currency}); "
        "turn each with convert(amount, currency, date)"
    ),
    "feel.not_money": "convert needs an amount of money, this is {type} without a currency",
    "feel.currency_unknown": "the currency of this amount cannot be told; use a field, or a loop over the lines",
    "feel.unknown_currency": "{value} is not a currency code such as EUR",
    "feel.too_few_arguments": "{function}(…) needs {expected}, this gives {given}",
    "feel.too_many_arguments": "{function}(…) takes {expected}, this gives {given}",
    "feel.wrong_argument": "{parameter} of {function}(…) must be {expected}, this is {given}",
    "feel.unknown_parameter": "{function}(…) has no parameter '{name}'",
    "feel.missing_argument": "{function}(…) needs '{parameter}'",
    "feel.other_digits": "{found} is in digits of another script; numbers are written 0 to 9",
    "feel.range_backwards": "the range {found} ends before it begins, so there is nothing in it",
    "feel.bad_literal": "{value} is not a date, time, or duration such as {example}",
    "feel.no_calendar": "{function}(…) counts in a calendar, and there is none: say its hours under 'calendars'",
    "feel.which_calendar": "{function}(…) counts in a calendar, and there are several; name one of {calendars}",
    "feel.unknown_calendar": "there is no calendar {value}; there are {calendars}",
    "feel.bad_length": '{value} is no length such as "2 working days", "8 working hours" or "3 days"',
    "feel.wrong_result": "this must be {expected}, it is {given}",
    "feel.too_many_steps": "{path} follows {steps} links; at most {limit} are followed",
    "feel.moment_without_zone": "{text} says no zone, so it is neither before nor after a moment of a record",
    "feel.never_answers": "this never has an answer: {reason}",
    "feel.never_equal": "this is never {never}: {reason}, and {value} is none",
    "feel.percent_added": "an amount and a percentage are added as they are, so 10 % is 0.10 of the currency",
    "feel.item_may_be_null": "{name} may be empty, and then {function}(…) of all has no answer",
    "feel.percent_scale": (
        "a percentage is a fraction in a formula, so {value} is {share} % here; "
        "write {fraction} for {value} %, or {share} / 100 for {share} %"
    ),
    "feel.may_be_null": (
        "{name} may be empty, and then this has no answer; say what is meant with {name} = null or {name} != null"
    ),
    # outside the SQL subset
    "feel.sql_unsupported": "{part} cannot be used in a condition that picks records",
    "feel.sql_list": "{name} holds several values: a condition that picks records asks list contains({name}, …)",
    "feel.sql_no_column": "{name} cannot be searched by, so it cannot be used in a condition that picks records",
    "feel.sql_two_columns": (
        "a condition that picks records computes sums and differences of numbers and the time between days, nothing "
        "else, with their fields; move what can be moved to the other side"
    ),
    # running
    "feel.budget_together": "the formulas of one page or save were stopped after {limit} steps together",
    "feel.budget_steps": "the formula was stopped after {limit} steps",
    "feel.budget_time": "the formula was stopped after {limit} seconds",
    "feel.budget_depth": "the formula was stopped: its functions call each other too deeply",
    "feel.budget_text": "the formula was stopped: it made a text of more than {limit} characters",
    "feel.budget_nesting": "the formula was stopped: its lists lie more than {limit} deep in each other",
    "feel.budget_list": "the formula was stopped: it made a list of more than {limit} items",
}


def message_text(code: str, params: Mapping[str, object]) -> str:
    """Return the English text of *code* with its *params* filled in: `instead` is what to write, `has` what it has."""
    text = MESSAGES[code]
    said = text.format_map(params)
    if params.get("has"):
        said += f"; it has {params['has']}"
    return f"{said}; write {params['instead']}" if params.get("instead") and "{instead}" not in text else said


class FeelError(BlankettError):
    """Base of all errors of the expression language; the text is made from *code* and *params*."""

    def __init__(self, code: str, params: Mapping[str, object] | None = None) -> None:
        self.code = code
        self.params: dict[str, object] = dict(params or {})
        super().__init__(message_text(code, self.params))


class FeelSyntaxError(FeelError):
    """A formula that cannot be read. `start` and `end` are offsets into its text, from 0, end exclusive."""

    def __init__(
        self,
        code: str,
        params: Mapping[str, object] | None = None,
        start: int = 0,
        end: int = 0,
        suggestion: str | None = None,
    ) -> None:
        super().__init__(code, params)
        self.start = start
        self.end = end
        self.suggestion = suggestion


class FeelRuntimeError(FeelError):
    """The evaluation was stopped."""


class BudgetExceeded(FeelRuntimeError):
    """The formula ran too long, went too deep or made too much."""
