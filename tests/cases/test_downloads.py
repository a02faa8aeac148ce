"""Stored files leave the portal: the original for its own body, the file of a share where its terms say so; in both directions."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from portal.vault.errors import Broken
from portal.vault.stream import CHUNK, SEALED_CHUNK
from portal.web.downloads import ALONE, disposition
from tests.common import directions
from tests.common.house import BUCKET, Guest, House, proposal_of, shared
from tests.common.slips import SAMORIA
from tools.bench.memory import large_pdf
from tools.tour.sample import SAMORIA_TITLE

NAME = "Bericht über Samoria (v2).pdf"
ABSENT = str(uuid4())


house = directions.house


def original(guest: Guest, document: str, **headers: str) -> TestResponse:
    return _whole(guest.get(f"/documents/{document}/file", headers=_named(headers)))


def file(guest: Guest, share: str, **headers: str) -> TestResponse:
    return _whole(guest.get(f"/received/{share}/file", headers=_named(headers)))


def _whole(answer: TestResponse) -> TestResponse:
    """Read to its end, so that the end is in the log."""
    assert isinstance(answer.data, bytes)
    return answer


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def told(house: House, *events: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    marks = ",".join("?" * len(events))
    rows = house.sql(f"select event, outcome, code, detail from audit_event where event in ({marks}) order by at, rowid", *events)
    return [(event, outcome, code, json.loads(detail)) for event, outcome, code, detail in rows]


ORIGINAL = ("version.downloaded", "version.download_ended")
FILE = ("share.fetched", "share.fetch_ended")


# ---- the original
@pytest.mark.parametrize("who", ["uploader", "confidentiality", "releasing"])
def test_those_who_send_keep_back_and_release_get_the_original_byte_for_byte(house: House, who: str) -> None:
    document = house.guest(house.cast.uploader).deposit()
    guest = house.guest(getattr(house.cast, who))
    page = guest.get(f"/documents/{document}").text
    assert "Download the original" in page
    assert f'href="/documents/{document}/file"' in page
    taken = original(guest, document)
    assert (taken.status_code, taken.data) == (200, SAMORIA)
    size = len(SAMORIA)
    begun, ended = told(house, *ORIGINAL)
    assert begun == ("version.downloaded", "done", "", {"version": 1, "size": size, "from": 0, "to": size - 1})
    assert ended == ("version.download_ended", "done", "", {**begun[3], "sent": size})


def test_a_reviewer_of_the_originator_is_told_that_it_is_not_theirs_and_an_auditor_nothing(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    reviewer = house.guest(house.cast.own_reviewer)
    assert original(reviewer, document).status_code == 403
    assert "Download the original" not in reviewer.get(f"/documents/{document}").text
    assert original(house.guest(house.cast.auditor), document).status_code == 404
    assert original(house.guest(house.cast.uploader), ABSENT).status_code == 404


@pytest.mark.parametrize("asked", [{}, {"Range": "bytes=0-9"}, {"Range": "bytes=99999999-"}, {"If_Match": '"x"'}, {"If_None_Match": "*"}])
def test_persons_of_the_other_body_meet_exactly_an_absence(house: House, asked: dict[str, str]) -> None:
    """Whatever they ask for: a size, a tag or a range that tells the file from nothing would tell that it is there."""
    document, share = shared(house, use="file")
    for login in (house.cast.reader, house.cast.other_auditor, house.cast.other_administrator):
        guest = house.guest(login)
        for method in ("GET", "HEAD"):
            there, nowhere = (
                guest.client.open(f"/documents/{name}/file", method=method, base_url="http://localhost:8000", headers=_named(asked))
                for name in (document, ABSENT)
            )
            assert (there.status_code, nowhere.status_code) == (404, 404)
            assert there.data == nowhere.data
            assert list(there.headers) == list(nowhere.headers)
    for login in (house.cast.uploader, house.cast.releasing, house.cast.other_auditor):
        there, nowhere = file(house.guest(login), share, **asked), file(house.guest(login), ABSENT, **asked)
        assert (there.status_code, there.data, list(there.headers)) == (404, nowhere.data, list(nowhere.headers))
    assert told(house, *ORIGINAL, *FILE) != []
    assert all(outcome == "refused" for _, outcome, _, _ in told(house, *ORIGINAL, *FILE))


def test_a_document_without_its_file_says_so(house: House) -> None:
    ada = house.guest(house.cast.uploader)
    refused = original(ada, ada.register())
    assert refused.status_code == 403
    assert "no file yet" in refused.text


# ---- the file of a share
def test_the_file_is_the_stored_rendition_and_nothing_that_is_withheld(house: House) -> None:
    document, share = shared(house, withheld="3", use="file")
    omar = house.guest(house.cast.reader)
    page = omar.get(f"/received/{share}/pages/1").text
    assert "Take the file" in page
    assert "Take a copy" in page
    assert "File allowed, without watermark" in omar.get("/received").text
    assert house.sql("select count(*) from key_wrap where body = ?", house.cast.other) == [(2,)]
    taken, again = file(omar, share), file(omar, share)
    assert taken.status_code == 200
    assert taken.data == again.data  # nobody's name, no number
    words = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(taken.data))
    assert "ministries of justice" in words
    assert "Kestrel" not in words
    assert omar.login.title() not in words
    rendition = house.guest(house.cast.uploader).get(f"/documents/{document}").text
    assert "File allowed, without watermark" in rendition
    begun, ended, *_ = told(house, *FILE)
    assert begun[3] | {"sent": len(taken.data)} == ended[3]
    assert begun[3]["to"] == len(taken.data) - 1


@pytest.mark.parametrize(("use", "keys"), [("view_only", 1), ("download", 2)])
def test_the_file_under_other_terms_is_refused_and_the_reason_told(house: House, use: str, keys: int) -> None:
    _, share = shared(house, use=use)
    omar = house.guest(house.cast.reader)
    refused = file(omar, share)
    assert refused.status_code == 403
    assert "do not let the file itself leave" in refused.text
    assert "Take the file" not in omar.get(f"/received/{share}/pages/1").text
    assert house.sql("select count(*) from key_wrap where body = ?", house.cast.other) == [(keys,)]


def test_the_second_officer_is_told_that_nobodys_name_will_be_on_it(house: House) -> None:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    ada.prepare(document)
    assert ada.propose(document, use="file").status_code == 302
    page = house.guest(house.cast.releasing).get(f"/documents/{document}").text
    assert "File allowed, without watermark" in page
    assert "without any name on it. It cannot be taken back" in page


def test_terms_edited_into_a_file_open_nothing(house: House) -> None:
    _, share = shared(house, use="download")
    house.sql("update share set terms = ?", '{"use":"file","v":1}')
    assert file(house.guest(house.cast.reader), share).status_code == 500


def test_a_recalled_or_ended_file_is_refused_like_any_other_use(house: House) -> None:
    document, share = shared(house, use="file")
    omar = house.guest(house.cast.reader)
    tag = file(omar, share).headers["ETag"]
    house.guest(house.cast.releasing).recall(document, proposal_of(house))
    for asked in ({}, {"Range": "bytes=5-", "If_Range": tag}, {"If_None_Match": tag}):
        refused = file(omar, share, **asked)
        assert refused.status_code == 403
        assert "No longer available" in refused.text
        assert "ETag" not in refused.headers


def test_a_file_that_was_taken_is_a_disclosure_of_every_page_and_a_question_is_none(house: House) -> None:
    document, share = shared(house, withheld="", use="file")
    omar, carla = house.guest(house.cast.reader), house.guest(house.cast.confidentiality)
    assert omar.client.head(f"/received/{share}/file", base_url="http://localhost:8000").status_code == 200
    tag = told(house, "share.fetched")
    assert len(tag) == 1
    assert "no disclosure" in carla.get(f"/documents/{document}/seen").text
    assert file(omar, share, Range="bytes=0-9").status_code == 206
    assert file(omar, share, Range="bytes=10-").status_code == 206
    carla.withhold(document, "2")
    seen = carla.get(f"/documents/{document}/seen").text
    assert "The file, in 2 requests" in seen
    assert "Shown before it was kept: 2" in seen


# ---- HTTP
def test_what_every_answer_says(house: House) -> None:
    document, share = shared(house, use="file")
    ada, omar = house.guest(house.cast.uploader), house.guest(house.cast.reader)
    for answer in (original(ada, document), file(omar, share), original(ada, document, Range="bytes=1-2")):
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == ALONE
        assert "sandbox" in ALONE
        assert answer.headers["Cache-Control"] == "no-store, private"
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert re.fullmatch(r'"[0-9a-f]{32}"', answer.headers["ETag"])
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "Location" not in answer.headers
    part = original(ada, document, Range="bytes=1-2")
    assert (part.status_code, part.data) == (206, SAMORIA[1:3])
    assert part.headers["Content-Range"] == f"bytes 1-2/{len(SAMORIA)}"


def test_a_range_behind_the_end_is_416_with_the_size_and_no_download(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit()
    refused = original(house.guest(house.cast.uploader), document, Range=f"bytes={len(SAMORIA)}-")
    assert refused.status_code == 416
    assert refused.headers["Content-Range"] == f"bytes */{len(SAMORIA)}"
    assert told(house, *ORIGINAL) == [("version.downloaded", "failed", "unsatisfiable", {})]


def test_a_head_and_a_304_give_no_byte_and_say_so_in_the_log(house: House) -> None:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    tag = original(ada, document).headers["ETag"]
    for answer in (
        ada.client.head(f"/documents/{document}/file", base_url="http://localhost:8000", headers={"Range": "bytes=0-9"}),
        original(ada, document, If_None_Match=tag),
    ):
        assert answer.data == b""
        assert answer.headers["ETag"] == tag
    about = {"version": 1, "size": len(SAMORIA)}
    silent = [("version.downloaded", "done", "", about), ("version.download_ended", "done", "", {**about, "sent": 0})]
    assert told(house, *ORIGINAL)[2:] == silent * 2
    assert original(ada, document, If_Match='"x"').status_code == 412


def test_a_tag_is_one_persons_and_one_shares_and_names_nothing(house: House) -> None:
    """Two persons of one body, who hold the same file, cannot tell from tags that it is the same; nor can a cache or a proxy's log."""
    document, share = shared(house, use="file")
    tags = {who: original(house.guest(getattr(house.cast, who)), document).headers["ETag"] for who in ("uploader", "confidentiality")}
    tags["reader"] = file(house.guest(house.cast.reader), share).headers["ETag"]
    assert len(set(tags.values())) == 3
    assert original(house.guest(house.cast.uploader), document).headers["ETag"] == tags["uploader"]
    mixed = original(house.guest(house.cast.uploader), document, Range="bytes=5-", If_Range=tags["confidentiality"])
    assert mixed.status_code == 200
    rows = house.sql("select lower(hex(id)), lower(hex(kc)), lower(hex(ph)), lower(hex(nonce)), store_key from sealed_object")
    for named in [value for row in rows for value in row]:
        assert not any(tag.strip('"') in named or named in tag for tag in tags.values())


