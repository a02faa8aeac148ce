"""Who says, answers and reads remarks: the two bodies of the share, those of them who may, and nobody else, whatever is in the log."""

from uuid import uuid4

import pytest

from portal.cases.remark import MOST_TEXT
from tests.cases.logged import details
from tests.cases.remarks import ANSWERED, ASKED, SAID, answer, read, remark_of, said, say, told_reference
from tests.cases.test_step_up import form_of, link, strictly_shared, unconfirmed
from tests.common import directions
from tests.common.entity import ENTITY, READER, passed_on
from tests.common.house import DIRECTORATE, House, shared

house, wide = directions.house, directions.wide


# ---- who may
def test_who_may_say_and_who_may_answer(house: House) -> None:
    document, share = shared(house)
    for login in (
        house.cast.uploader,
        house.cast.releasing,
        house.cast.own_reviewer,
        house.cast.other_auditor,
        house.cast.other_administrator,
    ):
        assert say(house, share, login=login).status_code == 404
        assert said(house, share, login).status_code == 404
    assert house.sql("select count(*) from remark") == [(0,)]
    say(house, share)
    for login in (house.cast.uploader, house.cast.confidentiality, house.cast.releasing):
        assert read(house, document, login).status_code == 200
        assert answer(house, document, login=login).status_code == 302
    assert read(house, document, house.cast.own_reviewer).status_code == 403
    assert "Questions and comments" not in house.guest(house.cast.own_reviewer).get(f"/documents/{document}").text
    for login in (house.cast.own_reviewer, house.cast.reader, house.cast.auditor, house.cast.other_auditor):
        assert answer(house, document, login=login).status_code == 404
    for login in (house.cast.reader, house.cast.auditor, house.cast.other_auditor):
        assert read(house, document, login).status_code == 404
    assert house.sql("select count(*) from remark") == [(4,)]


def test_only_questions_of_this_very_document_are_answered(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    asked = remark_of(house)
    other = house.guest(house.cast.uploader).deposit(f"{house.cast.body}/2026/XSM/4")
    assert answer(house, other, remark=asked).status_code == 404
    assert answer(house, document, remark=str(uuid4())).status_code == 404
    answer(house, document)
    say(house, share, SAID, kind="comment")
    for kind in ("comment", "answer"):
        assert answer(house, document, remark=remark_of(house, kind)).status_code == 404
    assert house.sql("select count(*) from remark where kind = 'answer'") == [(1,)]


def test_nobody_answers_in_the_place_of_the_originator_nor_says_anything_without_choosing_what_it_is(house: House) -> None:
    _, share = shared(house)
    for kind in ("", "answer", "question; drop table remark"):
        refused = say(house, share, kind=kind)
        assert refused.status_code == 422
        assert "Choose whether it is a comment or a question" in refused.text
    assert house.sql("select count(*) from remark") == [(0,)]


@pytest.mark.parametrize("house", [DIRECTORATE], indirect=True, ids=["from the Directorate"])
def test_strictly_confidential_words_are_shown_and_sent_with_a_second_factor_only(house: House) -> None:
    document, share = strictly_shared(house)
    cleared = house.cast.cleared_reader
    assert say(house, share, login=cleared).status_code == 302
    assert answer(house, document).status_code == 302
    reader, officer = unconfirmed(house, cleared), unconfirmed(house, house.cast.confidentiality)
    where = f"/documents/{document}/remarks"
    for reply in (
        reader.get(f"/received/{share}/remarks"),
        reader.post(f"/received/{share}/remarks", {"kind": "comment", "page": "1", "text": SAID}),
        officer.get(where),
        officer.post(f"{where}/{remark_of(house)}/answer", {"text": ANSWERED}),
    ):
        assert link(reply)
        assert ASKED not in reply.text
    assert say(house, share).status_code == 403  # a reviewer who is cleared for less
    assert house.sql("select count(*) from remark") == [(2,)]
    long = "ما معنى هذه الفقرة؟ " * (MOST_TEXT // 20 - 2)
    kept = reader.post(f"/received/{share}/remarks", {"kind": "comment", "page": "1", "text": f"One line\nand another: {long}"})
    url, fields = form_of(reader.get(reader.confirm(link(kept)).headers["Location"]))
    assert reader.post(url, fields).status_code == 302
    text = said(house, share, cleared).text
    assert "One line" in text
    assert "and another" in text


# ---- who learns of it
def test_another_recipient_reads_nothing_of_it_not_even_that_there_is_any(wide: House) -> None:
    document, share = shared(wide)
    onward = passed_on(wide, document, share)
    before = [wide.guest(READER).get(path).text for path in (f"/received/{onward}/remarks", "/received", "/")]
    say(wide, share)
    answer(wide, document)
    say(wide, share, SAID, kind="comment")
    after = [wide.guest(READER).get(path).text for path in (f"/received/{onward}/remarks", "/received", "/")]
    assert all(text not in page for text in (ASKED, ANSWERED, SAID, "on other pages") for page in after)
    assert [len(page) for page in before] == [len(page) for page in after]
    assert wide.guest(READER).get(f"/received/{share}/remarks").status_code == 404
    bodies = wide.sql("select bodies from audit_event where event like 'remark.%' and outcome = 'done'")
    assert all(ENTITY not in row[0] for row in bodies)
    say(wide, onward, "Does this hold for our capital, too?", READER)
    assert "Does this hold" not in said(wide, share).text
    assert "From the Entity" in read(wide, document).text
    assert "From the Office" in read(wide, document).text


def test_of_a_share_for_named_eyes_only_the_named_ask_and_read(house: House) -> None:
    reference = told_reference(house)
    document, share = shared(house, eyes=reference)
    colleague = house.cast.cleared_reader
    assert say(house, share, login=colleague).status_code == 404
    assert say(house, share).status_code == 302
    assert said(house, share, colleague).status_code == 404
    assert ASKED in said(house, share).text
    assert answer(house, document).status_code == 302


def test_the_log_says_that_something_was_said_and_never_what(house: House) -> None:
    document, share = shared(house)
    say(house, share, passage="Annex II")
    asked = remark_of(house)
    answer(house, document)
    assert details(house, "remark.made") == [{"kind": "question", "page": 1, "remark": asked}]
    assert [{**row, "remark": ""} for row in details(house, "remark.answered")] == [
        {"answers": asked, "kind": "answer", "page": 1, "remark": ""}
    ]
    for login in (house.cast.auditor, house.cast.other_auditor):
        log = house.guest(login).log()
        assert "Remark made" in log
        for words in (ASKED, ANSWERED, "Annex II"):
            assert words not in log
    for name, content in house.everything_at_rest().items():
        assert ASKED.encode() not in content, name


def test_an_absent_question_is_told_like_one_of_another_body(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    asked = remark_of(house)
    replies = [answer(house, document, login=house.cast.reader, remark=remark) for remark in (asked, str(uuid4()))]
    assert [reply.status_code for reply in replies] == [404, 404]
    assert replies[0].data == replies[1].data
