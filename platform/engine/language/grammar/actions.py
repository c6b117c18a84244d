"""The part of the language that moves records: states, actions, and what actions do as the classes of effects say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from blankett.engine.effects import EFFECTS, OF_ACTIONS, OF_RULES, Effect
from blankett.engine.language.grammar.kinds import (
    ACTION,
    APPROVAL,
    CURRENT,
    DISPLAY,
    FIELD,
    FORM,
    FORMULA,
    HELP_BESIDE,
    LINK,
    MESSAGE,
    PROCESS,
    RETIRED,
    ROLE,
    STATE,
    TEMPLATE,
    TIMER,
    TITLE,
    VALUE,
    WAS,
    WHO,
    YES_NO,
    Either,
    Key,
    Kind,
    MapOf,
    SequenceOf,
    Shape,
    ShapeOf,
    Word,
    title_key,
)

ACTION_SHAPES: tuple[Shape, ...] = (
    Shape(
        "state",
        "a state",
        (
            title_key("it"),
            HELP_BESIDE,
            Key("start", YES_NO, "New records begin here.", part=PROCESS),
            Key(
                "final",
                Either(Word("word", words=("no", "stopped", "true", "false", "yes"))),
                "The end; `stopped` is no success.",
                part=PROCESS,
            ),
            Key("held", YES_NO, "The record is held up here.", part=PROCESS),
            Key(
                "due",
                FIELD,
                "The day by which it should leave: shown in the inbox. The form's `due` unless told.",
                part=DISPLAY,
            ),
            Key("becomes", STATE, "No state any more: records that are in it go to this one.", part=CURRENT),
            WAS,
            RETIRED,
        ),
        "Where a record is in its life.",
    ),
    Shape(
        "action",
        "an action",
        (
            title_key("it", kind=TEMPLATE),
            HELP_BESIDE,
            Key(
                "from",
                Either(STATE, SequenceOf(STATE, least=1)),
                "The states it may be taken in.",
                required=True,
                part=PROCESS,
            ),
            Key(
                "to",
                Either(STATE, SequenceOf(ShapeOf("destination"), least=1)),
                "The state it leads to, or several with conditions; the record stays where it is unless told.",
                part=PROCESS,
            ),
            Key("by", WHO, "Who may take it. Nobody unless told: then only effects take it.", part=CURRENT),
            Key("when", FORMULA, "May be taken only while this holds.", part=PROCESS),
            Key("message", TEMPLATE, "Said in place of the condition when `when` does not hold.", part=PROCESS),
            Key(
                "ask",
                MapOf(ShapeOf("field"), "name", "a field", least=1),
                "Asked before it is taken; read as `inputs.<key>`.",
                part=PROCESS,
            ),
            Key("effects", SequenceOf(ShapeOf("effect"), least=1), "What happens, in order.", part=PROCESS),
            Key("confirm", TEMPLATE, "Asked again with this sentence.", part=DISPLAY),
            Key(
                "done",
                TITLE,
                "What somebody has done who took it, as it follows their name: `sent back`.",
                part=DISPLAY,
            ),
            Key(
                "task",
                YES_NO,
                "Whether a record waits in the inbox of who may take it now. Unless told, where it leads nearer to a "
                "final state that is not `stopped`.",
                part=CURRENT,
            ),
            Key("approval", APPROVAL, "Who must agree first; it is done when they all have.", part=PROCESS),
            Key("during", STATE, "The state while they decide.", part=PROCESS),
            Key("rejected", STATE, "The state when somebody says no.", part=PROCESS),
            Key(
                "returned",
                STATE,
                "The state when somebody sends it back for changes; the one it was sent from unless told.",
                part=PROCESS,
            ),
            Key(
                "approves",
                SequenceOf(FIELD, least=1),
                "What they agree to: a later change of one of these asks them again. Unless told, what the steps, the "
                "guard and the rules of the action read.",
                part=PROCESS,
            ),
            Key(
                "approves_until",
                STATE,
                "From this state on what they agreed to cannot be changed any more.",
                part=PROCESS,
            ),
            WAS,
        ),
        "A button.",
        not_yet=("on_change",),
    ),
    Shape(
        "destination",
        "a destination",
        (
            Key(
                "when",
                FORMULA,
                "Leads there only while this holds and none before did; the last needs none.",
                part=PROCESS,
            ),
            Key("to", STATE, "The state.", required=True, part=PROCESS),
        ),
        "One of several states an action leads to: the first whose condition holds.",
    ),
)


# Effects and outcomes, made from their classes ------------------------------------------------------------------------


_SAID = Either(TEMPLATE, map=ShapeOf("rule_message"))
#: Kind of a key, as an effect declares it → what the grammar makes of it.
_KINDS: Mapping[str, Kind] = {
    "values": MapOf(VALUE, "reference", "a field"),
    "own_values": MapOf(VALUE, "reference", "a field", least=1),
    "value": VALUE,
    "said": _SAID,
    "roles": Either(ROLE, SequenceOf(ROLE, least=1)),
    "form": FORM,
    "link": LINK,
    "formula": FORMULA,
    "action": ACTION,
    "role": ROLE,
    "who": WHO,
    "message": MESSAGE,
    "timer": TIMER,
    "template": TEMPLATE,
    "field": FIELD,
}


def word_keys(effects: Iterable[type[Effect]]) -> tuple[Key, ...]:
    """Return the words of effects as keys of the map that holds one of them."""
    return tuple(
        Key(
            effect.word,
            ShapeOf(effect.shape) if effect.kind == "keys" else _KINDS[effect.kind],
            effect.help,
            part=PROCESS,
        )
        for effect in effects
    )


def _shapes() -> Iterator[Shape]:
    seen: set[str] = set()
    for effect in EFFECTS:
        if effect.shape and effect.shape not in seen:
            seen.add(effect.shape)
            keys = tuple(Key(key.name, _KINDS[key.kind], key.help, key.required, part=key.part) for key in effect.keys)
            yield Shape(effect.shape, effect.shape_words, keys, effect.about, one_of=effect.one_of)


MESSAGE_SHAPE = Shape(
    "message",
    "a message",
    (
        Key("subject", TEMPLATE, "What it is about: the line people read in the application.", True, part=PROCESS),
        Key("body", TEMPLATE, "The letter, in Markdown.", True, part=PROCESS),
    ),
    "A letter: it goes by e-mail, and its subject stands in the application.",
)

EFFECT_SHAPES: tuple[Shape, ...] = (
    Shape(
        "effect",
        "an effect",
        (
            *word_keys(OF_ACTIONS),
            Key("when", FORMULA, "Done only while this holds, looked at when its turn comes.", part=PROCESS),
        ),
        "Something an action does.",
        not_yet=("post", "call", "document"),
        one_of=tuple(effect.word for effect in OF_ACTIONS),
    ),
    Shape(
        "outcome",
        "an outcome",
        word_keys(OF_RULES),
        "Something that follows when a rule fires.",
        one_of=tuple(effect.word for effect in OF_RULES),
    ),
    *_shapes(),
)