def test_a_recipients_file_is_named_by_the_shares_words_and_the_originals_as_it_was_sent(house: House) -> None:
    ada = house.guest(house.cast.uploader)
    document = ada.register()
    assert ada.upload(document, SAMORIA, NAME).status_code == 201
    sent = original(ada, document).headers["Content-Disposition"]
    assert sent == "attachment; filename=\"Bericht _ber Samoria (v2).pdf\"; filename*=UTF-8''Bericht%20%C3%BCber%20Samoria%20%28v2%29.pdf"
    ada.prepare(document)
    ada.propose(document, use="file")
    house.guest(house.cast.releasing).approve(proposal_of(house))
    share = str(UUID(house.sql("select id from share")[0][0]))
    named = file(house.guest(house.cast.reader), share).headers["Content-Disposition"]
    assert named == f"attachment; filename={house.cast.symbol.replace('/', '-')}.pdf"
    assert "Samoria" not in named


def test_a_copy_with_a_name_on_it_has_no_parts(house: House) -> None:
    _, share = shared(house, use="file")
    taken = house.guest(house.cast.reader).post(f"/received/{share}/copies", headers={"Range": "bytes=0-9"})
    assert taken.status_code == 200
    assert taken.headers["Accept-Ranges"] == "none"
    assert "ETag" not in taken.headers
    assert len(taken.data) > 10


