"""Formulas, values and templates of a blueprint: parsed, checked in their scope, with problems at their own place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from types import MappingProxyType

from blankett.engine import feel
from blankett.engine.feel import foreign_idioms
from blankett.engine.feel.types import fits, in_words
from blankett.engine.fields.base import Fault, TextReading
from blankett.engine.fields.typed_times import written_clock, written_length
from blankett.engine.language.loader.partial_blueprint import RECORD_SUFFIX, PartialBlueprint
from blankett.engine.language.loader.suspicious_cells import Slip, eaten_division, slips_in_formula, unanswered_calls
from blankett.engine.language.model import Field, Formula, Setting, Template, Words
from blankett.engine.language.source import NO_WORDS, YES_WORDS, Map, Scalar, is_short_enough
from blankett.engine.paths import Path
from blankett.engine.suggestions import may_suggest

#: {code of a finding: name of the problem}; what is not here is `formula_type`.
FINDINGS: Mapping[str, str] = {
    "feel.unknown_name": "unknown_name",
    "feel.unknown_function": "unknown_function",
    "feel.not_a_function": "unknown_function",
    "feel.function_without_call": "unknown_function",
    "feel.unknown_member": "unknown_member",
    "feel.no_members": "unknown_member",
    "feel.single_value": "unknown_member",
    "feel.not_an_option": "formula_option",
    "feel.mixed_currencies": "mixed_currencies",
    "feel.mixed_list": "mixed_currencies",
    "feel.currency_unknown": "mixed_currencies",
    "feel.not_money": "mixed_currencies",
    "feel.unknown_currency": "mixed_currencies",
    "feel.too_few_arguments": "wrong_arguments",
    "feel.too_many_arguments": "wrong_arguments",
    "feel.wrong_argument": "wrong_arguments",
    "feel.unknown_parameter": "wrong_arguments",
    "feel.missing_argument": "wrong_arguments",
    "feel.bad_literal": "bad_literal",
    "feel.bad_length": "bad_literal",
    "feel.no_calendar": "unknown_calendar",
    "feel.which_calendar": "unknown_calendar",
    "feel.unknown_calendar": "unknown_calendar",
    "feel.other_digits": "bad_literal",
    "feel.range_backwards": "bad_literal",
    "feel.wrong_result": "wrong_result",
    "feel.too_many_steps": "too_many_steps",
    "feel.may_be_null": "may_be_null",
    "feel.percent_scale": "percent_scale",
    "feel.moment_without_zone": "moment_without_zone",
    "feel.never_answers": "never_answers",
    "feel.never_equal": "never_answers",
    "feel.item_may_be_null": "item_may_be_null",
    "feel.percent_added": "percent_added",
    "feel.in_text": "in_text",
    "feel.braces_in_text": "braces_in_formula",
}
#: Findings that versions published before may have: they go on as they did.
SPARED = frozenset({"feel.moment_without_zone", "feel.percent_scale"})
#: Names that are in scope somewhere, and where: an unknown one of these is told so.
SPECIAL_NAMES: Mapping[str, str] = {
    "user": "defaults, guards, effects, grants and lists",
    "facts": "the rules, checks, guards, effects and computes of a form that has `facts`",
    "inputs": "the guard, the effects, the rules and the messages of an action that asks",
    "old": "checks, guards and effects",
    "parent": "the columns of a table",
    "that": "the `set` of an `update`, and the `with` of a `create` with `each`",
    "this": "a `where` that picks other records",
}
#: A text that an author may have meant as a formula.
FORMULA_LIKE = re.compile(
    r"""[a-z_][\w.]*\s*(?:[<>=]|!=|\*|/|\+)\s*\S      # total > 0
      | [a-z_]\w*\(.*\)\Z                              # today()
      | if\s.+\sthen\s                                 # if a then b
      | [a-z_]\w*(?:\.[a-z_]\w*)+\Z                    # customer.tier
    """,
    re.VERBOSE,
)

#: A percentage that may have been meant as a fraction: 0.19.
_FRACTION = re.compile(r"-?0?\.\d*[1-9]\d*")
CONDITION = feel.Boolean(nullable=True)


def read_formula(
    draft: PartialBlueprint,
    scalar: Scalar,
    scope: feel.Scope,
    expect: feel.Type | None = None,
    *,
    start: int = 0,
    warns: bool = False,
    given: Formula | None = None,
    there: Path = (),
) -> Formula | None:
    """Return the formula of a scalar from *start* on, or None when it cannot be read. *warns* tells of nulls, but for
    what is there because *given* holds, or anyway.
    """
    # Without the blanks around it, so that places in the formula are places in its text.
    start += len(scalar.text[start:]) - len(scalar.text[start:].lstrip())
    text = scalar.text[start:].strip()
    if not draft.takes_formula(text, scalar.place):
        return None
    try:
        expression = draft.parsed.pop(text, None) or feel.parse_expression(text)
    except feel.FeelSyntaxError as error:
        tell_syntax(draft, scalar, error, start)
        return None
    known = (given.expression,) if given is not None else ()
    checked = feel.check(expression, scope, expect, text=text, given=known, there=(there,) if there else ())
    for finding in checked.findings:
        if warns or finding.code != "feel.may_be_null":
            tell_finding(draft, scalar, finding, scope, start)
    tell_slips(draft, scalar, slips_in_formula(expression, text), lambda at: start + at)
    for call in unanswered_calls(expression) if draft.is_new else ():
        if not any(call.start <= each.start and each.end <= call.end for each in checked.findings):
            message = f"this never has an answer: {text[call.start : call.end]} gives none"
            place = draft.source.place_in(scalar, start + call.start, start + call.end)
            draft.report.add("never_answers", place, message=message)
    comment = eaten_division(text, scope.all_names())
    if comment is not None:
        at, found = comment
        place = draft.source.place_in(scalar, start + at, start + at + len(found) + 2)
        instead = f"floor({text[:at].strip()} / {found})"
        draft.report.add("eaten_division", place, found=found, instead=instead)
    return Formula(text, scalar.place, checked, expression, scope)


def constant_formula(text: str, scalar: Scalar, scope: feel.Scope) -> Formula:
    """Return the formula *text*, which reads nothing, in the place of a word that stands for it."""
    expression = feel.parse_expression(text)
    return Formula(text, scalar.place, feel.check(expression, scope), expression, scope)


def read_condition(
    draft: PartialBlueprint,
    scalar: Scalar | None,
    scope: feel.Scope,
    *,
    warns: bool = True,
    given: Formula | None = None,
    there: Path = (),
) -> Formula | None:
    """Return a formula that must be true or false, or None.

    *warns* tells of nulls, except of those that *given*, which holds whenever this is looked at, rules out, and of what
    stands *there* whenever it is.
    """
    if scalar is None:
        return None
    return read_formula(draft, scalar, scope, CONDITION, warns=warns, given=given, there=there)


def tell_syntax(draft: PartialBlueprint, scalar: Scalar, error: feel.FeelSyntaxError, start: int) -> None:
    """Tell that a formula, which begins at *start* of the scalar, cannot be read."""
    place = draft.source.place_in(scalar, start + error.start, max(start + error.end, start + error.start + 1))
    after = draft.source.text[scalar.place.end : scalar.place.end + 40].split("\n")[0]
    if scalar.is_plain and re.match(r" +#", after):
        draft.report.add("eaten_comment", scalar.place)
    else:
        draft.report.add("formula_syntax", place, message=str(error))


def tell_finding(draft: PartialBlueprint, scalar: Scalar, finding: feel.Finding, scope: feel.Scope, start: int) -> None:
    """Tell of a finding in a formula that begins at *start* of the scalar."""
    place = draft.source.place_in(scalar, start + finding.start, start + finding.end)
    name = FINDINGS.get(finding.code, "formula_type")
    missing = str(finding.params.get("name", "")).strip("'\"`")
    if finding.code == "feel.unknown_name" and missing in SPECIAL_NAMES and not finding.params.get("instead"):
        draft.report.add("name_not_here", place, name=missing, where=SPECIAL_NAMES[missing])
        return
    if finding.code == "feel.unknown_member" and finding.params.get("owner") == "facts":
        name = "unknown_fact"
    is_open = finding.code == "feel.unknown_name" and not finding.params.get("instead")
    elsewhere = _found_elsewhere(missing, scope) if is_open else None
    suggestion = elsewhere or finding.suggestion
    with draft.report.sparing() if finding.code in SPARED else nullcontext():
        draft.report.add(name, place, suggestion=suggestion, message=finding.message, name=missing)


def tell_slips(draft: PartialBlueprint, scalar: Scalar, slips: Iterable[Slip], origin: Callable[[int], int]) -> None:
    """Warn of what hardly means what stands there. *origin*: from a place in the cell to that in what was written."""
    for slip in slips:
        place = draft.source.place_in(scalar, origin(slip.start), origin(slip.end))
        draft.report.add(
            slip.name,
            place,
            suggestion=slip.instead,
            found=slip.found,
            meaning=slip.meaning,
            otherwise=slip.otherwise,
        )


def _found_elsewhere(name: str, scope: feel.Scope) -> str | None:
    """Return where a name that is unknown by itself can be read: ``parent.currency``, ``this.customer``,
    ``lines.price``.
    """
    for owner in scope.all_names() if may_suggest() else ():
        of = scope.find(owner)
        item = of.item if isinstance(of, feel.ListOf) else of
        is_around = owner in ("parent", "this", "inputs", "record") or isinstance(of, feel.ListOf)
        fields = scope.fields_of(item) if item is not None and is_around else None
        if fields and name in fields:
            return f"{owner}.{name}"
    return None


# Values -------------------------------------------------------------------------------------------------------------


def is_formula(scalar: Scalar) -> bool:
    """Tell whether a value is a formula: it starts with one ``=``."""
    return scalar.text.startswith("=") and not scalar.text.startswith("==")


def constant_text(scalar: Scalar) -> str:
    """Return the text of a value that is none: ``==x`` is ``=x``."""
    return scalar.text[1:] if scalar.text.startswith("==") else scalar.text


def read_setting(
    draft: PartialBlueprint, scalar: Scalar, of: Field, scope: feel.Scope, *, own: bool = True
) -> Setting | None:
    """Return the value an author gives to a field. *own* says that the field's currency is read in this scope."""
    if is_formula(scalar):
        formula = read_result(draft, scalar, of, scope, start=1, own=own)
        return Setting(None, formula) if formula else None
    text = constant_text(scalar)
    is_like = bool(FORMULA_LIKE.match(text))
    if not of.type.is_free_text and is_like:
        draft.report.add("formula_without_equals", scalar.place, text=text[:60], instead=text[:60])
        return None
    habit = foreign_idioms.named(text)
    if habit is not None and habit not in ("null", "true", "false") and of.type.takes_moments:
        draft.report.add("formula_without_equals", scalar.place, text=text[:60], instead=habit)
        return None
    if of.type.points_to or of.type.has_lines:
        draft.report.add("value_needs_formula", scalar.place, what=f"a {of.type.name}", text=text[:60])
        return None
    value = of.type.read_api(text, of, TextReading())
    if isinstance(value, Fault):
        tell_fault(draft, scalar, of, value)
        return None
    if of.type.cells.needs_sign and _FRACTION.fullmatch(text.strip()):
        draft.report.add(
            "small_percent", scalar.place, text=text.strip(), share=f"{(Decimal(text) * 100).normalize():f}"
        )
    if is_like and scalar.is_plain:
        draft.report.add("formula_in_text", scalar.place, text=text[:60])
    return Setting(value)


