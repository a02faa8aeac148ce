"""Who gains and who loses if other rules come into force: every person, every document and share, every act, in the real register.

Both folders are asked through the one decision. Nothing is sampled; but whatever the rules may look at is the same for many persons and
many documents, and no rule names one of them (`lint`), so that each question is put once and its answer counts for all it is about.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from portal.cases.askers import askers_of, somebody
from portal.cases.reconcile import ByItself
from portal.cases.things import located
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.ids import NOBODY
from portal.kernel.permit import Facts, ResourceType, Subject
from portal.kernel.vocabulary import Level, Role
from portal.policy.canaries import ABOUT
from portal.policy.engine import ADDRESSED, Context
from portal.policy.explain import Explanation, Outcome, explain
from portal.policy.load import PolicySet

#: Documents looked at in one snapshot.
BATCH = 200
#: Symbols named for each change.
EXAMPLES = 3

#: How far somebody comes: to confirm with a second factor is not yet to be through.
_FAR = {Outcome.HIDDEN: 0, Outcome.REFUSED: 0, Outcome.ASKED: 1, Outcome.PERMITTED: 2}

Progress = Callable[[int, int], object]


@dataclass(slots=True)
class Change:
    """One act that persons of a body with these roles gain or lose. `before` and `after`: the rules that decided, none if none spoke.

    `factor_only`: all that changes is that no second factor is asked for any more, or that one is now.
    """

    gained: bool
    factor_only: bool
    action: Action
    body: str
    roles: frozenset[Role]
    persons: set[UUID] = field(default_factory=set)
    things: int = 0
    symbols: list[str] = field(default_factory=list)
    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)
    _last: str = ""

    def count(self, thing: str, symbol: str) -> None:
        """Once for each thing, however many persons it concerns: they come one after the other."""
        if thing == self._last:
            return
        self._last, self.things = thing, self.things + 1
        if symbol and symbol not in self.symbols and len(self.symbols) < EXAMPLES:
            self.symbols.append(symbol)


@dataclass(slots=True)
class Comparison:
    """`asked`: how many answers were compared, each of one person about one act on one thing."""

    changes: list[Change]
    persons: int
    documents: int
    asked: int


def compare_policies(parts: Parts, by_itself: ByItself, before: Path, after: Path, progress: Progress) -> Comparison:
    """Every difference for anybody in the register, gains first. `progress` is told how many documents are done, and of how many."""
    old, new = (PolicySet.load(folder, parts.config.bodies) for folder in (before, after))
    with parts.read() as uow:
        alike = _alike(uow)
        total = uow.documents.count()
        tally = _Tally(old, new, uow.at, alike)
        for body in parts.config.bodies:
            tally.put(_asked(uow, body, ResourceType.BODY, NOBODY, parts.config.bodies), "")
    done, last = 0, None
    while True:
        with parts.read() as uow:
            documents = uow.documents.every(after=last, limit=BATCH)
            for document in documents:
                for kind, thing, symbol in _things(uow, document.id, document.symbol):
                    for body in parts.config.bodies:
                        tally.put(_asked(uow, body, kind, thing, parts.config.bodies), symbol)
        if not documents:
            break
        done, last = done + len(documents), documents[-1].id
        progress(done, max(total, done))
    notes = Notes(detail={"policy": new.hash, "before": old.hash, "documents": done})
    by_itself(lambda uow: uow.also(Event.POLICY_SIMULATED, notes, originator=""))
    changes = sorted(tally.changes.values(), key=lambda change: (not change.gained, change.body, change.action, sorted(change.roles)))
    return Comparison(changes, sum(map(len, alike.values())), done, tally.asked)


def _alike(uow: UnitOfWork) -> Mapping[Subject, list[UUID]]:
    """All persons of the register, under what decides what they may do."""
    found: dict[Subject, list[UUID]] = {}
    for body in uow.parts.config.bodies:
        for subject in askers_of(uow, body):
            found.setdefault(replace(subject, id=NOBODY, epoch=0), []).append(subject.id)
    return found


def _things(uow: UnitOfWork, document: UUID, symbol: str) -> Iterator[tuple[ResourceType, UUID, str]]:
    yield ResourceType.DOCUMENT, document, symbol
    for share in uow.shares.of_document(document):
        yield ResourceType.SHARE, share.id, share.symbol


@dataclass(frozen=True, slots=True)
class _Asked:
    """One act on one thing, as a body's persons meet it."""

    body: str
    action: Action
    facts: Facts
    recipient: str | None


def _asked(uow: UnitOfWork, body: str, kind: ResourceType, thing: UUID, bodies: Sequence[str]) -> Iterator[_Asked]:
    """Every act on this thing for persons of this body."""
    anybody = somebody(body, frozenset(), Level.UNCLASSIFIED)
    facts = located(uow, anybody, _ACTIONS[kind][0], thing).facts
    for action in _ACTIONS[kind]:
        for recipient in bodies if action in ADDRESSED else [None]:
            yield _Asked(body, action, facts, recipient)


_ACTIONS: Mapping[ResourceType, list[Action]] = {
    kind: [action for action, about in ABOUT.items() if about is kind]
    for kind in (ResourceType.BODY, ResourceType.DOCUMENT, ResourceType.SHARE)
}


@dataclass(slots=True)
class _Tally:
    """What both folders answered so far."""

    old: PolicySet
    new: PolicySet
    at: datetime
    alike: Mapping[Subject, list[UUID]]
    changes: dict[Any, Change] = field(default_factory=dict)
    answers: dict[Any, tuple[Explanation, Explanation]] = field(default_factory=dict)
    asked: int = 0

    def put(self, questions: Iterator[_Asked], symbol: str) -> None:
        for question in questions:
            known = (question.action, question.recipient, question.facts.present, frozenset(question.facts.attributes.items()))
            for kind, persons in self.alike.items():
                if kind.body != question.body:
                    continue
                key = (kind, known)
                if key not in self.answers:
                    self.answers[key] = self._both(kind, question)
                self.asked += len(persons)
                self._note(kind, persons, question, symbol, *self.answers[key])

    def _both(self, kind: Subject, question: _Asked) -> tuple[Explanation, Explanation]:
        context = Context(now=self.at, recipient=question.recipient)
        old, new = (explain(policies, kind, question.action, question.facts, context) for policies in (self.old, self.new))
        return old, new

    def _note(self, kind: Subject, persons: list[UUID], asked: _Asked, symbol: str, old: Explanation, new: Explanation) -> None:
        if _FAR[old.outcome] == _FAR[new.outcome]:
            return
        gained, factor_only = _FAR[new.outcome] > _FAR[old.outcome], old.allowed and new.allowed
        key = (gained, factor_only, asked.action, kind.body, kind.roles)
        change = self.changes.setdefault(key, Change(*key))
        change.persons.update(persons)
        change.before.update(rule.id for rule in old.rules)
        change.after.update(rule.id for rule in new.rules)
        change.count(asked.facts.id, symbol)
