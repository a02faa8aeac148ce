"""Marking passages on the original's pages: who may look, what travels, what is recorded, and what the other body then lacks."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

import portal.cases.mark_passages as marking
from portal.app import create_app
from portal.cases.uow import Parts, UnitOfWork
from portal.confidentiality.boxes import boxes_text
from portal.confidentiality.render.look import look
from portal.confidentiality.render.notice import NOTICE
from portal.confidentiality.render.sandbox import Sandbox
from portal.kernel.config import load_config
from tests.common import directions
from tests.common.beginnings import beginning
from tests.common.house import PORTAL, House, proposal_of
from tests.common.slips import SAMORIA
from tests.rooms.render.papers import plain
from tests.rooms.render.scans import scan

REQUEST = {"state": "XSM", "reference": "SM/NV/2026/41", "dated": "2026-11-02", "received": "note verbale", "version": "1"}


house = directions.house


@beginning
def deposited(house: House) -> str:
    return house.guest(house.cast.uploader).deposit()


def press(house: House, document: str, page: int, what: str, **fields: object) -> TestResponse:
    return house.guest(house.cast.confidentiality).post(f"/documents/{document}/passages/{page}", {"press": what, **fields})


def carried(answer: TestResponse, name: str = "boxes") -> str:
    """What the form of the answer carries on."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', answer.text)
    assert found, answer.text[:2000]
    return html.unescape(found[1])


def line_of(answer: TestResponse, words: str) -> str:
    """The value of the checkbox of the line with these words."""
    return next(value for value, text in re.findall(r'name="line" value="([^"]*)"><span>([^<]*)', answer.text) if words in text)


def test_a_passage_is_marked_seen_as_the_other_body_will_see_it_recorded_and_does_not_cross(house: House) -> None:
    document = deposited(house)
    first = house.guest(house.cast.confidentiality).get(f"/documents/{document}/passages/2")
    assert first.status_code == 200
    marked = press(house, document, 2, "lines", line=line_of(first, "passenger lists"))
    boxes = carried(marked)
    assert re.fullmatch(r"p2:[\d.,]+", boxes)
    assert "Page 2, box 1" in marked.text
    painted = press(house, document, 2, "paint", boxes=boxes)
    assert NOTICE in painted.text
    assert "passenger lists" not in painted.text
    assert carried(painted) == boxes
    answer = house.guest(house.cast.confidentiality).post(f"/documents/{document}/passages", {**REQUEST, "boxes": boxes, "at": "2"})
    assert answer.status_code == 302, answer.text
    assert house.sql("select scope from request") == [("passages",)]
    uploader = house.guest(house.cast.uploader)
    assert uploader.prepare(document).status_code == 302
    assert uploader.propose(document).status_code == 302
    assert house.guest(house.cast.releasing).approve(proposal_of(house)).status_code == 302
    share = UUID(house.sql("select id from share")[0][0])
    shown = house.guest(house.cast.reader).get(f"/received/{share}/pages/2").text
    assert "passenger" not in shown
    assert NOTICE in shown
    assert "names one lead ministry" in shown


def test_who_may_not_mark_is_refused_with_one_event(house: House) -> None:
    document = deposited(house)
    for login, status in (
        (house.cast.uploader, 403),
        (house.cast.releasing, 403),
        (house.cast.own_reviewer, 403),
        (house.cast.auditor, 404),
        (house.cast.reader, 404),
        (house.cast.other_auditor, 404),
    ):
        guest = house.guest(login)
        for ask in (guest.get, guest.post):
            before = len(house.events())
            answer = ask(f"/documents/{document}/passages/2")
            assert answer.status_code == status, login
            assert "data:image" not in answer.text
            assert [(event, outcome) for event, outcome, _ in house.events()[before:]] == [("version.page_read", "refused")], login


