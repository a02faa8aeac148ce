"""Originator control, in both directions: what was received goes on only if two officers of its originator agree, and closes with it."""

import json
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tests.cases.test_absence import told
from tests.common import directions
from tests.common.entity import ENTITY, READER, ask, consent, decline, page, passed_on, request_of, share_of
from tests.common.house import House, looked_at, proposal_of, shared
from tests.common.slips import VELLAND
from tools.tour.sample import SAMORIA_TITLE

house = directions.among_three


def asked_page(house: House, share: str) -> str:
    return house.guest(house.cast.reader).get(f"/received/{share}/onward").text


def wraps(house: House, body: str = ENTITY) -> int:
    return int(house.sql("select count(*) from key_wrap where body = ?", body)[0][0])


# ---- the whole flow
def test_the_recipient_asks_two_officers_consent_and_the_entity_reads(house: House) -> None:
    document, share = shared(house)
    reader = house.guest(house.cast.reader)
    assert "Ask to pass it on" in reader.get(f"/received/{share}/pages/1").text
    assert ask(house, share, purpose="Support to the capital").status_code == 302
    assert "Asked" in asked_page(house, share)
    approvals = house.guest(house.cast.releasing).get("/approvals").text
    assert "Support to the capital" in approvals
    assert "Asked to pass on" in house.guest(house.cast.uploader).get("/").text
    assert wraps(house) == 0
    assert consent(house, document).status_code == 302
    assert wraps(house) == 0
    decide = house.guest(house.cast.releasing).get(f"/documents/{document}").text
    assert "Release to the Entity" in decide
    assert "to pass on what it received" in decide
    assert "Asked" in asked_page(house, share)
    assert "Not agreed" not in asked_page(house, share)
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    read = page(house, share_of(house))
    assert read.status_code == 200
    assert "ministries of justice" in read.text
    assert "Agreed" in asked_page(house, share)
    assert wraps(house) == 1
    events = [event for event, outcome, _ in house.events(outcome="done")]
    assert [event for event in events if event.startswith("onward.")] == ["onward.asked", "onward.consented"]


def test_the_entity_reads_what_was_made_for_it_and_nothing_that_is_withheld(house: House) -> None:
    document, share = shared(house, withheld="3")
    onward = passed_on(house, document, share)
    renditions = house.sql("select audience from rendition where id in (select rendition_id from share where recipient = ?)", ENTITY)
    assert renditions == [(ENTITY,)]
    assert "Kestrel" not in house.guest(READER).get(f"/received/{onward}/pages/3").text


def test_a_rendition_of_the_asking_body_does_not_do(house: House) -> None:
    document, share = shared(house)
    ask(house, share)
    answer = house.guest(house.cast.uploader).post(f"/documents/{document}/onward/{request_of(house)}/consent")
    assert answer.status_code == 409
    assert "Nothing is prepared for this body yet" in answer.text
    assert house.sql("select count(*) from proposal") == [(1,)]


def test_consent_names_the_rendition_that_was_looked_at(house: House) -> None:
    document, share = shared(house, withheld="")
    ask(house, share)
    officer = house.guest(house.cast.uploader)
    assert officer.prepare(document, ENTITY).status_code == 302
    where, looked = f"/documents/{document}/onward/{request_of(house)}/consent", looked_at(house, document, ENTITY)
    assert f'name="rendition" value="{looked["rendition"]}"' in officer.get(f"/documents/{document}").text
    for wrong in ({}, looked_at(house, document, house.cast.other)):
        assert officer.post(where, wrong).status_code == 409
    assert officer.post(where, looked).status_code == 302


# ---- without two consents nothing opens
def test_one_consent_opens_nothing_and_nobody_gives_both(house: House) -> None:
    document, share = shared(house)
    both = house.guest(house.cast.both)
    ask(house, share)
    assert both.prepare(document, ENTITY).status_code == 302
    looked = looked_at(house, document, ENTITY)
    assert both.post(f"/documents/{document}/onward/{request_of(house)}/consent", looked).status_code == 302
    refused = both.approve(proposal_of(house))
    assert refused.status_code == 403
    assert "You proposed this yourself" in refused.text
    assert house.sql("select count(*) from share where recipient = ?", ENTITY) == [(0,)]
    assert wraps(house) == 0
    assert "Received" in house.guest(READER).get("/received").text
    assert SAMORIA_TITLE not in house.guest(READER).get("/received").text


