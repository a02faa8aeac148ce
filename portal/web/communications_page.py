"""What the document's page shows of consultations with States, and of the files that show what one said."""

from typing import Any
from uuid import UUID

from flask import request, url_for

from portal.cases.consult_state import ANSWERS
from portal.cases.show_communications import ConsultationView, EvidenceView
from portal.cases.show_document import DocumentView
from portal.kernel.actions import Action
from portal.web.forms import entered, faults

_ANSWER = ("answer", "reference", "dated", "received")
_ASKED = ("state", "reference", "deadline")


def communications_context(view: DocumentView) -> dict[str, Any]:
    """The section. A form that was refused is shown again with what was typed."""
    refused = (request.view_args or {}).get("consultation_id") if request.endpoint == "communications.answer" else None
    opening = request.endpoint == "communications.consult"
    return {
        "consultations": [_consultation(view, row, refused=row.id == refused) for row in view.consultations],
        "consulting": any(row.waits for row in view.consultations),
        "consult_url": url_for("communications.consult", document_id=view.id) if view.allowed.get(Action.REQUEST_RECORD) else None,
        "consult_faults": faults() if opening else {},
        "consult_values": entered(*_ASKED) if opening else {},
        "answer_choices": list(ANSWERS.items()),
    }


def shown(view: DocumentView, evidence: tuple[EvidenceView, ...]) -> dict[str, Any]:
    """The files, with their addresses for those who may read them."""
    may = view.allowed.get(Action.EVIDENCE_READ)
    rows = [
        {
            "name": file.name,
            "size": file.size,
            "at": file.at,
            "by": file.by,
            "href": url_for("downloads.evidence", document_id=view.id, evidence_id=file.id) if may else None,
        }
        for file in evidence
    ]
    return {"evidence": rows}


def attach_url(view: DocumentView, about: UUID) -> str | None:
    """Where a file is sent that shows this, if the person may add one."""
    may = view.allowed.get(Action.REQUEST_RECORD)
    return url_for("communications.add", document_id=view.id, about_id=about) if may else None


def _consultation(view: DocumentView, row: ConsultationView, *, refused: bool) -> dict[str, Any]:
    may, shows = view.allowed.get(Action.REQUEST_RECORD), row.answer or row
    return {
        "view": row,
        "shows": shown(view, row.evidence + (row.answer.evidence if row.answer is not None else ())),
        "attach_url": attach_url(view, shows.id),
        "answer_url": url_for("communications.answer", document_id=view.id, consultation_id=row.id) if may and row.answer is None else None,
        "faults": faults() if refused else {},
        "values": entered(*_ANSWER) if refused else {},
    }
