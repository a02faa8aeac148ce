"""Who can see a document, and why: by body, role and person, with the rules that say so, in the rules' own words.

For the originator's officers who keep back and release, and nobody else. Every line is an answer of the decision itself, about the person
as they are now; nothing is kept for later. Staff of another body are never listed: what it sees is what somebody with such a role and
clearance would be answered about its share.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import groupby
from uuid import UUID

from portal.cases.askers import askers_of, somebody
from portal.cases.facts import Located
from portal.cases.names import body_short, person_name
from portal.cases.things import located
from portal.cases.uow import UnitOfWork
from portal.documents.models import Document
from portal.kernel.actions import Action
from portal.kernel.permit import NO_RULE, Facts, Permit, ResourceType, Subject
from portal.kernel.vocabulary import Level, Role
from portal.policy.explain import Explanation, Outcome, explain
from portal.policy.rules import Rule
from portal.sharing.terms import Terms


class Holds(IntEnum):
    """How much somebody can see, from nothing up."""

    NOTHING = 0
    ENTRY = 1
    RENDITION = 2
    ORIGINAL = 3

    @property
    def words(self) -> str:
        return ("Nothing", "The entry", "The prepared pages", "The original")[self]


#: How each is seen: of the document by its originator, of a share by its recipient.
OF_DOCUMENT = (
    (Action.DOCUMENT_READ, Holds.ENTRY, "sees the entry in the register"),
    (Action.RENDITION_READ, Holds.RENDITION, "looks at the pages prepared for the other body"),
    (Action.VERSION_READ, Holds.ORIGINAL, "sees the pages of the original, to mark what stays"),
    (Action.VERSION_DOWNLOAD, Holds.ORIGINAL, "takes the original out of the portal"),
)
OF_SHARE = (
    (Action.SHARE_KNOW, Holds.ENTRY, "sees that it was shared, with its title"),
    (Action.SHARE_READ, Holds.RENDITION, "reads the prepared pages in the portal"),
    (Action.SHARE_DOWNLOAD, Holds.RENDITION, "takes a copy with their name on every page"),
    (Action.SHARE_FETCH, Holds.RENDITION, "takes the prepared file itself"),
)


@dataclass(frozen=True, slots=True)
class Because:
    """One rule, as an officer reads it. `id` is empty where no rule speaks."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Way:
    """One act and what the rules answer to it. `asked`: after confirming with a second factor."""

    action: Action
    holds: Holds
    words: str
    allowed: bool
    asked: bool
    because: tuple[Because, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """How much somebody sees, how, and what refuses the next."""

    ways: tuple[Way, ...]

    @property
    def holds(self) -> Holds:
        return max((way.holds for way in self.ways if way.allowed), default=Holds.NOTHING)

    @property
    def how(self) -> tuple[Way, ...]:
        """The acts by which it is seen."""
        return tuple(way for way in self.ways if way.allowed and way.holds is self.holds)

    @property
    def refusals(self) -> tuple[Because, ...]:
        """What refuses the acts that would show the next more, each once."""
        above = [way for way in self.ways if way.holds > self.holds]
        return tuple(dict.fromkeys(rule for way in above if way.holds is above[0].holds for rule in way.because))

    @property
    def shown(self) -> tuple[Holds, tuple[Way, ...], tuple[Because, ...]]:
        """What a page tells of it: whoever shares that stands on one line."""
        return self.holds, self.how, self.refusals


@dataclass(frozen=True, slots=True)
class Who:
    """A person, or a range of clearances. `note`: what else decides about them."""

    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """All those of one role who see the same, for the same reasons."""

    who: list[Who]
    sight: Sight


@dataclass(frozen=True, slots=True)
class RoleLines:
    roles: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class BodyLines:
    short: str
    own: bool
    roles: list[RoleLines]

    @property
    def holds(self) -> Holds:
        return max((line.sight.holds for group in self.roles for line in group.lines), default=Holds.NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoView:
    document_id: UUID
    title: str
    symbol: str
    level: int
    originator_short: str
    bodies: list[BodyLines]


def explain_document(uow: UnitOfWork, permit: Permit, document: Document) -> WhoView:
    """Who sees how much of the document now, body by body: the originator's persons by name, any other body by role and clearance."""
    permit.must_cover(Action.DOCUMENT_EXPLAIN, document)
    others = [BodyLines(body_short(uow, code), False, _roles(uow, document, code)) for code in uow.others(document.originator)]
    return WhoView(
        document_id=document.id,
        title=uow.words(permit, "document", "title", document.id, document.title),
        symbol=document.symbol,
        level=document.level_number,
        originator_short=body_short(uow, document.originator),
        bodies=[BodyLines(body_short(uow, document.originator), True, _colleagues(uow, permit, document)), *others],
    )


def sight_of(uow: UnitOfWork, document: Document, subject: Subject, *, named: bool = False) -> Sight:
    """What this person would be answered at each door that shows something of the document; or one like them whom its shares name."""
    prepared = uow.once(("prepared", document.id), lambda: uow.renditions.latest(document.id) is not None)
    acts = [act for act in OF_DOCUMENT if prepared or act[1] is not Holds.RENDITION]
    ways: list[Way] = []
    for share in uow.once(("shares", document.id), lambda: list(uow.shares.of_document(document.id))):
        if share.recipient == subject.body:
            ways += _ways(uow, share.id, subject, OF_SHARE, named)
    ways += _ways(uow, document.id, subject, acts, named)
    return Sight(tuple(sorted(ways, key=lambda way: way.holds)))


def _ways(uow: UnitOfWork, thing: UUID, subject: Subject, acts: Iterable[tuple[Action, Holds, str]], named: bool) -> Iterator[Way]:
    for action, holds, words in acts:
        found = located(uow, subject, action, thing)
        answer = answer_to(uow, subject, action, replace(found, facts=as_named(found.facts)) if named else found)
        yield Way(action, holds, words, answer.allowed, answer.outcome is Outcome.ASKED, because(answer.rules))


def answer_to(uow: UnitOfWork, subject: Subject, action: Action, found: Located) -> Explanation:
    return explain(uow.parts.policies, subject, action, found.facts, uow.context(subject, recipient=found.recipient))


def as_named(facts: Facts) -> Facts:
    """The same share, as somebody meets it whom its terms name; anything else as it is."""
    if facts.type is not ResourceType.SHARE:
        return facts
    return replace(facts, attributes={**facts.attributes, "forOthersEyes": False})


def because(rules: Sequence[Rule]) -> tuple[Because, ...]:
    return tuple(Because(rule.id, rule.reason) for rule in rules) or (Because("", NO_RULE),)


def _colleagues(uow: UnitOfWork, permit: Permit, document: Document) -> list[RoleLines]:
    """Everybody of the originator, under the roles they hold; those who see most come first."""
    grouped: dict[frozenset[Role], dict[object, Line]] = {}
    for subject in askers_of(uow, document.originator):
        note = f"Cleared up to {subject.clearance.words}" if subject.active else "Account closed"
        sight = sight_of(uow, document, subject)
        line = grouped.setdefault(subject.roles, {}).setdefault(sight.shown, Line([], sight))
        line.who.append(Who(person_name(uow, permit, subject.id), note))
    for line in (line for lines in grouped.values() for line in lines.values()):
        line.who.sort(key=lambda who: who.name)
    return _most_first([RoleLines(role_words(roles), _by_sight(lines.values())) for roles, lines in grouped.items()])


def _roles(uow: UnitOfWork, document: Document, body: str) -> list[RoleLines]:
    """What each role of another body would be answered, clearance by clearance; equal answers are one line.

    If a share names persons: what they would be answered, apart from everybody else. Who they are nobody here knows.
    """
    eyes = any(Terms.from_text(share.terms).eyes for share in uow.shares.of_document(document.id) if share.recipient == body)
    found = []
    for role in Role:
        named = [line for line in _lines(uow, document, body, role, NAMED) if line.sight.holds] if eyes else []
        found.append(RoleLines(role.words, _by_sight(named + _lines(uow, document, body, role, NOT_NAMED if named else ""))))
    return _most_first(found)


#: Which persons of another body a line is about.
NAMED, NOT_NAMED = "Named in the terms", "Not named in the terms"


def _lines(uow: UnitOfWork, document: Document, body: str, role: Role, note: str) -> list[Line]:
    sights = [(level, sight_of(uow, document, somebody(body, frozenset({role}), level), named=note == NAMED)) for level in Level]
    runs = [list(run) for _, run in groupby(sights, key=lambda pair: pair[1].shown)]
    return [Line([Who(_range_words([level for level, _ in run]), note)], run[0][1]) for run in runs]


def _by_sight(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: -line.sight.holds)


def _most_first(groups: list[RoleLines]) -> list[RoleLines]:
    return sorted(groups, key=lambda group: (-max(line.sight.holds for line in group.lines), group.roles))


def role_words(roles: frozenset[Role]) -> str:
    return ", ".join(sorted(role.words for role in roles)) or "No role"


def _range_words(levels: Sequence[Level]) -> str:
    if len(levels) == len(Level):
        return "Whatever the clearance"
    if levels[-1] is max(Level) and len(levels) > 1:
        return f"Cleared up to {levels[0].words}, or higher"
    return " or ".join(f"Cleared up to {level.words}" if not index else level.words for index, level in enumerate(levels))
