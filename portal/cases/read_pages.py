"""Read a page: the recipient from a share, the originator from the rendition they are about to share. Images only, watermarked.

The page pack is opened with the key of the permit's own body and no other. A recipient has no wrap of the original at all.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from portal.audit.disclosures import reader
from portal.cases import facts
from portal.cases.facts import Located
from portal.cases.labels import own_label
from portal.cases.open_share import open_share, rendition_of_share
from portal.cases.standing import rendition_of
from portal.cases.uow import UnitOfWork
from portal.confidentiality.models import Rendition
from portal.confidentiality.render.notice import is_notice
from portal.confidentiality.render.pack import PackReader
from portal.confidentiality.render.watermark import stamp
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden, Tampered
from portal.kernel.permit import Duty, Permit, Subject
from portal.sharing.models import Share
from portal.vault.objects import FileKey, SealedObject


@dataclass(frozen=True, slots=True)
class PreviewTarget:
    """A rendition together with the document it belongs to; the permit is about the document."""

    document: Document
    rendition: Rendition


def preview_target(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, rendition_id: UUID) -> Located:
    """The document, and this rendition of it. A rendition of another document is as absent as one that never was."""
    assert subject is not None
    located = facts.document(uow, subject, document_id=document_id)
    rendition = uow.renditions.get(rendition_id)
    if located.target is not None and located.facts.originator == subject.body:
        rendition = rendition_of(uow, subject.body, rendition)
    if located.target is None or rendition is None or rendition.document_id != document_id:
        return Located(replace(located.facts, present=False), None)
    return Located(located.facts, PreviewTarget(located.target, rendition))


@dataclass(frozen=True, slots=True)
class Page:
    """One page as this person may see it: a watermarked image, and its kept words for a screen reader."""

    number: int
    pages: int
    image: bytes
    mime: str
    text: tuple[str, ...]
    title: str
    symbol: str
    level: int
    absent: bool


def read_share_page(uow: UnitOfWork, permit: Permit, share: Share, number: int) -> Page:
    """One page of a share. `Hidden` for a page that does not exist."""
    permit.must_cover(Action.SHARE_READ, share)
    assert permit.subject is not None
    rendition = rendition_of_share(uow, share)
    sealed, key = open_share(uow, permit, share, rendition, rendition.pack_object_id)
    uow.notes.detail["page"] = number
    uow.notes.private |= reader(permit.subject.name)
    title = uow.words(permit, "share", "title", share.id, share.title)
    return _page(
        uow, permit, sealed, key, number, title=title, symbol=share.symbol, level=share.level_number, mark=f"Share {str(share.id)[:8]}"
    )


def read_rendition_page(uow: UnitOfWork, permit: Permit, target: PreviewTarget, number: int) -> Page:
    """One page of a rendition, by its originator, exactly as the other body will see it."""
    document, rendition = target.document, target.rendition
    permit.must_cover(Action.RENDITION_READ, document)
    sealed = uow.objects.get(rendition.pack_object_id)
    wrap = uow.objects.wrap(sealed.id, permit.body, None)
    if wrap is None:
        raise Tampered(f"the key of rendition {rendition.id} is gone")
    key = uow.holder.open(permit, wrap, own_label(document, sealed, version=rendition.version, rendition_id=rendition.id))
    uow.notes.detail |= {"page": number, "rendition": str(rendition.id)}
    title = uow.words(permit, "document", "title", document.id, document.title)
    return _page(uow, permit, sealed, key, number, title=title, symbol=document.symbol, level=document.level_number, mark="Preview")


def _page(
    uow: UnitOfWork, permit: Permit, sealed: SealedObject, key: FileKey, number: int, *, title: str, symbol: str, level: int, mark: str
) -> Page:
    assert permit.subject is not None
    pack = PackReader(lambda offset, length: uow.parts.vault.open(sealed, key, offset, length))
    if not 1 <= number <= pack.pages:
        raise Hidden(f"page {number} of {pack.pages}")
    page = pack.page(number)
    when = uow.at.strftime("%Y-%m-%d %H:%M UTC")
    image = stamp(page.image, [f"{permit.subject.name} {str(permit.subject.id)[:8]}", f"{permit.subject.body} {when}", f"{symbol} {mark}"])
    uow.discharge(Duty.WATERMARK)
    mime = "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"
    return Page(number, pack.pages, image, mime, tuple(page.text.splitlines()), title, symbol, level, is_notice(page.text.strip()))
