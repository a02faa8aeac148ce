"""Somebody edits the database, without the keys: rows taken away, put back, moved or changed open nothing."""

from uuid import UUID

import pytest

from portal.cases.standing import requests_in_force
from portal.kernel.errors import Tampered
from tests.common.house import Guest, House, proposal_of, shared
from tools.tour.sample import SAMORIA_TITLE


def page(house: House, share: str, number: int, login: str = "omar"):  # type: ignore[no-untyped-def]
    return house.guest(login).get(f"/received/{share}/pages/{number}")


def release(house: House, document: str) -> bool:
    """Two honest officers prepare, propose and approve; did the document get across?"""
    ada = house.guest("ada")
    if ada.prepare(document).status_code != 302 or ada.propose(document).status_code != 302:
        return False
    return house.guest("dana").approve(proposal_of(house)).status_code == 302


@pytest.mark.parametrize(
    ("hide", "restore"),
    [
        ("insert into closure select randomblob(16), id, 'x', id, 0 from share", "delete from closure"),
        ("update share set document_id = id", "update share set document_id = (select document_id from proposal)"),
        ("update share set recipient = 'CTED'", "update share set recipient = 'OCT'"),
    ],
)
def test_a_share_hidden_while_a_request_is_recorded_does_not_open_afterwards(house: House, hide: str, restore: str) -> None:
    document, share = shared(house)
    house.sql(hide)
    house.guest("carla").withhold(document, "2")
    house.sql(restore)
    assert page(house, share, 2).status_code != 200


def test_a_wrap_hidden_while_a_request_is_recorded_does_not_open_afterwards(house: House) -> None:
    document, share = shared(house)
    saved = house.sql("select * from key_wrap where body = 'OCT'")[0]
    house.sql("delete from key_wrap where body = 'OCT'")
    house.guest("carla").withhold(document, "2")
    house.sql(f"insert into key_wrap values ({','.join('?' * len(saved))})", *saved)
    house.sql("delete from closure")
    house.sql("update share set covers_all_requests = 1")
    assert page(house, share, 2).status_code != 200


@pytest.mark.parametrize(
    "edit",
    [
        "update request set scope = 'pages'",
        "update request set withheld_from = 'XYZ'",
        "update request set words = x'00'",
        "update request set document_id = id",
        "delete from request",
    ],
)
def test_an_edited_or_deleted_request_stops_the_release(house: House, edit: str) -> None:
    document = house.guest("ada").deposit()
    house.guest("carla").withhold(document)
    house.sql(edit)
    assert not release(house, document)
    assert house.sql("select count(*) from key_wrap where body = 'OCT'") == [(0,)]


def test_a_document_row_from_before_the_request_opens_nothing(house: House) -> None:
    """The whole database from yesterday would look just as consistent; the floors outside it do not."""
    document = house.guest("ada").deposit()
    before = house.sql("select epoch, requests_mac from document")[0]
    house.guest("carla").withhold(document)
    house.sql("delete from request")
    house.sql("update document set epoch = ?, requests_mac = ?", *before)
    assert not release(house, document)
    assert ("rendition.built", "failed", "behind") in house.events()


def test_an_act_that_was_broken_off_after_raising_the_floor_is_mended_by_recording_the_request_again(house: House) -> None:
    document = house.guest("ada").deposit()
    house.parts.holder.raise_floor(UUID(document), "OCT")  # and then the power failed, before the commit
    assert not release(house, document)
    assert house.guest("carla").withhold(document, "3").status_code == 302
    assert release(house, document)
    share = str(UUID(house.sql("select id from share")[0][0]))
    assert page(house, share, 1).status_code == 200


@pytest.mark.parametrize(
    "edit", ["update rendition set epoch = 1", "update rendition set covers = '{request}'", "update rendition set audience = 'CTED'"]
)
def test_an_edited_rendition_is_neither_proposed_nor_read(house: House, edit: str) -> None:
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    house.guest("carla").withhold(document, "2")
    request = str(UUID(house.sql("select id from request")[0][0]))
    house.sql("update rendition set epoch = 1, covers = ?", request)
    house.sql(edit.format(request=request))
    assert ada.propose(document).status_code in {409, 500}
    assert house.sql("select count(*) from proposal") == [(0,)]


def test_a_suspended_share_shows_no_title_even_if_its_closure_row_is_deleted(house: House) -> None:
    document, _ = shared(house)
    house.guest("carla").withhold(document)
    house.sql("delete from closure")
    house.sql("update share set covers_all_requests = 1")
    assert SAMORIA_TITLE not in house.guest("omar").get("/received").text


