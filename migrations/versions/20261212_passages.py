"""The passages of a version, as one more sealed object of it. Versions from before have none."""

import sqlalchemy as sa
from alembic import op

revision = "20261212_passages"
down_revision = "20261211_records"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("version", sa.Column("passages_object_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("version", "passages_object_id")
