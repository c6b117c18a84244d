"""A long check gives way when the person who waits for it asks of a newer text; what others ask goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from blankett.engine.cancellation import Cancelled, LatestQuestions, stop_if_cancelled
from blankett.engine.checks import check_blueprint

TEXT = """
blueprint: shop
language: 1
title: Shop
forms:
  order:
    fields:
      other: {{type: link, to: stock.item}}
{fields}
    grants: [{{who: everyone, may: all}}]
"""


def text(fields: int) -> str:
    lines = (f"      f{at}: {{type: number, compute: other.price * {at}}}" for at in range(fields))
    return TEXT.format(fields="\n".join(lines))


def asking(ask: Callable[[], None]) -> Callable[[str], None]:
    """Return what finds no form of another blueprint, and calls *ask* when it is first looked for."""
    calls: list[str] = []

    def find(name: str) -> None:
        calls.append(name)
        if len(calls) == 1:
            ask()

    return find


def ask_elsewhere(questions: LatestQuestions, of: str) -> None:
    """Ask of a newer text as another request does, which is answered at once."""

    def request() -> None:
        with questions.newest(of):
            assert check_blueprint(text(1)).partial is not None

    thread = threading.Thread(target=request)
    thread.start()
    thread.join()


def test_a_check_stops_when_its_person_asks_of_a_newer_text() -> None:
    questions = LatestQuestions()
    stops: list[object] = []
    with pytest.raises(Cancelled), questions.newest("anna"):
        check_blueprint(text(50), foreign=asking(lambda: stops.append(ask_elsewhere(questions, "anna"))))
    assert len(stops) == 1


def test_a_check_goes_on_when_somebody_else_asks() -> None:
    questions = LatestQuestions()
    with questions.newest("anna"):
        checked = check_blueprint(text(50), foreign=asking(lambda: ask_elsewhere(questions, "ben")))
    assert checked.partial is not None


def test_what_nobody_asked_anew_never_gives_way() -> None:
    questions = LatestQuestions()
    with questions.newest("anna"):
        stop_if_cancelled()
    with questions.newest("anna"):
        stop_if_cancelled()
    stop_if_cancelled()
    assert questions.newest("anna") is not None
