"""Uploads that go on after a break: each piece under a key of its own, the offset moves when a piece is kept, and nothing else stays."""

import base64
import hashlib
import io
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from portal.cases import facts
from portal.cases.original import open_original
from portal.cases.upload_file import MOST
from portal.documents.upload_models import upload_bytes
from portal.gateway.passage import Errand, Guard
from portal.kernel.actions import Action
from portal.kernel.events import Event
from tests.cases.test_epochs import subject_of
from tests.cases.test_races import at_once
from tests.common.house import PORTAL, House
from tests.common.slips import SAMORIA, VELLAND
from tests.common.tus import CONTENT_TYPE, TUS, Sending, begin, create, headers

ADA, UMA = "ada", "uma"


def rows(house: House) -> tuple[int, int, int, int]:
    """(uploads, segments, sealed objects, wraps)"""
    counts = [house.sql(f"select count(*) from {table}")[0][0] for table in ("upload", "upload_segment", "sealed_object", "key_wrap")]
    return counts[0], counts[1], counts[2], counts[3]


def test_a_file_sent_in_pieces_becomes_the_documents_file_and_its_pieces_are_gone(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA, piece=1000)
    answer = sending.deposit()
    assert answer.status_code == 201, answer.text
    assert answer.get_json()["location"] == f"/documents/{document}"
    assert "4 pages" in ada.get(f"/documents/{document}").text
    assert "report.pdf" in ada.get(f"/documents/{document}").text
    assert rows(house) == (0, 0, 2, 2)
    assert len(house.objects()) == 4  # payload and header, of the file and of its passages
    assert house.guest("carla").get(f"/documents/{document}/passages/1").status_code == 200


def test_the_answers_are_those_of_tus(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    offer = ada.client.options(f"/documents/{document}/uploads", base_url=PORTAL)
    assert offer.status_code == 204
    assert offer.headers["Tus-Version"] == offer.headers["Tus-Resumable"] == "1.0.0"
    assert offer.headers["Tus-Extension"] == "creation,termination,checksum,expiration"
    assert offer.headers["Tus-Max-Size"] == "4000000000"
    assert offer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"
    made = create(ada, document, 5000, "a report, ümlaut.pdf")
    assert made.status_code == 201
    assert made.headers["Upload-Expires"].endswith("GMT")
    sending = Sending(ada, made.headers["Location"])
    head = sending.head()
    assert (head.status_code, head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (200, "0", "5000")
    assert head.headers["Cache-Control"] == "no-store"
    assert base64.b64encode("a report, ümlaut.pdf".encode()).decode() in head.headers["Upload-Metadata"]
    patched = sending.patch(0, b"x" * 3000)
    assert (patched.status_code, patched.headers["Upload-Offset"]) == (204, "3000")
    assert patched.headers["Tus-Resumable"] == "1.0.0"
    assert patched.headers["Upload-Expires"] == made.headers["Upload-Expires"]
    assert sending.head().headers["Upload-Offset"] == "3000"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412, "tus_version"),
        ({"Tus-Resumable": None}, 412, "tus_version"),
        ({"Upload-Offset": "7"}, 409, "offset"),
        ({"Upload-Offset": "-1"}, 400, "malformed"),
        ({"Upload-Offset": None}, 400, "malformed"),
        ({"Content-Type": "application/pdf"}, 415, "content_type"),
        ({"Upload-Checksum": "crc32 AAAA"}, 400, "malformed"),
        ({"Upload-Checksum": "sha256 !"}, 400, "malformed"),
        ({"Upload-Checksum": "sha256 AAAA"}, 460, "checksum"),
        ({"X-CSRF-Token": "0" * 64}, 403, "forged"),
        ({"X-CSRF-Token": None}, 403, "forged"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "forged"),
    ],
)
def test_a_piece_that_cannot_be_taken_is_refused_with_the_status_of_tus_and_leaves_nothing(
    house: House, change: dict[str, str | None], status: int, code: str
) -> None:
    ada = house.guest(ADA)
    sending = begin(ada, ada.register(), 5000)
    stored, events, before = house.objects(), len(house.events()), rows(house)
    sent: dict[str, str | None] = {**headers(ada), "Upload-Offset": "0", "Content-Type": CONTENT_TYPE, **change}
    given = {name: value for name, value in sent.items() if value is not None}
    answer = ada.client.patch(sending.url, base_url=PORTAL, data=b"x" * 3000, headers=given)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert house.objects() == stored
    assert rows(house) == before
    assert [event[0] for event in house.events()[events:]] == ["upload.continued"]
    assert sending.head().headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_piece_with_its_checksum_is_taken(house: House, algorithm: str) -> None:
    ada = house.guest(ADA)
    sending = begin(ada, ada.register(), 5000)
    digest = base64.b64encode(hashlib.new(algorithm, b"x" * 3000).digest()).decode()
    assert sending.patch(0, b"x" * 3000, Upload_Checksum=f"{algorithm} {digest}").status_code == 204