@given(name=st.text(min_size=1, max_size=60))
def test_no_file_name_breaks_out_of_its_header(name: str) -> None:
    said = disposition(name.encode("utf-8", "replace").decode())
    assert re.fullmatch(r"attachment; filename=(\"[\w. ()-]+\"|[\w.-]+)(; filename\*=UTF-8''[\w%!#$&+.^`|~-]+)?", said, re.ASCII), said


# ---- ranges against the plaintext
@pytest.fixture
def long(house: House) -> tuple[Guest, str, bytes]:
    content = b"".join(large_pdf(3 * CHUNK - 1000)[1])
    return house.guest(house.cast.uploader), house.guest(house.cast.uploader).deposit(content=content), content


EDGES = st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 1, 3 * CHUNK]) | st.integers(0, 4 * CHUNK)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=EDGES, length=st.integers(1, 2 * CHUNK))
def test_a_range_is_a_slice_of_the_file(long: tuple[Guest, str, bytes], first: int, length: int) -> None:
    guest, document, content = long
    for asked, wanted in (
        (f"bytes={first}-{first + length - 1}", content[first : first + length]),
        (f"bytes={first}-", content[first:]),
        (f"bytes=-{length}", content[-length:]),
    ):
        answer = original(guest, document, Range=asked)
        if not wanted:
            assert answer.status_code == 416
            continue
        assert (answer.status_code, answer.data) == (206, wanted)
        assert int(answer.headers["Content-Length"]) == len(wanted)


