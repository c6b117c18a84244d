"""What can go wrong with a formula: it cannot be read, or it used up its budget.

Data never raises: a wrong value gives null, as the standard says. What the checker finds are values (`Finding`), not
exceptions.
"""

from __future__ import annotations

from collections.abc import Mapping

from blankett.engine.errors import BlankettError
from blankett.engine.feel.messages import message_text


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
