"""Invented contexts for every template: the ordinary page, the empty one, the one with faults. Invented States only."""

from copy import deepcopy
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from portal.web.audit import CHECKPOINT, CSV, JSONL, OCSF
from tests.web.samples_audit import (
    AROUND,
    CHART,
    KEEPING,
    KEEPING_FAULTS,
    KEEPING_NONE,
    NO_FILTER,
    SEEN_MATRIX,
    SEEN_NOBODY,
    UNUSUAL,
    UNUSUAL_NOTHING,
)
from tests.web.samples_document import (
    DOCUMENT,
    DOCUMENT_ASKED,
    DOCUMENT_ASKED_FAULTS,
    DOCUMENT_CONSULTING,
    DOCUMENT_EMPTY,
    DOCUMENT_HELD,
    DOCUMENT_HELD_UNKNOWN,
    DOCUMENT_LIFTING,
    DOCUMENT_OFFICER,
    DOCUMENT_OWN,
    DOCUMENT_PASSING_ON,
    DOCUMENT_PROPOSE,
    DOCUMENT_REPEATS,
    DOCUMENT_RESTORED,
    DOCUMENT_SHARED,
    DOCUMENT_SHREDDED,
    DOCUMENT_STALE,
    DOCUMENT_TO_PROPOSE,
    DOCUMENT_TO_SHRED,
    NOTHING_BESIDE,
    READER,
    READER_ABSENT,
    READER_EYES_ONLY,
    READER_FIND_FAULT,
    READER_FOUND,
    READER_NOT_FOUND,
    READER_PREVIEW,
    REFUSED,
    STATES,
    SYMBOL,
    TITLE,
    Context,
    at,
)
from tests.web.samples_ends import documents as documents_ending
from tests.web.samples_erasure import ERASURE, ERASURE_DONE, ERASURE_FAULTS, ERASURE_HELD, ERASURE_PROPOSED, ERASURE_TO_CONFIRM
from tests.web.samples_integrity import INTEGRITY, INTEGRITY_BROKEN, INTEGRITY_FIRST, INTEGRITY_FOUND, INTEGRITY_RUNNING
from tests.web.samples_local import (
    ACCOUNT,
    ACCOUNT_FAULTS,
    ACCOUNTS,
    ACCOUNTS_FAULTS,
    ACCOUNTS_PROPOSE,
    CODE_FAULTS,
    CODES,
    ENROL,
    ENROL_FAULTS,
    HAND_OVER_CODE,
    HAND_OVER_LINK,
    SIGN_IN_LOCAL,
    SIGN_IN_LOCAL_FAULTS,
)
from tests.web.samples_mark import MARK, MARK_FAULTS, MARK_FIRST, MARK_PAINTED
from tests.web.samples_newer import (
    COMPARE,
    COMPARE_EMPTY,
    COMPARE_OTHER,
    COMPARE_RENDITIONS,
    DOCUMENT_AGAIN,
    DOCUMENT_CLOSED,
    DOCUMENT_REPLACES,
    DOCUMENT_SUPERSEDED,
    DOCUMENT_WITHHELD,
    LANGUAGES,
    NEWER,
    READER_LANGUAGES,
    READER_OLDER,
)
from tests.web.samples_policy import POLICY, POLICY_APPROVED, POLICY_EMPTY
from tests.web.samples_remarks import FAULTS, answer_faults, said_page, to_answer_page
from tests.web.samples_seen import SEEN, SEEN_DAMAGED, SEEN_EMPTY
from tests.web.samples_transfers import BESIDE as GONE_BESIDE
from tests.web.samples_transfers import FAULTY_ROWS, GONE_ROWS, HANDED_OVER_FAULTS, RECEIVED_ROWS, received_page
from tests.web.samples_versions import DOCUMENT_FURTHER, DOCUMENT_VERSIONS, MARK_PLACE
from tests.web.samples_what_if import WHAT_IF, WHAT_IF_ANSWERED, WHAT_IF_FAULTS, WHAT_IF_FORM, WHAT_IF_FORM_FAULTS, WHAT_IF_UNASKED
from tests.web.samples_who import WHO, WHO_WHY

