"""Invented questions and comments: beside a page, on the page of a share, and at the originator's."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

Context = dict[str, Any]


def _remark(kind: str, lines: list[str], *, number: int, by: str = "Omar Haddad", **more: Any) -> SimpleNamespace:
    at = datetime(2026, 11, 23, 9, 10 + number, tzinfo=UTC)
    view: Context = {"kind": kind, "page": 7, "passage": "", "lines": lines, "by": by, "at": at, "answers": [], "waits": False}
    return SimpleNamespace(**{**view, **more})


ANSWER = _remark(
    "answer",
    ["That three carriers send nothing at weekends, and say so.", "The full list of carriers is in Annex II, which you have."],
    number=32,
    by="An officer of the Directorate",
)
ASKED = _remark(
    "question",
    ["What does the delegation mean by a partial transmission? We plan support to the passenger information unit."],
    number=1,
    passage="§16 (e)",
    answers=[ANSWER],
)
WAITING = _remark("question", ["ما معنى «نقل جزئي» في هذه الفقرة؟ (11 من 14)"], number=20, passage="§20", waits=True)
COMMENT = _remark("comment", ["This agrees with what our own mission found in June.", "=1+1 <b>stays text</b>"], number=5, page=9)
VIEWS = [ASKED, WAITING, COMMENT]
ROWS = [{"view": view, "anchor": f"r-{number}"} for number, view in enumerate(VIEWS)]
BESIDE: Context = {"rows": ROWS[:2], "say_url": "remarks.html", "all_url": "remarks.html", "elsewhere": 1, "from_short": "Directorate"}
COUNTS = [
    SimpleNamespace(recipient_short="Office", comments=1, questions=2, waiting=1, last=datetime(2026, 11, 23, tzinfo=UTC), closed=False),
    SimpleNamespace(recipient_short="Entity", comments=0, questions=1, waiting=0, last=datetime(2026, 11, 12, tzinfo=UTC), closed=True),
]
FAULTS = {"page": "Give one of its pages, 1 to 24.", "text": "Use at most 4,000 characters. These are 4,012."}


def said_page(title: str, symbol: str, **more: Any) -> Context:
    """The page of a share, for its recipient."""
    about = {"title": title, "symbol": symbol, "level": 1, "pages": 24, "waiting": 1, "from_short": "Directorate"}
    values = {"kind": "question", "page": "7", "passage": "", "text": ""}
    page: Context = {"said": SimpleNamespace(**about, terms_words="View only, watermarked"), "rows": ROWS, "say_url": "remarks.html"}
    return {**page, "back_href": "reader.html", "values": values, "faults": {}, "most_text": 4000, "most_passage": 60, **more}


def to_answer_page(title: str, symbol: str, **more: Any) -> Context:
    """The originator's: one share to answer, and one that is closed."""

    def share(body: str, rows: list[Context], *, waiting: int, closed: str = "", why_not: str = "") -> Context:
        about = SimpleNamespace(recipient_short=body, terms_words="View only, watermarked", waiting=waiting, closed=closed)
        return {"said": about, "rows": rows, "why_not": why_not}

    told = [SimpleNamespace(**{**vars(view), "by": "An officer of the Office"}) for view in VIEWS]  # whoever asked is no name here
    told[0].answers = [SimpleNamespace(**{**vars(ANSWER), "by": "Conrad Weiss"})]
    rows = [{"view": view, "anchor": f"r-{number}"} for number, view in enumerate(told)]
    open_rows = [{**row, "answer_url": "answer.html", "faults": {}, "text": ""} for row in rows[:2]]
    shut = [{**rows[0], "anchor": "r-9", "answer_url": None, "faults": {}, "text": ""}]
    why_not = "This share is closed to its recipient, so an answer would not arrive. What was asked stays here to read."
    said = SimpleNamespace(title=title, symbol=symbol, level=1, originator_short="Directorate")
    shares = [
        share("Office", [*open_rows, {**rows[2], "answer_url": None, "faults": {}, "text": ""}], waiting=1),
        share("Entity", shut, waiting=0, closed="Your body took it back.", why_not=why_not),
    ]
    return {"said": said, "shares": shares, "back_href": "document.html", "most_text": 4000, **more}


def answer_faults(title: str, symbol: str) -> Context:
    """An answer that was not taken: its form stays open, with what was typed."""
    page = to_answer_page(title, symbol)
    page["shares"][0]["rows"][1] |= {"faults": {"text": FAULTS["text"]}, "text": "That three carriers send nothing at weekends."}
    return page
