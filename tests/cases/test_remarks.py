"""Comments and questions on a share, and answers, in both directions: its two bodies read them, and nobody else does."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from portal.cases.remark import MOST_REMARKS, MOST_TEXT
from portal.kernel.ids import new_id
from portal.kernel.sealing import Place, Sealed
from portal.sharing.remarks import Remark, remark_bytes
from tests.cases import keeping
from tests.cases.remarks import ANSWERED, ASKED, SAID, answer, read, remark_of, said, say
from tests.cases.test_step_up import form_of, link, strictly_shared, unconfirmed
from tests.cases.test_terms import at
from tests.common.backups import back_up, command, recalled, started
from tests.common.entity import ENTITY, READER, passed_on
from tests.common.house import DIRECTORATE, OFFICE, House, open_house, proposal_of, shared
from tests.common.s3server import S3Server

GONE = "No longer available"
CLOSED = "an answer would not arrive"


@pytest.fixture(params=[DIRECTORATE, OFFICE], ids=["from the Directorate", "from the Office"])
def house(template: Path, tmp_path: Path, house_s3: S3Server | None, request: pytest.FixtureRequest) -> Iterator[House]:
    opened = open_house(template, tmp_path / "portal", request.param, house_s3)
    yield opened
    opened.close()


@pytest.fixture
def wide(entity_template: Path, tmp_path: Path, house_s3: S3Server | None) -> Iterator[House]:
    """With a third body, to which a share was passed on."""
    opened = open_house(entity_template, tmp_path / "portal", DIRECTORATE, house_s3)
    yield opened
    opened.close()


def words_of(house: House, column: str, body: str) -> list[str]:
    """What is sealed in this column, opened with that body's key."""
    rows = house.sql(f"select id, {column} from remark")
    return [house.parts.holder._open_field(body, Place("remark", column, UUID(str(row))), Sealed(value)) for row, value in rows]


def details(house: House, event: str) -> list[dict[str, object]]:
    return [json.loads(row[0]) for row in house.sql("select detail from audit_event where event = ? and outcome = 'done'", event)]


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


# ---- once it is closed
def closings(house: House, document: str) -> None:
    assert house.guest(house.cast.releasing).recall(document, proposal_of(house)).status_code == 302


@pytest.mark.parametrize("how", ["recalled", "requested", "over"])
def test_of_a_closed_share_the_recipient_reads_and_says_nothing_and_the_originator_reads_all(house: House, how: str) -> None:
    until = {"until": (house.clock.now() + timedelta(days=1)).date().isoformat()} if how == "over" else {}
    document, share = shared(house, withheld="", **until)
    say(house, share)
    answer(house, document)
    say(house, share, "And of page 2?", page="2")
    if how == "recalled":
        closings(house, document)
    elif how == "requested":
        assert house.guest(house.cast.confidentiality).withhold(document, "3").status_code == 302
    else:
        at(house, house.clock.now() + timedelta(days=2))
    for reply in (said(house, share), say(house, share, "One more")):
        assert reply.status_code == 403
        assert GONE in reply.text
        assert ASKED not in reply.text
    for path in ("/", "/received", f"/received/{share}"):
        text = house.guest(house.cast.reader).get(path).text
        assert ASKED not in text
        assert "question" not in text
    kept = read(house, document)
    assert ASKED in kept.text
    assert ANSWERED in kept.text
    assert CLOSED in kept.text
    refused = answer(house, document, "Too late")
    assert refused.status_code == 403
    assert CLOSED in refused.text
    assert "Questions to answer" not in house.guest(house.cast.confidentiality).get("/").text
    assert house.sql("select count(*) from remark") == [(3,)]


