"""The log's tables take rows and give none back; a symbol is taken whatever its capitals.

On SQLite triggers forbid to change or delete rows of the log. `INSERT OR REPLACE` fires no trigger for what it deletes, so an insert
over an existing row is refused as well. On PostgreSQL it is the application's role that cannot (portal/audit/grants.py).

The engine column grows because PostgreSQL counts: the names of four engines with their versions are longer than 80 characters.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_insert_only"
down_revision = "20261124_core"
branch_labels = None
depends_on = None

#: Each table of the log, and when a new row would stand in the place of one that is there.
TABLES = {
    "audit_event": "id = new.id OR rowid = new.rowid",
    "audit_leaf": "leaf_index = new.leaf_index OR event_id = new.event_id OR rowid = new.rowid",
    "audit_checkpoint": "size = new.size OR rowid = new.rowid",
}


def upgrade() -> None:
    with op.batch_alter_table("rendition") as rendition:
        rendition.alter_column("engine", existing_type=sa.String(80), type_=sa.String(200), existing_nullable=False)
        rendition.alter_column("covers", existing_type=sa.String(4000), type_=sa.Text(), existing_nullable=False)
    op.create_index("uq_document_originator_symbol_folded", "document", ["originator", sa.text("lower(symbol)")], unique=True)
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, same in TABLES.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} only takes rows'); END"
        op.execute(f"CREATE TRIGGER {table}_never_changed BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table} {refuse}")
        op.execute(
            f"CREATE TRIGGER {table}_never_replaced BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in TABLES:
            for trigger in ("changed", "deleted", "replaced"):
                op.execute(f"DROP TRIGGER {table}_never_{trigger}")
    op.drop_index("uq_document_originator_symbol_folded", table_name="document")
    with op.batch_alter_table("rendition") as rendition:
        rendition.alter_column("engine", existing_type=sa.String(200), type_=sa.String(80), existing_nullable=False)
        rendition.alter_column("covers", existing_type=sa.Text(), type_=sa.String(4000), existing_nullable=False)