def read_result(
    draft: PartialBlueprint, scalar: Scalar, of: Field, scope: feel.Scope, *, start: int = 0, own: bool = True
) -> Formula | None:
    """Return a formula whose value the field takes; one that gives something else is a problem."""
    expect = of.type.feel_type(of)
    if of.type.has_currency:
        expect = feel.Number(of.currency if own else None, nullable=True)
    if of.type.points_to or of.type.has_lines:
        formula = read_formula(draft, scalar, scope, start=start)
        if formula and not formula.checked.errors and not takes(of, formula.checked.type, draft):
            given, wanted = in_words(formula.checked.type), wanted_words(of)
            message = f"this must be {wanted}, it is {given}"
            draft.report.add("wrong_result", draft.source.place_in(scalar, start, len(scalar.text)), message=message)
        return formula
    return read_formula(draft, scalar, scope, feel.types.or_null(expect), start=start)


def wanted_words(of: Field) -> str:
    """Return what a field takes, in words: `a linked record (customer)`, `lines of lines`."""
    if of.type.has_lines:
        return f"a list of {{{', '.join(of.columns)}}}"
    return in_words(of.type.feel_type(of))


def takes(of: Field, given: feel.Type, draft: PartialBlueprint) -> bool:
    """Tell whether a field of records, people or lines takes values of a type."""
    if isinstance(given, (feel.Any, feel.Null)):
        return True
    if of.type.has_lines:
        item = given.item if isinstance(given, feel.ListOf) else None
        if isinstance(item, feel.Context):
            columns = of.columns
            return all(
                name == "id" or (name in columns and _cell_fits(columns[name], type_, draft))
                for name, type_ in item.fields.items()
            )
        return isinstance(item, feel.Any)
    wanted = of.type.feel_type(of)
    if isinstance(given, feel.RecordType) and isinstance(wanted, feel.RecordType):
        return given.form.removesuffix(RECORD_SUFFIX) == wanted.form
    return False


