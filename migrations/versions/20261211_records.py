"""Office files: what a version's file is, and the PDF of record that was made of it."""

import sqlalchemy as sa
from alembic import op

revision = "20261211_records"
down_revision = "20261210_refused_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("version", sa.Column("record_object_id", sa.Uuid(), nullable=True))
    op.add_column("version", sa.Column("kind", sa.String(8), nullable=False, server_default="pdf"))


def downgrade() -> None:
    op.drop_column("version", "kind")
    op.drop_column("version", "record_object_id")
