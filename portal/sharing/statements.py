"""The bytes that the MACs of sharing rows cover: every column fixed at creation, length-framed, in the order written here."""

from portal.kernel.database import Instant
from portal.sharing.models import Decision, Proposal, Share

_INSTANT = Instant()


def proposal_bytes(row: Proposal) -> bytes:
    return _framed(
        "portal/proposal/v1",
        row.id.bytes,
        row.share_id.bytes,
        row.document_id.bytes,
        row.version,
        row.rendition_id.bytes,
        row.originator,
        row.recipient,
        row.level_number,
        row.terms,
        bytes(row.purpose),
        row.epoch,
        row.statement,
        row.proposed_by.bytes,
        _micros(row.proposed_at),
        row.approval,
    )


def decision_bytes(row: Decision, proposal: Proposal) -> bytes:
    return _framed(
        "portal/decision/v1",
        row.proposal_id.bytes,
        proposal.mac,
        row.verdict_word,
        row.decided_by.bytes,
        _micros(row.decided_at),
        row.approval or b"",
    )


def share_bytes(row: Share) -> bytes:
    return _framed(
        "portal/share/v1",
        row.id.bytes,
        row.proposal_id.bytes,
        row.document_id.bytes,
        row.version,
        row.rendition_id.bytes,
        row.originator,
        row.recipient,
        row.symbol,
        row.level_number,
        row.terms,
        bytes(row.title),
        bytes(row.file_name),
        row.pages,
        _micros(row.approved_at),
    )


def _micros(at: object) -> int:
    value = _INSTANT.process_bind_param(at, None)  # type: ignore[arg-type]
    assert value is not None
    return value


def _framed(*fields: str | bytes | int) -> bytes:
    raw = [field if isinstance(field, bytes) else str(field).encode() for field in fields]
    return b"".join(len(field).to_bytes(4, "big") + field for field in raw)