def test_a_look_is_one_event_with_its_page_and_no_place(house: House) -> None:
    document = deposited(house)
    press(house, document, 1, "")
    before = len(house.events())
    edges = {"left": "12.34", "top": "17.89", "right": "56.78", "bottom": "19.01"}
    answer = press(house, document, 2, "add", **edges)
    assert [event for event, *_ in house.events()[before:]] == ["version.page_read"]
    boxes = carried(answer)
    assert boxes == "p2:0.1234,0.1789,0.5678,0.1901"
    house.guest(house.cast.confidentiality).post(f"/documents/{document}/passages", {**REQUEST, "boxes": boxes, "at": "2"})
    details = [json.loads(row[0]) for row in house.sql("select detail from audit_event where event = 'version.page_read' order by at")]
    assert details == [{"page": 1}, {"page": 2}]
    log = " ".join(str(row) for row in house.sql("select * from audit_event"))
    assert not [place for place in ("0.1234", "0.1789", "17.89", "0.5678", "p2:") if place in log]
    assert not re.findall(r'(?:href|action|formaction|src)="[^"]*(?:p2:|p2%3A|0\.1234|12\.34)', answer.text)


def test_the_page_carries_who_looked_and_every_form_is_posted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    document = deposited(house)
    lines: list[str] = []
    real = marking.stamp
    monkeypatch.setattr(marking, "stamp", lambda image, words: lines.extend(words) or real(image, words))
    answer = press(house, document, 1, "")
    mark = " ".join(lines)
    for word in (house.cast.body, house.cast.symbol, "Original", house.clock.now().strftime("%Y-%m-%d %H:%M UTC")):
        assert word in mark
    assert not re.search(r"<form(?![^>]*post)", answer.text)


