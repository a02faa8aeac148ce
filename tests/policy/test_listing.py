"""A list holds exactly the rows that are permitted one by one; what SQL cannot say is refused."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import cedarpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, Engine, ForeignKey, Integer, MetaData, String, Table, Uuid, create_engine, insert, select
from sqlalchemy.pool import StaticPool

from portal.kernel.actions import OPEN_ACTIONS, Action
from portal.kernel.errors import Denied
from portal.kernel.permit import Facts, Ref, ResourceType, Subject
from portal.kernel.vocabulary import Level, Role
from portal.policy import engine as asking
from portal.policy.decide import Undecided, decide
from portal.policy.listing import ListingMap, Members, Unsupported, visible
from portal.policy.load import PolicySet
from tests.policy.test_oracle import ATTRIBUTES, CODES, PERSONS, SUBJECTS
from tests.policy.worlds import HERE, NOON, THERE, bodies, context, person, thing

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


@pytest.fixture(scope="module")
def database() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    METADATA.create_all(engine)
    return engine


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


@pytest.mark.parametrize(("kept", "action"), LISTED, ids=[action for _, action in LISTED])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_list_is_what_is_permitted_row_by_row(
    policies: PolicySet, database: Engine, kept: Kept, action: Action, data: st.DataObject
) -> None:
    things = data.draw(worlds(kept))
    able = [role for role in Role if may(policies, action, role)]
    subject = data.draw(SUBJECTS.map(lambda drawn: replace(drawn, roles=frozenset({able[0]}))) | SUBJECTS)
    recipient = data.draw(CODES)
    kept.keep(database, things)
    permitted = set()
    for facts in things:
        try:
            decide(policies, subject, action, facts, context(recipient))
            permitted.add(facts.id)
        except Denied:
            pass
    assert kept.listed(database, policies, subject, action, recipient) == permitted


def may(policies: PolicySet, action: Action, role: Role) -> bool:
    try:
        return bool(decide(policies, person(role), action, thing(action), context()))
    except Denied:
        return False


@pytest.mark.parametrize(("kept", "action"), LISTED, ids=[action for _, action in LISTED])
def test_a_list_is_not_always_empty(policies: PolicySet, database: Engine, kept: Kept, action: Action) -> None:
    """Or the comparison above would compare nothing with nothing."""
    facts = thing(action)
    kept.keep(database, [facts])
    able = [role for role in Role if may(policies, action, role)]
    assert [kept.listed(database, policies, person(role), action, THERE) for role in able] == [{facts.id}] * len(able)
    assert able


def test_of_two_permits_one_suffices(policies: PolicySet, database: Engine) -> None:
    extra = with_rules(
        policies, '@id("P90-x") permit (principal, action == Action::"document:read", resource) when { resource.level == 0 };'
    )
    facts = thing(Action.DOCUMENT_READ)
    DOCUMENTS.keep(database, [facts])
    assert DOCUMENTS.listed(database, extra, person(Role.REVIEWER), Action.DOCUMENT_READ, THERE) == {facts.id}


def test_who_may_see_nothing_asks_the_database_nothing(policies: PolicySet) -> None:
    where = visible(policies, person(Role.AUDITOR), Action.DOCUMENT_READ, context(), DOCUMENTS.map)
    assert str(where) == "false"


def test_an_unknown_value_hides_the_row(policies: PolicySet, database: Engine) -> None:
    """A NULL where none may be must neither permit nor fail to forbid."""
    for name in ("recipient", "level", "state", "coversAllRequests"):
        SHARES.keep(database, [replace(thing(Action.SHARE_READ), attributes={**thing(Action.SHARE_READ).attributes, name: None})])  # type: ignore[dict-item]
        assert SHARES.listed(database, policies, person(Role.REVIEWER), Action.SHARE_READ, THERE) == set()


# --- rules made up to try the compiler -----------------------------------------------------------------------------------------------


def afresh(policies: PolicySet) -> PolicySet:
    """The shipped rules, of which nothing was asked yet."""
    return replace(policies, engine=asking.Engine(policies.engine.schema, policies.engine.rules))


def with_rules(policies: PolicySet, text: str) -> PolicySet:
    """The shipped rules and some more."""
    return replace(policies, engine=asking.Engine(policies.engine.schema, policies.engine.rules.with_added_str(text)))


CONDITIONS = [
    "resource.level == 1 || resource.deposited",
    "!(resource.level != 1 && resource.deposited)",
    "1 < resource.level",
    "1 >= resource.level || 5 < resource.level",
    "1 <= resource.level",
    "resource.deposited == false",
    "resource.deposited && !(resource.withheldFrom.contains(principal.body))",
    "[Body::\"CTED\", Body::\"NONE\"].contains(resource.originator)",
    "resource.withheldFrom.contains(resource.originator)",
    "resource.withheldFrom.contains(User::\"CTED\")",
    "resource.originator == User::\"CTED\"",
    "resource has level && resource.level > 0",
    "resource is Document || resource is Share",
    "!(resource is Share) && resource.level > 1",
    "resource == Document::\"00000000-0000-0000-0000-0000000001f4\"",
    "resource != Document::\"00000000-0000-0000-0000-0000000001f4\"",
    "(resource.level > 0) && (true || resource.level > 9)",
    "resource.originator != principal.body || resource.level < 1",
]  # fmt: skip


@pytest.mark.parametrize("condition", CONDITIONS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(things=worlds(DOCUMENTS))
def test_whatever_is_compiled_means_what_cedar_means(policies: PolicySet, database: Engine, condition: str, things: list[Facts]) -> None:
    extra = with_rules(policies, f'@id("F90-x") forbid (principal, action == Action::"document:read", resource) when {{ {condition} }};')
    DOCUMENTS.keep(database, things)
    subject = person(Role.REVIEWER)
    permitted = {facts.id for facts in things if extra.engine.ask(subject, Action.DOCUMENT_READ, facts, context()).allowed}
    assert DOCUMENTS.listed(database, extra, subject, Action.DOCUMENT_READ, THERE) == permitted


@pytest.mark.parametrize(
    "condition",
    [
        "if resource.deposited then resource.level > 1 else resource.level > 0",
        "resource.level + 1 > 2",
        "resource.withheldFrom.containsAny([principal.body])",
        "resource.withheldFrom == [principal.body]",
        "resource.withheldFrom.isEmpty()",
        "resource.originator in principal.body",
        "[resource.originator, principal.body].contains(principal.body)",
        'resource == Document::"no uuid"',
    ],
)
def test_whatever_is_not_understood_is_refused(policies: PolicySet, condition: str) -> None:
    extra = with_rules(policies, f'@id("F90-x") forbid (principal, action == Action::"document:read", resource) when {{ {condition} }};')
    with pytest.raises(Unsupported):
        visible(extra, person(Role.REVIEWER), Action.DOCUMENT_READ, context(), DOCUMENTS.map)


@pytest.mark.parametrize("missing", ["originator", "level", "deposited", "withheldFrom"])
def test_an_attribute_without_a_column_is_refused(policies: PolicySet, missing: str) -> None:
    columns = {name: column for name, column in DOCUMENTS.map.columns.items() if name != missing}
    sets = {name: members for name, members in DOCUMENTS.map.sets.items() if name != missing}
    with pytest.raises(Unsupported):
        visible(policies, person(Role.UPLOADER), Action.SHARE_PROPOSE, context(), replace(DOCUMENTS.map, columns=columns, sets=sets))


def test_a_column_of_another_kind_is_refused(policies: PolicySet) -> None:
    columns = {**DOCUMENTS.map.columns, "originator": (DOCUMENTS.table.c.level, "Body")}
    with pytest.raises(Unsupported):
        visible(policies, person(Role.REVIEWER), Action.DOCUMENT_READ, context(), replace(DOCUMENTS.map, columns=columns))


def test_an_optional_attribute_may_be_missing(policies: PolicySet, database: Engine) -> None:
    optional = replace(DOCUMENTS.map, optional=frozenset({"level"}))
    extra = with_rules(
        policies, '@id("F90-x") forbid (principal, action, resource is Document) when { resource has level && resource.level > 1 };'
    )
    DOCUMENTS.keep(database, [replace(thing(Action.DOCUMENT_READ), attributes={**thing(Action.DOCUMENT_READ).attributes, "level": None})])  # type: ignore[dict-item]
    where = visible(extra, person(Role.REVIEWER), Action.DOCUMENT_READ, context(), optional)
    with database.connect() as connection:
        assert len(connection.scalars(select(DOCUMENTS.table.c.id).where(where)).all()) == 1


def test_an_id_that_is_not_plain_is_refused(policies: PolicySet) -> None:
    class Odd:
        def __str__(self) -> str:
            return 'x", "parents": ["'

    subject = replace(person(Role.REVIEWER), id=Odd())  # type: ignore[arg-type]
    with pytest.raises(Undecided, match="partial"):
        visible(policies, subject, Action.DOCUMENT_READ, context(), DOCUMENTS.map)


def test_a_list_for_an_action_that_the_rules_do_not_decide_is_refused(policies: PolicySet) -> None:
    with pytest.raises(Undecided, match="should not exist according to the schema"):
        visible(policies, person(Role.REVIEWER), Action.HEALTH_READ, context(), DOCUMENTS.map)


def test_a_rule_that_does_not_come_back_is_missed(policies: PolicySet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Partial evaluation is experimental: a forbid that it loses must not become a longer list."""
    partly = cedarpy.is_authorized_partial

    def forgetful(*asked: Any) -> cedarpy.PartialAuthzResult:
        answer = partly(*asked)
        answer.residuals.popitem()
        return answer

    monkeypatch.setattr(cedarpy, "is_authorized_partial", forgetful)
    with pytest.raises(Undecided, match=f"{len(policies.rules) - 1} of {len(policies.rules)} rules"):
        visible(afresh(policies), person(Role.REVIEWER), Action.DOCUMENT_READ, context(), DOCUMENTS.map)


