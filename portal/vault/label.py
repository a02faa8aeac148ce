"""What an object is, as its keys are bound to it: whoever changes the label alone opens nothing.

The encoding is fixed for good (docs/formats/wrap.md); a new field is a new version of the whole.
"""

from dataclasses import dataclass
from uuid import UUID

from portal.vault.framing import framed

_PREFIX = b"portal/wrap/v1\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLabel:
    """An object under one body's key. `share_id` and `terms` (SHA-256 of the share's terms) are None for the originator's own."""

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

    def encode(self, algorithm: str, kek_id: str, floor: int) -> bytes:
        """The additional data of a wrap of this object's key."""
        return _PREFIX + self._about() + framed(algorithm, kek_id, floor) + self._payload()

    def bare(self) -> bytes:
        """All fields but the three that belong to one wrap: what a grant's statement says of an object."""
        return self._about() + self._payload()

    def _about(self) -> bytes:
        return framed(
            self.object_id,
            self.document_id,
            self.version,
            self.rendition_id,
            self.share_id,
            self.terms,
            self.level,
            self.caveats,
            self.body,
        )

    def _payload(self) -> bytes:
        return framed(self.payload_nonce, self.payload_size, self.kc, self.ph)
