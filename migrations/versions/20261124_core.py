"""The core: people, documents, requests, renditions, shares, sealed objects, and the log with its final leaf format."""

import sqlalchemy as sa
from alembic import op

revision = "20261124_core"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=True),
        sa.Column("actor_body", sa.String(length=32), nullable=False),
        sa.Column("actor_roles", sa.Text(), nullable=False),
        sa.Column("session", sa.Uuid(), nullable=True),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("action", sa.String(length=200), nullable=False),
        sa.Column("object_type", sa.String(length=200), nullable=False),
        sa.Column("object_id", sa.String(length=200), nullable=False),
        sa.Column("document", sa.Uuid(), nullable=True),
        sa.Column("share", sa.Uuid(), nullable=True),
        sa.Column("bodies", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("policy_hash", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("originator", sa.String(length=32), nullable=False),
        sa.Column("private_part", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index("ix_audit_event_actor_at", "audit_event", ["actor", "at"], unique=False)
    op.create_index("ix_audit_event_at_id", "audit_event", ["at", "id"], unique=False)
    op.create_index("ix_audit_event_document_at", "audit_event", ["document", "at"], unique=False)
    op.create_index("ix_audit_event_event_at", "audit_event", ["event", "at"], unique=False)
    op.create_index("ix_audit_event_share_at", "audit_event", ["share", "at"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("symbol", sa.String(length=80), nullable=False),
        sa.Column("originator", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("caveats", sa.String(length=255), nullable=False),
        sa.Column("states", sa.String(length=1000), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("requests_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("originator", "symbol", name=op.f("uq_document_originator_symbol")),
    )
    op.create_index(op.f("ix_document_originator"), "document", ["originator"], unique=False)
    op.create_index(op.f("ix_document_visit_id"), "document", ["visit_id"], unique=False)
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("sub", sa.String(length=255), nullable=False),
        sa.Column("body", sa.String(length=16), nullable=False),
        sa.Column("roles", sa.String(length=255), nullable=False),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("access_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_sign_in", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("issuer", "sub", name=op.f("uq_person_issuer_sub")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rendition_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("terms", sa.String(length=1000), nullable=False),
        sa.Column("purpose", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("statement", sa.LargeBinary(length=32), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("approval", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("share_id", name=op.f("uq_proposal_share_id")),
    )
    op.create_index(op.f("ix_proposal_document_id"), "proposal", ["document_id"], unique=False)
    op.create_index(op.f("ix_proposal_originator"), "proposal", ["originator"], unique=False)
    op.create_table(
        "rendition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("withheld", sa.LargeBinary(), nullable=False),
        sa.Column("covers", sa.String(length=4000), nullable=False),
        sa.Column("pdf_object_id", sa.Uuid(), nullable=False),
        sa.Column("pack_object_id", sa.Uuid(), nullable=False),
        sa.Column("engine", sa.String(length=200), nullable=False),
        sa.Column("built_by", sa.Uuid(), nullable=False),
        sa.Column("built_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rendition")),
        sa.UniqueConstraint("pack_object_id", name=op.f("uq_rendition_pack_object_id")),
        sa.UniqueConstraint("pdf_object_id", name=op.f("uq_rendition_pdf_object_id")),
    )
    op.create_index(op.f("ix_rendition_document_id"), "rendition", ["document_id"], unique=False)
    op.create_table(
        "request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("withheld_from", sa.String(length=255), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
    )
    op.create_index(op.f("ix_request_document_id"), "request", ["document_id"], unique=False)
    op.create_table(
        "sealed_object",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("store_key", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("payload_size", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kc", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ph", sa.LargeBinary(length=32), nullable=False),
        sa.Column("header", sa.LargeBinary(length=4096), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_object")),
        sa.UniqueConstraint("store_key", name=op.f("uq_sealed_object_store_key")),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=3), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index(op.f("ix_visit_body"), "visit", ["body"], unique=False)
    op.create_table(
        "audit_leaf",
        sa.Column("leaf_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(length=49), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("blank", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["audit_event.id"], name=op.f("fk_audit_leaf_event_id")),
        sa.PrimaryKeyConstraint("leaf_index", name=op.f("pk_audit_leaf")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_leaf_event_id")),
    )
    op.create_table(
        "audit_pending",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["audit_event.id"], name=op.f("fk_audit_pending_event_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "decision",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("approval", sa.LargeBinary(length=32), nullable=True),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_decision_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_decision")),
    )
    op.create_table(
        "key_wrap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=16), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=True),
        sa.Column("kek", sa.String(length=40), nullable=False),
        sa.Column("algorithm", sa.String(length=40), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=12), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["object_id"], ["sealed_object.id"], name=op.f("fk_key_wrap_object_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_wrap")),
        sa.UniqueConstraint("object_id", "body", "share_id", name=op.f("uq_key_wrap_object_id_body_share_id")),
    )
    op.create_index(
        "uq_key_wrap_own",
        "key_wrap",
        ["object_id", "body"],
        unique=True,
        sqlite_where=sa.text("share_id IS NULL"),
        postgresql_where=sa.text("share_id IS NULL"),
    )
    op.create_index(op.f("ix_key_wrap_share_id"), "key_wrap", ["share_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("authenticated_at", sa.BigInteger(), nullable=True),
        sa.Column("provider_session", sa.String(length=255), nullable=True),
        sa.Column("factors", sa.String(length=255), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
    )
    op.create_index(op.f("ix_session_person_id"), "session", ["person_id"], unique=False)
    op.create_table(
        "share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rendition_id", sa.Uuid(), nullable=False),
        sa.Column("originator", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=16), nullable=False),
        sa.Column("symbol", sa.String(length=80), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("terms", sa.String(length=1000), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("file_name", sa.LargeBinary(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("covers_all_requests", sa.Boolean(), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_share_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_share_proposal_id")),
    )
    op.create_index(op.f("ix_share_document_id"), "share", ["document_id"], unique=False)
    op.create_index(op.f("ix_share_recipient"), "share", ["recipient"], unique=False)
    op.create_table(
        "version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.LargeBinary(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("deposited_by", sa.Uuid(), nullable=False),
        sa.Column("deposited_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_version_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_version_document_id_number")),
    )
    op.create_table(
        "closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["share.id"], name=op.f("fk_closure_share_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index(op.f("ix_closure_share_id"), "closure", ["share_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_closure_share_id"), table_name="closure")
    op.drop_table("closure")
    op.drop_table("version")
    op.drop_index(op.f("ix_share_recipient"), table_name="share")
    op.drop_index(op.f("ix_share_document_id"), table_name="share")
    op.drop_table("share")
    op.drop_index(op.f("ix_session_person_id"), table_name="session")
    op.drop_table("session")
    op.drop_index("uq_key_wrap_own", table_name="key_wrap")
    op.drop_index(op.f("ix_key_wrap_share_id"), table_name="key_wrap")
    op.drop_table("key_wrap")
    op.drop_table("decision")
    op.drop_table("audit_pending")
    op.drop_table("audit_leaf")
    op.drop_index(op.f("ix_visit_body"), table_name="visit")
    op.drop_table("visit")
    op.drop_table("sealed_object")
    op.drop_index(op.f("ix_request_document_id"), table_name="request")
    op.drop_table("request")
    op.drop_index(op.f("ix_rendition_document_id"), table_name="rendition")
    op.drop_table("rendition")
    op.drop_index(op.f("ix_proposal_originator"), table_name="proposal")
    op.drop_index(op.f("ix_proposal_document_id"), table_name="proposal")
    op.drop_table("proposal")
    op.drop_table("person")
    op.drop_table("log_head")
    op.drop_index(op.f("ix_document_visit_id"), table_name="document")
    op.drop_index(op.f("ix_document_originator"), table_name="document")
    op.drop_table("document")
    op.drop_index("ix_audit_event_share_at", table_name="audit_event")
    op.drop_index("ix_audit_event_event_at", table_name="audit_event")
    op.drop_index("ix_audit_event_document_at", table_name="audit_event")
    op.drop_index("ix_audit_event_at_id", table_name="audit_event")
    op.drop_index("ix_audit_event_actor_at", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_table("audit_checkpoint")
