"""Say where what is kept back stands in another version than the one it was marked on. One officer does; then that version can be prepared.

It is said on the pages of that version, by whoever may see them (`cases.mark_passages`): passages that were taken whole, and of which the
version has every label, are taken there already. It is said once for each request and version, and never changed: to keep more, record it;
to keep less takes two officers (`cases.lift_request`). Nothing is opened by it: what is prepared then is looked at and released by two.
"""

from dataclasses import dataclass
from uuid import UUID

from portal.cases import facts
from portal.cases.places import kept_before, kept_in
from portal.cases.request_form import RequestForm, kept_of
from portal.cases.standing import Register, register_of, seal_requests
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import Withheld
from portal.confidentiality.models import Request, Scope
from portal.confidentiality.places import Placed, RequestPlace, request_place_bytes
from portal.documents.models import Document, Version
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden, Invalid, Stale
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.policy.decide import decide


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceForm:
    """`pages` and `boxes`, as on the marking page."""

    request: UUID | None
    version: int | None
    pages: str = ""
    boxes: str = ""


def place_request(uow: UnitOfWork, permit: Permit, document: Document, form: PlaceForm) -> None:
    """Raises `Invalid` with every fault, `Stale` for what was placed already or a version that is superseded, `Hidden`; and what `decide`
    raises of somebody who may not see the pages."""
    permit.must_cover(Action.REQUEST_RECORD, document)
    assert permit.subject is not None
    _must_see_the_pages(uow, permit, document)
    document = uow.held_for(permit, document)
    register = register_of(uow, document.id, document)
    row, version = _target(register, form)
    if kept_in(uow, permit, register, row, version.number) is not None:
        raise Stale("placed already", public="It has its place in this version already. To keep more of it, record that.")
    placed = _marked(uow, permit, document, version, form)
    _must_lie_within(uow, permit, register, row, version, placed)
    enter_place(uow, document, row, version, placed, by=permit.subject.id)
    uow.notes.detail |= {"request": str(row.id), "version": version.number, "found": bool(placed.labels)}


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


def _target(register: Register, form: PlaceForm) -> tuple[Request, Version]:
    row = next((row for row in register.in_force if row.id == form.request and row.scope is not Scope.DOCUMENT), None)
    version = next((version for version in register.versions if version.number == form.version), None)
    if row is None or version is None:
        raise Hidden("no such request in force, or no such version")
    if version not in register.current:
        raise Stale("superseded", public="A newer version has come. Say where it stands in that one.")
    return row, version


def _must_see_the_pages(uow: UnitOfWork, permit: Permit, document: Document) -> None:
    """Where it stands is said of pages: whoever may not see these, or has to confirm first that it is them, says nothing about them."""
    located = facts.document(uow, permit.subject, document_id=document.id)
    decide(uow.parts.policies, permit.subject, Action.VERSION_READ, located.facts, uow.context(permit.subject))


def _must_lie_within(uow: UnitOfWork, permit: Permit, register: Register, row: Request, version: Version, placed: Placed) -> None:
    """What leaves out a request leaves out what it was narrowed to (`Register.honoured`): that must be so in every version, too."""
    if not all(placed.kept.within(before) for before in kept_before(uow, permit, register, row, version.number)):
        more = "This keeps something that was not kept in this version. Record it as a request of its own; it works at once."
        raise Invalid({"place": more})


def _marked(uow: UnitOfWork, permit: Permit, document: Document, version: Version, form: PlaceForm) -> Placed:
    faults: dict[str, str] = {}
    said = RequestForm(
        state="", reference="", dated="", received="", scope=Scope.PASSAGES, pages=form.pages, boxes=form.boxes, version=version.number
    )
    kept = kept_of(uow, permit, document, said, faults)
    if faults:
        raise Invalid(faults)
    return Placed(Withheld(kept.pages, kept.boxes), kept.labels if not kept.pages and kept.boxes == kept.of_labels else ())
