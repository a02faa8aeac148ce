"""Look at one page of the original and mark on it what a Member State asked to keep. Nothing is kept until the request is recorded.

Marks travel in the form alone. The log learns which page was looked at, never where a box lies.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from portal.cases.file_content import file_content
from portal.cases.kept_passages import kept_passages
from portal.cases.marked import Chosen, boxes_of, by_labels, written
from portal.cases.marks import MarkForm, Marks, pressed, whole_page
from portal.cases.names import body_short, state_choices
from portal.cases.original import open_record
from portal.cases.passage_marks import Echo, PassageMark, echoes, passage_marks
from portal.cases.places import kept_together, words_of
from portal.cases.standing import Register, register_of
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import Box
from portal.confidentiality.models import Scope
from portal.confidentiality.render.found import Found
from portal.confidentiality.render.look import Look, look
from portal.confidentiality.render.watermark import stamp
from portal.confidentiality.rules import RequestWords
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden
from portal.kernel.permit import Duty, Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What requests in force keep already: `wholly`, or `kept`, of which `boxes` are on this page (a single whole one for the page)."""

    wholly: bool
    kept: Chosen
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkView:
    """One page of the original with its marks. `image` is watermarked; `seen` has the page's lines and the boxes as they are painted.

    `reads_pictures`: are the words of a page that is a picture read when the rendition is built?
    `passages`: the outline; None if none were found when the file was deposited. `echoes`: where the wording of what is marked stays.
    `place`: the request that is to be placed; `place_words`: what it covers, and its reference; `place_labels`: those by which it is found.
    """

    symbol: str
    title: str
    level: int
    originator_short: str
    others: tuple[str, ...]
    bodies: list[tuple[str, str]]
    states: list[tuple[str, str]]
    page: int
    pages: int
    image: bytes
    mime: str
    seen: Look
    reads_pictures: bool
    marks: Marks
    standing: Standing
    passages: tuple[PassageMark, ...] | None
    echoes: tuple[Echo, ...]
    version: int
    version_words: str
    place: UUID | None
    place_words: tuple[str, str]
    place_labels: tuple[str, ...]


def mark_passages(uow: UnitOfWork, permit: Permit, document: Document, form: MarkForm) -> MarkView:
    """The page, after what was pressed in the form. `Hidden` for a page, a version or a request that does not exist.

    What is to be placed, and may be found by its labels, is taken by them when one begins, on the page where it is: whoever says where it
    stands has seen it there. A label alone decides nothing: numbers move, and a paragraph may have been cut or have grown.
    """
    permit.must_cover(Action.VERSION_READ, document)
    assert permit.subject is not None
    original = open_record(uow, permit, document, form.version)
    register = register_of(uow, document.id, document)
    last = original.version.pages
    if not 1 <= form.page <= last:
        raise Hidden(f"page {form.page} of {last}")
    found = kept_passages(uow, permit, document, original.version)
    words = _to_place(uow, permit, register, form)
    labels = () if words is None else by_labels(words, found)
    form = _begun(form, labels, found)
    marks = pressed(form, last=last, found=found)
    standing = _standing(uow, permit, register, original.version.number, form.page)
    chunks = file_content(uow.parts.vault, original.sealed, original.key)
    boxes = (*marks.on(form.page), *standing.boxes)
    seen = look(uow.parts.sandbox, chunks, page=form.page, boxes=boxes, painted=marks.painted, language=original.version.language_word)
    when = uow.at.strftime("%Y-%m-%d %H:%M UTC")
    who = [f"{permit.subject.name} {str(permit.subject.id)[:8]}", f"{permit.subject.body} {when}", f"{document.symbol} Original"]
    image = stamp(seen.image, who)
    now, before = marks.chosen, standing.kept
    uow.discharge(Duty.WATERMARK)
    uow.notes.detail["page"] = form.page
    return MarkView(
        symbol=document.symbol,
        title=uow.words(permit, "document", "title", document.id, document.title),
        level=document.level_number,
        originator_short=body_short(uow, document.originator),
        others=tuple(body_short(uow, code) for code in uow.others(document.originator)),
        bodies=[(code, body_short(uow, code)) for code in uow.others(document.originator)],
        states=state_choices(uow, document.states),
        page=form.page,
        pages=last,
        image=image,
        mime="image/png" if image.startswith(b"\x89PNG") else "image/jpeg",
        seen=seen,
        reads_pictures=bool(uow.parts.sandbox.reading("en")),
        marks=marks,
        standing=standing,
        passages=None if found is None else passage_marks(found, now, before, page=form.page, painted=seen.grown),
        echoes=() if found is None or standing.wholly else echoes(found, now, before, painted=seen.grown),
        version=original.version.number,
        version_words=f"Version {original.version.number}, {original.version.language.words}",
        place=form.place,
        place_words=("", "") if words is None else (f"{words.scope_words} of version {words.version}", words.reference),
        place_labels=labels,
    )


def _to_place(uow: UnitOfWork, permit: Permit, register: Register, form: MarkForm) -> RequestWords | None:
    """The request that is to be placed; None for a new one."""
    if form.place is None:
        return None
    row = next((row for row in register.in_force if row.id == form.place), None)
    if row is None:
        raise Hidden(f"no request {form.place} in force")
    return words_of(uow, permit, row)


def _begun(form: MarkForm, labels: tuple[str, ...], found: Found | None) -> MarkForm:
    """The form with these passages taken, if it is the first look; on the page where the first of them begins."""
    if not form.begins or not labels or found is None:
        return form
    return replace(form, boxes=written(labels), page=min(box.page for box in boxes_of(found, labels[0])))


def _standing(uow: UnitOfWork, permit: Permit, register: Register, version: int, page: int) -> Standing:
    requests = register.in_force
    found = kept_together(uow, permit, register, requests, version)
    kept = Chosen(found.pages, found.boxes)
    here = tuple(sorted({box for box in kept.boxes if box.page == page}))
    wholly = any(row.scope is Scope.DOCUMENT for row in requests)
    return Standing(wholly=wholly, kept=kept, boxes=(whole_page(page),) if page in kept.pages else here)
