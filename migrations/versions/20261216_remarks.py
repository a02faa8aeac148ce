"""Remarks on shares: comments, questions and answers, their words sealed for each of the two bodies."""

import sqlalchemy as sa
from alembic import op

revision = "20261216_remarks"
down_revision = "20261215_reading"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("answers", sa.Uuid(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("for_originator", sa.LargeBinary(), nullable=False),
        sa.Column("for_recipient", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name=op.f("fk_remark_share_id_share")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    for column in ("share_id", "document_id", "answers"):
        op.create_index(op.f(f"ix_remark_{column}"), "remark", [column])
    op.create_index("ix_remark_listed", "remark", ["originator", "made_at", "id"])


def downgrade() -> None:
    op.drop_table("remark")