def test_an_unknown_protocol_is_told_which_one_is_spoken(house: House) -> None:
    ada = house.guest(ADA)
    answer = ada.client.post(f"/documents/{ada.register()}/uploads", base_url=PORTAL, headers={"X-CSRF-Token": ada.token()})
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Upload-Length": None}, 400),
        ({"Upload-Length": "ten"}, 400),
        ({"Upload-Length": "0"}, 422),
        ({"Upload-Length": "4000000001"}, 413),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Metadata": "filename !!"}, 400),
        ({"Upload-Metadata": "filename eA==,filename eQ=="}, 400),
        ({"Upload-Metadata": "fingerprint " + base64.b64encode(b"f" * 129).decode()}, 422),
    ],
)
def test_an_upload_that_cannot_be_begun_says_why_and_leaves_nothing(house: House, change: dict[str, str | None], status: int) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    events = len(house.events())
    sent: dict[str, str | None] = {**headers(ada), "Upload-Length": "100", **change}
    given = {name: value for name, value in sent.items() if value is not None}
    answer = ada.client.post(f"/documents/{document}/uploads", base_url=PORTAL, headers=given)
    assert answer.status_code == status
    assert len(answer.get_json()["detail"]) > 30
    assert house.sql("select count(*) from upload") == [(0,)]
    assert [event[0] for event in house.events()[events:]] == ["upload.created"]


