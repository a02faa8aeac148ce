"""What would the rules answer? For whoever changes them: a real or an invented person, one act, one thing, these rules or others.

The decision itself is asked, on the register as it is. Nothing sealed is opened and nothing is changed; but what hangs on a document is
looked at, so every question about something real leaves an event, like a look by a door.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from portal.cases.askers import asker, somebody
from portal.cases.reconcile import ByItself
from portal.cases.things import located
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.errors import Misconfigured
from portal.kernel.events import Event
from portal.kernel.ids import NOBODY
from portal.kernel.permit import Facts, ResourceType, Subject
from portal.kernel.vocabulary import Level, Role
from portal.policy.canaries import ABOUT
from portal.policy.engine import ADDRESSED
from portal.policy.explain import Explanation, explain
from portal.policy.load import PolicySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`person`: somebody real; else somebody of `body` with these roles and this clearance. `thing`: what it is about, if not a body."""

    action: Action
    person: UUID | None = None
    body: str = ""
    roles: frozenset[Role] = frozenset()
    clearance: Level = Level.UNCLASSIFIED
    thing: UUID | None = None
    recipient: str | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """`policy`: the hash of the rules that were asked."""

    explanation: Explanation
    policy: str


def what_if(parts: Parts, by_itself: ByItself, question: Question, folder: Path | None = None) -> Answer:
    """The answer of the rules in `folder`, or of those in force. Raises `Misconfigured` if the question names nothing that is there."""
    policies = parts.policies if folder is None else PolicySet.load(folder, parts.config.bodies)
    with parts.read() as uow:
        subject = _subject(uow, question)
        facts = _facts(uow, subject, question)
        context = replace(uow.context(subject, recipient=question.recipient), confirmed=question.confirmed)
        answer = explain(policies, subject, question.action, facts, context)
    if question.person is not None or question.thing is not None:
        notes = Notes(document=facts.document, detail={"asked": question.action.value, "policy": policies.hash})
        by_itself(lambda uow: uow.also(Event.POLICY_SIMULATED, notes, originator=facts.originator))
    return Answer(answer, policies.hash)


def _subject(uow: UnitOfWork, question: Question) -> Subject:
    if question.person is not None:
        person = uow.people.get(question.person)
        if person is None:
            raise Misconfigured(f"there is no person {question.person} in the register; nothing was asked")
        return asker(uow, uow.vouched(person))
    if question.body not in uow.parts.config.bodies:
        known = ", ".join(uow.parts.config.bodies)
        raise Misconfigured(f"name a person with --person, or a body with --body: one of {known}; nothing was asked")
    return somebody(question.body, question.roles, question.clearance)


def _facts(uow: UnitOfWork, subject: Subject, question: Question) -> Facts:
    action, kind = question.action, ABOUT.get(question.action)
    if action in OPEN_ACTIONS or kind is None:
        raise Misconfigured(f"{action} is open to anybody: no rule is asked about it")
    if action in ADDRESSED and question.recipient not in uow.parts.config.bodies:
        raise Misconfigured(f"{action} is about a recipient: name a body with --recipient; nothing was asked")
    if (kind is ResourceType.BODY) is not (question.thing is None):
        wanted = "is about the person's own body: leave --on out" if kind is ResourceType.BODY else f"is about a {kind}: name it with --on"
        raise Misconfigured(f"{action} {wanted}; nothing was asked")
    facts = located(uow, subject, action, question.thing or NOBODY, question.recipient).facts
    if not facts.present:
        raise Misconfigured(f"there is no {kind} {question.thing}; nothing was asked")
    return facts
