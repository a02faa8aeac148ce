"""Keeping and destroying: legal holds, shredding by two persons; of what was shredded the header is gone.

SQLite would make a table anew to let a column be empty, and refuses while wraps point at its rows; so there the column is put beside
the old one and takes its name.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261128_shredding"
down_revision = "20261127_uploads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keeping",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(16), nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("statement", sa.LargeBinary(32), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeping")),
        sa.UniqueConstraint("about", name=op.f("uq_keeping_about")),
    )
    op.create_index(op.f("ix_keeping_document_id"), "keeping", ["document_id"])
    op.create_index(op.f("ix_keeping_originator"), "keeping", ["originator"])
    op.add_column("sealed_object", sa.Column("shredded_at", sa.BigInteger(), nullable=True))
    if _sqlite():
        _put_beside("BLOB")
    else:
        op.alter_column("sealed_object", "header", existing_type=sa.LargeBinary(4096), nullable=True)


def downgrade() -> None:
    op.execute("UPDATE sealed_object SET header = x'' WHERE header IS NULL" if _sqlite() else _EMPTY)
    if _sqlite():
        _put_beside("BLOB NOT NULL DEFAULT x''")
    else:
        op.alter_column("sealed_object", "header", existing_type=sa.LargeBinary(4096), nullable=False)
    op.drop_column("sealed_object", "shredded_at")
    op.drop_table("keeping")


_EMPTY = "UPDATE sealed_object SET header = ''::bytea WHERE header IS NULL"


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _put_beside(kind: str) -> None:
    op.execute(f"ALTER TABLE sealed_object ADD COLUMN header_anew {kind}")
    op.execute("UPDATE sealed_object SET header_anew = header")
    op.execute("ALTER TABLE sealed_object DROP COLUMN header")
    op.execute("ALTER TABLE sealed_object RENAME COLUMN header_anew TO header")
