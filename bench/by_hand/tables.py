"""The tables: one for each thing, as they are drawn up for this one form.

Money is in minor units, percent in hundredths of a percent, days and moments are ISO texts (moments in UTC).
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

user = sa.Table(
    "user", metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("email", sa.String, nullable=False, unique=True),
    sa.Column("password", sa.String, nullable=False),
)  # fmt: skip

workspace = sa.Table(
    "workspace", metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("title", sa.String, nullable=False),
)  # fmt: skip

member = sa.Table(
    "member", metadata,
    sa.Column("user", sa.ForeignKey("user.id"), primary_key=True),
    sa.Column("workspace", sa.ForeignKey("workspace.id"), primary_key=True),
    sa.Column("role", sa.String, primary_key=True),
)  # fmt: skip

session = sa.Table(
    "session", metadata,
    # The digest of what the cookie says.
    sa.Column("token", sa.String, primary_key=True),
    sa.Column("user", sa.ForeignKey("user.id"), nullable=False),
    # What every form carries.
    sa.Column("csrf", sa.String, nullable=False),
    sa.Column("expires", sa.String, nullable=False),
)  # fmt: skip

customer = sa.Table(
    "customer", metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False, index=True),
    sa.Column("tier", sa.String, nullable=False),
    sa.Column("currency", sa.String, nullable=False),
    sa.Column("address", sa.String),
)  # fmt: skip

product = sa.Table(
    "product", metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False, index=True),
    sa.Column("price", sa.Integer, nullable=False),
    sa.Column("active", sa.Integer, nullable=False),
)  # fmt: skip

rate = sa.Table(
    "rate", metadata,
    sa.Column("base", sa.String, primary_key=True),
    sa.Column("quote", sa.String, primary_key=True),
    sa.Column("day", sa.String, primary_key=True),
    sa.Column("rate", sa.String, nullable=False),
)  # fmt: skip

counter = sa.Table(
    "counter", metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)  # fmt: skip

order = sa.Table(
    "order", metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("number", sa.String, nullable=False, unique=True),
    sa.Column("workspace", sa.ForeignKey("workspace.id"), nullable=False),
    sa.Column("owner", sa.ForeignKey("user.id"), nullable=False),
    sa.Column("state", sa.String, nullable=False),
    # When it came to its state, and who brought it there.
    sa.Column("since", sa.String, nullable=False),
    sa.Column("moved_by", sa.ForeignKey("user.id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("changed_by", sa.ForeignKey("user.id"), nullable=False),
    sa.Column("customer", sa.ForeignKey("customer.id")),
    sa.Column("channel", sa.String),
    sa.Column("reference", sa.String),
    sa.Column("ordered", sa.String),
    sa.Column("currency", sa.String),
    sa.Column("payment_days", sa.Integer),
    sa.Column("deliver_to", sa.String),
    sa.Column("promised", sa.String),
    sa.Column("urgent", sa.Integer),
    sa.Column("discount", sa.Integer),
    sa.Column("goods", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    # Names of the fields whose value was filled from the customer.
    sa.Column("filled", sa.String, nullable=False),
    # The hash of its last event, whose sequence is the revision.
    sa.Column("last_hash", sa.String, nullable=False),
)  # fmt: skip
sa.Index("order_by_state", order.c.workspace, order.c.state, order.c.ordered, order.c.id)
sa.Index("order_by_day", order.c.workspace, order.c.ordered, order.c.id)
sa.Index("order_waiting", order.c.workspace, order.c.since, order.c.id, sqlite_where=sa.text(
    "state IN ('draft', 'approved') OR state = 'review' AND total < 100000000"
))  # fmt: skip

order_line = sa.Table(
    "order_line", metadata,
    sa.Column("order", sa.ForeignKey("order.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("id", sa.String, nullable=False),
    sa.Column("product", sa.ForeignKey("product.id")),
    sa.Column("quantity", sa.Integer),
    sa.Column("price", sa.Integer),
    sa.Column("amount", sa.Integer),
    # Whether the price was filled from the product.
    sa.Column("filled", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

event = sa.Table(
    "event", metadata,
    sa.Column("order", sa.ForeignKey("order.id"), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("user", sa.ForeignKey("user.id"), nullable=False),
    # create, edit or an action's name.
    sa.Column("kind", sa.String, nullable=False),
    # The state it led to; None where it stayed.
    sa.Column("state", sa.String),
    # JSON of what was written, and the hash over it and the event before.
    sa.Column("payload", sa.String, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip

receipt = sa.Table(
    "receipt", metadata,
    # What a form that is sent twice carries both times.
    sa.Column("user", sa.ForeignKey("user.id"), primary_key=True),
    sa.Column("intent", sa.String, primary_key=True),
    sa.Column("order", sa.ForeignKey("order.id"), nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sqlite_with_rowid=False,
)  # fmt: skip
