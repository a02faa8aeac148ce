"""The whole log, checked: the tree is rebuilt from the events themselves, and no stored hash is believed.

Each leaf is computed anew from the columns of its event and compared with `audit_leaf` and with the published bundle, the published
hash tiles with the tree; every signature is checked, and every checkpoint's root met on the way. Memory stays constant: rows come in pages.
"""

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.audit import anchors
from portal.audit.anchors import Anchor, instant
from portal.audit.canonical import Row, Unreadable, as_bytes, as_text, as_uuid, as_whole, blank_entry, committed_columns, event_entry, raw
from portal.audit.declared import Declarations, is_waiting_declaration
from portal.audit.findings import Findings, Kind, Report
from portal.audit.integrity import PATIENCE
from portal.audit.models import AuditEvent, AuditLeaf, AuditPending, LogHead
from portal.audit.signing import VerifierKey
from portal.audit.strands import Difference, Source, Strands
from portal.audit.tiles import ENTRIES, WIDTH, Tile, published_entries
from portal.kernel.clock import SystemClock

_PAGE = 2000
_LISTED = 50


def verify_log(
    session: Session,
    *,
    log_dir: Path | None,
    verifier_key: str | VerifierKey,
    guard_path: Path | None = None,
    at: datetime | None = None,
    patience: timedelta = PATIENCE,
    since: str | None = None,
    told: Callable[[int], object] = lambda _: None,
) -> Report:
    """Check everything there is; never raises for what it finds.

    `verifier_key` is the text of `log.vkey`; it should come from elsewhere than the machine that is checked. An event that waits for
    its leaf longer than `patience` is a finding; `at` is now, by the system's clock if not given. `since`: a checkpoint that somebody kept
    earlier, as text; the log must have had its root at its size. `told` hears now and then how many leaves are done. Raises
    `Misconfigured` if the key is no key.
    """
    key = VerifierKey.parse(verifier_key.strip()) if isinstance(verifier_key, str) else verifier_key
    now = at or SystemClock().now()
    findings = Findings()
    from_files = anchors.from_files(log_dir, guard_path, key, findings)
    walk = _Walk(session, findings, log_dir, max((a.size for a in from_files if a.name != "the guard"), default=0), told)
    stored, kept = anchors.stored(session, key, findings), anchors.kept(since, key, findings)
    checkpoints = walk.run(heapq.merge(stored, sorted([*from_files, *kept], key=lambda a: a.size), key=lambda a: a.size))
    if log_dir is not None and checkpoints and not any(a.name == "the published checkpoint" for a in from_files):
        findings.add(Kind.PUBLISHED_MISSING, f"{log_dir} holds no checkpoint that can be relied on")
    _check_queue(session, findings, now, patience)
    for row in session.execute(select(*committed_columns(session)).where(is_waiting_declaration())).mappings():
        walk.declared.read(None, row, walk.size, walk.signed)
    notes = walk.declared.settle(findings)
    return Report(tuple(findings.named), findings.more, walk.size, walk.strands.root(), checkpoints, now, notes)


