"""The language that a version's text is in. What was deposited before is in English."""

import sqlalchemy as sa
from alembic import op

revision = "20261211_languages"
down_revision = "20261209_passages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("version") as table:
        table.add_column(sa.Column("language", sa.String(8), nullable=False, server_default="en"))
    with op.batch_alter_table("version") as table:
        table.alter_column("language", existing_type=sa.String(8), existing_nullable=False, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("version") as table:
        table.drop_column("language")
