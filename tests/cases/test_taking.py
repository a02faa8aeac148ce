"""Taking passages by their labels: what goes with them, what is undone, what is recorded and warned of; and how the passages are kept."""

import html
import json
import re
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

import portal.cases.deposit_version as depositing
import portal.cases.kept_passages as keeping
from portal.kernel.errors import Stale
from tests.cases.test_marking import REQUEST, carried, line_of, press
from tests.cases.withholding import lifted
from tests.common.house import House, proposal_of
from tests.common.paragraphs import REPORT, TITLE, TWICE
from tests.common.slips import SAMORIA

FINDER = "portal.confidentiality.render.finder._JOB"

#: A label, as it stands on a page: from left to right, whichever way the page runs.
LABEL = r'<bdi dir="ltr">([^<]*)</bdi>'


def deposited(house: House, content: bytes = REPORT) -> str:
    return house.guest(house.cast.uploader).deposit(title=TITLE, content=content)


def record(house: House, document: str, boxes: str, **fields: str) -> TestResponse:
    sent = {**REQUEST, "boxes": boxes, "at": "1", **fields}
    return house.guest(house.cast.confidentiality).post(f"/documents/{document}/passages", sent)


def kept(house: House, document: str) -> str:
    """What the register of requests says is kept."""
    return html.unescape(house.guest(house.cast.confidentiality).get(f"/documents/{document}").text)


def states(answer: TestResponse) -> dict[str, str]:
    """The outline: what each passage's row says of it."""
    rows = re.findall(r'<li class="p-outline-[^>]*>.*?</li>', answer.text, re.DOTALL)
    named = (re.search(LABEL + r'</b>(?: <span class="p-outline-state">([^<]*))?', row) for row in rows)
    return {html.unescape(found[1]): html.unescape(found[2] or "") for found in named if found}


def echoing(answer: TestResponse) -> list[tuple[str, str]]:
    """(what stays, what it says the same as), as the page warns."""
    return re.findall(
        r'<bdi dir="ltr">([^<]*)</bdi></b><span class="p-small p-muted">says the same as <bdi dir="ltr">([^<]*)</bdi>:', answer.text
    )


# ---- taking
def test_a_passage_is_taken_with_what_is_under_it_on_every_page_and_let_go_by_the_same_press(house: House) -> None:
    document = deposited(house)
    first = house.guest("carla").get(f"/documents/{document}/passages/1")
    assert list(states(first)) == ["§1", "§2", "§2(a)", "§2(b)", "§2(c)", "§3", "§4", "§5", "§6"]
    assert set(states(first).values()) == {""}
    assert re.findall(r'value="take ([^"]*)" formnovalidate aria-label="Take', first.text) == [
        "§1",
        "§2",
        "§2(a)",
        "§2(b)",
    ]
    taken = press(house, document, 1, "take §2")
    assert carried(taken) == "§2"
    assert states(taken) | {"§1": "", "§3": ""} == states(taken)
    assert [states(taken)[label] for label in ("§2", "§2(a)", "§2(c)")] == ["Marked", "With §2", "With §2"]
    assert "With §2(a), §2(b) and §2(c)." in taken.text
    there = press(house, document, 2, "turn", boxes="§2")
    assert len(re.findall('class="p-mark-new"', there.text)) == 1
    assert carried(press(house, document, 2, "take §2", boxes="§2")) == ""
    assert carried(press(house, document, 1, "pick §2", boxes="§2")) == ""
    assert 'value="take §2" formnovalidate aria-label="Let §2 go: §2(c) goes with it"' in there.text


def test_a_passage_is_one_step_to_undo_whatever_it_took(house: House) -> None:
    document = deposited(house)
    box = "p1:0.1000,0.1000,0.2000,0.2000"
    marked = carried(press(house, document, 1, "take §2", boxes=f"{box} §2(a)"))
    assert marked == f"{box} §2(a) §2"
    assert carried(press(house, document, 1, "undo", boxes=marked)) == f"{box} §2(a)"
    assert carried(press(house, document, 1, "remove §2(a)", boxes=marked)) == f"{box} §2"


