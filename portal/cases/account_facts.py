"""What a local account and a proposal of roles for it are, as the policy sees them. Where a body has none, nothing of it exists."""

from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from portal.cases.facts import Located, body, nowhere, own_body
from portal.cases.separation import by_whom
from portal.cases.uow import UnitOfWork
from portal.identity.grants import GrantAct, RoleGrant, grant_bytes
from portal.identity.local import LocalAccount
from portal.identity.models import Person
from portal.kernel.ids import NOBODY
from portal.kernel.permit import Facts, ResourceType, Subject
from portal.kernel.vocabulary import Level


@dataclass(frozen=True, slots=True)
class AccountTarget:
    """A local account and its person, as the target of an act."""

    account: LocalAccount
    person: Person
    resource_type: ClassVar[ResourceType] = ResourceType.ACCOUNT

    @property
    def resource_id(self) -> str:
        return str(self.account.id)


@dataclass(frozen=True, slots=True)
class GrantTarget:
    """A proposal of roles for a local account, as the target of an answer."""

    grant: RoleGrant
    account: LocalAccount
    person: Person
    resource_type: ClassVar[ResourceType] = ResourceType.GRANT

    @property
    def resource_id(self) -> str:
        return str(self.grant.id)


def doorstep(uow: UnitOfWork, subject: Subject | None, **where: object) -> Located:
    """For the doors through which strangers come: open where any body has local accounts."""
    located = nowhere(uow, subject)
    return located if uow.parts.config.local.enabled else Located(replace(located.facts, present=False), located.target)


def accounts_of_body(uow: UnitOfWork, subject: Subject | None, **where: object) -> Located:
    """The person's own body, if it has local accounts."""
    located = own_body(uow, subject)
    assert subject is not None
    served = uow.parts.config.local.serves(subject.body)
    return located if served else Located(replace(located.facts, present=False), located.target)


def own_code(uow: UnitOfWork, subject: Subject | None, **where: object) -> Located:
    """The person's own body, if a local account is how they are here: only then they have a code to show."""
    located = accounts_of_body(uow, subject)
    assert subject is not None
    present = located.facts.present and uow.local.get(subject.id) is not None
    return Located(replace(located.facts, present=present), located.target)


def account(uow: UnitOfWork, subject: Subject | None, *, account_id: UUID, **where: object) -> Located:
    """A local account. In an act that writes it is locked with its person."""
    assert subject is not None
    person, row = _held(uow, subject, account_id)
    home = person.body if person is not None and row is not None else _other(uow, subject, account_id)
    mine = person is not None and home == subject.body  # of another body's it is read no further than of an absent one
    facts = Facts(
        type=ResourceType.ACCOUNT,
        id=str(account_id),
        attributes={
            "body": body(home),
            "owner": by_whom(uow, subject, account_id if mine else NOBODY),
            "closed": person is not None and person.closed_at is not None,
        },
        originator=home,
        present=row is not None and person is not None and uow.parts.config.local.serves(home),
    )
    return Located(facts, AccountTarget(row, person) if row is not None and person is not None else None)


def own_account(uow: UnitOfWork, subject: Subject | None, **where: object) -> Located:
    """The local account of whoever asks, if that is how they are here."""
    assert subject is not None
    return account(uow, subject, account_id=subject.id)


def grant(uow: UnitOfWork, subject: Subject | None, *, account_id: UUID, grant_id: UUID, **where: object) -> Located:
    """A proposal for this account; of another account it is as absent as one that never was."""
    assert subject is not None
    person, row = _held(uow, subject, account_id)
    found = uow.grants.get(grant_id)
    answer = uow.grants.answer(grant_id)
    if found is not None and (row is None or found.account_id != account_id or found.act_word != GrantAct.PROPOSED):
        found = None
    if found is not None and found.body == subject.body:
        for act in (found, answer):
            if act is not None:
                uow.holder.check(act.body, "role grant", grant_bytes(act), act.mac)
    home = found.body if found is not None else _other(uow, subject, grant_id)
    known = found if home == subject.body else None
    facts = Facts(
        type=ResourceType.GRANT,
        id=str(grant_id),
        attributes={
            "body": body(home),
            "level": found.clearance if found is not None else int(Level.UNCLASSIFIED),
            "owner": by_whom(uow, subject, account_id if known is not None else NOBODY),
            "proposedBy": by_whom(uow, subject, known.done_by if known is not None else NOBODY),
            "open": found is not None and answer is None,
            "closed": person is not None and person.closed_at is not None,
        },
        originator=home,
        present=found is not None and uow.parts.config.local.serves(home),
    )
    return Located(facts, GrantTarget(found, row, person) if found is not None and row is not None and person is not None else None)


def _held(uow: UnitOfWork, subject: Subject, account_id: UUID) -> tuple[Person | None, LocalAccount | None]:
    """Person and account, each checked; locked in an act that writes, if they are of the asker's own body."""
    person, row = uow.people.get(account_id), uow.local.get(account_id)
    if person is not None and row is not None and person.body == subject.body:
        if uow.writes:
            person, row = uow.people.lock(account_id), uow.local.lock(account_id)
        if person is not None:
            uow.vouched(person)
    return person, row


def _other(uow: UnitOfWork, subject: Subject, wanted: UUID) -> str:
    others = uow.others(subject.body)
    return others[wanted.int % len(others)]
