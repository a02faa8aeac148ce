"""Who has seen it, to take along: the CSV and the PDF say what the page says, to those who may read it, and each leaves one event."""

import csv
import json
from datetime import timedelta
from hashlib import sha256
from io import BytesIO, StringIO
from uuid import UUID, uuid4

from pdfminer.high_level import extract_text
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser

from portal.cases.typeset import typeset
from tests.cases.test_disclosures import happened, read, reader_name, short
from tests.cases.test_step_up import ASKS, unconfirmed
from tests.common import directions
from tests.common.entity import ENTITY, READER, passed_on
from tests.common.house import House, shared

FILES = ("seen.csv", "seen.pdf")
HOSTILE = '=1+1 #panic("x") *bold* $x$ #read("seen.typ")'


house = directions.among_three


def taken(house: House, document: str, file: str, login: str = "") -> bytes:
    reply = house.guest(login or house.cast.confidentiality).get(f"/documents/{document}/{file}")
    assert reply.status_code == 200, reply.text[:500]
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert reply.headers["Cache-Control"] == "no-store, private"
    return reply.data


def table(content: bytes) -> list[dict[str, str]]:
    assert content.startswith("\N{BYTE ORDER MARK}".encode())
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"), newline="")))


def section(content: bytes, name: str) -> list[dict[str, str]]:
    return [row for row in table(content) if row["Section"] == name]


def words(content: bytes) -> str:
    return " ".join(extract_text(BytesIO(content)).split())


def stamp(house: House) -> str:
    return f"{house.clock.now():%Y-%m-%dT%H:%M:%SZ}"


# ---- what they say
def test_both_files_say_who_opened_what_and_each_leaves_one_event_with_its_hash(house: House) -> None:
    document, share = shared(house, withheld="3")
    released = stamp(house)
    house.clock.advance(timedelta(minutes=2))
    read(house, share, 1, 2, 3, 1)
    happened(house, document, share, actor=UUID(int=7), detail={"copy": "7FQ2-MX3B"})
    for file, login in zip(FILES, (house.cast.confidentiality, house.cast.releasing), strict=True):
        before = len(house.events())
        content = taken(house, document, file, login)
        assert house.events()[before:] == [("disclosures.exported", "done", "")]
        detail = json.loads(
            str(house.sql("select detail from audit_event where event = 'disclosures.exported' order by at desc, id desc")[0][0])
        )
        assert detail == {"format": file[-3:], "sha256": sha256(content).hexdigest(), "size": len(content)}
        house.clock.advance(timedelta(seconds=1))
    rows = section(taken(house, document, "seen.csv"), "Opened through the portal")
    named = next(row for row in rows if row["Person"] == reader_name(house))
    unnamed = next(row for row in rows if row is not named)
    expected = {
        "Symbol": house.cast.symbol,
        "Level": "Confidential",
        "Body": short(house),
        "Share": f"{share[:8]}…",
        "Released": released,
        "State of the share": "Open",
        "Closed": "",
        "Pages opened": "1–3",
        "Further views": "1",
        "Pages of notice only": "3",
        "Searches for words": "0",
        "Copies": "0",
        "Files fetched": "0",
        "Shown before it was kept": "",
        "Passed on to": "",
    }
    assert {name: named[name] for name in expected} == expected
    assert named["First"].endswith("Z")
    assert (unnamed["Copies"], unnamed["Copy numbers"], unnamed["Pages opened"]) == ("1", "7FQ2-MX3B", "")
    paper = words(taken(house, document, "seen.pdf"))
    for said in ("Who has seen it", house.cast.symbol, "CONFIDENTIAL", reader_name(house), "7FQ2-MX3B", "1 (2 views), 2-3", "Page 1 of 1"):
        assert said in paper


