"""Filters of the log that an auditor keeps: each person's own, sealed for their body, and no more than a way back to a search."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest

from portal.cases.facts import BodyTarget
from portal.cases.keep_filter import kept_filters
from tests.common.house import DIRECTORATE, OFFICE, Cast, Guest, House
from tests.rooms.audit.stage import auditor

GIVEN = {"document": "CTED/2026/XSM/3", "state": "XSM", "since": "2026-11-01", "from": "20:00"}
BOTH = pytest.mark.parametrize("cast", [DIRECTORATE, OFFICE], ids=["of the Directorate", "of the Office"])


def keep(guest: Guest, name: str = "Samoria at night", **given: str) -> int:
    guest.house.clock.advance(timedelta(seconds=1))
    return guest.post("/audit/filters", {"name": name, **(given or GIVEN)}).status_code


def kept(guest: Guest) -> dict[str, str]:
    """Name to address."""
    found = re.search(r'<ul class="p-kept-list".*?</ul>', guest.log(), flags=re.S)
    return {unescape(name): unescape(href) for href, name in re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', found[0])} if found else {}


def ids(house: House) -> list[str]:
    return [row for (row,) in house.sql("select id from saved_filter order by kept_at")]


@BOTH
def test_a_filter_is_kept_found_again_and_removed_with_one_event_each(house: House, cast: Cast) -> None:
    auditor = house.guest(cast.auditor)
    before = len(house.events())
    assert keep(auditor) == 302
    assert house.events()[before:] == [("audit.filter_kept", "done", "")]
    (href,) = kept(auditor).values()
    page = auditor.get(href)
    assert page.status_code == 200
    for name, value in GIVEN.items():
        assert f'name="{name}" value="{value}"' in page.text or f'name="{name}" type="time" value="{value}"' in page.text, name
    before = len(house.events())
    assert auditor.post(f"/audit/filters/{_uuid(ids(house)[0])}/remove").status_code == 302
    assert house.events()[before:] == [("audit.filter_removed", "done", "")]
    assert kept(auditor) == {}


@BOTH
def test_a_filter_is_its_own_persons_only(house: House, cast: Cast) -> None:
    keep(house.guest(cast.auditor))
    where = f"/audit/filters/{_uuid(ids(house)[0])}/remove"
    theirs = house.guest(cast.other_auditor)
    assert kept(theirs) == {}
    absent = theirs.post(f"/audit/filters/{'0' * 8}-0000-4000-8000-{'0' * 12}/remove")
    refused = theirs.post(where)
    assert refused.status_code == absent.status_code == 404
    assert refused.data == absent.data
    assert len(ids(house)) == 1
    for login in (cast.confidentiality, cast.releasing, cast.reader):
        assert keep(house.guest(login)) == 403
        assert house.guest(login).post(where).status_code == 403
    assert len(ids(house)) == 1


def test_a_colleague_who_is_an_auditor_too_neither_sees_nor_removes_it(house: House) -> None:
    keep(house.guest("farid"))
    house.guest("rana")
    house.sql("update saved_filter set person_id = (select id from person where sub = 'person-rana')")  # as if of a colleague
    assert kept(house.guest("farid")) == {}
    assert house.guest("farid").post(f"/audit/filters/{_uuid(ids(house)[0])}/remove").status_code == 404
    assert kept(house.guest("rana")) == {}  # it is of another body
    house.sql("update saved_filter set body = 'OCT'")
    assert "it was changed" in house.guest("rana").log()


def test_a_filter_that_was_given_to_a_colleague_is_not_theirs(house: House) -> None:
    keep(house.guest("farid"))
    house.guest("greta")
    ((greta,),) = house.sql("select id from person where sub = 'person-greta'")
    house.sql("update saved_filter set person_id = ?", greta)
    permit = auditor("CTED")
    assert permit.subject is not None
    permit = replace(permit, subject=replace(permit.subject, id=UUID(str(greta))))
    with house.parts.read() as uow:
        assert [one.readable for one in kept_filters(uow, permit, BodyTarget("CTED"))] == [False]


def test_no_word_of_a_filter_stands_in_clear_or_in_an_event(house: House) -> None:
    keep(house.guest("farid"), "Samoria at night", document="CTED/2026/XSM/77", actor="Lindqvist")
    house.parts.database.close()
    everything = b"".join(house.everything_at_rest().values())
    for word in (b"Samoria at night", b"XSM/77"):
        assert word not in everything, word
    ((detail,),) = house.sql("select detail from audit_event where event = 'audit.filter_kept'")
    assert '"narrowed":["document","actor"]' in detail


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("", GIVEN, "Give it a name"),
        ("x" * 61, GIVEN, "at most 60 characters"),
        ("a\u202eb", GIVEN, "Take out control characters"),
        ("SAMORIA AT NIGHT", GIVEN, "You have a filter of this name"),
        ("Other", {"before": "1.1"}, "No filter is set"),
        ("Other", {"since": "yesterday"}, "Give a date"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_lost(house: House, name: str, given: dict[str, str], told: str) -> None:
    auditor = house.guest("farid")
    keep(auditor)
    page = auditor.post("/audit/filters", {"name": name, **given})
    assert page.status_code == 422
    assert told in page.text
    assert len(ids(house)) == 1


def test_a_person_keeps_twenty_and_no_more(house: House) -> None:
    auditor = house.guest("farid")
    for number in range(20):
        assert keep(auditor, f"Filter {number}") == 302
    assert "no more are taken" in auditor.post("/audit/filters", {"name": "One more", **GIVEN}).text
    assert len(ids(house)) == 20
    assert keep(house.guest("rana")) == 302  # of somebody else it is the first


def test_a_row_that_was_changed_closes_no_page_and_can_be_removed(house: House) -> None:
    auditor = house.guest("farid")
    keep(auditor)
    keep(auditor, "Another")
    first, second = ids(house)
    house.sql("update saved_filter set name = (select name from saved_filter where id = ?) where id = ?", second, first)
    page = auditor.log()
    assert "it was changed" in page
    assert ("alarm.raised", "done", "") in house.events()
    assert list(kept(auditor)) == ["Another"]
    assert auditor.post(f"/audit/filters/{_uuid(first)}/remove").status_code == 302


def test_with_the_account_the_filters_go(house: House) -> None:
    keep(house.guest("farid"))
    ((person,),) = house.sql("select id from person where sub = 'person-farid'")
    assert house.guest("greta").post(f"/people/{_uuid(person)}/close").status_code == 302
    assert ids(house) == []


def _uuid(value: object) -> str:
    return str(UUID(str(value)))
