"""Deputies for a time; which accounts are one human; since when a person releases."""

import sqlalchemy as sa
from alembic import op

revision = "20261204_deputies"
down_revision = "20261203_logout"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deputy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(16), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=True),
        sa.Column("named_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
    )
    op.create_index(op.f("ix_deputy_body"), "deputy", ["body"])
    op.create_index(op.f("ix_deputy_person_id"), "deputy", ["person_id"])
    op.add_column("person", sa.Column("human", sa.Uuid(), nullable=True))
    op.add_column("person", sa.Column("releases_since", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "releases_since")
    op.drop_column("person", "human")
    op.drop_table("deputy")
