"""Originator control: requests to pass a share on, what was declined, and which proposals and shares came of one. Embargo of a share."""

import sqlalchemy as sa
from alembic import op

revision = "20261206_caveats"
down_revision = "20261205_lists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "onward",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(16), nullable=False),
        sa.Column("asker", sa.String(16), nullable=False),
        sa.Column("body", sa.String(16), nullable=False),
        sa.Column("purpose", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onward")),
    )
    for column in ("share_id", "document_id", "originator"):
        op.create_index(op.f(f"ix_onward_{column}"), "onward", [column])
    op.create_table(
        "onward_decline",
        sa.Column("onward_id", sa.Uuid(), nullable=False),
        sa.Column("declined_by", sa.Uuid(), nullable=False),
        sa.Column("declined_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("onward_id", name=op.f("pk_onward_decline")),
    )
    for table in ("proposal", "share"):
        op.add_column(table, sa.Column("onward_id", sa.Uuid(), nullable=True))
        op.create_index(op.f(f"ix_{table}_onward_id"), table, ["onward_id"])
    op.add_column("share", sa.Column("opens_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("share", "opens_at")
    for table in ("proposal", "share"):
        op.drop_index(op.f(f"ix_{table}_onward_id"), table)
        op.drop_column(table, "onward_id")
    op.drop_table("onward_decline")
    op.drop_table("onward")
