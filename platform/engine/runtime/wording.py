"""Problems in words, for a problem that stands inside another one. Everything else is worded at the edge."""

from __future__ import annotations

from blankett.engine.runtime.commands import FieldProblem
from blankett.words import say


def worded(problem: FieldProblem, language: str) -> str:
    """Return what *problem* says in *language*."""
    if problem.message == "said":
        return str(problem.params.get("text", ""))
    return say(language, problem.message, **problem.params)


def elsewhere(problem: FieldProblem, title: str, language: str) -> FieldProblem:
    """Return a problem of another record as one of the command's own: it stands at no field of this form."""
    params = {"title": title, "reason": worded(problem, language)}
    return FieldProblem((), "effect.refused", params, problem.key, problem.place)