def test_who_may_ask_and_who_may_answer(house: House) -> None:
    document, share = shared(house)
    for login in (house.cast.uploader, house.cast.releasing, house.cast.own_reviewer, READER, house.cast.other_auditor):
        assert house.guest(login).post(f"/received/{share}/onward", {"recipient": ENTITY, "purpose": "Curiosity"}).status_code == 404
    assert house.sql("select count(*) from onward") == [(0,)]
    ask(house, share)
    where = f"/documents/{document}/onward/{request_of(house)}"
    for login, status in ((house.cast.releasing, 403), (house.cast.own_reviewer, 404), (house.cast.reader, 404), (READER, 404)):
        assert house.guest(login).post(f"{where}/consent").status_code == status
    for login, status in ((house.cast.uploader, 403), (house.cast.own_reviewer, 404), (house.cast.reader, 404), (READER, 404)):
        assert house.guest(login).post(f"{where}/decline").status_code == status
    assert house.guest(house.cast.uploader).post(f"/documents/{uuid4()}/onward/{request_of(house)}/consent").status_code == 404


@pytest.mark.parametrize(
    ("body", "purpose", "fault"),
    [("NOWHERE", "Support", "Choose one of the bodies"), ("", "Support", "Choose one of the bodies"), (ENTITY, "", "Say what they need")],
)
def test_a_request_that_makes_no_sense_is_refused_and_nothing_typed_is_lost(house: House, body: str, purpose: str, fault: str) -> None:
    _, share = shared(house)
    refused = ask(house, share, body=body, purpose=purpose)
    assert refused.status_code == 422
    assert fault in refused.text
    assert purpose in refused.text
    assert house.sql("select count(*) from onward") == [(0,)]


def test_it_cannot_go_back_to_its_originator_or_stay_where_it_is(house: House) -> None:
    _, share = shared(house)
    for body in (house.cast.body, house.cast.other):
        assert ask(house, share, body=body).status_code == 422


def test_the_same_is_not_asked_twice_unless_it_was_refused(house: House) -> None:
    document, share = shared(house)
    ask(house, share)
    again = ask(house, share)
    assert again.status_code == 409
    assert "asked this already" in again.text
    decline(house, document)
    assert ask(house, share).status_code == 302


# ---- not agreed
def test_one_officer_declines_and_the_asker_reads_no_reason(house: House) -> None:
    document, share = shared(house)
    ask(house, share)
    assert decline(house, document, house.cast.releasing).status_code == 302
    assert "Not agreed" in asked_page(house, share)
    assert consent(house, document).status_code == 403
    assert "Asked to pass on" not in house.guest(house.cast.releasing).get("/approvals").text


def test_a_declined_proposal_reads_the_same_as_a_declined_request(house: House) -> None:
    document, share = shared(house)
    ask(house, share)
    decline(house, document)
    first = asked_page(house, share)
    house.sql("delete from onward_decline")
    consent(house, document)
    assert house.guest(house.cast.releasing).post(f"/approvals/{proposal_of(house)}/decline").status_code == 302
    assert _without_times(asked_page(house, share)) == _without_times(first)


def _without_times(text: str) -> str:
    return text[text.index("Asked so far") : text.index("</section>", text.index("Asked so far"))]


def test_a_document_withheld_from_the_entity_is_not_passed_on_and_the_asker_cannot_tell(house: House) -> None:
    document, share = shared(house, withheld="")
    ask(house, share)
    consent(house, document)
    house.guest(house.cast.confidentiality).withhold(document)
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code in {403, 409}
    assert house.sql("select count(*) from share where recipient = ?", ENTITY) == [(0,)]


# ---- what closes the one closes the other
def test_a_recall_reaches_the_entity_in_the_same_transaction(house: House) -> None:
    document, share = shared(house, use="download")
    onward = passed_on(house, document, share, use="download")
    assert page(house, onward).status_code == 200
    first = share_of(house, house.cast.other, "proposal_id")
    assert house.guest(house.cast.releasing).recall(document, first).status_code == 302
    refused = page(house, onward)
    assert refused.status_code == 403
    assert "No longer available" in refused.text
    assert wraps(house) == wraps(house, house.cast.other) == 0
    closed = house.sql("select closed_at, reason from closure")
    assert closed == [closed[0], closed[0]]
    parties = {row[0] for row in house.sql("select bodies from audit_event where event = 'share.closed'")}
    assert parties == {f",{','.join(sorted({house.cast.body, body}))}," for body in (house.cast.other, ENTITY)}
    detail = house.sql("select detail from audit_event where event = 'share.recalled' and outcome = 'done'")[0][0]
    assert json.loads(detail)["closed"] == sorted([house.cast.other, ENTITY])


