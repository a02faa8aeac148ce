"""Pages read in a reading session: the first view is an event, further ones are counted here until they are summed in one."""

import sqlalchemy as sa
from alembic import op

revision = "20261215_reading"
down_revision = "20261214_repeats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_reading",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name=op.f("fk_page_reading_share_id_share")),
        sa.PrimaryKeyConstraint("session_id", "share_id", "page", name=op.f("pk_page_reading")),
    )
    op.create_index(op.f("ix_page_reading_share_id"), "page_reading", ["share_id"])


def downgrade() -> None:
    op.drop_table("page_reading")
