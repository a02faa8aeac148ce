"""Changes of the rules: proposed, and consented to by two bodies."""

import sqlalchemy as sa
from alembic import op

revision = "20261207_policy"
down_revision = "20261204_deputies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("differences", sa.Text(), nullable=False),
        sa.Column("body", sa.String(16), nullable=False),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_act")),
        sa.UniqueConstraint("about", "act", "body", name=op.f("uq_policy_act_about_act_body")),
    )
    op.create_index(op.f("ix_policy_act_hash"), "policy_act", ["hash"])


def downgrade() -> None:
    op.drop_table("policy_act")
