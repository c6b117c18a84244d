"""The built-in functions on lists."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from typing import Any as Value
from typing import Final

from blankett.engine.feel.budget import Run, charge, refuse_long_list
from blankett.engine.feel.builtins.registry import overload
from blankett.engine.feel.operators import CONTEXT, ORDERED, equal, less
from blankett.engine.feel.values import ZERO, Function


def list_contains(items: list[Value], element: Value) -> bool:
    """Say whether *element* is in the list."""
    charge(len(items) // 8)
    return any(equal(item, element) is True for item in items)


def count(items: list[Value]) -> Decimal:
    """Return the number of items."""
    return Decimal(len(items))


def lowest(items: list[Value]) -> Value:
    """Return the smallest item; null for none, or items without a common order."""
    return min(items) if _have_order(items) else None


def highest(items: list[Value]) -> Value:
    """Return the largest item; null for none, or items without a common order."""
    return max(items) if _have_order(items) else None


def _have_order(items: list[Value]) -> bool:
    if not items or type(items[0]) not in ORDERED:
        return False
    first = items[0]
    return all(type(item) is type(first) for item in items) and all(less(first, item) is not None for item in items)


def total_of(numbers: list[Decimal]) -> Decimal | None:
    """Return the sum of the numbers; null of none."""
    return sum(numbers, ZERO) if numbers else None


def mean(numbers: list[Decimal]) -> Decimal | None:
    """Return the average; null of none."""
    return sum(numbers, ZERO) / len(numbers) if numbers else None


def median(numbers: list[Decimal]) -> Decimal | None:
    """Return the middle number, or the average of the two middle ones; null of none."""
    if not numbers:
        return None
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def standard_deviation(numbers: list[Decimal]) -> Decimal | None:
    """Return the sample standard deviation; null for less than two numbers."""
    if len(numbers) < 2:
        return None
    average = sum(numbers, ZERO) / len(numbers)
    return CONTEXT.sqrt(sum(((number - average) ** 2 for number in numbers), ZERO) / (len(numbers) - 1))


def mode(numbers: list[Decimal]) -> list[Decimal]:
    """Return the most frequent numbers, ascending."""
    counts: dict[Decimal, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, times in counts.items() if times == most)


def product(numbers: list[Decimal]) -> Decimal | None:
    """Return the product of the numbers; null of none."""
    if not numbers:
        return None
    result = Decimal(1)
    for number in numbers:
        result *= number
    return result


def all_true(items: list[Value]) -> bool | None:
    """Return whether every item is true; null where one is not a truth value and none is false."""
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


def any_true(items: list[Value]) -> bool | None:
    """Return whether an item is true; null where one is not a truth value and none is true."""
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


def sublist(items: list[Value], start: Decimal, length: Decimal | None = None) -> list[Value] | None:
    """Return the items from position *start* (from 1; from the end where negative)."""
    begin = int(start)
    if begin == 0 or abs(begin) > len(items):
        return None
    first = begin - 1 if begin > 0 else len(items) + begin
    if length is None:
        return items[first:]
    last = first + int(length)
    return items[first:last] if length >= 1 and last <= len(items) else None


def append(items: list[Value], added: list[Value]) -> list[Value]:
    """Return the list with the further items at its end."""
    refuse_long_list(len(items) + len(added))
    return [*items, *added]


def concatenate(lists: list[list[Value]]) -> list[Value]:
    """Return the items of all lists."""
    refuse_long_list(sum(map(len, lists)))
    return [item for items in lists for item in items]


def _position(items: list[Value], position: Decimal) -> int | None:
    """Return the index of *position* (from 1; from the end where negative), or None outside the list."""
    place = int(position)
    if place == 0 or abs(place) > len(items):
        return None
    return place - 1 if place > 0 else len(items) + place


def insert_before(items: list[Value], position: Decimal, new_item: Value) -> list[Value] | None:
    """Return the list with *new_item* before the item at *position*."""
    index = _position(items, position)
    return None if index is None else [*items[:index], new_item, *items[index:]]


def remove(items: list[Value], position: Decimal) -> list[Value] | None:
    """Return the list without the item at *position*."""
    index = _position(items, position)
    return None if index is None else [*items[:index], *items[index + 1 :]]


def replace_at(items: list[Value], position: Decimal, new_item: Value) -> list[Value] | None:
    """Return the list with *new_item* in place of the item at *position*."""
    index = _position(items, position)
    return None if index is None else [*items[:index], new_item, *items[index + 1 :]]


def replace_matching(run: Run, items: list[Value], match: Function, new_item: Value) -> list[Value] | None:
    """Return the list with *new_item* in place of each item for which match(item, new item) is true."""
    if len(match.parameters) != 2:
        return None
    run.spend(len(items))
    replaced = []
    for item in items:
        answer = match.call([item, new_item])
        if type(answer) is not bool:
            return None
        replaced.append(new_item if answer else item)
    return replaced


def reverse(items: list[Value]) -> list[Value]:
    """Return the items from the last to the first."""
    return items[::-1]


def index_of(run: Run, items: list[Value], match: Value) -> list[Decimal]:
    """Return the positions, from 1, at which *match* stands."""
    run.spend(len(items))
    return [Decimal(place) for place, item in enumerate(items, 1) if equal(item, match) is True]


def union(run: Run, lists: list[list[Value]]) -> list[Value]:
    """Return the items of all lists, each once."""
    return distinct_values(run, concatenate(lists))


def distinct_values(run: Run, items: list[Value]) -> list[Value]:
    """Return each different item once, in the order they first stand."""
    found: list[Value] = []
    for item in items:
        run.spend(1 + len(found) // 8)
        if not list_contains(found, item):
            found.append(item)
    return found


def flatten(run: Run, items: list[Value]) -> list[Value]:
    """Return the items with lists inside lists opened, however deep."""
    flat: list[Value] = []
    waiting = items[::-1]
    while waiting:
        item = waiting.pop()
        if type(item) is list:
            run.spend(1 + len(item))
            waiting.extend(reversed(item))
        else:
            flat.append(item)
        refuse_long_list(len(flat))
    return flat


def sort(run: Run, items: list[Value], precedes: Function | None = None) -> list[Value] | None:
    """Return the items in the order that *precedes*(one, other) tells, or their natural order."""
    run.spend(len(items))
    if precedes is None:
        return sorted(items) if _have_order(items) or not items else None
    if len(precedes.parameters) != 2:
        return None

    def compare(one: Value, other: Value) -> int:
        run.spend(1)
        if precedes.call([one, other]) is True:
            return -1
        return 1 if precedes.call([other, one]) is True else 0

    return sorted(items, key=cmp_to_key(compare))


def partition(items: list[Value], size: Decimal) -> list[list[Value]] | None:
    """Return the items in lists of *size*, the last one shorter where they do not divide."""
    step = int(size)
    return [items[start : start + step] for start in range(0, len(items), step)] if step > 0 else None


FUNCTIONS: Final = (
    overload("list contains(list: list<T>, element: Any) -> boolean", list_contains),
    overload("count(list: list<Any>) -> number", count),
    overload("min(list: list<O>) -> O or null", lowest),
    overload("min(c...: O) -> O or null", lowest),
    overload("max(list: list<O>) -> O or null", highest),
    overload("max(c...: O) -> O or null", highest),
    overload("sum(list: list<N>) -> N or null", total_of),
    overload("sum(n...: N) -> N or null", total_of),
    overload("mean(list: list<N>) -> N or null", mean),
    overload("mean(n...: N) -> N or null", mean),
    overload("median(list: list<N>) -> N or null", median),
    overload("median(n...: N) -> N or null", median),
    overload("stddev(list: list<N>) -> N or null", standard_deviation),
    overload("stddev(n...: N) -> N or null", standard_deviation),
    overload("mode(list: list<N>) -> list<N>", mode),
    overload("mode(n...: N) -> list<N>", mode),
    overload("product(list: list<number>) -> number or null", product),
    overload("product(n...: number) -> number or null", product),
    overload("all(list: list<Any>) -> boolean or null", all_true),
    overload("all(b...: Any) -> boolean or null", all_true),
    overload("any(list: list<Any>) -> boolean or null", any_true),
    overload("any(b...: Any) -> boolean or null", any_true),
    overload("sublist(list: list<T>, start position: number, length?: number or null) -> list<T>", sublist),
    overload("append(list: list<T>, item...: T) -> list<T>", append),
    overload("concatenate(list...: list<T>) -> list<T>", concatenate),
    overload("insert before(list: list<T>, position: number, newItem: T) -> list<T>", insert_before),
    overload("remove(list: list<T>, position: number) -> list<T>", remove),
    overload("list replace(list: list<T>, position: number, newItem: T) -> list<T>", replace_at),
    overload("list replace(list: list<T>, match: test, newItem: T) -> list<T>", replace_matching, with_run=True),
    overload("reverse(list: list<T>) -> list<T>", reverse),
    overload("index of(list: list<T>, match: Any) -> list<number>", index_of, with_run=True),
    overload("union(list...: list<T>) -> list<T>", union, with_run=True),
    overload("distinct values(list: list<T>) -> list<T>", distinct_values, with_run=True),
    overload("flatten(list: list<Any>) -> list<Any>", flatten, with_run=True),
    overload("sort(list: list<T>, precedes?: test) -> list<T>", sort, with_run=True),
    overload("partition(list: list<T>, size: number) -> list<list<T>>", partition),
)