def _cell_fits(column: Field, given: feel.Type, draft: PartialBlueprint) -> bool:
    if column.type.points_to:
        return takes(column, given, draft)
    return fits(given, column.type.feel_type(column))


def tell_fault(draft: PartialBlueprint, scalar: Scalar, of: Field, fault: Fault) -> None:
    """Tell that a constant is no value of its field."""
    reason = fault_words(of, fault, "is no {type}")
    draft.report.add("bad_value", scalar.place, text=scalar.text[:60], reason=reason)


def fault_words(of: Field, fault: Fault, other: str) -> str:
    """Return what is wrong with a value, for an author; bounds as blueprints have them. *other*: where no words are."""
    params = {key: _written(value) for key, value in fault.params.items()}
    return FAULT_WORDS.get(fault.message, other).format(type=of.type.name, **params)


def _written(value: object) -> object:
    if isinstance(value, time):
        return written_clock(value)
    return written_length(value) if isinstance(value, timedelta) else value


#: {message id of a fault: what is wrong, for an author}
FAULT_WORDS: Mapping[str, str] = {
    "field.not_a_number": "is not a number",
    "field.number_too_large": "is too large a number",
    "field.not_whole": "is not a whole number",
    "field.too_many_decimals": "has more than {count} digits after the point",
    "field.too_small": "is less than {min}",
    "field.too_large": "is more than {max}",
    "field.not_a_date": "is not a date such as 2026-01-31",
    "field.too_early": "is before {min}",
    "field.too_late": "is after {max}",
    "field.not_yes_no": "is not yes or no",
    "field.no_such_option": "is none of the options",
    "field.too_long": "is longer than {max} characters",
    "field.too_short": "is shorter than {min} characters",
    "field.no_match": "does not match the pattern",
    "field.not_as_told": "does not match the pattern",
    "field.not_an_email": "is not an e-mail address",
    "field.one_line": "has line breaks",
    "field.bad_characters": "has invisible characters",
}


