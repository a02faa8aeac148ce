"""Open the original of a document, or the PDF of record of it: with its originator's own wrap, and nobody else's."""

from dataclasses import dataclass
from uuid import UUID

from portal.cases.labels import own_label
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document, Version
from portal.kernel.errors import Hidden, Stale
from portal.kernel.permit import Permit
from portal.vault.objects import FileKey, SealedObject


@dataclass(frozen=True, slots=True)
class Original:
    version: Version
    sealed: SealedObject
    key: FileKey


def open_original(uow: UnitOfWork, permit: Permit, document: Document, number: int | None = None) -> Original:
    """The file as it came, of this version or of the newest one.

    Raises `Hidden` for a version that there is not, `Stale` if the file or its key is gone; the holder opens nothing for a permit of
    another body.
    """
    version = _version(uow, document, number)
    return _opened(uow, permit, document, version, version.object_id)


def open_record(uow: UnitOfWork, permit: Permit, document: Document, number: int | None = None) -> Original:
    """The PDF that its pages are: the file itself, or what was made of it when it came. Raises likewise."""
    version = _version(uow, document, number)
    return _opened(uow, permit, document, version, version.record_object_id or version.object_id)


def _version(uow: UnitOfWork, document: Document, number: int | None) -> Version:
    version = uow.documents.version(document.id, number)
    if version is None:
        raise Stale("no version") if number is None else Hidden(f"no version {number}")
    return version


def _opened(uow: UnitOfWork, permit: Permit, document: Document, version: Version, object_id: UUID) -> Original:
    sealed = uow.objects.get(object_id)
    wrap = uow.objects.wrap(sealed.id, document.originator, None)
    if wrap is None:
        raise Stale("the document's key is gone")
    return Original(version, sealed, uow.holder.open(permit, wrap, own_label(document, sealed, version=version.number)))