def test_with_the_closing_what_was_said_is_gone_for_the_recipient_whatever_the_rules_say(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    assert words_of(house, "for_recipient", house.cast.other) == [json.dumps(["", ASKED])]
    closings(house, document)
    assert words_of(house, "for_recipient", house.cast.other) == [""]
    assert words_of(house, "for_originator", house.cast.body) == [json.dumps(["", ASKED])]


def test_a_question_about_a_closed_share_is_not_answered_because_another_one_is_open(house: House) -> None:
    document, share = shared(house, withheld="")
    say(house, share)
    first = remark_of(house)
    closings(house, document)
    ada = house.guest(house.cast.uploader)
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document).status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    assert answer(house, document, remark=first).status_code == 403
    again = str(UUID(next(row[0] for row in house.sql("select id from share") if UUID(row[0]) != UUID(share))))
    assert ASKED not in said(house, again).text
    assert house.sql("select count(*) from remark") == [(1,)]


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


def test_of_what_was_passed_on_nothing_is_said_once_the_share_it_came_of_is_closed(wide: House) -> None:
    document, share = shared(wide)
    onward = passed_on(wide, document, share)
    say(wide, onward, login=READER)
    asked = remark_of(wide)
    assert (
        wide.guest("dana")
        .recall(document, str(UUID(wide.sql("select proposal_id from share where id = ?", UUID(share).hex)[0][0])))
        .status_code
        == 302
    )
    assert say(wide, onward, login=READER).status_code == 403
    assert said(wide, onward, READER).status_code == 403
    assert answer(wide, document, remark=asked).status_code == 403


def test_of_a_share_for_named_eyes_only_the_named_ask_and_read(house: House) -> None:
    reference = told_reference(house)
    document, share = shared(house, eyes=reference)
    colleague = house.cast.cleared_reader
    assert say(house, share, login=colleague).status_code == 404
    assert say(house, share).status_code == 302
    assert said(house, share, colleague).status_code == 404
    assert ASKED in said(house, share).text
    assert answer(house, document).status_code == 302


def told_reference(house: House) -> str:
    text = house.guest(house.cast.reader).get("/sessions").text
    return text.split("Your reference")[1].split('dir="ltr">')[1].split("<")[0]


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
        log = house.guest(login).get("/audit").text
        assert "remark.made" in log or "remark made" in log.lower()
        for words in (ASKED, ANSWERED, "Annex II"):
            assert words not in log
    for name, content in house.everything_at_rest().items():
        assert ASKED.encode() not in content, name


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


# ---- destroyed
def test_shredding_destroys_what_was_said_for_both(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    answer(house, document)
    before = [bytes(value) for row in house.sql("select for_originator, for_recipient from remark") for value in row]
    assert keeping.propose(house, document).status_code == 302
    assert keeping.confirm(house, document).status_code == 302
    assert words_of(house, "for_originator", house.cast.body) == ["", ""]
    assert words_of(house, "for_recipient", house.cast.other) == ["", ""]
    for name, content in house.everything_at_rest().items():
        assert not any(sealed in content for sealed in before), name
    gone = read(house, document)
    assert gone.status_code == 403
    assert "shredded" in gone.text
    assert "Questions and comments" not in house.guest(house.cast.confidentiality).get(f"/documents/{document}").text
    assert answer(house, document).status_code == 403


@pytest.mark.parametrize("house", [DIRECTORATE], indirect=True, ids=["from the Directorate"])
def test_a_backup_from_before_a_recall_brings_nothing_back_to_the_recipient(house: House) -> None:
    document, share = shared(house, withheld="")
    say(house, share)
    answer(house, document)
    backup = back_up(house)
    recalled(house, document)
    backup.restore("database")
    assert words_of(house, "for_recipient", "OCT")[0] != ""
    assert command(house, "restore", "reconcile") == 0
    started(house)
    assert words_of(house, "for_recipient", "OCT") == ["", ""]
    assert said(house, share).status_code == 403
    assert ASKED in read(house, document).text
    assert CLOSED in answer(house, document, "Too late").text


def test_an_absent_question_is_told_like_one_of_another_body(house: House) -> None:
    document, share = shared(house)
    say(house, share)
    asked = remark_of(house)
    replies = [answer(house, document, login=house.cast.reader, remark=remark) for remark in (asked, str(uuid4()))]
    assert [reply.status_code for reply in replies] == [404, 404]
    assert replies[0].data == replies[1].data
