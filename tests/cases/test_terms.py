"""Terms of a share in both directions: reading only, a copy with a name on it, an end; acknowledged, recalled, confirmed."""

import io
import json
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pikepdf
import pypdfium2
import pytest

from portal.kernel.errors import Tampered
from tests.cases.moments import at, midnight
from tests.common import directions
from tests.common.house import House, proposal_of, shared
from tests.common.slips import SAMORIA
from tools.tour.sample import SAMORIA_TITLE

house = directions.house


def copy(house: House, share: str):  # type: ignore[no-untyped-def]
    return house.guest(house.cast.reader).post(f"/received/{share}/copies")


def page(house: House, share: str):  # type: ignore[no-untyped-def]
    return house.guest(house.cast.reader).get(f"/received/{share}/pages/1")


def last_day(house: House, days: int) -> str:
    return (house.clock.now() + timedelta(days=days)).date().isoformat()


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(page.get_textpage().get_text_range() for page in document)


# ---- a copy
def test_what_is_for_reading_only_gives_no_copy_and_no_key_of_one(house: House) -> None:
    _, share = shared(house)
    refused = copy(house, share)
    assert refused.status_code == 403
    assert "for reading in the portal only" in refused.text
    assert "Take a copy" not in page(house, share).text
    assert house.sql("select count(*) from key_wrap where body = ?", house.cast.other) == [(1,)]
    assert house.events()[-2][:2] == ("share.downloaded", "refused")


def test_a_copy_has_every_kept_word_nothing_withheld_and_a_number_the_log_knows(house: House) -> None:
    _, share = shared(house, withheld="3", use="download")
    assert "Take a copy" in page(house, share).text
    taken = copy(house, share)
    assert taken.status_code == 200
    assert taken.mimetype == "application/pdf"
    assert taken.headers["Content-Disposition"] == f"attachment; filename={house.cast.symbol.replace('/', '-')}.pdf"
    text = words_of(taken.data)
    assert "ministries of justice" in text
    assert "Kestrel" not in text
    events = house.sql("select event, outcome, detail from audit_event where event like 'share.download%' order by at, rowid")
    assert [(event, outcome) for event, outcome, _ in events] == [("share.downloaded", "done"), ("share.download_ended", "done")]
    begun, ended = (json.loads(row[2]) for row in events)
    assert begun["copy"] == ended["copy"]
    assert begun["size"] == ended["sent"] == len(taken.data)


def test_two_copies_are_two_numbers_and_every_page_is_marked(house: House) -> None:
    _, share = shared(house, use="download")
    first, second = copy(house, share).data, copy(house, share).data
    rendition = _without_marks(first)
    assert first != second
    for number in range(4):
        plain, one, two = (_drawn(pdf, number) for pdf in (rendition, first, second))
        assert one != plain
        assert two != plain
    numbers = {json.loads(row[0])["copy"] for row in house.sql("select detail from audit_event where event = 'share.downloaded'")}
    assert len(numbers) == 2


def _drawn(pdf: bytes, number: int) -> bytes:
    return pypdfium2.PdfDocument(pdf)[number].render(scale=0.5).to_numpy().tobytes()


def _without_marks(pdf_of_copy: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf_of_copy)) as pdf:
        for page in pdf.pages:
            page.obj.Resources.XObject.Mark = pdf.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 1, 1])
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


def test_the_other_roles_and_the_originator_take_no_copy(house: House) -> None:
    _, share = shared(house, use="download")
    for login in (house.cast.uploader, house.cast.releasing):
        assert house.guest(login).post(f"/received/{share}/copies").status_code == 404


# ---- an end
def test_a_share_is_open_on_its_last_day_and_closed_after_it(house: House) -> None:
    _, share = shared(house, use="download", until=last_day(house, 1))
    assert page(house, share).status_code == 200
    end = midnight(house, 2)
    at(house, end - timedelta(microseconds=1))
    assert page(house, share).status_code == 200
    at(house, end)
    for refused in (page(house, share), copy(house, share), house.guest(house.cast.reader).post(f"/received/{share}/acknowledgement")):
        assert refused.status_code == 403
        assert "No longer available" in refused.text
    assert SAMORIA_TITLE not in house.guest(house.cast.reader).get("/received").text


def test_what_is_over_is_closed_for_good_and_no_clock_set_back_opens_it(house: House) -> None:
    document, share = shared(house, until=last_day(house, 0))
    assert page(house, share).status_code == 200
    now, end = house.clock.now(), midnight(house, 1)
    assert house.passage.close_expired() == 0
    at(house, end)
    assert house.passage.close_expired() == 1
    assert house.passage.close_expired() == 0
    assert house.sql("select originator, object_id from audit_event where event = 'share.closed'") == [(house.cast.body, share)]
    at(house, now)
    assert page(house, share).status_code == 403
    assert house.sql("select count(*) from key_wrap where body = ?", house.cast.other) == [(0,)]
    assert "Ended" in house.guest(house.cast.uploader).get(f"/documents/{document}").text


