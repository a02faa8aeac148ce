"""Deputies for small missions: one administrator proposes a person for a role and a time, another names them, either ends it at once.

It takes two humans, neither of them the deputy. The role comes on top of what the person's groups give, their clearance stays, and no
deputy joins a role that oversees with one that sees content. What a deputy proposes, somebody else decides, as ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from portal.audit.record import Fact
from portal.cases.plain_text import demand_plain
from portal.cases.separation import must_be_separate, one_human
from portal.cases.uow import PORTAL, Notes, UnitOfWork
from portal.identity.deputies import Deputy, deputy_bytes
from portal.identity.models import Person
from portal.identity.roles import ConflictingRoles
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale, Tampered
from portal.kernel.ids import new_id
from portal.kernel.permit import Duty, Permit
from portal.kernel.vocabulary import Role

#: What doors call it.
DeputyTarget = Deputy
#: How many days a deputy's time has at most, the first and the last included.
LONGEST = 30
#: Days from then on cannot be counted further.
LAST_YEAR = 9000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeputyForm:
    """`begins` and `until` are the first and the last day, in UTC."""

    role: str
    begins: str
    until: str
    reason: str


def propose_deputy(uow: UnitOfWork, permit: Permit, person: Person, form: DeputyForm) -> Deputy:
    """Propose it; the person may do no more than before. Raises `Invalid` with every fault."""
    permit.must_cover(Action.DEPUTY_PROPOSE, person)
    assert permit.subject is not None
    faults = _role_faults(uow, uow.vouched(person), form.role)
    first, last = _days(uow, form, faults)
    if not 3 <= len(form.reason) <= 500:
        faults["reason"] = "Say why a deputy is needed, in 3 to 500 characters. Only your own body reads it."
    demand_plain(faults, reason=form.reason)
    if faults:
        raise Invalid(faults)
    row = new_id()
    deputy = Deputy(
        id=row,
        body=person.body,
        person_id=person.id,
        role_word=Role(form.role).value,
        begins_at=datetime.combine(first, time(), UTC),
        ends_at=datetime.combine(last, time(), UTC) + timedelta(days=1),
        reason=uow.seal(person.body, "deputy", "reason", row, form.reason),
        proposed_by=permit.subject.id,
        proposed_at=uow.at,
    )
    _vouch(uow, deputy)
    uow.deputies.add(deputy)
    uow.notes.detail |= _told(deputy)
    uow.notes.private |= {"reason": form.reason}
    return deputy


def name_deputy(uow: UnitOfWork, permit: Permit, deputy: Deputy) -> None:
    """Name them, as the second person. Raises `Stale` if their account or their roles no longer allow it."""
    permit.must_cover(Action.DEPUTY_NAME, deputy)
    assert permit.subject is not None
    person = _person(uow, deputy)
    if person.closed_at is not None or person.body != deputy.body:
        raise Stale(f"person {person.id} is closed or moved", public="This account was closed meanwhile. End the proposal.")
    if deputy.role in uow.roles_of(person):
        raise Stale(f"person {person.id} holds {deputy.role}", public="This person holds the role already. End the proposal.")
    try:
        must_be_separate(uow, person, person.roles | {deputy.role})
    except ConflictingRoles as error:
        raise Stale(error.detail, public=_EXCLUDED) from error
    me = permit.subject.id
    if not one_human(uow, deputy.proposed_by, me) and not one_human(uow, deputy.person_id, me):
        uow.discharge(Duty.SECOND_PERSON)
    deputy.named_by, deputy.named_at = me, uow.at
    _vouch(uow, deputy)
    _void_permits(uow, person)
    uow.notes.detail |= _told(deputy)


def end_deputy(uow: UnitOfWork, permit: Permit, deputy: Deputy) -> None:
    """End it, named or only proposed: from the next request on the person holds the role no more. One administrator suffices."""
    permit.must_cover(Action.DEPUTY_END, deputy)
    assert permit.subject is not None
    _end(uow, deputy, by=permit.subject.id)
    uow.notes.detail |= _told(deputy)


def end_over(uow: UnitOfWork) -> Sequence[tuple[Notes, str]]:
    """End those whose time is over, so that no clock set back gives the role again. Until then each request decides by the time.

    Returns what to record for each: notes and body.
    """
    ended = []
    for row in uow.deputies.over(uow.at):
        try:
            deputy = deputy_of(uow, row)
        except Tampered:  # a row that is not ours gives no role; the next request of its person raises the alarm
            continue
        if deputy is not None and deputy.ended_at is None:
            _end(uow, deputy, by=None)
            ended.append((Notes(detail=_told(deputy)), deputy.body))
    return ended


def deputy_of(uow: UnitOfWork, row: Deputy) -> Deputy | None:
    """The same row, checked; in an act that writes, the person's row and this one are locked, and it is read afresh."""
    if uow.writes:
        uow.people.lock(row.person_id)
        found = uow.deputies.lock(row.id)
        if found is None:
            return None
        row = found
    uow.holder.check(PORTAL, "deputy", deputy_bytes(row), row.mac)
    return row


