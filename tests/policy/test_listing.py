"""A list holds exactly the rows that are permitted one by one."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from portal.kernel.actions import Action
from portal.kernel.errors import Denied
from portal.kernel.vocabulary import Role
from portal.policy.decide import decide
from portal.policy.listing import visible
from portal.policy.load import PolicySet
from tests.policy.drawing import CODES, PERSONS, SUBJECTS
from tests.policy.kept import DOCUMENTS, LISTED, SHARES, Kept, may, with_rules, worlds
from tests.policy.worlds import HERE, THERE, bodies, context, person, thing


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