@dataclass(slots=True)
class _Walk:
    session: Session
    findings: Findings
    log_dir: Path | None
    published: int
    told: Callable[[int], object] = lambda _: None
    size: int = 0
    strands: Strands = field(init=False)
    declared: Declarations = field(default_factory=Declarations)
    _met: Anchor | None = None
    _lost: bool = False
    _bundle: tuple[int, list[bytes] | None] = (-1, None)

    def __post_init__(self) -> None:
        self.strands = Strands(self.findings, self.log_dir, self.published)

    @property
    def signed(self) -> int:
        """The last size so far that was signed."""
        return 0 if self._met is None else self._met.size

    def run(self, expected: Iterator[Anchor]) -> int:
        """Walk the leaves from anchor to anchor; returns how many stored or published checkpoints had a good signature."""
        checked = 0
        anchor = next(expected, None)
        leaves = self._leaves()
        while anchor is not None:
            checked += anchor.name != "the guard"
            while self.size < anchor.size and next(leaves, None) is not None:
                pass
            if self.size < anchor.size:
                break
            self._meet(anchor)
            anchor = next(expected, None)
        for _ in leaves:
            pass
        self.strands.give_up()
        if anchor is not None:
            checked += self._short(anchor, expected)
        self._check_counts()
        return checked

    def _meet(self, anchor: Anchor) -> None:
        before = self._met
        if self._lost:
            return
        if self.strands.settle(anchor.root):
            self._met = anchor
            return
        if before is not None and before.size == anchor.size:
            self.findings.add(Kind.ROOT_DIFFERS, f"{anchor.name} has another root at size {anchor.size} than {before.name}")
            return
        start = before.size if before is not None else 0
        signed = f"signed at {anchor.signed_at}" if anchor.signed_at else anchor.name
        text = f"between sizes {start} and {anchor.size} ({signed}) the log is not the one that was signed"
        self.findings.add(Kind.INTERVAL_CHANGED, text)
        self.strands.give_up()
        self._lost = True

    def _short(self, first: Anchor, others: Iterator[Anchor]) -> int:
        """Anchors beyond the end: the files, and of the stored ones the furthest. Returns how many of `others` had a good signature."""
        furthest: dict[bool, Anchor] = {}
        checked = 0
        for anchor in itertools.chain([first], others):
            checked += anchor is not first and anchor.name != "the guard"
            if anchor.signed_at or anchor.size > _leaves_now(self.session):  # else only our snapshot is older than the file
                furthest[bool(anchor.signed_at)] = anchor
        for anchor in furthest.values():
            signed = f" (signed at {anchor.signed_at})" if anchor.signed_at else ""
            self.findings.add(Kind.LOG_SHORT, f"the log ends at size {self.size}, but {anchor.name}{signed} has size {anchor.size}")
        return checked

    def _leaves(self) -> Iterator[int]:
        """Take in the leaves one by one; yields the size after each."""
        leaf_columns = [raw(self.session, getattr(AuditLeaf, name)) for name in ("leaf_index", "entry", "event_id", "blank")]
        columns = [*leaf_columns, *committed_columns(self.session)]
        pages = select(*columns).outerjoin(AuditEvent, AuditEvent.id == AuditLeaf.event_id).order_by(AuditLeaf.leaf_index).limit(_PAGE)
        after: int | None = None
        while True:
            page = self.session.execute(pages if after is None else pages.where(AuditLeaf.leaf_index > after)).mappings().all()
            for row in page:
                try:
                    after = as_whole("leaf_index", row["leaf_index"])
                except Unreadable:
                    self.findings.add(Kind.LEAF_STRAY, "a row of audit_leaf has no index")
                    return
                if after < self.size:
                    self.findings.add(Kind.LEAF_STRAY, f"leaf {after} does not belong to the log", leaf=after)
                    continue
                yield from self._gap(after)
                self._leaf(after, row)
                self.size = after + 1
                yield self.size
            self.told(self.size)
            if len(page) < _PAGE:
                return

    def _gap(self, until: int) -> Iterator[int]:
        """Leaves that are not in the database: named, and taken from the published bundles as far as these reach."""
        if self.size < until:
            span = f"leaf {self.size} is" if until == self.size + 1 else f"leaves {self.size} to {until - 1} are"
            self.findings.add(Kind.LEAF_MISSING, f"{span} missing from audit_leaf", leaf=self.size)
        while self.size < until:
            entry = self._published(self.size)
            if entry is None:
                self._lost = True
                self.strands.leave_tiles()
                self.size = until
            else:
                self.strands.append(entry)
                self.size += 1
            yield self.size

    def _leaf(self, index: int, row: Row) -> None:
        stored = row["entry"]
        stored = bytes(stored) if isinstance(stored, bytes | memoryview) else b""
        event, event_id = _described(row)
        computed = self._computed(index, row, stored, event, event_id)
        published = self._published(index)
        entries = {Source.EVENTS: computed, Source.LEAVES: stored, Source.PUBLISHED: stored if published is None else published}
        if len(set(entries.values())) == 1:
            self.strands.append(stored)
            if row["id"] is not None:
                self.declared.read(index, row, index, self.signed)
        else:
            self.strands.append_different(Difference(index, event, event_id, entries, published is not None))

    def _computed(self, index: int, row: Row, stored: bytes, event: str, event_id: str | None) -> bytes:
        """The entry as its event says it must be; where there is no event to ask, a finding, and the stored one."""
        try:
            if row["event_id"] is not None:
                if row["id"] is not None:
                    return event_entry(row)
                self.findings.add(Kind.EVENT_MISSING, f"leaf {index}: {event} is missing from audit_event", leaf=index, event=event_id)
            elif row["blank"] is not None:
                return blank_entry(stored[1:17], as_bytes("blank", row["blank"]))
            else:
                self.declared.without_event(index)
        except Unreadable as error:
            text = f"leaf {index}: {event} no longer matches its leaf: {error}"
            self.findings.add(Kind.EVENT_CHANGED, text, leaf=index, event=event_id)
        return stored

    def _published(self, index: int) -> bytes | None:
        """The entry in the published bundle; a bundle that should be there and is not is a finding."""
        if self.log_dir is None:
            return None
        number, offset = divmod(index, WIDTH)
        if self._bundle[0] != number:
            self._bundle = (number, published_entries(self.log_dir, number))
            needed = min(self.published - number * WIDTH, WIDTH)
            if needed > len(self._bundle[1] or []):
                self.findings.add(Kind.PUBLISHED_MISSING, f"{Tile(ENTRIES, number).path} is missing, short or damaged")
        entries = self._bundle[1]
        return entries[offset] if entries is not None and offset < len(entries) else None

    def _check_counts(self) -> None:
        head = self.session.execute(select(raw(self.session, LogHead.size)).where(LogHead.id == 1)).scalar_one_or_none()
        try:
            said = 0 if head is None else as_whole("size", head)
        except Unreadable:
            said = -1
        if said != self.size:
            kind = Kind.LOG_SHORT if said > self.size else Kind.LEAF_STRAY
            self.findings.add(kind, f"the log ends at size {self.size}, but log_head says {said}")


