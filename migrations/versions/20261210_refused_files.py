"""Files that were not taken and why; what the virus scanner said of those that were."""

import sqlalchemy as sa
from alembic import op

revision = "20261210_refused_files"
down_revision = "20261209_communications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("version", sa.Column("scan", sa.String(8), nullable=False, server_default=""))
    op.create_table(
        "refused_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(16), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("signature", sa.String(200), nullable=False),
        sa.Column("file_name", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("refused_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_refused_file_document_id_document")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_file")),
    )
    op.create_index(op.f("ix_refused_file_document_id"), "refused_file", ["document_id"])
    op.create_index("ix_refused_file_listed", "refused_file", ["originator", "refused_at", "id"])


def downgrade() -> None:
    op.drop_table("refused_file")
    op.drop_column("version", "scan")
