"""Letters as they went out, or would have: what each says, and why it did not go. And how they are sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

import flask
from flask import request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blankett.engine.letters.composition import Letter, Unsendable, compose, may_read, read_subject
from blankett.engine.letters.delivery import key_of, send_again
from blankett.engine.letters.transport import (
    PASSWORD,
    SETTING,
    MailSetting,
    Security,
    Undelivered,
    mail_setting,
    setting_faults,
    setting_text,
    transport_of,
)
from blankett.engine.store.outbox import LetterState, StoredLetter
from blankett.web import htmx
from blankett.web.access_policy import ADMINISTRATORS, allow
from blankett.web.form_text import typed, whole_number
from blankett.web.identity import current_language, the_actor
from blankett.web.replay_post import is_again, say_why_again, shows_again
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.templating import render, t

pages = flask.Blueprint("mailbox", __name__)

#: Letters on one page.
PAGE = 30
#: Tab → the states of its letters.
TABS: dict[str, tuple[LetterState, ...]] = {
    "": get_args(LetterState),
    "waiting": ("waiting", "sending"),
    "sent": ("sent",),
    "failed": ("failed",),
    "stopped": ("stopped",),
}
SECURITIES: tuple[Security, ...] = get_args(Security)
LONGEST_TEXT = 250


@dataclass(frozen=True)
class LetterLine:
    """A letter in the list."""

    id: str
    #: Whom it goes to: a name, or an address.
    to: str
    at: datetime
    #: None where whoever looks may not read it.
    subject: str | None
    message: str
    state: LetterState


@dataclass(frozen=True)
class ShownLetter:
    """A letter, opened."""

    line: LetterLine
    #: Whom it goes to, with the address where that is known.
    to: str
    #: The record it is about, for those who may read the letter.
    record: str
    #: As its reader has it; None where it cannot be written, or whoever looks may not read it.
    letter: Letter | None
    html: Markup
    #: Why it failed or was stopped, in words, and what a mail server said.
    reason: str
    detail: str
    tries: int
    delivered_at: datetime | None
    #: What names it wherever it goes.
    key: str
    may_be_sent: bool


@pages.get("/mailbox")
@allow(ADMINISTRATORS)
def show_mailbox(request_unit: RequestUnit) -> str:
    """Show the newest letters of a tab, and the one that was chosen."""
    reading, organisation = request_unit.reading, the_actor().organisation
    tab = request.args.get("tab", "")
    tab = tab if tab in TABS else ""
    found = reading.letters(organisation, TABS[tab], PAGE + 1, request.args.get("before", ""))
    chosen = reading.letter(organisation, request.args.get("letter", "")) if "letter" in request.args else None
    setting = mail_setting(reading, organisation)
    return render(
        "pages/mailbox.html",
        here="mailbox",
        tab=tab,
        tabs=[(key, t(f"mailbox.tab_{key or 'all'}"), count_of(request_unit, key)) for key in TABS],
        letters=lines_of(request_unit, found[:PAGE]),
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        before=request.args.get("before", ""),
        chosen=shown_letter(request_unit, chosen, setting) if chosen is not None else None,
        host=setting.host,
    )


@pages.post("/mailbox/<letter>/again")
@allow(ADMINISTRATORS)
def send_letter_again(request_unit: RequestUnit, letter: str) -> ResponseReturnValue:
    """Let a letter be sent that failed or was stopped."""
    with request_unit.writing() as writing:
        found = writing.letter(the_actor().organisation, letter)
        was_open = found is not None and send_again(writing, found, services().clock())
    if found is None:
        flask.abort(404)
    flask.flash(t("mailbox.again_said" if was_open else "mailbox.again_needless"), "good" if was_open else "warn")
    return htmx.go_to(f"/mailbox?letter={found.id}")


@pages.get("/mailbox/sending")
@allow(ADMINISTRATORS)
def show_sending(request_unit: RequestUnit) -> str:
    """Show how letters are sent."""
    return render_sending(mail_setting(request_unit.reading, the_actor().organisation), [])


@pages.post("/mailbox/sending")
@allow(ADMINISTRATORS)
@shows_again
def change_sending(request_unit: RequestUnit) -> ResponseReturnValue:
    """Change how letters are sent; with `test` only send one to whoever asks, by what was typed."""
    setting = typed_setting()
    if is_again():
        say_why_again()
        return render_sending(setting, [])
    faults = setting_faults(setting)
    if faults:
        return render_sending(setting, [(control, t(message)) for control, message in faults]), 422
    if "test" in request.form:
        return render_sending(setting, [], try_setting(setting))
    with request_unit.writing() as writing:
        writing.put_setting(the_actor().organisation, SETTING, setting_text(setting))
    flask.flash(t("mailbox.saved"), "good")
    return htmx.go_to("/mailbox")


# The list -------------------------------------------------------------------------------------------------------------


def count_of(request_unit: RequestUnit, tab: str) -> int | None:
    """Return how many letters a tab has; None for all."""
    if not tab:
        return None
    return sum(request_unit.reading.letter_count(the_actor().organisation, state) for state in TABS[tab])


def lines_of(request_unit: RequestUnit, letters: Collection[StoredLetter]) -> list[LetterLine]:
    """Return letters as the list shows them, their subjects to those who may read them."""
    unit = request_unit.unit
    unit.linked.load_people([each.reader for each in letters if each.reader])
    unit.linked.load([each.record for each in letters])
    return [line_of(request_unit, each) for each in letters]


def line_of(request_unit: RequestUnit, letter: StoredLetter) -> LetterLine:
    """Return one."""
    unit = request_unit.unit
    person = unit.linked.person(letter.reader) if letter.reader else None
    to = letter.address or (person.name if person is not None else letter.reader)
    subject = read_subject(unit, letter) if may_read(unit, letter) else None
    return LetterLine(letter.id, to, letter.at, subject, letter.message, letter.state)


def shown_letter(request_unit: RequestUnit, letter: StoredLetter, setting: MailSetting) -> ShownLetter:
    """Return a letter, opened."""
    line = line_of(request_unit, letter)
    found = compose(services().engine, request_unit.reading, letter, setting.site)
    told = found if isinstance(found, Letter) and line.subject is not None else None
    reason = letter.reason or (found.reason if isinstance(found, Unsendable) and letter.state != "sent" else "")
    return ShownLetter(
        line=line,
        to=f"{told.name} <{told.address}>" if told is not None and told.name else line.to,
        record=letter.record if line.subject is not None else "",
        letter=told,
        html=Markup(told.html if told is not None else ""),  # cleaned by letters.markdown
        reason=t(reason) if reason else "",
        detail="" if letter.state == "sending" else letter.detail,
        tries=letter.tries,
        delivered_at=letter.delivered_at,
        key=key_of(letter),
        may_be_sent=letter.state in ("failed", "stopped"),
    )


# How letters are sent -------------------------------------------------------------------------------------------------


def typed_setting() -> MailSetting:
    """Return the setting that was typed; a port that is no number is 0."""
    texts = {name: typed(name)[:LONGEST_TEXT] for name in ("host", "user", "sender", "sender_name", "site")}
    security = next((each for each in SECURITIES if each == typed("security")), SECURITIES[0])
    port = whole_number(typed("port") or str(MailSetting.port)) or 0
    return MailSetting(**texts, port=port, security=security)


def try_setting(setting: MailSetting) -> tuple[str, str]:
    """Send a letter to whoever asks; return (kind, what came of it)."""
    actor, now = the_actor(), services().clock()
    words = t("mailbox.test_body")
    letter = Letter(
        actor.email,
        actor.name,
        current_language(),
        t("mailbox.test_subject"),
        words,
        Markup("<p>{}</p>").format(words),
    )
    if not setting.host:
        return "warn", t("mailbox.test_nowhere")
    try:
        transport_of(setting).send(letter, f"test.{now.timestamp()}", now)
    except Undelivered as err:
        return "bad", t("mailbox.test_failed", said=str(err))
    return "good", t("mailbox.test_sent", address=actor.email)


def render_sending(setting: MailSetting, mistakes: list[tuple[str, str]], tested: tuple[str, str] | None = None) -> str:
    """Return the page with a setting as it is kept or was typed. *tested*: what came of a letter sent by it."""
    return render(
        "pages/sending.html",
        here="mailbox",
        setting=setting,
        mistakes=mistakes,
        tested=tested,
        securities=[(each, t(f"mailbox.security_{each}")) for each in SECURITIES],
        password_variable=PASSWORD,
    )
