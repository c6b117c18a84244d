"""The life of a blueprint: drafts, checks, previews, versions, moving records, clones.

publisher = Publisher(engine)
publisher.publish(actor, Publication(source=text, workspace="sales"))
"""

from blankett.engine.publish.answers import (
    Draft,
    Move,
    Obstacle,
    Preview,
    Published,
    Refused,
    RefusedKind,
    VersionHead,
)
from blankett.engine.publish.fit import Reason
from blankett.engine.publish.impact import Class, Example, FormImpact, Impact
from blankett.engine.publish.preparing import Publication
from blankett.engine.publish.publisher import Publisher

__all__ = [
    "Class",
    "Draft",
    "Example",
    "FormImpact",
    "Impact",
    "Move",
    "Obstacle",
    "Preview",
    "Publication",
    "Published",
    "Publisher",
    "Reason",
    "Refused",
    "RefusedKind",
    "VersionHead",
]
