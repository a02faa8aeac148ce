"""Invented contexts of the pages about people: their accounts, deputies and sessions."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from tests.web.samples_document import REFUSED
from tests.web.samples_erasure import ERASURE, ERASURE_DONE, ERASURE_FAULTS, ERASURE_HELD, ERASURE_PROPOSED, ERASURE_TO_CONFIRM
from tests.web.samples_story import ADMINISTRATOR, REVIEWER, Context, Page, at


def _account(name: str, roles: str, seen: datetime | None, closed: bool, url: str | None, why: str | None) -> Context:
    return {
        "name": name,
        "roles_words": roles,
        "clearance_words": "Confidential",
        "last_seen": seen,
        "closed": closed,
        "close_url": url,
        "why_not": why,
        "sessions_url": "person_sessions.html",
        "same_as": ["Sol I. Ibarra"] if name == "Sol Ibarra" else [],
        "deputy_url": "deputy.html" if url else None,
        "accounts_url": "one_human.html",
        "names_url": "erasure.html",
    }


def _deputy(name: str, role: str, state: str, *, in_force: bool = False, may: bool = False, why_not: str = "") -> Context:
    row = SimpleNamespace(
        name=name,
        role_words=role,
        begins=at(24, 0, 0).date(),
        until=at(30, 0, 0).date(),
        reason="Two releasing officers are on mission; somebody has to decide about what is proposed.",
        proposed_by="Sol Ibarra",
        named_by=None if state == "proposed" else "Greta Holm",
        state=state,
        in_force=in_force,
        ended_at=at(24, 11, 5) if state == "ended" else None,
        why_not=why_not,
    )
    return {"row": row, "name_url": "name.html" if may else None, "end_url": None if state == "ended" else "end.html"}


PEOPLE = {
    "refused_url": "refused.html",
    "rows": [
        _account("Audra Lindqvist", "Auditor", at(24, 8, 52), False, "close.html", None),
        _account("Conrad Weiss", "Confidentiality officer, Releasing officer", at(23, 9, 40), False, "close.html", None),
        _account("Dana Ruiz", "Uploader", None, True, None, None),
        _account("Sol Ibarra", "Security administrator", at(24, 9, 1), False, None, "You cannot close your own account."),
    ],
    "deputies": [
        _deputy("Audra Lindqvist", "Security administrator", "proposed", may=True),
        _deputy(
            "Dana Ruiz",
            "Reviewer",
            "proposed",
            why_not="You proposed this deputy yourself. Another security administrator has to name them.",
        ),
        _deputy("Conrad Weiss", "Uploader", "named", in_force=True),
        _deputy("Conrad Weiss", "Reviewer", "named"),
        _deputy("Dana Ruiz", "Releasing officer", "ended"),
    ],
}
DEPUTY = {
    "offer": SimpleNamespace(
        name="Dana Ruiz",
        roles_words="Uploader",
        clearance_words="Confidential",
        roles=[("releasing_officer", "Releasing officer"), ("reviewer", "Reviewer")],
        today=at(24, 0, 0).date(),
        longest=30,
    ),
    "propose_url": "deputy.html",
    "values": {"role": "", "begins": "", "until": "", "reason": ""},
    "faults": {},
}


def _without_roles(offer: Any) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(offer), "roles": []})


DEPUTY_FAULTS = {
    **DEPUTY,
    "values": {"role": "", "begins": "2026-11-25", "until": "2027-03-01", "reason": ""},
    "faults": {
        "role": "Choose one of the roles in the list.",
        "until": "Give a last day that is not before the first, and at most 30 days in all.",
        "reason": "Say why a deputy is needed, in 3 to 500 characters. Only your own body reads it.",
    },
}
ONE_HUMAN = {
    "offer": SimpleNamespace(
        name="Sol Ibarra",
        linked=["Sol I. Ibarra: Security administrator"],
        others=[("00000000-0000-0000-0000-000000000002", "Dana Ruiz: Uploader")],
    ),
    "link_url": "one_human.html",
    "values": {"other": ""},
    "faults": {},
}


def _session(begun: datetime, last_used: datetime, until: datetime, **more: Any) -> Context:
    return {"begun": begun, "last_used": last_used, "until": until, "end_url": "ended.html", **more}


SESSIONS = {
    "rows": [
        _session(at(24, 9, 1), at(24, 14, 31), at(24, 14, 51), this=True, service="login.oct.example", browser="Firefox on Windows"),
        _session(at(24, 14, 2), at(24, 14, 20), at(24, 14, 40), this=False, service="login.oct.example", browser="Safari on iPhone"),
        _session(at(24, 6, 40), at(24, 14, 12), at(24, 14, 32), this=False, service="", browser=""),
    ],
    "reference": "Y9E2-F1JA-54WM",
    "others_url": "ended.html",
    "instead": False,
    "idle_minutes": 20,
    "absolute_hours": 8,
}
PERSON_SESSIONS = {"name": "Dana Ruiz", "rows": [_session(at(24, 9, 1), at(24, 14, 31), at(24, 14, 51))] * 2, "all_url": "ended.html"}

PAGES: dict[str, Page] = {
    "people": (ADMINISTRATOR, "people", PEOPLE),
    "people-empty": (ADMINISTRATOR, "people", {"rows": [], "deputies": [], "refused_url": "refused.html"}),
    "refused": (ADMINISTRATOR, "people", {"rows": REFUSED, "shown": 2}),
    "refused-empty": (ADMINISTRATOR, "people", {"rows": [], "shown": 100}),
    "deputy": (ADMINISTRATOR, "people", DEPUTY),
    "deputy-faults": (ADMINISTRATOR, "people", DEPUTY_FAULTS),
    "deputy-none": (ADMINISTRATOR, "people", {**DEPUTY, "offer": _without_roles(DEPUTY["offer"])}),
    "one_human": (ADMINISTRATOR, "people", ONE_HUMAN),
    "erasure": (ADMINISTRATOR, "people", ERASURE),
    "erasure-held": (ADMINISTRATOR, "people", ERASURE_HELD),
    "erasure-proposed": (ADMINISTRATOR, "people", ERASURE_PROPOSED),
    "erasure-to-confirm": (ADMINISTRATOR, "people", ERASURE_TO_CONFIRM),
    "erasure-done": (ADMINISTRATOR, "people", ERASURE_DONE),
    "erasure-faults": (ADMINISTRATOR, "people", ERASURE_FAULTS),
    "sessions": (REVIEWER, "", SESSIONS),
    "sessions-one": (REVIEWER, "", {**SESSIONS, "rows": SESSIONS["rows"][:1], "reference": None, "others_url": None, "instead": True}),
    "person_sessions": (ADMINISTRATOR, "people", PERSON_SESSIONS),
    "person_sessions-empty": (ADMINISTRATOR, "people", {**PERSON_SESSIONS, "rows": [], "all_url": None}),
}
