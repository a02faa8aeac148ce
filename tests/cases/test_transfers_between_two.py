"""Who hands over, who answers for it and who learns of it: the two bodies of the share, and nobody else."""

from uuid import uuid4

from tests.cases.logged import details
from tests.cases.remarks import told_reference
from tests.cases.test_step_up import form_of, link, strictly_shared, unconfirmed
from tests.cases.transfers import (
    HEADING,
    TO_WHOM,
    count,
    give_back,
    page_of,
    prepare,
    recall,
    receive,
    received,
    record,
    strike,
    today,
    transfer_of,
)
from tests.common import directions
from tests.common.entity import ENTITY, READER, passed_on
from tests.common.house import House, shared

house, wide = directions.house, directions.wide


# ---- who may
def test_only_a_releasing_officer_hands_over_and_only_a_reviewer_answers(house: House) -> None:
    document, share = shared(house, use="download")
    for login in (house.cast.uploader, house.cast.confidentiality, house.cast.own_reviewer, house.cast.auditor):
        assert record(house, document, share, login).status_code in {403, 404}
        assert prepare(house, document, share, login).status_code in {403, 404}
    assert record(house, document, share, house.cast.reader).status_code == 404
    assert prepare(house, document, share, house.cast.reader).status_code == 404
    assert count(house) == count(house, "prepared_copy") == 0
    record(house, document, share)
    for login in (house.cast.releasing, house.cast.own_reviewer, house.cast.other_auditor, house.cast.other_administrator):
        assert receive(house, share, login).status_code == 404
        assert give_back(house, share, login).status_code == 404
        assert received(house, share, login).status_code == 404
    assert strike(house, document, house.cast.reader).status_code == 404
    assert strike(house, document, house.cast.confidentiality).status_code == 403
    assert count(house, "transfer_step") == 0
    assert HEADING not in page_of(house, document, house.cast.uploader)
    assert TO_WHOM in page_of(house, document, house.cast.confidentiality)


def test_an_absent_transfer_is_told_like_one_of_another_body(house: House) -> None:
    document, share = shared(house, use="download")
    record(house, document, share)
    known, absent = transfer_of(house), str(uuid4())
    replies = [strike(house, document, house.cast.reader, transfer=transfer) for transfer in (known, absent)]
    assert [reply.status_code for reply in replies] == [404, 404]
    assert replies[0].data == replies[1].data
    answers = [receive(house, share, house.cast.releasing, transfer=transfer) for transfer in (known, absent)]
    assert [reply.status_code for reply in answers] == [404, 404]
    assert answers[0].data == answers[1].data


def test_another_recipient_learns_nothing_of_it(wide: House) -> None:
    document, share = shared(wide, use="download")
    onward = passed_on(wide, document, share)
    before = [wide.guest(READER).get(path).text for path in (f"/received/{onward}/transfers", f"/received/{onward}/pages/1", "/")]
    record(wide, document, share)
    receive(wide, share)
    after = [wide.guest(READER).get(path).text for path in (f"/received/{onward}/transfers", f"/received/{onward}/pages/1", "/")]
    assert all(TO_WHOM not in page for page in after)
    assert len(before[0]) == len(after[0])
    assert receive(wide, onward, READER).status_code == 404
    assert wide.guest(READER).get(f"/received/{share}/transfers").status_code == 404
    bodies = wide.sql("select bodies from audit_event where event like 'transfer.%' and outcome = 'done'")
    assert bodies
    assert all(ENTITY not in row[0] for row in bodies)


def test_of_a_share_for_named_eyes_only_the_named_answer(house: House) -> None:
    document, share = shared(house, use="download", eyes=told_reference(house))
    assert record(house, document, share).status_code == 302
    colleague = house.cast.cleared_reader
    assert received(house, share, colleague).status_code == 404
    assert receive(house, share, colleague).status_code == 404
    assert "to be confirmed" not in house.guest(colleague).get("/").text
    assert receive(house, share).status_code == 302
    recall(house, document)
    assert give_back(house, share, colleague).status_code == 404
    assert give_back(house, share).status_code == 302


def test_what_is_strictly_confidential_is_handed_over_with_a_fresh_second_factor(house: House) -> None:
    document, share = strictly_shared(house)
    officer = unconfirmed(house, house.cast.releasing)
    where = f"/documents/{document}/shares/{share}"
    link(officer.post(f"{where}/prepared"))
    form = {"means": "meeting", "went": "shown", "day": today(house), "to_whom": TO_WHOM}
    asked = officer.post(f"{where}/transfers", form)
    assert count(house) == count(house, "prepared_copy") == 0
    address, fields = form_of(officer.get(officer.confirm(link(asked)).headers["Location"]))
    assert officer.post(address, fields).status_code == 302
    assert count(house) == 1
    assert receive(house, share).status_code == 403  # not cleared for it
    assert receive(house, share, house.cast.cleared_reader).status_code == 302


def test_the_log_says_what_went_and_never_to_whom(house: House) -> None:
    document, share = shared(house, use="download")
    record(house, document, share)
    transfer = transfer_of(house)
    about = {"copies": 2, "day": today(house), "means": "pouch", "transfer": transfer, "went": "paper"}
    assert details(house, "transfer.recorded") == [about]
    receive(house, share)
    for login in (house.cast.auditor, house.cast.other_auditor):
        log = house.guest(login).log()
        assert "Transfer recorded" in log
        assert "Transfer received" in log
        assert TO_WHOM not in log
