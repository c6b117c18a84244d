"""The runtime: published blueprints carried out over the store. `Engine` is its door.

engine = Engine(store, clock)
answer = engine.apply(Command(intent=key, actor=actor, blueprint="orders", form="order", values={…}, action="submit"))
if isinstance(answer, Refusal): …          # message ids with parameters, nothing was written
view = engine.open(actor, answer.record)
"""

from blankett.engine.access import Actor
from blankett.engine.records.blueprint_cache import BlueprintCatalog, Catalog
from blankett.engine.records.command import (
    NEW_LINE,
    Command,
    FieldProblem,
    FormPreview,
    Receipt,
    RecordNow,
    Refusal,
    RefusalKind,
    ValueChanged,
)
from blankett.engine.records.engine import Engine
from blankett.engine.records.explain.reasons import Reason
from blankett.engine.records.read.inbox import Inbox, InboxItem
from blankett.engine.records.read.link_choices import Choice
from blankett.engine.records.read.record_list import ListColumn, ListPage, ListRequest, ListRow
from blankett.engine.records.read.results import (
    ActionView,
    FieldView,
    LineView,
    RecordView,
    Related,
    RelatedRecord,
    SectionView,
    StateView,
    Target,
    TimelineEntry,
    ValueChange,
)
from blankett.engine.records.write.samples import SampleLookup, SampleProblem, load_samples

__all__ = [
    "NEW_LINE",
    "ActionView",
    "Actor",
    "BlueprintCatalog",
    "Catalog",
    "Choice",
    "Command",
    "Engine",
    "FieldProblem",
    "FieldView",
    "FormPreview",
    "Inbox",
    "InboxItem",
    "LineView",
    "ListColumn",
    "ListPage",
    "ListRequest",
    "ListRow",
    "Reason",
    "Receipt",
    "RecordNow",
    "RecordView",
    "Refusal",
    "RefusalKind",
    "Related",
    "RelatedRecord",
    "SampleLookup",
    "SampleProblem",
    "SectionView",
    "StateView",
    "Target",
    "TimelineEntry",
    "ValueChange",
    "ValueChanged",
    "load_samples",
]
