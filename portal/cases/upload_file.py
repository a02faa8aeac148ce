"""An upload in pieces (tus 1.0): begun, continued, asked after. Nothing in clear touches a disk, and every piece is tried once.

Each attempt at a piece is sealed as an object of its own, under a fresh key: a retry with other bytes meets no key and no nonce that was
used before. Only when all its bytes are stored and agree with what was announced does a short transaction enter the segment and move the
offset; of two attempts at one place one wins, and the other's object is removed. The key is wrapped for the originator alone, bound to the
document as of now, version 0: on its way.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.cases.labels import own_label
from portal.cases.plain_text import only_plain
from portal.cases.quotas import demand_fit, demand_room
from portal.cases.uow import Parts, UnitOfWork
from portal.cases.upload_target import UploadTarget
from portal.documents.models import Document
from portal.documents.upload_failures import ChecksumMismatch, Misplaced
from portal.documents.upload_models import Segment, Upload, segment_bytes, upload_bytes
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, TooLarge
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.vault.errors import WrongSize
from portal.vault.objects import FileKey, SealedObject

#: A piece at most, in bytes: what is lost when a connection breaks, and sealed anew.
MOST = 16 * 1024 * 1024
#: Pieces of one upload at most: each is two files of the store.
PIECES = 10_000
#: Checksums a piece may come with (tus 1.0, checksum).
ALGORITHMS = ("sha256", "sha1")
#: The version of a document's file that is still on its way.
IN_TRANSIT = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece as its sender announces it: bytes, how many, where they begin, and (algorithm, digest) if they come with a checksum."""

    chunks: Iterable[bytes]
    size: int
    start: int
    checksum: tuple[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Arriving:
    """What a piece is sealed for."""

    piece: Piece
    recipient: str


@dataclass(frozen=True, slots=True)
class Arrived:
    piece: Piece
    sealed: SealedObject
    key: FileKey


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is. Sizes in bytes."""

    id: UUID
    received: int
    size: int
    expires_at: datetime
    file_name: str = ""
    fingerprint: str = ""


def create_upload(uow: UnitOfWork, permit: Permit, document: Document, *, size: int, file_name: str, fingerprint: str) -> Progress:
    """Begin an upload of `size` bytes. Raises `Invalid`, `TooLarge`, `NoRoom`."""
    permit.must_cover(Action.VERSION_DEPOSIT, document)
    assert permit.subject is not None
    demand_fit(uow, size)
    if len(file_name) > 255 or len(fingerprint) > 128:
        raise Invalid({"file": "The file's name is longer than 255 characters, or its fingerprint than 128. Rename the file."})
    demand_room(uow, document.originator, permit.subject.id, size)
    row = new_id()
    upload = Upload(
        id=row,
        document_id=document.id,
        person_id=permit.subject.id,
        size=size,
        received=0,
        file_name=uow.seal(document.originator, "upload", "file_name", row, only_plain(file_name)),
        fingerprint=uow.seal(document.originator, "upload", "fingerprint", row, only_plain(fingerprint)),
        created_at=uow.at,
        expires_at=uow.at + timedelta(days=uow.parts.config.uploads.keep_days),
    )
    _bind(uow, document, upload)
    uow.uploads.add(upload)
    uow.notes.detail |= {"upload": str(row), "size": size}
    return Progress(row, 0, size, upload.expires_at)


def ask_progress(uow: UnitOfWork, permit: Permit, target: UploadTarget) -> Progress:
    """Where the upload stands, with what its sender said of the file. Raises `Hidden` or `Gone`."""
    permit.must_cover(Action.VERSION_DEPOSIT, target)
    return progress_of(uow, permit, target.going_on(uow))


def progress_of(uow: UnitOfWork, permit: Permit, upload: Upload) -> Progress:
    name = uow.words(permit, "upload", "file_name", upload.id, upload.file_name)
    fingerprint = uow.words(permit, "upload", "fingerprint", upload.id, upload.fingerprint)
    return Progress(upload.id, upload.received, upload.size, upload.expires_at, name, fingerprint)


def gather_piece(uow: UnitOfWork, permit: Permit, target: UploadTarget, piece: Piece) -> Arriving:
    """Refuse, before a byte is read, a piece that cannot be taken: `Hidden`, `Gone`, `Misplaced`, `TooLarge`, `Invalid`."""
    permit.must_cover(Action.VERSION_DEPOSIT, target)
    upload = target.going_on(uow)
    if piece.size > MOST:
        raise TooLarge({"file": f"A piece may have {MOST} bytes (16 MiB) at most. Send smaller pieces."})
    if piece.size == 0:
        raise Invalid({"file": "The piece is empty. Send at least one byte, and say with Content-Length how many."})
    if piece.start != upload.received:
        raise Misplaced(f"the upload stands at {upload.received}, the piece begins at {piece.start}")
    if piece.start + piece.size > upload.size:
        raise TooLarge({"file": f"The file was announced with {upload.size} bytes, and this piece goes beyond. Begin a new upload."})
    if uow.uploads.count(upload.id) >= PIECES:
        raise TooLarge({"file": f"The file came in {PIECES} pieces already. Discard this upload and send larger pieces."})
    return Arriving(piece, uow.parts.recovery[target.document.originator])


@contextmanager
def receive_piece(parts: Parts, arriving: Arriving) -> Iterator[Arrived]:
    """Seal the piece under a fresh key and check it; leaves nothing behind unless it is entered."""
    piece = arriving.piece
    digest = hashlib.new(piece.checksum[0], usedforsecurity=False) if piece.checksum else None

    def counted() -> Iterator[bytes]:
        for chunk in piece.chunks:
            if digest is not None:
                digest.update(chunk)
            yield chunk

    try:
        sealed, key = parts.vault.seal(counted(), piece.size, arriving.recipient, transient=True)
    except WrongSize as error:
        raise piece_cut() from error
    try:
        if digest is not None and piece.checksum and not hmac.compare_digest(digest.digest(), piece.checksum[1]):
            raise ChecksumMismatch({"file": "The piece arrived changed: its checksum is another. Nothing of it was kept. Send it again."})
        yield Arrived(piece, sealed, key)
    except BaseException:
        parts.vault.discard(sealed)
        raise


def enter_piece(uow: UnitOfWork, permit: Permit, target: UploadTarget, arrived: Arrived) -> Progress:
    """Enter the segment and move the offset. Raises `Misplaced` if somebody else's attempt was entered first."""
    permit.must_cover(Action.VERSION_DEPOSIT, target)
    document, upload, piece = target.document, target.going_on(uow), arrived.piece
    if upload.received != piece.start or piece.start + piece.size > upload.size:
        raise Misplaced(f"the upload stands at {upload.received}, the piece begins at {piece.start}")
    label = own_label(document, arrived.sealed, version=IN_TRANSIT)
    uow.objects.add(arrived.sealed, uow.holder.wrap_own(label, arrived.key), uow.at)
    segment = Segment(upload_id=upload.id, start=piece.start, size=piece.size, object_id=arrived.sealed.id)
    segment.mac = uow.holder.mac(document.originator, "segment", segment_bytes(segment))
    uow.uploads.add(segment)
    upload.received += piece.size
    _bind(uow, document, upload)
    return Progress(upload.id, upload.received, upload.size, upload.expires_at)


def _bind(uow: UnitOfWork, document: Document, upload: Upload) -> None:
    upload.mac = uow.holder.mac(document.originator, "upload", upload_bytes(upload))


def piece_cut() -> Invalid:
    return Invalid({"file": "The connection broke within a piece. What had arrived before it is kept: go on from there."})
