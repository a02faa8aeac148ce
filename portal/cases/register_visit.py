"""Enter a visit in the register of the person's own body."""

from datetime import date

from portal.cases.facts import BodyTarget
from portal.cases.plain_text import demand_plain
from portal.cases.uow import UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.registers.models import Visit


def register_visit(uow: UnitOfWork, permit: Permit, body: BodyTarget, *, state: str, starts: str, ends: str, place: str) -> Visit:
    """A new visit. Raises `Invalid` with every fault: unknown State, dates that are none or run backwards."""
    permit.must_cover(Action.VISIT_REGISTER, body)
    assert permit.subject is not None
    faults: dict[str, str] = {}
    try:
        uow.parts.member_states.named(state)
    except Invalid as error:
        faults.update(error.faults)
    first, last = _day(starts, "start", faults), _day(ends, "end", faults)
    if first and last and last < first:
        faults["end"] = "The visit ends before it begins."
    if len(place) > 200:
        faults["place"] = "Use at most 200 characters."
    demand_plain(faults, place=place)
    if faults or first is None or last is None:
        raise Invalid(faults)
    row = new_id()
    visit = Visit(
        id=row,
        body=body.code,
        state=state,
        starts=first,
        ends=last,
        place=uow.seal(body.code, "visit", "place", row, place),
        registered_by=permit.subject.id,
        registered_at=uow.at,
    )
    uow.visits.add(visit)
    uow.notes.detail["visit"] = str(row)
    return visit


def _day(text: str, field: str, faults: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults[field] = "Give a date, for example 2026-10-05."
        return None
