"""How far the portal is with what another body will see of a document, for whoever may prepare it. Nothing of it is recorded."""

from dataclasses import dataclass

from portal.cases.uow import UnitOfWork
from portal.confidentiality.render.places import Stage
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.permit import Permit

#: Seconds a page takes to build and to prove, and what a build takes besides; measured (docs/benchmarks.md).
_A_PAGE, _BESIDES = 0.4, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionProgress:
    """`stage`: waiting, building or proving; empty while nobody prepares it. `page` of `pages` is done."""

    stage: str
    page: int
    pages: int


def rendition_progress(uow: UnitOfWork, permit: Permit, document: Document) -> RenditionProgress:
    permit.must_cover(Action.RENDITION_BUILD, document)
    version = uow.documents.version(document.id)
    told = uow.parts.sandbox.told(document.id)
    if told is None or version is None:
        return RenditionProgress(stage="", page=0, pages=0)
    page = 0 if told.stage is Stage.WAITING else min(told.page, version.pages)
    return RenditionProgress(stage=told.stage.name.lower(), page=page, pages=version.pages)


def expected_seconds(pages: int) -> int:
    """About how long it takes, in steps of five seconds."""
    return 5 * max(1, round((_BESIDES + _A_PAGE * pages) / 5))