def test_boxes_that_reach_into_a_passage_mark_it_in_part_and_all_of_it_wholly(house: House) -> None:
    document = deposited(house)
    page = house.guest("carla").get(f"/documents/{document}/passages/1")
    marked = press(house, document, 1, "lines", line=line_of(page, "Heron Bay"))
    assert [states(marked)[label] for label in ("§2(b)", "§2", "§2(a)")] == ["By boxes", "In part", ""]
    assert states(press(house, document, 1, "page"))["§2"] == "In part"
    assert states(press(house, document, 1, "turn", pages="1-2"))["§2"] == "By boxes"
    assert record(house, document, "§2(b)").status_code == 302
    assert states(press(house, document, 1, ""))["§2(b)"] == "In force"
    assert states(press(house, document, 1, ""))["§2"] == "In force in part"


@pytest.mark.parametrize("what", ["take §9", "take ", "pick p1"])
def test_what_is_no_passage_is_not_taken_and_nothing_marked_is_lost(house: House, what: str) -> None:
    document = deposited(house)
    answer = press(house, document, 1, what, boxes="§3")
    assert "There is no such passage" in answer.text
    assert carried(answer) == "§3"
    refused = record(house, document, "§3 §9")
    assert refused.status_code == 422
    assert "&#39;§9&#39; is not a box" in refused.text
    assert house.sql("select count(*) from request") == [(0,)]


# ---- recording
def test_a_request_names_what_was_taken_and_counts_what_was_drawn_and_none_of_it_crosses(house: House) -> None:
    document = deposited(house)
    page = house.guest("carla").get(f"/documents/{document}/passages/2")
    drawn = carried(press(house, document, 2, "lines", line=line_of(page, "thanks the authorities")))
    assert record(house, document, f"§2 {drawn} §2(a)").status_code == 302
    assert "§2 and a passage on page 2" in kept(house, document)
    ada = house.guest("ada")
    assert ada.prepare(document).status_code == 302
    assert ada.propose(document).status_code == 302
    assert house.guest("dana").approve(proposal_of(house)).status_code == 302
    share = UUID(house.sql("select id from share")[0][0])
    shown = [house.guest("omar").get(f"/received/{share}/pages/{number}").text for number in (1, 2)]
    for words in ("in confidence", "out of service", "Heron Bay"):
        assert words not in shown[0]
    for words in ("northern posts", "thanks the authorities"):
        assert words not in shown[1]
    assert "A delegation of the Directorate" in shown[0]
    assert "The national strategy" in shown[1]


def test_a_request_is_narrowed_to_some_of_its_passages(house: House) -> None:
    document = deposited(house)
    assert record(house, document, "§3 §2(a) p2:0.1000,0.6000,0.9000,0.6200").status_code == 302
    shown = kept(house, document)
    assert "§2(a), §3 and a passage on page 2" in shown
    assert re.findall(r'name="box" value="([^"]*)"', shown) == ["§2(a)", "§3", "p2:0.1000,0.6000,0.9000,0.6200"]
    lifted(house, document, box="§3")
    left = states(press(house, document, 1, ""))
    assert (left["§2(a)"], left["§3"]) == ("", "In force")
    assert re.findall(r'name="box" value="([^"]*)"', kept(house, document)) == ["§3"]


@pytest.mark.parametrize(("login", "status"), [("ada", 403), ("dana", 403), ("farid", 404), ("omar", 404)])
def test_nobody_else_takes_a_passage(house: House, login: str, status: int) -> None:
    document = deposited(house)
    guest = house.guest(login)
    for path in (f"/documents/{document}/passages", f"/documents/{document}/passages/1"):
        answer = guest.post(path, {**REQUEST, "boxes": "§3", "press": "take §2"})
        assert answer.status_code == status
        assert TWICE not in answer.text
    assert house.sql("select count(*) from request") == [(0,)]


# ---- the same words elsewhere
def test_the_page_warns_where_the_words_of_what_is_marked_stay_and_records_all_the_same(house: House) -> None:
    document = deposited(house)
    taken = press(house, document, 1, "take §2(a)")
    assert echoing(taken) == [("§5", "§2(a)")]
    assert "about 16 words" in taken.text
    assert "The same words stay in §5. You may record the request all the same." in taken.text
    assert "The same words stay in §5." in press(house, document, 1, "paint", boxes="§2(a)").text
    assert echoing(press(house, document, 2, "take §5")) == [("§2(a)", "§5")]
    assert echoing(press(house, document, 1, "pick §5", boxes="§2(a)")) == []
    assert echoing(press(house, document, 1, "turn", boxes="§2(a)", pages="2")) == []
    assert echoing(press(house, document, 1, "take §3")) == []
    assert record(house, document, "§5").status_code == 302
    assert echoing(press(house, document, 1, "take §2(a)")) == []  # what says the same is kept already


