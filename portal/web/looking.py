"""Which rendition a form or a card is about: its id, its preview, and the pages of it that somebody has to look at."""

from typing import Any
from uuid import UUID

from flask import url_for

from portal.cases.show_document import DocumentView
from portal.kernel.actions import Action
from portal.web.forms import typed


def to_look(view: DocumentView, rendition: UUID | None, pages: tuple[int, ...], *, needed: bool) -> dict[str, Any] | None:
    """`needed`: a form is taken only with the tick that these were looked at; it stays set for the same rendition alone."""
    if rendition is None:
        return None

    def page(number: int) -> str:
        return url_for("reading.preview", document_id=view.id, rendition_id=rendition, page=number)

    may_read = view.allowed.get(Action.RENDITION_READ)
    return {
        "id": rendition,
        "href": page(1) if may_read else None,
        "pages": [(number, page(number)) for number in pages] if may_read else [],
        "needed": needed,
        "looked": typed("looked") == str(rendition),
    }
