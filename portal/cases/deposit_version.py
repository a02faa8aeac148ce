"""Receive a file: bytes stream in, are sealed on the way, and only then looked at, in a process of their own.

Nothing in clear touches a disk. If anything fails, at any point, the sealed object is removed again.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from uuid import UUID

from portal.cases.end_uploads import end_others
from portal.cases.examine_file import Examined, examine_file
from portal.cases.kept_passages import SealedPassages, seal_passages
from portal.cases.labels import own_label
from portal.cases.left_behind import take_back
from portal.cases.plain_text import only_plain
from portal.cases.quotas import demand_fit, demand_room
from portal.cases.refused_files import naming_refusals, scan_file
from portal.cases.standing import requests_in_force, seal_requests
from portal.cases.uow import Parts, UnitOfWork
from portal.documents.models import Document, Scan, Version
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Language
from portal.vault.errors import WrongSize
from portal.vault.objects import FileKey, SealedObject


@dataclass(frozen=True, slots=True)
class Incoming:
    """An upload as the door announces it. `size` is the declared length in bytes, None when the client did not say.

    `language` is that of the text, by its code.
    """

    chunks: Iterable[bytes]
    size: int | None
    file_name: str
    language: str = Language.ENGLISH.value


@dataclass(frozen=True, slots=True)
class Received:
    sealed: SealedObject
    key: FileKey
    examined: Examined
    file_name: str
    language: Language
    #: The number of the version that was the newest when it began to arrive; 0 for none.
    after: int
    scan: Scan
    passages: SealedPassages

    @property
    def objects(self) -> tuple[tuple[SealedObject, FileKey], ...]:
        """The file, its PDF of record if it is none, and what was found in it."""
        record = self.examined.record
        return (self.sealed, self.key), *([record] if record else []), *self.passages.objects

    @property
    def size(self) -> int:
        """Of everything that will be kept, in bytes."""
        return sum(sealed.size for sealed, _ in self.objects)


def language_of(word: str) -> Language:
    """Raises `Invalid` (field `language`) for what is none of the six."""
    if word not in set(Language):
        raise Invalid({"language": f"Say in which language the file is: one of {', '.join(Language)}."})
    return Language(word)


def file_cut() -> Invalid:
    return Invalid({"file": "The connection broke before the whole file had arrived. Nothing was kept. Send the file again."})


@contextmanager
def receive_file(parts: Parts, gathered: tuple[Permit, Document, Incoming]) -> Iterator[Received]:
    """Seal the bytes and look into them. Raises `Invalid` for what cannot be taken; leaves nothing behind then."""
    permit, document, incoming = gathered
    permit.must_cover(Action.VERSION_DEPOSIT, document)
    assert permit.subject is not None
    size = incoming.size
    if size is None:
        raise Invalid({"file": "The size of the file was not announced. Choose the file again, or send it with its length."})
    language = language_of(incoming.language)
    with parts.read() as uow:
        demand_fit(uow, size)
        demand_room(uow, document.originator, permit.subject.id, size)
        after = newest_number(uow, document)
    name = clean_name(incoming.file_name)
    try:
        sealed, key = parts.vault.seal(incoming.chunks, size, parts.recovery[document.originator])
    except WrongSize as error:
        raise file_cut() from error
    done = [sealed]
    try:
        received = looked_into(parts, sealed, key, (name, language, after), parts.recovery[document.originator], by=permit.subject.id)
        done = [made for made, _ in received.objects]
        yield received
    except BaseException as error:
        take_back(parts.vault, error, *done)
        raise


def newest_number(uow: UnitOfWork, document: Document) -> int:
    """The number of the newest version; 0 for none."""
    newest = uow.documents.version(document.id)
    return 0 if newest is None else newest.number


def looked_into(
    parts: Parts, sealed: SealedObject, key: FileKey, about: tuple[str, Language, int], recipient: str, *, by: UUID
) -> Received:
    """Scan a sealed file, look whether it is what its name says, find its passages.

    `about`: its name, its language, and after which version it comes.

    Raises what `scan_file` and `examine_file` raise.
    """
    with naming_refusals(by, about[0], sealed.size):
        scan = scan_file(parts, sealed, key)
        examined = examine_file(parts, sealed, key, name=about[0], recipient=recipient)
    record = examined.record
    try:
        passages = seal_passages(parts, *(record or (sealed, key)), recipient)
    except BaseException as error:
        if record is not None:
            take_back(parts.vault, error, record[0])
        raise
    return Received(sealed, key, examined, *about, scan, passages)


def deposit_version(uow: UnitOfWork, permit: Permit, document: Document, received: Received) -> Version:
    """Enter a file that came in one piece."""
    permit.must_cover(Action.VERSION_DEPOSIT, document)
    assert permit.subject is not None
    document = uow.held_for(permit, document)
    demand_room(uow, document.originator, permit.subject.id, received.size)
    return enter_version(uow, permit, document, received)


def enter_version(uow: UnitOfWork, permit: Permit, document: Document, received: Received, *, besides: UUID | None = None) -> Version:
    """Enter the received file as the document's next version, with its PDF of record. Their keys are wrapped for the originator alone.

    It supersedes the newest one of its language. After the first the epoch rises: whatever was prepared or proposed before is stale, while
    what is shared stays as it was released. Whatever else is on its way to this document ends, the upload `besides` excepted, which is its
    caller's. Raises `Stale` if another version came while this one arrived.
    """
    permit.must_cover(Action.VERSION_DEPOSIT, document)
    assert permit.subject is not None
    document = uow.held_for(permit, document)
    if newest_number(uow, document) != received.after:
        raise Stale("a version was deposited meanwhile", public="Another version was sent meanwhile. Look at it, then send yours again.")
    requests_in_force(uow, document.id, document)  # nothing is sealed anew over rows that were changed
    number = received.after + 1
    record = received.examined.record
    for sealed, key in received.objects:
        uow.objects.add(sealed, uow.holder.wrap_own(own_label(document, sealed, version=number), key), uow.at)
    row = new_id()
    version = Version(
        id=row,
        document_id=document.id,
        number=number,
        language_word=received.language.value,
        object_id=received.sealed.id,
        record_object_id=record[0].id if record else None,
        passages_object_id=next((sealed.id for sealed, _ in received.passages.objects), None),
        kind=received.examined.kind.value,
        file_name=uow.seal(document.originator, "version", "file_name", row, received.file_name),
        pages=received.examined.pages,
        scan=received.scan.value,
        deposited_by=permit.subject.id,
        deposited_at=uow.at,
    )
    uow.documents.add_version(version)
    document.epoch += number > 1
    seal_requests(uow, document)
    end_others(uow, document, besides)
    uow.notes.detail |= {
        "version": number,
        "language": received.language.value,
        "pages": received.examined.pages,
        "scan": received.scan.value or "none",
        "passages": received.passages.outcome,
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
