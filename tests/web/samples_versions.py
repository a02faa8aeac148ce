"""Invented contexts of a document with three versions, of which two do not know yet where what is kept back stands."""

from tests.web.samples_document import DOC, DOCUMENT, NO_ACTS, RENDITION, _answers
from tests.web.samples_mark import MARK
from tests.web.samples_requests import REQUEST
from tests.web.samples_story import SYMBOL, Context, at


def _version(number: int, language: tuple[str, str], day: int, *places: Context, current: bool = True) -> Context:
    blocked = any(not place["view"]["by"] for place in places)
    view = {
        "number": number,
        "language": language[0],
        "language_words": language[1],
        "name": f"visit-report-samoria-{language[0]}-{number}.pdf",
        "size": 18_400_000 + 100_000 * number,
        "pages": 23 + number,
        "deposited_at": at(day, 9, 12),
        "deposited_by": "Dana Ruiz",
        "current": current,
        "blocked": blocked,
    }
    return {
        "view": view,
        "places": list(places),
        "file_url": "file.html",
        "mark_url": "mark.html" if current else None,
        "compare_url": "compare.html",
    }


def _place(where: str, marked: str = "§16(e) of version 1") -> Context:
    by = "Conrad Weiss" if where else ""
    view = {"request": "q1", "marked": marked, "reference": "Note NV/2026/118", "where": where, "by": by}
    return {"view": view, "mark_url": "mark-place.html"}


def _untold(version: Context) -> Context:
    """The same for who may not see the pages."""
    told = {"where": "", "marked": "", "reference": ""}
    places = [{"view": {**place["view"], **told}, "mark_url": None} for place in version["places"]]
    return {**version, "places": places, "mark_url": None, "compare_url": None}


DRAWN = "2 passages on page 7 of version 1"
DOCUMENT_VERSIONS: Context = {
    **DOCUMENT,
    "doc": {**DOC, "file": {**DOC["file"], "name": "visit-report-samoria-fr-3.pdf", "language_words": "French"}},  # type: ignore[dict-item]
    "answers": _answers("Say where it stands", "what is kept back has no place in version 3 yet"),
    "requests": [REQUEST],
    "rendition": {
        **RENDITION,
        "current": False,
        "version_words": "Version 1, English",
        "stale_words": "Something was withheld, or another version came, after this was prepared. Prepare it again.",
    },
    "shares": [],
    "versions": [
        _version(3, ("fr", "French"), 23, _place(""), _place("", DRAWN)),
        _version(2, ("en", "English"), 20, _place("§16(e), on page 4"), _place("2 passages on page 8", DRAWN)),
        _version(1, ("en", "English"), 8, current=False),
    ],
    "spoken": [("en", "English, version 2"), ("fr", "French, version 3")],
    "marked_on": [(2, "Version 2, English: 25 pages"), (3, "Version 3, French: 26 pages")],
    "may_place": True,
    "acts": {**NO_ACTS, "request_url": "request.html", "mark_url": "mark.html", "build_url": "build.html", "original_url": "file.html"},
    "why_not": {"propose": "Prepare what the other body will see first, and look at it."},
}
DOCUMENT_FURTHER: Context = {
    **DOCUMENT_VERSIONS,
    "may_place": False,
    "versions": [_untold(version) for version in DOCUMENT_VERSIONS["versions"]],
    "acts": {**NO_ACTS, "deposit_url": "deposit.html", "build_url": "build.html", "original_url": "file.html"},
}
MARK_PLACE: Context = {
    **MARK,
    "version": 3,
    "version_words": "Version 3, French",
    "place_id": "q1",
    "place_words": ("§16(e) of version 1", f"Note NV/2026/118, {SYMBOL}"),
    "place_labels": ["§16(e)"],
}
