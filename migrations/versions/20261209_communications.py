"""What a State and the originator said to each other: consultations, answers, and the files that show it."""

import sqlalchemy as sa
from alembic import op

revision = "20261209_communications"
down_revision = "20261208_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "communication",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_communication")),
        sa.UniqueConstraint("object_id", name=op.f("uq_communication_object_id")),
    )
    for column in ("document_id", "originator"):
        op.create_index(op.f(f"ix_communication_{column}"), "communication", [column])
    op.create_index(
        "uq_communication_answered",
        "communication",
        ["about"],
        unique=True,
        sqlite_where=sa.text("kind = 'answered'"),
        postgresql_where=sa.text("kind = 'answered'"),
    )


def downgrade() -> None:
    op.drop_table("communication")
