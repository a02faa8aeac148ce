"""The shares of a document as its originator sees them: who proposed, who approved, under which terms, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from portal.cases import facts
from portal.cases.names import body_short, day, person_name
from portal.cases.newer import superseding
from portal.cases.shared_before import Before, differences, had_before
from portal.cases.show_versions import placed_words
from portal.cases.standing import Register, is_current, rendition_of
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import Withheld
from portal.confidentiality.models import Rendition
from portal.confidentiality.render.repeats import Repeats
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Denied
from portal.kernel.permit import Permit
from portal.policy.decide import decide
from portal.sharing.eyes import written
from portal.sharing.models import Answer, Closure, Decision, Proposal, Reason, Share, Verdict
from portal.sharing.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """`note` is what the recipient answered; `recall` the proposal by which this person may recall it. `eyes`: whom alone it is for.

    `superseded`: by what, in words, while both are open.
    """

    recipient_short: str
    status: tuple[str, str]
    open: bool = False
    why_closed: str = ""
    note: str = ""
    superseded: str = ""
    recall: UUID | None = None
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    terms_words: str
    eyes: list[str]


@dataclass(slots=True, kw_only=True)
class Pending:
    """A proposal that waits for a second officer, with the facts to decide on, and whether this person may.

    `rendition`: exactly what is proposed; `look_at`: its pages that show wording of what is kept back. `unmarked`: the file may leave with
    nobody's name on it. `eyes`: the references of those whom alone it is for.
    """

    id: UUID
    rendition: UUID
    look_at: tuple[int, ...]
    recipient_short: str
    proposed_by: str
    proposed_at: datetime
    purpose: str
    terms_words: str
    eyes: list[str]
    unmarked: bool
    #: Who asked that it is passed on, if it answers a request.
    asked_by: str = ""
    #: The rendition that this body had before.
    before: UUID | None = None
    checks: list[tuple[bool, str]]
    allowed: dict[Action, bool] = field(default_factory=dict)
    reasons: dict[Action, str] = field(default_factory=dict)


def shares_of(uow: UnitOfWork, permit: Permit, document: Document, shares: Sequence[Share]) -> list[ShareView]:
    """Its shares, newest first, then the proposals that became none."""
    there = [share for share in shares if not uow.shares.closed(share.id)]
    return [_share(uow, permit, share, there) for share in shares] + _undecided(uow, permit, document)


def _share(uow: UnitOfWork, permit: Permit, share: Share, there: Sequence[Share]) -> ShareView:
    proposal, decision = uow.proposals.get(share.proposal_id), uow.proposals.decision(share.proposal_id)
    assert proposal is not None
    closure = uow.shares.closure(share.id)
    return ShareView(
        recipient_short=body_short(uow, share.recipient),
        status=("done", "Shared") if closure is None else ("late", CLOSED[Reason(closure.reason)][0]),
        open=closure is None,
        why_closed="" if closure is None else CLOSED[Reason(closure.reason)][1],
        note=_answer_words(uow, share, closure),
        superseded=_superseded(uow, share, there) if closure is None else "",
        recall=share.proposal_id if closure is None and _may_recall(uow, permit, share) else None,
        terms_words=terms_words(share.terms, share.draft) + _of_version(uow, share),
        eyes=written(Terms.from_text(share.terms).eyes),
        proposed_by=person_name(uow, permit, proposal.proposed_by),
        proposed_at=proposal.proposed_at,
        approved_by=None if decision is None else person_name(uow, permit, decision.decided_by),
        approved_at=share.approved_at,
    )


def _superseded(uow: UnitOfWork, share: Share, there: Sequence[Share]) -> str:
    newer = superseding(there, uow.documents.versions(share.document_id), share, uow.at)
    return (
        "" if newer is None else f"by version {newer.version}, released {day(newer.approved_at)}: {terms_words(newer.terms, newer.draft)}"
    )


#: What the originator's officers read; the recipient only ever reads "No longer available".
CLOSED = {
    Reason.REQUEST: ("Suspended", "A request was recorded after it was shared."),
    Reason.RECALL: ("Recalled", "Your body took it back."),
    Reason.EXPIRED: ("Ended", "The time for which it was shared is over."),
    Reason.RESTORED: ("Suspended", "A backup was restored, and the portal no longer knows what had closed it, or that nothing had."),
    Reason.SHREDDED: ("Shredded", "Your body shredded the document."),
}


def terms_words(terms: str, draft: bool) -> str:
    return Terms.from_text(terms).words + (", draft" if draft else "")


def _of_version(uow: UnitOfWork, of: Share | Proposal) -> str:
    """Which version, where there are several."""
    versions = uow.documents.versions(of.document_id)
    found = next((row for row in versions if row.number == of.version), None)
    return f". Version {found.number}, {found.language.words}" if found is not None and len(versions) > 1 else ""


def _answer_words(uow: UnitOfWork, share: Share, closure: Closure | None) -> str:
    """What the recipient answered. Their officers are not named here: who saw what is a page of its own."""
    answer = Answer.ACKNOWLEDGED if closure is None else Answer.RECALL_CONFIRMED
    given = uow.shares.answered(share.id, answer)
    word = "acknowledged" if closure is None else "confirmed by the recipient"
    return f"not {word} yet" if given is None else f"{word} {day(given.given_at)}"


def _may_recall(uow: UnitOfWork, permit: Permit, share: Share) -> bool:
    located = facts.proposal(uow, permit.subject, proposal_id=share.proposal_id)
    try:
        decide(uow.parts.policies, permit.subject, Action.SHARE_RECALL, located.facts, uow.context(permit.subject))
    except Denied:
        return False
    return True


def _undecided(uow: UnitOfWork, permit: Permit, document: Document) -> list[ShareView]:
    """Proposals that became no share: declined, or overtaken by a request."""
    views = []
    for proposal in uow.proposals.of_document(document.id):
        decision = uow.proposals.decision(proposal.id)
        if decision is not None and decision.verdict is Verdict.APPROVED:
            continue
        views.append(
            ShareView(
                recipient_short=body_short(uow, proposal.recipient),
                status=proposal_status(document, proposal, decision),
                terms_words=terms_words(proposal.terms, document.draft) + _of_version(uow, proposal),
                eyes=written(Terms.from_text(proposal.terms).eyes),
                proposed_by=person_name(uow, permit, proposal.proposed_by),
                proposed_at=proposal.proposed_at,
                approved_by=None,
                approved_at=None,
            )
        )
    return views


def proposal_status(document: Document, proposal: Proposal, decision: Decision | None) -> tuple[str, str]:
    if decision is not None:
        return ("done", "Approved") if decision.verdict is Verdict.APPROVED else ("done", "Declined")
    return ("wait", "Waits for a second officer") if proposal.epoch == document.epoch else ("late", "Overtaken")


def pending_of(uow: UnitOfWork, permit: Permit, document: Document, register: Register, before: Sequence[Before]) -> list[Pending]:
    """Every proposal that waits for a second officer. `before`: what each body had before."""
    waiting = (row for row in uow.proposals.of_document(document.id) if row.epoch == document.epoch)
    return [_pending(uow, permit, document, register, before, row) for row in waiting if uow.proposals.decision(row.id) is None]


def _pending(
    uow: UnitOfWork, permit: Permit, document: Document, register: Register, before: Sequence[Before], proposal: Proposal
) -> Pending:
    rendition = rendition_of(uow, document.originator, uow.renditions.get(proposal.rendition_id))
    assert rendition is not None
    assert permit.subject is not None
    honours = is_current(document, rendition, register.in_force)
    mine, terms = proposal.proposed_by == permit.subject.id, Terms.from_text(proposal.terms)
    had = had_before(before, register, rendition)
    return Pending(
        id=proposal.id,
        rendition=rendition.id,
        look_at=tuple(row.page for row in repeats_of(uow, permit, rendition).pages),
        recipient_short=body_short(uow, proposal.recipient),
        proposed_by=person_name(uow, permit, proposal.proposed_by),
        proposed_at=proposal.proposed_at,
        purpose=uow.words(permit, "proposal", "purpose", proposal.id, proposal.purpose),
        terms_words=terms_words(proposal.terms, document.draft) + _of_version(uow, proposal),
        eyes=written(terms.eyes),
        unmarked=terms.fetchable,
        asked_by=_asked_by(uow, proposal),
        before=None if had is None else had.rendition,
        checks=[
            (True, withheld_words(uow, permit, rendition)),
            *((True, words) for words in placed_words(uow, permit, register, proposal.version, proposal.recipient)),
            *([] if had is None else differences(uow, permit, document, had, rendition, terms)),
            (honours, "It honours every request in force" if honours else "It does not honour every request in force"),
            *proof_checks(uow, permit, rendition),
            (not mine, "You are the second person" if not mine else "You proposed this yourself; a second officer decides"),
        ],
    )


def _asked_by(uow: UnitOfWork, proposal: Proposal) -> str:
    onward = None if proposal.onward_id is None else uow.onward.get(proposal.onward_id)
    return "" if onward is None else body_short(uow, onward.asker)


def withheld_words(uow: UnitOfWork, permit: Permit, rendition: Rendition) -> str:
    withheld = Withheld.from_text(uow.words(permit, "rendition", "withheld", rendition.id, rendition.withheld))
    return f"Left out: {withheld.words}" if withheld else "Nothing is left out"


def repeats_of(uow: UnitOfWork, permit: Permit, rendition: Rendition) -> Repeats:
    """Where wording of what it leaves out stands elsewhere. Check the row first (`standing.rendition_of`)."""
    if rendition.repeats is None:
        return Repeats(looked_for=False)
    return Repeats.from_text(uow.words(permit, "rendition", "repeats", rendition.id, rendition.repeats))


def proof_checks(uow: UnitOfWork, permit: Permit, rendition: Rendition) -> list[tuple[bool, str]]:
    """What was proved of it, and what was not and is for an officer to judge."""
    repeats = repeats_of(uow, permit, rendition)
    if repeats.sentences:
        return [(True, "Proved: what is kept back is gone from its places"), *((False, sentence) for sentence in repeats.sentences)]
    return [(True, "Proved: what is kept back is gone from its places, and its wording was found nowhere else")]
