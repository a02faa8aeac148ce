"""Deposit what arrived in pieces: the segments are opened, streamed into one object under a key of its own, and inspected.

The segments' rows go in the transaction that enters the version, their objects after it. Asked for again, by the same person, it
answers as the first time and does nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from portal.cases.deposit_version import Received, clean_name, enter_version, language_of, looked_into, newest_number
from portal.cases.end_uploads import end_upload
from portal.cases.labels import own_label
from portal.cases.uow import Parts, UnitOfWork
from portal.cases.upload_file import IN_TRANSIT
from portal.cases.upload_target import UploadTarget
from portal.documents.upload_failures import Gone, Unfinished
from portal.documents.upload_models import How, Segment, segment_bytes
from portal.kernel.actions import Action
from portal.kernel.errors import Tampered
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Language
from portal.vault.errors import Broken
from portal.vault.objects import FileKey, SealedObject


@dataclass(frozen=True, slots=True)
class Gathered:
    """The opened segments in order; none if it is all done already."""

    target: UploadTarget
    segments: tuple[tuple[SealedObject, FileKey], ...]
    size: int
    file_name: str
    language: Language
    after: int
    recipient: str


@dataclass(slots=True)
class Assembled:
    """The whole file as one object; `kept` once a transaction has entered it."""

    received: Received | None
    kept: bool = False


def gather_upload(uow: UnitOfWork, permit: Permit, target: UploadTarget, *, language: str) -> Gathered:
    """Open the segments. Raises `Hidden`, `Gone`, `Unfinished`, `Invalid`, and `Tampered` for rows that are not as they were written."""
    permit.must_cover(Action.VERSION_DEPOSIT, target)
    recipient = uow.parts.recovery[target.document.originator]
    if target.is_deposited:
        return Gathered(target, (), 0, "", Language.ENGLISH, 0, recipient)
    said, upload = language_of(language), target.going_on(uow)
    if upload.received != upload.size:
        raise Unfinished(f"{upload.received} of {upload.size} bytes arrived")
    opened, end = [], 0
    for segment in uow.uploads.segments(upload.id):
        if segment.start != end:
            raise Tampered(f"upload {upload.id}: a segment begins at {segment.start}, the one before ends at {end}")
        opened.append(_open(uow, permit, target, segment))
        end += segment.size
    if end != upload.size:
        raise Tampered(f"upload {upload.id}: its segments hold {end} bytes, not {upload.size}")
    name = uow.words(permit, "upload", "file_name", upload.id, upload.file_name)
    return Gathered(target, tuple(opened), upload.size, clean_name(name), said, newest_number(uow, target.document), recipient)


def _open(uow: UnitOfWork, permit: Permit, target: UploadTarget, segment: Segment) -> tuple[SealedObject, FileKey]:
    document = target.document
    uow.holder.check(document.originator, "segment", segment_bytes(segment), segment.mac)
    sealed = uow.objects.get(segment.object_id)
    wrap = uow.objects.wrap(sealed.id, document.originator, None)
    if wrap is None or sealed.size != segment.size:
        raise Tampered(f"segment {segment.start} of upload {segment.upload_id}: its key is gone, or its size is another")
    return sealed, uow.holder.open(permit, wrap, own_label(document, sealed, version=IN_TRANSIT))


@contextmanager
def assemble_file(parts: Parts, gathered: Gathered) -> Iterator[Assembled]:
    """Seal the whole and look into it, without a transaction; leaves nothing behind unless it is entered."""
    if gathered.target.is_deposited:
        yield Assembled(None)
        return
    try:
        sealed, key = parts.vault.seal(_content(parts, gathered), gathered.size, gathered.recipient)
    except Broken as error:
        if _is_over(parts, gathered.target):
            raise Gone("the upload was discarded while it was put together") from error
        raise
    assembled, done = Assembled(None), [sealed]
    try:
        assert gathered.target.upload is not None
        by = gathered.target.upload.person_id
        about = (gathered.file_name, gathered.language, gathered.after)
        assembled.received = looked_into(parts, sealed, key, about, gathered.recipient, by=by)
        done = [made for made, _ in assembled.received.objects]
        yield assembled
    except BaseException:
        _discard(parts, done)
        raise
    if not assembled.kept:
        _discard(parts, done)


def _discard(parts: Parts, done: Iterable[SealedObject]) -> None:
    for sealed in done:
        parts.vault.discard(sealed)


def _content(parts: Parts, gathered: Gathered) -> Iterator[bytes]:
    for sealed, key in gathered.segments:
        yield from parts.vault.stream(sealed, key)


def _is_over(parts: Parts, target: UploadTarget) -> bool:
    with parts.read() as uow:
        return not uow.uploads.exists(target.upload_id)


def deposit_upload(uow: UnitOfWork, permit: Permit, target: UploadTarget, assembled: Assembled) -> bool:
    """Enter the file as the document's version and end the upload; False if that was done before. Raises `Hidden`, `Gone`, `Stale`."""
    permit.must_cover(Action.VERSION_DEPOSIT, target)
    uow.notes.detail |= {"upload": str(target.upload_id)}
    if target.is_deposited:
        uow.notes.detail |= {"repeated": True}
        return False
    upload = target.going_on(uow)
    if assembled.received is None:
        raise Gone("the upload is another than when it was gathered")
    enter_version(uow, permit, target.document, assembled.received, besides=upload.id)
    end_upload(uow, upload, How.DEPOSITED)
    assembled.kept = True
    return True