_EXCLUDED = (
    "The person's roles changed meanwhile: with this one they would oversee and see content, and nobody may do both. End the proposal, "
    "and propose somebody else."
)


def _end(uow: UnitOfWork, deputy: Deputy, *, by: UUID | None) -> None:
    """`by` is None when its time ended it."""
    deputy.ended_by, deputy.ended_at = by, uow.at
    _vouch(uow, deputy)
    if deputy.named_at is not None:
        _void_permits(uow, _person(uow, deputy))


def _void_permits(uow: UnitOfWork, person: Person) -> None:
    person.access_epoch += 1
    uow.vouch(person)


def _vouch(uow: UnitOfWork, deputy: Deputy) -> None:
    deputy.mac = uow.holder.mac(PORTAL, "deputy", deputy_bytes(deputy))


def _person(uow: UnitOfWork, deputy: Deputy) -> Person:
    person = uow.people.lock(deputy.person_id)
    if person is None:
        raise Tampered(f"no person {deputy.person_id}")
    return uow.vouched(person)


def _told(deputy: Deputy) -> dict[str, Fact | list[Fact]]:
    """What the log says of it, for the auditors of the body."""
    last = (deputy.ends_at - timedelta(microseconds=1)).date()
    return {
        "deputy": str(deputy.id),
        "person": str(deputy.person_id),
        "role": deputy.role_word,
        "begins": deputy.begins_at.date().isoformat(),
        "until": last.isoformat(),
    }


def _role_faults(uow: UnitOfWork, person: Person, word: str) -> dict[str, str]:
    if person.closed_at is not None:
        return {"role": "This account is closed. Choose another person."}
    if word not in set(Role):
        return {"role": "Choose one of the roles in the list."}
    if word in person.roles or any(row.role_word == word for row in uow.deputies_of(person)):
        return {"role": "This person holds the role already, or is proposed for it. Choose another role or another person."}
    try:
        must_be_separate(uow, person, person.roles | {Role(word)})
    except ConflictingRoles:
        return {"role": "With this role the person would oversee and see content, and nobody may do both. Choose somebody else."}
    return {}


def _days(uow: UnitOfWork, form: DeputyForm, faults: dict[str, str]) -> tuple[date, date]:
    """The first and the last day; today, if what was typed is at fault."""
    today = uow.at.date()
    first, last = _day(form.begins), _day(form.until)
    if first is None:
        faults["begins"] = "Give the first day as a date, for example 2027-01-04."
    elif first < today:
        faults["begins"] = "The first day lies in the past. Give today or a later day."
    if last is None:
        faults["until"] = "Give the last day as a date, for example 2027-01-31."
    elif first is not None and not first <= last < first + timedelta(days=LONGEST):
        faults["until"] = f"Give a last day that is not before the first, and at most {LONGEST} days in all."
    return first or today, last or today


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year < LAST_YEAR else None
