"""The versions of a document as its originator's staff sees them, and where in each what is kept back stands, or does not yet."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.cases.kept_passages import kept_passages
from portal.cases.names import person_name
from portal.cases.place_request import by_labels
from portal.cases.places import words_of
from portal.cases.standing import Register
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import Withheld, pages_words
from portal.confidentiality.models import Request, Scope
from portal.confidentiality.places import Placed
from portal.confidentiality.render.found import Found
from portal.documents.models import Document, Version
from portal.kernel.actions import Action
from portal.kernel.permit import Permit

#: Letters of a found passage that are shown.
LETTERS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """A request in a version on which it was not marked. `marked`: what it covers there, and of which version.

    `where`: its place, if it has one; else `found`: (label, pages, first words) of each passage where its labels are, if all of them are.
    """

    request: UUID
    marked: str
    reference: str
    where: str
    by: str
    found: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """`current`: the newest of its language; `places` only of these. `blocked`: something that is kept back has no place in it yet."""

    number: int
    language: str
    language_words: str
    name: str
    size: int
    pages: int
    deposited_at: datetime
    deposited_by: str
    current: bool
    places: tuple[PlaceView, ...]

    @property
    def blocked(self) -> bool:
        return any(not place.where for place in self.places)


def versions_of(uow: UnitOfWork, permit: Permit, document: Document, register: Register) -> list[VersionView]:
    """The newest first."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    current = {row.number for row in register.current}
    return [_view(uow, permit, document, register, row, row.number in current) for row in reversed(register.versions)]


def _view(uow: UnitOfWork, permit: Permit, document: Document, register: Register, row: Version, current: bool) -> VersionView:
    return VersionView(
        number=row.number,
        language=row.language_word,
        language_words=row.language.words,
        name=uow.words(permit, "version", "file_name", row.id, row.file_name),
        size=uow.objects.get(row.object_id).size,
        pages=row.pages,
        deposited_at=row.deposited_at,
        deposited_by=person_name(uow, permit, row.deposited_by),
        current=current,
        places=_places(uow, permit, document, register, row) if current else (),
    )


def _places(uow: UnitOfWork, permit: Permit, document: Document, register: Register, version: Version) -> tuple[PlaceView, ...]:
    words = [(row, words_of(uow, permit, row)) for row in register.in_force if row.scope is not Scope.DOCUMENT]
    elsewhere = [row for row, said in words if said.version != version.number]
    missing = any(register.place(row.id, version.number) is None for row in elsewhere)
    found = kept_passages(uow, permit, document, version) if missing else None
    return tuple(_place(uow, permit, register, row, version, found) for row in elsewhere)


def _place(uow: UnitOfWork, permit: Permit, register: Register, row: Request, version: Version, found: Found | None) -> PlaceView:
    words, place = words_of(uow, permit, row), register.place(row.id, version.number)
    where, by, labels = "", "", by_labels(words, found)
    if place is not None:
        where = _where(Placed.from_text(uow.words(permit, "request_place", "kept", place.id, place.kept)))
        by, labels = person_name(uow, permit, place.placed_by), None
    return PlaceView(
        request=row.id,
        marked=f"{words.scope_words} of version {words.version}",
        reference=words.reference,
        where=where,
        by=by,
        found=() if labels is None else tuple((label, pages_words(pages), _first(text)) for label, pages, text in labels.labels),
    )


def _where(placed: Placed) -> str:
    """ "§16(e), on page 4"; "page 3, and a passage on page 5"."""
    if placed.labels:
        pages = {box.page for box in placed.kept.boxes}
        return f"{', '.join(placed.labels)}, on {'page' if len(pages) == 1 else 'pages'} {pages_words(pages)}"
    return Withheld(placed.kept.pages, placed.kept.boxes).words


def _first(text: str) -> str:
    return text if len(text) <= LETTERS else text[: LETTERS - 1].rstrip() + "…"
