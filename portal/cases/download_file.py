"""Take a stored file out of the portal: the original for its own body, the rendition's PDF for a recipient whose terms say "file".

Nobody's name is on it: the log is all that names who took it. Its key is the taker's own body's, so that a recipient gets the rendition
and never the original. Whatever part is asked for, its beginning is entered before a byte of it leaves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from portal.audit.disclosures import reader
from portal.cases.open_share import open_share, rendition_of_share
from portal.cases.original import open_original
from portal.cases.uow import Parts, UnitOfWork
from portal.confidentiality.render.filetype import Kind
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.framing import framed
from portal.kernel.permit import Permit
from portal.sharing.models import Share
from portal.vault.objects import FileKey, SealedObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A stored file and its key. `tag` tells its taker that it is still the same, and tells nobody else anything."""

    sealed: SealedObject
    key: FileKey
    version: int
    name: str
    tag: str
    mime: str = Kind.PDF.mime

    @property
    def size(self) -> int:
        return self.sealed.size


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`length` bytes of a file from `offset`; none for a question about the file alone."""

    wanted: Wanted
    offset: int
    length: int


def gather_original(uow: UnitOfWork, permit: Permit, document: Document, *, number: int | None) -> Wanted:
    """The file of this version, or of the newest one. Raises `Hidden` for one that there is not."""
    permit.must_cover(Action.VERSION_DOWNLOAD, document)
    original = open_original(uow, permit, document, number)
    version = original.version
    name = uow.words(permit, "version", "file_name", version.id, version.file_name)
    tag = tag_of(uow, permit, original.sealed, None)
    return Wanted(sealed=original.sealed, key=original.key, version=version.number, name=name, tag=tag, mime=Kind(version.kind).mime)


def gather_file(uow: UnitOfWork, permit: Permit, share: Share) -> Wanted:
    permit.must_cover(Action.SHARE_FETCH, share)
    rendition = rendition_of_share(uow, share)
    sealed, key = open_share(uow, permit, share, rendition, rendition.pdf_object_id)
    name = uow.words(permit, "share", "file_name", share.id, share.file_name)
    return Wanted(sealed=sealed, key=key, version=share.version, name=name, tag=tag_of(uow, permit, sealed, share.id))


def stream_excerpt(parts: Parts, excerpt: Excerpt) -> Iterator[bytes]:
    """Its bytes, piece by piece, each authenticated before it is given. `Broken` at once if the file does not end as it was sealed."""
    return parts.vault.stream(excerpt.wanted.sealed, excerpt.wanted.key, excerpt.offset, excerpt.length)


def enter_original(uow: UnitOfWork, permit: Permit, document: Document, excerpt: Excerpt) -> None:
    permit.must_cover(Action.VERSION_DOWNLOAD, document)
    uow.notes.document = document.id
    uow.notes.detail |= _said(excerpt)


def enter_file(uow: UnitOfWork, permit: Permit, share: Share, excerpt: Excerpt) -> None:
    permit.must_cover(Action.SHARE_FETCH, share)
    assert permit.subject is not None
    uow.notes.share, uow.notes.document = share.id, share.document_id
    uow.notes.private |= reader(permit.subject.name)
    uow.notes.detail |= _said(excerpt)


def enter_evidence(uow: UnitOfWork, permit: Permit, document: Document, excerpt: Excerpt) -> None:
    permit.must_cover(Action.EVIDENCE_READ, document)
    uow.notes.document = document.id
    uow.notes.detail |= _said(excerpt)


def _said(excerpt: Excerpt) -> dict[str, int]:
    """For the log: the first and the last byte that leave, if any do."""
    said = {"version": excerpt.wanted.version, "size": excerpt.wanted.size}
    if excerpt.length:
        said |= {"from": excerpt.offset, "to": excerpt.offset + excerpt.length - 1}
    return said


def tag_of(uow: UnitOfWork, permit: Permit, sealed: SealedObject, share: UUID | None) -> str:
    """The same for one person and one file; without the body's key nobody can tell that two persons' are of the same file."""
    assert permit.subject is not None
    return uow.holder.mac(permit.body, "etag", framed(permit.subject.id, sealed.id, share)).hex()[:32]
