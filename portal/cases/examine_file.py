"""Look at a file that has arrived and lies sealed: is it what its name says, and has it pages? Nothing of it is opened in this process.

A PDF is its own record. Of an office file a PDF of record is made and sealed beside it: pages, passages and renditions are of that, while
the file itself stays as it came.
"""

from dataclasses import dataclass

from portal.cases.file_content import file_content
from portal.cases.uow import Parts
from portal.confidentiality.render.filetype import Kind, check_members, kind_of
from portal.confidentiality.render.inspection import inspect_pdf
from portal.confidentiality.render.refusal import FileRefused, Reason
from portal.vault.objects import FileKey, SealedObject


@dataclass(frozen=True, slots=True)
class Examined:
    """What the file is, how many pages it has, and its PDF of record, if it is none itself."""

    kind: Kind
    pages: int
    record: tuple[SealedObject, FileKey] | None = None


def examine_file(parts: Parts, sealed: SealedObject, key: FileKey, *, name: str, recipient: str) -> Examined:
    """Raises `FileRefused`, and leaves nothing behind then; `sealed`, and the PDF of record that is returned, are its caller's."""
    kind = kind_of(name)
    if kind is None:
        raise FileRefused(Reason.NOT_TAKEN)
    if kind is Kind.PDF:
        return Examined(kind, inspect_pdf(parts.sandbox, file_content(parts.vault, sealed, key)).pages)
    parts.office.demand_ready(kind)
    with parts.sandbox.held(sealed.id) as sandbox:
        check_members(sandbox, kind, file_content(parts.vault, sealed, key))
        pdf = parts.office.record_of(kind, file_content(parts.vault, sealed, key))
        pages = inspect_pdf(sandbox, [pdf]).pages
    return Examined(kind, pages, parts.vault.seal([pdf], len(pdf), recipient))
