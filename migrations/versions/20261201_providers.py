"""Several providers: how somebody signed in is told by the sealed data of the session, where nobody can edit it."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_providers"
down_revision = "20261130_retention"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("session") as table:
        table.drop_column("factors")


def downgrade() -> None:
    with op.batch_alter_table("session") as table:
        table.add_column(sa.Column("factors", sa.String(length=255), nullable=False, server_default=""))
    with op.batch_alter_table("session") as table:
        table.alter_column("factors", existing_type=sa.String(length=255), existing_nullable=False, server_default=None)
