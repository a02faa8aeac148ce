"""Where what was asked stands in another version than the one that it was marked on. Rows are only ever added, one for each of both.

A request is of the document and binds every version of it. Whole documents need no place; pages and passages are marked on one version
(`RequestWords.version`), and in every other one an officer says where they are. Until then nothing of that version can be prepared.
Each row carries a MAC over every column, and the document's own MAC covers all of them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary, String, UniqueConstraint, Uuid, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.confidentiality.boxes import Withheld, boxes_text, stored_boxes
from portal.kernel.database import Base, Instant
from portal.kernel.errors import PortalError
from portal.kernel.framing import framed
from portal.kernel.sealing import Sealed, SealedText


class Unplaced(PortalError):
    """Something that is kept back has no place in this version yet. `detail` names the requests, never what they keep."""

    status = 409
    code = "unplaced"
    heading = "Say first where it stands"
    public = (
        "Something is kept back that has no place in this version yet. Go back to the document: under “Versions” a confidentiality officer "
        "opens the pages of this version and marks where it stands. Then prepare it again; until then nothing of this version is shared."
    )


class RequestPlace(Base):
    """`kept`: the pages and boxes in this version, and the labels by which they were found if they were (`Placed`)."""

    __tablename__ = "request_place"
    __table_args__ = (UniqueConstraint("request_id", "version"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    originator: Mapped[str] = mapped_column(String(16))
    request_id: Mapped[UUID] = mapped_column(Uuid)
    version: Mapped[int]
    kept: Mapped[Sealed] = mapped_column(SealedText)
    placed_by: Mapped[UUID] = mapped_column(Uuid)
    placed_at: Mapped[datetime] = mapped_column(Instant)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


@dataclass(frozen=True, slots=True)
class Placed:
    """What is sealed of a place."""

    kept: Withheld
    labels: tuple[str, ...] = ()

    def to_text(self) -> str:
        said = {"pages": sorted(self.kept.pages), "boxes": boxes_text(self.kept.boxes), "labels": list(self.labels)}
        return json.dumps(said, sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Placed":
        raw = json.loads(text)
        return cls(Withheld(frozenset(raw["pages"]), stored_boxes(raw["boxes"])), tuple(raw["labels"]))


def request_place_bytes(row: RequestPlace) -> bytes:
    """What the MAC of a place covers: every column."""
    where = (row.id, row.document_id, row.originator, row.request_id, row.version)
    return framed("portal/request_place/v1", *where, bytes(row.kept), row.placed_by, row.placed_at)


class RequestPlaces:
    """The register of these places."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: RequestPlace) -> None:
        self._session.add(row)
        self._session.flush()

    def of_document(self, document_id: UUID) -> Sequence[RequestPlace]:
        """Every place in every version, oldest first. Check them (`cases.standing`) before anything rests on them."""
        statement = select(RequestPlace).where(RequestPlace.document_id == document_id)
        return self._session.scalars(statement.order_by(RequestPlace.placed_at, RequestPlace.id)).all()
