"""From rooms to policy facts: what a resource is, as the policy sees it.

An absent id becomes a dummy with the same attributes, found by the same statements, so that absence and refusal cannot be told apart.
Rows that open something are checked against their MAC here, before anything is decided on them.

In an act that writes, the document is locked before anything else about it is read: what is decided on stays so until the commit. Only
for the bodies whose business it is; nobody else can make an officer wait, or learn from waiting that something is going on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, wraps
from itertools import product
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, select

from portal.cases.kept import kept_of
from portal.cases.name_deputy import deputy_of
from portal.cases.onward import source_open
from portal.cases.separation import by_whom, human_of
from portal.cases.standing import Register, is_behind, register_of, rendition_of, withheld_from
from portal.cases.uow import UnitOfWork
from portal.confidentiality.models import Rendition
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Misconfigured
from portal.kernel.ids import NOBODY
from portal.kernel.permit import Facts, Ref, ResourceType, Subject, Value
from portal.kernel.vocabulary import Level, Role, ShareState
from portal.policy.decide import Context, Undecided
from portal.policy.listing import ListingMap, visible
from portal.policy.load import PolicySet
from portal.sharing.eyes import reference_of
from portal.sharing.models import Share
from portal.sharing.onward import source_open_column
from portal.sharing.register import embargoed_column, others_eyes_column, state_column
from portal.sharing.statements import decision_bytes, proposal_bytes, share_bytes
from portal.sharing.terms import Terms


@dataclass(frozen=True, slots=True)
class BodyTarget:
    """A body as the target of an act."""

    code: str
    resource_type: ClassVar[ResourceType] = ResourceType.BODY

    @property
    def resource_id(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Located:
    """What a door is about: the facts to decide on, the thing itself (None when absent), and a recipient if the act names one."""

    facts: Facts
    target: Any
    recipient: str | None = None


Find = TypeVar("Find", bound=Callable[..., Located])


def once(find: Find) -> Find:
    """In a snapshot a thing is found once for each person, absent or not."""

    @wraps(find)
    def found(uow: UnitOfWork, subject: Subject | None, **where: Any) -> Located:
        return uow.once((find.__name__, subject, *sorted(where.items())), lambda: find(uow, subject, **where))

    return cast(Find, found)


def body(code: str) -> Ref:
    return Ref("Body", code)


def nowhere(uow: UnitOfWork, subject: Subject | None, **where: object) -> Located:
    """For open doors: the portal itself."""
    return Located(Facts(type=ResourceType.BODY, id="PORTAL", attributes={}, originator=""), BodyTarget("PORTAL"))


def own_body(uow: UnitOfWork, subject: Subject | None, **where: object) -> Located:
    """The person's own body."""
    assert subject is not None
    return Located(Facts(type=ResourceType.BODY, id=subject.body, attributes={}, originator=subject.body), BodyTarget(subject.body))


@once
def document(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, recipient: str | None = None, **where: object) -> Located:
    """A document, as its originator sees it."""
    assert subject is not None
    row = _held(uow, uow.documents.get(document_id), subject.body)
    originator = row.originator if row is not None else other(uow, subject, document_id)
    register = register_of(uow, document_id, row if originator == subject.body else None)
    kept = kept_of(uow, document_id, row if originator == subject.body else None)
    attributes: Mapping[str, Value] = {
        "originator": body(originator),
        "level": int(row.level) if row is not None else int(Level.UNCLASSIFIED),
        "deposited": bool(register.versions),
        "withheldFrom": frozenset(body(code) for code in withheld_from(uow, register.in_force, originator)),
        "held": kept.held,
        "shredded": kept.shredded,
        "requested": bool(register.in_force),
        "pending": uow.once(("waits", document_id), lambda: uow.proposals.waits(document_id, row.epoch if row is not None else 0)),
        "archived": kept.archived,
    }
    facts = Facts(
        type=ResourceType.DOCUMENT,
        id=str(document_id),
        attributes=attributes,
        originator=originator,
        present=row is not None,
        document=row.id if row is not None else None,
        epoch=row.epoch if row is not None else None,
    )
    return Located(facts, row, recipient)


