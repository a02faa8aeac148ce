"""What a key wrap is bound to, rebuilt from the rooms' own rows each time: a level lowered in the database alone opens nothing."""

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from portal.cases.uow import UnitOfWork
from portal.confidentiality.models import Rendition
from portal.documents.models import Document
from portal.vault.holder import GrantStatement
from portal.vault.label import ObjectLabel
from portal.vault.objects import SealedObject


@dataclass(frozen=True, slots=True)
class Terms:
    """How a share may be used. In this release always: view only, watermarked."""

    use: str = "view_only"

    def to_text(self) -> str:
        return json.dumps({"use": self.use, "v": 1}, sort_keys=True, separators=(",", ":"))

    @property
    def words(self) -> str:
        return "View only, watermarked"


def terms_digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def own_label(document: Document, sealed: SealedObject, *, version: int, rendition_id: UUID | None = None) -> ObjectLabel:
    """The originator's own label of an object of this document."""
    return ObjectLabel(
        object_id=sealed.id,
        document_id=document.id,
        version=version,
        rendition_id=rendition_id,
        share_id=None,
        terms=None,
        level=document.level_number,
        caveats=document.caveats,
        body=document.originator,
        payload_nonce=sealed.nonce,
        payload_size=sealed.payload_size,
        kc=sealed.kc,
        ph=sealed.ph,
    )


def granted_objects(uow: UnitOfWork, rendition: Rendition) -> list[SealedObject]:
    """The objects a view-only share grants: the page pack, never the PDF."""
    return [uow.objects.get(rendition.pack_object_id)]


def statement(
    uow: UnitOfWork, document: Document, rendition: Rendition, *, share_id: UUID, recipient: str, terms: str, epoch: int
) -> GrantStatement:
    """What two officers agree to, in full; its digest is what they put their MACs to."""
    labels = tuple(
        own_label(document, sealed, version=rendition.version, rendition_id=rendition.id) for sealed in granted_objects(uow, rendition)
    )
    return GrantStatement(
        share_id=share_id,
        document_id=document.id,
        version=rendition.version,
        rendition_id=rendition.id,
        originator=document.originator,
        recipient=recipient,
        level=document.level_number,
        caveats=document.caveats,
        terms=terms_digest(terms),
        epoch=epoch,
        objects=labels,
    )
