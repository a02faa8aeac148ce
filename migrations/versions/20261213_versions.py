"""The language that a version's text is in, English before; and where requests stand in other versions than the one they were marked on."""

import sqlalchemy as sa
from alembic import op

revision = "20261213_versions"
down_revision = "20261212_passages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("version", sa.Column("language", sa.String(8), nullable=False, server_default="en"))
    op.create_table(
        "request_place",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(16), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kept", sa.LargeBinary(), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_place")),
        sa.UniqueConstraint("request_id", "version", name=op.f("uq_request_place_request_id_version")),
    )
    op.create_index(op.f("ix_request_place_document_id"), "request_place", ["document_id"])


def downgrade() -> None:
    op.drop_table("request_place")
    op.drop_column("version", "language")
