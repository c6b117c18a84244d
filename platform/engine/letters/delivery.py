"""Sending the letters about a record, one after the other, each once.

A letter is marked before it is handed over and marked again when it was taken. Who was killed between the two cannot
know whether it was: it is handed over again under the same key. The mailbox takes it once for certain; of a mail server
nobody can promise more than that the two are told apart by their Message-ID, and the letter says how often it went.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from blankett.engine.letters.composition import Letter, Unsendable, compose
from blankett.engine.letters.transport import MailSetting, Transport, Undelivered, mail_setting, transport_of
from blankett.engine.records import Engine
from blankett.engine.store import Writing
from blankett.engine.store.outbox import StoredLetter, ask_to_send, changed

#: How often a letter is handed over before it is given up.
MOST_TRIES = 9
#: Longer than any mail server is waited for. Who has been at a letter for so long is not any more.
AT_IT_FOR = timedelta(minutes=3)
#: Why it was given up: nobody took it in the end, or somebody refused it for good.
GAVE_UP, REFUSED = "letters.why_gave_up", "letters.why_refused"


class LetterNotTaken(Exception):
    """A letter was not taken now: it is handed over again later."""


def send_next(
    engine: Engine,
    organisation: str,
    record: str,
    sender: str,
    way: Callable[[MailSetting], Transport] = transport_of,
) -> Literal["sent", "busy", "none"]:
    """Send the oldest letter about a record that is still to be sent; tell whether there was one, or somebody else is
    at it. *sender*: the job, so that who goes on with one that was killed is known to be alone.

    Raises LetterNotTaken where it must be tried again; those behind it wait. One that is given up holds up nobody.
    """
    with engine.store.writing() as writing:
        letter, now = writing.next_letter(organisation, record), engine.clock()
        if letter is None:
            return "none"
        if letter.state == "sending" and letter.detail != sender and now - letter.changed_at < AT_IT_FOR:
            return "busy"
        setting = mail_setting(writing, organisation)
        found = compose(engine, writing, letter, setting.site)
        if isinstance(found, Unsendable):
            writing.change_letter(changed(letter, now, "stopped", found.reason))
            return "sent"
        letter = replace(changed(letter, now, "sending", detail=sender), tries=letter.tries + 1)
        writing.change_letter(letter)
    _hand_over(engine, letter, found, way(setting))
    return "sent"


def _hand_over(engine: Engine, letter: StoredLetter, found: Letter, way: Transport) -> None:
    try:
        way.send(found, key_of(letter), letter.at)
    except Undelivered as err:
        if err.is_final or letter.tries >= MOST_TRIES:
            _note(engine, changed(letter, engine.clock(), "failed", REFUSED if err.is_final else GAVE_UP, str(err)))
            return
        _note(engine, changed(letter, engine.clock(), "waiting", detail=str(err)))
        raise LetterNotTaken(str(err)) from None
    _note(engine, changed(letter, engine.clock(), "sent"))


def key_of(letter: StoredLetter) -> str:
    """Return what names a letter wherever it goes, each time it does."""
    return f"{letter.organisation}.{letter.id}"


def send_again(writing: Writing, letter: StoredLetter, now: datetime) -> bool:
    """Let a letter be sent that failed or was stopped; False for one that needs none of it."""
    if letter.state not in ("failed", "stopped"):
        return False
    writing.change_letter(replace(changed(letter, now, "waiting"), tries=0))
    ask_to_send(writing, letter.organisation, letter.record, now)
    return True


def _note(engine: Engine, letter: StoredLetter) -> None:
    with engine.store.writing() as writing:
        writing.change_letter(letter)