NOW = datetime(2026, 11, 24, 14, 32, 9, tzinfo=UTC)


BODIES = (
    SimpleNamespace(code="CTED", name="Counter-Terrorism Committee Executive Directorate", short="Directorate"),
    SimpleNamespace(code="OCT", name="Office of Counter-Terrorism", short="Office"),
)


def _person(name: str, roles: str, body: str, short: str, *may: str) -> Any:
    full = next(entry.name for entry in BODIES if entry.code == body)
    return SimpleNamespace(name=name, roles_words=roles, body=body, body_short=short, body_name=full, may=set(may), local=False)


UPLOADER = _person("Dana Ruiz", "Uploader", "CTED", "Directorate", "document:list", "document:register", "received:list")
OFFICER = _person("Conrad Weiss", "Confidentiality officer", "CTED", "Directorate", "document:list", "proposal:list", "received:list")
RELEASER = _person(
    "Rhea Okafor", "Releasing officer", "CTED", "Directorate", "document:list", "proposal:list", "received:list", "account:list"
)
REVIEWER = _person("Omar Haddad", "Reviewer", "OCT", "Office", "received:list")
AUDITOR = _person("Audra Lindqvist", "Auditor", "CTED", "Directorate", "audit:read", "policy:read")
ADMINISTRATOR = _person("Sol Ibarra", "Security administrator", "CTED", "Directorate", "person:list", "account:list", "policy:read")


def globals_for(me: Any, nav: str, **more: Any) -> Context:
    everywhere: Context = {"me": me, "csrf": "token-of-this-session", "samples": True, "bodies": BODIES, "now": NOW}
    return {**everywhere, "nav": nav, "lang": "en", "dir": "ltr", **more}


def _waiting(title: str, symbol: str, line: str, level: int, verb: str) -> Context:
    return {"title": title, "href": "document.html", "symbol": symbol, "line": line, "level": level, "verb": verb}


def _received(title: str | None, symbol: str, level: int | None, kind: str, word: str, day: int) -> Context:
    return {
        "available": title is not None,
        "href": "reader.html" if title else "share_gone.html",
        "title": title,
        "symbol": symbol,
        "level": level,
        "from_short": "Directorate",
        "received_at": at(day),
        "terms": "View only, watermarked",
        "terms_words": "View only, watermarked",
        "line": f"received {day} Nov 2026",
        "talk": "answered 24 Nov 2026" if day == 23 else "",
        "status": (kind, word),
        "may_confirm": title is None,
        "confirmed_at": None,
        "beside": NOTHING_BESIDE,
    }


RECEIVED = [
    _received(TITLE, SYMBOL, 1, "done", "Received", 23),
    _received("Recommendations following the visit to the Kingdom of Velland", "CTED/2026/XVL/2", 2, "wait", "Opened", 20),
    _received(None, "CTED/2026/XTA/2", None, "late", "No longer available", 18),
    _received("Trends in the financing of terrorism, analytical brief", "CTED/2026/GEN/17", 0, "done", "Read", 12),
]

#: The newest first; the one before it is superseded, another is there in three languages.
RECEIVED_NEWER: list[Context] = [
    {**_received(TITLE, SYMBOL, 1, "wait", "To acknowledge", 24)},
    {**_received(TITLE, SYMBOL, 1, "done", "Acknowledged", 12), "beside": NEWER},
    {**_received("Assessment of Velland", "CTED/2026/XVL/2", 2, "done", "Acknowledged", 10), "beside": LANGUAGES},
    _received(None, "CTED/2026/XTA/2", None, "late", "No longer available", 8),
]
HOME = {
    "groups": [
        {
            "label": "To decide as second officer",
            "rows": [
                _waiting(TITLE, SYMBOL, "to the Office, proposed by Uma Castell", 1, "Decide"),
                _waiting("Recommendations following the visit to the Kingdom of Velland", "CTED/2026/XVL/2", "to the Office", 2, "Decide"),
            ],
        },
        {
            "label": "Handed over by other means, to be confirmed",
            "rows": [_waiting(TITLE, SYMBOL, "Pouch, 21 Nov 2026, from the Directorate", 1, "Confirm its arrival")],
        },
        {
            "label": "Questions to answer",
            "rows": [_waiting("Assessment of Tarsia", "CTED/2026/XTA/2", "2 questions of the Office", 0, "Answer")],
        },
        {
            "label": "Not yet shared",
            "rows": [_waiting("Assessment of Tarsia", "CTED/2026/XTA/2", "File to send", 0, "Send the file")],
        },
    ],
    "lately": {"label": "Received lately", "rows": RECEIVED},
    "empty": "",
    "shortcuts": [],
}
HOME_EMPTY: Context = {
    "groups": [],
    "lately": None,
    "empty": "Nothing waits for you. New proposals appear here by themselves.",
    "shortcuts": [],
}
HOME_AUDITOR = {
    "groups": [],
    "lately": None,
    "empty": "",
    "shortcuts": [
        {"label": "Read the log", "href": "audit.html", "text": "Who did and saw what, for everything that touches your body."},
    ],
}


