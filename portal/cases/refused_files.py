"""Files that are not taken: shown to the virus scanner, refused, and listed with the reason. None of them is kept.

Who works on the document reads on its page which file it was. Security administrators read of every refusal in their body what was
wrong and who sent it, but neither the file's name nor the document.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from portal.cases.facts import BodyTarget, Located
from portal.cases.names import person_name
from portal.cases.uow import Parts, UnitOfWork
from portal.cases.upload_target import UploadTarget
from portal.confidentiality.render.refusal import SENTENCES, FileRefused, Infected, Reason, Sent
from portal.documents.models import Document, Scan
from portal.documents.refused import RefusedFile
from portal.documents.scanner import ScannerFailed, Unscannable
from portal.kernel.actions import Action
from portal.kernel.errors import PortalError
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.vault.objects import FileKey, SealedObject

log = logging.getLogger("portal.scanner")
#: How many an administrator is shown; the log holds all.
SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedView:
    """`name` and `advice` are empty for who may not know which file it was."""

    at: datetime
    by: str
    size: int
    why: str
    malware: bool
    name: str = ""
    advice: str = ""


def scan_file(parts: Parts, sealed: SealedObject, key: FileKey) -> Scan:
    """Show a sealed file to the scanner, before anything else opens it. Raises `FileRefused`; `ScannerFailed` where one is required."""
    scanner = parts.scanner
    if scanner is None:
        return Scan.NONE
    try:
        found = scanner.scan(parts.vault.stream(sealed, key))
    except (ScannerFailed, Unscannable) as error:
        if not scanner.required:
            log.error("a file was taken without being scanned: %s", error.detail)
            return Scan.SKIPPED
        if isinstance(error, Unscannable):
            raise FileRefused(Reason.UNSCANNABLE) from error
        raise
    if found:
        raise Infected(found)
    return Scan.CLEAN


@contextmanager
def naming_refusals(by: UUID, name: str, size: int) -> Iterator[None]:
    """A refusal in here says whose file it was, for the list."""
    try:
        yield
    except FileRefused as error:
        error.sent = Sent(by, name, size)
        raise


def enter_refused(uow: UnitOfWork, located: Located, error: PortalError) -> None:
    """With the refusal of a file, and in its transaction: enter it in the list."""
    if not isinstance(error, FileRefused) or error.sent is None:
        return
    target, row = located.target, new_id()
    document: Document = target.document if isinstance(target, UploadTarget) else target
    uow.refused_files.add(
        RefusedFile(
            id=row,
            document_id=document.id,
            originator=document.originator,
            person_id=error.sent.by,
            reason=error.reason.value,
            signature=error.signature if isinstance(error, Infected) else "",
            file_name=uow.seal(document.originator, "refused_file", "file_name", row, error.sent.name),
            size=error.sent.size,
            refused_at=uow.at,
        )
    )


def refused_of(uow: UnitOfWork, permit: Permit, document: Document) -> list[RefusedView]:
    """What was refused for this document, with the files' names."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    return [
        replace(
            _view(uow, permit, row),
            name=uow.words(permit, "refused_file", "file_name", row.id, row.file_name) or "A file",
            advice=SENTENCES[Reason(row.reason)].partition(". ")[2],
        )
        for row in uow.refused_files.of_document(document.id)
    ]


def list_refused(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[RefusedView]:
    """What was refused in the administrator's own body, without a word of the files and documents."""
    permit.must_cover(Action.PERSON_LIST, body)
    return [_view(uow, permit, row) for row in uow.refused_files.of_body(body.code, limit=SHOWN)]


def _view(uow: UnitOfWork, permit: Permit, row: RefusedFile) -> RefusedView:
    """What everybody may read who sees the list at all."""
    by, malware = person_name(uow, permit, row.person_id), row.reason == Reason.MALWARE
    return RefusedView(at=row.refused_at, by=by, size=row.size, why=_why(row), malware=malware)


def forget_names(uow: UnitOfWork, document: Document) -> None:
    """With a document's shredding: the names of files that were sent for it are gone, too."""
    for row in uow.refused_files.of_document(document.id):
        row.file_name = uow.seal(document.originator, "refused_file", "file_name", row.id, "")


def _why(row: RefusedFile) -> str:
    if row.reason == Reason.MALWARE:
        return f"Malware: {row.signature}"
    return SENTENCES[Reason(row.reason)].partition(". ")[0] + "."
