"""The register of requests: until when, what was narrowed, what was asked of a whole visit, and what two officers did."""

import sqlalchemy as sa
from alembic import op

revision = "20261208_requests"
down_revision = "20261206_caveats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request", sa.Column("until", sa.Date(), nullable=True))
    op.create_index(op.f("ix_request_until"), "request", ["until"])
    op.add_column("request", sa.Column("narrows", sa.Uuid(), nullable=True))
    op.add_column("request", sa.Column("visit_request_id", sa.Uuid(), nullable=True))
    op.create_table(
        "visit_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(16), nullable=False),
        sa.Column("withheld_from", sa.String(255), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_request")),
    )
    op.create_index(op.f("ix_visit_request_visit_id"), "visit_request", ["visit_id"])
    op.create_table(
        "request_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(16), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("terms", sa.LargeBinary(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_act")),
        sa.UniqueConstraint("about", name=op.f("uq_request_act_about")),
    )
    for column in ("document_id", "originator", "request_id"):
        op.create_index(op.f(f"ix_request_act_{column}"), "request_act", [column])


def downgrade() -> None:
    op.drop_table("request_act")
    op.drop_table("visit_request")
    op.drop_column("request", "visit_request_id")
    op.drop_column("request", "narrows")
    op.drop_index(op.f("ix_request_until"), "request")
    op.drop_column("request", "until")
