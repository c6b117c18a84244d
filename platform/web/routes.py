"""The one list of the pages' routes, a `flask.Blueprint` called `pages` in each module that has some."""

from __future__ import annotations

from flask import Flask

from blankett.web.account.absences import pages as absences_pages
from blankett.web.account.routes import pages as account_pages
from blankett.web.account.sign_in import pages as sign_in_pages
from blankett.web.admin.calendars import pages as calendars_pages
from blankett.web.admin.departments import pages as departments_pages
from blankett.web.admin.handover import pages as handover_pages
from blankett.web.admin.jobs import pages as jobs_pages
from blankett.web.admin.mailbox import pages as mailbox_pages
from blankett.web.admin.people import pages as people_pages
from blankett.web.admin.rates import pages as rates_pages
from blankett.web.admin.rule_engine_status import pages as rule_engine_status_pages
from blankett.web.admin.security_log import pages as security_log_pages
from blankett.web.admin.set_up import pages as set_up_pages
from blankett.web.admin.workspaces import pages as workspaces_pages
from blankett.web.decision_tables.exchange import pages as table_exchange_pages
from blankett.web.decision_tables.routes import pages as tables_pages
from blankett.web.decision_tables.tryout import pages as table_tryout_pages
from blankett.web.entry.link_picker import pages as link_picker_pages
from blankett.web.entry.routes import pages as entry_pages
from blankett.web.home import pages as home_pages
from blankett.web.inbox.routes import pages as inbox_pages
from blankett.web.list.routes import pages as list_pages
from blankett.web.record.action import pages as action_pages
from blankett.web.record.approval import pages as approval_pages
from blankett.web.record.discard import pages as discard_pages
from blankett.web.record.routes import pages as record_pages
from blankett.web.record.what_if import pages as what_if_pages
from blankett.web.record.why import pages as why_pages
from blankett.web.studio.new_blueprint import pages as new_blueprint_pages
from blankett.web.studio.publish import pages as publish_pages
from blankett.web.studio.rollout import pages as rollout_pages
from blankett.web.studio.routes import pages as studio_pages

#: In the order they are registered.
FAMILIES = (
    set_up_pages,
    sign_in_pages,
    absences_pages,
    account_pages,
    home_pages,
    inbox_pages,
    list_pages,
    record_pages,
    action_pages,
    approval_pages,
    discard_pages,
    entry_pages,
    link_picker_pages,
    studio_pages,
    publish_pages,
    rollout_pages,
    tables_pages,
    table_exchange_pages,
    table_tryout_pages,
    new_blueprint_pages,
    workspaces_pages,
    people_pages,
    calendars_pages,
    rates_pages,
    departments_pages,
    handover_pages,
    jobs_pages,
    mailbox_pages,
    rule_engine_status_pages,
    security_log_pages,
    why_pages,
    what_if_pages,
)


def register(app: Flask) -> None:
    """Register every family's routes."""
    for family in FAMILIES:
        app.register_blueprint(family)