def test_a_piece_of_more_than_sixteen_mebibytes_or_beyond_the_end_is_too_large(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    sending = begin(ada, document, 3 * MOST)
    answer = sending.patch(0, bytes(MOST + 1))
    assert answer.status_code == 413
    assert "16 MiB" in answer.get_json()["detail"]
    assert sending.patch(0, bytes(MOST)).status_code == 204
    small = begin(ada, document, 100)
    assert small.patch(0, bytes(101)).status_code == 413
    assert small.patch(0, b"").status_code == 422


def test_a_piece_that_breaks_off_is_not_kept_and_the_upload_goes_on(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA[:1000])
    stored = house.objects()
    answer = ada.client.patch(
        sending.url,
        base_url=PORTAL,
        input_stream=io.BytesIO(SAMORIA[1000:1500]),
        environ_overrides={"CONTENT_LENGTH": "1000"},
        content_type=CONTENT_TYPE,
        headers=headers(ada, Upload_Offset="1000"),
    )
    assert answer.status_code == 422
    assert "go on from there" in answer.get_json()["detail"]
    assert house.objects() == stored
    assert sending.head().headers["Upload-Offset"] == "1000"
    sending.send(SAMORIA, start=1000)
    assert sending.deposit().status_code == 201


def test_of_two_pieces_at_one_place_one_is_kept_and_the_other_leaves_nothing(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    sending = begin(ada, document, 200_000)
    stored = len(house.objects())
    token = ada.token()

    def attempt(byte: bytes) -> Callable[[], int]:
        sent = {**TUS, "X-CSRF-Token": token, "Upload-Offset": "0", "Content-Type": CONTENT_TYPE}
        return lambda: ada.client.patch(sending.url, base_url=PORTAL, data=byte * 100_000, headers=sent).status_code

    assert sorted(at_once(*(attempt(byte) for byte in (b"a", b"b", b"c")))) == [204, 409, 409]
    assert rows(house)[1] == 1
    assert len(house.objects()) == stored + 2
    assert sending.head().headers["Upload-Offset"] == "100000"


def test_a_piece_sent_again_with_other_bytes_is_sealed_under_another_key_and_nonce(house: House) -> None:
    ada = house.guest(ADA)
    sending = begin(ada, ada.register(), 5000)
    wrong = base64.b64encode(bytes(32)).decode()
    kept = house.everything_at_rest()
    assert sending.patch(0, b"a" * 5000, Upload_Checksum=f"sha256 {wrong}").status_code == 460
    assert house.everything_at_rest().keys() == kept.keys()
    assert sending.patch(0, b"b" * 5000).status_code == 204
    assert house.sql("select count(distinct nonce), count(distinct kc), count(*) from sealed_object") == [(1, 1, 1)]


def test_somebody_elses_upload_is_absent_exactly_like_none(house: House) -> None:
    ada, uma = house.guest(ADA), house.guest(UMA)
    document = ada.register()
    sending = begin(ada, document, 5000)
    hers = Sending(uma, sending.url)
    none = Sending(uma, f"/documents/{document}/uploads/{UUID(int=7)}")
    other = Sending(ada, f"/documents/{ada.register('CTED/2026/9')}/uploads/{sending.url.rsplit('/', 1)[1]}")
    for act in ("head", "terminate", "deposit"):
        one, two, three = (getattr(each, act)() for each in (hers, none, other))
        assert one.status_code == two.status_code == three.status_code == 404
        assert one.data == two.data == three.data
        assert list(one.headers) == list(two.headers)
    assert [each.patch(0, b"x").status_code for each in (hers, none, other)] == [404, 404, 404]
    for login in ("omar", "pedro"):
        assert Sending(house.guest(login), sending.url).head().status_code == 404
    assert Sending(house.guest("carla"), sending.url).head().status_code == 403
    assert sending.head().status_code == 200


def test_an_upload_that_is_discarded_leaves_nothing_and_is_gone(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    stored = house.objects()
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA[:3000], piece=1000)
    events = len(house.events())
    assert sending.terminate().status_code == 204
    assert house.objects() == stored
    assert rows(house) == (0, 0, 0, 0)
    assert [event[:2] for event in house.events()[events:]] == [("upload.ended", "done")]
    assert [sending.head().status_code, sending.patch(3000, b"x").status_code, sending.deposit().status_code] == [410, 410, 410]


def test_an_upload_is_over_after_a_week_and_its_pieces_are_removed_with_an_event(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    stored = house.objects()
    sending = begin(ada, document, 5000)
    sending.send(bytes(2000))
    with house.parts.write() as uow:  # a week ago, as far as it knows
        upload = uow.uploads.over(uow.at + timedelta(days=7))[0]
        assert upload.expires_at == upload.created_at + timedelta(days=7)
        upload.expires_at = uow.at + timedelta(minutes=5)
        upload.mac = uow.holder.mac("CTED", "upload", upload_bytes(upload))
        uow.session.commit()
    house.clock.advance(timedelta(minutes=4))
    house.worker.tick()
    assert rows(house)[0] == 1
    assert sending.head().status_code == 200
    house.clock.advance(timedelta(minutes=1))
    assert sending.head().status_code == 410  # also before the loop comes by
    assert sending.deposit().status_code == 410
    house.worker.tick()
    assert rows(house) == (0, 0, 0, 0)
    assert house.objects() == stored
    assert [event for event in house.events() if event[0] == "upload.expired"] == [("upload.expired", "done", "")]
    farid = house.guest("farid")
    assert "Upload expired" in farid.get("/audit").text
    assert "Upload expired" not in house.guest("rana").get("/audit").text


def test_asking_and_continuing_leave_no_event_and_beginning_and_depositing_one_each(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    events = len(house.events())
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA, piece=1000)
    sending.head()
    sending.deposit()
    assert [event[:2] for event in house.events()[events:]] == [("upload.created", "done"), ("version.deposited", "done")]


def test_a_deposit_asked_for_again_answers_the_same_and_does_nothing(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA)
    first = sending.deposit()
    stored, before = house.objects(), rows(house)
    again = sending.deposit()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert house.objects() == stored
    assert rows(house) == before
    assert house.sql("select count(*) from version") == [(1,)]
    assert '"repeated":true' in house.sql("select detail from audit_event order by at desc, rowid desc")[0][0]
    assert Sending(house.guest(UMA), sending.url).deposit().status_code == 404  # somebody else's is absent


def test_two_deposits_of_one_upload_at_once_make_one_version_and_leave_its_objects(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA)
    sent = headers(ada)
    act = lambda: ada.client.post(f"{sending.url}/deposit", base_url=PORTAL, headers=sent).status_code  # noqa: E731
    assert sorted(at_once(act, act)) in ([200, 201], [201, 410])
    assert house.sql("select count(*) from version") == [(1,)]
    assert rows(house) == (0, 0, 2, 2)
    assert len(house.objects()) == 4


def test_an_upload_that_has_not_arrived_in_full_is_not_deposited(house: House) -> None:
    ada = house.guest(ADA)
    sending = begin(ada, ada.register(), len(SAMORIA))
    sending.send(SAMORIA[:-1])
    assert (sending.deposit().status_code, sending.deposit().get_json()["code"]) == (409, "unfinished")
    sending.send(SAMORIA, start=len(SAMORIA) - 1)
    assert sending.deposit().status_code == 201


def test_a_file_that_is_no_pdf_is_refused_at_the_deposit_and_the_upload_is_dropped(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    stored = house.objects()
    sending = begin(ada, document, 30_000)
    sending.send(b"PK\3\4" + bytes(29_996))
    events = len(house.events())
    answer = sending.deposit()
    assert answer.status_code == 422
    assert "not a PDF" in answer.get_json()["detail"]
    assert house.events()[events:] == [("version.deposited", "failed", "file_refused")]
    assert rows(house) == (0, 0, 0, 0)
    assert house.objects() == stored
    assert sending.head().status_code == 410
    assert ada.upload(document, SAMORIA).status_code == 201


def test_a_file_that_came_another_way_ends_what_was_on_its_way(house: House) -> None:
    ada, uma = house.guest(ADA), house.guest(UMA)
    document = ada.register()
    hers = begin(uma, document, len(SAMORIA))
    hers.send(SAMORIA[:2000])
    events = len(house.events())
    assert ada.upload(document, SAMORIA).status_code == 201
    assert [event[0] for event in house.events()[events:]] == ["version.deposited", "upload.ended"]
    assert rows(house) == (0, 0, 2, 2)
    assert len(house.objects()) == 4
    assert hers.patch(2000, SAMORIA[2000:]).status_code == 410
    assert create(uma, document, 100).status_code == 201  # of a further version


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


def test_an_orphan_of_a_piece_is_swept_and_a_segment_is_not(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    sending = begin(ada, document, len(SAMORIA))
    sending.send(SAMORIA[:3000])
    kept = house.objects()
    house.parts.vault.seal([b"left by a crash"], 15, house.parts.recovery["CTED"])
    house.age_objects(timedelta(hours=2))
    house.worker.tick()
    assert house.objects() == kept
    sending.send(SAMORIA, start=3000)
    assert sending.deposit().status_code == 201


def test_a_large_file_in_pieces_is_byte_for_byte_the_same(house: House) -> None:
    ada = house.guest(ADA)
    document = ada.register()
    sending = begin(ada, document, len(VELLAND))
    sending.send(VELLAND, piece=300_001)
    assert sending.deposit().status_code == 201
    reference = house.sql("select lower(hex(kc)) from sealed_object")
    assert reference
    assert opened(house, document) == VELLAND


def opened(house: House, document: str) -> bytes:
    """The document's file, opened with its originator's key."""
    guard = Guard(action=Action.DOCUMENT_READ, event=Event.DOCUMENT_READ, locate=facts.document)
    asked = Errand(guard=guard, subject=subject_of(house, ADA), where={"document_id": UUID(document)})
    original = house.passage.read(asked, lambda uow, permit, row: open_original(uow, permit, row))
    return b"".join(house.parts.vault.stream(original.sealed, original.key))


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
