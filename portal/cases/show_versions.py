"""The versions of a document as its originator's staff sees them, and where in each what is kept back stands, or does not yet."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.cases.names import day, person_name
from portal.cases.places import words_of
from portal.cases.standing import Register, binding
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import pages_words
from portal.confidentiality.models import Request, Scope
from portal.confidentiality.places import Placed, RequestPlace
from portal.confidentiality.rules import RequestWords
from portal.documents.models import Document, Version
from portal.kernel.actions import Action
from portal.kernel.permit import Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """A request in a version on which it was not marked. `by`: who placed it there; empty as long as nobody has.

    For those alone who may see the pages: `where` it was placed, `marked`, what it covers and of which version, and its `reference`.
    """

    request: UUID
    by: str
    where: str = ""
    marked: str = ""
    reference: str = ""


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
        return any(not place.by for place in self.places)


def versions_of(uow: UnitOfWork, permit: Permit, document: Document, register: Register, *, told: bool) -> list[VersionView]:
    """The newest first. `told`: may this person see the pages, so that they read where on them something is kept back?"""
    permit.must_cover(Action.DOCUMENT_READ, document)
    current = {row.number for row in register.current}
    return [_view(uow, permit, register, row, row.number in current, told) for row in reversed(register.versions)]


def placed_words(uow: UnitOfWork, permit: Permit, register: Register, version: int, audience: str) -> list[str]:
    """What was said of this version by one officer, for the second one: each place of what is kept back from that body."""
    said = []
    for row in binding(register.in_force, audience):
        if place := register.place(row.id, version):
            words = words_of(uow, permit, row)
            who = f"{person_name(uow, permit, place.placed_by)}, {day(place.placed_at)}"
            said.append(f"{words.scope_words} of version {words.version}: placed in this one by {who} ({_where(uow, permit, place)})")
    return said


def _view(uow: UnitOfWork, permit: Permit, register: Register, row: Version, current: bool, told: bool) -> VersionView:
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
        places=_places(uow, permit, register, row.number, told) if current else (),
    )


def _places(uow: UnitOfWork, permit: Permit, register: Register, version: int, told: bool) -> tuple[PlaceView, ...]:
    words = [(row, words_of(uow, permit, row)) for row in register.in_force if row.scope is not Scope.DOCUMENT]
    return tuple(_place(uow, permit, register.place(row.id, version), row, said, told) for row, said in words if said.version != version)


def _place(uow: UnitOfWork, permit: Permit, place: RequestPlace | None, row: Request, words: RequestWords, told: bool) -> PlaceView:
    by = "" if place is None else person_name(uow, permit, place.placed_by)
    if not told:
        return PlaceView(request=row.id, by=by)
    return PlaceView(
        request=row.id,
        by=by,
        where="" if place is None else _where(uow, permit, place),
        marked=f"{words.scope_words} of version {words.version}",
        reference=words.reference,
    )


def _where(uow: UnitOfWork, permit: Permit, place: RequestPlace) -> str:
    """ "§16(e), on page 4"; "page 3, and a passage on page 5"."""
    placed = Placed.from_text(uow.words(permit, "request_place", "kept", place.id, place.kept))
    if placed.labels:
        pages = {box.page for box in placed.kept.boxes}
        return f"{', '.join(placed.labels)}, on {'page' if len(pages) == 1 else 'pages'} {pages_words(pages)}"
    return placed.kept.words
