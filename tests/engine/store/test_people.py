"""People, places, sessions, notices and messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from blankett.engine.store import (
    Member,
    Notification,
    Organisation,
    Store,
    StoredSession,
    StoredUser,
    Workspace,
    workspaces_above,
)
from blankett.engine.store.outbox import StoredLetter, changed

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def user(id: str, **values: Any) -> StoredUser:
    standard = {"email": f"{id}@acme.example", "name": id.title(), "created_at": NOW, "changed_at": NOW}
    return StoredUser(organisation="acme", id=id, **{**standard, **values})


def room(id: str, parent: str | None = None) -> Workspace:
    return Workspace(organisation="acme", id=id, title=id.title(), parent=parent)


def test_an_organisation_is_made_and_changed(any_store: Store) -> None:
    made = Organisation(id="acme", title="Acme", zone="Europe/Berlin", currency="EUR", created_at=NOW)
    with any_store.writing() as writing:
        writing.put_organisation(made)
        writing.put_organisation(replace(made, title="Acme AG"))
        assert writing.organisations() == [replace(made, title="Acme AG")]
        assert writing.organisation("acme") == replace(made, title="Acme AG")
        assert writing.organisation("other") is None


def test_a_user_is_found_however_the_address_is_written(any_store: Store) -> None:
    anna = user("anna", email=" Anna@ACME.example ", theme="dark", density="compact", zone="Asia/Shanghai")
    kept = replace(anna, email="anna@acme.example")
    with any_store.writing() as writing:
        writing.insert_user(anna)
        assert writing.user_by_email("acme", "ANNA@acme.EXAMPLE") == kept
        assert writing.user_by_email("acme", "anna") is None
        assert writing.user("acme", "anna") == kept
        assert writing.users("acme", ["anna", "nobody"]) == {"anna": kept}


def test_an_address_is_taken_once(any_store: Store) -> None:
    with any_store.writing() as writing:
        writing.insert_user(user("anna"))
        assert not writing.try_insert_user(user("other", email="ANNA@acme.example"))
        assert writing.try_insert_user(replace(user("anna"), organisation="other"))
        with pytest.raises(ValueError, match=r"the address 'anna@acme\.example' or the id 'anna' is taken"):
            writing.insert_user(user("anna"))
        assert [found.id for found in writing.all_users("acme")] == ["anna"]


def test_a_user_is_changed(store: Store) -> None:
    with store.writing() as writing:
        writing.insert_user(user("anna"))
        assert writing.update_user(user("anna", name="Anna B", language="zh", active=False))
        assert not writing.update_user(user("nobody"))
        assert writing.user("acme", "anna") == user("anna", name="Anna B", language="zh", active=False)


def test_a_text_names_people_by_id_address_or_name(store: Store) -> None:
    with store.writing() as writing:
        for found in (user("anna"), user("lars", name="Anna"), user("mei", name="Anna")):
            writing.insert_user(found)
        found = {
            text: [found.id for found in writing.users_named("acme", text)]
            for text in ("lars", "MEI@acme.example", "Anna", "x")
        }
    assert found == {"lars": ["lars"], "MEI@acme.example": ["mei"], "Anna": ["anna", "lars"], "x": []}


def test_roles_are_held_in_the_rooms_below(store: Store) -> None:
    with store.writing() as writing:
        for place in (room("company"), room("sales", "company"), room("north", "sales"), room("ware", "company")):
            writing.put_workspace(place)
        for name in ("anna", "lars", "mei", "gone"):
            writing.insert_user(user(name, active=name != "gone"))
        for workspace, name, roles in (
            ("company", "lars", {"director"}),
            ("sales", "anna", {"sales", "clerk"}),
            ("sales", "gone", {"sales"}),
            ("ware", "mei", {"sales"}),
        ):
            writing.put_member(Member(organisation="acme", workspace=workspace, user=name, roles=frozenset(roles)))
        found = {
            workspace: [found.id for found in writing.users_with_role("acme", workspace, ["sales", "director"], None)]
            for workspace in ("company", "sales", "north", "ware")
        }
    assert found == {"company": ["lars"], "sales": ["anna", "lars"], "north": ["anna", "lars"], "ware": ["lars", "mei"]}


def test_a_workspace_is_not_inside_itself(store: Store) -> None:
    with store.writing() as writing:
        writing.put_workspace(room("a"))
        writing.put_workspace(room("b", "a"))
        with pytest.raises(ValueError, match="the workspace 'a' would be inside itself"):
            writing.put_workspace(room("a", "b"))
        with pytest.raises(ValueError, match="the workspace 'a' would be inside itself"):
            writing.put_workspace(room("a", "a"))


def test_rooms_above_end_at_a_circle() -> None:
    assert workspaces_above([room("a", "b"), room("b", "a")], "a") == ["a", "b"]


def test_membership_changes_and_ends(any_store: Store) -> None:
    first = Member(organisation="acme", workspace="w", user="anna", roles=frozenset({"b", "a"}))
    with any_store.writing() as writing:
        writing.put_member(first)
        assert writing.members("acme", "w") == [first]
        writing.put_member(replace(first, roles=frozenset(), administers=True))
        assert writing.memberships("acme", "anna") == [replace(first, roles=frozenset(), administers=True)]
        assert writing.remove_member("acme", "w", "anna")
        assert not writing.remove_member("acme", "w", "anna")
        assert writing.members("acme", "w") == []


# Sessions -----------------------------------------------------------------------------------------------------------


def session(id: str, **values: Any) -> StoredSession:
    standard = {"user": "anna", "data": "{}", "created_at": NOW, "seen_at": NOW, "expires_at": NOW + timedelta(hours=1)}
    return StoredSession(organisation="acme", id=id, **{**standard, **values})


def test_a_session_lives_until_it_expires(any_store: Store) -> None:
    with any_store.writing() as writing:
        writing.insert_session(session("a", agent="Firefox"))
        assert writing.session("acme", "a", NOW) == session("a", agent="Firefox")
        assert writing.session("acme", "a", NOW + timedelta(hours=1)) is None
        assert writing.update_session(session("a", user=None, seen_at=NOW + timedelta(minutes=5)))
        assert writing.session("acme", "a", NOW) == session("a", user=None, seen_at=NOW + timedelta(minutes=5))
        assert not writing.update_session(session("b"))


def test_sessions_of_a_person_end_together(store: Store) -> None:
    with store.writing() as writing:
        for id, seen in (("a", 1), ("b", 2), ("c", 3)):
            writing.insert_session(session(id, seen_at=NOW + timedelta(minutes=seen)))
        writing.insert_session(session("d", user="lars"))
        writing.insert_session(session("e", expires_at=NOW))
        assert [found.id for found in writing.sessions_of("acme", "anna", NOW)] == ["c", "b", "a"]
        assert writing.end_sessions_of("acme", "anna", but="b") == 3
        assert [found.id for found in writing.sessions_of("acme", "anna", NOW)] == ["b"]
        assert writing.end_session("acme", "b")
        assert writing.expire_sessions("acme", NOW + timedelta(days=1)) == 1


# Notices and messages -----------------------------------------------------------------------------------------------


def notice(id: str, **values: Any) -> Notification:
    standard = {"user": "anna", "at": NOW, "record": "r", "message": "hold", "text": "On hold."}
    return Notification(organisation="acme", id=id, **{**standard, **values})


def test_notices_come_newest_first_until_they_are_read(any_store: Store) -> None:
    read = NOW + timedelta(minutes=1)
    with any_store.writing() as writing:
        writing.put_notifications([notice("1"), notice("2"), notice("3"), notice("4", user="lars")])
        writing.put_notifications([])
        assert [found.id for found in writing.notifications("acme", "anna")] == ["3", "2", "1"]
        assert [found.id for found in writing.notifications("acme", "anna", before="3", limit=1)] == ["2"]
        assert writing.unread_count("acme", "anna") == 3
        assert writing.read_notifications("acme", "anna", "3", read, only=True) == 1
        assert writing.unread_count("acme", "anna") == 2
        assert writing.read_notifications("acme", "anna", "3", read) == 2
        assert writing.notifications("acme", "anna")[0] == notice("3", read_at=read)
        assert (writing.unread_count("acme", "anna"), writing.unread_count("acme", "lars")) == (0, 1)


def test_letters_of_a_record_are_found_in_order_and_by_state(any_store: Store) -> None:
    letter = StoredLetter(
        organisation="acme",
        id="1",
        at=NOW,
        changed_at=NOW,
        record="r",
        reader="anna",
        message="m",
        subject="s",
        body="b",
    )
    later = replace(letter, id="2", reader="", address="kim@example.com", language="zh")
    with any_store.writing() as writing:
        writing.put_letters([later, letter, replace(letter, id="0", record="other")])
        assert writing.next_letter("acme", "r") == letter
        sent = changed(letter, NOW, "sent")
        writing.change_letter(sent)
        assert writing.next_letter("acme", "r") == later
        assert writing.letters("acme", ["sent"], 5) == [sent]
        assert [each.id for each in writing.letters("acme", ["waiting", "sent"], 2)] == ["2", "1"]
        assert [each.id for each in writing.letters("acme", ["waiting", "sent"], 2, before="1")] == ["0"]
        assert (writing.letter_count("acme", "waiting"), writing.letter("acme", "2")) == (2, later)
        writing.forget_letters("acme", "r")
        assert [each.id for each in writing.letters("acme", ["waiting", "sent"], 5)] == ["0"]


def test_a_setting_is_what_was_put_last(any_store: Store) -> None:
    with any_store.writing() as writing:
        assert writing.setting("acme", "mail") is None
        writing.put_setting("acme", "mail", "1")
        writing.put_setting("acme", "mail", "2")
        assert (writing.setting("acme", "mail"), writing.setting("other", "mail")) == ("2", None)
