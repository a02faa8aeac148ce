"""What administrators see of deputies, and of accounts that are one human's; and the forms to propose the one and record the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.cases import facts
from portal.cases.facts import BodyTarget
from portal.cases.name_deputy import LONGEST, deputy_of
from portal.cases.names import person_name
from portal.cases.separation import held_elsewhere
from portal.cases.uow import UnitOfWork
from portal.identity.deputies import Deputy
from portal.identity.models import Person
from portal.identity.roles import excluding
from portal.kernel.actions import Action
from portal.kernel.errors import Denied, StepUpNeeded
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Role
from portal.policy.decide import decide


@dataclass(frozen=True, slots=True, kw_only=True)
class DeputyRow:
    """`state` is proposed, named (to come, or in force) or ended. `why_not`: why the reader cannot name them, or what it takes."""

    id: UUID
    name: str
    role_words: str
    begins: date
    until: date
    reason: str
    proposed_by: str
    named_by: str | None
    state: str
    in_force: bool
    ended_at: datetime | None
    may_name: bool
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeputyOffer:
    """A form about one person: the roles they could hold besides their own, and the days to choose from."""

    name: str
    roles_words: str
    clearance_words: str
    roles: list[tuple[str, str]]
    today: date
    longest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOffer:
    """`linked`: the human's other accounts; `others`: accounts of the body that are recorded as somebody else's."""

    name: str
    linked: list[str]
    others: list[tuple[str, str]]


def list_deputies(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> list[DeputyRow]:
    """The open ones first, then those that ended last."""
    permit.must_cover(Action.PERSON_LIST, body)
    return [_row(uow, permit, row) for row in uow.deputies.of_body(body.code) if deputy_of(uow, row)]


def offer_deputy(uow: UnitOfWork, permit: Permit, person: Person) -> DeputyOffer:
    permit.must_cover(Action.DEPUTY_PROPOSE, person)
    held = uow.vouched(person).roles | {row.role for row in uow.deputies_of(person)}
    besides = held | held_elsewhere(uow, person)
    return DeputyOffer(
        name=person_name(uow, permit, person.id),
        roles_words=_words(held),
        clearance_words=person.level.words,
        roles=[(role.value, role.words) for role in Role if role not in held and not excluding(besides | {role})],
        today=uow.at.date(),
        longest=LONGEST,
    )


def offer_link(uow: UnitOfWork, permit: Permit, person: Person) -> LinkOffer:
    permit.must_cover(Action.PERSON_LINK, person)
    own = {account.id for account in uow.people.accounts_of(uow.vouched(person))}
    staff = [(row, f"{person_name(uow, permit, row.id)}: {_words(row.roles)}") for row in uow.people.of_body(person.body)]
    return LinkOffer(
        name=person_name(uow, permit, person.id),
        linked=[words for row, words in staff if row.id in own and row.id != person.id],
        others=[(str(row.id), words) for row, words in staff if row.id not in own],
    )


def _row(uow: UnitOfWork, permit: Permit, row: Deputy) -> DeputyRow:
    may, why_not = _may_name(uow, permit, row)
    ended = not row.is_open(uow.at)
    return DeputyRow(
        id=row.id,
        name=person_name(uow, permit, row.person_id),
        role_words=row.role.words,
        begins=row.begins_at.date(),
        until=(row.ends_at - timedelta(microseconds=1)).date(),
        reason=uow.words(permit, "deputy", "reason", row.id, row.reason),
        proposed_by=person_name(uow, permit, row.proposed_by),
        named_by=None if row.named_by is None else person_name(uow, permit, row.named_by),
        state="ended" if ended else "proposed" if row.named_at is None else "named",
        in_force=row.is_in_force(uow.at),
        ended_at=row.ended_at or (row.ends_at if ended else None),
        may_name=may,
        why_not="" if ended or row.named_at is not None else why_not,
    )


def _may_name(uow: UnitOfWork, permit: Permit, row: Deputy) -> tuple[bool, str]:
    located = facts.deputy(uow, permit.subject, deputy_id=row.id)
    try:
        decide(uow.parts.policies, permit.subject, Action.DEPUTY_NAME, located.facts, uow.context(permit.subject))
    except StepUpNeeded as needed:
        return True, needed.beforehand
    except Denied as refused:
        return False, refused.public
    return True, ""


def _words(roles: Sequence[Role] | frozenset[Role]) -> str:
    return ", ".join(sorted(role.words for role in roles))