def _described(row: Row) -> tuple[str, str | None]:
    """The event of a leaf in words, as the row says it now, and its id."""
    if row["event_id"] is None:
        return "a blank leaf", None
    event_id = _id_text(row["event_id"])
    if row["id"] is None:
        return f"event {event_id}", event_id
    return f"event {event_id} ({_event_text(row['event'])}, {_time_text(row['at'])})", event_id


def _id_text(value: object) -> str:
    try:
        return str(as_uuid("id", value))
    except Unreadable:
        return "with an unreadable id"


def _event_text(value: object) -> str:
    try:
        return ascii(as_text("event", value)[:64].decode(errors="replace"))[1:-1]
    except Unreadable:
        return "of unreadable kind"


def _time_text(value: object) -> str:
    try:
        return instant(as_whole("at", value))
    except Unreadable:
        return "at an unreadable time"


def _leaves_now(session: Session) -> int:
    """How many leaves the database holds at this moment, whatever our snapshot shows."""
    with Session(session.get_bind().engine) as fresh:
        last = fresh.scalar(select(func.max(AuditLeaf.leaf_index)))
        return last + 1 if isinstance(last, int) else 0


def _check_queue(session: Session, findings: Findings, at: datetime, patience: timedelta) -> None:
    """Events without leaves, and the queue."""
    has_leaf = exists().where(AuditLeaf.event_id == AuditEvent.id)
    is_pending = exists().where(AuditPending.event_id == AuditEvent.id)
    event = [raw(session, column) for column in (AuditEvent.id, AuditEvent.event, AuditEvent.at)]
    extra = select(*event).where(~has_leaf, ~is_pending)
    for row in _listed(session, findings, extra):
        text = (
            f"event {_id_text(row[0])} ({_event_text(row[1])}, {_time_text(row[2])}) is in audit_event, but has no leaf and waits for none"
        )
        findings.add(Kind.EVENT_EXTRA, text, event=_id_text(row[0]))
    waiting = select(*event).where(is_pending, ~has_leaf, AuditEvent.at < at - patience)
    for row in _listed(session, findings, waiting):
        text = f"event {_id_text(row[0])} ({_event_text(row[1])}) has waited for its leaf since {_time_text(row[2])}"
        findings.add(Kind.EVENT_WAITING, text, event=_id_text(row[0]))
    queued = [raw(session, AuditPending.event_id)]
    orphans = select(*queued).where(~exists().where(AuditEvent.id == AuditPending.event_id))
    for row in _listed(session, findings, orphans):
        findings.add(
            Kind.EVENT_MISSING, f"event {_id_text(row[0])} waits for its leaf, but is missing from audit_event", event=_id_text(row[0])
        )
    twice = select(*queued).where(exists().where(AuditLeaf.event_id == AuditPending.event_id))
    for row in _listed(session, findings, twice):
        findings.add(Kind.QUEUE_WRONG, f"event {_id_text(row[0])} waits for a leaf, but has one already", event=_id_text(row[0]))


def _listed(session: Session, findings: Findings, statement: Any) -> list[Any]:
    """The first rows; the others are only counted."""
    rows = list(session.execute(statement.limit(_LISTED)).all())
    if len(rows) == _LISTED:
        total = session.scalar(select(func.count()).select_from(statement.subquery()))
        findings.more += (total or 0) - len(rows)
    return rows
