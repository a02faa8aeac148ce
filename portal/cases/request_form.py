"""What the form of a request says, checked: on whose account, what is kept, from whom, and until when."""

from dataclasses import dataclass
from datetime import date

from portal.cases.kept_passages import kept_passages
from portal.cases.marked import Chosen, chosen, is_drawn, parse_marked
from portal.cases.plain_text import demand_plain
from portal.cases.uow import UnitOfWork
from portal.confidentiality.asked import Asked
from portal.confidentiality.models import Scope
from portal.confidentiality.rules import Ground, RequestWords, bodies_text, parse_pages
from portal.documents.models import Document, Version, current_of
from portal.kernel.errors import Invalid
from portal.kernel.permit import Permit

#: How a communication came, as it is stored, and as a form says it.
RECEIVED = {"note verbale": "Note verbale", "letter": "Letter", "e-mail": "E-mail", "meeting": "In a meeting"}
#: On whose account something is kept, as it is stored, and as a form says it.
GROUNDS = {ground.value: ground.words for ground in Ground}
#: What a form calls the whole document, and every other one of its visit, those that are registered later included.
VISIT = "visit"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """As it came. `boxes`: boxes and passages (`cases.marked`). `bodies`: codes of those from whom it is withheld; none for every other
    body, those that join later included.

    `version`: the number of the version that pages, boxes and passages are of, which was looked at: never one that came meanwhile. The
    whole document needs none.
    """

    state: str
    reference: str
    dated: str
    received: str
    scope: str
    pages: str = ""
    boxes: str = ""
    version: int | None = None
    ground: str = Ground.STATE.value
    until: str = ""
    bodies: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Is it of the whole document, or of all of its visit?"""
        return self.scope in {Scope.DOCUMENT, VISIT}


def read_request(uow: UnitOfWork, permit: Permit, document: Document, form: RequestForm) -> Asked:
    """Raises `Invalid` with every fault. Of an own redaction, what only a State's communication has is not kept."""
    faults: dict[str, str] = {}
    ground = Ground(form.ground) if form.ground in set(Ground) else Ground.STATE
    if form.ground not in set(Ground):
        faults["ground"] = "Choose on whose account it is kept back."
    of_state = ground is Ground.STATE
    if of_state:
        _communication(uow, form, faults)
    if not 1 <= len(form.reference) <= 200:
        said = "Give the reference of the State's communication" if of_state else "Say why it is kept back"
        faults["reference"] = f"{said}, at most 200 characters."
    demand_plain(faults, reference=form.reference)
    until, withheld_from = until_of(uow, form, faults), bodies_of(uow, document, form, faults)
    asked = kept_of(uow, permit, document, form, faults)
    demand_current(uow, document, form, faults)
    if not of_state and form.whole:
        faults["scope"] = "A whole document is kept back when a State asks for it. Withhold pages or passages, or do not share it."
    if form.scope == VISIT and document.visit_id is None:
        faults["scope"] = "This document is of no visit. Withhold the document."
    if faults:
        raise Invalid(faults)
    heard = (form.state, form.reference, form.dated, form.received) if of_state else ("", form.reference, "", "")
    scope = Scope.DOCUMENT if form.scope == VISIT else Scope(form.scope)
    words = RequestWords(*heard, ground=ground, version=0 if form.whole or form.version is None else form.version)
    return Asked(asked.said(words), scope, withheld_from, until)


def demand_current(uow: UnitOfWork, document: Document, form: RequestForm, faults: dict[str, str]) -> None:
    """Pages and passages are named of a version that counts. For the whole document none is asked: closing it waits for nothing."""
    version = None if form.whole else _marked_on(uow, document, form)
    if version is not None and version not in current_of(uow.documents.versions(document.id)):
        faults["version"] = "A newer version has come meanwhile. Look at its pages before you say what of it is kept."


def _marked_on(uow: UnitOfWork, document: Document, form: RequestForm) -> Version | None:
    """The version that the form's pages and boxes are of; None unless it names one."""
    return None if form.version is None else uow.documents.version(document.id, form.version)


def kept_of(uow: UnitOfWork, permit: Permit, document: Document, form: RequestForm, faults: dict[str, str]) -> Chosen:
    """The pages, boxes and passages of the form, on the document's file; nothing for the whole document. Faults are added."""
    if form.scope not in {*Scope, VISIT}:
        faults["scope"] = "Choose all of the visit, the whole document, pages, or passages."
    elif not form.whole:
        version = _marked_on(uow, document, form)
        if version is not None:
            return _on_pages(uow, permit, document, version, form, faults)
        if uow.documents.version(document.id) is None:
            faults["scope"] = "The document has no file yet. Withhold the whole document, or deposit the file first."
        else:
            faults["version"] = "Choose the version that these pages or passages are of."
    return Chosen()


def _communication(uow: UnitOfWork, form: RequestForm, faults: dict[str, str]) -> None:
    try:
        uow.parts.member_states.named(form.state)
    except Invalid as error:
        faults.update(error.faults)
    try:
        if date.fromisoformat(form.dated) > uow.at.date():
            faults["dated"] = "The date lies in the future."
    except ValueError:
        faults["dated"] = "Give the date of the communication, for example 2026-11-02."
    if form.received not in RECEIVED:
        faults["received"] = "Say how it was received: " + ", ".join(RECEIVED) + "."


def until_of(uow: UnitOfWork, form: RequestForm, faults: dict[str, str]) -> date | None:
    try:
        until = date.fromisoformat(form.until) if form.until else None
    except ValueError:
        faults["until"] = "Give the last day, for example 2027-06-30, or leave it empty."
        return None
    if until is not None and until < uow.at.date():
        faults["until"] = "This day is over. Leave it empty if the request names none that is still to come."
    return until


def bodies_of(uow: UnitOfWork, document: Document, form: RequestForm, faults: dict[str, str]) -> str:
    try:
        return bodies_text(form.bodies, uow.others(document.originator))
    except Invalid as error:
        faults.update(error.faults)
        return ""


def _on_pages(uow: UnitOfWork, permit: Permit, document: Document, version: Version, form: RequestForm, faults: dict[str, str]) -> Chosen:
    """The pages, or the pages and what is marked, of which at least one must be there: nothing here would mean the whole document."""
    pages: tuple[int, ...] = ()
    kept, last, passages = Chosen(), version.pages, form.scope == Scope.PASSAGES
    try:
        if form.pages.strip() or not passages:
            pages = parse_pages(form.pages, last=last)
    except Invalid as error:
        faults.update(error.faults)
    try:
        found = None if is_drawn(form.boxes) else kept_passages(uow, permit, document, version)
        kept = chosen(parse_marked(form.boxes, last=last, found=found), pages, found)
        if kept.boxes and not passages:
            faults["boxes"] = "Boxes are drawn on pages. Choose passages, or leave the boxes out."
        if passages and not kept.boxes and not form.pages.strip():
            faults["boxes"] = "Take each passage to withhold, draw a box around it, or name whole pages."
    except Invalid as error:
        faults.update(error.faults)
    return kept
