"""Invented transfers by other means: on the originator's page, in who has seen it, and as their recipient answers for them."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

Context = dict[str, Any]
DIGEST, OTHER = "3f0a9c71" * 8, "b7d2e408" * 8
ASKED = [("pouch", "Pouch"), ("mail", "Registered post"), ("meeting", "Meeting"), ("oral", "Oral briefing")]
WENT = [("file", "A file: a copy that was prepared here"), ("paper", "Paper"), ("shown", "Nothing that stays: shown or told")]
MOST = {"to_whom": 200, "note": 500, "copies": 99}


def _transfer(number: int, means: str, what: str, status: tuple[str, str], **more: Any) -> SimpleNamespace:
    view: Context = {"id": f"x{number}", "means": means, "what": what, "leaves": True, "day": date(2026, 11, 20 + number), "status": status}
    view |= {"to_whom": "Registry, pouch 17", "note": "", "digest": "", "arrived": "", "struck": "", "received_at": None}
    view |= {"recorded_by": "Dana Ruiz", "recorded_at": datetime(2026, 11, 20 + number, 9, 30, tzinfo=UTC)}
    return SimpleNamespace(**{**view, **more})


POUCH = _transfer(1, "Pouch", "1 copy as a file, of copy 7FQ2-MX3B", ("wait", "Arrival not confirmed yet"), digest=DIGEST)
TOLD = _transfer(2, "Oral briefing", "Shown or told, pages 2, 4-6", ("done", "Arrived, 23 Nov 2026"), to_whom="مكتب التحليل", leaves=False)
DIFFERS = _transfer(
    3,
    "Registered post",
    "1 copy as a file, of copy QR4T-9H2C",
    ("late", "What arrived differs from what went"),
    digest=DIGEST,
    arrived=OTHER,
    received_at=datetime(2026, 11, 24, tzinfo=UTC),
    note="Sealed with two signatures.",
)
STRUCK = _transfer(4, "Meeting", "2 copies on paper", ("done", "Struck: it did not go"), struck="by Dana Ruiz on 24 Nov 2026: not this one")
STRUCK_THERE = _transfer(4, "Meeting", "2 copies on paper", ("done", "Struck: it did not go"), struck="on 24 Nov 2026")
TO_BE_TOLD = _transfer(
    2, "Oral briefing", "Shown or told, pages 2, 4-6", ("wait", "Arrival not confirmed yet"), to_whom="مكتب التحليل", leaves=False
)
OUT = _transfer(1, "Pouch", "2 copies on paper", ("late", "Not returned yet"), received_at=datetime(2026, 11, 22, tzinfo=UTC))


def _share(number: int, rows: list[SimpleNamespace], **more: Any) -> Context:
    about: Context = {"recipient_short": "Office", "terms_words": "Watermarked copy allowed", "out": 0, "said": "", "eyes_only": False}
    about |= {"pages": 24, "first_day": date(2026, 11, 19), "last_day": None, "may_leave": True}
    view = SimpleNamespace(**{**about, **more.pop("view", {})})
    values = dict.fromkeys(("means", "went", "day", "to_whom", "number", "copies", "pages", "note"), "")
    shown = [{"view": row, "id": f"s{number}-{row.id}", "strike_url": None, "faults": {}, "reason": ""} for row in rows]
    share: Context = {"view": view, "id": f"t{number}", "rows": shown, "record_url": "record.html", "prepare_url": "prepare.html"}
    share |= {"means": ASKED, "went": WENT, "copies": [("7FQ2-MX3B", "Copy 7FQ2-MX3B, prepared 21 Nov 2026")], "values": values}
    return {**share, "faults": {}, "most": MOST, **more}


def _struck_first(share: Context, **more: Any) -> Context:
    first, *rest = share["rows"]
    return {**share, "rows": [{**first, "strike_url": "strike.html", **more}, *rest]}


HANDED_OVER = [
    _struck_first(_share(1, [POUCH, TOLD, DIFFERS, STRUCK])),
    _share(2, [OUT], view={"out": 1, "last_day": date(2026, 11, 24)}, prepare_url=None),
]
FAULTS = {"went": "In an oral briefing nothing is handed over.", "day": "Give the day on which it was handed over."}
HANDED_OVER_FAULTS = [
    _struck_first(_share(1, [POUCH], faults=FAULTS), faults={"reason": "Say what is wrong about it."}, reason="x"),
    _share(
        2,
        [],
        prepare_url=None,
        went=WENT[-1:],
        copies=[],
        view={
            "eyes_only": True,
            "said": "This was shared for viewing only: nothing of it stays with its recipient. It may be shown or told.",
        },
    ),
]
SEEN_TRANSFERS = [SimpleNamespace(recipient_short="Office", share_short="0198a3c1", view=view) for view in (STRUCK, DIFFERS, TOLD, OUT)]
BESIDE: Context = {"rows": [POUCH, TO_BE_TOLD], "waiting": 1, "href": "transfers.html"}


def _answer(view: SimpleNamespace, **more: Any) -> Context:
    row: Context = {"view": view, "id": f"a-{view.id}", "receive_url": None, "return_url": None, "faults": {}}
    return {**row, "values": {"digest": "", "what": "", "day": ""}, **more}


def received_page(symbol: str, rows: list[Context], **more: Any) -> Context:
    """What went to the recipient, with the forms to answer for it."""
    waiting = sum(bool(row["receive_url"] or row["return_url"]) for row in rows)
    view = {"symbol": symbol, "from_short": "Directorate", "open": True, "waiting": waiting, **more}
    return {"view": SimpleNamespace(**view), "rows": rows, "back_href": "reader.html"}


RECEIVED_ROWS = [
    _answer(POUCH, receive_url="receive.html"),
    _answer(TO_BE_TOLD, receive_url="receive.html"),
    _answer(DIFFERS),
    _answer(STRUCK_THERE),
]
FAULTY_ROWS = [
    _answer(
        POUCH,
        receive_url="receive.html",
        faults={"digest": "Give the SHA-256 as 64 digits and letters from a to f, or nothing."},
        values={"digest": "abc", "what": "", "day": ""},
    )
]
GONE_ROWS = [_answer(OUT, return_url="return.html", faults={"what": "Choose whether it was returned or destroyed."})]
