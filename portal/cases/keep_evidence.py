"""The file that shows what a State said: sealed for the originator alone, never shown in the portal, taken out by its officers.

It belongs to a request, a consultation, or an answer. Nothing of it is parsed here, only shown to the virus scanner, if there is one: how
it begins says whether it is a PDF or a picture, so that nobody keeps a program as a note verbale. Only an officer's own computer opens it.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from portal.cases.consult_state import enter, said
from portal.cases.deposit_version import Incoming, clean_name, file_cut
from portal.cases.download_file import Wanted, tag_of
from portal.cases.labels import own_label
from portal.cases.left_behind import take_back
from portal.cases.quotas import demand_room, megabytes
from portal.cases.refused_files import naming_refusals, scan_file
from portal.cases.standing import register_of
from portal.cases.uow import Parts, UnitOfWork
from portal.confidentiality.communications import Kind
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden, Invalid, Stale, TooLarge
from portal.kernel.permit import Permit
from portal.vault.errors import WrongSize
from portal.vault.objects import FileKey, SealedObject

#: The largest file, in bytes, and how many belong to one thing.
LARGEST, MOST = 25_000_000, 10
#: What it may begin with.
_BEGINNINGS = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
#: As what it leaves: something to be saved.
OPAQUE = "application/octet-stream"
#: What others than its readers are told of a file.
UNNAMED = "A communication"
#: In a key's label: of no version. Versions count from 1.
OF_NO_VERSION = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that arrived and was sealed, not entered yet."""

    sealed: SealedObject
    key: FileKey
    file_name: str


@contextmanager
def receive_evidence(parts: Parts, gathered: tuple[Permit, Document, Incoming]) -> Iterator[Kept]:
    """Seal the bytes. Raises `Invalid` (field `file`) for what is not taken; leaves nothing behind then."""
    permit, document, incoming = gathered
    permit.must_cover(Action.REQUEST_RECORD, document)
    assert permit.subject is not None
    size = incoming.size
    if not size:
        raise Invalid({"file": "The file is empty, or its size was not announced. Choose it again."})
    if size > LARGEST:
        raise TooLarge({"file": f"The file is larger than {megabytes(LARGEST)}. Send a smaller scan."})
    with parts.read() as uow:
        demand_room(uow, document.originator, permit.subject.id, size)
    try:
        sealed, key = parts.vault.seal(_of_a_kind(incoming.chunks), size, parts.recovery[document.originator])
    except WrongSize as error:
        raise file_cut() from error
    name = clean_name(incoming.file_name)
    try:
        with naming_refusals(permit.subject.id, UNNAMED, size):  # the list of refused files is read by more than this is for
            scan_file(parts, sealed, key)
        yield Kept(sealed, key, name)
    except BaseException as error:
        take_back(parts.vault, error, sealed)
        raise


def _of_a_kind(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, if they begin as a PDF, a PNG or a JPEG does."""
    beginning, longest = b"", max(len(known) for known in _BEGINNINGS)
    rest = iter(chunks)
    while len(beginning) < longest and (chunk := next(rest, b"")):
        beginning += chunk
    if not beginning.startswith(_BEGINNINGS):
        raise Invalid({"file": "This is neither a PDF nor a scan (PNG or JPEG). Send the communication as one of these."})
    yield beginning
    yield from rest


def add_evidence(uow: UnitOfWork, permit: Permit, document: Document, about: UUID, kept: Kept) -> None:
    """Enter it for a request, a consultation or an answer of this document. Its key is wrapped for the originator alone."""
    permit.must_cover(Action.REQUEST_RECORD, document)
    assert permit.subject is not None
    document = uow.held_for(permit, document)
    register = register_of(uow, document.id, document)
    shown = {row.id for row in register.requests} | {row.id for row in register.said if row.kind is not Kind.EVIDENCE}
    if about not in shown:
        raise Hidden(f"nothing {about} on document {document.id}")
    if sum(row.kind is Kind.EVIDENCE and row.about == about for row in register.said) >= MOST:
        raise Invalid({"file": f"There are {MOST} files already. Join them into one."})
    demand_room(uow, document.originator, permit.subject.id, kept.sealed.size)
    label = own_label(document, kept.sealed, version=OF_NO_VERSION)
    uow.objects.add(kept.sealed, uow.holder.wrap_own(label, kept.key), uow.at)
    words = json.dumps({"file_name": kept.file_name}, ensure_ascii=False)
    row = enter(uow, document, Kind.EVIDENCE, words, by=permit.subject.id, about=about, object_id=kept.sealed.id)
    uow.notes.detail |= {"evidence": str(row.id), "about": str(about), "kc": kept.sealed.kc.hex(), "ph": kept.sealed.ph.hex()}
    uow.notes.private |= {"file_name": kept.file_name}


def gather_evidence(uow: UnitOfWork, permit: Permit, document: Document, evidence_id: UUID) -> Wanted:
    """The file and its key. Raises `Stale` if its key is gone."""
    permit.must_cover(Action.EVIDENCE_READ, document)
    row = next((row for row in register_of(uow, document.id, document).said if row.id == evidence_id and row.object_id is not None), None)
    if row is None or row.object_id is None:
        raise Hidden(f"no evidence {evidence_id} on document {document.id}")
    sealed = uow.objects.get(row.object_id)
    wrap = uow.objects.wrap(sealed.id, document.originator, None)
    if wrap is None:
        raise Stale("the key of the file is gone")
    key = uow.holder.open(permit, wrap, own_label(document, sealed, version=OF_NO_VERSION))
    name = said(uow, permit, row)["file_name"]
    return Wanted(sealed=sealed, key=key, version=OF_NO_VERSION, name=name, tag=tag_of(uow, permit, sealed, None), mime=OPAQUE)
