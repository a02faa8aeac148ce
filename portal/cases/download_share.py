"""Take a copy of a share: its PDF, with this person, body, time and a copy number on every page.

A copy that left the portal cannot be taken back; the log names it, and so does each of its pages.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from portal.audit.disclosures import reader
from portal.cases.open_share import open_share, rendition_of_share
from portal.cases.uow import Parts, UnitOfWork
from portal.confidentiality.render.copymark import mark_copy
from portal.kernel.actions import Action
from portal.kernel.permit import Duty, Permit
from portal.sharing.models import Share
from portal.vault.objects import FileKey, SealedObject

CHUNK = 1024 * 1024
#: Without letters and digits that are mistaken for each other.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a copy is made from, and what is written on it."""

    sealed: SealedObject
    key: FileKey
    number: str
    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    number: str
    name: str
    content: bytes

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.content), CHUNK):
            yield self.content[start : start + CHUNK]


def gather_copy(uow: UnitOfWork, permit: Permit, share: Share) -> Wanted:
    permit.must_cover(Action.SHARE_DOWNLOAD, share)
    assert permit.subject is not None
    rendition = rendition_of_share(uow, share)
    sealed, key = open_share(uow, permit, share, rendition, rendition.pdf_object_id)
    number = copy_number()
    when = uow.at.strftime("%Y-%m-%d %H:%M UTC")
    lines = (
        f"{permit.subject.name} {str(permit.subject.id)[:8]}",
        f"{permit.subject.body} {when}",
        f"{share.symbol} Share {str(share.id)[:8]}",
        f"Copy {number}",
    )
    return Wanted(sealed, key, number, uow.words(permit, "share", "file_name", share.id, share.file_name), lines)


@contextmanager
def make_copy(parts: Parts, wanted: Wanted) -> Iterator[Copy]:
    """The copy, in memory; the store is read and the pages are marked while nobody holds a transaction."""
    pdf = b"".join(parts.vault.stream(wanted.sealed, wanted.key))
    yield Copy(wanted.number, wanted.name, mark_copy(pdf, wanted.lines))


def enter_copy(uow: UnitOfWork, permit: Permit, share: Share, copy: Copy) -> None:
    """Enter the copy in the log, before any byte of it leaves."""
    permit.must_cover(Action.SHARE_DOWNLOAD, share)
    assert permit.subject is not None
    uow.discharge(Duty.WATERMARK)
    uow.notes.private |= reader(permit.subject.name)
    uow.notes.share, uow.notes.document = share.id, share.document_id
    uow.notes.detail |= {"copy": copy.number, "size": len(copy.content)}


def copy_number() -> str:
    """Eight characters nobody can guess or count from, for example 7FQ2-MX3B."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
