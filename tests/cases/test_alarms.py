"""Lists and the log when something is wrong: what the decision does not confirm is not shown, and it is told to whoever it belongs to."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import true

from portal.audit.record import Record
from portal.cases import facts, listing
from portal.kernel.events import Event
from tests.cases.subjects import subject_of
from tests.common.house import SYMBOL, House, shared
from tools.tour.sample import SAMORIA_TITLE

ALARM = ("alarm.raised", "done", "")


def everything(*_: Any, **__: Any) -> Any:
    return true()


def test_a_list_that_finds_more_than_the_decision_allows_hides_it_and_raises_an_alarm(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.guest("ada").register()
    monkeypatch.setattr(listing, "visible", everything)
    page = house.guest("omar").get("/documents")
    assert page.status_code == 200
    assert SYMBOL not in page.text
    assert ALARM in house.events()
    assert house.sql("select distinct originator from audit_event where event = 'alarm.raised'") == [("CTED",)]


def test_a_share_that_the_list_finds_and_the_decision_refuses_is_hidden_with_an_alarm(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared(house, withheld="")
    monkeypatch.setattr(listing, "visible", everything)
    page = house.guest("elena").get("/received")
    assert page.status_code == 200
    assert SYMBOL not in page.text
    assert ALARM in house.events()


def test_an_edited_share_is_missing_from_the_list_and_raises_an_alarm(house: House) -> None:
    shared(house, withheld="")
    house.sql("update share set symbol = 'EDITED'")
    page = house.guest("omar").get("/received")
    assert page.status_code == 200
    assert "EDITED" not in page.text
    assert ALARM in house.events()


def test_proposals_of_another_body_are_neither_found_nor_shown(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    assert SYMBOL not in house.guest("pedro").get("/approvals").text
    monkeypatch.setattr(listing, "visible", everything)
    page = house.guest("pedro").get("/approvals")
    assert page.status_code == 200
    assert SYMBOL not in page.text
    assert ALARM in house.events()


def test_a_share_is_found_by_its_symbol_for_its_recipient_only(house: House) -> None:
    shared(house, withheld="")
    with house.parts.read() as uow:
        assert uow.shares.of_symbol("OCT", SYMBOL, at=uow.at) is not None
        assert uow.shares.of_symbol("CTED", SYMBOL, at=uow.at) is None


def test_a_probe_reads_as_a_probe_in_the_originators_log(house: House) -> None:
    document = house.guest("ada").register()
    house.guest("omar").get(f"/documents/{document}")
    assert house.sql("select bodies from audit_event where event = 'document.read'") == [(",OCT,",)]
    assert "Asked for something of yours" in house.guest("farid").log()
    assert "Asked for something of yours" not in house.guest("rana").log()


def test_what_is_absent_is_decided_as_something_of_another_body_that_is_not_there(house: House) -> None:
    house.guest("ada")
    subject, nothing = subject_of(house, "ada"), uuid4()
    with house.parts.read() as uow:
        for located in (
            facts.document(uow, subject, document_id=nothing),
            facts.proposal(uow, subject, proposal_id=nothing),
            facts.share(uow, subject, share_id=nothing),
            facts.person(uow, subject, person_id=nothing),
        ):
            assert located.target is None
            assert not located.facts.present
            assert located.facts.originator == "OCT"


def test_a_probe_names_no_rule_for_rules_tell_the_level(house: House) -> None:
    document = house.guest("ada").register()
    house.sql("update document set level = 2")
    for name in (document, uuid4()):
        assert house.guest("pedro").propose(str(name)).status_code == 404
    assert house.sql("select distinct rules from audit_event where event = 'share.proposed'") == [("",)]


def test_a_refused_reader_is_for_the_log_of_their_own_body(house: House) -> None:
    document, share = shared(house, withheld="")
    house.guest("carla").withhold(document, "2")
    assert house.guest("omar").get(f"/received/{share}/pages/1").status_code == 403
    assert house.sql("select bodies from audit_event where event = 'share.page_read'") == [(",OCT,",)]


def test_the_symbol_of_anothers_document_is_not_in_the_log(house: House) -> None:
    document = UUID(house.guest("ada").register())
    with house.parts.write() as uow:
        uow.record(Record(event=Event.DOCUMENT_READ, document=document, bodies=frozenset({"CTED", "OCT"})))
        uow.session.commit()
    assert SYMBOL in house.guest("farid").get("/audit?event=document.read").text
    assert SYMBOL not in house.guest("rana").get("/audit?event=document.read").text


def test_the_log_cannot_be_searched_for_people_of_another_body(house: House) -> None:
    _, share = shared(house, withheld="")
    assert house.guest("omar").get(f"/received/{share}/pages/1").status_code == 200
    farid = house.guest("farid")
    for name in ("Omar", "officer of the"):
        assert "No event fits" in farid.get("/audit", query_string={"actor": name}).text
    assert "No event fits" not in farid.get("/audit", query_string={"actor": "Ada"}).text


def test_an_event_whose_words_were_changed_says_so_in_the_log(house: House) -> None:
    house.guest("ada").register()
    farid = house.guest("farid")
    assert "was changed" not in farid.log()
    house.sql("update audit_event set who = cast(substr(who, 1, length(who) - 1) || x'00' as blob) where event = 'document.registered'")
    assert "was changed" in farid.log()


NO_TEXT, WORDS = "cast(x'ff00fe' as text)", "'plain words'"


@pytest.mark.sqlite  # PostgreSQL's columns hold what their types hold
@pytest.mark.parametrize(
    ("column", "value"),
    [(name, value) for name in ("who", "address", "private_part") for value in (WORDS, NO_TEXT, "x''", "7")]
    + [(name, value) for name in ("id", "at", "actor", "session", "document", "detail") for value in (WORDS, NO_TEXT)]
    + [(name, NO_TEXT) for name in ("outcome", "code", "rules", "policy_hash")],
)
def test_an_event_overwritten_by_hand_is_shown_as_damaged_and_closes_no_other(house: House, column: str, value: str) -> None:
    house.guest("ada").register()
    farid = house.guest("farid")
    rows = farid.log().count('data-l="Act"')
    house.sql(f"update audit_event set {column} = {value} where event = 'document.registered'")
    page = farid.get("/audit")
    assert page.status_code == 200
    assert page.text.count('data-l="Act"') == rows + 1  # the reading just before is one more
    assert "Visit registered" in page.text
    assert "was changed" in page.text
    assert "Not in order" in page.text
    assert house.sql("select count(*), max(originator) from audit_event where event = 'alarm.raised'") == [(1, "CTED")]


def test_a_program_reads_no_more_of_a_refusal_than_the_public_sentence(house: House) -> None:
    document = house.guest("ada").register()
    reply = house.guest("omar").get(f"/documents/{document}", headers={"Accept": "application/json"})
    assert reply.get_json()["detail"] == "There is nothing here for you. Check the address, or go back to your list."
    assert SAMORIA_TITLE not in reply.text


def test_a_database_that_fails_closes_the_door_and_says_unavailable(house: House) -> None:
    ada = house.guest("ada")
    house.sql("alter table visit rename to visit_gone")
    reply = ada.get("/documents/new")
    assert reply.status_code == 503
    assert house.events()[-1] == ("form.opened", "failed", "unavailable")
