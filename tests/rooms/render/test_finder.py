"""Passages of real files, found in the sandbox: six languages, columns, footnotes; and a child that cannot be believed."""

import json

import pytest
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render.build import build
from portal.confidentiality.render.finder import alike, find_passages
from portal.confidentiality.render.found import Found
from portal.confidentiality.render.pack import PackReader
from portal.confidentiality.render.proof import prove
from portal.confidentiality.render.refusal import FileRefused, Reason, RenderFailed
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.shared import shared_wording
from portal.confidentiality.render.text_passages import Kind, Passage, taken
from portal.confidentiality.render.wording import wording
from tests.rooms.render.papers import document
from tools.passages.__main__ import score
from tools.passages.languages import LANGUAGES
from tools.passages.reports import Block, report
from tools.passages.sheets import HELD_OUT, TUNED, sheet

SANDBOX = Sandbox(seconds=60)
LAYOUTS = {layout.name: layout for layout in (*TUNED, *HELD_OUT)}


def found_in(content: bytes) -> Found:
    return find_passages(SANDBOX, [content])


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("layout", ["plain", "columns"])
def test_the_labels_of_a_report_are_found_in_every_language(code: str, layout: str) -> None:
    one = score(LANGUAGES[code], 3, LAYOUTS[layout])
    assert (one.found, one.whole, one.more) == (one.wanted, one.wanted, 0), one.misses
    assert one.notes_owned == one.notes


def test_the_sandboxed_child_finds_what_the_figures_say() -> None:
    blocks = report(LANGUAGES["en"], 3)
    found = found_in(sheet(LANGUAGES["en"], blocks, LAYOUTS["plain"]))
    wanted = [block.label for block in blocks if block.label]
    assert [passage.label for passage in found.passages if passage.label and passage.kind != "footnote"] == wanted
    assert found.pages == max(passage.pages[-1] for passage in found.passages)


SECRET = ["Kestrel", "met", "Heron", "at", "the", "northern", "jetty", "before", "dawn", "and", "handed", "the", "blue", "folder", "over"]
OPEN = ["the", "mission", "visited", "border", "posts", "and", "met", "officials", "who", "described", "the", "training", "of", "patrols"]


def secret_report() -> list[Block]:
    """A paragraph that goes over a column and has a list and a note; all of it is secret, and nothing else is."""
    noted = Block("paragraph", "§9", "9.", [*(SECRET * 3)[:-1], "knew:"], ["Heron", "was", "seen", "by", "the", "watchman", "Oriole"], 4)
    items = [Block("item", f"§9({sign})", f"({sign})", [*SECRET, "again;"]) for sign in "ab"]
    before = [Block("paragraph", f"§{number}", f"{number}.", [*OPEN * 4, "well."]) for number in range(1, 9)]
    after = [Block("paragraph", f"§{number}", f"{number}.", [*OPEN * 2, "well."]) for number in range(10, 13)]
    return [*before, noted, *items, *after]


@pytest.mark.parametrize("layout", ["plain", "columns", "wide columns"])
def test_a_withheld_label_takes_all_of_a_paragraph_its_list_and_its_footnote(layout: str) -> None:
    content = sheet(LANGUAGES["en"], secret_report(), LAYOUTS[layout])
    gone = taken(found_in(content).passages, "§9")
    assert [passage.label for passage in gone] == ["§9", "§9(a)", "§9(b)", "footnote 4"]
    withheld = Withheld(boxes=tuple(box for passage in gone for box in passage.boxes))
    built = build(SANDBOX, [content], withheld=withheld, title="Rendition")
    assert prove(SANDBOX, [content], built.pdf, built.pack, built.withheld).ok
    reader = PackReader(lambda offset, length: built.pack[offset : offset + length])
    kept = wording(" ".join(reader.page(number).text for number in range(1, built.pages + 1))).tokens
    assert {"kestrel", "heron", "jetty", "oriole", "watchman", "9"} & set(kept) == set()
    assert kept.count("training") == 8 * 4 + 3 * 2


def test_text_that_nobody_sees_has_no_say() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(40, 250, "1. The mission met the ministry.")
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(40, 220, "2. A number that is not seen.")
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(40, 190, "2. The second paragraph.")

    found = found_in(document(draw))
    (second,) = [passage for passage in found.passages if passage.label == "§2"]
    assert second.text == "2. The second paragraph."
    assert second.boxes[0].y0 > 1 - 205 / 300


