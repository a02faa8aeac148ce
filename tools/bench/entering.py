"""A rendition whose objects are given, entered through the portal's own door for it and under the policy; for large sizes."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from portal.cases import facts
from portal.cases.build_rendition import Built, Source, enter_rendition, gather_source
from portal.cases.uow import Parts
from portal.confidentiality.render.repeats import Repeats
from portal.gateway.passage import Carry, Errand, Guard, Passage
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.permit import Subject
from portal.vault.objects import FileKey, SealedObject

Sealed = tuple[SealedObject, FileKey]


def enter(passage: Passage, subject: Subject, document: str, pdf: Sealed, pack: Sealed, *, recipient: str = "OCT", pages: int = 1) -> None:
    """This person's rendition of the document for the recipient: this file and this page pack, of so many pages."""

    @contextmanager
    def work(parts: Parts, source: Source) -> Iterator[Built]:
        yield Built(source, pages, source.withheld, Repeats(), "bench", (pdf, pack))

    carry = Carry(lambda uow, permit, target: gather_source(uow, permit, target, audience=recipient), work)
    guard = Guard(action=Action.RENDITION_BUILD, event=Event.RENDITION_BUILT, locate=facts.document, carry=carry)
    passage.stream(Errand(guard=guard, subject=subject, where={"document_id": UUID(document)}), enter_rendition)
