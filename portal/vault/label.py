"""What a key wrap is bound to: the complete `portal/wrap/v1`, byte for byte in docs/formats/wrap.md. Never a new format without a new name.

After `"portal/wrap/v1\\0"` the fields follow in fixed order, each a big-endian u32 length and the bytes; an absent field is the length
ffffffff; a set is a u32 count and then its members, sorted, each framed.
"""

from dataclasses import dataclass
from uuid import UUID

MAGIC = b"portal/wrap/v1\0"
ABSENT = b"\xff\xff\xff\xff"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLabel:
    """An object as one body may open it. `share_id` and `terms` (SHA-256 of the share's terms) are absent for the originator itself."""

    object_id: UUID
    document_id: UUID
    version: int
    rendition_id: UUID | None
    share_id: UUID | None
    terms: bytes | None
    level: int
    caveats: frozenset[str]
    body: str
    payload_nonce: bytes
    payload_size: int
    kc: bytes
    ph: bytes

    def encode(self, algorithm: str, kek: str, floor: int) -> bytes:
        """The additional data of the wrap made by `algorithm` under `kek` (body/version) at `floor`."""
        return MAGIC + b"".join(
            (
                framed(self.object_id.bytes),
                framed(self.document_id.bytes),
                framed(number(self.version)),
                framed(self.rendition_id.bytes if self.rendition_id else None),
                framed(self.share_id.bytes if self.share_id else None),
                framed(self.terms),
                framed(number(self.level)),
                framed(members(self.caveats)),
                framed(self.body.encode()),
                framed(algorithm.encode()),
                framed(kek.encode()),
                framed(number(floor)),
                framed(self.payload_nonce),
                framed(number(self.payload_size)),
                framed(self.kc),
                framed(self.ph),
            )
        )


def framed(data: bytes | None) -> bytes:
    return ABSENT if data is None else len(data).to_bytes(4, "big") + data


def number(value: int) -> bytes:
    """A big-endian u64."""
    return value.to_bytes(8, "big")


def members(values: frozenset[str]) -> bytes:
    return len(values).to_bytes(4, "big") + b"".join(framed(value.encode()) for value in sorted(values))
