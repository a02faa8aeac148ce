"""The bytes that the MACs of sharing rows cover: every column fixed at creation, length-framed, in the order written here."""

from uuid import UUID

from portal.kernel.framing import framed
from portal.sharing.models import Decision, Proposal, Share


def proposal_bytes(row: Proposal) -> bytes:
    """What answers a request to pass a share on names it in one field more."""
    return framed(
        "portal/proposal/v1",
        row.id,
        row.share_id,
        row.document_id,
        row.version,
        row.rendition_id,
        row.originator,
        row.recipient,
        row.level_number,
        row.terms,
        bytes(row.purpose),
        row.epoch,
        row.statement,
        row.proposed_by,
        row.proposed_at,
        row.approval,
        *_onward(row.onward_id),
    )


def decision_bytes(row: Decision, proposal: Proposal) -> bytes:
    return framed(
        "portal/decision/v1",
        row.proposal_id,
        proposal.mac,
        row.verdict_word,
        row.decided_by,
        row.decided_at,
        row.approval or b"",
    )


def share_bytes(row: Share) -> bytes:
    """A draft's are of a kind of their own, so that shares from before drafts existed keep their MAC."""
    return framed(
        "portal/share-of-draft/v1" if row.draft else "portal/share/v1",
        row.id,
        row.proposal_id,
        row.document_id,
        row.version,
        row.rendition_id,
        row.originator,
        row.recipient,
        row.symbol,
        row.level_number,
        row.terms,
        bytes(row.title),
        bytes(row.file_name),
        row.pages,
        row.approved_at,
        *_onward(row.onward_id),
    )


def _onward(onward_id: UUID | None) -> tuple[UUID, ...]:
    return () if onward_id is None else (onward_id,)
