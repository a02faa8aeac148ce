"""What pages show of remarks: addresses, forms and the faults of the one that was refused."""

from typing import Any
from uuid import UUID

from flask import request, url_for

from portal.cases.remark import MOST_PASSAGE, MOST_TEXT
from portal.cases.show_home import HomeView
from portal.cases.show_remarks import DocumentRemarks, RemarkView, SharedRemarks
from portal.web.forms import entered, faults


def answer_anchor(remark_id: UUID) -> str:
    """Where a remark stands on its page."""
    return f"r-{remark_id}"


def said_context(said: SharedRemarks) -> dict[str, Any]:
    """The page of a share: everything that was said, and the form. The page that was read before is the one it begins with."""
    page = request.args.get("page", "")
    page = page if page.isascii() and page.isdecimal() and 1 <= int(page[:6]) <= said.pages else "1"
    values = entered("kind", "page", "passage", "text")
    return {
        "said": said,
        "rows": [{"view": view, "anchor": answer_anchor(view.id)} for view in said.remarks],
        "say_url": url_for("remarks.show", share_id=said.share_id),
        "back_href": url_for("received.page", share_id=said.share_id, page=page),
        "values": values | {"kind": values["kind"] or "question", "page": values["page"] or page},
        "most_text": MOST_TEXT,
        "most_passage": MOST_PASSAGE,
    }


def said_beside(said: SharedRemarks, page: int) -> dict[str, Any]:
    """What the reader shows beside a page: what was said of it, and the ways to say more."""
    return {
        "rows": [{"view": view, "anchor": answer_anchor(view.id)} for view in said.on_page(page)],
        "say_url": url_for("remarks.show", share_id=said.share_id, page=page, _anchor="say"),
        "all_url": url_for("remarks.show", share_id=said.share_id, page=page),
        "elsewhere": len(said.remarks) - len(said.on_page(page)),
        "from_short": said.from_short,
    }


def to_answer(said: DocumentRemarks, share: SharedRemarks, refused: UUID | None) -> dict[str, Any]:
    """One share on the originator's page. `refused`: the question whose answer was just not taken."""
    return {"said": share, "rows": [_to_answer(said, view, refused) for view in share.remarks], "why_not": _why_not(share)}


def _to_answer(said: DocumentRemarks, view: RemarkView, refused: UUID | None) -> dict[str, Any]:
    mine = view.id == refused
    return {
        "view": view,
        "anchor": answer_anchor(view.id),
        "answer_url": url_for("remarks.answer", document_id=said.document_id, remark_id=view.id) if view.may_answer else None,
        "faults": faults() if mine else {},
        "text": entered("text")["text"] if mine else "",
    }


def _why_not(share: SharedRemarks) -> str:
    """Why nobody answers any more, or this person does not, if there is something to answer."""
    return next((view.why_not for view in share.remarks if view.kind == "question" and not view.may_answer), "")


def questions_group(view: HomeView) -> list[dict[str, Any]]:
    """Home's group of questions that this person may answer; empty if there is none."""
    rows = [
        {
            "title": row.title,
            "href": url_for("remarks.of_document", document_id=row.document_id),
            "symbol": row.symbol,
            "line": f"{'a question' if row.questions == 1 else f'{row.questions} questions'} of the {' and the '.join(row.askers)}",
            "level": row.level,
            "verb": "Answer",
        }
        for row in view.questions
    ]
    return [{"label": "Questions to answer", "rows": rows}] if rows else []
