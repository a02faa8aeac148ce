"""From what went by other means to what its pages show: addresses, and what was typed in the form that was refused."""

from typing import Any
from uuid import UUID

from flask import request, url_for

from portal.cases.names import day
from portal.cases.show_document import DocumentView
from portal.cases.show_home import HomeView
from portal.cases.show_transfers import ReceivedTransfers, SharedTransfers, TransferView, WaitingTransfer
from portal.cases.transfer import MEANS, MOST_COPIES, MOST_NOTE, MOST_TO_WHOM
from portal.web.forms import entered, faults

#: What went, as the form offers it; without a copy that may leave, only the last.
WENT = [("file", "A file: a copy that was prepared here"), ("paper", "Paper"), ("shown", "Nothing that stays: shown or told")]
FIELDS = ("means", "went", "day", "to_whom", "number", "copies", "pages", "note")
MOST = {"to_whom": MOST_TO_WHOM, "note": MOST_NOTE, "copies": MOST_COPIES}


def transfers_context(view: DocumentView) -> list[dict[str, Any]]:
    """Share by share, for the document's page. The form that was just refused stays open, with what was typed."""
    return [_share(view.id, number, shared) for number, shared in enumerate(view.transfers, start=1)]


def _share(document_id: UUID, number: int, shared: SharedTransfers) -> dict[str, Any]:
    where: Any = {"document_id": document_id, "share_id": shared.share_id}
    refused = _refused("transfers.record", share_id=shared.share_id)
    values = entered(*FIELDS) if refused else dict.fromkeys(FIELDS, "") | {"copies": "1"}
    return {
        "view": shared,
        "id": f"t{number}",
        "rows": [_row(document_id, row) for row in shared.transfers],
        "record_url": url_for("transfers.record", **where) if shared.may_record else None,
        "prepare_url": url_for("transfers.prepare", **where) if shared.may_prepare else None,
        "means": MEANS,
        "went": WENT if shared.may_leave else WENT[-1:],
        "copies": [(number, f"Copy {number}, prepared {on}") for number, on in shared.copies],
        "values": values,
        "faults": faults() if refused else {},
        "most": MOST,
    }


def _row(document_id: UUID, row: TransferView) -> dict[str, Any]:
    refused = _refused("transfers.strike", transfer_id=row.id)
    url = url_for("transfers.strike", document_id=document_id, transfer_id=row.id) if row.may_strike else None
    return {
        "view": row,
        "id": f"s-{row.id}",
        "strike_url": url,
        "faults": faults() if refused else {},
        "reason": entered("reason")["reason"] if refused else "",
    }


def received_context(view: ReceivedTransfers) -> dict[str, Any]:
    """The page of a share: what went of it, and the forms to answer for it."""
    rows = [_answer(view, row) for row in view.transfers]
    return {"view": view, "rows": rows, "back_href": url_for("received.show", share_id=view.share_id)}


def _answer(view: ReceivedTransfers, row: TransferView) -> dict[str, Any]:
    where: Any = {"share_id": view.share_id, "transfer_id": row.id}
    refused = any(_refused(door, transfer_id=row.id) for door in ("transfers.receive", "transfers.give_back"))
    fields = ("digest", "what", "day")
    return {
        "view": row,
        "id": f"a-{row.id}",
        "receive_url": url_for("transfers.receive", **where) if row.may_receive else None,
        "return_url": url_for("transfers.give_back", **where) if row.may_return else None,
        "faults": faults() if refused else {},
        "values": entered(*fields) if refused else dict.fromkeys(fields, ""),
    }


def beside_context(view: ReceivedTransfers) -> dict[str, Any] | None:
    """What the reader, and the stub of what was closed, say of it; None if nothing went."""
    if not view.transfers:
        return None
    return {"rows": view.transfers, "waiting": view.waiting, "href": url_for("transfers.show", share_id=view.share_id)}


def transfers_group(view: HomeView) -> list[dict[str, Any]]:
    """Home's group of what this person may answer for; empty if there is none."""
    rows = [_waiting(row) for row in view.transfers]
    return [{"label": "Handed over by other means, to be confirmed", "rows": rows}] if rows else []


def _waiting(row: WaitingTransfer) -> dict[str, Any]:
    return {
        "title": row.title or "No longer available",
        "href": url_for("transfers.show", share_id=row.share_id),
        "symbol": row.symbol,
        "line": f"{row.means}, {day(row.day)}, from the {row.from_short}",
        "level": row.level,
        "verb": "Say what became of it" if row.to_return else "Confirm its arrival",
    }


def _refused(door: str, **where: UUID) -> bool:
    """Is this the form that was just refused?"""
    said = request.view_args or {}
    return bool(faults()) and request.endpoint == door and all(said.get(name) == value for name, value in where.items())
