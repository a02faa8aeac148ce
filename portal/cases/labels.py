"""What a key wrap is bound to, rebuilt from the rooms' own rows each time: a level lowered in the database alone opens nothing.

A level that two officers lowered stays in the labels as it was at the registration: the rules read the lower one, the keys stay.
"""

from uuid import UUID

from portal.cases.uow import UnitOfWork
from portal.confidentiality.models import Rendition
from portal.documents.models import Document
from portal.sharing.terms import Terms, terms_digest
from portal.vault.holder import GrantStatement
from portal.vault.label import ObjectLabel
from portal.vault.objects import SealedObject


def own_label(document: Document, sealed: SealedObject, *, version: int, rendition_id: UUID | None = None) -> ObjectLabel:
    """The originator's own label of an object of this document."""
    return ObjectLabel(
        object_id=sealed.id,
        document_id=document.id,
        version=version,
        rendition_id=rendition_id,
        share_id=None,
        terms=None,
        level=document.key_level,
        caveats=document.caveats,
        body=document.originator,
        payload_nonce=sealed.nonce,
        payload_size=sealed.payload_size,
        kc=sealed.kc,
        ph=sealed.ph,
    )


def granted_objects(uow: UnitOfWork, rendition: Rendition, terms: str) -> list[SealedObject]:
    """The objects a share grants: the page pack; the PDF only where the terms let a copy leave."""
    pack = uow.objects.get(rendition.pack_object_id)
    return [pack, uow.objects.get(rendition.pdf_object_id)] if Terms.from_text(terms).downloadable else [pack]


def statement(
    uow: UnitOfWork, document: Document, rendition: Rendition, *, share_id: UUID, recipient: str, terms: str, epoch: int
) -> GrantStatement:
    """What two officers agree to, in full; its digest is what they put their MACs to."""
    labels = tuple(
        own_label(document, sealed, version=rendition.version, rendition_id=rendition.id)
        for sealed in granted_objects(uow, rendition, terms)
    )
    return GrantStatement(
        share_id=share_id,
        document_id=document.id,
        version=rendition.version,
        rendition_id=rendition.id,
        originator=document.originator,
        recipient=recipient,
        level=document.key_level,
        caveats=document.caveats,
        terms=terms_digest(terms),
        epoch=epoch,
        objects=labels,
    )
