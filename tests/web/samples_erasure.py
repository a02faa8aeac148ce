"""Invented contexts of the page of a person's names in the log."""

from dataclasses import replace

from portal.cases.show_erasure import DoneBy, ErasureView
from tests.web.samples_story import Context, at

BY_ME = DoneBy(name="Greta Solheim", at=at(24, 9, 10), reason="", mine=True)
VIEW = ErasureView(name="Omar Haddad", closed_at=at(2), until=at(20), hold=None, proposal=None, erased=False, obstacles=())
HELD = DoneBy(name="Sven Aalto", at=at(23, 16, 2), reason="A court has asked who saw the report of the visit.", mine=False)
WAITS = "The log names this person until 2 Nov 2031: so long after an account was closed."
HELD_TOO = "A hold lies on this person’s names. Another administrator than the one who placed it can lift it."


def _context(view: ErasureView, typed: str = "", **faults: str) -> Context:
    urls = dict.fromkeys(("hold", "lift", "propose", "withdraw", "erase"), "erasure.html")
    return {"view": view, "urls": urls, "values": {"reason": typed}, "faults": faults}


ERASURE = _context(VIEW)
ERASURE_HELD = _context(replace(VIEW, hold=HELD, proposal=BY_ME, obstacles=(WAITS, HELD_TOO)))
ERASURE_PROPOSED = _context(replace(VIEW, proposal=BY_ME, hold=replace(HELD, mine=True)))
ERASURE_TO_CONFIRM = _context(replace(VIEW, proposal=replace(BY_ME, mine=False)))
ERASURE_DONE = _context(replace(VIEW, name="A former colleague", erased=True))
ERASURE_FAULTS = _context(
    replace(VIEW, closed_at=None, until=None, obstacles=("The account is open. Close it first.",)),
    "?",
    reason="Say why the names must be kept, in 3 to 500 characters.",
)
