"""Comments and questions on a share, and answers, in both directions: its two bodies read them, and nobody else does."""

from uuid import UUID

import pytest

from portal.cases.remark import MOST_REMARKS, MOST_TEXT
from portal.kernel.ids import new_id
from portal.kernel.sealing import Sealed
from portal.sharing.remarks import Remark, remark_bytes
from tests.cases.remarks import ANSWERED, ASKED, SAID, answer, read, remark_of, said, say
from tests.common import directions
from tests.common.entity import READER, passed_on
from tests.common.house import DIRECTORATE, House, shared

house, wide = directions.house, directions.wide


# ---- the whole exchange
def test_a_reviewer_asks_an_officer_answers_and_both_bodies_read_it(house: House) -> None:
    document, share = shared(house)
    reader = house.guest(house.cast.reader)
    assert "Nothing was said of this page" in reader.get(f"/received/{share}/pages/2").text
    assert say(house, share, page="2", passage="§16 (e)").status_code == 302
    assert say(house, share, SAID, kind="comment", page="2").status_code == 302
    beside = reader.get(f"/received/{share}/pages/2").text
    assert ASKED in beside
    assert SAID in beside
    assert "§16 (e)" in beside
    assert "Not answered yet" in beside
    elsewhere = reader.get(f"/received/{share}/pages/1").text
    assert ASKED not in elsewhere
    assert "2 on other pages" in elsewhere
    page = house.guest(house.cast.uploader).get(f"/documents/{document}").text
    assert "1 question, 1 comment" in page
    assert "One waits for an answer" in page
    assert ASKED not in page
    assert ASKED in read(house, document).text
    assert answer(house, document).status_code == 302
    assert ANSWERED in reader.get(f"/received/{share}/pages/2").text
    assert ANSWERED in said(house, share).text
    assert "Not answered yet" not in said(house, share).text
    assert "Nothing to answer" in house.guest(house.cast.uploader).get(f"/documents/{document}").text


