"""Closures of `for`, `some`, `every` and filters. Each pays its rounds before it runs them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any as Value

from blankett.engine.feel import tree
from blankett.engine.feel.budget import Run, refuse_long_list
from blankett.engine.feel.compile.compiler import RUN, Closure, Compiler, Frame, Slots, slot_reader
from blankett.engine.feel.types import Boolean, ListOf, Null, Number
from blankett.engine.feel.values import Range

#: What one round does; returns True to stop.
Body = Callable[[Frame], bool]


def compile_for(compiler: Compiler, part: tree.For) -> Closure:
    """Compile `for … return`: the list of what the body gives in each round."""
    if len(part.loops) == 1 and not _mentions_partial(part.body):
        return _simple_for(compiler, part)
    partial = compiler.new_slot()
    compiler.around.append(Slots({"partial": partial}, copied=True))

    def compile_body() -> Body:
        body = compiler.compiled(part.body)

        def add(frame: Frame) -> bool:
            frame[partial].append(body(frame))
            return False

        return add

    rounds = _rounds(compiler, part.loops, compile_body)
    compiler.around.pop()

    def collect(frame: Frame) -> Value:
        made: list[Value] = []
        before, frame[partial] = frame[partial], made
        stopped = rounds(frame)
        frame[partial] = before
        refuse_long_list(len(made))
        return None if stopped is None else made

    return collect


def _mentions_partial(part: tree.Part) -> bool:
    """Say whether *part* reads `partial`, the results so far."""
    return (isinstance(part, tree.Name) and part.name == "partial") or any(map(_mentions_partial, tree.children(part)))


def _simple_for(compiler: Compiler, part: tree.For) -> Closure:
    """Compile the most common kind of loop, over one list and without `partial`, in one closure."""
    source = compiler.compiled(part.loops[0].source)
    slot = compiler.new_slot()
    body = compiler.inside(Slots({part.loops[0].name: slot}), part.body)

    def collect(frame: Frame) -> Value:
        items = source(frame)
        if type(items) is not list:
            items = iterated(items, frame[RUN])
            if items is None:
                return None
        frame[RUN].spend(len(items))
        made: list[Value] = []
        for item in items:
            frame[slot] = item
            made.append(body(frame))
        return made

    return collect


def _rounds(
    compiler: Compiler, loops: tuple[tree.Loop, ...], compile_body: Callable[[], Body]
) -> Callable[[Frame], bool | None]:
    """Return the closure that runs the body for each combination: True when stopped, None where a source is no list."""
    if not loops:
        return compile_body()
    source = compiler.compiled(loops[0].source)
    slot = compiler.new_slot()
    compiler.around.append(Slots({loops[0].name: slot}))
    inner = _rounds(compiler, loops[1:], compile_body)
    compiler.around.pop()

    def run_rounds(frame: Frame) -> bool | None:
        items = source(frame)
        if type(items) is not list:
            items = iterated(items, frame[RUN])
            if items is None:
                return None
        frame[RUN].spend(len(items))
        for item in items:
            frame[slot] = item
            stopped = inner(frame)
            if stopped is not False:
                return stopped
        return False

    return run_rounds


def iterated(source: Value, run: Run) -> list[Value] | None:
    """Return what a loop over *source*, which is no list, goes through; None for what has no items."""
    if type(source) is Range:
        return _range_items(source, run)
    return None if source is None else [source]


def _range_items(source: Range, run: Run) -> list[Value] | None:
    low, high = source.low, source.high
    if not source.descends and type(low) is type(high) and type(low) in (Decimal, date) and low > high:
        return None  # a range whose end comes before its start is none
    if type(low) is Decimal and type(high) is Decimal:
        if low != low.to_integral_value() or high != high.to_integral_value():
            return None
        return [Decimal(number) for number in _steps(int(low), int(high), source, run)]
    if type(low) is date and type(high) is date:
        return [date.fromordinal(day) for day in _steps(low.toordinal(), high.toordinal(), source, run)]
    return None


def _steps(low: int, high: int, source: Range, run: Run) -> range:
    """Return the whole numbers from *low* to *high*, downwards where *high* is the smaller. Raises BudgetExceeded."""
    run.spend(abs(high - low))
    refuse_long_list(abs(high - low))
    way = 1 if low <= high else -1
    first = low if source.low_closed else low + way
    last = high if source.high_closed else high - way
    return range(first, last + way, way) if (last - first) * way >= 0 else range(0)


def compile_quantified(compiler: Compiler, part: tree.Quantified) -> Closure:
    """Compile `some` and `every`: null where no round decides and one has no answer."""
    deciding = part.quantifier == "some"
    other = not deciding
    unknown = compiler.new_slot()

    def compile_body() -> Body:
        condition = compiler.compiled(part.condition)

        def test(frame: Frame) -> bool:
            answer = condition(frame)
            if answer is deciding:
                return True
            if answer is not other:
                frame[unknown] = True
            return False

        return test

    if len(part.loops) == 1:
        return _simple_quantified(compiler, part, deciding)
    rounds = _rounds(compiler, part.loops, compile_body)

    def decide(frame: Frame) -> Value:
        frame[unknown] = False
        stopped = rounds(frame)
        if stopped:
            return deciding
        return None if stopped is None or frame[unknown] else other

    return decide


def _simple_quantified(compiler: Compiler, part: tree.Quantified, deciding: bool) -> Closure:
    """Compile `some` or `every` over one list in one closure; *deciding* is the answer that ends it."""
    source = compiler.compiled(part.loops[0].source)
    slot = compiler.new_slot()
    condition = compiler.inside(Slots({part.loops[0].name: slot}), part.condition)
    other = not deciding

    def decide(frame: Frame) -> Value:
        items = source(frame)
        if type(items) is not list:
            items = iterated(items, frame[RUN])
            if items is None:
                return None
        frame[RUN].spend(len(items))
        answer: bool | None = other
        for item in items:
            frame[slot] = item
            found = condition(frame)
            if found is deciding:
                return deciding
            if found is not other:
                answer = None
        return answer

    return decide


# ---- filters ----


def compile_filter(compiler: Compiler, part: tree.FilterExpression) -> Closure:
    """Compile `source[condition]`: by position where the condition is a number, else the items for which it is true."""
    source = _source(compiler, part.source)
    source_type = compiler.type_of(part.source)
    item_type = source_type.item if isinstance(source_type, ListOf) else source_type
    slot = compiler.new_slot()
    compiler.around.append(Slots({"item": slot}))
    condition = compiler.inside(compiler.item_around(slot, item_type), part.condition)
    compiler.around.pop()
    kind = compiler.type_of(part.condition)
    place = at_position if compiler.scope.edition >= 1 else at_position_before
    if isinstance(kind, Number):
        return lambda frame: place(as_list(source(frame)), _first(condition, frame, slot))
    if isinstance(kind, (Boolean, Null)):
        return lambda frame: matching(as_list(source(frame)), condition, frame, slot)
    return lambda frame: _either(as_list(source(frame)), condition, frame, slot, place)


def _source(compiler: Compiler, part: tree.Expression) -> Closure:
    """Return the closure of what is filtered; `partial` need not be copied for it."""
    slot = compiler.slot_of("partial") if isinstance(part, tree.Name) and part.name == "partial" else None
    return compiler.compiled(part) if slot is None else slot_reader(slot)


def as_list(value: Value) -> list[Value]:
    """Return *value* as a list: a single value is the list of it, null is empty."""
    if type(value) is list:
        return value
    return [] if value is None else [value]


def _first(condition: Closure, frame: Frame, slot: int) -> Value:
    frame[slot] = None
    return condition(frame)


def at_position(items: list[Value], position: Value) -> Value:
    """Return the item at *position*, from 1, from the end where negative; null outside the list and between items."""
    if type(position) is not Decimal or position != position.to_integral_value():
        return None
    return at_position_before(items, position)


def at_position_before(items: list[Value], position: Value) -> Value:
    """Return the item at *position* without its decimals, as before the first edition."""
    if type(position) is not Decimal:
        return None
    place = int(position)
    if place == 0 or abs(place) > len(items):
        return None
    return items[place - 1 if place > 0 else place]


def matching(items: list[Value], condition: Closure, frame: Frame, slot: int) -> list[Value]:
    """Return the items for which *condition* is true."""
    frame[RUN].spend(len(items))
    found: list[Value] = []
    for item in items:
        frame[slot] = item
        if condition(frame) is True:
            found.append(item)
    return found


def _either(
    items: list[Value], condition: Closure, frame: Frame, slot: int, place: Callable[[list[Value], Value], Value]
) -> Value:
    """Return an item or the matching items, by what the condition turns out to be."""
    frame[slot] = items[0] if items else None
    answer = condition(frame)
    if type(answer) is Decimal:
        return place(items, answer)
    return matching(items, condition, frame, slot)
