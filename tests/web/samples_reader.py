"""Invented contexts of the reader: an ordinary page, what was found, for named eyes only, a preview, a page that is not there."""

from types import SimpleNamespace

from tests.web.samples_remarks import BESIDE
from tests.web.samples_story import PNG, SYMBOL, TITLE, Context, at
from tests.web.samples_transfers import BESIDE as BESIDE_TRANSFERS


def _listed(number: int) -> Context:
    opened = number in (1, 3, 4, 5, 6, 7)
    sketch = PNG if opened else None
    return {
        "number": number,
        "href": "reader.html",
        "current": number == 7,
        "opened": opened,
        "sketch": sketch,
        "after_gap": number in (3, 24),
    }


NOTHING_BESIDE: Context = {"newer": None, "others": [], "language_words": ""}
READER = {
    "title": TITLE,
    "symbol": SYMBOL,
    "level": 1,
    "from_short": "Directorate",
    "page": 7,
    "pages": 24,
    "image_url": PNG,
    "text": ["III. Border management", "20. The delegation was informed that 11 of 14 carriers transmit data."],
    "text_lang": "en",
    "prev_href": "reader.html",
    "next_href": "reader.html",
    "rail": [_listed(n) for n in (1, *range(3, 12), 24)],
    "opened": 7,
    "zoom": {"now": 100, "steps": "50 75 100 125 150 200 300", "out_href": "reader.html", "in_href": "reader.html"},
    "find": {"url": "reader.html", "term": "", "fault": "", "asked": False},
    "terms_words": "Watermarked copy allowed, until 31 Jan 2027",
    "acknowledge_url": "acknowledge.html",
    "acknowledged_at": None,
    "download_url": "copy.html",
    "fetch_url": "file.html",
    "file_size": 1_234_567,
    "watermark_words": "Omar Haddad, OCT, 24 Nov 2026 14:32 UTC, 7F3K-22QD",
    "back_href": "received.html",
    "preview": False,
    "absent": False,
    "onward_url": "onward.html",
    "asked": [SimpleNamespace(body_short="Entity", stage="asked", asked_at=at(22))],
    "eyes_only": False,
    "beside": NOTHING_BESIDE,
    "remarks": BESIDE,
    "transfers": BESIDE_TRANSFERS,
}
READER_EYES_ONLY = {
    **READER,
    "terms_words": "View only, watermarked, eyes only",
    "eyes_only": True,
    "download_url": None,
    "fetch_url": None,
}
READER_PREVIEW = {
    **READER,
    "page": 1,
    "prev_href": None,
    "preview": True,
    "beside": None,
    "remarks": None,
    "transfers": None,
    "level": 2,
    "back_href": "document.html",
    "acknowledge_url": None,
    "onward_url": None,
    "asked": [],
    "download_url": None,
    "fetch_url": None,
    "file_size": None,
}
FOUND: Context = {
    "url": "reader.html",
    "term": "advance passenger",
    "fault": "",
    "asked": True,
    "total": 9,
    "here": 2,
    "on": 4,
    "pages": [(3, 1, "reader.html", False), (7, 2, "reader.html", True), (11, 5, "reader.html", False), (20, 1, "reader.html", False)],
    "more": 0,
    "before_url": "reader.html",
    "after_url": "reader.html",
}
READER_FOUND = {**READER, "find": FOUND, "zoom": {**READER["zoom"], "now": 300, "in_href": None}}
NOT_FOUND = {**FOUND, "total": 0, "here": 0, "on": 0, "pages": [], "before_url": None, "after_url": None}
READER_NOT_FOUND = {**READER, "find": NOT_FOUND}
READER_FIND_FAULT = {
    **READER,
    "find": {**READER["find"], "term": "a", "asked": True, "fault": "Give 2 letters or more, and not more than 100."},
}
READER_ABSENT = {**READER, "page": 24, "next_href": None, "absent": True, "text": [], "remarks": {**BESIDE, "rows": [], "elsewhere": 0}}
