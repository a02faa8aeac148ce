"""An upload in pieces against whoever writes into the database or reads the disk: what was edited is refused with an alarm."""

from uuid import UUID

import pytest

from tests.cases.uploading import ADA, UMA
from tests.common.house import House
from tests.common.slips import SAMORIA
from tests.common.tus import Sending, begin


@pytest.mark.parametrize(
    ("edit", "met"),
    [
        ("update upload set received = 0", "head"),
        ("update upload set size = 3000", "head"),
        ("update upload set person_id = (select id from person where sub = 'person-uma')", "uma"),
        ("update upload set expires_at = expires_at + 1", "head"),
        ("update upload set mac = x'00'", "head"),
        ("update upload_segment set size = size + 1", "deposit"),
        ("update upload_segment set mac = x'00'", "deposit"),
        ("delete from upload_segment where start = 0", "deposit"),
        ("swap the objects of two segments", "deposit"),
    ],
)
def test_an_edited_upload_is_refused_with_an_alarm(house: House, edit: str, met: str) -> None:
    ada = house.guest(ADA)
    house.guest(UMA)
    document = ada.register()
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA, piece=3000)
    if edit.startswith("swap"):
        (one,), (two,) = house.sql("select object_id from upload_segment where start in (0, 3000) order by start")
        house.sql("update upload_segment set object_id = ? where start = 0", UUID(int=1).hex)
        house.sql("update upload_segment set object_id = ? where start = 3000", one)
        house.sql("update upload_segment set object_id = ? where start = 0", two)
    else:
        house.sql(edit)
    act = {"head": sending.head, "uma": Sending(house.guest(UMA), sending.url).head, "deposit": sending.deposit}[met]
    assert act().status_code == 500
    assert house.events()[-1][2] in {"tampered", "broken", "label_mismatch"}
    assert house.sql("select count(*) from version") == [(0,)]


def test_a_segment_put_in_from_another_upload_of_the_same_document_is_refused(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    one, two = begin(ada, document, len(SAMORIA)), begin(ada, document, len(SAMORIA))
    one.send(SAMORIA, piece=len(SAMORIA))
    two.send(bytes(len(SAMORIA)), piece=len(SAMORIA))
    first, second = (UUID(each.url.rsplit("/", 1)[1]).hex for each in (one, two))
    house.sql("update upload_segment set upload_id = ?, start = 1 where upload_id = ?", first, second)
    house.sql("delete from upload_segment where upload_id = ? and start = 0", first)
    house.sql("update upload_segment set start = 0 where upload_id = ?", first)
    assert one.deposit().status_code == 500
    assert house.events()[-1] == ("version.deposited", "failed", "tampered")


def test_a_level_lowered_on_the_way_opens_no_segment(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA)
    house.sql("update document set level = 0")
    assert sending.deposit().status_code == 500
    assert house.events()[-1] == ("version.deposited", "failed", "label_mismatch")


def test_nothing_of_a_file_on_its_way_stands_on_the_disk_in_clear(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    marker = b"A-MARKER-NOBODY-ELSE-WRITES"
    sending = begin(ada, document, 500_000, "harrier-name.pdf")
    sending.send(marker * 10_000)
    rest = b" ".join(house.everything_at_rest().values())
    for word in (marker, b"harrier-name", b"f" * 64, marker[:12]):
        assert word not in rest


def test_the_document_page_lists_ones_own_unfinished_uploads_and_leaves_out_an_edited_one_with_an_alarm(house: House) -> None:
    ada, uma = house.guest(ADA), house.guest(UMA)
    document = ada.register()
    sending = begin(ada, document, 10_000, "harrier.pdf")
    sending.send(bytes(4_300))
    begin(uma, document, 10_000, "kestrel.pdf")
    page = ada.get(f"/documents/{document}").text
    assert "harrier.pdf</b>, 10 kB, 43 % arrived" in page
    assert sending.url in page
    assert "kestrel" not in page
    assert "harrier" not in house.guest("carla").get(f"/documents/{document}").text
    house.sql("update upload set received = 4301 where received = 4300")
    events = len(house.events())
    page = ada.get(f"/documents/{document}")
    assert page.status_code == 200
    assert "harrier" not in page.text
    assert [event[0] for event in house.events()[events:]] == ["document.read", "alarm.raised"]
