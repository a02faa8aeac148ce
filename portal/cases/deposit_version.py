"""Receive a file: bytes stream in, are sealed on the way, and only then looked at, in a process of their own.

Nothing in clear touches a disk. If anything fails, at any point, the sealed object is removed again.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from uuid import UUID

from portal.cases.end_uploads import end_others
from portal.cases.examine_file import Examined, examined_file
from portal.cases.labels import own_label
from portal.cases.left_behind import take_back
from portal.cases.plain_text import only_plain
from portal.cases.quotas import demand_fit, demand_room
from portal.cases.refused_files import naming_refusals, scan_file
from portal.cases.uow import Parts, UnitOfWork
from portal.documents.models import Document, Scan, Version
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.vault.errors import WrongSize
from portal.vault.objects import FileKey, SealedObject


@dataclass(frozen=True, slots=True)
class Incoming:
    """An upload as the door announces it. `size` is the declared length in bytes, None when the client did not say."""

    chunks: Iterable[bytes]
    size: int | None
    file_name: str


@dataclass(frozen=True, slots=True)
class Received:
    sealed: SealedObject
    key: FileKey
    examined: Examined
    file_name: str
    scan: Scan

    @property
    def size(self) -> int:
        """Of everything that will be kept, in bytes."""
        record = self.examined.record
        return self.sealed.size + (record[0].size if record else 0)


def file_cut() -> Invalid:
    return Invalid({"file": "The connection broke before the whole file had arrived. Nothing was kept. Send the file again."})


@contextmanager
def receive_file(parts: Parts, gathered: tuple[Permit, Document, Incoming]) -> Iterator[Received]:
    """Seal the bytes and inspect them. Raises `Invalid` (field `file`) for what cannot be taken; leaves nothing behind then."""
    permit, document, incoming = gathered
    permit.must_cover(Action.VERSION_DEPOSIT, document)
    assert permit.subject is not None
    size = incoming.size
    if size is None:
        raise Invalid({"file": "The size of the file was not announced. Choose the file again, or send it with its length."})
    with parts.read() as uow:
        demand_fit(uow, size)
        demand_room(uow, document.originator, permit.subject.id, size)
    name = clean_name(incoming.file_name)
    try:
        sealed, key = parts.vault.seal(incoming.chunks, size, parts.recovery[document.originator])
    except WrongSize as error:
        raise file_cut() from error
    try:
        with ExitStack() as stack:
            with naming_refusals(permit.subject.id, name, size):
                scan = scan_file(parts, sealed, key)
                recipient = parts.recovery[document.originator]
                examined = stack.enter_context(examined_file(parts, sealed, key, name=name, recipient=recipient))
            yield Received(sealed, key, examined, name, scan)
    except BaseException as error:
        take_back(parts.vault, error, sealed)
        raise


def deposit_version(uow: UnitOfWork, permit: Permit, document: Document, received: Received) -> Version:
    """Enter a file that came in one piece."""
    permit.must_cover(Action.VERSION_DEPOSIT, document)
    assert permit.subject is not None
    document = uow.held_for(permit, document)
    demand_room(uow, document.originator, permit.subject.id, received.size)
    return enter_version(uow, permit, document, received)


def enter_version(uow: UnitOfWork, permit: Permit, document: Document, received: Received, *, besides: UUID | None = None) -> Version:
    """Enter the received file as the document's version, with its PDF of record. Their keys are wrapped for the originator alone.

    Whatever else is on its way to this document ends, the upload `besides` excepted, which is its caller's.
    """
    permit.must_cover(Action.VERSION_DEPOSIT, document)
    assert permit.subject is not None
    document = uow.held_for(permit, document)
    if uow.documents.version(document.id) is not None:
        raise Stale("a version was deposited meanwhile")
    number = 1
    record = received.examined.record
    for sealed, key in ((received.sealed, received.key), *([record] if record else [])):
        label = own_label(document, sealed, version=number)
        uow.objects.add(sealed, uow.holder.wrap_own(label, key), uow.at)
    row = new_id()
    version = Version(
        id=row,
        document_id=document.id,
        number=number,
        object_id=received.sealed.id,
        record_object_id=record[0].id if record else None,
        kind=received.examined.kind.value,
        file_name=uow.seal(document.originator, "version", "file_name", row, received.file_name),
        pages=received.examined.pages,
        scan=received.scan.value,
        deposited_by=permit.subject.id,
        deposited_at=uow.at,
    )
    uow.documents.add_version(version)
    end_others(uow, document, besides)
    uow.notes.detail |= {
        "version": number,
        "pages": received.examined.pages,
        "scan": received.scan.value or "none",
        "kc": received.sealed.kc.hex(),
        "ph": received.sealed.ph.hex(),
    }
    if record is not None:
        uow.notes.detail |= {"record_kc": record[0].kc.hex(), "record_ph": record[0].ph.hex()}
    return version


def clean_name(name: str) -> str:
    """The last part of a path, without control characters, at most 200 characters and its ending among them; never empty."""
    last = only_plain(PurePosixPath(PureWindowsPath(name).name).name).strip()
    ending = PurePosixPath(last).suffix[:10]
    return (last if len(last) <= 200 else last[: 200 - len(ending)].strip() + ending) or "document.pdf"
