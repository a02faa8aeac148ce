"""Logout at the provider: which logout tokens were taken, and sessions found by the provider's own session."""

import sqlalchemy as sa
from alembic import op

revision = "20261203_logout"
down_revision = "20261202_local"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "logout_token",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("token_id_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "token_id_hash", name=op.f("pk_logout_token")),
    )
    op.create_index(op.f("ix_logout_token_expires_at"), "logout_token", ["expires_at"])
    op.create_index(op.f("ix_session_provider_session"), "session", ["provider_session"])


def downgrade() -> None:
    op.drop_index(op.f("ix_session_provider_session"), "session")
    op.drop_index(op.f("ix_logout_token_expires_at"), "logout_token")
    op.drop_table("logout_token")
