"""What a condition tells about null: after `x != null and`, x is there."""

from __future__ import annotations

from typing import TypeAlias

from blankett.engine.feel import tree

#: A name with the members after it, as written: ("customer", "tier").
Key: TypeAlias = tuple[str, ...]
Facts: TypeAlias = frozenset[Key]
_NONE: Facts = frozenset()


def key_of(part: tree.Expression) -> Key | None:
    """Return the name or path that *part* is, or None where it is something else."""
    if isinstance(part, tree.Name):
        return (part.name,)
    if isinstance(part, tree.Member):
        owner = key_of(part.owner)
        return None if owner is None else (*owner, part.name)
    return None


def facts(condition: tree.Expression) -> tuple[Facts, Facts]:
    """Return what cannot be null when *condition* is true, and what cannot be when it is not true.

    For a null test, "not true" is false. For other conditions nothing is known when they are not true.
    """
    if isinstance(condition, tree.Comparison):
        return _comparison_facts(condition)
    if isinstance(condition, tree.Between):
        return _present(condition.value) | _present(condition.low) | _present(condition.high), _NONE
    if isinstance(condition, tree.Logic):
        return _logic_facts(condition)
    if isinstance(condition, tree.Call) and _is_not(condition):
        when_true, when_false = facts(condition.arguments[0].value)
        return when_false, when_true
    if isinstance(condition, (tree.Name, tree.Member)):
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
