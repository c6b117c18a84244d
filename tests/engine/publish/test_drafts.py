"""The text between two versions: kept, never overwritten unseen."""

from __future__ import annotations

import threading

import pytest

from blankett.engine.publish import BlueprintDraft, Refused

from .conftest import SHOP, Office, put_in, told

CALMER = put_in(SHOP, ("title: Shop\n", "title: Calm shop\n"))
LOUDER = put_in(SHOP, ("title: Shop\n", "title: Loud shop\n"))


def saved(office: Office, source: str, revision: int, user: str = "boss") -> BlueprintDraft:
    found = office.publisher.save_draft(office.actor(user), "shop", source, revision)
    assert isinstance(found, BlueprintDraft), told(found)
    return found


def draft(office: Office, user: str = "boss") -> BlueprintDraft:
    found = office.publisher.draft(office.actor(user), "shop")
    assert isinstance(found, BlueprintDraft)
    return found


def test_without_a_draft_the_text_is_that_of_the_newest_version(shop: Office) -> None:
    found = draft(shop)
    assert (found.source, found.revision, found.changed_by, found.base) == (SHOP, 0, "boss", 1)


def test_a_saved_text_is_there_after_a_restart(shop: Office) -> None:
    saved(shop, "not a blueprint yet: [", 0)
    shop.restart()
    assert draft(shop, "dora").source == "not a blueprint yet: ["


def test_each_save_gives_the_revision_for_the_next(shop: Office) -> None:
    first = saved(shop, CALMER, 0)
    second = saved(shop, LOUDER, first.revision)
    assert second.revision > first.revision
    assert draft(shop) == second


def test_who_saves_second_is_told_and_overwrites_nothing(shop: Office) -> None:
    first = saved(shop, CALMER, 0)
    answer = shop.publisher.save_draft(shop.actor("dora"), "shop", LOUDER, 0)
    assert isinstance(answer, Refused)
    assert (answer.kind, answer.draft) == ("stale", first)
    assert told(answer)[0].startswith("Boss saved this text at ")
    assert draft(shop) == first


def test_seeing_the_other_text_lets_the_second_save(shop: Office) -> None:
    first = saved(shop, CALMER, 0)
    second = saved(shop, LOUDER, first.revision, "dora")
    assert (draft(shop).source, second.changed_by) == (LOUDER, "dora")


def test_of_two_who_save_at_once_one_wins(shop: Office) -> None:
    answers: list[BlueprintDraft | Refused] = []
    gate = threading.Barrier(4)

    def save(number: int) -> None:
        actor = shop.actor("boss")
        gate.wait()
        answers.append(shop.publisher.save_draft(actor, "shop", f"{SHOP}# {number}\n", 0))

    threads = [threading.Thread(target=save, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [answer for answer in answers if isinstance(answer, BlueprintDraft)]
    assert draft(shop) == winner
    assert all(answer.draft == winner for answer in answers if isinstance(answer, Refused))


def test_a_text_that_was_thrown_away_is_not_mistaken_for_a_later_one(shop: Office) -> None:
    first = saved(shop, CALMER, 0)
    assert shop.publisher.discard_draft(shop.actor("boss"), "shop", first.revision) == draft(shop)
    later = saved(shop, LOUDER, 0, "dora")
    answer = shop.publisher.save_draft(shop.actor("boss"), "shop", CALMER, first.revision)
    assert isinstance(answer, Refused)
    assert (answer.kind, draft(shop)) == ("stale", later)


def test_nobody_throws_away_what_they_have_not_seen(shop: Office) -> None:
    first = saved(shop, CALMER, 0)
    second = saved(shop, LOUDER, first.revision, "dora")
    answer = shop.publisher.discard_draft(shop.actor("boss"), "shop", first.revision)
    assert isinstance(answer, Refused)
    assert (answer.kind, answer.draft, draft(shop)) == ("stale", second, second)


def test_publishing_a_draft_clears_it(shop: Office) -> None:
    saved(shop, CALMER, 0)
    shop.publish(CALMER)
    assert (draft(shop).source, draft(shop).revision, draft(shop).base) == (CALMER, 0, 2)


def test_a_draft_that_was_written_further_at_survives_a_publish(shop: Office) -> None:
    kept = saved(shop, LOUDER, 0)
    shop.publish(CALMER, user="dora")
    assert (draft(shop).source, draft(shop).revision, draft(shop).base) == (LOUDER, kept.revision, 2)


@pytest.mark.parametrize(
    ("user", "kind", "words"),
    [
        ("anna", "forbidden", "Only people who may administer the workspace can change this text."),
        ("bert", "missing", "There is no blueprint “shop”."),
    ],
)
def test_only_who_administers_the_workspace_writes(shop: Office, user: str, kind: str, words: str) -> None:
    for answer in (
        shop.publisher.save_draft(shop.actor(user), "shop", CALMER, 0),
        shop.publisher.discard_draft(shop.actor(user), "shop", 0),
        shop.publisher.draft(shop.actor(user), "shop"),
    ):
        assert isinstance(answer, Refused)
        assert (answer.kind, told(answer)) == (kind, [words])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\x00b", "The text has characters that cannot be stored. Remove the invisible ones."),
        ("a\ud800b", "The text has characters that cannot be stored. Remove the invisible ones."),
        ("x" * 1_000_001, "The text is larger than a blueprint may be."),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused(shop: Office, text: str, words: str) -> None:
    answer = shop.publisher.save_draft(shop.actor("boss"), "shop", text, 0)
    assert isinstance(answer, Refused)
    assert told(answer) == [words]


def test_a_tab_is_a_problem_of_the_blueprint_but_no_reason_to_lose_it(shop: Office) -> None:
    assert saved(shop, f"{SHOP}\t\n", 0).source == f"{SHOP}\t\n"


def test_line_breaks_of_browsers_are_taken_as_plain_ones(shop: Office) -> None:
    assert saved(shop, CALMER.replace("\n", "\r\n"), 0).source == CALMER


def test_a_blueprint_begins_as_a_text_and_is_published_later(office: Office) -> None:
    begun = office.publisher.begin(office.actor("boss"), key="shop", workspace="sales", source="blueprint: shop\n")
    assert isinstance(begun, BlueprintDraft)
    assert (begun.base, draft(office)) == (0, begun)
    later = saved(office, SHOP, begun.revision)
    assert office.preview(SHOP).number == 1
    assert office.publish(SHOP, blueprint="shop", base=0).number == 1
    assert draft(office).revision == 0 != later.revision


@pytest.mark.parametrize(
    ("key", "workspace", "user", "words"),
    [
        ("Shop", "sales", "boss", "“Shop” cannot be a key: use small letters, digits and _, beginning with a letter."),
        ("shop", "nowhere", "boss", "There is no such workspace."),
        ("shop", "sales", "anna", "Only people who may administer the workspace can publish here."),
        ("taken", "sales", "boss", "There is a blueprint “taken” already. Choose another key."),
    ],
)
def test_a_blueprint_cannot_begin_anywhere(office: Office, key: str, workspace: str, user: str, words: str) -> None:
    office.publisher.begin(office.actor("boss"), key="taken", workspace="sales", source="")
    answer = office.publisher.begin(office.actor(user), key=key, workspace=workspace, source=SHOP)
    assert isinstance(answer, Refused)
    assert told(answer) == [words]
