"""What the reader's template needs: one page, the list of pages beside it, its size, and where words were found."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from flask import request, url_for

from portal.cases.read_pages import NEARBY, Page
from portal.cases.show_shares import ReceivedRow
from portal.web.forms import typed
from portal.web.rows import beside

#: Sizes of a page in hundredths of the width that fits.
ZOOMS = (50, 75, 100, 125, 150, 200, 300)
#: So many pages are all listed; of more, the first, the last, and those nearby.
_ALL = 12
#: How many pages with what was found are named at once.
_NAMED = 40

Href = Callable[[int], str]


def reader_context(
    shown: Page, endpoint: str, where: dict[str, Any], *, back: str, share: ReceivedRow | None, from_short: str
) -> dict[str, Any]:
    """Everything `reader.html` needs. `share` is None in the originator's preview."""
    zoom = _zoom()

    def href(number: int, size: int = zoom) -> str:
        return url_for(endpoint, **where, page=number, zoom=None if size == 100 else size)

    return {
        "nav": "documents" if share is None else "received",
        "title": shown.title,
        "symbol": shown.symbol,
        "level": shown.level,
        "from_short": from_short,
        "page": shown.number,
        "pages": shown.pages,
        "image_url": _inline(shown.mime, shown.image),
        "text": list(shown.text),
        "text_lang": shown.language,
        "absent": shown.absent,
        "prev_href": href(shown.number - 1) if shown.number > 1 else None,
        "next_href": href(shown.number + 1) if shown.number < shown.pages else None,
        "rail": _rail(shown, href),
        "opened": len(shown.opened),
        "zoom": _zoom_context(zoom, lambda size: href(shown.number, size)),
        "find": _find_context(shown, lambda number: url_for(endpoint, **where, page=number)),
        "watermark_words": "Every page carries your name, your body and the time.",
        "back_href": back,
        "preview": share is None,
        **_share_context(share),
    }


def _share_context(share: ReceivedRow | None) -> dict[str, Any]:
    if share is None:
        nothing = ("acknowledge_url", "acknowledged_at", "download_url", "fetch_url", "file_size", "onward_url")
        return {**dict.fromkeys(nothing), "terms_words": "Preview, for your own body", "asked": [], "eyes_only": False, "beside": None}
    return {
        "terms_words": share.terms_words,
        "acknowledge_url": url_for("received.acknowledge", share_id=share.id) if share.may_acknowledge else None,
        "acknowledged_at": share.acknowledged_at,
        "download_url": url_for("received.download", share_id=share.id) if share.may_download else None,
        "fetch_url": url_for("downloads.file", share_id=share.id) if share.file_size is not None else None,
        "file_size": share.file_size,
        "onward_url": url_for("onward.new", share_id=share.id) if share.may_ask_onward else None,
        "asked": share.asked,
        "eyes_only": share.eyes_only,
        "beside": beside(share),
    }


def _inline(mime: str, image: bytes) -> str:
    return f"data:{mime};base64,{b64encode(image).decode()}"


def _rail(shown: Page, href: Href) -> list[dict[str, Any]]:
    """The list of pages. `after_gap`: pages between the one before and this one are left out."""
    ends = {1, shown.pages}
    numbers = [n for n in range(1, shown.pages + 1) if shown.pages <= _ALL or n in ends or abs(n - shown.number) <= NEARBY]
    return [
        {
            "number": number,
            "href": href(number),
            "current": number == shown.number,
            "opened": number in shown.opened,
            "sketch": _inline("image/png", shown.sketches[number]) if number in shown.sketches else None,
            "after_gap": number - before > 1,
        }
        for before, number in zip([0, *numbers], numbers, strict=False)
    ]


def _zoom() -> int:
    said = request.args.get("zoom") or typed("zoom")
    return next((size for size in ZOOMS if str(size) == said), 100)


def _zoom_context(zoom: int, href: Href) -> dict[str, Any]:
    at = ZOOMS.index(zoom)
    smaller, larger = ZOOMS[:at], ZOOMS[at + 1 :]
    return {
        "now": zoom,
        "steps": " ".join(map(str, ZOOMS)),
        "out_href": href(smaller[-1]) if smaller else None,
        "in_href": href(larger[0]) if larger else None,
    }


def _find_context(shown: Page, url: Href) -> dict[str, Any]:
    found = shown.found
    if found is None:
        return {"url": url(shown.number), "term": "", "fault": "", "asked": False}
    pages = sorted(found.places)
    before, after = [n for n in pages if n < shown.number], [n for n in pages if n > shown.number]
    near = sorted(sorted(pages, key=lambda number: abs(number - shown.number))[:_NAMED])
    return {
        "url": url(shown.number),
        "term": found.term,
        "fault": found.fault,
        "asked": True,
        "total": found.total,
        "here": found.places.get(shown.number, 0),
        "on": len(pages),
        "pages": [(number, found.places[number], url(number), number == shown.number) for number in near],
        "more": len(pages) - len(near),
        "before_url": url(before[-1]) if before else None,
        "after_url": url(after[0]) if after else None,
    }
