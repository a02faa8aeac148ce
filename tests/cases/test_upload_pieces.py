"""Uploads that go on after a break: each piece under a key of its own, the offset moves when a piece is kept, and nothing else stays."""

import base64
import hashlib
import io
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.cases.upload_file import MOST
from tests.cases.test_races import at_once
from tests.cases.uploading import ADA, opened, rows
from tests.common.house import PORTAL, House
from tests.common.slips import SAMORIA, VELLAND
from tests.common.tus import CONTENT_TYPE, TUS, Sending, begin, create, headers


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
