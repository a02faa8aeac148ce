"""Situations that are made up: a person, an act, and a thing with each attribute that the schema gives it. The register is not read.

What can be said of a thing is derived from the schema; a situation begins as plain as the canaries' (`favourable`), and each value is
one of a list. So no address can name a person or a document, and none can be told from its answer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from portal.cases.askers import somebody
from portal.kernel.actions import Action
from portal.kernel.permit import Facts, Ref, ResourceType, Subject, Value
from portal.kernel.vocabulary import Level, Role, ShareState
from portal.policy.attributes import Schema, attributes_of
from portal.policy.canaries import ABOUT, THING
from portal.policy.engine import ADDRESSED, Context
from portal.policy.rehearsal import favourable

Chosen = Mapping[str, Sequence[str]]
Choices = Sequence[tuple[str, str]]

#: What an officer calls each attribute.
LABELS: Mapping[str, str] = {
    "account": "Whose account it is",
    "active": "Their account is open",
    "archived": "The document is archived",
    "archivedBy": "Archived by",
    "body": "Of the body",
    "closed": "The account is closed",
    "confirmed": "Confirmed by a second person",
    "consented": "Approved by",
    "consulting": "A State is being consulted",
    "coversAllRequests": "Leaves out all that requests name",
    "deposited": "Its file is there",
    "deputy": "The deputy",
    "downloadable": "Terms allow a watermarked copy",
    "embargoed": "Under embargo",
    "ended": "Over",
    "expired": "The time of its terms is over",
    "fetchable": "Terms allow the file itself",
    "forOthersEyes": "For named persons alone, and the person who asks is none of them",
    "held": "A legal hold lies on the document",
    "inForce": "Neither lifted nor narrowed",
    "leaves": "What is handed over stays there, as a file or on paper",
    "level": "Level",
    "live": "A share came of it, and is open",
    "mine": "An account of the same human",
    "open": "Not answered, and not over",
    "originator": "Originator",
    "owner": "Whose account it is",
    "past": "What is recorded went before its share was closed",
    "passedOn": "Passed on by another recipient",
    "pending": "A proposal to share it waits",
    "placedBy": "Placed by",
    "proposed": "Neither named nor over",
    "proposedBy": "Proposed by",
    "recipient": "Recipient",
    "recordedBy": "Recorded by",
    "requested": "A request of a State is in force on it",
    "shredded": "The document was shredded",
    "sourceOpen": "Its source, if any, is open",
    "state": "State",
    "waits": "Still waiting to release",
    "withheldFrom": "Withheld from",
}
YES_OR_NO: Choices = (("yes", "Yes"), ("no", "No"))
LEVELS: Choices = tuple((str(int(level)), level.words) for level in Level)
WHO: Choices = (("self", "The person who asks"), ("other", "Somebody else"))
STATES: Choices = ((ShareState.LIVE.value, "Open"), (ShareState.SUSPENDED.value, "Suspended or recalled"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to choose. `many`: any number of the choices, also none. `chosen`: what the plain situation has, or what was asked."""

    name: str
    label: str
    choices: Choices
    chosen: tuple[str, ...]
    many: bool = False

    def fault(self, given: Sequence[str]) -> str | None:
        known = {value for value, _ in self.choices}
        if not set(given) <= known or len(set(given)) != len(given):
            return f"{self.label}: that is none of the choices. Choose from the list."
        return None if self.many or len(given) == 1 else f"{self.label}: choose one from the list."


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What can be said of the person, and of the thing: nothing of one's own body, which has no attributes."""

    person: Sequence[Field]
    thing: Sequence[Field]

    @property
    def fields(self) -> list[Field]:
        return [*self.person, *self.thing]

    def given(self, chosen: Chosen) -> "Form":
        """The same form with what was chosen."""

        def filled(fields: Sequence[Field]) -> list[Field]:
            return [replace(field, chosen=tuple(chosen.get(field.name, ()))) for field in fields]

        return Form(person=filled(self.person), thing=filled(self.thing))

    def faults(self) -> dict[str, str]:
        found = ((field.name, field.fault(field.chosen)) for field in self.fields)
        return {name: fault for name, fault in found if fault is not None}