def test_the_worker_closes_what_is_over(house: House) -> None:
    shared(house, until=last_day(house, 0))
    house.clock.at = house.clock.now() + timedelta(days=2)
    house.worker.tick()
    assert house.sql("select reason, closed_by from closure") == [("expired", None)]


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        ({"until": "2020-01-01"}, "lies in the past"),
        ({"until": "next week"}, "Give the last day as a date"),
        ({"use": "everything"}, "Choose whether it is for reading only"),
    ],
)
def test_terms_that_make_no_sense_are_refused_and_nothing_typed_is_lost(house: House, terms: dict[str, str], fault: str) -> None:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    ada.prepare(document)
    refused = ada.propose(document, purpose="For the planning of support", **terms)
    assert refused.status_code == 422
    assert fault in refused.text
    assert "For the planning of support" in refused.text
    assert house.sql("select count(*) from proposal") == [(0,)]


def test_terms_that_were_edited_open_nothing(house: House) -> None:
    _, share = shared(house)
    house.sql("update share set terms = ?", '{"use":"download","v":1}')
    assert copy(house, share).status_code == 500
    assert page(house, share).status_code == 500
    assert house.events()[-1] == ("share.page_read", "failed", Tampered.code)


def test_the_second_officer_approves_these_very_terms(house: House) -> None:
    ada = house.guest(house.cast.uploader)
    document = ada.deposit()
    ada.prepare(document)
    ada.propose(document)
    house.sql("update proposal set terms = ?", '{"use":"download","v":1}')
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 500
    assert house.sql("select count(*) from share") == [(0,)]


# ---- acknowledged, recalled, confirmed
def test_a_reader_acknowledges_once_and_the_originator_sees_it(house: House) -> None:
    document, share = shared(house)
    omar = house.guest(house.cast.reader)
    assert "Acknowledge receipt" in page(house, share).text
    assert "Read and acknowledge" in omar.get("/").text
    for _ in range(2):
        assert omar.post(f"/received/{share}/acknowledgement").status_code == 302
    assert house.sql("select answer from receipt") == [("acknowledged",)]
    assert "Acknowledge receipt" not in page(house, share).text
    seen = house.guest(house.cast.uploader).get(f"/documents/{document}").text
    assert re.search(r"acknowledged \d{1,2} ", seen)
    assert "Omar" not in seen
    assert ("share.acknowledged", "done", "") in house.events()


def test_one_officer_recalls_and_the_share_is_gone_at_once(house: House) -> None:
    document, share = shared(house, use="download")
    assert page(house, share).status_code == 200
    assert house.guest(house.cast.releasing).recall(document, proposal_of(house)).status_code == 302
    for refused in (page(house, share), copy(house, share)):
        assert refused.status_code == 403
        assert "No longer available" in refused.text
    assert house.sql("select count(*) from key_wrap where body = ?", house.cast.other) == [(0,)]
    stub = house.guest(house.cast.reader).get(f"/received/{share}").text
    assert SAMORIA_TITLE not in stub
    assert "recall" not in stub.lower()
    assert "Recalled" in house.guest(house.cast.uploader).get(f"/documents/{document}").text


def test_a_recall_and_a_request_look_the_same_to_the_other_body(house: House) -> None:
    """Whether a State asked for something is itself confidential: its auditors and readers meet the same stub and the same event."""
    first, share = shared(house)
    house.guest(house.cast.releasing).recall(first, proposal_of(house))
    stub = house.guest(house.cast.reader).get(f"/received/{share}").text
    recalled = _closed_event(house)
    house.sql("delete from closure")
    other, again = _share_again(house, first)
    house.guest(house.cast.confidentiality).withhold(other, "2")
    assert _masked(house.guest(house.cast.reader).get(f"/received/{again}").text, again) == _masked(stub, share)
    assert _closed_event(house) == recalled


def _share_again(house: House, document: str) -> tuple[str, str]:
    ada = house.guest(house.cast.uploader)
    house.sql("insert into closure (id, share_id, reason, closed_at) select id, id, 'recall', 0 from share")
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document).status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    return document, str(UUID(house.sql("select id from share order by approved_at desc")[0][0]))


def _closed_event(house: House) -> tuple[object, ...]:
    columns = "outcome, code, action, object_type, actor_body, actor_roles, bodies, originator, rules, detail"
    return house.sql(f"select {columns} from audit_event where event = 'share.closed' order by at desc, rowid desc")[0]


def _masked(text: str, share: str) -> str:
    return re.sub(r"\d\d:\d\d UTC|[0-9a-f]{64}", "", text.replace(share, ""))


def test_a_key_put_back_after_a_recall_opens_nothing_and_is_an_alarm(house: House) -> None:
    document, share = shared(house)
    saved = house.sql("select * from key_wrap where body = ?", house.cast.other)[0]
    house.guest(house.cast.releasing).recall(document, proposal_of(house))
    house.sql(f"insert into key_wrap values ({','.join('?' * len(saved))})", *saved)
    house.sql("delete from closure")
    refused = page(house, share)
    assert refused.status_code == 500
    assert "ministries" not in refused.text
    assert house.events()[-1] == ("share.page_read", "failed", "tampered")