@once
def proposal(uow: UnitOfWork, subject: Subject | None, *, proposal_id: UUID, **where: object) -> Located:
    """A proposed share, as its originator sees it."""
    assert subject is not None
    row = uow.proposals.get(proposal_id)
    document_id = row.document_id if row is not None else NOBODY
    found = uow.documents.get(document_id)
    if found is not None and row is not None and row.originator == subject.body:
        found = uow.held(found)
    decision = uow.proposals.decision(proposal_id)
    originator = row.originator if row is not None else other(uow, subject, proposal_id)
    recipient = row.recipient if row is not None else subject.body
    rendition = uow.renditions.get(row.rendition_id if row is not None else NOBODY)
    mine = originator == subject.body
    register = register_of(uow, document_id, found if mine else None)
    kept = kept_of(uow, document_id, found if mine else None)
    if row is not None and mine:
        uow.holder.check(originator, "proposal", proposal_bytes(row), row.mac)
        rendition_of(uow, originator, rendition)
        if decision is not None:
            uow.holder.check(originator, "decision", decision_bytes(decision, row), decision.mac)
    attributes: Mapping[str, Value] = {
        "originator": body(originator),
        "recipient": body(recipient),
        "level": int(found.level) if found is not None else int(Level.UNCLASSIFIED),
        "proposedBy": by_whom(uow, subject, row.proposed_by if row is not None else NOBODY),
        "withheldFrom": frozenset(body(code) for code in withheld_from(uow, register.in_force, originator)),
        "coversAllRequests": _covers(uow, found, rendition, register, recipient),
        "open": decision is None,
        "live": bool(uow.shares.open_to(document_id, recipient, row.version if row is not None else 0)),
        "sourceOpen": source_open(uow, row.onward_id if row is not None else None, mine=mine),
        "downloadable": row is not None and mine and Terms.from_text(row.terms).downloadable,
        "leaves": False,
        "past": False,
        "shredded": kept.shredded,
        "archived": kept.archived,
        "consulting": register.is_consulting(uow.at.date(), silence_ends=uow.parts.config.consultation.silence_procedure),
    }
    facts = Facts(
        type=ResourceType.PROPOSAL,
        id=str(proposal_id),
        attributes=attributes,
        originator=originator,
        present=row is not None,
        document=row.document_id if row is not None else None,
        epoch=found.epoch if found is not None else None,
    )
    return Located(facts, row)


@once
def share(uow: UnitOfWork, subject: Subject | None, *, share_id: UUID, **where: object) -> Located:
    """A share, as this person of its recipient sees it."""
    assert subject is not None
    row = uow.shares.get(share_id)
    document_id = row.document_id if row is not None else NOBODY
    party = row is not None and subject.body in (row.originator, row.recipient)
    found = uow.documents.get(document_id)
    if found is not None and party:
        found = uow.held(found)
    rendition = uow.renditions.get(row.rendition_id if row is not None else NOBODY)
    closure = uow.shares.closure(share_id)
    register = register_of(uow, document_id, found if party else None)
    originator = row.originator if row is not None else other(uow, subject, share_id)
    recipient = row.recipient if row is not None else originator
    if row is not None and party:
        uow.holder.check(originator, "share", share_bytes(row), row.mac)
        rendition_of(uow, originator, rendition)
    terms = Terms.from_text(row.terms) if row is not None and party else Terms()
    attributes: Mapping[str, Value] = {
        "originator": body(originator),
        "recipient": body(recipient),
        "level": int(found.level) if found is not None else int(Level.UNCLASSIFIED),
        "state": Ref("ShareState", ShareState.SUSPENDED if closure is not None else ShareState.LIVE),
        "coversAllRequests": row is not None and row.covers_all_requests and _covers(uow, found, rendition, register, recipient),
        "downloadable": terms.downloadable,
        "fetchable": terms.fetchable,
        "expired": terms.is_over(uow.at),
        "embargoed": terms.is_embargoed(uow.at if closure is None else min(closure.closed_at, uow.at)),
        "forOthersEyes": not terms.is_for(reference_of(subject.id)),
        "sourceOpen": source_open(uow, row.onward_id if row is not None else None, mine=party),
        "passedOn": row is not None and row.onward_id is not None,
    }
    facts = Facts(
        type=ResourceType.SHARE,
        id=str(share_id),
        attributes=attributes,
        originator=originator,
        present=row is not None,
        document=row.document_id if row is not None else None,
        share=row.id if row is not None else None,
        epoch=found.epoch if found is not None else None,
    )
    return Located(facts, row)


def person(uow: UnitOfWork, subject: Subject | None, *, person_id: UUID, **where: object) -> Located:
    """A person, as the security administrator of their body sees them."""
    assert subject is not None
    row = uow.people.get(person_id)
    if row is not None and uow.writes and row.body == subject.body:
        row = uow.people.lock(person_id)
    home = row.body if row is not None else other(uow, subject, person_id)
    human = human_of(uow, subject.id)  # asked of an absent person, too
    attributes: Mapping[str, Value] = {"body": body(home), "mine": row is not None and human == human_of(uow, person_id)}
    facts = Facts(type=ResourceType.PERSON, id=str(person_id), attributes=attributes, originator=home, present=row is not None)
    return Located(facts, row)


