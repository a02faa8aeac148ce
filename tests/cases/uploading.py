"""What is there of uploads in pieces and of the file they become, for the tests about them."""

from uuid import UUID

from portal.cases import facts
from portal.cases.original import open_original
from portal.gateway.passage import Errand, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from tests.cases.subjects import subject_of
from tests.common.house import House

ADA, UMA = "ada", "uma"


def rows(house: House) -> tuple[int, int, int, int]:
    """(uploads, segments, sealed objects, wraps)"""
    counts = [house.sql(f"select count(*) from {table}")[0][0] for table in ("upload", "upload_segment", "sealed_object", "key_wrap")]
    return counts[0], counts[1], counts[2], counts[3]


def opened(house: House, document: str) -> bytes:
    """The document's file, opened with its originator's key."""
    guard = Guard(action=Action.DOCUMENT_READ, event=Event.DOCUMENT_READ, locate=facts.document)
    asked = Errand(guard=guard, subject=subject_of(house, ADA), where={"document_id": UUID(document)})
    original = house.passage.read(asked, lambda uow, permit, row: open_original(uow, permit, row))
    return b"".join(house.parts.vault.stream(original.sealed, original.key))
