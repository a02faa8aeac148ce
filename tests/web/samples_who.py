"""Invented contexts of the page "Who can see this, and why"."""

from typing import Any

from portal.cases.ask_why import Choices, WhyView
from portal.cases.explain_document import Because, BodyLines, Holds, Line, RoleLines, Sight, Way, Who
from portal.kernel.actions import Action
from tests.web.samples_story import SYMBOL, TITLE

ENTRY = Because("P03-own-entries", "Staff who work with documents see the entry of each document of their own body.")
MARK = Because("P25-mark", "A confidentiality officer sees the pages of the original to mark what a Member State asked to keep.")
TAKE = Because(
    "P28-download-original", "Those who send, keep back and release take the original of a document of their own body out of the portal."
)
OWN = Because("P08-own-rendition", "Staff who work with documents see what a recipient would see of a document of their own body.")
READ = Because("P14-read-share", "A reviewer reads what was shared with their own body.")
NO_RULE = Because("", "Your role does not include this.")
CLEARANCE = Because("F08-clearance", "Your clearance is below the level of this document.")
CLOSED = Because("F11-closed-account", "Your account is closed. Ask your security administrator.")
OVERSIGHT = Because("F10-oversight-sees-no-content", "Auditors and security administrators do not work with documents.")
FOREIGN = Because("F12-document-of-another-body", "This document belongs to another body.")


def _way(action: Action, holds: Holds, words: str, *because: Because, allowed: bool = True) -> Way:
    return Way(action, holds, words, allowed, False, because)


SEES_ENTRY = _way(Action.DOCUMENT_READ, Holds.ENTRY, "sees the entry in the register", ENTRY)
SEES_PAGES = _way(Action.RENDITION_READ, Holds.RENDITION, "looks at the pages prepared for the other body", OWN)
MARKS = _way(Action.VERSION_READ, Holds.ORIGINAL, "sees the pages of the original, to mark what stays", MARK)
TAKES = _way(Action.VERSION_DOWNLOAD, Holds.ORIGINAL, "takes the original out of the portal", TAKE)


def _no(holds: Holds, *because: Because) -> Way:
    return _way(Action.VERSION_DOWNLOAD, holds, "", *because, allowed=False)


OFFICERS = Sight((SEES_ENTRY, SEES_PAGES, MARKS, TAKES))
UPLOADERS = Sight((SEES_ENTRY, SEES_PAGES, _no(Holds.ORIGINAL, NO_RULE), TAKES))
UNCLEARED = Sight((SEES_ENTRY, _no(Holds.RENDITION, CLEARANCE), _no(Holds.ORIGINAL, CLEARANCE)))
REVIEWERS = Sight((SEES_ENTRY, SEES_PAGES, _no(Holds.ORIGINAL, NO_RULE)))
READERS = Sight(
    (
        _no(Holds.ENTRY, FOREIGN),
        _way(Action.SHARE_READ, Holds.RENDITION, "reads the prepared pages in the portal", READ),
        _no(Holds.ORIGINAL, FOREIGN),
    )
)
KNOWS = Because("P13-know-share", "A reviewer sees that something was shared with their own body.")
KNOWN = _way(Action.SHARE_KNOW, Holds.ENTRY, "sees that it was shared, with its title", KNOWS)
KNOWERS = Sight((KNOWN, _no(Holds.RENDITION, CLEARANCE, FOREIGN)))


def _nothing(*because: Because) -> Sight:
    return Sight((_no(Holds.ENTRY, *because),))


UP_TO = "Cleared up to Confidential"
OFFICES = [
    RoleLines("Reviewer", [Line([Who(f"{UP_TO}, or higher", "")], READERS), Line([Who("Cleared up to Unclassified", "")], KNOWERS)]),
    *(
        RoleLines(role, [Line([Who("Whatever the clearance", "")], _nothing(FOREIGN, NO_RULE))])
        for role in ("Releasing officer", "Uploader")
    ),
]
DIRECTORATES = [
    RoleLines("Confidentiality officer", [Line([Who("Conrad Weiss", UP_TO)], OFFICERS)]),
    RoleLines(
        "Uploader",
        [
            Line([Who("Dana Ruiz", UP_TO), Who("Ilse Marchetti-Oyelaran", "Cleared up to Strictly Confidential")], UPLOADERS),
            Line([Who("Petra Lindqvist", "Cleared up to Unclassified")], UNCLEARED),
            Line([Who("Tomas Okello", "Account closed")], _nothing(CLOSED)),
        ],
    ),
    RoleLines("Reviewer", [Line([Who("Elena Faro", UP_TO)], REVIEWERS)]),
    RoleLines("Security administrator", [Line([Who("Sven Aalto", UP_TO)], _nothing(OVERSIGHT))]),
]
WHO: dict[str, Any] = {
    "doc": {"symbol": SYMBOL, "title": TITLE, "level": 1, "originator_short": "Directorate"},
    "bodies": [BodyLines("Directorate", True, DIRECTORATES), BodyLines("Office", False, OFFICES)],
    "choices": Choices(
        [
            ("Directorate", [("u1", "Dana Ruiz, uploader"), ("u2", "Petra Lindqvist, uploader")]),
            ("Office: no names, only roles", [("OCT/reviewer/1", "Reviewer, cleared up to Confidential")]),
        ],
        [("version:download", "Take the original out of the portal"), ("share:read", "Read what was shared")],
    ),
    "chosen": {"whom": "", "act": ""},
    "why": None,
    "ask_url": "who.html",
    "back_href": "document.html",
}
WHY = WhyView(
    whom="Petra Lindqvist",
    act="Take the original out of the portal",
    allowed=False,
    outcome="Refused",
    because=(CLEARANCE,),
    duties=[],
    told=(CLEARANCE.reason,),
)
WHO_WHY = {**WHO, "chosen": {"whom": "u2", "act": "version:download"}, "why": WHY}