def test_a_recall_needs_a_reason_which_only_its_own_auditors_hold(house: House) -> None:
    document, share = shared(house)
    refused = house.guest(house.cast.releasing).recall(document, proposal_of(house), reason="")
    assert refused.status_code == 422
    assert "Say why it is recalled" in refused.text
    assert page(house, share).status_code == 200
    house.guest(house.cast.releasing).recall(document, proposal_of(house), reason="Annex of another State")
    rows = house.sql("select bodies, detail, private_part from audit_event where event = 'share.recalled' and outcome = 'done'")
    assert len(rows) == 1
    assert rows[0][0] == f",{house.cast.body},"
    assert "Annex" not in rows[0][1]
    assert b"Annex" not in bytes(rows[0][2])


def test_only_the_releasing_officer_of_the_originator_recalls_and_only_under_its_own_document(house: House) -> None:
    document, share = shared(house)
    proposal = proposal_of(house)
    for login, status in ((house.cast.uploader, 403), (house.cast.confidentiality, 403), (house.cast.reader, 404)):
        assert house.guest(login).recall(document, proposal).status_code == status
    assert house.guest(house.cast.releasing).recall(str(uuid4()), proposal).status_code == 404
    assert page(house, share).status_code == 200


def test_nothing_open_is_nothing_to_recall(house: House) -> None:
    document, _ = shared(house)
    dana = house.guest(house.cast.releasing)
    proposal = proposal_of(house)
    assert dana.recall(document, proposal).status_code == 302
    assert dana.recall(document, proposal).status_code == 403
    assert "Recall it from" not in dana.get(f"/documents/{document}").text


def test_a_recall_is_confirmed_by_the_recipient_and_only_then(house: House) -> None:
    document, share = shared(house)
    omar = house.guest(house.cast.reader)
    assert omar.post(f"/received/{share}/confirmation").status_code == 403
    house.guest(house.cast.releasing).recall(document, proposal_of(house))
    assert "Confirm" in omar.get("/").text
    assert "Confirm: no copy is kept" in omar.get(f"/received/{share}").text
    assert omar.post(f"/received/{share}/confirmation").status_code == 302
    assert "Your body confirmed" in omar.get(f"/received/{share}").text
    assert re.search(r"confirmed by the recipient \d{1,2} ", house.guest(house.cast.uploader).get(f"/documents/{document}").text)


def test_it_is_shared_under_other_terms_after_a_recall_not_beside(house: House) -> None:
    document, _ = shared(house)
    ada = house.guest(house.cast.uploader)
    refused = ada.propose(document, use="download")
    assert refused.status_code == 409
    assert "recall it first" in refused.text
    house.guest(house.cast.releasing).recall(document, proposal_of(house))
    assert ada.propose(document, use="download").status_code == 409  # what was prepared before the recall is stale
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document, use="download").status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    (share,) = (str(UUID(row[0])) for row in house.sql("select id from share where id not in (select share_id from closure)"))
    assert copy(house, share).status_code == 200


# ---- drafts
def _register(house: House, **changes: str):  # type: ignore[no-untyped-def]
    fields = {"title": "Survey tool, third draft", "symbol": "JOINT/1", "kind": "survey_tool", "level": "0", "visit": "", "draft": "yes"}
    return house.guest(house.cast.uploader).post("/documents", fields | changes)


def test_what_both_bodies_draft_is_of_no_visit_and_crosses_as_a_draft(house: House) -> None:
    registered = _register(house)
    assert registered.status_code == 302
    document = registered.headers["Location"].rsplit("/", 1)[-1]
    ada = house.guest(house.cast.uploader)
    assert ada.upload(document, SAMORIA).status_code == 201
    ada.prepare(document)
    ada.propose(document)
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    share = str(UUID(house.sql("select id from share")[0][0]))
    assert "View only, watermarked, draft" in page(house, share).text
    assert "Survey tool, draft" in ada.get(f"/documents/{document}").text


@pytest.mark.parametrize("kind", ["mission_report", "assessment", "advisory_board"])
def test_no_other_kind_is_shared_as_a_draft_or_without_its_visit(house: House, kind: str) -> None:
    refused = _register(house, kind=kind)
    assert refused.status_code == 422
    assert "Only what both bodies write together" in refused.text
    assert "Choose the visit" in refused.text


def test_a_draft_flag_taken_off_in_the_database_stops_the_share(house: House) -> None:
    registered = _register(house)
    document = registered.headers["Location"].rsplit("/", 1)[-1]
    ada = house.guest(house.cast.uploader)
    ada.upload(document, SAMORIA)
    ada.prepare(document)
    ada.propose(document)
    house.guest(house.cast.releasing).approve(proposal_of(house))
    share = str(UUID(house.sql("select id from share")[0][0]))
    house.sql("update share set draft = ?", False)
    assert page(house, share).status_code == 500
