"""An attestation: what a Member State asked to keep, since when it is in force here, and what was disclosed before; for the State.

It is a text that a person reads, signed by the log under a name of its own, with proofs below that anybody checks without a portal
(docs/attestations.md). It rests on the log, so it says what the log records and never that nothing happened; it names no person, and of the
document nothing but its symbol. What was changed after it was written is not attested.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from portal.audit.attested import Attested, attested, recording_of
from portal.audit.disclosures import Span, disclosures
from portal.cases.attestation_text import Asked, Closed, Handed, Released, Seen, Told, moment, text_of
from portal.cases.names import body_short, day, state_name
from portal.cases.places import words_of
from portal.cases.reading_sessions import unsummed_views
from portal.cases.request_facts import RequestTarget
from portal.cases.show_disclosures import closing_request, pages_left_out, pages_named
from portal.cases.show_requests import from_words
from portal.cases.standing import Register, register_of
from portal.cases.transfer import checked, steps_of
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import pages_words
from portal.confidentiality.models import Request
from portal.confidentiality.rules import Ground
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden, Tampered
from portal.kernel.permit import Permit
from portal.sharing.closures import closures_of
from portal.sharing.models import Answer, Share
from portal.sharing.transfers import Step

#: What the log's key is called where it signs an attestation: with its own first line, none passes for a checkpoint.
SIGNER = "/attestation"


@dataclass(frozen=True, slots=True)
class Attestation:
    name: str
    content: bytes


def attest_request(uow: UnitOfWork, permit: Permit, target: RequestTarget) -> Attestation:
    """The signed file. Raises `Hidden` for what no State asked, `Unsigned` before the log signed it, `Tampered` for what was changed."""
    permit.must_cover(Action.REQUEST_ATTEST, target)
    document = uow.documents.get(target.request.document_id)
    if document is None:
        raise Tampered(f"no document {target.request.document_id}")
    register = register_of(uow, document.id, document)
    chain = _chain(register, target.request)
    row, first = chain[0], chain[-1]
    if words_of(uow, permit, row).ground is not Ground.STATE:
        raise Hidden("no State asked for it")
    sequencer = uow.parts.sequencer
    recorded = recording_of(uow.session, document.id, first.id)
    proofs = attested(uow.session, recorded, log_dir=sequencer.log_dir, key=sequencer.key.verifier)
    key = sequencer.key.named(SIGNER)
    told = _told(uow, permit, document, register, chain, proofs)
    content = key.sign(text_of(key.name, told) + proofs.text).encode()
    digest = hashlib.sha256(content).hexdigest()
    uow.notes.detail |= {"request": str(row.id), "sha256": digest, "leaf": proofs.leaf}
    return Attestation(f"attestation {document.symbol} {uow.at:%Y-%m-%d}.txt", content)


def _chain(register: Register, row: Request) -> list[Request]:
    """The request, and each that was narrowed to it, up to the one that was recorded."""
    earlier = {one.id: one for one in register.requests}
    chain = [row]
    while chain[-1].narrows is not None:
        chain.append(earlier[chain[-1].narrows])
    return chain


def _told(uow: UnitOfWork, permit: Permit, document: Document, register: Register, chain: list[Request], proofs: Attested) -> Told:
    row, since = chain[0], chain[-1].recorded_at
    words = words_of(uow, permit, row)
    if moment(since) != moment(proofs.at):
        raise Tampered(f"request {chain[-1].id} says another time than the log")
    versions = f" (pages and passages of version {words.version})" if words.pages or words.boxes else ""
    asked = Asked(
        state=f"{state_name(uow, words.state)} ({words.state})",
        communication=", dated ".join(filter(None, (words.reference, words.dated and day(date.fromisoformat(words.dated))))),
        symbol=document.symbol,
        scope=f"{words.scope_words}{versions}",
        withheld_from=from_words(uow, row.withheld_from),
        until="" if row.until is None else day(row.until),
    )
    shares = {share.id: share for share in uow.shares.of_document(document.id)}
    handed = _handed(uow, document, shares)
    closed = _closed(uow, document, register, chain, shares)
    before = Span(since, frozenset(closed))
    return Told(
        made=moment(uow.at),
        by=f"{uow.parts.config.named(document.originator).name} ({document.originator})",
        asked=asked,
        since=moment(since),
        narrowed=moment(row.recorded_at) if len(chain) > 1 else "",
        leaf=proofs.leaf,
        first_size=proofs.first.size,
        newest_size=proofs.newest.size,
        before=_seen(uow, permit, document, register, chain, before),
        after=_seen(uow, permit, document, register, chain, replace(before, later=True)),
        handed_before=tuple(one for one in handed if one.on <= since.date()),
        handed_after=tuple(one for one in handed if one.on > since.date()),
        closed=tuple(closed.values()),
        released=_released(uow, chain, shares),
    )


def _named_body(uow: UnitOfWork, code: str) -> str:
    return f"the {body_short(uow, code)} ({code})"


def _seen(uow: UnitOfWork, permit: Permit, document: Document, register: Register, chain: list[Request], span: Span) -> tuple[Seen, ...]:
    """By body, what the log records of a part of the time."""
    shares = uow.shares.of_document(document.id)
    unsummed, changed = unsummed_views(uow, shares)
    found = disclosures(uow.session, permit, document.id, sealer=uow.holder, unsummed=unsummed, span=span)
    if changed or found.damaged:
        raise Tampered(f"what the log records of document {document.id} was changed")
    by_id: dict[UUID | None, Share] = {share.id: share for share in shares}
    seen = []
    for code in sorted({one.body for one in found.rows}):
        rows = [one for one in found.rows if one.body == code]
        named: set[int] = set()
        for one in rows:
            share = by_id.get(one.share)
            if share is None:
                raise Tampered(f"a disclosure of document {document.id} hangs on a share that is gone")
            left = range(1, share.pages + 1) if one.copies or one.files else one.pages
            named |= (set(left) - pages_left_out(uow, permit, share)) & pages_named(uow, permit, register, chain[0], share)
        seen.append(
            Seen(
                body=_named_body(uow, code),
                persons=len({one.person for one in rows}),
                views=sum(sum(one.pages.values()) for one in rows),
                searches=sum(one.searches for one in rows),
                taken=sum(one.copies + one.files for one in rows),
                first=moment(min(one.first for one in rows)),
                last=moment(max(one.last for one in rows)),
                named=pages_words(named),
            )
        )
    return tuple(seen)


def _handed(uow: UnitOfWork, document: Document, shares: dict[UUID, Share]) -> list[Handed]:
    """What went by other means and was not struck."""
    found = []
    for row in checked(uow, uow.transfers.of_document(document.id)):
        if row.share_id not in shares:
            raise Tampered(f"a transfer of document {document.id} hangs on a share that is gone")
        steps = steps_of(uow, row)
        if Step.STRUCK not in steps:
            back = steps.get(Step.RETURNED)
            words = f"{row.means.words.lower()}: {'it stays there' if row.went.leaves else 'it was shown or told'}"
            words = words if back is None else f"{row.means.words.lower()}: {back.what} since"
            found.append(Handed(_named_body(uow, row.recipient), row.day, words))
    return sorted(found, key=lambda one: one.on)


def _closed(uow: UnitOfWork, document: Document, register: Register, chain: list[Request], shares: dict[UUID, Share]) -> dict[UUID, Closed]:
    """The shares that this request closed when it was recorded."""
    found = {}
    for share_id, closure in closures_of(uow.session, document.id).items():
        share = shares[share_id]
        binding = [row for row in register.requests if row.binds(share.recipient)]
        if closing_request(binding, closure) in chain:
            confirmed = uow.shares.answered(share_id, Answer.RECALL_CONFIRMED)
            found[share_id] = Closed(
                body=_named_body(uow, share.recipient),
                released=moment(share.approved_at),
                closed=moment(closure.closed_at),
                confirmed="" if confirmed is None else moment(confirmed.given_at),
            )
    return found


def _released(uow: UnitOfWork, chain: list[Request], shares: dict[UUID, Share]) -> tuple[Released, ...]:
    """What was shared since, and whether it was made to leave out what the request names."""
    ids = {row.id for row in chain}
    found = []
    for share in sorted(shares.values(), key=lambda one: one.approved_at):
        if share.approved_at > chain[-1].recorded_at:
            rendition = uow.renditions.get(share.rendition_id)
            covered = rendition is not None and bool(rendition.covered & ids)
            found.append(Released(_named_body(uow, share.recipient), moment(share.approved_at), covered, chain[0].binds(share.recipient)))
    return tuple(found)
