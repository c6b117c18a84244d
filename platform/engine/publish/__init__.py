"""The life of a blueprint: drafts, checks, previews, versions, moving records, clones.

publisher = Publisher(engine)
publisher.publish(actor, Publication(source=text, workspace="sales"))
"""

from blankett.engine.publish.convert import Reason
from blankett.engine.publish.impact import Class, Example, FormImpact, Impact
from blankett.engine.publish.publisher import Publisher
from blankett.engine.publish.readiness import Publication
from blankett.engine.publish.results import Draft, Move, Obstacle, Preview, Published, Refused, RefusedKind, VersionHead

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