@dataclass(frozen=True, slots=True)
class Situation:
    subject: Subject
    action: Action
    facts: Facts
    context: Context


def form_of(schema: Schema, bodies: Choices, action: Action, body: str) -> Form:
    """Everything the rules may look at when somebody of this body does this, in the plain situation."""
    there = next(code for code, _ in bodies if code != body)
    me, facts, context = favourable(action, min(Role), Ref("Body", body), Ref("Body", there))
    person = [
        Field(name="role", label="Roles", choices=[(role.value, role.words) for role in Role], chosen=(), many=True),
        Field(name="clearance", label="Cleared up to", choices=LEVELS, chosen=(str(int(me.clearance)),)),
        Field(name="active", label=LABELS["active"], choices=YES_OR_NO, chosen=("yes",)),
        Field(name="waits", label=LABELS["waits"], choices=YES_OR_NO, chosen=("no",)),
        Field(name="confirmed", label="Has just used a second factor", choices=YES_OR_NO, chosen=("no",)),
    ]
    if action in ADDRESSED:
        person.append(Field(name="recipient", label="To share it with", choices=bodies, chosen=(context.recipient or there,)))
    return Form(person=person, thing=list(_thing_fields(schema, bodies, facts, str(me.id))))


def situation(schema: Schema, action: Action, body: str, chosen: Chosen, now: datetime) -> Situation:
    """What was made up, as the rules are asked about it. Only for what a form has no fault with."""
    roles = frozenset(map(Role, chosen["role"]))
    me = somebody(body, roles, Level(int(chosen["clearance"][0])))
    me = replace(me, active=chosen["active"] == ("yes",), waits=chosen["waits"] == ("yes",))
    kind = ABOUT[action]
    types = attributes_of(schema, kind)
    said = {name: _value(cedar, chosen[f"thing.{name}"], me, UUID(int=100 + at)) for at, (name, cedar) in enumerate(types.items())}
    account = said.pop("account", None)  # a person's is the user of the same id (policy/engine.py)
    thing = account.id if isinstance(account, Ref) else body if kind is ResourceType.BODY else str(THING)
    facts = Facts(type=kind, id=thing, attributes=said, originator=body)
    recipient = chosen["recipient"][0] if action in ADDRESSED else None
    return Situation(me, action, facts, Context(now=now, recipient=recipient, confirmed=chosen["confirmed"] == ("yes",)))


def _thing_fields(schema: Schema, bodies: Choices, facts: Facts, me: str) -> Iterator[Field]:
    choices: Mapping[str, Choices] = {
        "Bool": YES_OR_NO,
        "Long": LEVELS,
        "User": WHO,
        "ShareState": STATES,
        "Body": bodies,
        "Set<Body>": bodies,
    }
    plain = {"account": Ref("User", facts.id), **facts.attributes}
    for name, cedar in attributes_of(schema, facts.type).items():
        chosen = _words(plain[name], me)
        yield Field(name=f"thing.{name}", label=LABELS[name], choices=choices[cedar], chosen=chosen, many=cedar.startswith("Set"))


def _words(value: Value, me: str) -> tuple[str, ...]:
    """A fact as a form says it."""
    if isinstance(value, frozenset):
        return tuple(sorted(ref.id for ref in value))
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if isinstance(value, Ref) and value.type == "User":
        return ("self" if value.id == me else "other",)
    return (value.id if isinstance(value, Ref) else str(value),)


def _value(cedar: str, chosen: Sequence[str], me: Subject, somebody_else: UUID) -> Value:
    """What a form says, as a fact."""
    said: Mapping[str, Callable[[str], Value]] = {
        "Bool": lambda word: word == "yes",
        "Long": int,
        "User": lambda word: Ref("User", str(me.id if word == "self" else somebody_else)),
        "ShareState": lambda word: Ref("ShareState", word),
        "Body": lambda word: Ref("Body", word),
    }
    if cedar == "Set<Body>":
        return frozenset(Ref("Body", word) for word in chosen)
    return said[cedar](chosen[0])
