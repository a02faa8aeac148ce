"""A list: which things of one kind a person may see, said once for pages, totals, facets, suggestions, searches and exports.

The policy as SQL (`policy.listing`) is the WHERE of everything that is asked here; what a person chooses only narrows it, so that no
count, no option of a filter and no suggestion comes from a row they may not see. A row is decided again before anything of it is shown;
where the decision disagrees with the list, or the row was changed, the row is hidden and an alarm raised.

Counting ends at `COUNTED` rows and a search in titles at `SEARCHED`: titles are sealed, and each has to be opened.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, select, true, tuple_
from sqlalchemy.sql.expression import FromClause

from portal.cases.facts import Located
from portal.cases.plain_text import is_plain
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.database import Instant
from portal.kernel.errors import Denied, Invalid, StepUpNeeded, Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Permit, Subject
from portal.policy.decide import decide
from portal.policy.listing import Column, ListingMap, type_of, visible

PAGE = 50
COUNTED, SEARCHED, SUGGESTED = 10_000, 2_000, 10
#: What a person chose who chose nothing.
NOTHING: Mapping[str, str] = MappingProxyType({})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = 253_402_300_800_000_000  # microseconds to the year 10000


class Listed(Protocol):
    """Whatever can stand in a list: it has a key, and a body whose business it is."""

    @property
    def id(self) -> Any: ...

    @property
    def originator(self) -> Any: ...


Row = TypeVar("Row", bound=Listed)
Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One way to narrow a list: a column, or any expression, with a few values. `read` turns what was typed into a value (ValueError for
    none), `words` names a value that stands in a visible row. `several`: the column holds words with commas between them.
    `default`: the value that the list is narrowed to while nothing else is chosen; `unchosen` says so in its stead.
    """

    label: str
    column: Column
    read: Callable[[str], Any]
    words: Callable[[Any], str]
    several: bool = False
    default: str = ""
    unchosen: str = "All"

    def holds(self, value: Any) -> ColumnElement[bool]:
        if self.several:
            return (literal(",") + self.column + literal(",")).contains(f",{value},", autoescape=True)
        equal: ColumnElement[bool] = self.column == value
        return equal

    def values(self, stored: Any) -> tuple[Any, ...]:
        if stored is None:
            return ()
        return tuple(word for word in stored.split(",") if word) if self.several else (stored,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """Where the sealed titles of a list are. `open_to`: the rows whose title this person may read now; no other is searched."""

    table: str
    column: Any
    open_to: ColumnElement[bool] = field(default_factory=true)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[Row, Shown]):
    """One list. `order`: all descending, the key last. `source`: what to join where the attributes stand in another table.

    `action` is what each row is decided on, of what `locate` finds; `show` makes what leaves, and opens words.
    """

    model: type[Row]
    columns: ListingMap
    action: Action
    locate: Callable[[Row], Located]
    show: Callable[[Row], Shown]
    about: Callable[[Row], Notes]
    order: tuple[Column, ...]
    source: FromClause | None = None
    symbol: Column | None = None
    titles: Titles | None = None
    facets: Mapping[str, Facet] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page(Generic[Shown]):
    rows: list[Shown]
    older: str | None


@dataclass(frozen=True, slots=True)
class Total:
    """`more`: there are more than this, and nobody counted how many."""

    number: int
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One value of a facet in the rows that are left by all other filters. `count` is None in a list too long to count."""

    value: str
    words: str
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A facet as a page shows it. A `chosen` value that no visible row has is no option: it has no words that could tell something."""

    name: str
    label: str
    chosen: str
    options: list[Option]
    unchosen: str = "All"


class Crowded(Invalid):
    """There are too many titles to search."""

    code = "crowded"
    heading = "Too many titles to search"
    public = f"More than {SEARCHED:,} documents fit. Go back and choose a State, a visit, a kind, a level or a symbol first; then search."


