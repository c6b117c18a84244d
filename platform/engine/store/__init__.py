"""The record store: one set of tables for every blueprint, on SQLite or PostgreSQL.

    store = Store("sqlite:///blankett.db")
    with store.reading() as reading:
        record = reading.record("acme", id)
    with store.writing() as writing:
        writing.update_record(changed, slots, expected_revision=3)
        writing.append_event(event)

Rows and SQL live here; what a record may become, and who may see it, is decided above.
"""

from blankett.engine.store.aggregates import Counting, counting
from blankett.engine.store.approvals import StoredApproval, StoredTask
from blankett.engine.store.blueprints import Share, StoredBlueprint, StoredDraft, StoredVersion
from blankett.engine.store.calendars import StoredCalendar
from blankett.engine.store.events import EventKind, NewEvent, Replayed, StoredEvent, replay
from blankett.engine.store.exchange_rates import Rate, RateTable
from blankett.engine.store.filters import Filter
from blankett.engine.store.ids import is_id, new_id
from blankett.engine.store.link_index import Neighbour, edges_of
from blankett.engine.store.notices import Notification
from blankett.engine.store.people import (
    FOR_DEPARTMENT,
    Member,
    Organisation,
    StoredUser,
    Workspace,
    email_key,
    workspaces_above,
)
from blankett.engine.store.query import BriefPage, Count, FullAccess, Page, Query, QueryProblem, RowAccess
from blankett.engine.store.receipts import IntentTaken, StoredIntent
from blankett.engine.store.record_columns import FormColumns, NamedColumns
from blankett.engine.store.records import StoredRecord
from blankett.engine.store.sessions import StoredSession
from blankett.engine.store.slots import SlotMap, SlotPlace, Want, give_slots, slot_row, title_row, wanted_slots
from blankett.engine.store.store import Reading, Store, Writing
from blankett.engine.store.trials import StoredTrial, store_trials, stored_trials
from blankett.engine.store.unique_values import UniqueConflict

__all__ = [
    "FOR_DEPARTMENT",
    "BriefPage",
    "Count",
    "Counting",
    "EventKind",
    "Filter",
    "FormColumns",
    "FullAccess",
    "IntentTaken",
    "Member",
    "NamedColumns",
    "Neighbour",
    "NewEvent",
    "Notification",
    "Organisation",
    "Page",
    "Query",
    "QueryProblem",
    "Rate",
    "RateTable",
    "Reading",
    "Replayed",
    "RowAccess",
    "Share",
    "SlotMap",
    "SlotPlace",
    "Store",
    "StoredApproval",
    "StoredBlueprint",
    "StoredCalendar",
    "StoredDraft",
    "StoredEvent",
    "StoredIntent",
    "StoredRecord",
    "StoredSession",
    "StoredTask",
    "StoredTrial",
    "StoredUser",
    "StoredVersion",
    "UniqueConflict",
    "Want",
    "Workspace",
    "Writing",
    "counting",
    "edges_of",
    "email_key",
    "give_slots",
    "is_id",
    "new_id",
    "replay",
    "slot_row",
    "store_trials",
    "stored_trials",
    "title_row",
    "wanted_slots",
    "workspaces_above",
]
