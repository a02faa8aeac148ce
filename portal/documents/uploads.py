"""Finding, locking and ending uploads on their way. An upload is found through its document and its person together, or not at all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, delete, func, select
from sqlalchemy.orm import Session

from portal.documents.models import Document
from portal.documents.upload_models import How, Segment, Upload, UploadEnd


class Uploads:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, document_id: UUID, upload_id: UUID, person_id: UUID, *, lock: bool = False) -> Upload | None:
        """This person's upload; with `lock`, as of now, and nobody else moves it until the transaction ends."""
        found = select(Upload).where(Upload.id == upload_id, Upload.document_id == document_id, Upload.person_id == person_id)
        if lock:
            found = found.with_for_update().execution_options(populate_existing=True)
        return self._session.scalar(found)

    def lock(self, upload_id: UUID) -> Upload | None:
        found = select(Upload).where(Upload.id == upload_id).with_for_update()
        return self._session.scalar(found.execution_options(populate_existing=True))

    def exists(self, upload_id: UUID) -> bool:
        return self._session.scalar(select(Upload.id).where(Upload.id == upload_id)) is not None

    def ended(self, document_id: UUID, upload_id: UUID, person_id: UUID) -> UploadEnd | None:
        found = select(UploadEnd).where(UploadEnd.upload_id == upload_id, UploadEnd.document_id == document_id)
        return self._session.scalar(found.where(UploadEnd.person_id == person_id))

    def of_person(self, document_id: UUID, person_id: UUID) -> Sequence[Upload]:
        found = select(Upload).where(Upload.document_id == document_id, Upload.person_id == person_id)
        return self._session.scalars(found.order_by(Upload.created_at, Upload.id)).all()

    def of_document(self, document_id: UUID) -> Sequence[Upload]:
        """Everybody's, locked."""
        found = select(Upload).where(Upload.document_id == document_id).order_by(Upload.id).with_for_update()
        return self._session.scalars(found.execution_options(populate_existing=True)).all()

    def segments(self, upload_id: UUID) -> Sequence[Segment]:
        """In the order of the file."""
        return self._session.scalars(select(Segment).where(Segment.upload_id == upload_id).order_by(Segment.start)).all()

    def count(self, upload_id: UUID) -> int:
        return self._session.scalar(select(func.count()).where(Segment.upload_id == upload_id)) or 0

    def over(self, at: datetime, *, limit: int = 50) -> Sequence[Upload]:
        """Uploads whose time is over."""
        return self._session.scalars(select(Upload).where(Upload.expires_at <= at).order_by(Upload.expires_at).limit(limit)).all()

    def add(self, row: Upload | Segment) -> None:
        self._session.add(row)
        self._session.flush()

    def end(self, upload: Upload, how: How, at: datetime) -> Sequence[UUID]:
        """Delete the upload and its segments, and keep how it ended. Returns the objects that nothing names any more."""
        objects = self._session.scalars(select(Segment.object_id).where(Segment.upload_id == upload.id)).all()
        self._session.execute(delete(Segment).where(Segment.upload_id == upload.id))
        end = UploadEnd(upload_id=upload.id, document_id=upload.document_id, person_id=upload.person_id, how=how.value, at=at)
        self._session.delete(upload)
        self._session.add(end)
        self._session.flush()
        return objects

    def forget_ends(self, before: datetime) -> None:
        """Whoever asks after an upload that ended before then is told that there is none."""
        self._session.execute(delete(UploadEnd).where(UploadEnd.at < before))

    # ---- what quotas count; parts of one statement, so that both are of one moment
    @staticmethod
    def announced(person_id: UUID) -> ScalarSelect[Any]:
        """Bytes that this person's unfinished uploads announced."""
        return select(func.coalesce(func.sum(Upload.size), 0)).where(Upload.person_id == person_id).scalar_subquery()

    @staticmethod
    def outstanding(body: str) -> ScalarSelect[Any]:
        """Bytes that are still to come for documents of this body."""
        found = select(func.coalesce(func.sum(Upload.size - Upload.received), 0)).join(Document, Document.id == Upload.document_id)
        return found.where(Document.originator == body).scalar_subquery()
