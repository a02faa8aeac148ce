"""Other rules: proposed on the command line, approved by two security administrators of two bodies, taken back by any one of them.

Nothing changes yet: a start with exactly the approved text adopts it (`adopt_policy`).
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from portal.cases.answers_changed import answers_changed
from portal.cases.policy_facts import PolicyChange, change_of
from portal.cases.uow import PORTAL, Notes, Parts, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.errors import Misconfigured
from portal.kernel.events import Event
from portal.kernel.ids import new_id
from portal.kernel.permit import Permit
from portal.policy.answers import Answers
from portal.policy.certificate import proofs_of
from portal.policy.changes import PolicyAct, PolicyActWord, act_bytes, told
from portal.policy.draft import Difference, Draft
from portal.policy.supposed import supposed

log = logging.getLogger(__name__)

MARKS = {"added": "+", "removed": "-", "changed": "~"}


@dataclass(frozen=True, slots=True)
class Proposed:
    hash: str
    differences: Sequence[Difference]


def propose_policy(parts: Parts, by_itself: Callable[[Callable[[UnitOfWork], Proposed]], Proposed], folder: Path) -> Proposed:
    """Propose the rules in `folder`. Raises `Misconfigured` if they are none, are in force, were proposed, or lack proofs."""
    wanted, present = Draft.read(folder), Draft.read(parts.config.policy.path)
    differences = list(present.differences(wanted))
    answers = _answers(parts, wanted.hash, differences)  # which takes seconds, and asks nothing of the register

    def propose(uow: UnitOfWork) -> Proposed:
        in_force = uow.last_policy()
        if present.hash != in_force:
            raise Misconfigured(
                f"{parts.config.policy.path} holds other rules ({present.hash[:16]}) than those in force ({in_force[:16] or 'none'}): "
                "put those back (after the first start they are in force), then propose"
            )
        if wanted.hash == in_force:
            raise Misconfigured(f"the rules in {folder} are in force: there is nothing to propose")
        if any(_waits(uow, row) for row in uow.policy_changes.proposals(in_force) if row.hash == wanted.hash):
            raise Misconfigured(f"the rules in {folder} are proposed already: they are on the page /policy")
        proofs_of(folder, wanted.hash)
        _enter(uow, PolicyActWord.PROPOSED, before=in_force, hash_=wanted.hash, differences=differences, answers=answers)
        notes = Notes(detail={"before": in_force, "policy": wanted.hash, "rules": marked(differences)})
        if answers is not None:
            notes.detail |= {"answers": [change.mark for change in answers.changes], "not_compared": list(answers.not_compared)}
        uow.also(Event.POLICY_PROPOSED, notes, originator="")
        return Proposed(wanted.hash, differences)

    return by_itself(propose)


def approve_policy(uow: UnitOfWork, permit: Permit, target: PolicyChange) -> None:
    """Consent to these rules, for the body of whoever does. Two bodies' consents let them be used."""
    permit.must_cover(Action.POLICY_APPROVE, target)
    _answer(uow, permit, target, PolicyActWord.APPROVED)


def withdraw_policy(uow: UnitOfWork, permit: Permit, target: PolicyChange) -> None:
    """Take the change back, whoever consented to it."""
    permit.must_cover(Action.POLICY_WITHDRAW, target)
    _answer(uow, permit, target, PolicyActWord.WITHDRAWN)


def marked(differences: Sequence[Difference]) -> list[str | int | bool]:
    """Differences as the log names them: `+P90-rules`, `~F06-four-eyes`, `-F24-view-only`."""
    return [MARKS[difference.sign] + difference.name for difference in differences]


def _answers(parts: Parts, wanted: str, differences: Sequence[Difference]) -> Answers | None:
    """Whose answers become others; None if this version of the portal cannot ask the other rules anything."""
    config = parts.config
    try:
        new = supposed(config.policy.path, parts.policies.hash, differences, wanted, tuple(config.bodies))
    except Misconfigured as error:
        log.warning("the rules %s cannot be asked before they are in force: %s", wanted[:16], error.detail)
        return None
    bodies = [(code, config.named(code).short) for code in config.bodies]
    return answers_changed(parts.policies, new, differences, bodies, parts.clock.now())


def _waits(uow: UnitOfWork, proposal: PolicyAct) -> bool:
    return not change_of(uow, proposal).withdrawn


def _answer(uow: UnitOfWork, permit: Permit, target: PolicyChange, word: PolicyActWord) -> None:
    assert permit.subject is not None
    proposal = target.proposal
    by, body = permit.subject.id, permit.subject.body
    _enter(uow, word, before=proposal.before, hash_=proposal.hash, about=proposal.id, body=body, by=by)
    uow.notes.detail |= {"before": proposal.before, "policy": proposal.hash, "rules": marked(proposal.differences)}
    uow.notes.bodies |= set(uow.parts.config.bodies)  # it is every body's business


def _enter(
    uow: UnitOfWork,
    word: PolicyActWord,
    *,
    before: str,
    hash_: str,
    differences: Sequence[Difference] = (),
    answers: Answers | None = None,
    about: UUID | None = None,
    body: str = "",
    by: UUID | None = None,
) -> None:
    row = PolicyAct(
        id=new_id(),
        act_word=word.value,
        about=about,
        before=before,
        hash=hash_,
        differences_text=told(differences, answers),
        body=body,
        done_by=by,
        done_at=uow.at,
    )
    row.mac = uow.holder.mac(PORTAL, "policy act", act_bytes(row))
    uow.policy_changes.add(row)