def test_after_a_late_request_both_say_what_was_shown_and_whether_the_end_was_confirmed(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1, 2)
    house.clock.advance(timedelta(minutes=10))
    house.guest(house.cast.confidentiality).withhold(document, "2")
    closed = stamp(house)
    (row,) = section(taken(house, document, "seen.csv"), "Shares and their ends")
    assert (row["State of the share"], row["Closed"], row["Closing confirmed"]) == ("Closed, suspended", closed, "")
    assert "Not confirmed yet" in words(taken(house, document, "seen.pdf"))
    house.clock.advance(timedelta(minutes=5))
    assert house.guest(house.cast.reader).post(f"/received/{share}/confirmation").status_code == 302
    confirmed = stamp(house)
    content = taken(house, document, "seen.csv")
    for row in (*section(content, "Opened through the portal"), *section(content, "Shares and their ends")):
        assert row["Closing confirmed"] == confirmed
    (opened,) = section(content, "Opened through the portal")
    assert (opened["Shown before it was kept"], opened["Before the request of"]) == ("2", closed)
    paper = words(taken(house, document, "seen.pdf"))
    assert "Not confirmed yet" not in paper
    assert f"By the {short(house)}" in paper
    assert "Shown before it was kept: 2" in paper
    page = house.guest(house.cast.confidentiality).get(f"/documents/{document}/seen").text
    assert f"By the {short(house)}" in page


def test_to_whom_it_was_passed_on_stands_on_the_page_and_in_both_files(house: House) -> None:
    document, share = shared(house)
    onward = passed_on(house, document, share)
    assert house.guest(READER).get(f"/received/{onward}/pages/1").status_code == 200
    content = taken(house, document, "seen.csv")
    ends = {row["Body"]: row for row in section(content, "Shares and their ends")}
    assert ends[short(house)]["Passed on to"].startswith(f"Entity {onward[:8]}… ")
    assert ends["Entity"]["Passed on by"] == short(house)
    (opened,) = section(content, "Opened through the portal")
    assert (opened["Body"], opened["Passed on by"], opened["Share"]) == ("Entity", short(house), f"{onward[:8]}…")
    for said in (words(taken(house, document, "seen.pdf")), house.guest(house.cast.releasing).get(f"/documents/{document}/seen").text):
        assert f"passed on by the {short(house)}" in said
        assert "Entity, " in said
    house.sql("update onward set asker = ?", ENTITY)
    page = house.guest(house.cast.releasing).get(f"/documents/{document}/seen")
    assert "was changed after it was written" in page.text
    assert f"passed on by the {short(house)}" not in page.text
    assert house.events()[-1][0] == "alarm.raised"
    assert any("was changed after it was written" in row["Note"] for row in table(taken(house, document, "seen.csv")))


def test_what_it_rests_on_is_told_with_the_size_and_the_root_that_were_signed(house: House) -> None:
    document, _ = shared(house)
    house.worker.sequence()
    size, root = house.sql("select size, root from audit_checkpoint order by size desc")[0]
    notes = " ".join(row["Note"] for row in section(taken(house, document, "seen.csv"), "Note"))
    paper = extract_text(BytesIO(taken(house, document, "seen.pdf")))
    assert f"the {size:,} entries that were signed last" in notes
    assert bytes(root).hex() in notes
    assert bytes(root).hex() in "".join(paper.split())
    assert "no disclosure" in " ".join(paper.split())


# ---- to whom
def test_nobody_else_gets_a_file_and_each_refusal_is_one_event(house: House) -> None:
    document, share = shared(house)
    read(house, share, 1)
    others = [(login, 404) for login in (house.cast.reader, house.cast.other_auditor, house.cast.other_administrator, house.cast.auditor)]
    for login, status in [(house.cast.uploader, 403), (house.cast.own_reviewer, 403), *others]:
        for file in FILES:
            guest = house.guest(login)
            before = len(house.events())
            reply, page = guest.get(f"/documents/{document}/{file}"), guest.get(f"/documents/{document}/seen")
            assert (reply.status_code, page.status_code) == (status, status), login
            assert reply.mimetype == "text/html"
            assert login == house.cast.reader or reader_name(house) not in reply.text
            events = [(event, outcome) for event, outcome, _ in house.events()[before:]]
            assert events == [("disclosures.exported", "refused"), ("disclosures.read", "refused")]
            if status == 404:
                assert reply.data == guest.get(f"/documents/{uuid4()}/{file}").data


