"""The log as a file to take along: what a search finds, as far as its reader may see it, each event with what proves it.

A piece at a time, each under a decision and a snapshot of its own: whose role ends gets no further piece. All proofs of a file lead to
one checkpoint, that of its beginning. An event that it does not hold yet says that it waits. Nothing newer than the beginning is in it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.audit.history import Cursor, Entry, Evidence, Filter, search_proven
from portal.audit.inclusion import Proofs, proofs
from portal.cases import facts
from portal.cases.export_list import MARK, csv_lines
from portal.cases.facts import BodyTarget
from portal.cases.log_as_ocsf import as_ocsf
from portal.cases.log_filter import asked_for
from portal.cases.read_log import LogRow, row_of
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit, Subject
from portal.policy.decide import decide

#: Events that are read in one snapshot.
PIECE = 100
FORMAT = "portal/log-export/v1"
_LAST = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One event: as the reader sees it, in words, and what leads from it to the checkpoint."""

    entry: Entry
    row: LogRow
    evidence: Evidence | None
    proofs: Proofs

    @property
    def held(self) -> bool:
        """Does the checkpoint hold its leaf?"""
        return self.entry.leaf_index is not None and self.entry.leaf_index < self.proofs.size


@dataclass(slots=True)
class Export:
    """What somebody takes along. `notes`, once it is entered, are what its end will tell."""

    kind: "Kind"
    subject: Subject
    chosen: Mapping[str, str]
    wanted: Filter | None
    begun: datetime
    proofs: Proofs
    notes: Notes = field(default_factory=Notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A form that the log is taken along in: how it begins, what an event is in it, and how it ends, with the number of rows."""

    name: str
    suffix: str
    mime: str
    head: Callable[[Export], bytes]
    piece: Callable[[Sequence[Line]], bytes]
    tail: Callable[[int], bytes] = field(default=lambda rows: b"")


def gather_log(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, kind: Kind, chosen: Mapping[str, str]) -> Export:
    """Raises `Invalid` for what the log cannot be narrowed by."""
    permit.must_cover(Action.AUDIT_EXPORT, body)
    assert permit.subject is not None
    sequencer = uow.parts.sequencer
    led = proofs(sequencer.log_dir, sequencer.key.verifier)
    return Export(kind, permit.subject, chosen, asked_for(uow, permit, chosen).wanted, uow.at, led)


def enter_log_export(uow: UnitOfWork, permit: Permit, body: BodyTarget, export: Export) -> None:
    """Enter that it begins; by what it was narrowed, and never to what."""
    permit.must_cover(Action.AUDIT_EXPORT, body)
    uow.notes.detail |= {"format": export.kind.name, "narrowed": sorted(export.chosen), "checkpoint": export.proofs.size}
    export.notes = uow.notes


def take_checkpoint(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> str:
    """The checkpoint as it is published now, with its witnesses' lines; empty before the first."""
    permit.must_cover(Action.AUDIT_READ, body)
    sequencer = uow.parts.sequencer
    return proofs(sequencer.log_dir, sequencer.key.verifier).note


def lines_of_log(parts: Parts, export: Export) -> Iterator[bytes]:
    """The file, piece by piece. What its end tells grows with it: rows, and the SHA-256 of what left."""
    digest, rows = hashlib.sha256(), 0

    def left(piece: bytes) -> bytes:
        digest.update(piece)
        export.notes.detail |= {"rows": rows, "sha256": digest.hexdigest()}
        return piece

    yield left(export.kind.head(export))
    before: Cursor | None = Cursor(export.begun, _LAST)
    while before is not None and export.wanted is not None:
        with parts.read() as uow:
            lines, before = _piece(uow, export, export.wanted, before)
            export.notes.met += uow.consequences()
        rows += len(lines)
        yield left(export.kind.piece(lines))
    yield left(export.kind.tail(rows))


def _piece(uow: UnitOfWork, export: Export, wanted: Filter, before: Cursor) -> tuple[list[Line], Cursor | None]:
    """The next events, if the person is still who they were and may still take them along."""
    uow.present(export.subject)
    located = facts.own_body(uow, export.subject)
    # Whoever had confirmed when it began may finish; all else is decided anew.
    context = replace(uow.context(export.subject), confirmed=True)
    permit = decide(uow.parts.policies, export.subject, Action.AUDIT_EXPORT, located.facts, context)
    found, older = search_proven(uow.session, permit, wanted, sealer=uow.holder, before=before, limit=PIECE)
    damaged = [str(entry.id) for entry, _ in found if entry.damaged]
    if damaged:
        uow.also(Event.ALARM_RAISED, Notes(detail={"alarm": "tampered", "events": [*damaged]}), originator=permit.body)
    return [Line(entry=one, row=row_of(uow, permit, one), evidence=evidence, proofs=export.proofs) for one, evidence in found], older


# ---- comma-separated values
_SHOWN = ("Who", "Roles", "Body", "Act", "What", "Outcome", "Code", "Rules", "Policy", "Address", "Note")
HEADS = ("Leaf", "Leaf hash", "Event", "Time", *_SHOWN)


def _cells(line: Line) -> Sequence[str]:
    entry, row = line.entry, line.row
    leaf = "waits" if entry.leaf_index is None else str(entry.leaf_index)
    rules = " ".join(rule for rule, _ in row.rules)
    proof = line.evidence.leaf_hash if line.evidence is not None else ""
    when = _instant(entry.at)
    told = (row.who or "", row.roles_words, row.body_short, row.event_words, row.object_words, row.outcome, row.code)
    return (leaf, proof, str(entry.id), when, *told, rules, entry.policy_hash, row.address or "", row.note or "")


# ---- JSON Lines
def _begins(export: Export) -> bytes:
    return _json(
        {
            "format": FORMAT,
            "checkpoint": export.proofs.note,
            "body": export.subject.body,
            "begun": _instant(export.begun),
            "chosen": dict(export.chosen),
        }
    )


def _event(line: Line) -> bytes:
    """The entry in the words of docs/formats/log.md; what its reader may not see is not there."""
    entry, evidence = line.entry, line.evidence
    shown: dict[str, Any] = {
        "id": str(entry.id),
        "time": _instant(entry.at),
        "at": _micros(entry.at),
        "outcome": entry.outcome,
        "actor_body": entry.actor_body,
        "shared": entry.shared,
    }
    if entry.shared:
        texts = ("event", "code", "action", "object_type", "object_id", "policy_hash")
        shown |= {name: getattr(entry, name) for name in texts}
        shown |= {name: _id(getattr(entry, name)) for name in ("actor", "session", "document", "share")}
        shown |= {"actor_roles": list(entry.actor_roles), "rules": list(entry.rules), "detail": dict(entry.detail)}
        shown |= {"who": entry.who, "address": entry.address}
    if entry.private is not None:
        shown["private"] = dict(entry.private)
    shown |= {"what": line.row.object_words, "note": line.row.note, "damaged": entry.damaged}
    return _json(
        {
            "event": shown,
            "leaf": entry.leaf_index,
            "leaf_hash": evidence.leaf_hash if evidence is not None else None,
            "check": evidence.facts() if evidence is not None else None,
            "waits": not line.held,
            "proof": line.proofs.of(entry.leaf_index),
        }
    )


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def _micros(at: datetime) -> int:
    return int(str(Cursor(at, _LAST)).partition(".")[0])


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"


def _id(value: UUID | None) -> str | None:
    return None if value is None else str(value)


CSV = Kind(
    name="csv",
    suffix="csv",
    mime="text/csv",
    head=lambda export: MARK + csv_lines([HEADS]),
    piece=lambda lines: csv_lines([_cells(line) for line in lines]),
)
JSONL = Kind(
    name="jsonl",
    suffix="jsonl",
    mime="application/jsonl",
    head=_begins,
    piece=lambda lines: b"".join(map(_event, lines)),
    tail=lambda rows: _json({"end": True, "rows": rows}),
)
OCSF = Kind(
    name="ocsf",
    suffix="ocsf.jsonl",
    mime="application/jsonl",
    head=lambda export: b"",
    piece=lambda lines: b"".join(_json(as_ocsf(line.entry, line.evidence, line.proofs)) for line in lines),
)
