"""What a request to pass a share on is, as the policy sees it at the originator's."""

from uuid import UUID

from portal.cases.facts import Located, body, other
from portal.cases.kept import kept_of
from portal.cases.onward import Stage, checked, source_open, stage_of
from portal.cases.standing import requests_in_force, withheld_from
from portal.cases.uow import UnitOfWork
from portal.kernel.ids import NOBODY
from portal.kernel.permit import Facts, ResourceType, Subject
from portal.kernel.vocabulary import Level


def onward(uow: UnitOfWork, subject: Subject | None, *, document_id: UUID, onward_id: UUID, **where: object) -> Located:
    """A request about this document; of another document it is as absent as one that never was.

    The document is locked first, so that of a recall and a consent at the same moment the second one sees the first.
    """
    assert subject is not None
    row = uow.onward.get(onward_id)
    if row is not None and row.document_id != document_id:
        row = None
    found = uow.documents.get(document_id if row is not None else NOBODY)
    mine = row is not None and row.originator == subject.body
    if found is not None and mine:
        found = uow.held(found)
    requests = requests_in_force(uow, document_id if row is not None else NOBODY, found if mine else None)
    kept = kept_of(uow, document_id if row is not None else NOBODY, found if mine else None)
    if row is not None and mine:
        checked(uow, row)
    known = onward_id if mine else None  # to others it is as absent: what was answered is read for nobody
    originator = row.originator if row is not None else other(uow, subject, onward_id)
    facts = Facts(
        type=ResourceType.ONWARD,
        id=str(onward_id),
        attributes={
            "originator": body(originator),
            "recipient": body(row.body if row is not None else subject.body),
            "level": int(found.level) if found is not None else int(Level.UNCLASSIFIED),
            "withheldFrom": frozenset(body(code) for code in withheld_from(uow, requests, originator)),
            "open": stage_of(uow, known or NOBODY, found) is Stage.ASKED,
            "sourceOpen": source_open(uow, known, mine=mine),
            "archived": kept.archived,
        },
        originator=originator,
        present=row is not None,
        document=document_id if row is not None else None,
        epoch=found.epoch if found is not None else None,
    )
    return Located(facts, row)
