"""Messages in words: every language has every message with the same parameters, and values follow its habits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.catalogs import params_of

from blankett.words import LANGUAGES, all_catalogs, find_language, say, say_each
from blankett.words.catalogs import split


@pytest.mark.parametrize("language", [key for key in LANGUAGES if key != "en"])
def test_every_language_has_every_message(language: str) -> None:
    assert all_catalogs()["en"].ids() ^ all_catalogs()[language].ids() == frozenset()


@pytest.mark.parametrize("language", [key for key in LANGUAGES if key != "en"])
def test_every_translation_uses_the_same_parameters(language: str) -> None:
    english, other = all_catalogs()["en"], all_catalogs()[language]
    both = english.ids() & other.ids()
    assert {id for id in both if params_of(english, id) != params_of(other, id)} == set()


def test_a_message_takes_its_parameters() -> None:
    assert say("en", "error.limit", limit=10_000) == "At most 10,000 values are taken at once."


def test_a_count_chooses_between_one_and_many() -> None:
    assert [say("en", "list.shown", count=count) for count in (0, 1, 2)] == ["0 shown", "1 shown", "2 shown"]
    assert [say("en", "form.problems", count=count) for count in (1, 2)] == ["1 problem", "2 problems"]
    assert say("zh", "form.problems", count=2) == "2 个问题"


def test_an_unknown_language_speaks_english() -> None:
    assert say("fr", "nav.inbox") == say("en", "nav.inbox") == "Inbox"


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
@pytest.mark.parametrize("id", ["inbox.ask", "nav.inbox", "no.such.message"])
def test_a_message_for_each_row_is_the_message(language: str, id: str) -> None:
    rows = [("Approve", "SO-1"), ("批准", "订单 1"), ("", " <b> ")]
    said = say_each(language, id, action=[row[0] for row in rows], title=[row[1] for row in rows])
    assert said == [say(language, id, action=action, title=title) for action, title in rows]


def test_an_unknown_message_is_its_id() -> None:
    assert say("en", "no.such.message", value=1) == "no.such.message"


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (1234567, "1,234,567", "1,234,567"),
        (Decimal("1234.50"), "1,234.5", "1,234.5"),
        (True, "yes", "是"),
        (None, "empty", "空"),
        (date(2026, 11, 22), "22 Nov 2026", "2026年11月22日"),
        (["a", "b"], "a, b", "a、b"),
    ],
    ids=["number", "decimal", "yes", "nothing", "date", "list"],
)
def test_values_follow_the_language(value: object, english: str, chinese: str) -> None:
    assert (say("en", "plain", value=value), say("zh", "plain", value=value)) == (english, chinese)


def test_a_doubled_brace_is_a_brace() -> None:
    assert "".join(map(str, split("{{x}}"))) == "{x}"


@pytest.mark.parametrize(
    ("wanted", "found"), [("zh-CN", "zh"), ("en_GB", "en"), ("fr", None), (None, None), ("", None)]
)
def test_languages_are_found_by_tag(wanted: str | None, found: str | None) -> None:
    assert find_language(wanted) == found


@pytest.mark.parametrize(
    ("id", "params", "told"),
    [
        ("account.too_many", {"wait": "1 分钟"}, "此处错误尝试过多。请在 1 分钟后重试。"),
        ("list.open", {"title": "订单"}, "打开订单"),
        ("list.open", {"title": "SO-1"}, "打开 SO-1"),
        ("list.open", {"title": "王 芳"}, "打开王 芳"),
        ("people.saved", {"name": "王芳"}, "王芳的账户已保存。"),
        ("people.saved", {"name": "Anna"}, "Anna 的账户已保存。"),
    ],
    ids=["behind a word", "Chinese", "Latin", "a blank of its own", "before a word", "Latin before a word"],
)
def test_chinese_has_no_blank_between_its_characters(id: str, params: dict[str, str], told: str) -> None:
    assert say("zh", id, **params) == told