def test_keys_put_back_after_a_recall_open_nothing_to_the_entity(house: House) -> None:
    document, share = shared(house)
    onward = passed_on(house, document, share)
    saved = house.sql("select * from key_wrap where body = ?", ENTITY)[0]
    first = share_of(house, house.cast.other, "proposal_id")
    house.guest(house.cast.releasing).recall(document, first)
    house.sql(f"insert into key_wrap values ({','.join('?' * len(saved))})", *saved)
    house.sql("delete from closure where share_id = (select id from share where recipient = ?)", ENTITY)
    assert page(house, onward).status_code == 403  # the share that it came of is closed
    house.sql("delete from closure")
    assert page(house, onward).status_code == 500  # the floor outside the database
    assert house.events()[-1] == ("share.page_read", "failed", "tampered")


def test_recalling_from_the_entity_leaves_the_recipient_its_share(house: House) -> None:
    document, share = shared(house)
    onward = passed_on(house, document, share)
    assert house.guest(house.cast.releasing).recall(document, proposal_of(house)).status_code == 302
    assert page(house, onward).status_code == 403
    assert house.guest(house.cast.reader).get(f"/received/{share}/pages/1").status_code == 200
    assert "Agreed" in asked_page(house, share)


def test_a_late_request_closes_both(house: House) -> None:
    document, share = shared(house)
    onward = passed_on(house, document, share)
    house.guest(house.cast.confidentiality).withhold(document, "2")
    assert page(house, onward).status_code == 403
    assert house.guest(house.cast.reader).get(f"/received/{share}/pages/1").status_code == 403
    assert house.sql("select count(*) from share where covers_all_requests") == [(0,)]
    assert house.sql("select count(*) from closure") == [(2,)]


def test_what_was_passed_on_ends_with_the_share_it_came_of(house: House) -> None:
    last = (house.clock.now() + timedelta(days=1)).date()
    document, share = shared(house, until=last.isoformat())
    onward = passed_on(house, document, share)
    assert page(house, onward).status_code == 200
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), house.clock.now().tzinfo)
    for moment, status in ((end - timedelta(microseconds=1), 200), (end, 403)):
        house.clock.at = moment
        micros = int(moment.timestamp() * 1_000_000)
        house.sql("update session set created_at = ?, last_seen = ?", micros, micros)
        assert page(house, onward).status_code == status
    assert house.passage.close_expired() == 2
    assert wraps(house) == 0


def test_a_request_about_a_share_that_was_recalled_waits_for_nobody(house: House) -> None:
    document, share = shared(house)
    ask(house, share)
    house.guest(house.cast.releasing).recall(document, proposal_of(house))
    assert "Asked to pass on" not in house.guest(house.cast.releasing).get("/approvals").text
    refused = consent(house, document)
    assert refused.status_code == 403
    assert "is closed" in refused.text
    assert ask(house, share).status_code == 403


def test_a_consent_that_a_recall_overtook_is_not_approved(house: House) -> None:
    document, share = shared(house)
    first = proposal_of(house)
    ask(house, share)
    consent(house, document)
    house.guest(house.cast.releasing).recall(document, first)
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code in {403, 409}
    assert house.sql("select count(*) from share where recipient = ?", ENTITY) == [(0,)]


def test_a_consent_is_not_approved_once_the_time_of_the_source_is_over(house: House) -> None:
    document, share = shared(house, until=house.clock.now().date().isoformat())
    ask(house, share)
    consent(house, document)
    house.clock.at += timedelta(days=2)
    micros = int(house.clock.at.timestamp() * 1_000_000)
    house.sql("update session set created_at = ?, last_seen = ?", micros, micros)
    dana = house.guest(house.cast.releasing)
    dana.confirm()
    refused = dana.approve(proposal_of(house))
    assert refused.status_code == 403
    assert "The share that this comes of is closed" in refused.text


def test_what_was_passed_on_goes_no_further(house: House) -> None:
    document, share = shared(house)
    onward = passed_on(house, document, share)
    assert "Ask to pass it on" not in page(house, onward).text
    refused = house.guest(READER).post(f"/received/{onward}/onward", {"recipient": house.cast.other, "purpose": "Back again"})
    assert refused.status_code == 403
    assert "It cannot be passed on" in refused.text


