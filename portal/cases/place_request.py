"""Say where what is kept back stands in another version than the one it was marked on. One officer does; then that version can be prepared.

By label, where the passages were taken whole and this version has all of them; else by marks on its pages. It is said once for each request
and version, and never changed: to keep more, record it; to keep less takes two officers (`cases.lift_request`). Nothing is opened by it:
what is prepared then is looked at and released by two.
"""

from dataclasses import dataclass
from uuid import UUID

from portal.cases.kept_passages import kept_passages
from portal.cases.places import kept_in, words_of
from portal.cases.request_form import RequestForm, kept_of
from portal.cases.standing import Register, register_of, seal_requests
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.models import Request, Scope
from portal.confidentiality.places import Placed, RequestPlace, request_place_bytes
from portal.confidentiality.render.found import Found
from portal.confidentiality.render.text_passages import taken
from portal.confidentiality.rules import RequestWords
from portal.documents.models import Document, Version
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden, Invalid, Stale
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceForm:
    """`found`: where the labels are found; else `pages` and `boxes`, as on the marking page."""

    request: UUID | None
    version: int | None
    found: bool = False
    pages: str = ""
    boxes: str = ""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Where the passages of a request are found in a version, by their labels: (label, its pages, its first words) and all their boxes."""

    labels: tuple[tuple[str, tuple[int, ...], str], ...]
    boxes: tuple[Box, ...]


def place_request(uow: UnitOfWork, permit: Permit, document: Document, form: PlaceForm) -> None:
    """Raises `Invalid` with every fault, `Stale` for what was placed already or a version that is superseded, `Hidden`."""
    permit.must_cover(Action.REQUEST_RECORD, document)
    assert permit.subject is not None
    document = uow.held_for(permit, document)
    register = register_of(uow, document.id, document)
    row, version = _target(register, form)
    if kept_in(uow, permit, register, row, version.number) is not None:
        raise Stale("placed already", public="It has its place in this version already. To keep more of it, record that.")
    placed = _found(uow, permit, document, row, version) if form.found else _marked(uow, permit, document, version, form)
    enter_place(uow, document, row, version, placed, by=permit.subject.id)
    uow.notes.detail |= {"request": str(row.id), "version": version.number, "found": form.found}


def enter_place(uow: UnitOfWork, document: Document, request: Request, version: Version, placed: Placed, *, by: UUID) -> RequestPlace:
    """One more place, bound to the document that this transaction holds."""
    row = new_id()
    entered = RequestPlace(
        id=row,
        document_id=document.id,
        originator=document.originator,
        request_id=request.id,
        version=version.number,
        kept=uow.seal(document.originator, "request_place", "kept", row, placed.to_text()),
        placed_by=by,
        placed_at=uow.at,
    )
    entered.mac = uow.holder.mac(document.originator, "request place", request_place_bytes(entered))
    uow.request_places.add(entered)
    seal_requests(uow, document)
    return entered


def by_labels(words: RequestWords, found: Found | None) -> FoundPlace | None:
    """Where a version has the passages that were taken whole; None unless it has every one, and nothing else was marked."""
    if found is None or not words.labels or words.pages or set(words.boxes) != set(words.of_labels):
        return None
    if not set(words.labels) <= {passage.label for passage in found.passages}:
        return None
    gone = {label: taken(found.passages, label) for label in words.labels}
    told = tuple((label, tuple(sorted({page for part in parts for page in part.pages})), parts[0].text) for label, parts in gone.items())
    return FoundPlace(told, tuple(sorted({box for parts in gone.values() for part in parts for box in part.boxes})))


def _target(register: Register, form: PlaceForm) -> tuple[Request, Version]:
    row = next((row for row in register.in_force if row.id == form.request and row.scope is not Scope.DOCUMENT), None)
    version = next((version for version in register.versions if version.number == form.version), None)
    if row is None or version is None:
        raise Hidden("no such request in force, or no such version")
    if version not in register.current:
        raise Stale("superseded", public="A newer version has come. Say where it stands in that one.")
    return row, version


def _found(uow: UnitOfWork, permit: Permit, document: Document, row: Request, version: Version) -> Placed:
    place = by_labels(words_of(uow, permit, row), kept_passages(uow, permit, document, version))
    if place is None:
        raise Stale("not found by label", public="It is not found in this version by its labels. Mark it on the pages.")
    return Placed(Withheld(boxes=place.boxes), tuple(label for label, _, _ in place.labels))


def _marked(uow: UnitOfWork, permit: Permit, document: Document, version: Version, form: PlaceForm) -> Placed:
    faults: dict[str, str] = {}
    said = RequestForm(
        state="", reference="", dated="", received="", scope=Scope.PASSAGES, pages=form.pages, boxes=form.boxes, version=version.number
    )
    kept = kept_of(uow, permit, document, said, faults)
    if faults:
        raise Invalid(faults)
    return Placed(Withheld(kept.pages, kept.boxes), kept.labels if not kept.pages and kept.boxes == kept.of_labels else ())
