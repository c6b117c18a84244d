"""The life of a blueprint: drafts, checks, previews, versions, moving records, clones.

publisher = Publisher(engine)
publisher.publish(actor, Publication(source=text, workspace="sales"))
"""

from blankett.engine.publish.convert import MoveReason
from blankett.engine.publish.impact import Class, Example, FormImpact, Impact, Move
from blankett.engine.publish.publisher import Publisher
from blankett.engine.publish.readiness import Publication
from blankett.engine.publish.results import (
    BlueprintDraft,
    Obstacle,
    Preview,
    Published,
    Refused,
    RefusedKind,
    VersionHead,
)

__all__ = [
    "BlueprintDraft",
    "Class",
    "Example",
    "FormImpact",
    "Impact",
    "Move",
    "MoveReason",
    "Obstacle",
    "Preview",
    "Publication",
    "Published",
    "Publisher",
    "Refused",
    "RefusedKind",
    "VersionHead",
]
