"""A reviewer of the recipient asks the originator that a share goes on to a further body. It opens nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.cases.names import body_short
from portal.cases.onward import Stage, stage_of
from portal.cases.plain_text import demand_plain
from portal.cases.standing import level_of
from portal.cases.uow import UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale, Tampered
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.sharing.models import Share
from portal.sharing.onward import Onward, onward_bytes


def further_bodies(uow: UnitOfWork, share: Share) -> tuple[str, ...]:
    """Where a share could go on to: neither back, nor to where it is."""
    return tuple(code for code in uow.others(share.originator) if code != share.recipient)


def ask_onward(uow: UnitOfWork, permit: Permit, share: Share, *, recipient: str, purpose: str) -> Onward:
    """Ask. Raises `Invalid`, or `Stale` if the same was asked already and is not refused."""
    permit.must_cover(Action.SHARE_ASK_ONWARD, share)
    assert permit.subject is not None
    faults: dict[str, str] = {}
    if recipient not in further_bodies(uow, share):
        faults["recipient"] = "Choose one of the bodies in the list."
    if not 3 <= len(purpose) <= 500:
        faults["purpose"] = "Say what they need it for, in 3 to 500 characters. The originator's officers read it."
    demand_plain(faults, purpose=purpose)
    if faults:
        raise Invalid(faults)
    found = uow.documents.get(share.document_id)
    if found is None:
        raise Tampered(f"share {share.id} hangs on rows that are gone")
    document = uow.held_for(permit, found)
    asked = [row for row in uow.onward.of_share(share.id) if row.body == recipient]
    if any(stage_of(uow, row.id, document) is not Stage.NOT_AGREED for row in asked):
        raise Stale("asked already", public="Your body has asked this already.")
    row = new_id()
    onward = Onward(
        id=row,
        share_id=share.id,
        document_id=share.document_id,
        originator=share.originator,
        asker=share.recipient,
        body=recipient,
        purpose=uow.seal(share.originator, "onward", "purpose", row, purpose),
        asked_by=permit.subject.id,
        asked_at=uow.at,
    )
    onward.mac = uow.holder.mac(share.originator, "onward", onward_bytes(onward))
    uow.onward.add(onward)
    uow.notes.share = share.id
    uow.notes.document = share.document_id
    uow.notes.bodies.add(share.originator)
    uow.notes.detail |= {"onward": str(row), "onward_to": recipient}
    return onward


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedView:
    """What the asking body may know of its request: asked, agreed or not agreed."""

    body_short: str
    asked_at: datetime
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingView:
    title: str
    symbol: str
    level: int
    from_short: str
    bodies: Sequence[tuple[str, str]]
    asked: Sequence[AskedView]


def asked_of(uow: UnitOfWork, share: Share) -> list[AskedView]:
    """What was asked about this share, newest first."""
    document = uow.documents.get(share.document_id)
    return [
        AskedView(body_short=body_short(uow, row.body), asked_at=row.asked_at, stage=stage_of(uow, row.id, document).words_for_asker)
        for row in uow.onward.of_share(share.id)
    ]


def show_asking(uow: UnitOfWork, permit: Permit, share: Share) -> AskingView:
    """The form's page: where it could go, and what was asked before."""
    permit.must_cover(Action.SHARE_ASK_ONWARD, share)
    uow.notes.share = share.id
    return AskingView(
        title=uow.words(permit, "share", "title", share.id, share.title),
        symbol=share.symbol,
        level=level_of(uow, share),
        from_short=body_short(uow, share.originator),
        bodies=[(code, body_short(uow, code)) for code in further_bodies(uow, share)],
        asked=asked_of(uow, share),
    )