def deputy(uow: UnitOfWork, subject: Subject | None, *, deputy_id: UUID, **where: object) -> Located:
    """A person proposed or named for a time, as the security administrators of their body see them."""
    assert subject is not None
    row = uow.deputies.get(deputy_id)
    if row is not None and row.body == subject.body:
        row = deputy_of(uow, row)
    home = row.body if row is not None else other(uow, subject, deputy_id)
    ended = row is None or not row.is_open(uow.at)
    attributes: Mapping[str, Value] = {
        "body": body(home),
        "deputy": by_whom(uow, subject, row.person_id if row is not None else NOBODY),
        "proposedBy": by_whom(uow, subject, row.proposed_by if row is not None else NOBODY),
        "proposed": row is not None and row.named_at is None and not ended,
        "ended": ended,
    }
    facts = Facts(type=ResourceType.DEPUTY, id=str(deputy_id), attributes=attributes, originator=home, present=row is not None)
    return Located(facts, row)


def document_listing() -> ListingMap:
    """How the policy's `Document` maps to columns, for lists. Attributes no list may need are left out: the compiler refuses them."""
    return ListingMap(
        resource_type=ResourceType.DOCUMENT,
        pk=Document.id,
        columns={"originator": (Document.originator, "Body"), "level": (Document.level_number, None)},
    )


def share_listing(at: datetime, subject: Subject) -> ListingMap:
    """The same for `Share`, at this time, as this person meets it."""
    return ListingMap(
        resource_type=ResourceType.SHARE,
        pk=Share.id,
        columns={
            "originator": (Share.originator, "Body"),
            "recipient": (Share.recipient, "Body"),
            "level": (_level_of_share(), None),
            "state": (state_column(), "ShareState"),
            "coversAllRequests": (Share.covers_all_requests, None),
            "expired": (Share.ends_at.is_not(None) & (Share.ends_at <= at), None),
            "embargoed": (embargoed_column(at), None),
            "forOthersEyes": (others_eyes_column(reference_of(subject.id)), None),
            "sourceOpen": (source_open_column(at), None),
        },
    )


def _level_of_share() -> ColumnElement[int]:
    """The level that counts is the document's: it may have been lowered since the share was approved."""
    return select(Document.level_number).where(Document.id == Share.document_id).correlate(Share).scalar_subquery()


#: Whether a rule can be said in SQL does not hang on the time that it is asked about.
SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def compile_listings(policies: PolicySet, bodies: Sequence[str]) -> None:
    """Compile every list for every role once, at the start: a rule that no list can say in SQL stops the portal, not an officer.

    Raises `Misconfigured`.
    """
    _compiled(policies, tuple(bodies))


@lru_cache(maxsize=4)
def _compiled(policies: PolicySet, bodies: tuple[str, ...]) -> None:
    """The same rules come out the same for the same bodies: once in a process is enough."""
    for code, role in product(bodies, Role):
        subject = Subject(id=NOBODY, body=code, roles=frozenset({role}), clearance=Level.CONFIDENTIAL, active=True, epoch=0, session=NOBODY)
        received = share_listing(SOME_DAY, subject)
        lists = ((Action.DOCUMENT_READ, document_listing()), (Action.SHARE_KNOW, received), (Action.SHARE_READ, received))
        for action, columns in lists:
            try:
                visible(policies, subject, action, Context(now=SOME_DAY), columns)
            except Undecided as error:
                raise Misconfigured(
                    f"the rules for {action} cannot be said in SQL, so nobody could be shown a list ({role}: {error.detail}). Compare "
                    f"only what a list knows of a {columns.resource_type}: {', '.join(sorted(columns.columns))} (docs/policy.md)"
                ) from error


def _covers(uow: UnitOfWork, document: Document | None, rendition: Rendition | None, register: Register, audience: str) -> bool:
    """Does the rendition honour every request that binds this audience, as far as rows and floors know?"""
    if document is None or rendition is None or is_behind(uow, document, audience):
        return False
    return register.honoured(rendition.covered, audience)


def _held(uow: UnitOfWork, document: Document | None, body: str) -> Document | None:
    """The document, locked if it is this body's and the act writes."""
    return uow.held(document) if document is not None and document.originator == body else document


def other(uow: UnitOfWork, subject: Subject, wanted: UUID) -> str:
    """The body a dummy belongs to: never the asker's own, always the same for one id."""
    others = uow.others(subject.body)
    return others[wanted.int % len(others)]