# ---- damaged objects
def damage(house: House, change: Any) -> None:
    """Change the stored payload of the last version, past the portal."""
    key = house.sql("select store_key from sealed_object where id in (select object_id from version)")[0][0]
    place = f"{key}" if house.s3 else f"{key[:2]}/{key[2:4]}/{key}"
    content = house._in_store()[f"objects/{place}"]
    if house.s3:
        house.s3.client().remove_object(bucket_name=BUCKET, object_name=place)
    house.plant(place, change(content))


def flipped(at: int) -> Any:
    def change(content: bytes) -> bytes:
        place = at % len(content)
        return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]

    return change


def swapped(content: bytes) -> bytes:
    body = content[16:]
    return content[:16] + body[SEALED_CHUNK : 2 * SEALED_CHUNK] + body[:SEALED_CHUNK] + body[2 * SEALED_CHUNK :]


@pytest.mark.parametrize("change", [flipped(0), flipped(-1), lambda c: c[:-1], lambda c: c[:-SEALED_CHUNK], lambda c: c + b"x"])
def test_a_file_that_does_not_end_as_it_was_sealed_gives_nothing_and_raises_an_alarm(
    house: House, long: tuple[Guest, str, bytes], change: Any
) -> None:
    guest, document, _ = long
    damage(house, lambda content: change(content))
    for asked in ("bytes=0-9", ""):
        answer = original(guest, document, Range=asked)
        assert answer.status_code == 500
        assert b"%PDF" not in answer.data
    assert {row[:3] for row in told(house, *ORIGINAL)} == {("version.downloaded", "failed", "broken")}


@pytest.mark.parametrize("change", [flipped(16 + SEALED_CHUNK + 5), flipped(16 + 2 * SEALED_CHUNK - 1), swapped])
def test_no_byte_of_a_damaged_piece_leaves_and_the_originator_is_alarmed(house: House, long: tuple[Guest, str, bytes], change: Any) -> None:
    guest, document, content = long
    damage(house, change)
    first = "bytes=0-9" if change is not swapped else f"bytes={2 * CHUNK}-{2 * CHUNK + 9}"
    good = original(guest, document, Range=first)
    assert good.data in {content[:10], content[2 * CHUNK : 2 * CHUNK + 10]}  # what is asked for is whole: only that is opened
    with pytest.raises(Broken):
        original(guest, document, Range=f"bytes={CHUNK}-")
    begun, ended = told(house, *ORIGINAL)[2:]
    assert begun[:3] == ("version.downloaded", "done", "")
    assert ended[:3] == ("version.download_ended", "failed", "broken")
    assert ended[3]["sent"] == 0
    alarm = house.sql("select bodies, originator, detail, document from audit_event where event = 'alarm.raised'")
    assert [row[:3] for row in alarm] == [(f",{house.cast.body},", house.cast.body, '{"alarm":"broken"}')]


def test_the_end_of_a_recipients_download_is_the_originators_to_read_too(house: House) -> None:
    _, share = shared(house, use="file")
    answer = house.guest(house.cast.reader).client.get(f"/received/{share}/file", base_url="http://localhost:8000", buffered=False)
    answer.close()
    (bodies,) = house.sql("select bodies, code from audit_event where event = 'share.fetch_ended'")
    assert bodies == (",CTED,OCT,", "abandoned")


def test_nothing_leaves_when_the_log_cannot_be_written(house: House) -> None:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    house.sql("alter table audit_event rename to audit_event_gone")
    answer = original(ada, document)
    house.sql("alter table audit_event_gone rename to audit_event")
    assert answer.status_code == 503
    assert b"%PDF" not in answer.data


def test_a_session_that_ended_takes_no_more(house: House) -> None:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    house.clock.at = house.clock.now() + timedelta(days=2)
    assert original(ada, document).status_code == 401
    assert SAMORIA_TITLE not in original(ada, document).text