def _document_row(title: str, symbol: str, level: int, states: list[str], visit: str, status: tuple[str, str], day: int) -> Context:
    return {
        "href": "document.html",
        "title": title,
        "symbol": symbol,
        "kind_words": "Mission report",
        "level": level,
        "state_names": states,
        "visit": visit,
        "status": status,
        "at": at(day),
    }


def _choice(name: str, label: str, chosen: str, *options: tuple[str, str]) -> Context:
    return {"name": name, "label": label, "chosen": chosen, "options": options}


DOCUMENTS = {
    "rows": [
        _document_row(TITLE, SYMBOL, 1, ["Republic of Samoria"], "Samoria, 5–9 October 2026", ("wait", "To approve"), 23),
        _document_row(
            "Recommendations following the visit to the Kingdom of Velland, with the views of the authorities met",
            "CTED/2026/XVL/2",
            2,
            ["Kingdom of Velland", "Kingdom of Nordmark"],
            "Velland, 14–18 September 2026",
            ("done", "Shared"),
            20,
        ),
        _document_row("Assessment of Tarsia", "CTED/2026/XTA/2", 0, ["Tarsia"], "", ("", "File to send"), 9),
        _document_row("Report of the visit to Damaria", "CTED/2026/XDM/1", 1, ["Republic of Damaria"], "Damaria", ("late", "Suspended"), 2),
    ],
    "may_register": True,
    "older": "documents.html",
    "total": 1142,
    "more": False,
    "list_url": "documents.html",
    "export_url": "documents.html",
    "chosen": {"symbol": "CTED/2026"},
    "choices": [
        _choice("state", "State", "", ("XSM", "Republic of Samoria (12)"), ("XVL", "Kingdom of Velland (3)")),
        _choice("visit", "Visit", "", ("v1", "Republic of Samoria, 5 Oct to 9 Oct 2026 (12)")),
        _choice("kind", "Kind", "", ("mission_report", "Mission report (11)"), ("assessment", "Assessment (4)")),
        _choice("level", "Level", "1", ("0", "Unclassified (2)"), ("1", "Confidential (10)"), ("2", "Strictly Confidential (3)")),
    ],
}
RECEIVED_LIST = {
    "older": None,
    "total": 4,
    "more": False,
    "list_url": "received.html",
    "export_url": "received.html",
    "chosen": {},
    "choices": [
        _choice("originator", "From", "", ("CTED", "Directorate (4)")),
        _choice("available", "Status", "", ("yes", "Available (3)"), ("no", "No longer available (1)")),
    ],
}
NOTHING_CHOSEN = {**RECEIVED_LIST, "choices": [], "total": 0}

