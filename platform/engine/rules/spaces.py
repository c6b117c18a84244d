"""Conditions as spaces: what a condition accepts is some boxes in the dimensions that it and its likes test.

The dimensions may depend on each other in ways that are not seen here, so not every place of a space need be possible:
what is said to be empty, or to lie within something else, surely is; whether two spaces really meet is asked of
`certain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any as Value

from blankett.engine.feel.narrowing import key_of
from blankett.engine.rules.boxes import Box, Boxes, Work, common_box
from blankett.engine.rules.conditions import Test, Way
from blankett.engine.rules.dimensions import Key, key_of_test, make_dimension
from blankett.engine.rules.few import test_of_few
from blankett.engine.rules.origins import Origins, Path, depend
from blankett.engine.rules.wording import with_words

#: Steps that are spent on the conditions of one decision point.
MOST_STEPS = 2_000_000
#: Steps that are spent on all decision points of a blueprint.
MOST_STEPS_TOGETHER = 3 * MOST_STEPS
#: What trying one test on one segment is worth.
STEPS_OF_A_SEGMENT = 1


@dataclass(frozen=True)
class Statement:
    """A condition in the ways in which it holds: where all tests of one of them do. *text* is how it is written."""

    ways: Sequence[Way]
    text: str


class Spaces:
    """Statements on one scope, cut up together, so that they can be compared.

    *points*: further values to cut at, by path; a path that no statement tests is left out.
    """

    def __init__(
        self,
        origins: Origins,
        statements: Iterable[Statement],
        points: Mapping[Path, Iterable[Value]] | None = None,
        shared: Work | None = None,
    ) -> None:
        self._plain: dict[Test, Test] = {}
        found: dict[Key, tuple[list[Test], str]] = {}
        for statement in statements:
            for test in (test for way in statement.ways for test in way):
                plain = self._plain.setdefault(test, test_of_few(test, with_tables=origins.has_tables))
                found.setdefault(key_of_test(plain), ([], statement.text))[0].append(plain)
        named = points or {}
        self.dimensions = [
            make_dimension(key, tests, text, origins, named.get(key_of(tests[0].operand.part) or (), ()))
            for key, (tests, text) in found.items()
        ]
        self._places = {dimension.key: at for at, dimension in enumerate(self.dimensions)}
        #: Every place there is.
        self.everything: Box = tuple(dimension.everything for dimension in self.dimensions)
        self.work = Work(MOST_STEPS, shared)
        self._masks: dict[Test, int] = {}

    def boxes(self, statement: Statement) -> list[Box]:
        """Return the boxes in which a statement holds, none within another; none for a statement that never does."""
        return without_inner(box for way in statement.ways if all(box := self._box(way)))

    def _box(self, way: Way) -> Box:
        masks = list(self.everything)
        for test in (self._plain[each] for each in way):
            at = self._places[key_of_test(test)]
            if test not in self._masks:
                self.work.spend(STEPS_OF_A_SEGMENT * len(self.dimensions[at].segments))
                self._masks[test] = self.dimensions[at].accepts(test)
            masks[at] &= self._masks[test]
        return tuple(masks)

    def at(self, path: Path) -> int | None:
        """Return the place of the dimension that is the value at *path*; None where no statement tests it."""
        return next((at for at, dimension in enumerate(self.dimensions) if dimension.path == path), None)

    # Questions --------------------------------------------------------------------------------------------------------

    def covers(self, outer: Sequence[Box], inner: Sequence[Box]) -> bool:
        """Tell whether all of the *inner* boxes lies in the *outer* ones together. Raises TooMuchWork."""
        self.work.spend(len(outer) * len(inner))
        open_boxes = [box for box in inner if not any(common_box(box, other) == box for other in outer)]
        if not open_boxes or len(outer) < 2:
            return not open_boxes
        near = [box for box in outer if any(all(common_box(box, other)) for other in open_boxes)]
        known = Boxes(self.everything, near, self.work)
        return all(known.find_hole(box, known.everyone) is None for box in open_boxes)

    def hole(self, outer: Sequence[Box], inner: Sequence[Box]) -> Box | None:
        """Return a box of the *inner* ones that lies in none of the *outer* ones; None where those cover them all.
        Raises TooMuchWork.
        """
        known = Boxes(self.everything, outer, self.work)
        return next((hole for box in inner if (hole := known.find_hole(box, known.everyone)) is not None), None)

    def meeting(self, one: Sequence[Box], other: Sequence[Box]) -> list[Box]:
        """Return the boxes that two sets of boxes have in common. Raises TooMuchWork."""
        self.work.spend(len(one) * len(other))
        return without_inner(common for left in one for right in other if all(common := common_box(left, right)))

    def certain(self, boxes: Sequence[Box]) -> Box | None:
        """Return what some boxes have in common if it is sure that there is such a place; None where it is not.

        Of dimensions that depend on each other only one may matter, and that must be free, or one box must say of it
        all that the others do: then whoever wrote that box thought it possible.
        """
        common = reduce(common_box, boxes)
        if not all(common):
            return None
        return common if all(self._is_possible(group, common, boxes) for group in self.groups) else None

    def _is_possible(self, group: Sequence[int], common: Box, boxes: Sequence[Box]) -> bool:
        said = [at for at in group if common[at] != self.everything[at]]
        if len(said) != 1:
            return not said
        (at,) = said
        return self.dimensions[at].is_free or any(box[at] == common[at] for box in boxes)

    @cached_property
    def groups(self) -> list[list[int]]:
        """Return the places of the dimensions, those together that depend on each other."""
        groups: list[list[int]] = []
        for at, dimension in enumerate(self.dimensions):
            near = [
                group
                for group in groups
                if any(depend(dimension.sources, self.dimensions[other].sources) for other in group)
            ]
            groups = [group for group in groups if group not in near] + [[at, *(each for one in near for each in one)]]
        return groups

    def words(self, box: Box) -> str:
        """Return an example of a box: ``total 10 000 with tier silver``; empty where it is everything."""
        matter = [at for at, mask in enumerate(box) if mask != self.everything[at]]
        return with_words([self.dimensions[at].words(box[at]) for at in matter]) if matter else ""


def without_inner(boxes: Iterable[Box]) -> list[Box]:
    """Return boxes without those that lie in another of them."""
    found: list[Box] = []
    for box in boxes:
        if not any(common_box(box, other) == box for other in found):
            found = [other for other in found if common_box(box, other) != other]
            found.append(box)
    return found
