"""Read a page: the recipient from a share, the originator from the rendition they are about to share. Images only, watermarked.

The page pack is opened with the key of the permit's own body and no other. A recipient has no wrap of the original at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from portal.audit.disclosures import reader
from portal.cases import facts
from portal.cases.facts import Located
from portal.cases.labels import own_label
from portal.cases.open_share import open_share, rendition_of_share
from portal.cases.reading_sessions import enter_view, opened_pages
from portal.cases.standing import level_of, rendition_of
from portal.cases.uow import Notes, UnitOfWork
from portal.confidentiality.models import Rendition
from portal.confidentiality.render.find import LEAST, MOST, findable, folded, places
from portal.confidentiality.render.notice import is_notice
from portal.confidentiality.render.pack import PackReader
from portal.confidentiality.render.sketch import Sketches
from portal.confidentiality.render.watermark import stamp
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden, Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Duty, Permit, Subject
from portal.sharing.models import Share
from portal.vault.objects import FileKey, SealedObject

#: How many pages before and after the one that is read the list of pages shows.
NEARBY = 4
_SKETCHES = Sketches(500)


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
class Found:
    """Where words stand: pages and how often, and nothing of what stands around them. `fault`: why nothing was looked for."""

    term: str
    places: Mapping[int, int]
    fault: str = ""

    @property
    def total(self) -> int:
        return sum(self.places.values())


@dataclass(frozen=True, slots=True)
class Page:
    """One page as this person may see it: a watermarked image, and its kept words for a screen reader.

    `opened` are the pages of this share that were opened in this session, this one with them; of those nearby there are `sketches`.
    """

    number: int
    pages: int
    image: bytes
    mime: str
    text: tuple[str, ...]
    title: str
    symbol: str
    level: int
    absent: bool
    language: str
    opened: frozenset[int] = frozenset()
    sketches: Mapping[int, bytes] = field(default_factory=dict)
    found: Found | None = None


@dataclass(frozen=True, slots=True)
class _Opened:
    """A page pack that was opened under a permit, and what its pages belong to."""

    pack: PackReader
    object_id: UUID
    number: int
    title: str
    symbol: str
    level: int
    mark: str
    language: str


def read_share_page(uow: UnitOfWork, permit: Permit, share: Share, number: int, *, term: str | None = None) -> Page:
    """One page of a share, and where a term stands in it if one is looked for. `Hidden` for a page that does not exist.

    The first view in a reading session is an event; further ones are counted (`reading_sessions`). A search is an event each time.
    """
    permit.must_cover(Action.SHARE_READ, share)
    assert permit.subject is not None
    rendition = rendition_of_share(uow, share)
    sealed, key = open_share(uow, permit, share, rendition, rendition.pack_object_id)
    opened = _Opened(
        pack=_pack(uow, sealed, key, number),
        object_id=sealed.id,
        number=number,
        title=uow.words(permit, "share", "title", share.id, share.title),
        symbol=share.symbol,
        level=level_of(uow, share),
        mark=f"Share {str(share.id)[:8]}",
        language=_language(uow, share.document_id, share.version),
    )
    name = reader(permit.subject.name)
    uow.notes.detail["page"] = number
    uow.notes.private |= name
    before, found, share_id = opened_pages(uow, permit, share), None, share.id
    if term is None:
        uow.enters = lambda later: enter_view(later, permit, share_id, number)
    else:
        found = _find(opened.pack, term)
        uow.notes.detail["searched"] = 0 if found.fault else opened.pack.pages
        viewed = Notes(detail={"page": number}, private=dict(name), share=share_id, document=share.document_id)
        originator = share.originator
        uow.enters = lambda later: _enter_found(later, permit, viewed, originator)
    page = replace(_page(uow, permit, opened), opened=before | {number}, found=found)
    return replace(page, sketches=_sketches(opened, page.opened))


def _enter_found(later: UnitOfWork, permit: Permit, viewed: Notes, originator: str) -> bool:
    """The page that comes with what was found is a view like any other; the search has its own event besides."""
    assert viewed.share is not None
    if not enter_view(later, permit, viewed.share, int(str(viewed.detail["page"]))):
        later.also(Event.SHARE_PAGE_READ, viewed, originator=originator)
    return False


def read_rendition_page(uow: UnitOfWork, permit: Permit, target: PreviewTarget, number: int, *, term: str | None = None) -> Page:
    """One page of a rendition, by its originator, exactly as the other body will see it. Every view is an event."""
    document, rendition = target.document, target.rendition
    permit.must_cover(Action.RENDITION_READ, document)
    sealed = uow.objects.get(rendition.pack_object_id)
    wrap = uow.objects.wrap(sealed.id, permit.body, None)
    if wrap is None:
        raise Tampered(f"the key of rendition {rendition.id} is gone")
    key = uow.holder.open(permit, wrap, own_label(document, sealed, version=rendition.version, rendition_id=rendition.id))
    uow.notes.detail |= {"page": number, "rendition": str(rendition.id)}
    opened = _Opened(
        pack=_pack(uow, sealed, key, number),
        object_id=sealed.id,
        number=number,
        title=uow.words(permit, "document", "title", document.id, document.title),
        symbol=document.symbol,
        level=document.level_number,
        mark="Preview",
        language=_language(uow, document.id, rendition.version),
    )
    found = None if term is None else _find(opened.pack, term)
    if found is not None:
        uow.notes.detail["searched"] = 0 if found.fault else opened.pack.pages
    return replace(_page(uow, permit, opened), found=found)


def _pack(uow: UnitOfWork, sealed: SealedObject, key: FileKey, number: int) -> PackReader:
    pack = PackReader(lambda offset, length: uow.parts.vault.open(sealed, key, offset, length))
    if not 1 <= number <= pack.pages:
        raise Hidden(f"page {number} of {pack.pages}")
    return pack


def _language(uow: UnitOfWork, document_id: UUID, number: int) -> str:
    version = uow.documents.version(document_id, number)
    if version is None:
        raise Tampered(f"document {document_id} has no version {number}")
    return version.language.value


def _find(pack: PackReader, term: str) -> Found:
    """Page after page of the kept text; at most one page of it is in memory."""
    words = folded(term)
    if not findable(words):
        return Found(term, {}, f"Give {LEAST} letters or more, and not more than {MOST}.")
    return Found(term, places(((number, pack.text(number)) for number in range(1, pack.pages + 1)), words))


def _sketches(opened: _Opened, pages: frozenset[int]) -> Mapping[int, bytes]:
    """Of the pages that were opened, those that stand beside this one in the list of pages."""

    def of(number: int) -> bytes:
        return _SKETCHES.of((opened.object_id, number), lambda: opened.pack.page(number).image)

    return {number: of(number) for number in sorted(pages) if abs(number - opened.number) <= NEARBY}


def _page(uow: UnitOfWork, permit: Permit, opened: _Opened) -> Page:
    assert permit.subject is not None
    page = opened.pack.page(opened.number)
    when = uow.at.strftime("%Y-%m-%d %H:%M UTC")
    lines = [f"{permit.subject.name} {str(permit.subject.id)[:8]}", f"{permit.subject.body} {when}", f"{opened.symbol} {opened.mark}"]
    image = stamp(page.image, lines)
    uow.discharge(Duty.WATERMARK)
    return Page(
        number=opened.number,
        pages=opened.pack.pages,
        image=image,
        mime="image/png" if image.startswith(b"\x89PNG") else "image/jpeg",
        text=tuple(page.text.splitlines()),
        title=opened.title,
        symbol=opened.symbol,
        level=opened.level,
        absent=is_notice(page.text.strip()),
        language=opened.language,
    )
