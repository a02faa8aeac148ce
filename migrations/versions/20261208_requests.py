"""The register of requests: until when."""

import sqlalchemy as sa
from alembic import op

revision = "20261208_requests"
down_revision = "20261206_caveats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request", sa.Column("until", sa.Date(), nullable=True))
    op.create_index(op.f("ix_request_until"), "request", ["until"])


def downgrade() -> None:
    op.drop_index(op.f("ix_request_until"), "request")
    op.drop_column("request", "until")
