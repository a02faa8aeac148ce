"""Terms, receipts and drafts: a share may end, be answered and be taken back; what both bodies draft together is of no visit."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_terms"
down_revision = "20261125_insert_only"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receipt",
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.String(20), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name=op.f("fk_receipt_share_id")),
        sa.PrimaryKeyConstraint("share_id", "answer", name=op.f("pk_receipt")),
    )
    with op.batch_alter_table("share") as share:
        share.add_column(sa.Column("draft", sa.Boolean(), nullable=False, server_default=sa.false()))
        share.add_column(sa.Column("ends_at", sa.BigInteger(), nullable=True))
        share.create_index(op.f("ix_share_ends_at"), ["ends_at"])
    with op.batch_alter_table("share") as share:
        share.alter_column("draft", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    _drop_index()
    with op.batch_alter_table("document") as document:
        document.add_column(sa.Column("draft", sa.Boolean(), nullable=False, server_default=sa.false()))
        document.alter_column("visit_id", existing_type=sa.Uuid(), nullable=True)
    with op.batch_alter_table("document") as document:
        document.alter_column("draft", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    _index_again()
    with op.batch_alter_table("closure") as closure:
        closure.alter_column("closed_by", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table("closure") as closure:
        closure.alter_column("closed_by", existing_type=sa.Uuid(), nullable=False)
    _drop_index()
    with op.batch_alter_table("document") as document:
        document.alter_column("visit_id", existing_type=sa.Uuid(), nullable=False)
        document.drop_column("draft")
    _index_again()
    with op.batch_alter_table("share") as share:
        share.drop_index(op.f("ix_share_ends_at"))
        share.drop_column("ends_at")
        share.drop_column("draft")
    op.drop_table("receipt")


def _drop_index() -> None:
    """SQLite makes a table anew to change it, and an index over an expression is not carried over: it goes before, and comes back after."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("uq_document_originator_symbol_folded", table_name="document")


def _index_again() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("uq_document_originator_symbol_folded", "document", ["originator", sa.text("lower(symbol)")], unique=True)