FORM_EMPTY = {"title": "", "symbol": "", "kind": "", "level": "", "visit": "", "states": []}
DOCUMENT_NEW = {
    "visits": [{"id": "v1", "words": "Samoria, 5–9 October 2026"}, {"id": "v2", "words": "Velland, 14–18 September 2026"}],
    "kinds": [("mission_report", "Mission report"), ("assessment", "Assessment"), ("recommendations", "Recommendations")],
    "levels": [
        (0, "Unclassified", "May become public without harm.", True),
        (1, "Confidential", "Harm if it leaves the two bodies.", True),
        (2, "Strictly Confidential", "Grave harm if it leaves. Every look takes a second factor.", False),
    ],
    "states": STATES,
    "values": {"title": TITLE, "symbol": SYMBOL, "kind": "mission_report", "level": "1", "visit": "v1", "states": ["XSM"]},
    "faults": {},
    "visit_url": "document_new.html",
    "visit_values": {},
    "visit_faults": {},
}
DOCUMENT_NEW_FAULTS = {
    **DOCUMENT_NEW,
    "values": {**FORM_EMPTY, "symbol": "CTED 2026"},
    "faults": {
        "symbol": "Use letters, digits and / . - ( ), for example CTED/2026/XSM/3.",
        "title": "Give a title of 3 to 300 characters.",
        "level": "Choose Unclassified, Confidential or Strictly Confidential.",
        "states": "Choose at least one State.",
        "form": "The form is larger than the portal takes. Shorten it.",
    },
    "visit_values": {"state": "XSM", "start": "2026-10-09", "end": "2026-10-05", "place": "Port Samor"},
    "visit_faults": {"end": "The visit ends before it begins."},
}
DOCUMENT_NEW_FIRST = {**DOCUMENT_NEW, "visits": [], "values": FORM_EMPTY}

ASKING = SimpleNamespace(
    title=TITLE,
    symbol=SYMBOL,
    level=1,
    from_short="Directorate",
    bodies=[("ENTITY", "Entity"), ("OTHER", "Other entity")],
    asked=[
        SimpleNamespace(body_short="Entity", stage="asked", asked_at=at(22)),
        SimpleNamespace(body_short="Other entity", stage="not agreed", asked_at=at(20)),
    ],
)
ONWARD_FORM: Context = {
    "asking": ASKING,
    "ask_url": "ask.html",
    "back_href": "reader.html",
    "values": {"recipient": "", "purpose": ""},
    "faults": {},
}

APPROVALS: Context = {
    **NOTHING_CHOSEN,
    "total": 2,
    "liftings": [
        {
            "href": "document-lifting.html",
            "row": SimpleNamespace(
                title=TITLE, symbol=SYMBOL, level=1, narrows=True, proposed_by="Conrad Weiss", proposed_at=at(22, 10, 12)
            ),
        }
    ],
    "asked": [
        {
            "title": TITLE,
            "symbol": SYMBOL,
            "level": 1,
            "href": "document.html",
            "asker_short": "Office",
            "body_short": "Entity",
            "purpose": "Planning of support to border management in the capital.",
            "asked_at": at(22),
        }
    ],
    "confirmed": False,
    "rows": [
        {
            "title": TITLE,
            "symbol": SYMBOL,
            "level": 1,
            "href": "document.html",
            "recipient_short": "Office",
            "proposed_by": "Uma Castell",
            "proposed_at": at(20, 16, 5),
            "withheld_words": "Pages 2, 4–6 are left out",
            "status": ("wait", "To approve"),
        }
    ],
}
APPROVALS["rows"].append({**APPROVALS["rows"][0], "level": 0, "symbol": "CTED/2026/GEN/17", "status": ("done", "Approved")})


def _event(at: datetime, words: str, who: str | None, roles: str, what: str, outcome: str, **more: Any) -> Context:
    rules = [("share-read", "The share is live and the reader is of the body it was shared with.")]
    return {
        "at": at,
        "event_words": words,
        "who": who,
        "body_short": "Office" if who == "Omar Haddad" else "Directorate" if who else "",
        "roles_words": roles,
        "object_words": what,
        "outcome": outcome,
        "code": "",
        "rules": rules,
        "policy_short": "4e1c 9a07",
        "address": None,
        "leaf": 1_284_871,
        "note": None,
        **more,
    }


