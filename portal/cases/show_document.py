"""One document, for its originator: how sensitive, who can see it, what is expected of whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from portal.cases import facts
from portal.cases.document_shares import Pending, ShareView, pending_of, proof_checks, repeats_of, shares_of, withheld_words
from portal.cases.names import body_short, person_name, state_choices, state_names
from portal.cases.refused_files import RefusedView, refused_of
from portal.cases.shared_before import Again, Before, differences, had_before, shared_before, to_share_again
from portal.cases.show_communications import ConsultationView, consultations_of
from portal.cases.show_documents import kind_words, visit_words
from portal.cases.show_ends import EndsView, ends_of
from portal.cases.show_keeping import KeepingView, keeping_of
from portal.cases.show_onward import OnwardView, onward_of
from portal.cases.show_remarks import RemarkCount, remark_counts
from portal.cases.show_requests import EndedView, RequestView, ended_of, requests_of
from portal.cases.show_transfers import SharedTransfers, document_transfers
from portal.cases.show_uploads import own_uploads
from portal.cases.show_versions import VersionView, versions_of
from portal.cases.standing import Register, is_current, register_of, rendition_of, withheld_from
from portal.cases.uow import UnitOfWork
from portal.cases.upload_file import Progress
from portal.confidentiality.models import Rendition
from portal.documents.models import Document, Scan, Version
from portal.kernel.actions import Action
from portal.kernel.errors import Denied, StepUpNeeded
from portal.kernel.permit import Permit
from portal.policy.decide import decide

#: What doors may call the document they were handed, without knowing the room it comes from.
DocumentTarget = Document
#: Whoever may do one of these works on the document, and reads which files were not taken for it.
WORK = (Action.VERSION_DEPOSIT, Action.REQUEST_RECORD, Action.RENDITION_BUILD)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    name: str
    size: int
    pages: int
    language_words: str
    deposited_at: datetime
    deposited_by: str
    scan_words: str
    #: Its pages are those of a PDF of record that was made of it.
    converted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionView:
    """The one prepared last. `shared`: its version is open to its audience already; `version_words` is empty while there is one."""

    id: UUID
    audience: str
    audience_short: str
    pages: int
    version_words: str
    shared: bool
    withheld_words: str
    #: What was proved, and (False) what an officer has to look at, on the pages `look_at` if they are known.
    checks: list[tuple[bool, str]]
    to_look: bool
    look_at: tuple[int, ...]
    built_at: datetime
    current: bool
    #: What its audience had before in this language, while that is not this one, and what differs.
    before: Before | None = None
    since: list[tuple[bool, str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class DocumentView:
    id: UUID
    title: str
    symbol: str
    kind_words: str
    level: int
    state_names: tuple[str, ...]
    visit: str
    originator_short: str
    registered_at: datetime
    registered_by: str
    file: FileView | None
    requests: list[RequestView]
    ended: list[EndedView]
    rendition: RenditionView | None
    shares: list[ShareView]
    pending: list[Pending]
    withheld_from: frozenset[str]
    recipients: list[tuple[str, str]]
    states: list[tuple[str, str]]
    keeping: KeepingView
    ends: EndsView
    now: datetime
    allowed: dict[Action, bool] = field(default_factory=dict)
    reasons: dict[Action, str] = field(default_factory=dict)
    #: What is allowed once this person has confirmed that it is them.
    to_confirm: set[Action] = field(default_factory=set)
    live: bool = False
    versions: list[VersionView] = field(default_factory=list)
    #: What a request or a restore closed and nobody has shared again yet.
    again: list[Again] = field(default_factory=list)
    #: Requests to pass it on that wait for an answer.
    onward: list[OnwardView] = field(default_factory=list)
    #: What its recipients said and asked, for those who may read it.
    remarks: list[RemarkCount] = field(default_factory=list)
    #: What went by other means, for those who may see who saw it.
    transfers: list[SharedTransfers] = field(default_factory=list)
    uploads: list[Progress] = field(default_factory=list)
    consultations: list[ConsultationView] = field(default_factory=list)
    #: Files that were sent and not taken, for those who work on the document.
    refused: list[RefusedView] = field(default_factory=list)
    #: The endings of files that may be deposited.
    takes: tuple[str, ...] = ()
    #: How large one may be that is no PDF.
    office_bytes: int = 0


def show_document(uow: UnitOfWork, permit: Permit, document: Document) -> DocumentView:
    """Everything the originator's page needs, and which acts the policy allows this person now, with the reasons where not."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    shares = list(uow.shares.of_document(document.id))
    register = register_of(uow, document.id, document)
    requests = register.in_force
    keeping = keeping_of(uow, permit, document)
    gone = keeping.shredded
    before = [] if gone else shared_before(uow, permit, document, register, shares)
    pending = [] if gone else pending_of(uow, permit, document, register, before)
    rendition = None if gone else rendition_of(uow, document.originator, uow.renditions.latest(document.id))
    view = DocumentView(
        id=document.id,
        title=uow.words(permit, "document", "title", document.id, document.title),
        symbol=document.symbol,
        kind_words=kind_words(document),
        level=document.level_number,
        state_names=state_names(uow, document.states),
        visit=visit_words(uow, document.visit_id),
        originator_short=body_short(uow, document.originator),
        registered_at=document.registered_at,
        registered_by=person_name(uow, permit, document.registered_by),
        file=None if gone or not register.versions else _file(uow, permit, register.versions[-1]),
        requests=requests_of(uow, permit, document, register),
        ended=ended_of(uow, permit, document, register),
        rendition=None if rendition is None else _rendition(uow, permit, document, register, before, rendition),
        shares=shares_of(uow, permit, document, shares),
        pending=pending,
        withheld_from=withheld_from(uow, requests, document.originator),
        recipients=[(code, body_short(uow, code)) for code in uow.others(document.originator)],
        states=state_choices(uow, document.states),
        keeping=keeping,
        ends=ends_of(uow, permit, document, register.versions),
        now=uow.at,
        live=any(not uow.shares.closed(share.id) for share in shares),
    )
    _what_is_allowed(uow, permit, document, view)
    view.versions = [] if gone else versions_of(uow, permit, document, register, told=view.allowed[Action.VERSION_READ])
    view.consultations = consultations_of(uow, permit, document, register)
    view.again = to_share_again(uow, permit, document, register, before, rendition)
    view.onward = [] if gone else onward_of(uow, permit, document)
    if view.allowed[Action.REMARK_READ]:
        view.remarks = remark_counts(uow, permit, document)
    if view.allowed[Action.DISCLOSURE_READ]:
        view.transfers = document_transfers(uow, permit, document)
    if view.allowed[Action.VERSION_DEPOSIT]:
        view.uploads = own_uploads(uow, permit, document)
        view.takes = tuple(kind.value for kind in uow.parts.office.takes())
        view.office_bytes = uow.parts.config.office.max_bytes
    if any(view.allowed[action] for action in WORK):
        view.refused = refused_of(uow, permit, document)
    return view


