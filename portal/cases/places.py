"""Where what is kept back stands in each version: as it was marked there, or as an officer placed it. Without a place nothing goes on."""

from collections.abc import Sequence
from uuid import UUID

from portal.cases.standing import Register, binding
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import Withheld
from portal.confidentiality.models import Request, Scope
from portal.confidentiality.places import Placed, Unplaced
from portal.confidentiality.rules import RequestWords
from portal.documents.models import Version
from portal.kernel.errors import Invalid, Stale
from portal.kernel.permit import Permit


def words_of(uow: UnitOfWork, permit: Permit, row: Request) -> RequestWords:
    return RequestWords.from_text(uow.words(permit, "request", "words", row.id, row.words))


def kept_in(uow: UnitOfWork, permit: Permit, register: Register, row: Request, version: int) -> Withheld | None:
    """The pages and boxes that a request keeps of this version; None if nobody has said yet where they are.

    Of the whole document it is everything, which no pages and boxes say: ask for its scope first.
    """
    words = words_of(uow, permit, row)
    if row.scope is Scope.DOCUMENT or words.version == version:
        return Withheld(frozenset(words.pages), words.boxes)
    place = register.place(row.id, version)
    return None if place is None else Placed.from_text(uow.words(permit, "request_place", "kept", place.id, place.kept)).kept


def kept_before(uow: UnitOfWork, permit: Permit, register: Register, row: Request, version: int) -> list[Withheld]:
    """What each request of which this one is left over keeps of this version, as far as it has a place there and is not all of it."""
    earlier = {request.id: request for request in register.requests}
    kept: list[Withheld] = []
    while row.narrows is not None:
        row = earlier[row.narrows]
        found = None if row.scope is Scope.DOCUMENT else kept_in(uow, permit, register, row, version)
        kept += [] if found is None else [found]
    return kept


def kept_together(uow: UnitOfWork, permit: Permit, register: Register, rows: Sequence[Request], version: int) -> Withheld:
    """What these requests keep of this version, as far as it has a place there."""
    kept = [found for row in rows if (found := kept_in(uow, permit, register, row, version)) is not None]
    return Withheld(frozenset(page for found in kept for page in found.pages), tuple(box for found in kept for box in found.boxes))


def unplaced(uow: UnitOfWork, permit: Permit, register: Register, rows: Sequence[Request], version: int) -> list[UUID]:
    return [row.id for row in rows if kept_in(uow, permit, register, row, version) is None]


def must_be_placed(uow: UnitOfWork, permit: Permit, register: Register, audience: str, version: int) -> None:
    """Raises `Unplaced` if a request that binds this body has no place in this version."""
    missing = unplaced(uow, permit, register, binding(register.in_force, audience), version)
    if missing:
        raise Unplaced(f"in version {version} these have no place: {', '.join(map(str, missing))}")


def version_of(register: Register, language: str) -> Version:
    """The newest version of this language, or of all if none is named. Raises `Invalid` (field `language`), or `Stale` without any."""
    if not register.versions:
        raise Stale("no version")
    if not language:
        return register.versions[-1]
    found = next((row for row in register.current if row.language_word == language), None)
    if found is None:
        raise Invalid({"language": "There is no version in this language. Choose one of the list."})
    return found


def must_be_current(register: Register, version: int) -> None:
    """Raises `Stale` for a version that another one of its language superseded."""
    if version not in {row.number for row in register.current}:
        raise Stale(
            f"version {version} is superseded",
            public="A newer version has come since this was prepared. Prepare that one, and look at it.",
        )
