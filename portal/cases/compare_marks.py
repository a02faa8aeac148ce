"""What is kept back in two versions, or left out of two renditions, side by side: what moved, what has no place yet, what ended in between.

Of versions for those who may see their pages; of renditions for everybody who may look at them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from portal.cases import facts
from portal.cases.names import body_short, day
from portal.cases.places import kept_in, words_of
from portal.cases.read_pages import PreviewTarget
from portal.cases.standing import Register, register_of, rendition_of
from portal.cases.uow import UnitOfWork
from portal.confidentiality.boxes import Withheld, pages_words
from portal.confidentiality.compared import Change, PageChange, page_changes
from portal.confidentiality.models import Rendition, Request, Scope
from portal.confidentiality.places import Placed
from portal.confidentiality.request_acts import Act, RequestAct
from portal.documents.models import Document, Version
from portal.kernel.actions import Action
from portal.kernel.errors import Hidden
from portal.kernel.permit import Permit
from portal.policy.decide import decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Where something is kept in one version: in words, and its pages. `placed`: false as long as nobody said where."""

    words: str
    pages: tuple[int, ...] = ()
    placed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRow:
    """One request. `verdict` is a mark and a word."""

    ground_words: str
    reference: str
    first: Side
    second: Side
    verdict: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsCompared:
    title: str
    symbol: str
    level: int
    originator_short: str
    first: int
    second: int
    #: (number, words) of every version.
    versions: list[tuple[int, str]]
    rows: list[MarkRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """A page of which either rendition leaves something out: what, in words, and a mark and a word for the difference."""

    page: int
    before: str
    now: str
    verdict: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionsCompared:
    """`rows` only where both are of one version: the pages of two versions are not the same pages."""

    title: str
    symbol: str
    level: int
    originator_short: str
    audience_short: str
    before: UUID
    now: UUID
    #: What each leaves out, in words, and of which version it is.
    before_words: tuple[str, str]
    now_words: tuple[str, str]
    rows: list[PageRow] | None


def compare_versions(uow: UnitOfWork, permit: Permit, document: Document, *, first: int | None, second: int | None) -> VersionsCompared:
    """Two versions; the newest one and the one before it of its language, if none are named. `Hidden` for one that there is not; and what
    `decide` raises of somebody who may not see their pages."""
    permit.must_cover(Action.DOCUMENT_READ, document)
    _must_see(uow, permit, document, Action.VERSION_READ)
    register = register_of(uow, document.id, document)
    numbers = {row.number: row for row in register.versions}
    later = numbers.get(second if second is not None else max(numbers, default=0))
    earlier = numbers.get(first) if first is not None else None if later is None else _before(register, later)
    if earlier is None or later is None:
        raise Hidden(f"no versions {first} and {second}")
    uow.notes.detail |= {"first": earlier.number, "second": later.number}
    return VersionsCompared(
        title=uow.words(permit, "document", "title", document.id, document.title),
        symbol=document.symbol,
        level=document.level_number,
        originator_short=body_short(uow, document.originator),
        first=earlier.number,
        second=later.number,
        versions=[(row.number, version_words(row)) for row in register.versions],
        rows=list(_rows(uow, permit, register, earlier, later)),
    )


def compare_renditions(uow: UnitOfWork, permit: Permit, target: PreviewTarget, *, before: UUID | None) -> RenditionsCompared:
    """This rendition, held against an earlier one for the same body. `Hidden` for one of another document or body."""
    document, now = target.document, target.rendition
    permit.must_cover(Action.DOCUMENT_READ, document)
    _must_see(uow, permit, document, Action.RENDITION_READ)
    earlier = rendition_of(uow, document.originator, None if before is None else uow.renditions.get(before))
    if earlier is None or (earlier.document_id, earlier.audience) != (now.document_id, now.audience):
        raise Hidden(f"no rendition {before} for {now.audience}")
    versions = {row.number: row for row in uow.documents.versions(document.id)}
    uow.notes.detail |= {"rendition": str(now.id), "before": str(earlier.id)}
    left = [left_out(uow, permit, row) for row in (earlier, now)]
    return RenditionsCompared(
        title=uow.words(permit, "document", "title", document.id, document.title),
        symbol=document.symbol,
        level=document.level_number,
        originator_short=body_short(uow, document.originator),
        audience_short=body_short(uow, now.audience),
        before=earlier.id,
        now=now.id,
        before_words=(version_words(versions[earlier.version]), left[0].words or "nothing"),
        now_words=(version_words(versions[now.version]), left[1].words or "nothing"),
        rows=[_page(row) for row in page_changes(*left)] if earlier.version == now.version else None,
    )


#: How each change is marked: what may be seen that could not be seen before stands out.
VERDICTS = {
    Change.ADDED: ("wait", "Added"),
    Change.MORE: ("wait", "More is kept"),
    Change.SAME: ("done", "As before"),
    Change.OTHER: ("late", "Otherwise"),
    Change.LESS: ("late", "Less is kept"),
    Change.GONE: ("late", "No longer kept"),
}


def _page(row: PageChange) -> PageRow:
    return PageRow(page=row.page, before=row.before, now=row.now, verdict=VERDICTS[row.change])


def _must_see(uow: UnitOfWork, permit: Permit, document: Document, action: Action) -> None:
    """No page is shown here, but where on pages something stands: that is for whoever may see them, and has confirmed that it is them."""
    located = facts.document(uow, permit.subject, document_id=document.id)
    decide(uow.parts.policies, permit.subject, action, located.facts, uow.context(permit.subject))


def left_out(uow: UnitOfWork, permit: Permit, rendition: Rendition) -> Withheld:
    return Withheld.from_text(uow.words(permit, "rendition", "withheld", rendition.id, rendition.withheld))


def version_words(row: Version) -> str:
    return f"Version {row.number}, {row.language.words}"


def _before(register: Register, later: Version) -> Version | None:
    """The one before it in its language; else the one before it."""
    earlier = [row for row in register.versions if row.number < later.number]
    return next((row for row in reversed(earlier) if row.language == later.language), earlier[-1] if earlier else None)


def _rows(uow: UnitOfWork, permit: Permit, register: Register, first: Version, second: Version) -> Iterator[MarkRow]:
    """Those in force, then those that ended after the earlier of both came."""
    since = min(first.deposited_at, second.deposited_at)
    ended = {act.request_id: act for act in register.acts if act.act.ends and act.done_at >= since}
    for row in (*register.in_force, *(row for row in register.requests if row.id in ended)):
        sides = [_side(uow, permit, register, row, version.number) for version in (first, second)]
        words = words_of(uow, permit, row)
        yield MarkRow(
            ground_words=words.ground.words,
            reference=words.reference,
            first=sides[0],
            second=sides[1],
            verdict=_ended(ended[row.id]) if row.id in ended else _verdict(row, *sides),
        )


def _ended(act: RequestAct) -> tuple[str, str]:
    return ("wait", f"Narrowed {day(act.done_at)}") if act.act is Act.NARROWED else ("late", f"Lifted {day(act.done_at)}")


def _side(uow: UnitOfWork, permit: Permit, register: Register, row: Request, version: int) -> Side:
    if row.scope is Scope.DOCUMENT:
        return Side(words="The whole document")
    kept = kept_in(uow, permit, register, row, version)
    if kept is None:
        return Side(words="No place yet" if row in register.in_force else "Nothing", placed=False)
    return Side(words=_where(kept, _labels(uow, permit, register, row, version)), pages=tuple(sorted(_pages(kept))))


def _labels(uow: UnitOfWork, permit: Permit, register: Register, row: Request, version: int) -> tuple[str, ...]:
    words, place = words_of(uow, permit, row), register.place(row.id, version)
    if place is None:
        return () if words.pages or words.drawn else words.labels
    return Placed.from_text(uow.words(permit, "request_place", "kept", place.id, place.kept)).labels


def _where(kept: Withheld, labels: tuple[str, ...]) -> str:
    """ "§16(e), on page 4"; "page 3, and a passage on page 5"."""
    if not labels:
        return kept.words[:1].upper() + kept.words[1:]
    pages = _pages(kept)
    return f"{', '.join(labels)}, on {'page' if len(pages) == 1 else 'pages'} {pages_words(pages)}"


def _pages(kept: Withheld) -> frozenset[int]:
    return kept.pages | {box.page for box in kept.boxes}


def _verdict(row: Request, first: Side, second: Side) -> tuple[str, str]:
    if row.scope is Scope.DOCUMENT:
        return "done", "In every version"
    if not (first.placed and second.placed):
        return "late", "Unplaced"
    if first.pages != second.pages:
        return "wait", "Moved"
    return ("done", "Same pages") if first.words == second.words else ("wait", "Marked otherwise")
