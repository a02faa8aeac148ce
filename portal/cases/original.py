"""Open the original of a document: with its originator's own wrap, and nobody else's."""

from dataclasses import dataclass

from portal.cases.labels import own_label
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document, Version
from portal.kernel.errors import Stale
from portal.kernel.permit import Permit
from portal.vault.objects import FileKey, SealedObject


@dataclass(frozen=True, slots=True)
class Original:
    version: Version
    sealed: SealedObject
    key: FileKey


def open_original(uow: UnitOfWork, permit: Permit, document: Document) -> Original:
    """Raises `Stale` if the file or its key is gone; the holder opens nothing for a permit of another body."""
    version = uow.documents.version(document.id)
    if version is None:
        raise Stale("no version")
    sealed = uow.objects.get(version.object_id)
    wrap = uow.objects.wrap(sealed.id, document.originator, None)
    if wrap is None:
        raise Stale("the document's key is gone")
    return Original(version, sealed, uow.holder.open(permit, wrap, own_label(document, sealed, version=version.number)))
