"""Dates of a document, reviews, lowering its level, the archive: what such an act sets, and the level that the keys stay bound to."""

import sqlalchemy as sa
from alembic import op

revision = "20261218_schedule"
down_revision = "20261217_transfers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("keeping", sa.Column("due", sa.String(16), nullable=True))
    op.add_column("keeping", sa.Column("day", sa.Date(), nullable=True))
    op.add_column("keeping", sa.Column("level", sa.Integer(), nullable=True))
    op.add_column("document", sa.Column("sealed_level", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("document", "sealed_level")
    for column in ("level", "day", "due"):
        op.drop_column("keeping", column)
