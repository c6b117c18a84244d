"""Being away: entered by oneself or an administrator, refused in words, ended, and what was done is seen afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from blankett.engine.departments import Absence
from blankett.web.services import Services

from .conftest import ORGANISATION, Clock, Visitor
from .pages import form_pairs, with_values, words
from .test_entry import customer, draft

__all__ = ["customer", "draft"]

AWAY = {"first": "23/11/2026", "last": "27/11/2026", "substitute": "Mette Holm", "note": "skiing"}


def absences(services: Services, user: str = "anna") -> Sequence[Absence]:
    with services.store.reading() as reading:
        return reading.absences_of(ORGANISATION, user)


def test_an_absence_is_entered_shown_to_both_and_taken_back(
    anna: Visitor, mette: Visitor, services: Services, clock: Clock
) -> None:
    answer = anna.post("/absences", {**AWAY, "blueprints": "shop"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/absences")
    [made] = absences(services)
    assert (made.user, made.substitute, made.blueprints, made.by, made.note) == (
        "anna",
        "mette",
        {"shop"},
        "anna",
        "skiing",
    )
    page = words(anna.get("/absences").text)
    assert "Mette Holm stands in until Fri, 27 Nov 2026." in page
    anna.post(f"/absences/{made.id}/end", {})
    assert absences(services)[0].ended_at == clock()
    assert "Take it back" not in anna.get("/absences").text


def test_a_substitute_reads_for_whom_and_until_when(anna: Visitor, mette: Visitor, clock: Clock) -> None:
    anna.post("/absences", AWAY)
    assert "You stand in for" not in mette.get("/absences").text
    clock.pass_by(days=4)
    mette.sign_in("mette")
    assert "You stand in for Anna Lindqvist until Fri, 27 Nov 2026" in words(mette.get("/absences").text)
    clock.pass_by(days=4)
    mette.sign_in("mette")
    assert "You stand in for" not in mette.get("/absences").text


WRONG = {
    "a day that is none": ({"first": "soon"}, "20/11/2026"),
    "backwards": ({"last": "22/11/2026"}, "The last day is before the first."),
    "over already": ({"first": "2/11/2026", "last": "3/11/2026"}, "The last day has passed."),
    "nobody": ({"substitute": "Nobody"}, "Nobody is called Nobody, and nobody has that address."),
    "oneself": ({"substitute": "anna@acme.example"}, "Nobody stands in for themselves."),
    "too long": ({"last": "1/1/2030"}, "An absence lasts at most 732 days."),
    "round in a circle": ({"substitute": "wu"}, "Anna Lindqvist → Wu Jing. Choose somebody else."),
}


@pytest.mark.parametrize(("changes", "told"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_told_and_stays_typed(
    anna: Visitor, services: Services, changes: dict[str, str], told: str, signed_in: object
) -> None:
    signed_in("wu").post("/absences", {**AWAY, "substitute": "anna"})  # type: ignore[operator]
    answer = anna.post("/absences", AWAY | changes)
    assert answer.status_code == 422
    assert told in words(answer.text) or told in answer.text
    assert f'value="{(AWAY | changes)["substitute"]}"' in answer.text
    assert absences(services) == []


def test_a_second_one_on_the_same_days_is_refused(anna: Visitor, services: Services) -> None:
    anna.post("/absences", AWAY)
    answer = anna.post("/absences", {**AWAY, "first": "27/11/2026", "last": "29/11/2026"})
    assert (answer.status_code, "Mette Holm stands in. End that one first." in words(answer.text)) == (422, True)
    assert len(absences(services)) == 1


def test_an_administrator_enters_it_for_somebody_and_nobody_else_does(
    services: Services, signed_in: object, mette: Visitor
) -> None:
    admin = signed_in("admin")  # type: ignore[operator]
    assert mette.post("/people/anna/absences", AWAY).status_code == 403
    assert admin.post("/people/anna/absences", AWAY).status_code == 303
    [made] = absences(services)
    assert (made.user, made.by) == ("anna", "admin")
    assert mette.post(f"/absences/{made.id}/end", {}).status_code == 404
    assert admin.post(f"/people/anna/absences/{made.id}/end", {}).status_code == 303


def test_who_was_away_sees_afterwards_what_was_done_to_their_records(
    anna: Visitor, mette: Visitor, clock: Clock, draft: str
) -> None:
    anna.post("/absences", AWAY)
    clock.pass_by(days=4)
    mette.sign_in("mette")
    page = mette.get(f"/records/{draft}/edit").text
    typed = with_values(form_pairs(page), their_number="K-77", _do="save")
    assert mette.post(f"/records/{draft}/edit", typed).status_code == 303
    clock.pass_by(days=6)
    anna.sign_in("anna")
    page = words(anna.get("/absences").text)
    assert "Mette Holm did one thing meanwhile" in page
    assert "changed, Tuesday, 24 November 2026 09:30" in page