def _what_is_allowed(uow: UnitOfWork, permit: Permit, document: Document, view: DocumentView) -> None:
    recipient = view.recipients[0][0] if view.recipients else None
    asked = [
        Action.VERSION_DEPOSIT,
        Action.VERSION_READ,
        Action.VERSION_DOWNLOAD,
        Action.EVIDENCE_READ,
        Action.REQUEST_RECORD,
        Action.RENDITION_BUILD,
        Action.RENDITION_READ,
        Action.REMARK_READ,
        Action.SHARE_PROPOSE,
    ]
    located = facts.document(uow, permit.subject, document_id=document.id, recipient=recipient)
    for action in (*asked, Action.DISCLOSURE_READ, Action.DOCUMENT_EXPLAIN):
        _ask(uow, permit, action, located, view, view.to_confirm)
    for pending in view.pending:
        located = facts.proposal(uow, permit.subject, proposal_id=pending.id)
        for action in (Action.SHARE_APPROVE, Action.SHARE_DECLINE):
            _ask(uow, permit, action, located, pending, view.to_confirm)


def _ask(
    uow: UnitOfWork, permit: Permit, action: Action, located: facts.Located, view: DocumentView | Pending, to_confirm: set[Action]
) -> None:
    try:
        decide(uow.parts.policies, permit.subject, action, located.facts, uow.context(permit.subject, recipient=located.recipient))
        view.allowed[action] = True
    except StepUpNeeded:
        view.allowed[action] = True
        to_confirm.add(action)
    except Denied as error:
        view.allowed[action] = False
        view.reasons[action] = error.public


def _file(uow: UnitOfWork, permit: Permit, version: Version) -> FileView:
    return FileView(
        name=uow.words(permit, "version", "file_name", version.id, version.file_name),
        size=uow.objects.get(version.object_id).size,
        pages=version.pages,
        language_words=version.language.words,
        deposited_at=version.deposited_at,
        deposited_by=person_name(uow, permit, version.deposited_by),
        scan_words=Scan(version.scan).words,
        converted=version.record_object_id is not None,
    )


def _rendition(
    uow: UnitOfWork, permit: Permit, document: Document, register: Register, before: Sequence[Before], rendition: Rendition
) -> RenditionView:
    had = had_before(before, register, rendition)
    repeats = repeats_of(uow, permit, rendition)
    version = next(row for row in register.versions if row.number == rendition.version)
    return RenditionView(
        id=rendition.id,
        audience=rendition.audience,
        audience_short=body_short(uow, rendition.audience),
        pages=rendition.pages,
        version_words=f"Version {version.number}, {version.language.words}" if len(register.versions) > 1 else "",
        shared=bool(uow.shares.open_to(document.id, rendition.audience, rendition.version)),
        withheld_words=withheld_words(uow, permit, rendition),
        checks=proof_checks(uow, permit, rendition),
        to_look=bool(repeats),
        look_at=tuple(row.page for row in repeats.pages),
        built_at=rendition.built_at,
        current=is_current(document, rendition, register.in_force),
        before=had,
        since=[] if had is None else differences(uow, permit, document, had, rendition),
    )
