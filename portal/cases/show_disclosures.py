"""Who of another body saw what of a document, for its originator: above all after a late request, and at any time.

It rests on the log, so it says what the log holds and never that nobody saw: no record tells what somebody did with what they held.
What was only the notice of a page left out is no disclosure of that page; what a request names now and was shown is said first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from portal.audit.disclosures import Disclosure, disclosures
from portal.cases.names import body_short
from portal.cases.places import kept_in
from portal.cases.reading_sessions import unsummed_views
from portal.cases.seen_shares import SeenShare, seen_shares
from portal.cases.standing import Register, binding, register_of
from portal.cases.uow import Notes, UnitOfWork
from portal.confidentiality.boxes import Withheld, pages_words
from portal.confidentiality.models import Request, Scope
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit
from portal.sharing.closures import closures_of
from portal.sharing.models import Closure, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """One person and one share. `pages` are runs of pages opened equally often: (words, views).

    `opened` are all of them, `further` how often one was opened again.
    `notice_only` are pages that showed only that they are not included; `kept_now` those that were shown and that a request names since.
    `share` is None where the events name one that the document does not have; `before`: when the request that closed it was recorded.
    """

    person: str
    body_short: str
    pages: list[tuple[str, int]]
    opened: str
    views: int
    further: int
    notice_only: str
    kept_now: str
    copies: int
    copy_numbers: tuple[str, ...]
    files: int
    searches: int
    first: datetime
    last: datetime
    share_short: str
    share: SeenShare | None
    before: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenView:
    """`rows` newest first, `shares` as well. `damaged`: something was changed after it was written, so either may lack something."""

    document_id: UUID
    title: str
    symbol: str
    level: int
    originator_short: str
    rows: list[SeenRow]
    shares: list[SeenShare]
    damaged: bool


@dataclass(frozen=True, slots=True)
class _Given:
    """What is known of one share: what became of it, what it left out, and the request that closed it."""

    share: Share
    told: SeenShare
    left_out: frozenset[int]
    request: Request | None
    names: frozenset[int]


def show_disclosures(uow: UnitOfWork, permit: Permit, document: Document) -> SeenView:
    """Every disclosure of the document to another body that the log holds, and every share of it, newest first."""
    permit.must_cover(Action.DISCLOSURE_READ, document)
    shares = uow.shares.of_document(document.id)
    unsummed, changed = unsummed_views(uow, shares)
    found = disclosures(uow.session, permit, document.id, sealer=uow.holder, unsummed=unsummed)
    told, altered = seen_shares(uow, shares)
    damaged = found.damaged or changed or altered
    if damaged:
        alarm = Notes(document=document.id, detail={"alarm": "tampered", "list": "disclosures"})
        uow.also(Event.ALARM_RAISED, alarm, originator=document.originator)
    given = _given(uow, permit, document, told)
    persons = _persons(uow, found.rows)
    return SeenView(
        document_id=document.id,
        title=uow.words(permit, "document", "title", document.id, document.title),
        symbol=document.symbol,
        level=document.level_number,
        originator_short=body_short(uow, document.originator),
        rows=[_row(uow, seen, persons[seen.person], given.get(seen.share)) for seen in found.rows],
        shares=list(told.values()),
        damaged=damaged,
    )


def _given(uow: UnitOfWork, permit: Permit, document: Document, told: Mapping[UUID, SeenShare]) -> dict[UUID | None, _Given]:
    register = register_of(uow, document.id, document)
    requests = register.requests  # one lifted since closed it all the same
    closed = closures_of(uow.session, document.id)
    found: dict[UUID | None, _Given] = {}
    for share in uow.shares.of_document(document.id):
        request = closing_request(binding(requests, share.recipient), closed.get(share.id))
        found[share.id] = _Given(
            share=share,
            told=told[share.id],
            left_out=pages_left_out(uow, permit, share),
            request=request,
            names=frozenset() if request is None else pages_named(uow, permit, register, request, share),
        )
    return found


def closing_request(requests: Sequence[Request], closure: Closure | None) -> Request | None:
    """Of requests, oldest first: the newest that was there when a request closed the share: the one that closed it."""
    if closure is None or closure.reason != "request":
        return None
    return next((row for row in reversed(requests) if row.recorded_at <= closure.closed_at), None)


def pages_left_out(uow: UnitOfWork, permit: Permit, share: Share) -> frozenset[int]:
    """The pages of which a share shows only that they are not included."""
    rendition = uow.renditions.get(share.rendition_id)
    if rendition is None:
        return frozenset()
    withheld = Withheld.from_text(uow.words(permit, "rendition", "withheld", rendition.id, rendition.withheld))
    return withheld.pages | {box.page for box in withheld.grown if box.whole}


def pages_named(uow: UnitOfWork, permit: Permit, register: Register, request: Request, share: Share) -> frozenset[int]:
    """The pages that a request keeps of the shared version, whole or in part; all if nobody has said where it stands there."""
    kept = None if request.scope is Scope.DOCUMENT else kept_in(uow, permit, register, request, share.version)
    return frozenset(range(1, share.pages + 1)) if kept is None else kept.pages | {box.page for box in kept.boxes}


def _persons(uow: UnitOfWork, rows: Sequence[Disclosure]) -> Mapping[int, str]:
    """A name for each person; those whose name the log does not hold for us are told apart by a number where there are several."""
    unnamed: dict[str, list[int]] = {}
    for seen in sorted(rows, key=lambda seen: seen.person):
        if seen.name is None and seen.person not in unnamed.setdefault(seen.body, []):
            unnamed[seen.body].append(seen.person)
    words = {seen.person: seen.name for seen in rows if seen.name is not None}
    for body, persons in unnamed.items():
        for number, person in enumerate(persons, start=1):
            words[person] = f"A person of the {body_short(uow, body)}" + (f" ({number})" if len(persons) > 1 else "")
    return words


def _row(uow: UnitOfWork, seen: Disclosure, person: str, given: _Given | None) -> SeenRow:
    opened = frozenset(seen.pages)
    left_out = given.left_out if given is not None else frozenset()
    left = bool(seen.copies or seen.files)  # with a copy or a file every page left
    shown = frozenset(range(1, given.share.pages + 1)) - left_out if left and given is not None else opened - left_out
    request = given.request if given is not None else None
    return SeenRow(
        person=person,
        body_short=body_short(uow, seen.body),
        pages=list(_runs(seen.pages)),
        opened=pages_words(opened),
        views=sum(seen.pages.values()),
        further=sum(seen.pages.values()) - len(opened),
        notice_only=pages_words(opened & left_out),
        kept_now=pages_words(shown & given.names) if given is not None else "",
        copies=seen.copies,
        copy_numbers=tuple(sorted(seen.numbers)),
        files=seen.files,
        searches=seen.searches,
        first=seen.first,
        last=seen.last,
        share_short=str(seen.share)[:8] if seen.share is not None else "",
        share=given.told if given is not None else None,
        before=request.recorded_at if request is not None else None,
    )


def _runs(pages: Mapping[int, int]) -> Iterator[tuple[str, int]]:
    """Pages opened equally often in a row, together: {1: 2, 2: 1, 3: 1} → ("1", 2), ("2-3", 1)."""
    for views, run in groupby(sorted(pages), key=pages.__getitem__):
        yield pages_words(run), views
