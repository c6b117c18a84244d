"""The runtime: published blueprints carried out over the store. `Engine` is its door.

engine = Engine(store, clock)
answer = engine.apply(Command(intent=key, actor=actor, blueprint="orders", form="order", values={…}, action="submit"))
if isinstance(answer, Refusal): …          # message ids with parameters, nothing was written
view = engine.open(actor, answer.record)
"""

from blankett.engine.access import Actor
from blankett.engine.runtime.catalog import BlueprintCatalog, Catalog
from blankett.engine.runtime.choosing import Choice
from blankett.engine.runtime.commands import (
    NEW_LINE,
    Change,
    Command,
    Current,
    FieldProblem,
    FormPreview,
    Receipt,
    Refusal,
    RefusalKind,
)
from blankett.engine.runtime.engine import Engine
from blankett.engine.runtime.inbox import Inbox, InboxItem
from blankett.engine.runtime.listing import Column, ListPage, ListRequest, Row
from blankett.engine.runtime.reasons import Reason
from blankett.engine.runtime.samples import SampleLookup, SampleProblem, load_samples
from blankett.engine.runtime.views import (
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

__all__ = [
    "NEW_LINE",
    "ActionView",
    "Actor",
    "BlueprintCatalog",
    "Catalog",
    "Change",
    "Choice",
    "Column",
    "Command",
    "Current",
    "Engine",
    "FieldProblem",
    "FieldView",
    "FormPreview",
    "Inbox",
    "InboxItem",
    "LineView",
    "ListPage",
    "ListRequest",
    "Reason",
    "Receipt",
    "RecordView",
    "Refusal",
    "RefusalKind",
    "Related",
    "RelatedRecord",
    "Row",
    "SampleLookup",
    "SampleProblem",
    "SectionView",
    "StateView",
    "Target",
    "TimelineEntry",
    "ValueChange",
    "load_samples",
]
