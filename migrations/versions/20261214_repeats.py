"""Where wording of what a rendition leaves out stands elsewhere: sealed with it. Of those made before, it is not known."""

import sqlalchemy as sa
from alembic import op

revision = "20261214_repeats"
down_revision = "20261213_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("rendition") as table:
        table.add_column(sa.Column("repeats", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("rendition") as table:
        table.drop_column("repeats")
