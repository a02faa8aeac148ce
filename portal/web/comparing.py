"""What is kept back in two versions, or left out of two renditions, side by side. No mark stands in an address or in the log."""

from typing import Any
from uuid import UUID

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import facts
from portal.cases.compare_marks import RenditionsCompared, Side, VersionsCompared, compare_renditions, compare_versions
from portal.cases.facts import Located
from portal.cases.read_pages import PreviewTarget, preview_target
from portal.cases.show_document import DocumentTarget
from portal.cases.uow import UnitOfWork
from portal.gateway.guard import GuardedBlueprint
from portal.gateway.passage import Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Permit, Subject
from portal.web.forms import id_typed, number_asked

bp = GuardedBlueprint("comparing", __name__)
VERSIONS = Guard(action=Action.DOCUMENT_READ, event=Event.MARKS_COMPARED, locate=facts.document, resumes="Compare the versions")


@bp.get("/documents/<uuid:document_id>/versions/compare", guard=VERSIONS)
def versions(uow: UnitOfWork, permit: Permit, document: DocumentTarget) -> ResponseReturnValue:
    view = compare_versions(uow, permit, document, first=number_asked("first"), second=number_asked("second"))
    return render_template("compare.html", nav="documents", **_versions(view, document.id))


def _preview(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, rendition_id: UUID, **where: object) -> Located:
    return preview_target(uow, subject, document_id=document_id, rendition_id=rendition_id)


RENDITIONS = Guard(action=Action.DOCUMENT_READ, event=Event.MARKS_COMPARED, locate=_preview)


@bp.get("/documents/<uuid:document_id>/renditions/<uuid:rendition_id>/compare", guard=RENDITIONS)
def renditions(uow: UnitOfWork, permit: Permit, target: PreviewTarget) -> ResponseReturnValue:
    view = compare_renditions(uow, permit, target, before=id_typed("before"))
    return render_template("compare.html", nav="documents", **_renditions(view, target.document.id))


def _versions(view: VersionsCompared, document_id: UUID) -> dict[str, Any]:
    words = dict(view.versions)

    def side(version: int, found: Side) -> dict[str, Any]:
        pages = [(page, url_for("passages.look", document_id=document_id, page=page, version=version)) for page in found.pages]
        return {"words": found.words, "pages": pages}

    rows = [
        {
            "what": row.ground_words,
            "note": row.reference,
            "first": side(view.first, row.first),
            "second": side(view.second, row.second),
            "verdict": row.verdict,
        }
        for row in view.rows
    ]
    heads = (words[view.first], words[view.second])
    choose = {"url": url_for("comparing.versions", document_id=document_id), "versions": view.versions, "chosen": (view.first, view.second)}
    short = (f"Version {view.first}", f"Version {view.second}")
    return _common(view, document_id) | {
        "heads": heads,
        "short": short,
        "rows": rows,
        "choose": choose,
        "of": "versions",
        "told": "",
        "audience_short": "",
        "left": None,
    }


def _renditions(view: RenditionsCompared, document_id: UUID) -> dict[str, Any]:
    def side(rendition: UUID, words: str, page: int) -> dict[str, Any]:
        href = url_for("reading.preview", document_id=document_id, rendition_id=rendition, page=page)
        return {"words": words or "Nothing", "pages": [(page, href)]}

    rows = [
        {
            "what": f"Page {row.page}",
            "note": "",
            "first": side(view.before, row.before, row.page),
            "second": side(view.now, row.now, row.page),
            "verdict": row.verdict,
        }
        for row in view.rows or []
    ]
    told = "" if view.rows is not None else "These are of two versions, whose pages are not the same pages. Compare the versions instead."
    heads = (f"Before: {view.before_words[0]}", f"Now: {view.now_words[0]}")
    words = {"left": (view.before_words[1], view.now_words[1]), "audience_short": view.audience_short}
    return (
        _common(view, document_id)
        | words
        | {"heads": heads, "short": ("Before", "Now"), "rows": rows, "of": "renditions", "told": told, "choose": None}
    )


def _common(view: VersionsCompared | RenditionsCompared, document_id: UUID) -> dict[str, Any]:
    return {
        "title": view.title,
        "symbol": view.symbol,
        "level": view.level,
        "originator_short": view.originator_short,
        "back_href": url_for("documents.show", document_id=document_id),
    }