class Selection(Generic[Row, Shown]):
    """What one person sees of a list, narrowed by what they chose (`title`, `symbol`, names of facets). Raises `Invalid`, `Crowded`."""

    def __init__(self, uow: UnitOfWork, permit: Permit, listing: Listing[Row, Shown], chosen: Mapping[str, str]) -> None:
        assert permit.subject is not None
        self._uow, self._permit, self._listing = uow, permit, listing
        self._subject: Subject = permit.subject
        self._chosen = {name: text for name, text in chosen.items() if text}
        self._visible = visible(uow.parts.policies, self._subject, listing.action, uow.context(self._subject), listing.columns)
        self._narrowed = {name: self._narrow(name, text) for name, text in self._chosen.items() if name != "title"}
        for name, facet in listing.facets.items():
            if facet.default and name not in self._narrowed:
                self._narrowed[name] = self._narrow(name, facet.default)
        if words := self._chosen.get("title"):
            self._narrowed["title"] = self._titled(words)

    # ---- what is asked of a list
    def page(self, before: str = "", *, limit: int = PAGE) -> Page[Shown]:
        """The rows after `before`, each decided again."""
        found = self._uow.session.execute(self.statement(before, limit=limit)).all()
        older = _written(found[limit - 1][1:]) if len(found) > limit else None
        return Page([shown for row in found[:limit] if (shown := self.shown(row[0])) is not None], older)

    def statement(self, before: str = "", *, limit: int = PAGE) -> Any:
        """What `page` asks the database, and one row more; nothing of what it finds is decided yet."""
        order = self._listing.order
        statement = self._rows(*order).order_by(*(column.desc() for column in order)).limit(limit + 1)
        if not before:
            return statement
        given = [literal(value, type_of(column)) for value, column in zip(_parsed(before, order), order, strict=True)]
        return statement.where(tuple_(*order) < tuple_(*given))

    def total(self) -> Total:
        some = self._rows().with_only_columns(literal(1).label("one"), maintain_column_froms=True).limit(COUNTED + 1).subquery()
        number = self._uow.session.scalar(select(func.count()).select_from(some)) or 0
        return Total(min(number, COUNTED), number > COUNTED)

    def choices(self) -> list[Choice]:
        return [self._choice(name, facet) for name, facet in self._listing.facets.items()]

    def suggest(self) -> list[str]:
        """The first symbols, by symbol. Symbols only: a title is no business of whoever is still typing."""
        symbol = self._listing.symbol
        assert symbol is not None
        found = self._uow.session.execute(self._rows(symbol).order_by(symbol).limit(SUGGESTED)).all()
        return [text for row, text in found if self._agrees(row)]

    def shown(self, row: Row) -> Shown | None:
        """The row as it leaves; None, and an alarm, where the decision disagrees with the list or the row was changed."""
        if not self._agrees(row):
            return None
        try:
            return self._listing.show(row)
        except Tampered as error:
            self._alarm(row, error.code)
            return None

    # ---- how
    def _rows(self, *beside: Column, without: str = "") -> Any:
        """Every statement of a list begins here, and so with the policy."""
        listing = self._listing
        conditions = [condition for name, condition in self._narrowed.items() if name != without]
        statement = select(listing.model, *beside).where(and_(self._visible, *conditions))
        return statement if listing.source is None else statement.select_from(listing.source)

    def _agrees(self, row: Row) -> bool:
        try:
            located = self._listing.locate(row)
            decide(self._uow.parts.policies, self._subject, self._listing.action, located.facts, self._uow.context(self._subject))
        except StepUpNeeded:
            return True
        except Denied:
            self._alarm(row, "list_disagrees")
            return False
        except Tampered as error:
            self._alarm(row, error.code)
            return False
        return True

    def _alarm(self, row: Row, code: str) -> None:
        notes = self._listing.about(row)
        notes.detail["alarm"] = code
        self._uow.also(Event.ALARM_RAISED, notes, originator=row.originator)

    def _narrow(self, name: str, text: str) -> ColumnElement[bool]:
        if name == "symbol" and self._listing.symbol is not None:
            if not is_plain(text):
                raise Invalid({"symbol": "Give the beginning of a symbol, for example CTED/2026."})
            return func.lower(self._listing.symbol).startswith(text.lower(), autoescape=True)
        try:
            facet = self._listing.facets[name]
            return facet.holds(facet.read(text))
        except (KeyError, ValueError) as error:
            raise Invalid({name: "Choose from the list."}) from error

    def _titled(self, words: str) -> ColumnElement[bool]:
        """The rows whose title holds these words, in whatever case."""
        titles = self._listing.titles
        assert titles is not None
        found = self._uow.session.scalars(self._rows().where(titles.open_to).limit(SEARCHED + 1)).all()
        if len(found) > SEARCHED:
            raise Crowded({"title": Crowded.public})
        wanted = words.casefold()
        return self._listing.columns.pk.in_([row.id for row in found if wanted in self._title(titles, row).casefold()])

    def _title(self, titles: Titles, row: Row) -> str:
        try:
            return self._uow.words(self._permit, titles.table, titles.column.key, row.id, getattr(row, titles.column.key))
        except Tampered as error:
            self._alarm(row, error.code)
            return ""

    def _choice(self, name: str, facet: Facet) -> Choice:
        values = self._rows(without=name).with_only_columns(facet.column.label("value"), maintain_column_froms=True)
        some = values.limit(COUNTED + 1).subquery()
        counts: Counter[Any] = Counter()
        rows = 0
        for stored, number in self._uow.session.execute(select(some.c.value, func.count()).group_by(some.c.value)):
            rows += number
            for value in facet.values(stored):
                counts[value] += number
        options = [
            Option(value=str(value), words=facet.words(value), count=number if rows <= COUNTED else None)
            for value, number in counts.items()
            if value != facet.default
        ]
        return Choice(
            name=name,
            label=facet.label,
            chosen=self._chosen.get(name, ""),
            options=sorted(options, key=lambda option: option.words),
            unchosen=facet.unchosen,
        )


def _written(values: Any) -> str:
    """Where a list goes on, as an address carries it: "microseconds.id"."""
    return ".".join(str((value - _EPOCH) // timedelta(microseconds=1)) if isinstance(value, datetime) else str(value) for value in values)


def _parsed(text: str, order: tuple[Column, ...]) -> list[Any]:
    """`Invalid` for what no list ever gave."""
    try:
        return [_value(part, column) for part, column in zip(text.split("."), order, strict=True)]
    except ValueError as error:
        raise Invalid({"before": "Go back to the first page of the list."}) from error


def _value(part: str, column: Column) -> Any:
    if type_of(column).python_type is UUID:
        return UUID(part)
    number = int(part)
    if not 0 <= number < _LAST:
        raise ValueError(part)
    return _EPOCH + timedelta(microseconds=number) if isinstance(type_of(column), Instant) else number