def test_a_second_factor_is_asked_for_where_the_page_asks_for_one(house: House) -> None:
    document = house.guest(house.cast.both).deposit(level=2)
    house.guest(house.cast.confidentiality)
    officer = unconfirmed(house, house.cast.confidentiality)
    answers = [officer.get(f"/documents/{document}/{file}") for file in ("seen", *FILES)]
    assert len({(answer.status_code, ASKS.encode() in answer.data) for answer in answers}) == 1


def test_the_page_leads_to_both_files(house: House) -> None:
    document, _ = shared(house)
    page = house.guest(house.cast.releasing).get(f"/documents/{document}/seen").text
    for file in FILES:
        assert f'href="/documents/{document}/{file}"' in page


# ---- nothing in them is obeyed
def test_a_title_is_neither_markup_of_the_paper_nor_a_formula_of_a_spreadsheet(house: House) -> None:
    document = house.guest(house.cast.uploader).deposit(title=HOSTILE)
    assert HOSTILE in words(taken(house, document, "seen.pdf"))
    happened(house, document, str(uuid4()), private={"reader": "=HYPERLINK(1)"})
    (row,) = section(taken(house, document, "seen.csv"), "Opened through the portal")
    assert row["Person"] == "'=HYPERLINK(1)"


# ---- the paper itself
def paper(**changes: object) -> bytes:
    known = {"symbol": "XSM/1", "title": "A report", "level": 2, "level_words": "Strictly Confidential", "originator": "Directorate"}
    known |= {"made": "29 Nov 2026, 09:03 UTC", "by": "Conrad Weiss 0198ffaa", "at": [2026, 11, 29, 9, 3, 5], "told": "", "rests_on": ""}
    return typeset("seen", {**known, "changed": "", "sections": [], **changes})


def rows(count: int, person: str = "Omar Haddad") -> list[dict[str, object]]:
    cells = [[[[f"{person} {number}", "strong"]], [["1-4", ""]]] for number in range(count)]
    return [{"name": "Opened", "aside": "In UTC", "heads": [["Person", 1], ["Pages opened", 1]], "rows": cells, "nothing": ""}]


def test_the_level_and_the_head_of_the_table_stand_on_every_page() -> None:
    made = paper(sections=rows(120))
    pages = extract_text(BytesIO(made)).rstrip("\f").split("\f")
    assert len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert text.count("STRICTLY CONFIDENTIAL") == 2
        assert "Pages opened" in text
        assert f"Page {number} of {len(pages)}" in " ".join(text.split())
    assert all(f"Omar Haddad {number}" in " ".join(pages[0].split()) + " ".join("".join(pages).split()) for number in (0, 60, 119))


def test_the_same_words_give_the_same_bytes_and_nothing_of_the_machine() -> None:
    made = paper()
    assert made == paper()
    assert made != paper(title="Another")
    found = PDFDocument(PDFParser(BytesIO(made))).info[0]
    assert found["CreationDate"] == b"D:20261129090305Z"
    assert set(found) <= {"Title", "Author", "Creator", "CreationDate", "ModDate"}


def test_arabic_is_set_in_letters_and_what_has_none_is_spelled_and_said() -> None:
    arabic = paper(sections=rows(1, person="عمر حداد"))
    assert "stand in it by their code" not in words(arabic)
    assert b"DejaVuSansMono" in arabic
    spelled = words(paper(sections=rows(1, person="日本 \u202eevil")))
    assert "[U+65E5][U+672C]" in spelled.replace(" ", "")
    assert "[U+202E]evil" in spelled.replace(" ", "")
    assert "stand in it by their code" in spelled


def test_a_cell_longer_than_a_page_is_set_to_its_end() -> None:
    long = [{**rows(1)[0], "rows": [[[["W" * 40 + " ", ""]] * 200 + [["the last line", ""]], [["1", ""]]]]}]
    assert "the last line" in words(paper(sections=long))
