"""What somebody has done who pressed a button: "Send back" → "sent back". For English titles that begin with a verb.

Authors say it themselves with `done`; this is what stands there when they do not.
"""

from __future__ import annotations

#: Verbs whose past tense has a form of its own.
IRREGULAR = {
    "begin": "began", "bind": "bound", "break": "broke", "bring": "brought", "build": "built", "buy": "bought",
    "catch": "caught", "choose": "chose", "cut": "cut", "do": "did", "draw": "drew", "find": "found",
    "freeze": "froze", "get": "got", "give": "gave", "go": "went", "hold": "held", "keep": "kept", "leave": "left",
    "lend": "lent", "let": "let", "lose": "lost", "make": "made", "meet": "met", "pay": "paid", "put": "put",
    "read": "read", "rebuild": "rebuilt", "redo": "redid", "repay": "repaid", "resend": "resent", "rewrite": "rewrote",
    "say": "said", "sell": "sold", "send": "sent", "set": "set", "shut": "shut", "speak": "spoke", "spend": "spent",
    "split": "split", "take": "took", "tell": "told", "undo": "undid", "withdraw": "withdrew", "withhold": "withheld",
    "write": "wrote",
}  # fmt: skip

#: Verbs that double their last letter.
DOUBLED = frozenset(
    {"cancel", "drop", "label", "plan", "refer", "rub", "ship", "scrap", "stop", "submit", "swap", "transfer"}
)

#: Further verbs that buttons begin with.
REGULAR = frozenset(
    """accept acknowledge activate add adjust agree allocate allow amend answer appoint apply approve archive ask
    assess assign attach audit authorise authorize await balance bill block book calculate call change charge
    check claim clear close collect comment complete confirm contact convert copy correct count create credit
    debit decide decline delete deliver deny dismiss dispatch dispose end enter escalate estimate evaluate
    exchange execute expire export extend fail file fill finish fix forward fulfil grade grant hand handle hire
    import inform inspect install invoice invite issue launch lift link list load lock log maintain mark match
    measure merge move note notify offer onboard open order pack park pass pause pick place post postpone prepare
    present print process produce promise propose publish purchase qualify question quote raise rate reactivate
    receive recall recommend reconcile record recruit refund refuse register reject release remind remove renew
    reopen repair replace reply report request require rescind reserve resolve respond restart restore resume
    retire return revert review revise revoke sample save scan schedule score settle sign solve start store
    suggest supply suspend terminate test train treat try update upgrade use validate verify visit void wait warn
    weigh work""".split()
)

VOWELS = "aeiou"


#: After these, the first word is what something is said of: "Leave is over".
SAYING = frozenset({"is", "are", "was", "were", "has", "have", "had", "will", "can", "may", "must"})
AND = " and "


def say_done(language: str, title: str) -> str | None:
    """Return an English title in the past tense, in small letters; None in other languages, and where it does not begin
    with a verb that is known. Verbs joined by "and" go with it.
    """
    verb, space, rest = title.partition(" ")
    past = _past(verb.lower()) if language == "en" else None
    if past is None or rest.partition(" ")[0] in SAYING:
        return None
    first, *others = f"{past}{space}{rest}".split(AND)
    return AND.join([first, *(_joined(other) for other in others)])


def _joined(clause: str) -> str:
    """Return what follows "and" in the past tense, when it begins with a verb."""
    verb, space, rest = clause.partition(" ")
    return f"{_past(verb) or verb}{space}{rest}"


def _past(verb: str) -> str | None:
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    if verb in DOUBLED:
        return f"{verb}{verb[-1]}ed"
    if verb not in REGULAR:
        return None
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2] not in VOWELS:
        return f"{verb[:-1]}ied"
    return f"{verb}ed"
