"""What a recipient answers about something that went to it by other means: it arrived; or, once its share was closed, what became of it."""

import hmac
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar
from uuid import UUID

from portal.cases import facts
from portal.cases.facts import Located
from portal.cases.transfer import checked, enter_step, held_share, steps_of
from portal.cases.uow import Notes, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale
from portal.kernel.events import Event
from portal.kernel.permit import Permit, ResourceType, Subject
from portal.sharing.models import Share
from portal.sharing.transfers import Step, Transfer, TransferStep

_HEX = re.compile(r"[0-9a-f]{64}")
#: What may have become of it.
GONE = {"returned": "Returned to the originator", "destroyed": "Destroyed"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What went to the recipient of a share by other means; the permit is about the share."""

    share: Share
    transfer: Transfer
    resource_type: ClassVar[ResourceType] = ResourceType.SHARE

    @property
    def resource_id(self) -> str:
        return self.share.resource_id


def delivery(uow: UnitOfWork, subject: Subject | None, *, share_id: UUID, transfer_id: UUID, **where: object) -> Located:
    """This share, and what went of it by other means, as this person of its recipient sees it."""
    assert subject is not None
    located, row = facts.share(uow, subject, share_id=share_id), uow.transfers.get(transfer_id)
    if located.target is None or row is None or row.share_id != share_id:
        return Located(replace(located.facts, present=False), None)
    if subject.body == located.target.recipient:
        checked(uow, [row])
    return Located(located.facts, Delivery(located.target, row))


def receive_transfer(uow: UnitOfWork, permit: Permit, target: Delivery, *, digest: str) -> bool:
    """It arrived; `digest`: the SHA-256 of the file that did, in hex, or empty if nobody compared.

    Returns whether what arrived is what went, as far as it was compared; if not, the originator is told. Raises `Invalid`, `Stale`.
    """
    permit.must_cover(Action.TRANSFER_RECEIVE, target)
    row, arrived = target.transfer, "".join(digest.lower().split())
    if arrived and row.digest is None:
        raise Invalid({"digest": "No SHA-256 is known of what went, so there is nothing to compare. Leave this empty."})
    if arrived and not _HEX.fullmatch(arrived):
        raise Invalid({"digest": "Give the SHA-256 as 64 digits and letters from a to f, or nothing."})
    held_share(uow, permit, target.share)
    _demand_open(steps_of(uow, row), Step.RECEIVED)
    said = bytes.fromhex(arrived) if arrived else None
    same = said is None or row.digest is None or hmac.compare_digest(said, row.digest)
    enter_step(uow, permit, row, TransferStep(step_word=Step.RECEIVED.value, what="", digest=said))
    if said is not None:
        uow.notes.detail["compared"] = "same" if same else "differs"
    if not same:
        about = Notes(document=row.document_id, share=row.share_id, bodies={row.recipient}, detail={"transfer": str(row.id)})
        uow.also(Event.TRANSFER_DIFFERS, about, originator=row.originator)
    return same


def return_transfer(uow: UnitOfWork, permit: Permit, target: Delivery, *, what: str, day: str) -> None:
    """It was given back, or destroyed, on this day. Raises `Invalid`, `Stale`."""
    permit.must_cover(Action.TRANSFER_RETURN, target)
    row, faults = target.transfer, dict[str, str]()
    if what not in GONE:
        faults["what"] = "Choose whether it was returned or destroyed."
    on = _gone_on(day, row, uow.at.date(), faults)
    if faults:
        raise Invalid(faults)
    assert on is not None
    held_share(uow, permit, target.share)
    _demand_open(steps_of(uow, row), Step.RETURNED)
    if not row.went.leaves:
        raise Stale(f"of transfer {row.id} nothing stayed", public="It was only shown or told: there is nothing to return.")
    enter_step(uow, permit, row, TransferStep(step_word=Step.RETURNED.value, what=what, day_word=on.isoformat()))
    uow.notes.detail |= {"what": what, "day": on.isoformat()}


def _demand_open(steps: dict[Step, TransferStep], step: Step) -> None:
    if Step.STRUCK in steps:
        raise Stale("it was struck", public="Its originator has struck this: it did not go. There is nothing to confirm.")
    if step in steps or Step.RETURNED in steps:
        raise Stale("it was confirmed", public="This has been confirmed already.")


def _gone_on(text: str, row: Transfer, today: date, faults: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        faults["day"] = "Give the day on which it was returned or destroyed."
        return None
    if not row.day <= day <= today:
        faults["day"] = f"Give a day from {row.day.day} {row.day:%b %Y}, when it was handed over, until today."
    return day
