"""Names for pages: of persons of the reader's own body, and of bodies and States."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from portal.cases.uow import UnitOfWork
from portal.kernel.permit import Permit


def person_name(uow: UnitOfWork, permit: Permit, person_id: UUID) -> str:
    """The name of a colleague; for anyone else only the body. Staff of another body are never listed."""
    person = uow.people.get(person_id)
    if person is None:
        return "A former colleague"
    if person.body != permit.body:
        return f"An officer of the {body_short(uow, person.body)}"
    return uow.words(permit, "person", "name", person.id, person.name) or "A former colleague"


def body_short(uow: UnitOfWork, code: str) -> str:
    try:
        return uow.parts.config.named(code).short
    except KeyError:
        return code


def state_name(uow: UnitOfWork, code: str) -> str:
    return uow.parts.member_states.named(code).name


def state_names(uow: UnitOfWork, codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(state_name(uow, code) for code in codes)


def state_choices(uow: UnitOfWork, first: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Every State; those that a document concerns `first`."""
    states = uow.parts.member_states.all()
    return [(state.code, state.name) for state in sorted(states, key=lambda state: state.code not in first)]


def day(at: date) -> str:
    """ "6 Nov 2026"."""
    return f"{at.day} {at:%b %Y}"
