"""What sweeps know of an object: until when the store keeps it, when it was read whole, and what was found wrong and reported."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_retention"
down_revision = "20261128_shredding"
branch_labels = None
depends_on = None

_UNKEPT = sa.text("kept_until IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("sealed_object") as table:
        table.add_column(sa.Column("kept_until", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("checked_at", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("fault", sa.String(20), nullable=False, server_default=""))
    with op.batch_alter_table("sealed_object") as table:
        table.alter_column("fault", existing_type=sa.String(20), existing_nullable=False, server_default=None)
    op.create_index(op.f("ix_sealed_object_checked_at"), "sealed_object", ["checked_at"])
    op.create_index("ix_sealed_object_unkept", "sealed_object", ["created_at"], sqlite_where=_UNKEPT, postgresql_where=_UNKEPT)


def downgrade() -> None:
    op.drop_index("ix_sealed_object_unkept", "sealed_object")
    op.drop_index(op.f("ix_sealed_object_checked_at"), "sealed_object")
    with op.batch_alter_table("sealed_object") as table:
        table.drop_column("fault")
        table.drop_column("checked_at")
        table.drop_column("kept_until")
