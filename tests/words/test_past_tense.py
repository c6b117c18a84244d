"""What somebody has done who pressed a button, where its author does not say."""

from __future__ import annotations

import pytest

from blankett.words import say_done


@pytest.mark.parametrize(
    ("title", "done"),
    [
        ("Approve", "approved"),
        ("Send back", "sent back"),
        ("Submit for review", "submitted for review"),
        ("Ship", "shipped"),
        ("Apply", "applied"),
        ("Repay", "repaid"),
        ("Stop and cancel", "stopped and cancelled"),
        ("Call off and give days back", "called off and gave days back"),
        ("Leave is over", None),
        ("Delay", None),
        ("Customer agrees", None),
        ("Goods have come", None),
        ("", None),
    ],
)
def test_a_title_that_begins_with_a_known_verb_is_put_into_the_past_tense(title: str, done: str | None) -> None:
    assert say_done("en", title) == done


@pytest.mark.parametrize("language", ["zh", "da", ""])
def test_other_languages_are_left_to_the_author(language: str) -> None:
    assert say_done(language, "Approve") is None
