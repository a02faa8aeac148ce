"""Which rules are in force, and which changes of them are proposed, rule by rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from uuid import UUID

from portal.cases.act_words import WORDS
from portal.cases.facts import BodyTarget
from portal.cases.names import body_short, person_name
from portal.cases.policy_facts import PolicyChange, change_of
from portal.cases.uow import UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.permit import Permit
from portal.kernel.vocabulary import Role
from portal.policy.answers import AnswerChange
from portal.policy.changes import PolicyAct
from portal.policy.draft import Difference

#: Lines of a rule shown around what changes in it.
AROUND = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """`lines`: (sign, text), the sign "+", "-" or " "."""

    name: str
    sign: str
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """`whose`: with which role, of which bodies. `when`: what is out of the ordinary then, if anything needs to be."""

    gained: bool
    factor_only: bool
    act: str
    action: str
    whose: str
    when: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    body_short: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """`status`: how far it is. `ours`: the reader's body approved it. `answers`: whether the reader may.

    `shifts`: whose answers become others; None if that was not asked. `not_compared`: of which acts it could not be.
    """

    id: UUID
    hash: str
    at: datetime
    status: tuple[str, str]
    differences: Sequence[DifferenceRow]
    shifts: Sequence[AnswerRow] | None
    not_compared: Sequence[str]
    consents: Sequence[ConsentRow]
    ours: bool
    open: bool
    answers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyView:
    hash: str
    rules: int
    changes: Sequence[ChangeRow]


def show_policy(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> PolicyView:
    permit.must_cover(Action.POLICY_READ, body)
    in_force = uow.parts.policies
    rows = uow.policy_changes.proposals(uow.last_policy())
    return PolicyView(hash=in_force.hash, rules=len(in_force.rules), changes=[_row(uow, permit, change_of(uow, row)) for row in rows])


def waiting_changes(uow: UnitOfWork, permit: Permit, body: BodyTarget) -> int:
    """How many changes wait for the consent of this administrator's body; for their home page."""
    permit.must_cover(Action.HOME_READ, body)
    assert permit.subject is not None
    if Role.SECURITY_ADMINISTRATOR not in permit.subject.roles:
        return 0
    found = [change_of(uow, row) for row in uow.policy_changes.proposals(uow.last_policy())]
    return sum(not (one.withdrawn or one.approved or _ours(one.consents, permit)) for one in found)


def _row(uow: UnitOfWork, permit: Permit, change: PolicyChange) -> ChangeRow:
    assert permit.subject is not None
    answers = change.proposal.answers
    return ChangeRow(
        id=change.proposal.id,
        hash=change.proposal.hash,
        at=change.proposal.done_at,
        status=_status(change),
        differences=[difference_row(one) for one in change.proposal.differences],
        shifts=None if answers is None else [_answer_row(uow, one) for one in answers.changes],
        not_compared=answers.not_compared if answers is not None else (),
        consents=[
            ConsentRow(body_short=body_short(uow, act.body), by=person_name(uow, permit, act.done_by), at=act.done_at)
            for act in change.consents
            if act.done_by is not None
        ],
        ours=_ours(change.consents, permit),
        open=not change.withdrawn,
        answers=Role.SECURITY_ADMINISTRATOR in permit.subject.roles,
    )


def _answer_row(uow: UnitOfWork, one: AnswerChange) -> AnswerRow:
    words = {action.value: said for acts in WORDS.values() for action, said in acts.items()}
    role = Role(one.role).words if one.role else "Whoever has no role"
    bodies = " and ".join(body_short(uow, code) for code in one.bodies)
    return AnswerRow(
        gained=one.gained,
        factor_only=one.factor_only,
        act=words.get(one.action, one.action),
        action=one.action,
        whose=f"{role}, {bodies}",
        when=one.when,
    )


def difference_row(one: Difference) -> DifferenceRow:
    return DifferenceRow(name=one.name, sign=one.sign, lines=list(_lines(one)))


def _ours(consents: Sequence[PolicyAct], permit: Permit) -> bool:
    return any(act.body == permit.body for act in consents)


def _status(change: PolicyChange) -> tuple[str, str]:
    if change.withdrawn:
        return "late", "Withdrawn"
    if change.approved:
        return "done", "Approved"
    return ("wait", "One body approved") if change.consents else ("wait", "Proposed")


def _lines(one: Difference) -> Iterator[tuple[str, str]]:
    """The lines that change, with a few around them; a gap is a line with no sign and no text."""
    for line in list(unified_diff(one.before.splitlines(), one.after.splitlines(), lineterm="", n=AROUND))[2:]:
        if line.startswith("@@"):
            yield "", ""
        else:
            yield line[0], line[1:]
