"""Texts that are put out and nothing else: what stands in the holes of kept markup, so that a macro which decides
anything by one of them is found.
"""

from __future__ import annotations

from typing import Any, NoReturn

#: What Python itself asks of a text that is made, kept or put out.
LEFT = frozenset(
    {"__class__", "__delattr__", "__doc__", "__format__", "__getattribute__", "__getnewargs__", "__init__",
     "__init_subclass__", "__new__", "__reduce__", "__reduce_ex__", "__repr__", "__setattr__", "__sizeof__", "__str__",
     "__subclasshook__"}
)  # fmt: skip


class OnlyShown(str):
    """A text of which may be asked whether it is empty. Anything else raises."""

    __slots__ = ()

    def __bool__(self) -> bool:
        """Tell that it is not."""
        return True


def _refusing(name: str) -> Any:
    def refused(self: OnlyShown, *_: object, **__: object) -> NoReturn:
        raise AssertionError(f"a text that is only to be shown is asked for {name}: {str(self)!r}")

    return refused


for asked in set(dir(str)) - LEFT:
    setattr(OnlyShown, asked, _refusing(asked))