AUDIT = {
    "integrity": {
        "size": 1_284_907,
        "root_short": "q7Vd w0eH … 3kA=",
        "signed_at": at(24, 14, 31),
        "pending": 2,
        "state": ("ok", "No difference"),
        "href": "integrity.html",
    },
    **AROUND,
    "filters": {**NO_FILTER, "event": "share.page_read", "document": SYMBOL, "since": "2026-10-26"},
    "chart": CHART,
    "keeping": KEEPING,
    "events": [("document.read", "Document read"), ("share.approved", "Share approved"), ("share.page_read", "Share page read")],
    "outcomes": ["done", "refused", "failed"],
    "rows": [
        _event(at(24, 14, 31), "Read a page", "Omar Haddad", "Reviewer", f"{SYMBOL}, page 7", "done", leaf=None),
        _event(at(24, 14, 30), "Read a page", "Omar Haddad", "Reviewer", f"{SYMBOL}, page 6", "done", note="Page 6 of 24."),
        _event(at(23, 10, 4), "Approved a release", "Rhea Okafor", "Releasing officer", SYMBOL, "done"),
        _event(
            at(23, 9, 51),
            "Approved a release",
            "Uma Castell",
            "Releasing officer",
            SYMBOL,
            "refused",
            code="denied",
            rules=[("four-eyes", "The person who proposes a release cannot approve it."), ("own-body", "")],
            address="198.51.100.24",
            note="Nothing was released.",
        ),
        _event(
            at(20, 16, 5),
            "Read an address that is none",
            None,
            "",
            "",
            "failed",
            code="not_found",
            rules=[],
            policy_short="",
            address="192.0.2.7",
        ),
    ],
    "older": "audit.html",
    "total": 412,
    "taking": [{"href": "audit.html", "label": label, "told": told} for label, told in (CSV, JSONL, OCSF, CHECKPOINT)],
}
AUDIT_EMPTY = {
    **AUDIT,
    "taking": AUDIT["taking"][-1:],
    "integrity": {
        "size": 0,
        "root_short": "47DE QpJ8 … NEA=",
        "signed_at": None,
        "pending": 0,
        "state": ("bad", "Event 41 differs"),
        "href": "",
    },
    "filters": {**NO_FILTER, "actor": "Nobody"},
    "chart": None,
    "keeping": KEEPING_NONE,
    "rows": [],
    "older": None,
    "total": 0,
}


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
SIGNED_OUT = {"exit": SimpleNamespace(url="provider.html", reached=True), "back_url": "sign_in.html"}

ERROR = {
    "status": 404,
    "heading": "Nothing here",
    "message": "There is nothing here for you. Check the address, or go back to your list.",
    "faults": {},
    "offer_sign_in": False,
}
ERROR_FAULTS = {
    **ERROR,
    "status": 422,
    "heading": "Please look again",
    "message": "Some fields need another look. Nothing was saved.",
    "faults": {"recipient": "Choose one of the bodies in the list."},
}
CONFIRM = {"start_url": "home.html", "minutes": 10, "goes_on": "form", "why_not": ""}
CONFIRM_CANNOT = {
    **CONFIRM,
    "start_url": "",
    "why_not": "Your sign-in service cannot ask you for a second factor, so this step stays closed to you. Ask your security "
    "administrator to have that set up; whoever runs the portal needs to know the word step_up_acr.",
}
CONFIRMED = {
    "intent": SimpleNamespace(
        url="document.html", what="Approve release", fields=(("purpose", "Follow-up in the north"), ("use", "view_only"))
    )
}
SIGN_IN = {
    "ways": [
        {"label": "Sign in as staff of the Directorate", "url": "home.html"},
        {"label": "Sign in as staff of the Office", "url": "home-office.html"},
    ],
    "local_url": "",
    "notice": None,
}


