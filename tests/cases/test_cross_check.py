"""What is written into the tables past the portal, or taken out, contradicts the log: `portal audit verify` says so."""

import pytest

from portal.cases.offline import verify
from tests.cases.remarks import say
from tests.cases.transfers import prepare, receive, record
from tests.common.beginnings import beginning
from tests.common.house import House, shared


def findings(house: House) -> list[str]:
    house.worker.sequence()
    return [finding.text for finding in verify(house.config).findings]


@beginning
def everything(house: House) -> tuple[str, str]:
    """A share that was read, remarked on, acknowledged, and sent by pouch as well."""
    document, share = shared(house, use="download")
    reader = house.guest(house.cast.reader)
    assert reader.get(f"/received/{share}/pages/1").status_code == 200
    assert say(house, share).status_code == 302
    assert reader.post(f"/received/{share}/acknowledgement").status_code == 302
    assert prepare(house, document, share).status_code == 200
    assert record(house, document, share).status_code == 302
    assert receive(house, share).status_code == 302
    return document, share


def test_an_exchange_and_what_closes_it_agree_with_the_log(house: House) -> None:
    document, _ = everything(house)
    assert findings(house) == []
    assert house.guest(house.cast.confidentiality).withhold(document).status_code == 302
    assert findings(house) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("update share set recipient = 'ELSE'", "no event tells of this share"),
        ("update share set approved_at = approved_at - 1", "no event tells of this share"),
        ("update key_wrap set body = 'ELSE' where share_id is not null", "no event tells of this key of a recipient"),
        ("update page_reading set page = 2", "no event tells of this page that was read"),
        ("delete from request", "the log says request.recorded of"),
        ("update request set recorded_at = recorded_at - 1", "no event tells of this request of a Member State"),
        ("update rendition set built_at = built_at - 1", "no event tells of this rendition"),
        ("update version set number = 2", "no event tells of this version"),
        ("update receipt set answer = 'recall_confirmed'", "no event tells of this receipt"),
        ("update remark set made_at = made_at - 1", "no event tells of this remark"),
        ("update transfer set recorded_at = recorded_at - 1", "no event tells of this transfer"),
        ("update prepared_copy set number = '00000-000'", "no event tells of this prepared copy"),
    ],
)
def test_a_row_that_no_event_tells_of_is_found(house: House, statement: str, words: str) -> None:
    everything(house)
    house.sql(statement)
    found = findings(house)
    assert any(text.startswith(words) for text in found), found


def test_a_share_that_is_gone_and_a_closing_that_is_taken_back_are_found(house: House) -> None:
    document, _ = everything(house)
    columns = "id, object_id, body, share_id, kek, algorithm, floor, nonce, wrapped"
    wraps = house.sql(f"select {columns} from key_wrap where share_id is not null")
    assert house.guest(house.cast.confidentiality).withhold(document).status_code == 302
    house.sql("delete from closure")
    assert any("there is no such closing of a share" in text for text in findings(house))
    for row in wraps:
        house.sql(f"insert into key_wrap ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?)", *row)
    assert any("which the log says was closed" in text for text in findings(house))
    house.sql("delete from share")
    assert any("there is no such share" in text for text in findings(house))