# Templates ----------------------------------------------------------------------------------------------------------


def read_template(
    draft: PartialBlueprint,
    scalar: Scalar,
    scope: feel.Scope,
    item: tuple[str, ...],
    attribute: str,
    *,
    main: str = "",
    translated: bool = True,
) -> Template:
    """Return a text with formulas in braces, in every language it exists in."""
    texts = {draft.language: scalar}
    missing: list[str] = []
    for language, found in draft.translations.others(item, attribute, main or attribute):
        if found is not None:
            texts[language] = found
        else:
            missing.append(language)
    if translated:
        draft.translations.tell_missing(scalar.place, item, attribute, missing)
    pieces = {language: template_pieces(draft, text, scope) for language, text in texts.items()}
    return Template(Words({language: text.text for language, text in texts.items()}), pieces, scalar.place)


def read_words(
    draft: PartialBlueprint, tree: Map, item: tuple[str, ...], attribute: str, scope: feel.Scope
) -> Words | None:
    """Return a text that is shown beside a record, with formulas in braces, in every language it exists in, or None.

    Before these texts held formulas, braces were shown as written: versions published then go on so where what is in
    them is no formula.
    """
    scalar = tree.scalar(attribute)
    if scalar is None:
        return None
    texts = {draft.language: scalar}
    missing: list[str] = []
    for language, found in draft.translations.others(item, attribute, "title"):
        if found is None:
            missing.append(language)
        else:
            texts[language] = found
    draft.translations.tell_missing(scalar.place, item, attribute, missing)
    words = Words({language: text.text for language, text in texts.items()})
    if not is_short_enough(scalar, attribute, draft.report):
        return words
    with draft.report.sparing():
        read = {language: _words_pieces(draft, text, scope) for language, text in texts.items() if has_brace(text)}
    pieces = {language: found for language, found in read.items() if found}
    return replace(words, pieces=MappingProxyType(pieces)) if pieces else words


