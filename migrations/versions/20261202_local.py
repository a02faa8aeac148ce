"""Local accounts: what their persons sign in with, who gave them roles, and how often something was tried."""

import sqlalchemy as sa
from alembic import op

revision = "20261202_local"
down_revision = "20261201_providers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "local_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login_key", sa.LargeBinary(32), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["person.id"], name=op.f("fk_local_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_account")),
        sa.UniqueConstraint("login_key", name=op.f("uq_local_account_login_key")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(16), nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("roles", sa.String(255), nullable=False),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("enrol", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("done_by", sa.Uuid(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["local_account.id"], name=op.f("fk_role_grant_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("about", name=op.f("uq_role_grant_about")),
    )
    op.create_index(op.f("ix_role_grant_account_id"), "role_grant", ["account_id"])
    op.create_index(op.f("ix_role_grant_body"), "role_grant", ["body"])
    op.create_table(
        "throttle",
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_index(op.f("ix_throttle_last"), "throttle", ["last"])


def downgrade() -> None:
    op.drop_table("throttle")
    op.drop_table("role_grant")
    op.drop_table("local_account")