def test_what_cannot_be_read_is_refused_and_a_page_without_text_has_no_passages() -> None:
    with pytest.raises(FileRefused) as caught:
        found_in(b"GIF89a")
    assert caught.value.reason is Reason.NOT_PDF
    assert found_in(document(lambda canvas: canvas.rect(50, 50, 99, 99, fill=1))) == Found(1, ())


def crowd(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 3)
    for row in range(95):
        canvas.drawString(5, 295 - 3 * row, f"{row + 1}. (a) (i) I. A. " + "1. " * 90)


def test_a_page_crowded_with_numbers_comes_to_an_end() -> None:
    assert found_in(document(*[crowd] * 5)).passages


def test_wording_that_stands_twice_is_told() -> None:
    said = [" ".join(words) for words in (SECRET, OPEN, ["Later", *SECRET[2:16]], SECRET)]
    assert shared_wording(said) == ((0, 2, 2), (0, 3, 2), (2, 3, 2))
    chinese = list("代表团访问了边境哨所并会见若干部委官员")
    assert shared_wording(["".join(chinese), "".join(["他们", *chinese])])
    labels, place = ("§1", "§2", "§3", ""), Box(4, 0.1, 0.1, 0.9, 0.2)
    passages = [Passage(Kind.PARAGRAPH, label, (place,), text) for label, text in zip(labels, said, strict=True)]
    told = alike(Found(4, tuple(passages), shared_wording(said)))
    assert [(pair.one, pair.other) for pair in told] == [("§1", "§3"), ("§1", "text on page 4"), ("§3", "text on page 4")]


def answer(**entries: object) -> list[str]:
    good = {"kind": "paragraph", "label": "§1", "depth": 4, "notes": [], "boxes": [[1, 0.1, 0.1, 0.9, 0.2]], "text": "1. Words"}
    return ["PASS", json.dumps(good | entries)]


ONE, NONE = ["DOCU", '{"pages":1}'], ["SAME", "[]"]
GARBAGE: dict[str, list[list[str]]] = {
    "no pages": [["DOCU", '{"pages":0}']],
    "another frame": [ONE, ["WORD", "[]"]],
    "no kind": [ONE, answer(kind="secret")],
    "a label with a control": [ONE, answer(label="§1\u001b[2J")],
    "a label that is none": [ONE, answer(label=7)],
    "an endless label": [ONE, answer(label="1" * 500)],
    "two of one label": [ONE, answer(), answer()],
    "no boxes": [ONE, answer(boxes=[])],
    "a page that is not there": [ONE, answer(boxes=[[2, 0.1, 0.1, 0.9, 0.2]])],
    "a box without an inside": [ONE, answer(boxes=[[1, 0.9, 0.1, 0.1, 0.2]])],
    "a box off the page": [ONE, answer(boxes=[[1, 0.1, 0.1, 0.9, 1.2]])],
    "a depth that is none": [ONE, answer(depth=-1)],
    "a control in the text": [ONE, answer(text="1. Wor\u001b[31mds")],
    "a note that is none": [ONE, answer(notes=[{}])],
    "text that is none": [ONE, answer(text=["1"])],
    "nothing of what is shared": [ONE, answer()],
    "a share with itself": [ONE, answer(), ["SAME", "[[0,0,1]]"]],
    "a share with none": [ONE, answer(), answer(label="§2"), ["SAME", "[[0,2,1]]"]],
    "a share of nothing": [ONE, answer(), answer(label="§2"), ["SAME", "[[0,1,0]]"]],
    "a share that is no pair": [ONE, answer(), answer(label="§2"), ["SAME", "[[0,1]]"]],
    "shares that are none": [ONE, answer(), ["SAME", "7"]],
    "more after the end": [ONE, answer(), NONE, answer(label="§2")],
}


def test_the_answer_that_the_garbage_is_made_of_is_a_good_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.confidentiality.render.finder._JOB", "tests.rooms.render.probes:garbage")
    assert [passage.label for passage in find_passages(SANDBOX, [repr([ONE, answer(), NONE]).encode()]).passages] == ["§1"]


@pytest.mark.parametrize("name", GARBAGE)
def test_a_child_that_answers_garbage_finds_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.confidentiality.render.finder._JOB", "tests.rooms.render.probes:garbage")
    with pytest.raises(RenderFailed):
        find_passages(SANDBOX, [repr(GARBAGE[name]).encode()])