# ---- what others learn, and what an edited row does
def test_the_entity_learns_nothing_before_it_is_shared(house: House) -> None:
    document, share = shared(house)
    ask(house, share)
    consent(house, document)
    entity = house.guest(READER)
    for path in ("/", "/received"):
        assert house.cast.symbol not in entity.get(path).text
    known = {event for (event,) in house.sql("select event from audit_event where bodies like ?", f"%,{ENTITY},%")}
    assert known == {
        "portal.initialised",
        "policy.adopted",
        "session.signed_in",
        "home.read",
        "received.listed",
    }  # every body's, or its own
    assert not house.sql("select event from audit_event where event like 'onward.%' and bodies like ?", f"%{ENTITY}%")


def test_the_purpose_is_sealed_and_only_the_asking_body_and_the_originator_are_told_of_the_request(house: House) -> None:
    document, share = shared(house)
    ask(house, share, purpose="Heron-and-kestrel purpose")
    assert not [name for name, content in house.everything_at_rest().items() if b"Heron-and-kestrel" in content]
    row = house.sql("select bodies, object_type from audit_event where event = 'onward.asked' and outcome = 'done'")
    assert row == [(f",{','.join(sorted((house.cast.body, house.cast.other)))},", "Share")]
    consent(house, document)
    row = house.sql("select bodies, object_type from audit_event where event = 'onward.consented' and outcome = 'done'")
    assert row == [(f",{house.cast.body},", "Onward")]


def test_an_onward_share_and_a_request_of_others_run_the_same_statements_as_absent_ones(house: House) -> None:
    document, share = shared(house)
    onward = passed_on(house, document, share)
    login = house.cast.own_reviewer
    house.guest(login).get("/")  # whatever is done once in a while is done
    for endpoint, more in (("onward.new", {}), ("received.page", {"page": "1"})):
        known, unknown = (told(house, login, "GET", endpoint, {"share_id": one, **more}) for one in (share, str(uuid4())))
        assert (known.status, known.body, known.statements) == (unknown.status, unknown.body, unknown.statements)
    assert house.guest(login).get(f"/received/{onward}/pages/1").status_code == 404


@pytest.mark.parametrize("change", ["share_id = id", "body = originator", "asker = body", "asked_at = asked_at + 1", "mac = x'00'"])
def test_an_edited_request_is_an_alarm_and_opens_nothing(house: House, change: str) -> None:
    document, share = shared(house)
    onward = passed_on(house, document, share)
    house.sql(f"update onward set {change}")
    assert page(house, onward).status_code == 500


@pytest.mark.parametrize("table", ["share", "proposal"])
def test_what_came_of_a_request_cannot_be_cut_loose_from_it(house: House, table: str) -> None:
    document, share = shared(house)
    ask(house, share)
    consent(house, document)
    if table == "proposal":
        house.sql("update proposal set onward_id = null")
        assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 500
        return
    house.guest(house.cast.releasing).approve(proposal_of(house))
    onward = share_of(house)
    house.sql("update share set onward_id = null where recipient = ?", ENTITY)
    assert page(house, onward).status_code == 500


def test_what_was_passed_on_from_a_superseded_share_closes_with_it_alone(house: House) -> None:
    document, share = shared(house, withheld="")
    passed = passed_on(house, document, share)
    uploader, releasing = house.guest(house.cast.uploader), house.guest(house.cast.releasing)
    assert uploader.upload(document, VELLAND).status_code == 201
    house.clock.advance(timedelta(seconds=1))
    assert uploader.prepare(document).status_code == 302
    assert uploader.propose(document).status_code == 302
    assert releasing.approve(proposal_of(house)).status_code == 302
    newer = str(UUID(house.sql("select id from share order by approved_at desc")[0][0]))
    old = str(UUID(house.sql("select proposal_id from share where id = ?", UUID(share).hex)[0][0]))
    assert "newer version" not in page(house, passed).text  # what another body was released leaves no trace
    assert releasing.post(f"/documents/{document}/proposals/{old}/recall", {"what": "superseded"}).status_code == 302
    assert page(house, passed).status_code == 403
    assert wraps(house) == 0
    assert house.guest(house.cast.reader).get(f"/received/{share}/pages/1").status_code == 403
    assert house.guest(house.cast.reader).get(f"/received/{newer}/pages/1").status_code == 200
    raised = {body for (_, body), floor in house.parts.holder.floors().items() if floor}
    assert raised == {house.cast.other, ENTITY}
