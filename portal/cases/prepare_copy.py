"""Take the PDF of a share out for the pouch, by an officer of its originator: what it is for, and a copy number, on every page.

Two officers agreed to exactly this rendition, so it is taken from it and from nothing else. Its number and its SHA-256 are kept: what is
recorded as handed over names them, and its recipient can compare what arrives.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from portal.cases.download_share import Copy, Wanted, copy_number
from portal.cases.labels import own_label
from portal.cases.names import body_short
from portal.cases.open_share import rendition_of_share
from portal.cases.standing import rendition_of
from portal.cases.transfer import HandOver, held_share
from portal.cases.uow import Parts, UnitOfWork
from portal.confidentiality.render.copymark import mark_copy
from portal.kernel.actions import Action
from portal.kernel.errors import Tampered
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.sharing.transfers import PreparedCopy, copy_bytes


def gather_prepared(uow: UnitOfWork, permit: Permit, target: HandOver) -> Wanted:
    permit.must_cover(Action.TRANSFER_RECORD, target)
    share, number = target.share, copy_number()
    document, rendition = uow.documents.get(share.document_id), rendition_of(uow, share.originator, rendition_of_share(uow, share))
    if document is None or rendition is None:
        raise Tampered(f"share {share.id} hangs on rows that are gone")
    sealed = uow.objects.get(rendition.pdf_object_id)
    wrap = uow.objects.wrap(sealed.id, permit.body, None)
    if wrap is None:
        raise Tampered(f"the key of rendition {rendition.id} is gone")
    key = uow.holder.open(permit, wrap, own_label(document, sealed, version=rendition.version, rendition_id=rendition.id))
    lines = (
        f"For the {body_short(uow, share.recipient)} by other means",
        f"From the {body_short(uow, share.originator)} {uow.at:%Y-%m-%d %H:%M UTC}",
        f"{share.symbol} Share {str(share.id)[:8]}",
        f"Copy {number}",
    )
    return Wanted(sealed, key, number, f"{share.symbol.replace('/', '-')} copy {number}.pdf", lines)


@contextmanager
def make_prepared(parts: Parts, wanted: Wanted) -> Iterator[Copy]:
    """The copy, in memory; the store is read and the pages are marked while nobody holds a transaction."""
    pdf = b"".join(parts.vault.stream(wanted.sealed, wanted.key))
    yield Copy(wanted.number, wanted.name, mark_copy(pdf, wanted.lines))


def enter_prepared(uow: UnitOfWork, permit: Permit, target: HandOver, copy: Copy) -> None:
    """Enter the copy, and its SHA-256, before any byte of it leaves."""
    permit.must_cover(Action.TRANSFER_RECORD, target)
    assert permit.subject is not None
    share = target.share
    held_share(uow, permit, share)
    row = PreparedCopy(
        id=new_id(),
        share_id=share.id,
        originator=share.originator,
        number=copy.number,
        digest=hashlib.sha256(copy.content).digest(),
        prepared_by=permit.subject.id,
        prepared_at=uow.at,
    )
    row.mac = uow.holder.mac(share.originator, "prepared-copy", copy_bytes(row))
    uow.transfers.add(row)
    uow.notes.share, uow.notes.document = share.id, share.document_id
    uow.notes.detail |= {"copy": copy.number, "size": len(copy.content), "sha256": row.digest.hex()}