def test_a_rule_that_comes_back_unsettled_is_refused(policies: PolicySet, monkeypatch: pytest.MonkeyPatch) -> None:
    partly = cedarpy.is_authorized_partial

    def scoped(*asked: Any) -> cedarpy.PartialAuthzResult:
        answer = partly(*asked)
        answer.residuals["policy0"]["principal"] = {"op": "in", "entity": {"type": "Role", "id": "auditor"}}
        return answer

    monkeypatch.setattr(cedarpy, "is_authorized_partial", scoped)
    with pytest.raises(Unsupported, match="not settled"):
        visible(afresh(policies), person(Role.REVIEWER), Action.DOCUMENT_READ, context(), DOCUMENTS.map)


def test_what_is_left_of_the_rules_is_remembered_for_the_same_question_only(policies: PolicySet, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, asked = afresh(policies), []
    partly = cedarpy.is_authorized_partial
    monkeypatch.setattr(cedarpy, "is_authorized_partial", lambda *given: asked.append(given) or partly(*given))
    plain = person(Role.REVIEWER)
    later = replace(context(), now=NOON + timedelta(days=1))
    for subject, action, when in (
        (plain, Action.SHARE_READ, context()),
        (replace(plain, id=PERSONS[1]), Action.SHARE_READ, context()),
        (replace(plain, body=THERE), Action.SHARE_READ, context()),
        (replace(plain, roles=frozenset({Role.UPLOADER})), Action.SHARE_READ, context()),
        (replace(plain, clearance=Level.UNCLASSIFIED), Action.SHARE_READ, context()),
        (replace(plain, active=False), Action.SHARE_READ, context()),
        (plain, Action.SHARE_KNOW, context()),
        (plain, Action.SHARE_READ, context(confirmed=False)),
        (plain, Action.SHARE_PROPOSE, context(HERE)),
        (plain, Action.SHARE_PROPOSE, context(THERE)),
    ):
        before = len(asked)
        assert rules.engine.remainders(subject, action, when) == rules.engine.remainders(
            subject, action, later if when == context() else when
        )
        assert len(asked) == before + 1, (subject, action, when)


def test_nothing_is_remembered_where_a_rule_reads_the_time(policies: PolicySet, database: Engine) -> None:
    until = 'unless { context.now < datetime("2026-11-24T13:00:00Z") }'
    extra = with_rules(policies, f'@id("F90-x") forbid (principal, action == Action::"document:read", resource) {until};')
    DOCUMENTS.keep(database, [thing(Action.DOCUMENT_READ)])
    for hour, rows in ((0, 1), (1, 0), (0, 1)):
        where = visible(
            extra, person(Role.REVIEWER), Action.DOCUMENT_READ, replace(context(), now=NOON + timedelta(hours=hour)), DOCUMENTS.map
        )
        with database.connect() as connection:
            assert len(connection.scalars(select(DOCUMENTS.table.c.id).where(where)).all()) == rows


def test_an_attribute_of_an_attribute_is_refused(policies: PolicySet) -> None:
    """The account's body is not the column `body` of the row."""
    extra = with_rules(
        policies, '@id("F90-x") forbid (principal, action, resource is Person) when { resource.account.body == resource.body };'
    )
    with pytest.raises(Unsupported, match="attribute of an attribute"):
        visible(extra, person(Role.SECURITY_ADMINISTRATOR), Action.PERSON_CLOSE, context(), PEOPLE.map)


def test_an_unknown_value_beside_a_known_one_hides_the_row(policies: PolicySet, database: Engine) -> None:
    """SQL would say: unknown and false is false, so nothing forbids."""
    both = "resource.level == 1 && resource.deposited"
    extra = with_rules(policies, f'@id("F90-x") forbid (principal, action == Action::"document:read", resource) when {{ {both} }};')
    facts = thing(Action.DOCUMENT_READ, deposited=False, level=None)
    DOCUMENTS.keep(database, [facts])
    assert DOCUMENTS.listed(database, extra, person(Role.REVIEWER), Action.DOCUMENT_READ, THERE) == set()


def test_a_list_that_joins_the_association_itself_asks_the_same(policies: PolicySet, database: Engine) -> None:
    facts = [thing(Action.SHARE_PROPOSE), thing(Action.SHARE_PROPOSE, called=str(PERSONS[0]), withheldFrom=bodies(THERE, HERE))]
    DOCUMENTS.keep(database, facts)
    where = visible(policies, person(Role.UPLOADER), Action.SHARE_PROPOSE, context(), DOCUMENTS.map)
    joined = select(DOCUMENTS.table.c.id).outerjoin_from(DOCUMENTS.table, DOCUMENTS.members).where(where)
    with database.connect() as connection:
        assert [str(row) for row in connection.scalars(joined)] == [facts[0].id]


def test_a_body_with_an_odd_code_reaches_the_database_as_a_parameter(policies: PolicySet, database: Engine) -> None:
    odd = "CTED' OR '1'='1"
    DOCUMENTS.keep(database, [thing(Action.DOCUMENT_READ)])
    assert DOCUMENTS.listed(database, policies, person(Role.REVIEWER, body=odd), Action.DOCUMENT_READ, THERE) == set()