def test_no_transaction_that_writes_is_open_while_the_page_is_drawn(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    document = deposited(house)
    press(house, document, 1, "")
    open_now: list[str] = []
    seen: list[list[str]] = []
    real_write, real_look = Parts.write, marking.look

    @contextmanager
    def write(parts: Parts) -> Iterator[UnitOfWork]:
        with real_write(parts) as uow:
            open_now.append("write")
            try:
                yield uow
            finally:
                open_now.pop()

    def looking(*given: object, **named: object):  # type: ignore[no-untyped-def]
        seen.append(list(open_now))
        return real_look(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Parts, "write", write)
    monkeypatch.setattr(marking, "look", looking)
    assert press(house, document, 1, "").status_code == 200
    assert seen == [[]]


def test_a_look_without_the_form_token_is_forged(house: House) -> None:
    document = deposited(house)
    guest = house.guest(house.cast.confidentiality)
    before = len(house.events())
    answer = guest.client.post(f"/documents/{document}/passages/1", base_url=PORTAL, data={"press": "page"})
    assert answer.status_code == 403
    assert house.events()[before:] == [("version.page_read", "refused", "forged")]


def test_a_bad_box_shows_its_fault_and_nothing_typed_is_lost(house: House) -> None:
    document = deposited(house)
    answer = press(house, document, 2, "add", left="90", top="2", right="1o", bottom="4", boxes="p1:0.1,0.1,0.2,0.2", **REQUEST)
    assert "Give all four edges" in answer.text
    assert [carried(answer, name) for name in ("left", "top", "right", "bottom")] == ["90", "2", "1o", "4"]
    assert carried(answer) == "p1:0.1000,0.1000,0.2000,0.2000"
    assert carried(answer, "reference") == REQUEST["reference"]
    officer = house.guest(house.cast.confidentiality)
    for boxes, told in (("p9:0.1,0.1,0.2,0.2", "pages 1 to 4"), ("nonsense", "is not a box"), ("", "Draw a box")):
        again = officer.post(f"/documents/{document}/passages", {**REQUEST, "boxes": boxes, "at": "3", "pages": ""})
        assert again.status_code == 422
        assert told in again.text
        assert carried(again) == boxes
        assert carried(again, "reference") == REQUEST["reference"]
        assert "Page <b>3</b> of 4" in again.text
    assert house.sql("select count(*) from request") == [(0,)]


def test_marks_on_every_page_are_carried_undone_and_removed_in_the_order_of_drawing(house: House) -> None:
    document = deposited(house)
    boxes = ""
    for page, top in ((3, "10"), (1, "10"), (3, "50")):
        edges = {"left": "10", "top": top, "right": "50", "bottom": str(int(top) + 2)}
        boxes = carried(press(house, document, page, "add", boxes=boxes, **edges))
    assert [piece[:2] for piece in boxes.split()] == ["p3", "p1", "p3"]
    assert carried(press(house, document, 2, "undo", boxes=boxes)) == " ".join(boxes.split()[:2])
    assert carried(press(house, document, 2, f"remove {boxes.split()[0]}", boxes=boxes)) == " ".join(boxes.split()[1:])
    listed = press(house, document, 3, "turn", boxes=boxes, pages="4")
    assert re.findall(r"<b class=\"p-strong\">(Page \d, \w+(?: \d)?)</b>", listed.text) == [
        "Page 1, box 1",
        "Page 3, box 1",
        "Page 3, box 2",
        "Page 4, whole",
    ]
    assert carried(press(house, document, 3, "unpage 4", boxes=boxes, pages="4"), "pages") == ""
    assert carried(press(house, document, 3, "page", boxes=boxes, pages="1"), "pages") == "1, 3"


def test_lines_that_follow_one_another_become_one_box(house: House) -> None:
    document = deposited(house)
    page = house.guest(house.cast.confidentiality).get(f"/documents/{document}/passages/2")
    values = re.findall(r'name="line" value="([^"]*)"', page.text)
    assert len(carried(press(house, document, 2, "lines", line=values[2:5])).split()) == 1
    assert len(carried(press(house, document, 2, "lines", line=[values[2], values[4]])).split()) == 2
    assert "Choose at least one line" in press(house, document, 2, "lines").text
    for other in (1, 3):
        assert "not lines of this page" in press(house, document, other, "lines", line=values[2]).text


def test_what_a_request_in_force_keeps_is_shown_with_the_new_marks(house: House) -> None:
    document = deposited(house)
    seen = look(Sandbox(seconds=30), [SAMORIA], page=2)
    place = next(place for line, place in zip(seen.text, seen.places, strict=True) if "passenger lists" in line)
    officer = house.guest(house.cast.confidentiality)
    assert officer.withhold(document, scope="passages", boxes=boxes_text([place])).status_code == 302
    assert "In force" in officer.get(f"/documents/{document}/passages/2").text
    assert "passenger lists" not in press(house, document, 2, "paint").text


def test_a_page_that_is_not_there_and_a_document_without_a_file_are_refused(house: House) -> None:
    document = deposited(house)
    for page in (0, 5):
        assert house.guest(house.cast.confidentiality).get(f"/documents/{document}/passages/{page}").status_code == 404
    empty = house.guest(house.cast.uploader).register(f"{house.cast.body}/2026/XSM/4", "Another report")
    answer = house.guest(house.cast.confidentiality).get(f"/documents/{empty}/passages/1")
    assert answer.status_code == 403
    assert "Send the file first" in answer.text


def test_the_document_page_leads_to_marking_only_whoever_may(house: House) -> None:
    document = deposited(house)
    led = f'formaction="/documents/{document}/passages/1"'
    assert led in house.guest(house.cast.confidentiality).get(f"/documents/{document}").text
    assert led not in house.guest(house.cast.uploader).get(f"/documents/{document}").text


@pytest.mark.parametrize("reads", [True, False])
def test_of_a_page_that_is_a_picture_the_officer_is_told_what_becomes_of_its_text(house: House, reads: bool) -> None:
    if not reads:
        file = house.folder / "config.toml"
        file.write_text(file.read_text() + "\n[render]\nread_scans = false\n")
        house.parts.database.close()
        house.config = load_config(file)
        house.app = create_app(house.config, clock=house.clock, background=False)
    document = house.guest(house.cast.uploader).deposit(content=scan(plain()))
    words = "its words are read from the picture" if reads else "cannot be read aloud or searched"
    for answer in (press(house, document, 1, ""), press(house, document, 1, "paint", boxes="p1:0.1,0.1,0.9,0.4")):
        assert "This page has no text of its own" in answer.text
        assert words in answer.text
    assert "no text of its own" not in press(house, document, 1, "page").text
