"""Roles for a local account: one officer proposes, another confirms, and neither is the person it is for.

With `enrol` the way in is opened: whoever proposes gets a code, whoever confirms a link, and the person needs both.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from portal.cases.account_facts import AccountTarget, GrantTarget
from portal.cases.enrol_account import issued, link_end
from portal.cases.local_state import keep_state, state_of
from portal.cases.separation import must_be_separate, one_human
from portal.cases.uow import UnitOfWork
from portal.identity.grants import GrantAct, RoleGrant, grant_bytes
from portal.identity.local import LocalAccount
from portal.identity.models import Person
from portal.identity.roles import ConflictingRoles
from portal.identity.totp import code_hash, new_code
from portal.kernel.actions import Action
from portal.kernel.errors import Invalid, Stale
from portal.kernel.ids import new_id
from portal.kernel.permit import Duty, Permit
from portal.kernel.vocabulary import CONTENT_ROLES, OVERSIGHT_ROLES, Level, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantForm:
    """All the roles the account is to have from now on. `enrol`: with a new link, for a new account or a lost factor."""

    roles: Collection[str]
    clearance: str
    enrol: bool


def propose_grant(uow: UnitOfWork, permit: Permit, target: AccountTarget, form: GrantForm) -> str:
    """Propose it. Returns the code to be handed over, "" without `enrol`. Raises `Invalid`, or `Stale` if a proposal waits already."""
    permit.must_cover(Action.ACCOUNT_GRANT, target)
    assert permit.subject is not None
    roles, clearance = _demand(uow, permit, target, form)
    if any(row.account_id == target.account.id for row in uow.grants.waiting(target.person.body)):
        raise Stale("a proposal waits", public="A proposal for this account waits for a second officer already. Withdraw it first.")
    code = new_code() if form.enrol else ""
    proposal = enter_grant(
        uow, target.person, GrantAct.PROPOSED, by=permit.subject.id, roles=roles, clearance=clearance, code=code_hash(code) if code else ""
    )
    uow.notes.detail |= _told(proposal)
    return code


def confirm_grant(uow: UnitOfWork, permit: Permit, target: GrantTarget) -> str:
    """Confirm it, as the second person. Returns the link's token, "" if nobody is to be enrolled.

    Raises `Stale` if what its human holds besides came to exclude these roles.
    """
    permit.must_cover(Action.ACCOUNT_CONFIRM, target)
    assert permit.subject is not None
    proposal = target.grant
    try:
        must_be_separate(uow, target.person, frozenset(proposal.roles))
    except ConflictingRoles as error:
        raise Stale(error.detail, public=_EXCLUDED) from error
    if not any(one_human(uow, permit.subject.id, somebody) for somebody in (proposal.done_by, target.person.id)):
        uow.discharge(Duty.SECOND_PERSON)
    _answer(uow, proposal, target.person, GrantAct.CONFIRMED, by=permit.subject.id)
    uow.notes.detail |= _told(proposal)
    return give(uow, target.account, target.person, proposal)


def withdraw_grant(uow: UnitOfWork, permit: Permit, target: GrantTarget) -> None:
    """Take the proposal back, or refuse it. One officer suffices."""
    permit.must_cover(Action.ACCOUNT_WITHDRAW, target)
    assert permit.subject is not None
    _answer(uow, target.grant, target.person, GrantAct.WITHDRAWN, by=permit.subject.id)
    uow.notes.detail |= _told(target.grant)


def give(uow: UnitOfWork, account: LocalAccount, person: Person, proposal: RoleGrant) -> str:
    """What two persons agreed on. Permits that were given before are void; with a new link, so are sessions and what was enrolled."""
    if not uow.people.belong(person, person.body, proposal.roles, Level(proposal.clearance), uow.at):
        person.access_epoch += 1
    uow.vouch(person)
    if not proposal.enrol:
        return ""
    state, token = issued(state_of(uow, account), proposal.code, link_end(uow))
    keep_state(uow, account, state)
    uow.sessions.end_of(person.id, uow.at)
    return token


def enter_grant(
    uow: UnitOfWork,
    person: Person,
    act: GrantAct,
    *,
    by: UUID,
    roles: Collection[Role],
    clearance: Level,
    code: str,
    about: UUID | None = None,
) -> RoleGrant:
    row = RoleGrant(
        id=new_id(),
        account_id=person.id,
        body=person.body,
        act_word=act.value,
        about=about,
        roles_text=",".join(sorted(roles)),
        clearance=int(clearance),
        enrol=bool(code),
        code=code,
        done_by=by,
        done_at=uow.at,
    )
    row.mac = uow.holder.mac(person.body, "role grant", grant_bytes(row))
    uow.grants.add(row)
    return row


def _answer(uow: UnitOfWork, proposal: RoleGrant, person: Person, act: GrantAct, *, by: UUID) -> None:
    enter_grant(uow, person, act, by=by, roles=proposal.roles, clearance=Level(proposal.clearance), code=proposal.code, about=proposal.id)


def _demand(uow: UnitOfWork, permit: Permit, target: AccountTarget, form: GrantForm) -> tuple[frozenset[Role], Level]:
    assert permit.subject is not None
    faults: dict[str, str] = {}
    roles = frozenset(Role(word) for word in form.roles if word in set(Role))
    if not roles or len(roles) != len(set(form.roles)):
        faults["roles"] = "Choose what the person is to do, at least one of the roles in the list."
    elif roles & CONTENT_ROLES and roles & OVERSIGHT_ROLES:
        faults["roles"] = "Auditors and security administrators hold no other role. Choose one or the other."
    else:
        faults |= _excluded(uow, target.person, roles)
    clearance = next((level for level in Level if str(int(level)) == form.clearance), None)
    if clearance is None:
        faults["clearance"] = "Choose up to which level they are cleared."
    elif clearance > permit.subject.clearance:
        faults["clearance"] = "You cannot clear anybody for more than you are cleared for yourself."
    if not form.enrol and not state_of(uow, target.account).enrolled:
        faults["enrol"] = "Nobody is enrolled for this account yet. Let a link be made."
    if faults or clearance is None:
        raise Invalid(faults)
    return roles, clearance


_EXCLUDED = (
    "The person came to hold a role in another account, or as a deputy, that excludes one of these: nobody may oversee and see content. "
    "Withdraw the proposal."
)


def _excluded(uow: UnitOfWork, person: Person, roles: frozenset[Role]) -> dict[str, str]:
    """The fault of roles that exclude what the same human holds as a deputy, or in another account."""
    try:
        must_be_separate(uow, person, roles)
    except ConflictingRoles:
        return {"roles": "The person holds a role in another account, or as a deputy, that excludes one of these."}
    return {}


def _told(proposal: RoleGrant) -> dict[str, str | int | bool | list[str | int | bool]]:
    return {
        "grant": str(proposal.id),
        "person": str(proposal.account_id),
        "roles": [str(role) for role in sorted(proposal.roles)],
        "clearance": proposal.clearance,
        "enrol": proposal.enrol,
    }
