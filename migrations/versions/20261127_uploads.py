"""Uploads that go on over several requests, their segments, and how they ended."""

import sqlalchemy as sa
from alembic import op

revision = "20261127_uploads"
down_revision = "20261126_terms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_upload_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    for column in ("document_id", "person_id", "expires_at"):
        op.create_index(op.f(f"ix_upload_{column}"), "upload", [column], unique=False)
    op.create_table(
        "upload_segment",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_upload_segment_upload_id")),
        sa.PrimaryKeyConstraint("upload_id", "start", name=op.f("pk_upload_segment")),
        sa.UniqueConstraint("object_id", name=op.f("uq_upload_segment_object_id")),
    )
    op.create_table(
        "upload_end",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_upload_end_document_id")),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_upload_end")),
    )
    op.create_index(op.f("ix_upload_end_at"), "upload_end", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("upload_end")
    op.drop_table("upload_segment")
    op.drop_table("upload")
