"""What a condition tells about null: after `x != null and`, x is there.

A value that is asked for under a condition is there, too, wherever that condition is known to hold: of a field that is
visible and required while `kind = "a"`, wherever `kind = "a"` holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from blankett.engine.feel import tree

#: A name with the members after it, as written: ("customer", "tier").
Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Atom:
    """That the value at *key* compares so with values that are written out: `in`, `not in`, `<`, `<=`, `>` or `>=`."""

    key: Key
    operator: str
    values: frozenset[object]

    def implies(self, other: Atom) -> bool:
        """Tell whether *other* holds wherever this does."""
        if self.key != other.key:
            return False
        if self.operator == "in":
            return all(other.takes(value) for value in self.values)
        if other.operator == "not in":
            return other.values <= self.values if self.operator == "not in" else not any(map(self.takes, other.values))
        if "in" in (self.operator[-2:], other.operator[-2:]) or self.operator[0] != other.operator[0]:
            return False
        (one,), (two,) = self.values, other.values
        if not isinstance(one, Decimal) or not isinstance(two, Decimal):
            return False
        closer = one <= two if self.operator[0] == "<" else one >= two
        return closer and (one != two or len(other.operator) >= len(self.operator))

    def takes(self, value: object) -> bool:
        """Tell whether *value* meets it."""
        if self.operator in ("in", "not in"):
            return (value in self.values) == (self.operator == "in")
        (bound,) = self.values
        if not isinstance(value, Decimal) or not isinstance(bound, Decimal):
            return False
        orders = {"<": value < bound, "<=": value <= bound, ">": value > bound, ">=": value >= bound}
        return orders[self.operator]


@dataclass(frozen=True)
class Said:
    """That a condition holds that compares no value with written ones: its exact shape, as `tree.outline` gives it."""

    shape: str

    @classmethod
    def of(cls, condition: tree.Expression) -> Said:
        """Return that *condition* holds."""
        return cls(tree.outline(condition, is_exact=True))


#: What is known where a condition holds, or does not: values that are there, and how values compare.
Facts: TypeAlias = frozenset[Key | Atom | Said]
_NONE: Facts = frozenset()
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def asked_for(conditions: Iterable[tree.Expression]) -> tuple[Atom | Said, ...]:
    """Return what must be known to hold so that all *conditions* do."""
    return tuple(found for condition in conditions for found in _parts(condition))


def _parts(condition: tree.Expression) -> Iterator[Atom | Said]:
    if isinstance(condition, tree.Logic) and condition.operator == "and":
        for operand in condition.operands:
            yield from _parts(operand)
    else:
        atom = _compared(condition)[0]
        yield atom if atom is not None else Said.of(condition)


def is_known(wanted: Atom | Said, owner: Key, known: Facts) -> bool:
    """Tell whether *wanted*, said of *owner*, holds wherever everything *known* does. What is said by its shape alone
    is told only of what is at hand: elsewhere its names are other values.
    """
    if isinstance(wanted, Said):
        return not owner and wanted in known
    there = within(wanted, owner)
    return any(isinstance(each, Atom) and each.implies(there) for each in known)


def within(wanted: Atom, owner: Key) -> Atom:
    """Return what is said of a line, or of a record, as it is said of *owner*; of `parent` as of what is around."""
    if not owner:
        return wanted
    is_around = wanted.key[0] == "parent" and len(wanted.key) > 1
    return replace(wanted, key=wanted.key[1:] if is_around else (*owner, *wanted.key))


def _compared(condition: tree.Expression) -> tuple[Atom | None, Atom | None]:
    """Return how a value compares with written ones when *condition* is true, and when it is not true."""
    if isinstance(condition, tree.Call) and _is_not(condition):
        true, false = _compared(condition.arguments[0].value)
        return (false, true) if true is None or true.operator in ("in", "not in") else (None, None)
    key = key_of(condition)
    if key is not None:
        return _either(key, "in", [True])
    if isinstance(condition, tree.Comparison):
        return _compared_with(condition)
    if isinstance(condition, tree.In):
        key = key_of(condition.value)
        items = [item for test in condition.tests for item in _items(test)]
        if key is not None and all(isinstance(item, tree.Literal) for item in items):
            return _either(key, "in", [item.value for item in items if isinstance(item, tree.Literal)])
    if isinstance(condition, tree.Logic) and condition.operator == "or":
        found = [_compared(operand)[0] for operand in condition.operands]
        first = found[0]
        if first is not None and all(each and (each.key, each.operator) == (first.key, "in") for each in found):
            return _either(first.key, "in", [value for each in found if each for value in each.values])
    return None, None


def _items(test: tree.Expression) -> tuple[tree.Expression, ...]:
    return test.items if isinstance(test, tree.ListLiteral) else (test,)


def _compared_with(condition: tree.Comparison) -> tuple[Atom | None, Atom | None]:
    left, right, operator = condition.left, condition.right, condition.operator
    if isinstance(left, tree.Literal):
        left, right, operator = right, left, _MIRRORED.get(operator, operator)
    key = key_of(left)
    if key is None or not isinstance(right, tree.Literal) or right.value is None:
        return None, None
    if operator in ("=", "!="):
        return _either(key, "in" if operator == "=" else "not in", [right.value])
    return Atom(key, operator, frozenset([right.value])), None


def _either(key: Key, operator: str, values: list[object]) -> tuple[Atom, Atom]:
    turned = "not in" if operator == "in" else "in"
    return Atom(key, operator, frozenset(values)), Atom(key, turned, frozenset(values))


def key_of(part: tree.Expression) -> Key | None:
    """Return the name or path that *part* is, or None where it is something else."""
    if isinstance(part, tree.Name):
        return (part.name,)
    if isinstance(part, tree.PathExpression):
        owner = key_of(part.owner)
        return None if owner is None else (*owner, part.name)
    return None


def facts(condition: tree.Expression) -> tuple[Facts, Facts]:
    """Return what cannot be null when *condition* is true, and what cannot be when it is not true.

    For a null test, "not true" is false. For other conditions nothing is known of null when they are not true. How
    values compare with written ones is told, too.
    """
    when_true, when_false = _nulls(condition)
    true, false = _compared(condition)
    said: Facts = frozenset([Said.of(condition)]) if true is None else frozenset([true])
    return when_true | said, when_false | (frozenset([false]) if false is not None else _NONE)


def _nulls(condition: tree.Expression) -> tuple[Facts, Facts]:
    if isinstance(condition, tree.Comparison):
        return _comparison_facts(condition)
    if isinstance(condition, tree.Between):
        return _present(condition.value) | _present(condition.low) | _present(condition.high), _NONE
    if isinstance(condition, tree.Logic):
        return _logic_facts(condition)
    if isinstance(condition, tree.Call) and _is_not(condition):
        when_true, when_false = facts(condition.arguments[0].value)
        return when_false, when_true
    if isinstance(condition, (tree.Name, tree.PathExpression)):
        return _present(condition), _NONE
    return _NONE, _NONE


def _is_not(call: tree.Call) -> bool:
    return isinstance(call.function, tree.Name) and call.function.name == "not" and len(call.arguments) == 1


def is_null(part: tree.Expression) -> bool:
    """Say whether *part* is `null`, written out."""
    return isinstance(part, tree.Literal) and part.value is None


def _comparison_facts(condition: tree.Comparison) -> tuple[Facts, Facts]:
    tested = condition.right if is_null(condition.left) else condition.left if is_null(condition.right) else None
    if tested is not None:
        if condition.operator == "=":
            return _NONE, _present(tested)
        return (_present(tested), _NONE) if condition.operator == "!=" else (_NONE, _NONE)
    if condition.operator == "!=":
        return _NONE, _NONE
    if condition.operator == "=":
        # Equal to something written out is not null.
        literal = isinstance(condition.left, tree.Literal) or isinstance(condition.right, tree.Literal)
        return (_present(condition.left) | _present(condition.right), _NONE) if literal else (_NONE, _NONE)
    return _present(condition.left) | _present(condition.right), _NONE


def _logic_facts(condition: tree.Logic) -> tuple[Facts, Facts]:
    inner = [facts(operand) for operand in condition.operands]
    whens_true, whens_false = [each[0] for each in inner], [each[1] for each in inner]
    if condition.operator == "and":
        return frozenset().union(*whens_true), frozenset.intersection(*whens_false)
    return frozenset.intersection(*whens_true), frozenset().union(*whens_false)


def _present(part: tree.Expression) -> Facts:
    """Return what cannot be null when *part*, an operand, is not null."""
    key = key_of(part)
    if key is not None:
        # A part that is there is a part of something that is there.
        return frozenset(key[:length] for length in range(1, len(key) + 1))
    if isinstance(part, tree.Arithmetic):
        return _present(part.left) | _present(part.right)
    if isinstance(part, tree.Negation):
        return _present(part.operand)
    return _NONE