def test_a_box_that_was_drawn_warns_like_a_passage(house: House) -> None:
    document = deposited(house)
    page = house.guest("carla").get(f"/documents/{document}/passages/1")
    marked = press(house, document, 1, "lines", line=line_of(page, "Kestrel Point"))
    assert echoing(marked) == [("§5", "§2(a)")]
    assert echoing(press(house, document, 1, "add", left="30", top="2", right="40", bottom="4")) == []


# ---- keeping
def test_no_label_and_no_word_of_a_passage_stands_in_the_log_or_at_rest(house: House) -> None:
    document = deposited(house)
    press(house, document, 1, "take §2(a)")
    assert record(house, document, "§2(a)").status_code == 302
    assert "§2(a)" in kept(house, document)
    log = " ".join(str(row) for row in house.sql("select * from audit_event"))
    assert "§" not in log
    assert "\\u00a7" not in log
    for name, content in house.everything_at_rest().items():
        assert not [words for words in ("§2(a)".encode(), b"\\u00a72(a)", b"Kestrel", b"Heron Bay") if words in content], name


def outcome(house: House) -> str:
    (detail,) = house.sql("select detail from audit_event where event = 'version.deposited'")[0]
    return str(json.loads(detail)["passages"])


def test_a_deposit_says_that_passages_were_found_and_not_which(house: House) -> None:
    deposited(house)
    assert outcome(house) == "found"
    assert house.sql("select count(*) from version where passages_object_id is not null") == [(1,)]


@pytest.mark.parametrize(
    ("job", "seconds", "told"),
    [("fail", 60, "render_failed"), ("die", 60, "too_heavy"), ("flood", 60, "render_failed"), ("spin", 1, "too_slow")],
)
def test_a_file_of_which_no_passages_are_found_is_taken_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch, job: str, seconds: int, told: str
) -> None:
    monkeypatch.setattr(FINDER, f"tests.rooms.render.probes:{job}")
    monkeypatch.setattr(keeping, "PATIENCE", seconds)
    document = deposited(house)
    assert outcome(house) == told
    assert house.sql("select passages_object_id from version") == [(None,)]
    assert len(house.objects()) == 2
    page = house.guest("carla").get(f"/documents/{document}/passages/1")
    assert "No passages could be found in this file" in page.text
    assert "p-take" not in page.text
    assert "is not a box" in record(house, document, "§2").text
    assert record(house, document, carried(press(house, document, 1, "lines", line=line_of(page, "Heron Bay")))).status_code == 302


def test_more_passages_than_a_document_may_have_are_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST", 1000)
    deposited(house)
    assert outcome(house) == "render_failed"


def test_a_deposit_that_is_not_entered_leaves_neither_file_nor_passages(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(*_: object, **__: object) -> None:
        assert len(house.objects()) == 4
        raise Stale("a version was deposited meanwhile")

    monkeypatch.setattr(depositing, "enter_version", overtaken)
    ada = house.guest("ada")
    assert ada.upload(ada.register(), REPORT).status_code == 409
    assert house.objects() == set()


def test_a_refused_file_leaves_no_passages_behind(house: House) -> None:
    ada = house.guest("ada")
    assert ada.upload(ada.register(), SAMORIA[:-400]).status_code == 422
    assert house.objects() == set()


@pytest.mark.parametrize(
    "change",
    [
        "update version set passages_object_id = object_id",
        "update version set passages_object_id = (select passages_object_id from version where document_id <> {0}) where document_id = {0}",
    ],
    ids=["the file's own", "another document's"],
)
def test_an_object_that_holds_other_passages_or_none_opens_nothing(house: House, change: str) -> None:
    document = deposited(house)
    house.guest("ada").deposit("CTED/2026/XSM/9")
    house.sql(change.format(f"'{document.replace('-', '')}'"))
    answer = press(house, document, 1, "")
    assert answer.status_code == 500
    assert "Kestrel" not in answer.text
    assert house.events()[-1] in {("version.page_read", "failed", code) for code in ("tampered", "label_mismatch")}
    assert record(house, document, "§2").status_code == 500
    assert house.sql("select count(*) from request") == [(0,)]
