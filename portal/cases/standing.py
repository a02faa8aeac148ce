"""What stands between a document and the other bodies: the requests in force and the renditions, each checked before it counts.

Requests and renditions decide what crosses, so their rows carry MACs, and the document's row carries one over its epoch, all its
requests, all acts on them, their places in versions, the versions, all that was said with a State, and all acts of keeping and
destroying: a row that was edited, added, taken away or put back from an older copy stops the act.
The holder's floors, outside the database, hold the newest epoch at which the document was closed: a document behind it opens to nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.cases.uow import UnitOfWork
from portal.confidentiality.communications import Communication, Kind, communication_bytes
from portal.confidentiality.models import Rendition, Request, Scope
from portal.confidentiality.places import RequestPlace, request_place_bytes
from portal.confidentiality.request_acts import RequestAct, request_act_bytes
from portal.confidentiality.rules import covers
from portal.confidentiality.statements import rendition_bytes, request_bytes, requests_bytes
from portal.documents.models import Document, Version, current_of, version_bytes
from portal.kernel.errors import Stale
from portal.kernel.framing import framed
from portal.kernel.vocabulary import Language
from portal.sharing.models import Share


class Behind(Stale):
    """The document is older than what closed it: its row was restored, or the act that closed it was broken off before it was kept."""

    code = "behind"
    public = (
        "A request or a recall of this document is not in the register: it was broken off, or lost when a backup was restored. Record the "
        "request again; until then nothing of it can be shared."
    )


@dataclass(frozen=True, slots=True)
class Register:
    """Every request on a document, every act of two officers on one of them, what was said with a State, every place of a request in a
    version, and the versions; oldest first."""

    requests: Sequence[Request] = ()
    acts: Sequence[RequestAct] = ()
    said: Sequence[Communication] = ()
    places: Sequence[RequestPlace] = ()
    versions: Sequence[Version] = ()

    @property
    def in_force(self) -> Sequence[Request]:
        ended = {act.request_id for act in self.acts if act.act.ends}
        return [row for row in self.requests if row.id not in ended]

    def answer(self, to: UUID) -> RequestAct | None:
        """The act that answered this one, or that confirmed this request."""
        return next((act for act in self.acts if act.about == to), None)

    def proposal(self, request_id: UUID) -> RequestAct | None:
        """That the request be lifted or narrowed, while nobody has answered."""
        proposed = (act for act in self.acts if act.request_id == request_id and act.act.proposes)
        return next((act for act in proposed if self.answer(act.id) is None), None)

    @property
    def current(self) -> Sequence[Version]:
        """The newest version of each language."""
        return current_of(self.versions)

    def place(self, request_id: UUID, version: int) -> RequestPlace | None:
        """Where the request stands in this version, if it was marked on another."""
        return next((row for row in self.places if row.request_id == request_id and row.version == version), None)

    def is_confirmed(self, row: Request) -> bool:
        """Have two officers said that this is what was asked? What a request was narrowed to was agreed on by two."""
        return row.narrows is not None or self.answer(row.id) is not None

    def reply(self, consultation: Communication) -> Communication | None:
        """What came of a consultation; None while it is open."""
        return next((row for row in self.said if row.kind is Kind.ANSWERED and row.about == consultation.id), None)

    @property
    def consultations(self) -> Sequence[Communication]:
        return [row for row in self.said if row.kind is Kind.CONSULTED]

    def is_consulting(self, today: date, *, silence_ends: bool) -> bool:
        """Is an answer of a State outstanding that a release has to wait for? Whether silence ends that is a setting, by default not."""
        waiting = (row for row in self.consultations if self.reply(row) is None)
        return any(not (silence_ends and row.deadline is not None and row.deadline < today) for row in waiting)

    def honoured(self, covered: frozenset[UUID], audience: str) -> bool:
        """Does what leaves out these requests leave out all in force that bind the audience?

        What leaves out a request leaves out what it was narrowed to.
        """
        earlier = {row.id: row.narrows for row in self.requests}

        def honours(row: UUID | None) -> bool:
            return row is not None and (row in covered or honours(earlier.get(row)))

        return all(honours(row.id) for row in binding(self.in_force, audience))


def register_of(uow: UnitOfWork, document_id: UUID, document: Document | None) -> Register:
    """All that was requested of the document, checked. Without a document (absent, or not the asker's to see) nothing is checked."""
    return uow.once(("register", document_id, document is not None), lambda: _checked(uow, document_id, document))


def _checked(uow: UnitOfWork, document_id: UUID, document: Document | None) -> Register:
    found, kept = _found(uow, document_id), uow.keeping.marks(document_id)
    if document is not None:
        for row in found.requests:
            uow.holder.check(document.originator, "request", request_bytes(row), row.mac)
        for act in found.acts:
            uow.holder.check(document.originator, "request act", request_act_bytes(act), act.mac)
        for word in found.said:
            uow.holder.check(document.originator, "communication", communication_bytes(word), word.mac)
        for place in found.places:
            uow.holder.check(document.originator, "request place", request_place_bytes(place), place.mac)
        uow.holder.check(document.originator, "requests", _all_bytes(document, found, kept), document.requests_mac)
    return found


def _found(uow: UnitOfWork, document_id: UUID) -> Register:
    return Register(
        uow.requests.of_document(document_id),
        uow.request_acts.of_document(document_id),
        uow.communications.of_document(document_id),
        uow.request_places.of_document(document_id),
        uow.documents.versions(document_id),
    )


def requests_in_force(uow: UnitOfWork, document_id: UUID, document: Document | None) -> Sequence[Request]:
    """What binds now, oldest first, checked like `register_of`."""
    return register_of(uow, document_id, document).in_force


def is_behind(uow: UnitOfWork, document: Document, body: str) -> bool:
    """Was the document closed to this body at a later epoch than its row knows of?"""
    return document.epoch < uow.holder.floor_of(document.id, body)


def must_not_be_behind(uow: UnitOfWork, document: Document, body: str) -> None:
    """Whatever opens stops here; whatever closes does not ask, so that recording the request anew mends an act that was broken off."""
    if is_behind(uow, document, body):
        raise Behind(f"document {document.id} is at epoch {document.epoch}, but was closed to {body} at a later one")


def binding(rows: Sequence[Request], audience: str) -> Sequence[Request]:
    """Those that withhold something from this body."""
    return [row for row in rows if row.binds(audience)]


def withheld_from(uow: UnitOfWork, rows: Sequence[Request], originator: str) -> frozenset[str]:
    """The other bodies from which the whole document is withheld."""
    whole = [row for row in rows if row.scope is Scope.DOCUMENT]
    return frozenset(body for body in uow.others(originator) if any(row.binds(body) for row in whole))


def seal_requests(uow: UnitOfWork, document: Document) -> None:
    """Bind the epoch, requests, acts on them, what was said with a State, places, versions and acts of keeping, after any changed."""
    stated = _all_bytes(document, _found(uow, document.id), uow.keeping.marks(document.id))
    document.requests_mac = uow.holder.mac(document.originator, "requests", stated)


def _all_bytes(document: Document, found: Register, kept: Sequence[bytes]) -> bytes:
    """One version in English is as it was before there were others, and a level that was never lowered as before any could be."""
    done: Sequence[RequestAct | Communication] = [*found.acts, *found.said]
    acts = [act.id.bytes + act.mac for act in done]
    places = [place.id.bytes + place.mac for place in found.places]
    plain = all(row.number == 1 and row.language is Language.ENGLISH for row in found.versions)
    versions = [] if plain else [version_bytes(row) for row in found.versions]
    stated = requests_bytes(document.id, document.epoch, found.requests, kept, acts, places, versions)
    if document.sealed_level is None:
        return stated
    return framed("portal/lowered/v1", document.sealed_level, document.level_number, stated)


def close_to(uow: UnitOfWork, document: Document, body: str) -> None:
    """Raise the document's floor for this body to its epoch: no wrap made before opens again, whatever the rows say."""
    while uow.holder.floor_of(document.id, body) < document.epoch:
        uow.holder.raise_floor(document.id, body)


def rendition_of(uow: UnitOfWork, originator: str, rendition: Rendition | None) -> Rendition | None:
    """The same rendition, checked."""
    if rendition is not None:
        uow.holder.check(originator, "rendition", rendition_bytes(rendition), rendition.mac)
    return rendition


def is_current(document: Document, rendition: Rendition, rows: Sequence[Request]) -> bool:
    """Does the rendition rest on the document as it is now, and honour every request that binds its audience?"""
    in_force = (row.id for row in binding(rows, rendition.audience))
    return rendition.epoch == document.epoch and covers(rendition.covered, in_force)


def level_of(uow: UnitOfWork, share: Share) -> int:
    """The level of a share that counts: the document's, which may have been lowered since the share was approved."""
    document = uow.documents.get(share.document_id)
    return share.level_number if document is None else document.level_number
