"""Invented contexts of the page of the log's integrity."""

from dataclasses import replace
from typing import Any

from portal.cases.show_integrity import CheckView, IntegrityView, WitnessRow
from tests.web.samples_story import Context, at

ROOT = "a9bb57b4c1d24e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7"
CHECK = CheckView(
    state="in_order",
    who="Audra Lindqvist",
    asked_at=at(24, 14, 2),
    ended_at=at(24, 14, 3),
    done=1_284_880,
    size=1_284_880,
    found=0,
    lines=[],
)
LOG = IntegrityView(
    size=1_284_912,
    signed_size=1_284_912,
    root=ROOT,
    signed_at=at(24, 14, 31),
    stale=False,
    portal=True,
    witnesses=[
        WitnessRow(name="directorate.example/witness", signed_at=at(24, 14, 31), late=False),
        WitnessRow(name="office.example/witness", signed_at=at(24, 14, 31), late=False),
    ],
    waiting=True,
    late=False,
    guard=True,
    check=CHECK,
)
LINES = ["An event was changed after it was written: leaf 1,041", "A stored checkpoint was changed"]


def _context(log: IntegrityView) -> Context:
    return {"log": log, "verify_url": "", "progress_url": "", "self_url": "integrity.html"}


def _checked(**changes: Any) -> IntegrityView:
    return replace(LOG, check=replace(CHECK, **changes))


INTEGRITY = _context(LOG)
INTEGRITY_FIRST = _context(replace(LOG, size=0, signed_size=None, root="", signed_at=None, witnesses=[], waiting=False, check=None))
INTEGRITY_RUNNING = _context(_checked(state="running", who=None, ended_at=None, done=418_000))
INTEGRITY_FOUND = _context(
    replace(
        _checked(state="found", found=240, lines=LINES),
        stale=True,
        late=True,
        portal=False,
        guard=False,
        witnesses=[WitnessRow(name="office.example/witness", signed_at=None, late=True)],
    )
)
INTEGRITY_BROKEN = _context(_checked(state="broken_off", ended_at=at(24, 14, 5)))
