"""Puts what the engine says into words; and runs the scenarios of a small blueprint, and says what went another way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from blankett.engine.checks import check_blueprint
from blankett.engine.fields.reader import Reader, SentenceValue
from blankett.engine.language.model import Place, Words
from blankett.engine.records import ListPage, Reason
from blankett.engine.scenarios import run_scenarios
from blankett.engine.sentences import Joined, Sentence
from blankett.forms.list_text import column_texts
from blankett.words import put_value


def misses(source: str) -> list[str]:
    """Return what the scenarios of *source* found otherwise than expected, with the line of the step."""
    checked = check_blueprint(source)
    assert checked.blueprint is not None, [problem.line("x.yaml") for problem in checked.problems if problem.is_error]
    report = run_scenarios(checked.blueprint)
    found = [*report.samples, *(wrong for result in report.results for wrong in result.mismatches)]
    assert report.results
    return [f"{wrong.place.line}: {wrong.what} is {wrong.found}, not {wrong.expected}" for wrong in found]


def in_words(value: Any, language: str = "en") -> Any:
    """Return what the engine answered as plain data: everything that is said in words, with all its parts."""
    if isinstance(value, Reason):
        kept: dict[str, Any] = {
            "words": put_value(language, Sentence(value.message, value.params)),
            "message": value.message,
        }
        kept |= {"params": in_words(value.params, language)}
        kept |= {"line": value.place.line} if value.place is not None else {}
        kept |= {"holds": value.holds} if value.holds is not None else {}
        kept |= {"condition": value.text} if value.text else {}
        return kept | ({"parts": list(in_words(value.parts, language))} if value.parts else {})
    if isinstance(value, (Sentence, Joined, SentenceValue, Words)):
        return put_value(language, value)
    if is_dataclass(value) and not isinstance(value, (type, Place)):
        return {each.name: in_words(getattr(value, each.name), language) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): in_words(item, language) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(in_words(item, language) for item in value)
    if isinstance(value, list):
        return [in_words(item, language) for item in value]
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def row_texts(page: ListPage, language: str = "en") -> list[tuple[str, ...]]:
    """Return the cells of each row of a list as a reader of *language* reads them."""
    columns = [column_texts(page, place, Reader.of_language(language)) for place in range(len(page.columns))]
    return list(zip(*columns, strict=True))
