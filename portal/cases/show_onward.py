"""What an originator was asked to pass on: on the document's page, on the list of approvals, and on the home page of who may answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.cases import onward_facts
from portal.cases.document_shares import proof_checks, repeats_of
from portal.cases.facts import BodyTarget, Located
from portal.cases.names import body_short
from portal.cases.onward import Stage, stage_of
from portal.cases.standing import is_current, rendition_of, requests_in_force
from portal.cases.uow import UnitOfWork
from portal.confidentiality.render.repeats import Repeats
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Denied, Hidden, StepUpNeeded, Tampered
from portal.kernel.permit import Permit
from portal.policy.decide import decide
from portal.sharing.onward import Onward


@dataclass(frozen=True, slots=True, kw_only=True)
class OnwardView:
    """A request that waits for its answer. `ready`: what that body would see is prepared; then `rendition` is that, `checks` what was
    proved of it, and `look_at` where an officer has `to_look`. `why_not`: why this person cannot consent."""

    id: UUID
    document_id: UUID
    asker_short: str
    body: str
    body_short: str
    purpose: str
    asked_at: datetime
    ready: bool
    rendition: UUID | None
    checks: list[tuple[bool, str]]
    to_look: bool
    look_at: tuple[int, ...]
    may_consent: bool
    why_not: str
    may_decline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OnwardRow:
    """The same in a list."""

    view: OnwardView
    title: str
    symbol: str
    level: int


def onward_of(uow: UnitOfWork, permit: Permit, document: Document) -> list[OnwardView]:
    """What waits for an answer about this document, newest first; what was asked about a share that is closed waits for none."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    found = (_view(uow, permit, document, row) for row in uow.onward.of_document(document.id))
    return [view for view in found if view is not None]


def list_onward(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[OnwardRow]:
    """What waits for an answer of this body, of documents whose entries the person may see."""
    permit.must_cover(Action.PROPOSAL_LIST, body)
    rows = []
    for row in uow.onward.of_body(body.code):
        document = uow.documents.get(row.document_id)
        try:
            view = None if document is None else _view(uow, permit, document, row)
        except Tampered:  # its own page raises the alarm
            continue
        if document is None or view is None:
            continue
        uow.shown[document.id] = document.epoch
        title = uow.words(permit, "document", "title", document.id, document.title)
        rows.append(OnwardRow(view=view, title=title, symbol=document.symbol, level=document.level_number))
    return rows


def _view(uow: UnitOfWork, permit: Permit, document: Document, row: Onward) -> OnwardView | None:
    if stage_of(uow, row.id, document) is not Stage.ASKED:
        return None
    located = onward_facts.onward(uow, permit.subject, document_id=document.id, onward_id=row.id)
    if not located.facts.attributes["sourceOpen"]:
        return None
    rendition = rendition_of(uow, document.originator, uow.renditions.latest(document.id, row.body))
    if rendition is not None and not is_current(document, rendition, requests_in_force(uow, document.id, document)):
        rendition = None
    repeats = Repeats() if rendition is None else repeats_of(uow, permit, rendition)
    try:
        may_consent, why_not = _may(uow, permit, Action.ONWARD_CONSENT, located)
    except Hidden:  # not theirs to know
        return None
    return OnwardView(
        id=row.id,
        document_id=document.id,
        asker_short=body_short(uow, row.asker),
        body=row.body,
        body_short=body_short(uow, row.body),
        purpose=uow.words(permit, "onward", "purpose", row.id, row.purpose),
        asked_at=row.asked_at,
        ready=rendition is not None,
        rendition=None if rendition is None else rendition.id,
        checks=[] if rendition is None else proof_checks(uow, permit, rendition),
        to_look=bool(repeats),
        look_at=tuple(found.page for found in repeats.pages),
        may_consent=may_consent,
        why_not=why_not,
        may_decline=_may(uow, permit, Action.ONWARD_DECLINE, located)[0],
    )


def _may(uow: UnitOfWork, permit: Permit, action: Action, located: Located) -> tuple[bool, str]:
    try:
        decide(uow.parts.policies, permit.subject, action, located.facts, uow.context(permit.subject))
    except StepUpNeeded:
        return True, ""
    except Hidden:
        raise
    except Denied as error:
        return False, error.public
    return True, ""
