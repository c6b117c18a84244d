"""The keys that effects and outcomes bring to the language, made from their classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from blankett.engine.effects import EFFECTS, OF_ACTIONS, OF_RULES, Effect
from blankett.engine.language.grammar.kinds import (
    ACTION,
    FIELD,
    FORM,
    FORMULA,
    LINK,
    MESSAGE,
    PROCESS,
    ROLE,
    TEMPLATE,
    VALUE,
    WHO,
    Either,
    Key,
    Kind,
    MapOf,
    SequenceOf,
    Shape,
    ShapeOf,
)

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


EFFECT_SHAPES: tuple[Shape, ...] = (
    Shape(
        "effect",
        "an effect",
        (
            *word_keys(OF_ACTIONS),
            Key("when", FORMULA, "Done only while this holds, looked at when its turn comes.", part=PROCESS),
        ),
        "Something an action does.",
        not_yet=("post", "call", "document", "start", "stop"),
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
