"""Erase a person's names from the log, by two administrators of their body; and hold them, so that nobody can (docs/erasure.md).

What is destroyed is keys. The events stay as they are, and the log verifies as before.
"""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from portal.audit.names import destroy, destroy_months, keyed, past_months
from portal.cases.hold_document import demand_reason
from portal.cases.local_state import keep_state, login_key
from portal.cases.person_kept import enter_person_act, person_kept, remember_person_holds
from portal.cases.separation import one_human
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.identity.local import State
from portal.identity.models import Person
from portal.identity.person_acts import PersonActs, PersonDeed, person_act_bytes
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Tampered
from portal.kernel.events import Event
from portal.kernel.permit import Duty, Permit


def hold_person(uow: UnitOfWork, permit: Permit, person: Person, *, reason: str) -> None:
    """Keep this person's names from now on; one administrator suffices. Raises `Invalid`."""
    permit.must_cover(Action.PERSON_CLOSE, person)
    assert permit.subject is not None
    demand_reason(reason, "Say why the names must be kept, in 3 to 500 characters.")
    kept = person_kept(uow, person)
    if kept.erased or kept.hold is not None:
        raise Invalid({"reason": "The names were erased already." if kept.erased else "A hold lies on this person’s names already."})
    enter_person_act(uow, person, PersonDeed.HELD, by=permit.subject.id, reason=reason)
    remember_person_holds(uow, person)
    uow.notes.detail["person"] = str(person.id)


def lift_person_hold(uow: UnitOfWork, permit: Permit, person: Person) -> None:
    """By another administrator than the one who placed it. Raises `Invalid`."""
    permit.must_cover(Action.PERSON_ERASE, person)
    assert permit.subject is not None
    hold = person_kept(uow, person).hold
    if hold is None:
        raise Invalid({"erasure": "No hold lies on this person’s names."})
    _demand_another(uow, permit, hold.done_by, "You placed this hold yourself. Another security administrator has to lift it.")
    enter_person_act(uow, person, PersonDeed.LIFTED, by=permit.subject.id, about=hold.id)
    uow.notes.detail["person"] = str(person.id)


def propose_erasure(uow: UnitOfWork, permit: Permit, person: Person) -> None:
    """The first of two. Raises `Invalid` with what stands in the way."""
    permit.must_cover(Action.PERSON_CLOSE, person)
    assert permit.subject is not None
    if _demand_erasable(uow, person) is not None:
        raise Invalid({"erasure": "It is proposed already. Another security administrator has to confirm it."})
    enter_person_act(uow, person, PersonDeed.PROPOSED, by=permit.subject.id)
    uow.notes.detail["person"] = str(person.id)


def withdraw_erasure(uow: UnitOfWork, permit: Permit, person: Person) -> None:
    permit.must_cover(Action.PERSON_CLOSE, person)
    assert permit.subject is not None
    proposal = person_kept(uow, person).proposal
    if proposal is None:
        raise Invalid({"erasure": "Nothing is proposed."})
    enter_person_act(uow, person, PersonDeed.WITHDRAWN, by=permit.subject.id, about=proposal.id)
    uow.notes.detail["person"] = str(person.id)


def erase_person(uow: UnitOfWork, permit: Permit, person: Person) -> None:
    """Carry it out, as the second administrator. Raises `Invalid` with what stands in the way. It cannot be undone."""
    permit.must_cover(Action.PERSON_ERASE, person)
    assert permit.subject is not None
    proposal = _demand_erasable(uow, person)
    if proposal is None:
        raise Invalid({"erasure": "Nothing is proposed."})
    _demand_another(uow, permit, proposal, "You proposed this yourself. Another security administrator has to confirm it.")
    about = person_kept(uow, person).proposal
    assert about is not None
    enter_person_act(uow, person, PersonDeed.ERASED, by=permit.subject.id, about=about.id)
    uow.notes.detail |= {"person": str(person.id), "keys": _forget(uow, person)}
    uow.afterwards.append(partial(_finish, uow.parts, person.id))


def _demand_another(uow: UnitOfWork, permit: Permit, first: UUID, sentence: str) -> None:
    assert permit.subject is not None
    if one_human(uow, first, permit.subject.id):
        raise Invalid({"erasure": sentence})
    uow.discharge(Duty.SECOND_PERSON)


def _demand_erasable(uow: UnitOfWork, person: Person) -> UUID | None:
    """Who proposed it, None if nobody did. Raises `Invalid` with the first thing that stands in the way."""
    kept = person_kept(uow, person)
    if kept.erased:
        raise Invalid({"erasure": "The names were erased already."})
    if kept.obstacles:
        raise Invalid({"erasure": kept.obstacles[0]})
    return None if kept.proposal is None else kept.proposal.done_by


def _forget(uow: UnitOfWork, person: Person) -> int:
    """Destroy the keys of the names in the log, and the name in the register of people; how many keys there were."""
    person.name = uow.seal(person.body, "person", "name", person.id, "")
    account = uow.local.lock(person.id)
    if account is not None:
        login = f"erased-{person.id.hex}"
        account.login_key = login_key(uow, login)
        keep_state(uow, account, State(login=login, name=""))
    return destroy(uow.session, person.id, uow.at)


def _finish(parts: Parts, person: UUID) -> None:
    """What follows the commit, safe to repeat: a database put back opens no key of theirs any more."""
    parts.holder.forget_names(person)
    parts.database.forget()


def _before(uow: UnitOfWork) -> datetime:
    """Addresses of strangers are kept as long as names of closed accounts."""
    return uow.at - timedelta(days=uow.parts.config.log.erase_after_days)


def unfinished(uow: UnitOfWork) -> bool:
    """Is a key left of who was erased or what was shredded, as after a crash or a restore, or of strangers of long ago?"""
    done = {act.person_id for act in PersonActs(uow.session).erasures()}
    return bool(done - uow.holder.erased() or _back_again(uow) or past_months(uow.session, _before(uow)))


def _back_again(uow: UnitOfWork) -> set[UUID]:
    """Persons and documents whose keys are there although they were destroyed."""
    floors, erased = uow.holder.floors(), uow.holder.erased()
    return {whose for whose, body in keyed(uow.session) if whose in erased or (whose, body) in floors}


def finish_erasures(uow: UnitOfWork) -> None:
    """Destroy what `unfinished` found. A row of an erasure that is not ours destroys nothing."""
    for act in PersonActs(uow.session).erasures():
        try:
            uow.holder.check(act.body, "person_act", person_act_bytes(act), act.mac)
        except Tampered:
            continue
        uow.holder.forget_names(act.person_id)
    again = _back_again(uow)
    for whose in again:
        person = uow.people.lock(whose)
        if person is None:
            destroy(uow.session, whose, uow.at)
        else:
            _forget(uow, person)
    months = past_months(uow.session, _before(uow))
    destroy_months(uow.session, months, uow.at)
    if again or months:
        told: dict[str, str | int | bool | list[str | int | bool]] = {"keys": len(again), "months": list(months)}
        uow.also(Event.NAMES_EXPIRED, Notes(detail=told), originator="")
    uow.afterwards.append(uow.parts.database.forget)
