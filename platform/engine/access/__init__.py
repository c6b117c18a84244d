"""Access: who may do what with which records and which of their fields. One mechanism, used by every surface.

policy = policy_of(blueprint, form)                     # once for each publish
access = FormAccess(actor, policy)                      # once for each request
access.for_record(subject, names, moment).may("edit")   # one record
Query(access=access, …)                                 # many records: the same rules as SQL
"""

from blankett.engine.access.actor import Actor, actor_of, load_actor, load_actors, people_in, reading_zone, split_role
from blankett.engine.access.denial_reasons import (
    AccessQuestion,
    DenialReason,
    ObstacleKind,
    field_obstacles,
    record_obstacles,
)
from blankett.engine.access.form_access import AccessSubject, FormAccess, RecordAccess
from blankett.engine.access.grants import GrantRule, Policy, policy_of

__all__ = [
    "AccessQuestion",
    "AccessSubject",
    "Actor",
    "DenialReason",
    "FormAccess",
    "GrantRule",
    "ObstacleKind",
    "Policy",
    "RecordAccess",
    "actor_of",
    "field_obstacles",
    "load_actor",
    "load_actors",
    "people_in",
    "policy_of",
    "reading_zone",
    "record_obstacles",
    "split_role",
]