def has_brace(text: Scalar) -> bool:
    """Tell whether a text may hold a formula, or has a brace without one."""
    return "{" in text.text or "}" in text.text


def _words_pieces(draft: PartialBlueprint, scalar: Scalar, scope: feel.Scope) -> tuple[str | Formula, ...]:
    """Return the texts and formulas of a text; nothing where it holds no formula or one that is wrong."""
    pieces = template_pieces(draft, scalar, scope)
    formulas = [piece for piece in pieces if isinstance(piece, Formula)]
    return pieces if formulas and not any(formula.checked.errors for formula in formulas) else ()


def template_pieces(
    draft: PartialBlueprint, scalar: Scalar, scope: feel.Scope, *, tells: bool = True
) -> tuple[str | Formula, ...]:
    """Return the texts and formulas of one language's text. Without *tells*, where what formulas see is not known, only
    what cannot be read is told, and versions published before may have it.
    """
    if not draft.takes_template(scalar.text, scalar.place):
        return (scalar.text,)
    try:
        parts = feel.parse_template(scalar.text)
    except feel.FeelSyntaxError as error:
        if tells:
            tell_syntax(draft, scalar, error, 0)
        else:
            with draft.report.sparing():
                tell_syntax(draft, scalar, error, 0)
        return (scalar.text,)
    pieces: list[str | Formula] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        pieces.append(_template_formula(draft, scalar, part.start, part.end, scope, tells=tells))
    return tuple(pieces)


def _template_formula(
    draft: PartialBlueprint, scalar: Scalar, start: int, end: int, scope: feel.Scope, *, tells: bool
) -> Formula:
    text = scalar.text[start:end]
    # Once more by itself, so that places in the formula are places in its text.
    expression = feel.parse_expression(text)
    checked = feel.check(expression, scope, text=text)
    for finding in checked.findings if tells else ():
        if finding.code != "feel.may_be_null":
            tell_finding(draft, scalar, finding, scope, start)
    return Formula(text, draft.source.place_in(scalar, start, end), checked, expression, scope)


def is_flag(scalar: Scalar | None) -> bool | None:
    """Return True or False for plain yes and no, None for anything else."""
    if scalar is None or scalar.text in YES_WORDS:
        return scalar is not None
    return False if scalar.text in NO_WORDS else None
