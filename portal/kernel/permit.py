"""Who asks, about what, and the proof that the policy said yes.

A `Permit` is made by `policy.decide` and by nothing else (an architecture test reads the syntax tree). Cases demand one and call
`must_cover`; a permit for one thing used on another is a programming error and stops the act.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from portal.kernel.actions import Action
from portal.kernel.vocabulary import Level, Role

#: What a person reads of an act for which no rule speaks.
NO_RULE = "Your role does not include this."


class ResourceType(StrEnum):
    """Cedar resource types. `Document` is the originator's view; recipients are only ever decided on `Share`."""

    BODY = "Body"
    DOCUMENT = "Document"
    PROPOSAL = "Proposal"
    SHARE = "Share"
    PERSON = "Person"
    REQUEST = "Request"
    LIFTING = "Lifting"
    HOLD = "Hold"
    SHREDDING = "Shredding"
    LOWERING = "Lowering"
    ARCHIVING = "Archiving"
    ACCOUNT = "Account"
    GRANT = "Grant"
    DEPUTY = "Deputy"
    POLICY_CHANGE = "PolicyChange"
    ONWARD = "Onward"


class Resource(Protocol):
    """Anything a permit can be about."""

    resource_type: ClassVar[ResourceType]

    @property
    def resource_id(self) -> str: ...


class Duty(StrEnum):
    """What a permit obliges the case to do before it may commit."""

    WATERMARK = "watermark"
    SECOND_PERSON = "second_person"
    STEP_UP = "step_up"  # a fresh second factor


@dataclass(frozen=True, slots=True)
class Subject:
    """A signed-in person as the policy sees them. `epoch` is `person.access_epoch` when they were read.

    `confirmed_at`: when they last showed a second factor in this session, None if they did not. `waits`: they hold a releasing role, but
    not yet for as long as `identity.approval_wait_hours`.
    """

    id: UUID
    body: str
    roles: frozenset[Role]
    clearance: Level
    active: bool
    epoch: int
    session: UUID
    name: str = ""
    confirmed_at: datetime | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """A Cedar entity: type and id."""

    type: str
    id: str


Value = bool | int | str | Ref | frozenset[Ref]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The resource as the policy sees it: flat attributes, each one column or one filtered association.

    `present` is False for the dummy that stands in for an absent id, so that absence is decided exactly like a refusal.
    `epoch` is the document's epoch when it was read, if the resource hangs on a document.
    `originator` is the body whose business this is.
    """

    type: ResourceType
    id: str
    attributes: Mapping[str, Value]
    originator: str
    present: bool = True
    document: UUID | None = None
    share: UUID | None = None
    epoch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """A decision in favour. Never build one outside `policy.decide`."""

    subject: Subject | None
    action: Action
    facts: Facts
    rules: tuple[str, ...]
    policy_hash: str
    duties: frozenset[Duty] = frozenset()

    @property
    def body(self) -> str:
        """The body whose keys this permit may use."""
        if self.subject is None:
            raise RuntimeError(f"an open permit ({self.action}) has no body and opens no key")
        return self.subject.body

    def must_cover(self, action: Action, target: Resource) -> None:
        """Stop unless this permit was given for exactly this action on exactly this resource."""
        if (self.action, self.facts.type, self.facts.id) != (action, target.resource_type, target.resource_id):
            raise RuntimeError(f"a permit for {self.action} on {self.facts.type} was used for {action} on {target.resource_type}")
