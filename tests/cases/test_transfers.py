"""What goes by other means than the portal, in both directions: recorded under the share, and answered for by its recipient."""

import hashlib
from uuid import UUID

import pytest

from portal.cases.transfer import MOST_TRANSFERS
from portal.kernel.ids import new_id
from portal.sharing.transfers import Transfer, transfer_bytes
from tests.cases import keeping
from tests.cases.logged import details
from tests.cases.transfers import (
    HEADING,
    NOTE,
    TO_WHOM,
    count,
    give_back,
    number_of,
    page_of,
    prepare,
    recall,
    receive,
    received,
    record,
    seen,
    strike,
    transfer_of,
    words_of,
)
from tests.common import directions
from tests.common.house import House, proposal_of, shared

house = directions.house


# ---- the whole way
def test_a_pouch_is_recorded_received_seen_and_after_a_recall_destroyed(house: House) -> None:
    document, share = shared(house, use="download")
    reader = house.guest(house.cast.reader)
    assert HEADING not in reader.get(f"/received/{share}/pages/1").text
    assert record(house, document, share).status_code == 302
    page = page_of(house, document)
    for words in ("Pouch", "2 copies on paper", TO_WHOM, NOTE, "Arrival not confirmed yet"):
        assert words in page
    assert HEADING in reader.get(f"/received/{share}/pages/1").text
    assert "to be confirmed" in reader.get("/").text
    text = received(house, share).text
    assert TO_WHOM in text
    assert NOTE not in text
    assert receive(house, share).status_code == 302
    assert "to be confirmed" not in reader.get("/").text
    assert "Arrived" in page_of(house, document)
    for words in (HEADING, "Pouch", TO_WHOM, "Arrived"):
        assert words in seen(house, document).text
    recall(house, document)
    for page in (page_of(house, document), seen(house, document).text):
        assert "Not returned yet" in page
    assert "cannot call it back" in page_of(house, document)
    gone = reader.get(f"/received/{share}").text
    assert "went to your body by other means" in gone
    assert "Say what became of it" in reader.get("/").text
    assert "2 copies on paper" in received(house, share).text
    assert give_back(house, share).status_code == 302
    for page in (page_of(house, document), seen(house, document).text, received(house, share).text):
        assert "Destroyed, " in page
        assert "Not returned yet" not in page
    assert "Say what became of it" not in reader.get("/").text
    assert [event for event, outcome, _ in house.events() if event.startswith("transfer.") and outcome == "done"] == [
        "transfer.recorded",
        "transfer.received",
        "transfer.returned",
    ]


def test_a_prepared_copy_is_numbered_and_its_hash_is_compared_with_what_arrived(house: House) -> None:
    document, share = shared(house, use="download")
    copy = prepare(house, document, share)
    assert copy.status_code == 200
    assert copy.mimetype == "application/pdf"
    digest, number = hashlib.sha256(copy.data).hexdigest(), number_of(house)
    assert number in copy.headers["Content-Disposition"]
    assert record(house, document, share, went="file", number=number, copies="1").status_code == 302
    assert digest in page_of(house, document)
    assert f"of copy {number}" in received(house, share).text
    assert digest in received(house, share).text
    assert receive(house, share, digest=digest.upper()).status_code == 302
    assert "Arrived, " in page_of(house, document)
    assert details(house, "transfer.prepared") == [{"copy": number, "sha256": digest, "size": len(copy.data)}]
    assert details(house, "transfer.received")[0]["compared"] == "same"
    assert details(house, "transfer.differs") == []


def test_what_arrives_changed_is_an_alarm_to_the_originator(house: House) -> None:
    document, share = shared(house, use="file")
    prepare(house, document, share)
    record(house, document, share, went="file", number=number_of(house), copies="1")
    other = hashlib.sha256(b"another file").hexdigest()
    assert receive(house, share, digest=other).status_code == 302
    page = page_of(house, document)
    assert "What arrived differs from what went" in page
    assert other in page
    assert other in seen(house, document).text
    assert details(house, "transfer.differs") == [{"transfer": transfer_of(house)}]
    rows = house.sql("select bodies from audit_event where event = 'transfer.differs'")
    assert all(house.cast.body in row[0] and house.cast.other in row[0] for row in rows)


# ---- what is typed
@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"means": "email"}, "Choose how it went."),
        ({"means": "oral"}, "In an oral briefing nothing is handed over."),
        ({"went": "shown"}, "That way a file or paper goes."),
        ({"went": "parcel"}, "Choose what went."),
        ({"went": "file"}, "A file is prepared here first"),
        ({"went": "file", "number": "AAAA-AAAA"}, "A file is prepared here first"),
        ({"number": "AAAA-AAAA"}, "A file is prepared here first"),
        ({"day": "2020-01-01"}, "not before."),
        ({"day": "2999-01-01"}, "not in the future"),
        ({"day": "soon"}, "Give the day"),
        ({"copies": "0"}, "Say how many copies stay there"),
        ({"copies": "100"}, "Say how many copies stay there"),
        ({"pages": "0"}, "Give pages among"),
        ({"pages": "x"}, "Give pages among"),
        ({"to_whom": ""}, "Say to whom it went"),
        ({"to_whom": "Reg\u202eistry"}, "marks that change the direction"),
        ({"note": "x" * 501}, "Use at most 500 characters."),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_typed_is_lost(house: House, fields: dict[str, str], fault: str) -> None:
    document, share = shared(house, use="download")
    refused = record(house, document, share, **fields)
    assert refused.status_code == 422
    assert fault in refused.text
    assert count(house) == 0
    if "note" not in fields:
        assert NOTE in refused.text


