"""The exchange, act by act and in both directions: what crosses, what stays, and what one person cannot do alone."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from portal.cases.standing import seal_requests
from portal.confidentiality.render.notice import NOTICE
from tests.common import directions
from tests.common.house import House, proposal_of, shared
from tests.common.slips import VELLAND
from tools.tour.sample import SAMORIA_TITLE, VELLAND_TITLE

house = directions.house


def page(house: House, share: str, number: int, login: str = ""):  # type: ignore[no-untyped-def]
    return house.guest(login or house.cast.reader).get(f"/received/{share}/pages/{number}")


def test_the_reviewer_reads_exactly_what_was_shared(house: House) -> None:
    _, share = shared(house, withheld="3")
    texts = [page(house, share, number) for number in (1, 2, 3, 4)]
    assert [reply.status_code for reply in texts] == [200] * 4
    assert "ministries of justice" in texts[0].text
    assert NOTICE in texts[2].text
    for reply in texts:
        assert "HERON" not in reply.text
        assert "Kestrel" not in reply.text
    assert page(house, share, 5).status_code == 404
    assert page(house, share, 0).status_code == 404


def test_the_other_body_has_no_key_of_the_original_nor_of_the_pdf(house: House) -> None:
    shared(house)
    wraps = house.sql(
        "select w.body, v.id is not null, r1.id is not null, r2.id is not null from key_wrap w "
        "left join version v on w.object_id in (v.object_id, v.passages_object_id) "
        "left join rendition r1 on r1.pdf_object_id = w.object_id left join rendition r2 on r2.pack_object_id = w.object_id"
    )
    mine, theirs = house.cast.body, house.cast.other
    assert sorted(wraps) == sorted([(mine, 0, 0, 1), (mine, 0, 1, 0), (mine, 1, 0, 0), (mine, 1, 0, 0), (theirs, 0, 0, 1)])


def test_a_wholly_withheld_document_leaves_no_trace_for_the_other_body(house: House) -> None:
    ada, omar = house.guest(house.cast.uploader), house.guest(house.cast.reader)
    empty = omar.get("/received")
    document = ada.deposit(f"{house.cast.body}/2026/XVL/2", VELLAND_TITLE, VELLAND, state="XVL")
    assert house.guest(house.cast.confidentiality).withhold(document, state="XVL").status_code == 302
    assert ada.prepare(document).status_code == 409
    assert ada.propose(document).status_code == 403
    after = omar.get("/received")
    assert re.sub(r"\d\d:\d\d UTC", "", after.text) == re.sub(r"\d\d:\d\d UTC", "", empty.text)
    gone, never = omar.get(f"/documents/{document}"), omar.get(f"/documents/{uuid4()}")
    assert (gone.status_code, gone.data, list(gone.headers)) == (never.status_code, never.data, list(never.headers))
    assert house.sql("select count(*) from key_wrap where body = ?", house.cast.other) == [(0,)]


def test_the_proposer_never_approves(house: House) -> None:
    uma = house.guest(house.cast.both)
    document = uma.deposit()
    uma.prepare(document)
    uma.propose(document)
    refused = uma.approve(proposal_of(house))
    assert refused.status_code == 403
    assert house.sql("select count(*) from share") == [(0,)]
    assert house.events()[-1] == ("share.approved", "refused", "denied")
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302


def test_a_second_approval_changes_nothing(house: House) -> None:
    shared(house)
    before = house.sql("select count(*) from share")
    assert house.guest(house.cast.both).approve(proposal_of(house)).status_code in {403, 409}
    assert house.sql("select count(*) from share") == before


def test_a_declined_proposal_cannot_be_approved(house: House) -> None:
    ada, dana = house.guest(house.cast.uploader), house.guest(house.cast.releasing)
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    proposal = proposal_of(house)
    assert dana.post(f"/approvals/{proposal}/decline").status_code == 302
    assert house.guest(house.cast.both).approve(proposal).status_code in {403, 409}
    assert house.sql("select count(*) from share") == [(0,)]


def test_a_request_recorded_after_the_proposal_makes_its_approval_stale(house: House) -> None:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    house.guest(house.cast.confidentiality).withhold(document, "2")
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code in {403, 409}
    assert house.sql("select count(*) from share") == [(0,)]
    assert house.sql("select count(*) from key_wrap where body = ?", house.cast.other) == [(0,)]


def test_an_approval_that_saw_an_older_epoch_is_stale(house: House) -> None:
    """Even if the rendition honours every request in force, an epoch that moved stops the approval."""
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    with house.parts.write() as uow:  # a closing act of another kind, which no request tells of
        row = uow.documents.lock(UUID(document))
        row.epoch += 1
        seal_requests(uow, row)
        uow.session.commit()
    refused = house.guest(house.cast.releasing).approve(proposal_of(house))
    assert refused.status_code == 409
    assert house.events()[-1] == ("share.approved", "failed", "stale")
    assert house.sql("select count(*) from share") == [(0,)]


def test_a_rendition_from_before_a_request_cannot_be_proposed(house: House) -> None:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    ada.prepare(document)
    house.guest(house.cast.confidentiality).withhold(document, "2")
    assert ada.propose(document).status_code == 409
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document).status_code == 302


def test_a_late_request_closes_the_very_next_page_and_removes_the_key(house: House) -> None:
    document, share = shared(house, withheld="3")
    assert page(house, share, 1).status_code == 200
    assert house.guest(house.cast.confidentiality).withhold(document, "2").status_code == 302
    closed = page(house, share, 1)
    assert closed.status_code == 403
    assert "No longer available" in closed.text
    assert house.sql("select count(*) from key_wrap where body = ?", house.cast.other) == [(0,)]
    listed = house.guest(house.cast.reader).get("/received").text
    assert house.cast.symbol in listed
    assert SAMORIA_TITLE not in listed
    stub = house.guest(house.cast.reader).get(f"/received/{share}")
    assert stub.status_code == 200
    assert SAMORIA_TITLE not in stub.text
    assert ("share.closed", "done", "") in house.events()


def test_a_request_for_pages_already_left_out_still_closes_until_it_is_released_anew(house: House) -> None:
    """A rendition honours the requests it was built under, no others: the officer decides whether a second request says the same."""
    document, share = shared(house, withheld="3")
    house.guest(house.cast.confidentiality).withhold(document, "3", reference="SM/NV/2026/60")
    assert page(house, share, 1).status_code == 403


def test_it_can_be_released_anew_by_two_after_a_late_request(house: House) -> None:
    document, old = shared(house, withheld="3")
    house.guest(house.cast.confidentiality).withhold(document, "2")
    ada = house.guest(house.cast.uploader)
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document).status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    (new,) = {str(UUID(row[0])) for row in house.sql("select id from share")} - {old}
    assert NOTICE in page(house, new, 2).text
    assert NOTICE in page(house, new, 3).text
    assert page(house, old, 1).status_code == 403


def test_a_wrap_put_back_after_a_late_request_opens_nothing(house: House) -> None:
    document, share = shared(house, withheld="3")
    saved = house.sql("select * from key_wrap where body = ?", house.cast.other)[0]
    house.guest(house.cast.confidentiality).withhold(document, "2")
    house.sql(f"insert into key_wrap values ({','.join('?' * len(saved))})", *saved)
    house.sql("delete from closure")
    house.sql("update share set covers_all_requests = 1")
    refused = page(house, share, 1)
    assert refused.status_code == 403
    assert "ministries" not in refused.text


def test_a_level_lowered_in_the_database_opens_nothing_and_is_recorded(house: House) -> None:
    document, share = shared(house)
    house.sql("update document set level = 0")
    refused = page(house, share, 1)
    assert refused.status_code == 500
    assert house.events()[-1] == ("share.page_read", "failed", "label_mismatch")
    rendition = str(UUID(house.sql("select id from rendition")[0][0]))
    own = house.guest(house.cast.uploader).get(f"/documents/{document}/renditions/{rendition}/pages/1")
    assert own.status_code == 500
    assert house.events()[-1] == ("rendition.page_read", "failed", "label_mismatch")


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("share", "update share set rendition_id = id"),
        ("share", "update share set level = 0"),
        ("share", "update share set symbol = 'X'"),
        ("share", "update share set title = x'00'"),
        ("share", "update share set mac = x'00'"),
    ],
)
def test_an_edited_share_is_refused_with_an_alarm(house: House, table: str, change: str) -> None:
    _, share = shared(house)
    house.sql(change)
    refused = page(house, share, 1)
    assert refused.status_code == 500
    assert house.events()[-1][2] == "tampered"


@pytest.mark.parametrize(
    "change",
    [
        "update proposal set proposed_by = '00000000000000000000000000000001'",
        "update proposal set recipient = originator",
        "update proposal set epoch = epoch + 1",
        "update proposal set statement = x'00'",
        "update proposal set approval = x'00'",
    ],
)
def test_an_edited_proposal_cannot_be_approved(house: House, change: str) -> None:
    uma = house.guest(house.cast.both)
    document = uma.deposit()
    uma.prepare(document)
    uma.propose(document)
    house.sql(change)
    assert uma.approve(proposal_of(house)).status_code == 500
    assert house.events()[-1] == ("share.approved", "failed", "tampered")
    assert house.sql("select count(*) from share") == [(0,)]


def test_a_share_whose_recipient_was_edited_is_absent_for_everybody_else(house: House) -> None:
    _, share = shared(house)
    house.guest(house.cast.reader)
    house.sql("update share set recipient = originator")
    assert page(house, share, 1).status_code == 404
    assert page(house, share, 1, house.cast.own_reviewer).status_code == 500


def test_clearance_limits_what_an_uploader_may_register(house: House) -> None:
    ada = house.guest(house.cast.uploader)
    ada.register()
    visit = str(UUID(house.sql("select id from visit")[0][0]))
    answer = ada.post("/documents", {"title": "Too high", "symbol": "CTED/9", "kind": "other", "level": "2", "visit": visit})
    assert answer.status_code == 422
    assert "clearance" in answer.text
    assert "Too high" in answer.text  # what was typed is not lost


def test_a_session_ends_when_idle_and_when_old(house: House) -> None:
    omar = house.guest(house.cast.reader)
    house.clock.advance(timedelta(minutes=19))
    assert omar.get("/received").status_code == 200
    house.clock.advance(timedelta(minutes=21))
    assert omar.get("/received").status_code == 401


def test_a_session_does_not_outlive_eight_hours_of_use(house: House) -> None:
    omar = house.guest(house.cast.reader)
    for _ in range(8 * 4 - 1):
        house.clock.advance(timedelta(minutes=15))
        assert omar.get("/received").status_code == 200
    house.clock.advance(timedelta(minutes=16))
    assert omar.get("/received").status_code == 401


def test_a_closed_account_is_out_at_once_and_stays_out(house: House) -> None:
    omar, sven = house.guest(house.cast.reader), house.guest(house.cast.other_administrator)
    listed = sven.get("/people").text
    person = str(UUID(house.sql("select id from person where sub = ?", f"person-{house.cast.reader}")[0][0]))
    assert person in listed
    assert sven.post(f"/people/{person}/close").status_code == 302
    assert omar.get("/received").status_code == 401
    again = omar.sign_in()
    assert again.status_code == 403
    assert "closed" in again.text
    assert house.events()[-1] == ("session.signed_in", "failed", "account_closed")


def test_signing_out_ends_the_session_for_a_copied_cookie_too(house: House) -> None:
    omar = house.guest(house.cast.reader)
    cookie = omar.client.get_cookie("__Host-portal", domain="localhost")
    assert cookie is not None
    assert omar.post("/sign-out").status_code == 302
    thief = house.stranger()
    thief.client.set_cookie("__Host-portal", cookie.value, domain="localhost", secure=True)
    assert thief.get("/received").status_code == 401


def test_the_session_is_rotated_at_sign_in(house: House) -> None:
    guest = house.stranger()
    guest.login = "omar"
    guest.get("/sign-in/demo/start")
    before = guest.client.get_cookie("__Host-portal", domain="localhost")
    assert guest.sign_in().status_code == 200
    after = guest.client.get_cookie("__Host-portal", domain="localhost")
    assert before is not None
    assert after is not None
    assert before.value != after.value
