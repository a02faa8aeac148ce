"""Every kind of thing the rules decide about, kept in tables of its own, to be listed."""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Engine, ForeignKey, Integer, MetaData, String, Table, Uuid, insert, select

from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.errors import Denied
from portal.kernel.permit import Facts, Ref, ResourceType, Subject
from portal.kernel.vocabulary import Role
from portal.policy import engine as asking
from portal.policy.decide import decide
from portal.policy.listing import ListingMap, Members, visible
from portal.policy.load import PolicySet
from tests.policy.drawing import ATTRIBUTES, CODES, PERSONS
from tests.policy.worlds import context, person, thing

METADATA = MetaData()
BY = ("proposedBy", "placedBy", "archivedBy", "account", "recordedBy", "deputy", "owner")
SORTS = dict.fromkeys(("originator", "recipient", "body"), "Body") | dict.fromkeys(BY, "User")
SORTS |= {"state": "ShareState"}
FLAGS = ("deposited", "coversAllRequests", "open", "live", "downloadable", "fetchable", "expired", "held", "shredded", "consulting")
FLAGS += (
    "requested",
    "pending",
    "archived",
    "leaves",
    "past",
    "mine",
    "proposed",
    "ended",
    "sourceOpen",
    "passedOn",
    "embargoed",
    "forOthersEyes",
    "closed",
    "confirmed",
    "inForce",
)
KEPT: dict[str, Any] = {"level": Integer} | dict.fromkeys(BY, Uuid) | dict.fromkeys(FLAGS, Boolean)


@dataclass(frozen=True)
class Kept:
    """A kind of thing, kept in tables of its own."""

    kind: ResourceType
    action: Action
    table: Table = field(init=False)
    members: Table = field(init=False)

    def __post_init__(self) -> None:
        names = [name for name, value in thing(self.action).attributes.items() if not isinstance(value, frozenset)]
        columns = [Column(name, KEPT.get(name, String)()) for name in names]
        key = String(16) if self.kind is ResourceType.BODY else Uuid()
        object.__setattr__(self, "table", Table(self.kind.lower(), METADATA, Column("id", key, primary_key=True), *columns))
        owner = Column("owner", key, ForeignKey(f"{self.kind.lower()}.id"))
        object.__setattr__(self, "members", Table(f"{self.kind.lower()}_members", METADATA, owner, Column("body", String(16))))

    @property
    def map(self) -> ListingMap:
        columns: dict[str, tuple[Any, str | None]] = {c.name: (c, SORTS.get(c.name)) for c in self.table.columns if c.name != "id"}
        if self.kind is ResourceType.PERSON:
            columns["account"] = (self.table.c.id, "User")
        sets = [name for name, value in thing(self.action).attributes.items() if isinstance(value, frozenset)]
        members = Members(self.members.c.owner, self.members.c.body, "Body")
        return ListingMap(resource_type=self.kind, pk=self.table.c.id, columns=columns, sets=dict.fromkeys(sets, members))

    def key(self, facts: Facts) -> UUID | str:
        return facts.id if self.kind is ResourceType.BODY else UUID(facts.id)

    def keep(self, database: Engine, things: list[Facts]) -> None:
        rows, members = [], []
        for facts in things:
            row: dict[str, Any] = {"id": self.key(facts)}
            for name, value in facts.attributes.items():
                if isinstance(value, frozenset):
                    members += [{"owner": self.key(facts), "body": member.id} for member in value]
                elif isinstance(value, Ref):
                    row[name] = UUID(value.id) if value.type == "User" else value.id
                else:
                    row[name] = value
            rows.append(row)
        with database.begin() as connection:
            connection.execute(self.members.delete())
            connection.execute(self.table.delete())
            for table, given_rows in ((self.table, rows), (self.members, members)):
                if given_rows:
                    connection.execute(insert(table), given_rows)

    def listed(
        self, database: Engine, policies: PolicySet, subject: Subject, action: Action, recipient: str, *, confirmed: bool = True
    ) -> set[str]:
        where = visible(policies, subject, action, context(recipient, confirmed=confirmed), self.map)
        with database.connect() as connection:
            return {str(row) for row in connection.scalars(select(self.table.c.id).where(where))}


DOCUMENTS = Kept(ResourceType.DOCUMENT, Action.DOCUMENT_READ)
PROPOSALS = Kept(ResourceType.PROPOSAL, Action.SHARE_APPROVE)
SHARES = Kept(ResourceType.SHARE, Action.SHARE_KNOW)
HOLDS = Kept(ResourceType.HOLD, Action.DOCUMENT_LIFT_HOLD)
SHREDDINGS = Kept(ResourceType.SHREDDING, Action.DOCUMENT_SHRED)
LOWERINGS = Kept(ResourceType.LOWERING, Action.DOCUMENT_LOWER)
ARCHIVINGS = Kept(ResourceType.ARCHIVING, Action.DOCUMENT_UNARCHIVE)
REQUESTS = Kept(ResourceType.REQUEST, Action.REQUEST_CONFIRM)
LIFTINGS = Kept(ResourceType.LIFTING, Action.REQUEST_LIFT)
DEPUTIES = Kept(ResourceType.DEPUTY, Action.DEPUTY_NAME)
ONWARD = Kept(ResourceType.ONWARD, Action.ONWARD_CONSENT)
PEOPLE = Kept(ResourceType.PERSON, Action.PERSON_CLOSE)
KINDS = (
    *(DOCUMENTS, PROPOSALS, SHARES, HOLDS, SHREDDINGS, LOWERINGS, ARCHIVINGS, DEPUTIES, ONWARD, PEOPLE, REQUESTS, LIFTINGS),
    Kept(ResourceType.ACCOUNT, Action.ACCOUNT_GRANT),
    Kept(ResourceType.GRANT, Action.ACCOUNT_CONFIRM),
    Kept(ResourceType.POLICY_CHANGE, Action.POLICY_APPROVE),
    Kept(ResourceType.BODY, Action.HOME_READ),
)
#: Every action that the rules decide, of whatever it is about.
LISTED = [(kept, action) for kept in KINDS for action in Action if action not in OPEN_ACTIONS and thing(action).type is kept.kind]


@st.composite
def worlds(draw: st.DrawFn, kept: Kept) -> list[Facts]:
    """Up to eight things, each with values of its own; some have the id of a person."""
    known = CODES if kept.kind is ResourceType.BODY else st.sampled_from([*PERSONS, *map(UUID, [f"{n:032x}" for n in range(500, 506)])])
    ids = draw(st.lists(known, min_size=1, max_size=8, unique=True))
    names = sorted(thing(kept.action).attributes)
    things = []
    for one in ids:
        changes: dict[str, Any] = {name: draw(ATTRIBUTES[name]) for name in names}
        things.append(thing(kept.action, called=str(one), **changes))
    return things


def may(policies: PolicySet, action: Action, role: Role) -> bool:
    try:
        return bool(decide(policies, person(role), action, thing(action), context()))
    except Denied:
        return False


def with_rules(policies: PolicySet, text: str) -> PolicySet:
    """The shipped rules and some more."""
    return replace(policies, engine=asking.Engine(policies.engine.schema, policies.engine.rules.with_added_str(text)))
