"""What a body had of a document before, in the same language: what a proposal replaces, on which terms that was, and what differs in marks.

For the originator's own officers. What was passed on at the request of another recipient comes back by such a request, not by this.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from portal.cases.compare_marks import left_out, version_words
from portal.cases.names import body_short, day
from portal.cases.places import unplaced, version_of
from portal.cases.standing import Register, binding, is_current, rendition_of, withheld_from
from portal.cases.uow import UnitOfWork
from portal.confidentiality.compared import changes_words, page_changes
from portal.confidentiality.models import Rendition
from portal.documents.models import Document
from portal.kernel.permit import Permit
from portal.sharing.eyes import written
from portal.sharing.models import Reason, Share
from portal.sharing.terms import Terms, Use

#: How officers read what closed it, beside its day.
_CLOSED_BY = {
    Reason.REQUEST: "a request closed it",
    Reason.RECALL: "your body took it back",
    Reason.EXPIRED: "its time was over",
    Reason.RESTORED: "a restore closed it",
    Reason.SHREDDED: "it was shredded",
}
#: What was closed without anybody wanting to end the sharing: an officer is shown the way to share it again.
_AGAIN = {Reason.REQUEST, Reason.RESTORED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The share that a body had last in one language. `closed_words` is empty while it is open; `again`: it waits to be shared again."""

    share: UUID
    recipient: str
    recipient_short: str
    version_words: str
    rendition: UUID
    language: str
    released_at: datetime
    closed_at: datetime | None
    closed_words: str
    again: bool
    purpose: str
    terms: Terms
    terms_words: str


def shared_before(uow: UnitOfWork, permit: Permit, document: Document, register: Register, shares: Sequence[Share]) -> list[Before]:
    """Of each body and language the share that was approved last, newest first."""
    last: dict[tuple[str, str], Before] = {}
    versions = {row.number: row for row in register.versions}
    for share in shares:
        version = versions[share.version]
        if share.onward_id is None and (share.recipient, version.language_word) not in last:
            last[share.recipient, version.language_word] = _before(uow, permit, share, version_words(version), version.language_word)
    return list(last.values())


def had_before(before: Sequence[Before], register: Register, rendition: Rendition) -> Before | None:
    """What the audience of a rendition had before in its language, if it is not this rendition."""
    language = next(row.language_word for row in register.versions if row.number == rendition.version)
    found = (row for row in before if (row.recipient, row.language) == (rendition.audience, language))
    return next((row for row in found if row.rendition != rendition.id), None)


def _before(uow: UnitOfWork, permit: Permit, share: Share, words: str, language: str) -> Before:
    closure, proposal = uow.shares.closure(share.id), uow.proposals.get(share.proposal_id)
    assert proposal is not None
    terms = Terms.from_text(share.terms)
    return Before(
        share=share.id,
        recipient=share.recipient,
        recipient_short=body_short(uow, share.recipient),
        version_words=words,
        rendition=share.rendition_id,
        language=language,
        released_at=share.approved_at,
        closed_at=None if closure is None else closure.closed_at,
        closed_words="" if closure is None else f"{day(closure.closed_at)}: {_CLOSED_BY[Reason(closure.reason)]}",
        again=closure is not None and Reason(closure.reason) in _AGAIN,
        purpose=uow.words(permit, "proposal", "purpose", proposal.id, proposal.purpose),
        terms=terms,
        terms_words=terms.words,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What was closed and not shared again, and what comes next: `step` is "place", "build", "propose", "decide" or "withheld"."""

    before: Before
    step: str


def to_share_again(
    uow: UnitOfWork, permit: Permit, document: Document, register: Register, before: Sequence[Before], rendition: Rendition | None
) -> list[Again]:
    """What a request or a restore closed, and the next step to share it again. `rendition`: the one that was prepared last."""
    return [Again(before=row, step=_step(uow, permit, document, register, row, rendition)) for row in before if row.again]


def _step(uow: UnitOfWork, permit: Permit, document: Document, register: Register, before: Before, rendition: Rendition | None) -> str:
    if before.recipient in withheld_from(uow, register.in_force, document.originator):
        return "withheld"
    version = version_of(register, before.language)
    if unplaced(uow, permit, register, binding(register.in_force, before.recipient), version.number):
        return "place"
    wanted = (before.recipient, version.number, document.epoch)
    waiting = (row for row in uow.proposals.of_document(document.id) if (row.recipient, row.version, row.epoch) == wanted)
    if any(uow.proposals.decision(row.id) is None for row in waiting):
        return "decide"
    current = rendition is not None and is_current(document, rendition, register.in_force)
    return "propose" if current and rendition is not None and (rendition.audience, rendition.version) == wanted[:2] else "build"


def as_before(before: Before, at: datetime) -> dict[str, str]:
    """The form of a proposal under the same terms and purpose; days that are over are left for an officer to say anew."""
    terms = before.terms
    return {
        "purpose": before.purpose,
        "use": terms.use.value,
        "until": "" if terms.until is None or terms.is_over(at) else terms.until.isoformat(),
        "opens": terms.opens.isoformat() if terms.opens is not None and terms.is_embargoed(at) else "",
        "eyes": " ".join(written(terms.eyes)),
    }


def differences(
    uow: UnitOfWork, permit: Permit, document: Document, before: Before, rendition: Rendition, terms: Terms | None = None
) -> list[tuple[bool, str]]:
    """What officers read: what the body had, what is left out otherwise now, and other `terms`. False: more may be seen, or for longer."""
    had = rendition_of(uow, document.originator, uow.renditions.get(before.rendition))
    assert had is not None
    name, verb = before.recipient_short, "had" if before.closed_words else "has"
    left = [left_out(uow, permit, row) for row in (had, rendition)]
    said = [(True, f"Replaces what the {name} had from {day(before.released_at)}. Closed {before.closed_words}")] if verb == "had" else []
    if had.version == rendition.version:
        changes = page_changes(*left)
        words = changes_words(changes) or "nothing is left out otherwise"
        said.append((not any(row.change.opens for row in changes), f"Since what the {name} {verb}: {words}"))
    else:
        said.append((True, f"The {name} {verb} {before.version_words}. Left out there: {left[0].words or 'nothing'}"))
    if terms is not None and terms != (agreed := _still(before.terms, uow.at)):
        said.append((_within(terms, agreed), f"Other terms than before: {before.terms_words}"))
    return said


def _still(terms: Terms, at: datetime) -> Terms:
    """The same without a first day that has come."""
    return terms if terms.is_embargoed(at) else replace(terms, opens=None)


def _within(terms: Terms, before: Terms) -> bool:
    """Does nothing of the terms allow more than those before: no wider use, no earlier or later day, nobody else's eyes?"""
    uses = list(Use)
    wider = uses.index(terms.use) > uses.index(before.use)
    longer = before.until is not None and (terms.until is None or terms.until > before.until)
    sooner = before.opens is not None and (terms.opens is None or terms.opens < before.opens)
    others = bool(before.eyes) and not (terms.eyes and terms.eyes <= before.eyes)
    return not (wider or longer or sooner or others)
