"""Keys of names in the log, one for each person and body; and what administrators did about erasing a person's names."""

import sqlalchemy as sa
from alembic import op

revision = "20261222_log_keys"
down_revision = "20261221_log_checks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("whose", sa.String(32), nullable=False),
        sa.Column("body", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("destroyed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_key")),
        sa.UniqueConstraint("whose", "body", name=op.f("uq_log_key_whose_body")),
    )
    op.create_table(
        "person_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(16), nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_act")),
        sa.UniqueConstraint("about", name=op.f("uq_person_act_about")),
    )
    op.create_index(op.f("ix_person_act_person_id"), "person_act", ["person_id"])


def downgrade() -> None:
    op.drop_table("person_act")
    op.drop_table("log_key")