def test_a_share_takes_so_many_and_no_more(house: House) -> None:
    document, share = shared(house, use="download")
    record(house, document, share)
    with house.parts.write() as uow:
        first = uow.session.query(Transfer).one()
        names = [column.key for column in Transfer.__mapper__.column_attrs if column.key not in {"id", "mac"}]
        columns = {name: getattr(first, name) for name in names}
        for _ in range(MOST_TRANSFERS - 1):
            row = Transfer(id=new_id(), **columns)
            row.mac = uow.holder.mac(row.originator, "transfer", transfer_bytes(row))
            uow.session.add(row)
        uow.session.commit()
    assert record(house, document, share).status_code == 409


# ---- struck, and answered once
def test_a_wrong_record_is_struck_and_stays_to_be_read(house: House) -> None:
    document, share = shared(house, use="download")
    record(house, document, share)
    assert strike(house, document, reason="x").status_code == 422
    assert strike(house, document).status_code == 302
    page = page_of(house, document)
    assert "Struck: it did not go" in page
    assert "It was another document." in page
    assert "It was another document." in seen(house, document).text
    assert "It was another document." not in received(house, share).text
    assert "Struck" in received(house, share).text
    assert "to be confirmed" not in house.guest(house.cast.reader).get("/").text
    assert receive(house, share).status_code == 409
    assert strike(house, document).status_code == 409
    recall(house, document)
    assert give_back(house, share).status_code == 409
    assert "Not returned yet" not in page_of(house, document)
    for name, content in house.everything_at_rest().items():
        assert b"It was another document." not in content, name
        assert TO_WHOM.encode() not in content, name


def test_what_its_recipient_confirmed_is_not_struck_and_not_confirmed_again(house: House) -> None:
    document, share = shared(house, use="download")
    record(house, document, share)
    assert give_back(house, share).status_code == 403  # it is still open
    assert receive(house, share).status_code == 302
    assert receive(house, share).status_code == 409
    assert strike(house, document).status_code == 409
    recall(house, document)
    assert receive(house, share).status_code == 403
    assert give_back(house, share, what="kept").status_code == 422
    assert give_back(house, share, day="2020-01-01").status_code == 422
    assert give_back(house, share, what="returned").status_code == 302
    assert give_back(house, share).status_code == 409
    assert "Returned to the originator" in page_of(house, document)


def test_a_hash_is_compared_only_where_one_is_known(house: House) -> None:
    document, share = shared(house, use="download")
    record(house, document, share)
    assert receive(house, share, digest="0" * 64).status_code == 422
    prepare(house, document, share)
    record(house, document, share, went="file", number=number_of(house), copies="1")
    refused = receive(house, share, digest="abc")
    assert refused.status_code == 422
    assert "64 digits and letters" in refused.text
    assert count(house, "transfer_step") == 0


def test_a_copy_of_another_share_is_no_copy_of_this_one(house: House) -> None:
    first, share = shared(house, use="download", withheld="")
    prepare(house, first, share)
    number = number_of(house)
    recall(house, first)
    uploader = house.guest(house.cast.uploader)
    assert uploader.prepare(first).status_code == 302
    assert uploader.propose(first, use="download").status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    again = str(UUID(house.sql("select id from share order by approved_at desc")[0][0]))
    assert record(house, first, again, went="file", number=number).status_code == 422


# ---- rows that were changed
@pytest.mark.parametrize("change", ["copies = 1", "day = '2026-01-01'", "means = 'mail'", "recipient = 'XXX'", "went = 'shown'"])
def test_a_record_that_was_changed_is_an_alarm(house: House, change: str) -> None:
    document, share = shared(house, use="download")
    record(house, document, share)
    house.sql(f"update transfer set {change}")
    assert house.guest(house.cast.releasing).get(f"/documents/{document}").status_code == 500
    assert seen(house, document).status_code == 500
    assert receive(house, share).status_code == 500
    told = {event for event, outcome, code in house.events() if (outcome, code) == ("failed", "tampered")}
    assert {"document.read", "disclosures.read", "transfer.received"} <= told


def test_an_answer_or_a_copy_that_was_changed_is_an_alarm(house: House) -> None:
    document, share = shared(house, use="download")
    prepare(house, document, share)
    record(house, document, share, went="file", number=number_of(house), copies="1")
    receive(house, share, digest="0" * 64)
    house.sql("update transfer_step set digest = (select digest from transfer)")
    assert house.guest(house.cast.releasing).get(f"/documents/{document}").status_code == 500
    house.sql("delete from transfer_step")
    house.sql("update prepared_copy set digest = ?", bytes(32))
    assert record(house, document, share, went="file", number=number_of(house)).status_code == 500


def test_words_put_into_another_row_or_column_do_not_open(house: House) -> None:
    document, share = shared(house, use="download")
    record(house, document, share)
    house.sql("update transfer set for_recipient = for_originator")
    assert received(house, share).status_code == 500


# ---- destroyed
def test_shredding_destroys_what_was_typed_for_both(house: House) -> None:
    document, share = shared(house, use="download")
    record(house, document, share)
    strike(house, document)
    record(house, document, share)
    before = [bytes(value) for row in house.sql("select for_originator, for_recipient from transfer") for value in row]
    before += [bytes(row[0]) for row in house.sql("select reason from transfer_step")]
    assert keeping.propose(house, document).status_code == 302
    assert keeping.confirm(house, document).status_code == 302
    assert words_of(house, "for_originator", house.cast.body) == ["", ""]
    assert words_of(house, "for_recipient", house.cast.other) == ["", ""]
    for name, content in house.everything_at_rest().items():
        assert not any(sealed in content for sealed in before), name
    assert record(house, document, share).status_code == 403
    text = seen(house, document).text
    assert "Pouch" in text
    assert TO_WHOM not in text
    assert "Not returned yet" in text
    assert give_back(house, share).status_code == 302
