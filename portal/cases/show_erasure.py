"""The page of a person's names in the log, for the administrators of their body."""

from dataclasses import dataclass
from datetime import datetime

from portal.cases.names import person_name
from portal.cases.person_kept import kept_until, person_kept
from portal.cases.separation import one_human
from portal.cases.uow import UnitOfWork
from portal.identity.models import Person
from portal.identity.person_acts import PersonAct
from portal.kernel.actions import Action
from portal.kernel.permit import Permit


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneBy:
    """A hold, or a proposal. `mine`: of the human who reads; another has to answer it."""

    name: str
    at: datetime
    reason: str
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureView:
    name: str
    closed_at: datetime | None
    until: datetime | None
    hold: DoneBy | None
    proposal: DoneBy | None
    erased: bool
    obstacles: tuple[str, ...]


def show_erasure(uow: UnitOfWork, permit: Permit, person: Person) -> ErasureView:
    permit.must_cover(Action.PERSON_CLOSE, person)
    kept = person_kept(uow, person)
    return ErasureView(
        name=person_name(uow, permit, person.id),
        closed_at=person.closed_at,
        until=kept_until(uow, person),
        hold=_done(uow, permit, kept.hold),
        proposal=_done(uow, permit, kept.proposal),
        erased=kept.erased,
        obstacles=kept.obstacles,
    )


def _done(uow: UnitOfWork, permit: Permit, act: PersonAct | None) -> DoneBy | None:
    if act is None:
        return None
    assert permit.subject is not None
    return DoneBy(
        name=person_name(uow, permit, act.done_by),
        at=act.done_at,
        reason="" if act.reason is None else uow.words(permit, "person_act", "reason", act.id, act.reason),
        mine=one_human(uow, act.done_by, permit.subject.id),
    )
