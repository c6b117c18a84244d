"""Jinja as the pages use it: templates compiled to fewer steps, and the same globals for all of them.

A page is put together of some thousand small pieces, and Jinja takes care at each of what these templates never ask:
functions that want the context, marking a piece as safe that is put together right away, globals of one template.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from io import StringIO
from typing import Any, Final

from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

_has_special = re.compile("[&<>\"']").search


def escaped(value: object) -> str:
    """Return *value* as it may stand in a page: as `markupsafe.escape`, but not marked, for it is output at once."""
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[return-value]
    if kind is str and not _has_special(value):  # type: ignore[call-overload]
        return value  # type: ignore[return-value]
    return escape(value)


class PageCode(CodeGenerator):
    """Writes the Python of a template. Functions are called directly: none of ours asks for Jinja's context."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """Write a call."""
        self.visit(node.node, frame)
        before, self.stream = self.stream, StringIO()
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        arguments, self.stream = self.stream.getvalue(), before
        self.write(f"({arguments.removeprefix(', ')})")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


class PageEnvironment(Environment):
    """The environment of the pages' templates."""

    code_generator_class = PageCode
    escaped: Final = staticmethod(escaped)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template: the environment's own, unless it is given some of its own."""
        return super().make_globals(d) if d else self.globals
