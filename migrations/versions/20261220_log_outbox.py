"""Where the log is sent on to: up to which leaf each receiver has it."""

import sqlalchemy as sa
from alembic import op

revision = "20261220_log_outbox"
down_revision = "20261219_saved_filters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_outbox",
        sa.Column("receiver", sa.String(64), nullable=False),
        sa.Column("body", sa.String(32), nullable=False),
        sa.Column("next_leaf", sa.BigInteger(), nullable=False),
        sa.Column("last_leaf", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("receiver", "body", name=op.f("pk_log_outbox")),
    )


def downgrade() -> None:
    op.drop_table("log_outbox")