def test_a_person_moved_to_the_other_body_is_nobody(house: House) -> None:
    document, _ = shared(house)
    omar = house.guest("omar")
    house.sql("update person set body = 'CTED', roles = 'reviewer,releasing_officer,uploader' where sub = 'person-omar'")
    assert omar.get(f"/documents/{document}").status_code == 401
    assert ("alarm.raised", "done", "") in house.events()


def test_one_human_cannot_become_the_second_person_by_moving_their_name(house: House) -> None:
    house.guest("dana")
    ada = house.guest("ada")
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    house.sql("update person set sub = 'x' where sub = 'person-ada'")
    house.sql("update person set sub = 'person-ada' where sub = 'person-dana'")
    second = Guest(house, "ada")
    second.sign_in()
    assert second.approve(proposal_of(house)).status_code in {401, 403}
    assert house.sql("select count(*) from share") == [(0,)]


def test_a_closed_account_is_not_reopened_by_an_edit(house: House) -> None:
    omar, sven = house.guest("omar"), house.guest("sven")
    person = str(UUID(house.sql("select id from person where sub = 'person-omar'")[0][0]))
    sven.post(f"/people/{person}/close")
    house.sql("update person set closed_at = null")
    house.sql("update session set revoked_at = null")
    assert omar.get("/received").status_code == 401


def test_a_session_given_to_another_token_or_person_is_nobodys(house: House) -> None:
    omar, dana = house.guest("omar"), house.guest("dana")
    hers = house.sql("select token_hash from session s join person p on p.id = s.person_id where p.sub = 'person-dana'")[0][0]
    house.sql("update session set token_hash = x'00' where token_hash = ?", hers)
    house.sql("update session set token_hash = ? where person_id = (select id from person where sub = 'person-omar')", hers)
    assert dana.get("/received").status_code == 401
    house.sql("update session set person_id = (select id from person where sub = 'person-dana')")
    assert omar.get("/approvals").status_code == 401


def test_a_damaged_session_row_is_an_alarm_and_no_page_of_errors(house: House) -> None:
    omar = house.guest("omar")
    house.sql("update session set data = x'00'")
    reply = omar.get("/received")
    assert reply.status_code == 401
    assert "Content-Security-Policy" in reply.headers
    assert ("alarm.raised", "done", "") in house.events()


def test_a_damaged_row_looks_like_absence_to_a_body_it_does_not_concern(house: House) -> None:
    document, share = shared(house)
    proposal = proposal_of(house)
    for change in ("update share set mac = x'00'", "update proposal set mac = x'00'", "update document set requests_mac = x'00'"):
        house.sql(change)
    assert house.guest("elena").get(f"/received/{share}").status_code == 500  # the originator may know
    omar = house.guest("omar")
    assert omar.get(f"/documents/{document}").status_code == 404
    assert omar.post(f"/approvals/{proposal}/decline").status_code == 404


def test_the_originators_auditor_reads_of_an_alarm_the_other_body_met(house: House) -> None:
    _, share = shared(house)
    house.sql("update document set level = 0")
    assert page(house, share, 1).status_code == 500
    assert "label_mismatch" in house.guest("farid").log()


def test_requests_are_checked_before_anything_is_sealed_over_them(house: House) -> None:
    document = house.guest("ada").deposit()
    house.guest("carla").withhold(document, "2")
    house.sql("update request set withheld_from = 'XYZ'")
    assert house.guest("carla").withhold(document, "3").status_code == 500
    with house.parts.read() as uow:
        row = uow.documents.get(UUID(document))
        assert row is not None
        with pytest.raises(Tampered):
            requests_in_force(uow, row.id, row)


def test_a_key_and_a_share_put_back_after_a_recall_are_refused_with_an_alarm(house: House) -> None:
    """Every row as it was before the recall, but for the document: its key lies under the floor, which no honest row explains."""
    document, share = shared(house)
    row = house.sql("select * from key_wrap where body = 'OCT'")[0]
    assert house.guest("dana").recall(document, proposal_of(house)).status_code == 302
    house.sql(f"insert into key_wrap values ({','.join('?' * len(row))})", *row)
    house.sql("delete from closure")
    assert page(house, share, 1).status_code == 500
    assert house.events()[-1] == ("share.page_read", "failed", "tampered")


def test_a_recall_that_was_broken_off_looks_like_absence_and_is_no_alarm(house: House) -> None:
    document, share = shared(house)
    house.parts.holder.raise_floor(UUID(document), "OCT")
    assert page(house, share, 1).status_code in {403, 404}
    assert house.events()[-1][1] == "refused"
