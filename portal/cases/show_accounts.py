"""The local accounts of one's own body, with what waits for a second officer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.cases.facts import BodyTarget
from portal.cases.local_state import state_of
from portal.cases.names import person_name
from portal.cases.uow import UnitOfWork
from portal.identity.grants import RoleGrant, grant_bytes
from portal.identity.local import LOCAL, State
from portal.identity.models import Person
from portal.kernel.actions import Action
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Level, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingGrant:
    """What was proposed for an account. `mine`: by whoever looks."""

    id: UUID
    roles_words: str
    clearance_words: str
    enrol: bool
    by: str
    at: datetime
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """`status`: how far it is. `invited_until`: the end of the open link, if there is one."""

    id: UUID
    name: str
    login: str
    roles: frozenset[Role]
    roles_words: str
    clearance: Level
    status: tuple[str, str]
    invited_until: datetime | None
    myself: bool
    closed: bool
    waiting: WaitingGrant | None


def show_accounts(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[AccountRow]:
    permit.must_cover(Action.ACCOUNT_LIST, body)
    assert permit.subject is not None
    waiting = {row.account_id: _waiting(uow, permit, row) for row in uow.grants.waiting(body.code)}
    rows = []
    for person in uow.people.of_body(body.code):
        account = uow.local.get(person.id) if person.issuer == LOCAL else None
        if account is None:
            continue
        state = state_of(uow, account)
        until = datetime.fromisoformat(state.link_until) if state.link else None
        rows.append(
            AccountRow(
                id=person.id,
                name=person_name(uow, permit, person.id),
                login=state.login,
                roles=uow.vouched(person).roles,
                roles_words=_words(person.roles),
                clearance=person.level,
                status=_status(person, state, uow.at),
                invited_until=until if until is not None and uow.at < until else None,
                myself=person.id == permit.subject.id,
                closed=person.closed_at is not None,
                waiting=waiting.get(person.id),
            )
        )
    return rows


def _waiting(uow: UnitOfWork, permit: Permit, row: RoleGrant) -> WaitingGrant:
    assert permit.subject is not None
    uow.holder.check(row.body, "role grant", grant_bytes(row), row.mac)
    return WaitingGrant(
        id=row.id,
        roles_words=_words(row.roles),
        clearance_words=Level(row.clearance).words,
        enrol=row.enrol,
        by=person_name(uow, permit, row.done_by),
        at=row.done_at,
        mine=row.done_by == permit.subject.id,
    )


def _status(person: Person, state: State, at: datetime) -> tuple[str, str]:
    if person.closed_at is not None:
        return "late", "Closed"
    if state.enrolled:
        return "done", "Enrolled"
    if state.link:
        return ("wait", "Invited") if at < datetime.fromisoformat(state.link_until) else ("late", "Link is over")
    return "wait", "Proposed"


def _words(roles: frozenset[Role]) -> str:
    return ", ".join(sorted(role.words for role in roles))