def pages() -> dict[str, tuple[str, Context]]:
    """Page name to (template, whole context). A name is the template's, and a variant after a dash."""
    listed: dict[str, tuple[Any, str, Context]] = {
        "sign_in": (None, "", SIGN_IN),
        "sign_in-refused": (None, "", {**SIGN_IN, "notice": ("bad", "This sign-in was not begun here, or too long ago. Begin again.")}),
        "sign_in-out": (None, "", {**SIGN_IN, "notice": ("info", "You are signed out.")}),
        "sign_in-both": (None, "", {**SIGN_IN, "local_url": "sign_in_local.html"}),
        "sign_in-alone": (None, "", {**SIGN_IN, "ways": [], "local_url": "sign_in_local.html"}),
        "confirm": (RELEASER, "", CONFIRM),
        "confirm-page": (REVIEWER, "", {**CONFIRM, "goes_on": "page"}),
        "confirm-cannot": (RELEASER, "", CONFIRM_CANNOT),
        "confirmed": (RELEASER, "", CONFIRMED),
        "home": (RELEASER, "home", HOME),
        "home-empty": (REVIEWER, "home", HOME_EMPTY),
        "home-auditor": (AUDITOR, "home", HOME_AUDITOR),
        "documents": (UPLOADER, "documents", DOCUMENTS),
        "documents-empty": (UPLOADER, "documents", {**NOTHING_CHOSEN, "rows": [], "may_register": True}),
        "documents-none-fits": (UPLOADER, "documents", {**DOCUMENTS, "rows": [], "total": 0, "older": None}),
        "document_new": (UPLOADER, "deposit", DOCUMENT_NEW),
        "document_new-faults": (UPLOADER, "deposit", DOCUMENT_NEW_FAULTS),
        "document_new-first": (UPLOADER, "deposit", DOCUMENT_NEW_FIRST),
        "document": (RELEASER, "documents", DOCUMENT),
        "document-versions": (OFFICER, "documents", DOCUMENT_VERSIONS),
        "document-further": (UPLOADER, "documents", DOCUMENT_FURTHER),
        "document-empty": (UPLOADER, "documents", DOCUMENT_EMPTY),
        "document-officer": (OFFICER, "documents", DOCUMENT_OFFICER),
        "document-consulting": (OFFICER, "documents", DOCUMENT_CONSULTING),
        "document-lifting": (OFFICER, "documents", DOCUMENT_LIFTING),
        "document-propose": (OFFICER, "documents", DOCUMENT_PROPOSE),
        "document-repeats": (OFFICER, "documents", DOCUMENT_REPEATS),
        "document-stale": (OFFICER, "documents", DOCUMENT_STALE),
        "document-own": (RELEASER, "documents", DOCUMENT_OWN),
        "document-shared": (RELEASER, "documents", DOCUMENT_SHARED),
        "document-closed": (UPLOADER, "documents", DOCUMENT_CLOSED),
        "document-again": (UPLOADER, "documents", DOCUMENT_AGAIN),
        "document-replaces": (RELEASER, "documents", DOCUMENT_REPLACES),
        "document-withheld": (OFFICER, "documents", DOCUMENT_WITHHELD),
        "document-superseded": (RELEASER, "documents", DOCUMENT_SUPERSEDED),
        "compare": (OFFICER, "documents", COMPARE),
        "compare-empty": (OFFICER, "documents", COMPARE_EMPTY),
        "compare-renditions": (RELEASER, "documents", COMPARE_RENDITIONS),
        "compare-other": (RELEASER, "documents", COMPARE_OTHER),
        "document-asked": (OFFICER, "documents", DOCUMENT_ASKED),
        "document-asked-faults": (OFFICER, "documents", DOCUMENT_ASKED_FAULTS),
        "document-passing-on": (RELEASER, "documents", DOCUMENT_PASSING_ON),
        "document-to-propose": (OFFICER, "documents", DOCUMENT_TO_PROPOSE),
        "document-to-shred": (RELEASER, "documents", DOCUMENT_TO_SHRED),
        "document-held": (RELEASER, "documents", DOCUMENT_HELD),
        "document-held-unknown": (RELEASER, "documents", DOCUMENT_HELD_UNKNOWN),
        **{name: (OFFICER, "documents", sample) for name, sample in documents_ending(DOCUMENT).items()},
        "document-shredded": (RELEASER, "documents", DOCUMENT_SHREDDED),
        "document-restored": (RELEASER, "documents", DOCUMENT_RESTORED),
        "who": (RELEASER, "documents", WHO),
        "who-why": (RELEASER, "documents", WHO_WHY),
        "seen": (RELEASER, "documents", SEEN),
        "seen-empty": (RELEASER, "documents", SEEN_EMPTY),
        "seen-damaged": (RELEASER, "documents", SEEN_DAMAGED),
        "approvals": (RELEASER, "approvals", APPROVALS),
        "approvals-empty": (RELEASER, "approvals", {**NOTHING_CHOSEN, "rows": [], "asked": [], "liftings": [], "confirmed": True}),
        "received": (REVIEWER, "received", {**RECEIVED_LIST, "rows": RECEIVED}),
        "received-empty": (REVIEWER, "received", {**NOTHING_CHOSEN, "rows": []}),
        "reader": (REVIEWER, "received", READER),
        "reader-found": (REVIEWER, "received", READER_FOUND),
        "reader-not-found": (REVIEWER, "received", READER_NOT_FOUND),
        "reader-find-fault": (REVIEWER, "received", READER_FIND_FAULT),
        "received-newer": (REVIEWER, "received", {**RECEIVED_LIST, "rows": RECEIVED_NEWER}),
        "home-newer": (REVIEWER, "home", {**HOME_EMPTY, "lately": {"label": "Received lately", "rows": RECEIVED_NEWER}}),
        "reader-older": (REVIEWER, "received", READER_OLDER),
        "reader-languages": (REVIEWER, "received", READER_LANGUAGES),
        "reader-eyes-only": (REVIEWER, "received", READER_EYES_ONLY),
        "remarks": (REVIEWER, "received", said_page(TITLE, SYMBOL)),
        "remarks-faults": (REVIEWER, "received", said_page(TITLE, SYMBOL, faults=FAULTS)),
        "remarks-empty": (REVIEWER, "received", {**said_page(TITLE, SYMBOL), "rows": []}),
        "document_remarks": (OFFICER, "documents", to_answer_page(TITLE, SYMBOL)),
        "document_remarks-faults": (OFFICER, "documents", answer_faults(TITLE, SYMBOL)),
        "document_remarks-empty": (OFFICER, "documents", {**to_answer_page(TITLE, SYMBOL), "shares": []}),
        "onward": (REVIEWER, "received", ONWARD_FORM),
        "onward-faults": (
            REVIEWER,
            "received",
            {**ONWARD_FORM, "faults": {"recipient": "Choose one of the bodies in the list.", "purpose": "Say what they need it for."}},
        ),
        "onward-first": (REVIEWER, "received", {**ONWARD_FORM, "asking": SimpleNamespace(**{**vars(ASKING), "asked": [], "level": 2})}),
        "reader-preview": (OFFICER, "documents", READER_PREVIEW),
        "reader-absent": (REVIEWER, "received", READER_ABSENT),
        "mark": (OFFICER, "documents", MARK),
        "mark-painted": (OFFICER, "documents", MARK_PAINTED),
        "mark-place": (OFFICER, "documents", MARK_PLACE),
        "mark-first": (OFFICER, "documents", MARK_FIRST),
        "mark-faults": (OFFICER, "documents", MARK_FAULTS),
        "share_gone": (
            REVIEWER,
            "received",
            {
                "symbol": "CTED/2026/XTA/2",
                "confirm_url": "confirm.html",
                "confirmed_at": None,
                "back_href": "received.html",
                "transfers": GONE_BESIDE,
            },
        ),
        "transfers": (REVIEWER, "received", received_page(SYMBOL, RECEIVED_ROWS)),
        "transfers-faults": (REVIEWER, "received", received_page(SYMBOL, FAULTY_ROWS)),
        "transfers-gone": (REVIEWER, "received", received_page(SYMBOL, GONE_ROWS, open=False)),
        "transfers-empty": (REVIEWER, "received", received_page(SYMBOL, [])),
        "document-transfers": (RELEASER, "documents", {**DOCUMENT_SHARED, "transfers": HANDED_OVER_FAULTS}),
        "audit": (AUDITOR, "audit", AUDIT),
        "audit-empty": (AUDITOR, "audit", AUDIT_EMPTY),
        "audit-kept": (AUDITOR, "audit", {**AUDIT, "keeping": KEEPING_FAULTS, "chart": {**CHART, "cut": True}}),
        "audit_seen": (AUDITOR, "audit", SEEN_MATRIX),
        "audit_seen-nobody": (AUDITOR, "audit", SEEN_NOBODY),
        "audit_unusual": (AUDITOR, "audit", UNUSUAL),
        "audit_unusual-nothing": (AUDITOR, "audit", UNUSUAL_NOTHING),
        "integrity": (AUDITOR, "audit", INTEGRITY),
        "integrity-first": (AUDITOR, "audit", INTEGRITY_FIRST),
        "integrity-running": (AUDITOR, "audit", INTEGRITY_RUNNING),
        "integrity-found": (AUDITOR, "audit", INTEGRITY_FOUND),
        "integrity-broken": (AUDITOR, "audit", INTEGRITY_BROKEN),
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
        "policy": (ADMINISTRATOR, "policy", POLICY),
        "policy-approved": (ADMINISTRATOR, "policy", POLICY_APPROVED),
        "policy-empty": (AUDITOR, "policy", POLICY_EMPTY),
        "what_if": (AUDITOR, "policy", WHAT_IF),
        "what_if-faults": (AUDITOR, "policy", WHAT_IF_FAULTS),
        "what_if-form": (AUDITOR, "policy", WHAT_IF_FORM),
        "what_if-answered": (ADMINISTRATOR, "policy", WHAT_IF_ANSWERED),
        "what_if-unasked": (ADMINISTRATOR, "policy", WHAT_IF_UNASKED),
        "what_if-form-faults": (AUDITOR, "policy", WHAT_IF_FORM_FAULTS),
        "sessions": (REVIEWER, "", SESSIONS),
        "sessions-one": (REVIEWER, "", {**SESSIONS, "rows": SESSIONS["rows"][:1], "reference": None, "others_url": None, "instead": True}),
        "person_sessions": (ADMINISTRATOR, "people", PERSON_SESSIONS),
        "person_sessions-empty": (ADMINISTRATOR, "people", {**PERSON_SESSIONS, "rows": [], "all_url": None}),
        "signed_out": (None, "", SIGNED_OUT),
        "signed_out-down": (None, "", {**SIGNED_OUT, "exit": SimpleNamespace(url="", reached=False)}),
        "signed_out-stays": (None, "", {**SIGNED_OUT, "exit": SimpleNamespace(url="", reached=True)}),
        "sign_in_local": (None, "", SIGN_IN_LOCAL),
        "sign_in_local-faults": (None, "", SIGN_IN_LOCAL_FAULTS),
        "sign_in_code": (None, "", {"faults": {}}),
        "sign_in_code-faults": (None, "", CODE_FAULTS),
        "confirm_local": (RELEASER, "", {"about": "a-form", "faults": {}}),
        "confirm_local-faults": (RELEASER, "", {"about": "a-form", **CODE_FAULTS}),
        "enrol": (None, "", ENROL),
        "enrol-faults": (None, "", ENROL_FAULTS),
        "recovery_codes": (None, "", {"codes": CODES, "first": True}),
        "recovery_codes-new": (UPLOADER, "", {"codes": CODES, "first": False}),
        "account": (UPLOADER, "", ACCOUNT),
        "account-changed": (UPLOADER, "", {**ACCOUNT, "changed": True}),
        "account-faults": (UPLOADER, "", ACCOUNT_FAULTS),
        "accounts": (RELEASER, "accounts", ACCOUNTS),
        "accounts-empty": (RELEASER, "accounts", {**ACCOUNTS, "rows": []}),
        "accounts-faults": (RELEASER, "accounts", ACCOUNTS_FAULTS),
        "accounts-propose": (ADMINISTRATOR, "accounts", ACCOUNTS_PROPOSE),
        "hand_over": (RELEASER, "accounts", HAND_OVER_CODE),
        "hand_over-link": (RELEASER, "accounts", HAND_OVER_LINK),
        "error": (REVIEWER, "", ERROR),
        "error-faults": (OFFICER, "", ERROR_FAULTS),
        "error-stranger": (
            None,
            "",
            {**ERROR, "status": 401, "heading": "Sign in to continue", "message": "Sign in to continue.", "offer_sign_in": True},
        ),
    }
    return {
        name: (f"{name.split('-')[0]}.html", deepcopy({**globals_for(me, nav), **context})) for name, (me, nav, context) in listed.items()
    }