def test_who_wrote_is_a_name_to_colleagues_and_a_body_to_the_others(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    answer(house, document)
    name = house.sql("select count(*) from remark where made_by = (select id from person where sub = ?)", f"person-{house.cast.reader}")
    assert name == [(1,)]
    recipients, originators = said(house, share).text, read(house, document).text
    assert recipients.count("An officer of the") == 1
    assert originators.count("An officer of the") == 1
    asker = "Omar" if house.cast is DIRECTORATE else "Elena"
    assert asker in recipients.split('class="p-see p-said"')[1]
    assert asker not in originators


def test_home_says_what_waits_for_an_answer_and_lists_say_what_was_answered(house: House) -> None:
    document, share = shared(house)
    officers = [house.guest(login) for login in (house.cast.uploader, house.cast.confidentiality, house.cast.releasing)]
    assert not any("Questions to answer" in officer.get("/").text for officer in officers)
    say(house, share, SAID, kind="comment")
    assert not any("Questions to answer" in officer.get("/").text for officer in officers)
    say(house, share)
    say(house, share, "And what of page 2?", page="2")
    for officer in officers:
        assert "2 questions of the" in officer.get("/").text
    for login in (house.cast.own_reviewer, house.cast.auditor, house.cast.reader):
        assert "Questions to answer" not in house.guest(login).get("/").text
    assert "question asked" in house.guest(house.cast.reader).get("/received").text
    answer(house, document)
    assert "a question of the" in officers[0].get("/").text
    for path in ("/", "/received"):
        assert "question answered" in house.guest(house.cast.reader).get(path).text
    assert ANSWERED not in house.guest(house.cast.reader).get("/received").text
    answer(house, document, remark=str(UUID(house.sql("select id from remark where kind = 'question' order by made_at")[0][0])))
    assert not any("Questions to answer" in officer.get("/").text for officer in officers)


def test_an_answer_may_be_added_to(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    answer(house, document)
    assert "Add to the answer" in read(house, document).text
    assert answer(house, document, "At weekends and on holidays, to be exact.", house.cast.releasing).status_code == 302
    text = said(house, share).text
    assert text.index(ANSWERED) < text.index("At weekends and on holidays")


# ---- what may be said
@pytest.mark.parametrize("page", ["0", "-1", "5", "99999999", "1.5", "", "one", "٣", "1 or 1=1"])
def test_a_page_that_does_not_exist_is_refused_and_nothing_typed_is_lost(house: House, page: str) -> None:
    _, share = shared(house)
    assert house.sql("select pages from share") == [(4,)]
    refused = say(house, share, page=page)
    assert refused.status_code == 422
    assert "Give one of its pages, 1 to 4." in refused.text
    assert ASKED in refused.text
    assert house.sql("select count(*) from remark") == [(0,)]


def test_too_much_and_nothing_is_refused(house: House) -> None:
    document, share = shared(house)
    for text in ("x" * (MOST_TEXT + 1), "", "  \n \t "):
        assert say(house, share, text).status_code == 422
    assert say(house, share, passage="x" * 61).status_code == 422
    assert house.sql("select count(*) from remark") == [(0,)]
    assert say(house, share, "x" * MOST_TEXT).status_code == 302
    for text in ("x" * (MOST_TEXT + 1), " "):
        refused = answer(house, document, text)
        assert refused.status_code == 422
        assert "Nothing was sent" in refused.text
    assert house.sql("select count(*) from remark") == [(1,)]


@pytest.mark.parametrize("text", ["turn \u202e around", "hidden \u200b space", "bell \x07", "end\u2028here", "isolate \u2067 this"])
def test_characters_that_turn_or_hide_text_are_refused(house: House, text: str) -> None:
    document, share = shared(house)
    assert say(house, share, text).status_code == 422
    assert say(house, share, passage=text).status_code == 422
    say(house, share)
    assert answer(house, document, text).status_code == 422
    assert house.sql("select count(*) from remark") == [(1,)]


def test_text_is_shown_as_it_was_typed_and_never_as_code(house: House) -> None:
    document, share = shared(house)
    code = '<script>alert(1)</script>\n=HYPERLINK("http://example.org")\n\nما معنى هذه الفقرة؟\n{{ 7 * 7 }}'
    assert say(house, share, code, passage="<b>§1</b>").status_code == 302
    assert answer(house, document, code).status_code == 302
    for page in (said(house, share), read(house, document), house.guest(house.cast.reader).get(f"/received/{share}/pages/1")):
        assert "<script>alert" not in page.text
        assert "<b>§1" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
        assert "{{ 7 * 7 }}" in page.text
        assert '<p dir="auto">ما معنى هذه الفقرة؟</p>' in page.text
        assert '<p dir="auto">=HYPERLINK(' in page.text


def test_so_much_is_taken_and_no_more(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    with house.parts.write() as uow:
        one = uow.remarks.get(UUID(remark_of(house)))
        assert one is not None
        for _ in range(MOST_REMARKS - 1):
            columns = {column: getattr(one, column) for column in ("share_id", "document_id", "originator", "page", "made_by", "made_at")}
            row = Remark(id=new_id(), kind_word="comment", answers=None, for_originator=Sealed(b"x"), for_recipient=Sealed(b"x"), **columns)
            row.mac = uow.holder.mac(row.originator, "remark", remark_bytes(row))
            uow.remarks.add(row)
        uow.session.commit()
    assert say(house, share).status_code == 409
    assert answer(house, document).status_code == 409


# ---- rows that somebody edited
@pytest.mark.parametrize(
    "change",
    [
        "page = 2",
        "kind = 'comment'",
        "made_at = made_at - 1",
        "originator = 'XXX'",
        "made_by = share_id",
        "answers = id",
        "document_id = share_id",
    ],
)
def test_an_edited_remark_is_an_alarm(house: House, change: str) -> None:
    document, share = shared(house)
    say(house, share)
    house.sql(f"update remark set {change}")
    assert said(house, share).status_code == 500
    if not change.startswith("document_id"):
        assert read(house, document).status_code == 500
    assert answer(house, document, remark=remark_of(house, "comment" if "kind" in change else "question")).status_code in {404, 500}
    assert house.sql("select count(*) from remark") == [(1,)]


def test_a_remark_moved_to_another_share_is_an_alarm_and_tells_nothing(wide: House) -> None:
    document, share = shared(wide)
    onward = passed_on(wide, document, share)
    say(wide, share)
    wide.sql("update remark set share_id = ?", UUID(onward).hex)
    for path in (f"/received/{onward}/remarks", f"/received/{onward}/pages/1"):
        reply = wide.guest(READER).get(path)
        assert reply.status_code == 500
        assert ASKED not in reply.text
    assert read(wide, document).status_code == 500
    assert ("remarks.read", "failed", "tampered") in wide.events()


def test_a_remark_whose_share_was_taken_away_is_an_alarm(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    house.sql("update share set document_id = proposal_id")
    assert read(house, document).status_code == 500
    assert house.guest(house.cast.uploader).get(f"/documents/{document}").status_code == 500


def test_words_put_into_another_row_or_column_do_not_open(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    say(house, share, SAID, kind="comment")
    house.sql("update remark set for_recipient = for_originator where kind = 'comment'")
    assert said(house, share).status_code == 500
    house.sql("update remark set for_originator = (select for_originator from remark where kind = 'question')")
    assert read(house, document).status_code == 500
