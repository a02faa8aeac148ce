"""Transfers by other means: what went, that it arrived and what became of it, and the copies that were prepared for the pouch."""

import sqlalchemy as sa
from alembic import op

revision = "20261217_transfers"
down_revision = "20261216_remarks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(16), nullable=False),
        sa.Column("recipient", sa.String(16), nullable=False),
        sa.Column("means", sa.String(16), nullable=False),
        sa.Column("went", sa.String(16), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("pages", sa.String(200), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(9), nullable=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=True),
        sa.Column("for_originator", sa.LargeBinary(), nullable=False),
        sa.Column("for_recipient", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name=op.f("fk_transfer_share_id_share")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    for column in ("share_id", "document_id"):
        op.create_index(op.f(f"ix_transfer_{column}"), "transfer", [column])
    op.create_index("ix_transfer_listed", "transfer", ["recipient", "recorded_at", "id"])
    op.create_table(
        "transfer_step",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("originator", sa.String(16), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("day", sa.String(10), nullable=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_step_transfer_id_transfer")),
        sa.PrimaryKeyConstraint("transfer_id", "step", name=op.f("pk_transfer_step")),
    )
    op.create_table(
        "prepared_copy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(16), nullable=False),
        sa.Column("number", sa.String(9), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("prepared_by", sa.Uuid(), nullable=False),
        sa.Column("prepared_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name=op.f("fk_prepared_copy_share_id_share")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_copy")),
    )
    op.create_index(op.f("ix_prepared_copy_share_id"), "prepared_copy", ["share_id"])


def downgrade() -> None:
    op.drop_table("prepared_copy")
    op.drop_table("transfer_step")
    op.drop_table("transfer")
