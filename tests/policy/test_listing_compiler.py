"""Rules made up to try the compiler of lists: what it takes means what Cedar means, and what SQL cannot say is refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import cedarpy
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine, select

from portal.kernel.actions import Action
from portal.kernel.permit import Facts
from portal.kernel.vocabulary import Level, Role
from portal.policy import engine as asking
from portal.policy.decide import Undecided
from portal.policy.listing import Unsupported, visible
from portal.policy.load import PolicySet
from tests.policy.drawing import PERSONS
from tests.policy.kept import DOCUMENTS, PEOPLE, with_rules, worlds
from tests.policy.worlds import HERE, NOON, THERE, context, person, thing


def afresh(policies: PolicySet) -> PolicySet:
    """The shipped rules, of which nothing was asked yet."""
    return replace(policies, engine=asking.Engine(policies.engine.schema, policies.engine.rules))


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
