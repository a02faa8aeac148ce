"""What a change of the rules is, as the policy sees it. It is every body's; its acts are checked against their MAC before anything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from portal.cases.facts import Located, body
from portal.cases.uow import PORTAL, UnitOfWork
from portal.kernel.errors import Tampered
from portal.kernel.permit import Facts, ResourceType, Subject
from portal.policy.changes import CONSENTS, PolicyAct, PolicyActWord, act_bytes


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A proposal with what was answered to it, as the target of another answer."""

    proposal: PolicyAct
    answers: Sequence[PolicyAct]
    resource_type: ClassVar[ResourceType] = ResourceType.POLICY_CHANGE

    @property
    def resource_id(self) -> str:
        return str(self.proposal.id)

    @property
    def withdrawn(self) -> bool:
        return any(act.act is PolicyActWord.WITHDRAWN for act in self.answers)

    @property
    def consents(self) -> list[PolicyAct]:
        return [act for act in self.answers if act.act is PolicyActWord.APPROVED]

    @property
    def approved(self) -> bool:
        """By two persons of two bodies, and taken back by nobody."""
        persons, bodies = {act.done_by for act in self.consents}, {act.body for act in self.consents}
        return min(len(persons), len(bodies)) >= CONSENTS and not self.withdrawn


def change_of(uow: UnitOfWork, proposal: PolicyAct) -> PolicyChange:
    """The proposal with its answers. Raises `Tampered` if a row is not as it was written, or answers another text."""
    return _checked(uow, proposal, uow.policy_changes.answers(proposal.id))


def _checked(uow: UnitOfWork, proposal: PolicyAct, answers: Sequence[PolicyAct]) -> PolicyChange:
    for act in (proposal, *answers):
        uow.holder.check(PORTAL, "policy act", act_bytes(act), act.mac)
        if (act.before, act.hash) != (proposal.before, proposal.hash):
            raise Tampered(f"an answer to the change {proposal.id} of the rules is about another one")
    return PolicyChange(proposal, answers)


def change(uow: UnitOfWork, subject: Subject | None, *, change_id: UUID, **where: object) -> Located:
    """A change of the rules. In an act that writes, its proposal is locked."""
    assert subject is not None
    proposal = uow.policy_changes.kept(change_id) if uow.writes else uow.policy_changes.proposal(change_id)
    answers, in_force = uow.policy_changes.answers(change_id), uow.last_policy()  # asked of an absent change, too
    found = _checked(uow, proposal, answers) if proposal is not None else None
    facts = Facts(
        type=ResourceType.POLICY_CHANGE,
        id=str(change_id),
        attributes={
            "consented": frozenset(body(act.body) for act in found.consents) if found is not None else frozenset(),
            "open": found is not None and not found.withdrawn and found.proposal.before == in_force,
        },
        originator=subject.body,
        present=found is not None,
    )
    return Located(facts, found)
