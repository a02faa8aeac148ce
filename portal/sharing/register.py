"""The register of proposals and shares."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, case, func, literal, not_, or_, select
from sqlalchemy.orm import Session

from portal.kernel.vocabulary import ShareState
from portal.sharing.models import Answer, Closure, Decision, Proposal, Reason, Receipt, Share


def state_column() -> ColumnElement[str]:
    """A share's state as one SQL expression, for the policy's listings."""
    closed = select(Closure.id).where(Closure.share_id == Share.id).correlate(Share).exists()
    return case((closed, literal(ShareState.SUSPENDED.value, String)), else_=literal(ShareState.LIVE.value, String))


def embargoed_column(at: datetime) -> ColumnElement[bool]:
    """Is a share not to be known of by its recipient? What was closed before it opened never is."""
    before = select(Closure.id).where(Closure.share_id == Share.id, Closure.closed_at < Share.opens_at).correlate(Share).exists()
    return and_(Share.opens_at.is_not(None), or_(Share.opens_at > at, before))


def others_eyes_column(reference: str) -> ColumnElement[bool]:
    """Is a share for persons whom its terms name, and not for whoever has this reference?

    Their text is canonical, and nothing in it is free: a reference stands there between quotes, or it is not named.
    """
    return and_(Share.terms.contains('"eyes":'), not_(Share.terms.contains(f'"{reference}"')))


class Proposals:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, proposal_id: UUID) -> Proposal | None:
        return self._session.get(Proposal, proposal_id)

    def add(self, proposal: Proposal) -> None:
        self._session.add(proposal)
        self._session.flush()

    def decide(self, decision: Decision) -> None:
        self._session.add(decision)
        self._session.flush()

    def decision(self, proposal_id: UUID) -> Decision | None:
        return self._session.get(Decision, proposal_id)

    def of_document(self, document_id: UUID) -> Sequence[Proposal]:
        statement = select(Proposal).where(Proposal.document_id == document_id)
        return self._session.scalars(statement.order_by(Proposal.proposed_at.desc(), Proposal.id)).all()

    def waits(self, document_id: UUID, epoch: int) -> bool:
        """Does a proposal about the document wait that is of this epoch, and so could be approved?"""
        decided = select(Decision.proposal_id).where(Decision.proposal_id == Proposal.id).exists()
        found = select(Proposal.id).where(Proposal.document_id == document_id, Proposal.epoch == epoch, ~decided)
        return self._session.scalar(found.limit(1)) is not None

    def undecided(self) -> Sequence[UUID]:
        """The documents about which some proposal waits."""
        decided = select(Decision.proposal_id).where(Decision.proposal_id == Proposal.id).exists()
        return self._session.scalars(select(Proposal.document_id).where(~decided).distinct().order_by(Proposal.document_id)).all()


class Shares:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, share_id: UUID) -> Share | None:
        return self._session.get(Share, share_id)

    def add(self, share: Share) -> None:
        self._session.add(share)
        self._session.flush()

    def closed(self, share_id: UUID) -> bool:
        return bool(self._session.scalar(select(func.count()).select_from(Closure).where(Closure.share_id == share_id)))

    def of_symbol(self, recipient: str, symbol: str, *, at: datetime) -> Share | None:
        """The newest share of this symbol that this recipient may know of."""
        statement = select(Share).where(Share.recipient == recipient, Share.symbol == symbol, not_(embargoed_column(at)))
        return self._session.scalar(statement.order_by(Share.approved_at.desc(), Share.id).limit(1))

    @staticmethod
    def ids_of_documents(documents: Select[UUID]) -> Select[UUID]:
        """To be used in another statement: the shares of these documents."""
        return select(Share.id).where(Share.document_id.in_(documents))

    def known_to(self, body: str, first: UUID, last: UUID, *, at: datetime) -> Sequence[Share]:
        """Two at most of the shares from the one id to the other that this body gave, or received and may know of."""
        received = and_(Share.recipient == body, not_(embargoed_column(at)))
        found = select(Share).where(Share.id.between(first, last), or_(Share.originator == body, received))
        return self._session.scalars(found.order_by(Share.id).limit(2)).all()

    def of_document(self, document_id: UUID) -> Sequence[Share]:
        statement = select(Share).where(Share.document_id == document_id).order_by(Share.approved_at.desc(), Share.id)
        return self._session.scalars(statement).all()

    def open_to(self, document_id: UUID, recipient: str, version: int | None = None) -> Sequence[Share]:
        """The shares of this document, or of this version of it, that are not closed to this body."""
        closed = select(Closure.id).where(Closure.share_id == Share.id).exists()
        statement = select(Share).where(Share.document_id == document_id, Share.recipient == recipient, ~closed)
        if version is not None:
            statement = statement.where(Share.version == version)
        return self._session.scalars(statement.order_by(Share.approved_at.desc(), Share.id)).all()

    def among(self, document_id: UUID, recipient: str, condition: ColumnElement[bool]) -> Sequence[Share]:
        """The shares of this document to this body that fulfil a condition, oldest first."""
        statement = select(Share).where(Share.document_id == document_id, Share.recipient == recipient, condition)
        return self._session.scalars(statement.order_by(Share.approved_at, Share.id)).all()

    def live(self) -> Sequence[Share]:
        """Every share that is not closed, of whatever document."""
        closed = select(Closure.id).where(Closure.share_id == Share.id).exists()
        return self._session.scalars(select(Share).where(~closed).order_by(Share.approved_at, Share.id)).all()

    def over(self, at: datetime, *, limit: int = 100) -> Sequence[Share]:
        """Shares whose time is over and which are not closed yet, the oldest first."""
        closed = select(Closure.id).where(Closure.share_id == Share.id).exists()
        statement = select(Share).where(Share.ends_at <= at, ~closed).order_by(Share.ends_at, Share.id).limit(limit)
        return self._session.scalars(statement).all()

    def close(self, share: Share, *, reason: Reason, by: UUID | None, at: datetime, closure_id: UUID) -> None:
        """`by` is None when the portal itself closes."""
        self._session.add(Closure(id=closure_id, share_id=share.id, reason=reason.value, closed_by=by, closed_at=at))
        self._session.flush()

    def closure(self, share_id: UUID) -> Closure | None:
        """The first closure of a share: what closed it."""
        found = select(Closure).where(Closure.share_id == share_id).order_by(Closure.closed_at, Closure.id).limit(1)
        return self._session.scalar(found)

    def answer(self, share: Share, answer: Answer, *, by: UUID, at: datetime) -> None:
        self._session.add(Receipt(share_id=share.id, answer=answer.value, given_by=by, given_at=at))
        self._session.flush()

    def answered(self, share_id: UUID, answer: Answer) -> Receipt | None:
        return self._session.get(Receipt, (share_id, answer.value))
