"""Lists: an index for each, so that a first page takes as long as the rows on it, however many others there are."""

from alembic import op

revision = "20261205_lists"
down_revision = "20261207_policy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_document_listed", "document", ["originator", "registered_at", "id"])
    op.create_index("ix_share_listed", "share", ["recipient", "approved_at", "id"])
    op.create_index("ix_proposal_listed", "proposal", ["originator", "proposed_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_proposal_listed", "proposal")
    op.drop_index("ix_share_listed", "share")
    op.drop_index("ix_document_listed", "document")
