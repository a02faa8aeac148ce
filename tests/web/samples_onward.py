"""Invented contexts of passing on what was received: its recipient asks, and its originator answers."""

from types import SimpleNamespace

from tests.web.samples_document import DECIDE, DOCUMENT, DOCUMENT_SHARED, NO_ACTS, SEEN, _answers
from tests.web.samples_story import OFFICER, RELEASER, REVIEWER, SYMBOL, TITLE, Context, Page, at

ONWARD = {
    "id": "n1",
    "asker_short": "Office",
    "body": "ENTITY",
    "body_short": "Entity",
    "purpose": "Planning of support to border management in the capital, together with the Office’s own project.",
    "asked_at": at(22, 10, 5),
    "build_url": None,
    "checks": [{"ok": True, "text": "Proved: what is kept back is gone from its places, and its wording was found nowhere else"}],
    "seen": SEEN,
    "consent_url": "consent.html",
    "decline_url": "decline.html",
    "why_not": "",
}
DOCUMENT_PASSING_ON = {**DOCUMENT, "acts": {**NO_ACTS, "decide": [{**DECIDE, "asked_by": "Office", "recipient_short": "Entity"}]}}
DOCUMENT_ASKED = {
    **DOCUMENT_SHARED,
    "answers": _answers("Answer what you are asked", "whether it may go on to the Entity", "The Directorate and the Office"),
    "onward": [ONWARD, {**ONWARD, "id": "n2", "seen": None, "checks": [], "consent_url": None, "build_url": "build.html"}],
}
DOCUMENT_ASKED_FAULTS = {
    **DOCUMENT_ASKED,
    "onward": [ONWARD],
    "onward_faults": {"until": "The last day lies in the past. Give a later one, or leave it empty."},
}

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

PAGES: dict[str, Page] = {
    "document-asked": (OFFICER, "documents", DOCUMENT_ASKED),
    "document-asked-faults": (OFFICER, "documents", DOCUMENT_ASKED_FAULTS),
    "document-passing-on": (RELEASER, "documents", DOCUMENT_PASSING_ON),
    "onward": (REVIEWER, "received", ONWARD_FORM),
    "onward-faults": (
        REVIEWER,
        "received",
        {**ONWARD_FORM, "faults": {"recipient": "Choose one of the bodies in the list.", "purpose": "Say what they need it for."}},
    ),
    "onward-first": (REVIEWER, "received", {**ONWARD_FORM, "asking": SimpleNamespace(**{**vars(ASKING), "asked": [], "level": 2})}),
}
