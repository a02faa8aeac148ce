"""Who gains and who loses if other rules come into force: every person, every act, everything in the real register that it is about.

Both sets of rules are asked through the one decision. Nothing is sampled; but whatever the rules may look at is the same for many persons
and many things, and no rule names one of them (`lint`), so that each question is put once and its answer counts for all it is about. Only
who had a part in a thing (proposed it, placed it, is it) is asked for themself: rules may look at that.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from portal.cases.askers import askers_of, somebody
from portal.cases.facts import Located
from portal.cases.reconcile import ByItself
from portal.cases.separation import human_of
from portal.cases.things import located, things_beside_documents, things_of
from portal.cases.uow import Notes, Parts, UnitOfWork
from portal.kernel.actions import Action
from portal.kernel.events import Event
from portal.kernel.ids import NOBODY
from portal.kernel.permit import Facts, Ref, ResourceType, Subject, Value
from portal.kernel.vocabulary import Level, Role
from portal.policy.canaries import ABOUT
from portal.policy.engine import ADDRESSED, Context
from portal.policy.explain import Explanation, explain
from portal.policy.load import PolicySet
from portal.sharing.eyes import reference_of
from portal.sharing.models import Share
from portal.sharing.terms import Terms

#: Documents looked at in one snapshot.
BATCH = 200
#: Questions whose answers are remembered: what the rules may look at differs less often than that.
KNOWN = 20_000
#: Symbols named for each change.
EXAMPLES = 3

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
    """`compare` for two folders. Raises `Misconfigured` if one of them cannot be used: that is no difference."""
    old, new = (PolicySet.load(folder, parts.config.bodies) for folder in (before, after))
    return compare(parts, by_itself, old, new, progress)


def compare(parts: Parts, by_itself: ByItself, old: PolicySet, new: PolicySet, progress: Progress) -> Comparison:
    """Every difference for anybody in the register, gains first. `progress` is told how many documents are done, and of how many."""
    with parts.read() as uow:
        people = _People.of(uow)
        total = uow.documents.count()
        tally = _Tally(old, new, uow.at, people)
        for kind, thing in things_beside_documents(uow):
            tally.put(uow, kind, thing, "")
    done, last = 0, None
    while True:
        with parts.read() as uow:
            documents = uow.documents.every(after=last, limit=BATCH)
            for document in documents:
                for kind, thing, symbol in things_of(uow, document):
                    tally.put(uow, kind, thing, symbol)
        if not documents:
            break
        done, last = done + len(documents), documents[-1].id
        progress(done, max(total, done))
    notes = Notes(detail={"policy": new.hash, "before": old.hash, "documents": done})
    by_itself(lambda uow: uow.also(Event.POLICY_SIMULATED, notes, originator=""))
    changes = sorted(tally.changes.values(), key=lambda change: (not change.gained, change.body, change.action, sorted(change.roles)))
    return Comparison(changes, len(people.subjects), done, tally.asked)


@dataclass(frozen=True, slots=True)
class _People:
    """All persons of the register: `alike`, by what decides what they may do; `accounts`, the accounts of each human."""

    subjects: Mapping[UUID, Subject]
    alike: Mapping[Subject, Set[UUID]]
    accounts: Mapping[UUID, Set[UUID]]

    @classmethod
    def of(cls, uow: UnitOfWork) -> Self:
        subjects = {subject.id: subject for body in uow.parts.config.bodies for subject in askers_of(uow, body)}
        alike: dict[Subject, set[UUID]] = {}
        accounts: dict[UUID, set[UUID]] = {}
        for subject in subjects.values():
            alike.setdefault(replace(subject, id=NOBODY, epoch=0), set()).add(subject.id)
            accounts.setdefault(human_of(uow, subject.id), set()).add(subject.id)
        return cls(subjects, alike, accounts)

    def concerned(self, uow: UnitOfWork, found: Located, body: str) -> Set[UUID]:
        """Persons of this body of whom the facts speak, with every account of the same human; and whom alone a share is for."""
        facts = found.facts
        named = {UUID(value.id) for value in facts.attributes.values() if isinstance(value, Ref) and value.type == "User"}
        named |= {UUID(facts.id)} if facts.type is ResourceType.PERSON else set()
        accounts = {account for person in named for account in self.accounts.get(human_of(uow, person), set())}
        if isinstance(found.target, Share) and found.target.recipient == body:
            eyes = Terms.from_text(found.target.terms).eyes
            accounts |= {account for account in self.subjects if reference_of(account) in eyes}
        return {account for account in accounts if self.subjects[account].body == body}


@dataclass(slots=True)
class _Tally:
    """What both sets of rules answered so far."""

    old: PolicySet
    new: PolicySet
    at: datetime
    people: _People
    changes: dict[Any, Change] = field(default_factory=dict)
    answers: dict[Any, tuple[Explanation, Explanation]] = field(default_factory=dict)
    asked: int = 0

    def put(self, uow: UnitOfWork, kind: ResourceType, thing: UUID, symbol: str) -> None:
        """Every act on this thing, for everybody."""
        for body in uow.parts.config.bodies:
            found = located(uow, somebody(body, frozenset(), Level.UNCLASSIFIED), ACTIONS[kind][0], thing)
            facts, concerned = found.facts, self.people.concerned(uow, found, body)
            for alike, persons in self.people.alike.items():
                if alike.body == body and (rest := persons if persons.isdisjoint(concerned) else persons - concerned):
                    self._ask(uow, alike, rest, facts, symbol)
            for person in concerned:
                subject = self.people.subjects[person]
                self._ask(uow, subject, {person}, located(uow, subject, ACTIONS[kind][0], thing).facts, symbol)

    def _ask(self, uow: UnitOfWork, subject: Subject, persons: Set[UUID], facts: Facts, symbol: str) -> None:
        known = (replace(subject, id=NOBODY, epoch=0), *_as_rules_see(facts, subject))
        for action in ACTIONS[facts.type]:
            for recipient in uow.parts.config.bodies if action in ADDRESSED else [None]:
                key = (known, action, recipient)
                if key not in self.answers:
                    if len(self.answers) >= KNOWN:
                        self.answers.clear()
                    self.answers[key] = self._both(subject, action, facts, Context(now=self.at, recipient=recipient))
                self.asked += len(persons)
                self._note(subject, persons, action, facts.id, symbol, *self.answers[key])

    def _both(self, subject: Subject, action: Action, facts: Facts, context: Context) -> tuple[Explanation, Explanation]:
        old, new = (explain(policies, subject, action, facts, context) for policies in (self.old, self.new))
        return old, new

    def _note(
        self, subject: Subject, persons: Set[UUID], action: Action, thing: str, symbol: str, old: Explanation, new: Explanation
    ) -> None:
        if old.far == new.far:
            return
        gained, factor_only = new.far > old.far, old.allowed and new.allowed
        key = (gained, factor_only, action, subject.body, subject.roles)
        change = self.changes.setdefault(key, Change(*key))
        change.persons.update(persons)
        change.before.update(rule.id for rule in old.rules)
        change.after.update(rule.id for rule in new.rules)
        change.count(thing, symbol)


#: Every act, by what it is about.
ACTIONS: Mapping[ResourceType, list[Action]] = {kind: [action for action, about in ABOUT.items() if about is kind] for kind in ResourceType}


def _as_rules_see(facts: Facts, subject: Subject) -> tuple[object, ...]:
    """What rules may look at, the same for all things of which the same is known: persons are only this one, or one and the same."""
    seen = {str(subject.id): "me"}

    def known(value: Value) -> Value:
        return Ref("User", seen.setdefault(value.id, str(len(seen)))) if isinstance(value, Ref) and value.type == "User" else value

    whose = {ResourceType.BODY: facts.id, ResourceType.PERSON: known(Ref("User", facts.id))}.get(facts.type)
    return facts.type, facts.present, whose, *((name, known(facts.attributes[name])) for name in sorted(facts.attributes))
