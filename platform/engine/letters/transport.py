"""The ways a letter takes: a mail server, or none, where letters stay in the mailbox that administrators read."""

from __future__ import annotations

import json
import os
import smtplib
import ssl
from dataclasses import asdict, dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal, Protocol

from blankett.engine.errors import BlankettError
from blankett.engine.fields.text import is_email
from blankett.engine.letters.composition import Letter
from blankett.engine.store import Reading

#: The key of the organisation's setting.
SETTING = "mail"
#: Holds the password of the mail server's user: no database, no backup and no log has it.
PASSWORD = "BLANKETT_SMTP_PASSWORD"
#: Seconds that a mail server may take for one answer.
PATIENCE = 20.0

#: What Python raises of an address that no mail can carry, such as a name beyond ASCII before the @.
UNWRITABLE = (ValueError, IndexError, MessageError)

#: starttls: on the port for plain connections, encrypted from the first word of ours on · tls · none: to a relay on the
#: same machine.
Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class MailSetting:
    """How letters of an organisation are sent. Without a host they are kept in the mailbox, and go nowhere."""

    host: str = ""
    port: int = 587
    security: Security = "starttls"
    #: Empty: the server asks for none.
    user: str = ""
    #: The address, and the name, that letters come from.
    sender: str = ""
    sender_name: str = ""
    #: The address of this installation, for links in letters to users: ``https://blankett.example.com``.
    site: str = ""


class Undelivered(BlankettError):
    """A letter was not taken. *is_final*: it never will be."""

    def __init__(self, said: str, *, is_final: bool) -> None:
        super().__init__(said)
        self.is_final = is_final


class Transport(Protocol):
    """Takes letters."""

    def send(self, letter: Letter, key: str, at: datetime) -> None:
        """Hand a letter over, or raise Undelivered. *key* is the same each time the same letter is handed over."""


@dataclass(frozen=True)
class Mailbox:
    """Sends nothing: the letter stays where it is, to be read there."""

    def send(self, letter: Letter, key: str, at: datetime) -> None:
        """Leave it."""


@dataclass(frozen=True)
class MailServer:
    """Sends by SMTP."""

    setting: MailSetting
    password: str = field(default="", repr=False)

    def send(self, letter: Letter, key: str, at: datetime) -> None:
        """Hand a letter to the server; its Message-ID is made of the *key*, so that who gets it twice can tell."""
        try:
            sender_of(self.setting)
        except UNWRITABLE as err:  # no letter's fault: each waits until somebody mends the setting
            raise Undelivered(f"{type(err).__name__}: {err}", is_final=False) from None
        try:
            message = written_mail(self.setting, letter, key, at)
        except UNWRITABLE as err:
            raise Undelivered(f"{type(err).__name__}: {err}", is_final=True) from None
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as err:
            code, said = next(iter(err.recipients.values()), (450, b""))
            raise Undelivered(_answer(code, said), is_final=code >= 500) from None
        except smtplib.SMTPDataError as err:
            raise Undelivered(_answer(err.smtp_code, err.smtp_error), is_final=err.smtp_code >= 500) from None
        except (
            smtplib.SMTPResponseException
        ) as err:  # of us, not of the letter: a sender or a password it does not know
            raise Undelivered(_answer(err.smtp_code, err.smtp_error), is_final=False) from None
        except (OSError, UnicodeError, smtplib.SMTPException) as err:
            raise Undelivered(f"{type(err).__name__}: {err}", is_final=False) from None

    def _connected(self) -> smtplib.SMTP:
        of, trusted = self.setting, ssl.create_default_context()
        if of.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(of.host, of.port, timeout=PATIENCE, context=trusted)
        else:
            server = smtplib.SMTP(of.host, of.port, timeout=PATIENCE)
        try:
            if of.security == "starttls":
                server.starttls(context=trusted)
            if of.user:
                server.login(of.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def setting_faults(setting: MailSetting) -> list[tuple[str, str]]:
    """Return why letters cannot be sent as a setting says: [(name of a part, id of a sentence)]."""
    found = []
    if not 0 < setting.port < 65536:
        found.append(("port", "mailbox.port_wrong"))
    if setting.host and not _has_sender(setting):
        found.append(("sender", "mailbox.sender_wrong"))
    if any(letter in setting.host for letter in " /@"):
        found.append(("host", "mailbox.host_wrong"))
    if setting.site and not setting.site.startswith(("https://", "http://")):
        found.append(("site", "mailbox.site_wrong"))
    return found


def _has_sender(setting: MailSetting) -> bool:
    try:
        sender_of(setting)
    except UNWRITABLE:
        return False
    return is_email(setting.sender)


def sender_of(setting: MailSetting) -> Address:
    """Return whom letters come from. Raises one of UNWRITABLE where no mail can carry it."""
    return Address(setting.sender_name, addr_spec=setting.sender)


def written_mail(setting: MailSetting, letter: Letter, key: str, at: datetime) -> EmailMessage:
    """Return a letter as it goes through the net."""
    mail, domain = EmailMessage(), setting.sender.rpartition("@")[2] or "localhost"
    mail["From"] = sender_of(setting)
    mail["To"] = Address(letter.name, addr_spec=letter.address)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{key}@{domain}>"
    mail["Content-Language"] = letter.language
    # Nobody's holiday notice answers a machine (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.text)
    mail.add_alternative(f'<html lang="{letter.language}"><body>{letter.html}</body></html>', subtype="html")
    return mail


def mail_setting(reading: Reading, organisation: str) -> MailSetting:
    """Return how an organisation sends its letters."""
    kept = reading.setting(organisation, SETTING)
    return MailSetting() if kept is None else MailSetting(**json.loads(kept))


def setting_text(setting: MailSetting) -> str:
    """Return a setting as it is kept."""
    return json.dumps(asdict(setting), ensure_ascii=False, sort_keys=True)


def transport_of(setting: MailSetting) -> Transport:
    """Return the way the letters of an organisation take."""
    return MailServer(setting, os.environ.get(PASSWORD, "")) if setting.host else Mailbox()


def _answer(code: int, said: bytes | str) -> str:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(words.split())}"[:500]
