"""What the document's page shows of its versions, and what an officer is asked to say about each."""

from typing import Any

from flask import url_for

from portal.cases.show_document import DocumentView
from portal.cases.show_versions import VersionView
from portal.kernel.actions import Action
from portal.kernel.vocabulary import Language

#: In which a file may be, in the order of English.
LANGUAGES = sorted(((language.value, language.words) for language in Language), key=lambda row: row[1])


def versions_context(view: DocumentView) -> dict[str, Any]:
    """`versions`: newest first; `spoken`: (code, name) of each language there is, to choose from what is prepared;
    `marked_on`: (number, name and pages) of each version that counts, to choose of which pages are named.
    """
    current = [row for row in view.versions if row.current]
    ready = [row for row in current if not (row.blocked and len(view.recipients) == 1)]
    return {
        "versions": [_version(view, row) for row in view.versions],
        "languages": LANGUAGES,
        "spoken": [(row.language, f"{row.language_words}, version {row.number}") for row in ready],
        "to_prepare": next((row.language for row in reversed(current) if not row.blocked), current[-1].language if current else ""),
        "marked_on": [(row.number, f"Version {row.number}, {row.language_words}: {_pages(row)}") for row in current],
        "may_place": bool(view.allowed.get(Action.REQUEST_RECORD) and view.allowed.get(Action.VERSION_READ)),
    }


def is_stuck(view: DocumentView) -> bool:
    """Can no version be prepared, as what is kept back has no place in any? Of several bodies it may bind some: preparing says so."""
    current = [row for row in view.versions if row.current]
    return bool(current) and len(view.recipients) == 1 and all(row.blocked for row in current)


def _pages(row: VersionView) -> str:
    return "1 page" if row.pages == 1 else f"{row.pages} pages"


def _version(view: DocumentView, row: VersionView) -> dict[str, Any]:
    """Its file, for those who may take it, and its pages, for those who may mark them."""
    allowed = view.allowed
    file = url_for("downloads.original", document_id=view.id, version=row.number)
    return {
        "view": row,
        "file_url": file if allowed.get(Action.VERSION_DOWNLOAD) else None,
        "places": [{"view": place, "mark_url": _mark_url(view, row, str(place.request))} for place in row.places],
        "mark_url": _mark_url(view, row) if row.current else None,
        "compare_url": _compare_url(view, row),
    }


def _compare_url(view: DocumentView, row: VersionView) -> str | None:
    """With the one before it in its language, or else the one before it."""
    earlier = [one for one in view.versions if one.number < row.number]
    if not view.allowed.get(Action.VERSION_READ) or not earlier:
        return None
    before = next((one for one in earlier if one.language == row.language), earlier[0])
    return url_for("comparing.versions", document_id=view.id, first=before.number, second=row.number)


def _mark_url(view: DocumentView, row: VersionView, place: str | None = None) -> str | None:
    if not view.allowed.get(Action.VERSION_READ):
        return None
    return url_for("passages.look", document_id=view.id, page=1, version=row.number, place=place)
