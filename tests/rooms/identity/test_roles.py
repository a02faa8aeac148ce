"""From groups to one body, roles and a clearance."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.identity.claims import SignInRefused
from portal.identity.roles import ConflictingRoles, NoRole, TwoBodies, membership
from portal.kernel.config import GroupEntry, ProviderEntry
from portal.kernel.vocabulary import CONTENT_ROLES, OVERSIGHT_ROLES, Level, Role
from tests.rooms.identity.conftest import ENTRIES, section


def provider(*entries: GroupEntry) -> ProviderEntry:
    return section("https://login.example", group=entries or ENTRIES)


def test_a_provider_makes_nobody_of_a_body_that_is_not_its_own() -> None:
    with pytest.raises(NoRole):
        membership({"oct-reviewers"}, replace(provider(), bodies=("CTED",)))


def test_groups_give_a_body_the_roles_and_the_highest_clearance() -> None:
    made = membership({"cted-uploaders", "cted-releasing", "canteen"}, provider())
    assert made.body == "CTED"
    assert made.roles == {Role.UPLOADER, Role.RELEASING_OFFICER}
    assert made.clearance is Level.STRICTLY_CONFIDENTIAL


def test_one_group_may_give_two_roles() -> None:
    entries = [GroupEntry(name="staff", body="OCT", role=role) for role in (Role.UPLOADER, Role.REVIEWER)]
    assert membership({"staff"}, provider(*entries)).roles == {Role.UPLOADER, Role.REVIEWER}


@pytest.mark.parametrize("groups", [set(), {"canteen"}, {"CTED-uploaders"}, {"cted-uploaders "}, {"uploaders"}])
def test_a_person_in_no_mapped_group_gets_in_nowhere(groups: set[str]) -> None:
    with pytest.raises(NoRole) as refused:
        membership(groups, provider())
    assert refused.value.code == "no_role"
    assert "security administrator" in refused.value.public


def test_a_person_in_groups_of_two_bodies_gets_in_nowhere() -> None:
    with pytest.raises(TwoBodies) as refused:
        membership({"cted-uploaders", "oct-reviewers"}, provider())
    assert refused.value.code == "two_bodies"
    assert "CTED and OCT" in refused.value.public


@pytest.mark.parametrize(("overseeing", "content"), [*itertools.product(sorted(OVERSIGHT_ROLES), sorted(CONTENT_ROLES))])
def test_nobody_oversees_and_sees_content(overseeing: Role, content: Role) -> None:
    groups = {entry.name for entry in ENTRIES if entry.body == "CTED" and entry.role in {overseeing, content}}
    with pytest.raises(ConflictingRoles) as refused:
        membership(groups, provider())
    assert refused.value.code == "conflicting_roles"
    assert overseeing.words.lower() in refused.value.public
    assert content.words.lower() in refused.value.public
    assert "sign-in service" in refused.value.public


def test_an_auditor_may_also_be_the_security_administrator() -> None:
    assert membership({"cted-auditors", "cted-security"}, provider()).roles == OVERSIGHT_ROLES


@settings(max_examples=100, deadline=None)
@given(st.sets(st.sampled_from([entry.name for entry in ENTRIES] + ["canteen", "x"])))
def test_whatever_the_groups_nobody_gets_more_than_they_say(groups: set[str]) -> None:
    mapped = [entry for entry in ENTRIES if entry.name in groups]
    try:
        made = membership(groups, provider())
    except SignInRefused:
        return
    assert {entry.body for entry in mapped} == {made.body}
    assert made.roles == {entry.role for entry in mapped}
    assert made.clearance in {entry.clearance for entry in mapped}
    assert all(made.clearance >= entry.clearance for entry in mapped)
    assert not (made.roles & CONTENT_ROLES and made.roles & OVERSIGHT_ROLES)
