"""What a rendition holds, and what cannot be in it."""

import io
import json

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render.build import BuiltRendition, build
from portal.confidentiality.render.notice import NOTICE
from portal.confidentiality.render.pack import PackReader
from portal.confidentiality.render.proof import prove
from portal.confidentiality.render.refusal import FileRefused, Reason, RenderFailed
from portal.confidentiality.render.sandbox import Sandbox
from portal.kernel.errors import Invalid
from tests.rooms.render.forgery import SECOND
from tests.rooms.render.papers import KEPT, SECRET, SIZE, document, every_byte, hostile, marker, mentions, plain, says

SANDBOX = Sandbox(seconds=30)
TITLE = "Rendition for reading"


def made(content: bytes, *withheld: int, sandbox: Sandbox = SANDBOX) -> BuiltRendition:
    return build(sandbox, [content], withheld=Withheld(frozenset(withheld)), title=TITLE)


def packed(built: BuiltRendition) -> PackReader:
    return PackReader(lambda offset, length: built.pack[offset : offset + length])


def extracted(pdf: bytes, number: int) -> str:
    with pdfium.PdfDocument(pdf) as opened:
        return str(opened[number - 1].get_textpage().get_text_range()).replace("\r\n", "\n")


@pytest.fixture(scope="module")
def dangerous() -> tuple[bytes, BuiltRendition]:
    content = hostile()
    return content, made(content, 2)


def test_a_withheld_page_becomes_a_notice_and_no_number_changes() -> None:
    built = made(plain(), 2)
    assert (built.pages, built.withheld, built.kept_words, built.dropped_words) == (3, SECOND, 19, 0)
    assert extracted(built.pdf, 2).split() == NOTICE.split()
    for number, words in ((1, KEPT[0]), (1, KEPT[1]), (3, KEPT[2])):
        assert words in extracted(built.pdf, number)
        assert words in packed(built).page(number).text
    assert not mentions(built.pdf, "Farouk")
    assert b"Farouk" not in built.pack


def test_nothing_that_a_file_hides_is_in_its_rendition(dangerous: tuple[bytes, BuiltRendition]) -> None:
    content, built = dangerous
    source = b"".join(every_byte(content)) + b"".join(form for form in every_byte(content))
    places = {piece.split(b"zq")[0] for piece in source.split(b"qx")[1:] if b"zq" in piece[:20]}
    assert len(places) >= 45
    assert [place.decode() for place in places if mentions(built.pdf, f"qx{place.decode()}zq")] == []
    assert b"qx" not in b"".join(packed(built).page(number).text.encode() for number in (1, 2, 3))
    assert not any(mentions(built.pdf, word) for word in SECRET.split() if word.lower() not in ("the", "described"))


def test_the_search_finds_every_marker_where_it_was_planted(dangerous: tuple[bytes, BuiltRendition]) -> None:
    content, _ = dangerous
    for place in (
        "white",
        "mode3",
        "actual",
        "xmp",
        "attachment",
        "outline",
        "revision",
        "comment",
        "jpeg",
        "structalt",
        "dest",
        "piece",
    ):
        assert mentions(content, f"qx{place}zq"), place


def test_what_stands_visibly_beside_hidden_text_is_kept(dangerous: tuple[bytes, BuiltRendition]) -> None:
    _, built = dangerous
    text = packed(built).page(1).text
    for words in (*KEPT, "Visible instead", "Last visible"):
        assert words in text
    assert built.dropped_words >= 8


def test_the_rendition_of_a_hostile_file_is_proved(dangerous: tuple[bytes, BuiltRendition]) -> None:
    content, built = dangerous
    assert prove(SANDBOX, [content], built.pdf, built.pack, SECOND).findings == ()


def test_values_of_form_fields_are_drawn(dangerous: tuple[bytes, BuiltRendition]) -> None:
    _, built = dangerous
    page = np.asarray(Image.open(io.BytesIO(packed(built).page(3).image)).convert("L")).astype(int)
    height, width = page.shape
    box = page[int(height * 0.31) : int(height * 0.39), int(width * 0.1) : int(width * 0.5)]
    assert (box < 128).sum() > 100


def test_a_line_that_runs_off_the_page_is_kept_as_far_as_it_can_be_seen() -> None:
    def run_off(canvas: Canvas) -> None:
        canvas.drawString(SIZE[0] - 63, 200, "Seen MMMM" + marker("beyond"))

    text = packed(made(document(run_off))).page(1).text
    assert "Seen" in text
    assert "q" not in text


def test_comments_are_not_drawn() -> None:
    pdf = pikepdf.open(io.BytesIO(plain()))
    look = pdf.make_stream(b"0 g 0 0 100 50 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 100, 50])
    entries = {"/Type": pikepdf.Name.Annot, "/Subtype": pikepdf.Name.Stamp, "/Rect": [100, 50, 200, 100], "/F": 4}
    stamp = pikepdf.Dictionary(entries | {"/AP": pikepdf.Dictionary(N=look)})
    pdf.pages[0].obj.Annots = pikepdf.Array([pdf.make_indirect(stamp)])
    out = io.BytesIO()
    pdf.save(out)
    assert packed(made(out.getvalue())).page(1).image == packed(made(plain())).page(1).image


def test_the_same_input_gives_the_same_bytes() -> None:
    first, second = made(plain(), 2), made(plain(), 2)
    assert (first.pdf, first.pack) == (second.pdf, second.pack)


def test_all_pages_may_be_withheld_and_none() -> None:
    everything = made(plain(), 1, 2, 3)
    assert everything.kept_words == 0
    assert len({packed(everything).page(number).image for number in (1, 2, 3)}) == 1
    assert SECRET.split()[1] in extracted(made(plain()).pdf, 2)


def test_a_turned_page_keeps_its_shape_and_its_words() -> None:
    pdf = pikepdf.open(io.BytesIO(plain()))
    pdf.pages[0].obj.Rotate = 90
    out = io.BytesIO()
    pdf.save(out)
    built = made(out.getvalue(), 2)
    with pikepdf.open(io.BytesIO(built.pdf)) as opened:
        assert [float(edge) for edge in opened.pages[0].MediaBox] == [0, 0, 300, 420]
    assert KEPT[0].split()[1] in packed(built).page(1).text
    assert prove(SANDBOX, [out.getvalue()], built.pdf, built.pack, SECOND).ok


def test_a_page_in_colour_stays_in_colour_and_grey_stays_exact() -> None:
    def colourful(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.8, 0.1, 0.1)
        canvas.rect(50, 50, 200, 100, fill=1)

    built = made(document(colourful, says("grey")))
    first, second = packed(built).page(1), packed(built).page(2)
    assert (first.mime, second.mime) == ("image/jpeg", "image/png")
    assert Image.open(io.BytesIO(first.image)).convert("RGB").getpixel((300, 400))[0] > 150
    assert set(np.unique(np.asarray(Image.open(io.BytesIO(second.image)).convert("L")) % 17)) == {0}


def test_a_rendition_has_a_title_a_language_and_paragraphs_for_screen_readers() -> None:
    built = build(SANDBOX, [plain()], withheld=SECOND, title="Report (part)", language="fr")
    with pikepdf.open(io.BytesIO(built.pdf)) as opened:
        assert dict(opened.docinfo) == {"/Title": "Report (part)"}
        assert opened.Root.Lang == "fr"
        assert opened.Root.MarkInfo.Marked
        assert [(element.S, len(element.K)) for element in opened.Root.StructTreeRoot.K.K] == [
            (pikepdf.Name.P, lines) for lines in (2, 1, 1)
        ]


def test_a_page_that_is_not_there_and_a_bad_title_are_refused() -> None:
    for withheld in ({4}, {2, 9}):
        with pytest.raises(Invalid) as caught:
            build(SANDBOX, [plain()], withheld=Withheld(frozenset(withheld)), title=TITLE)
        assert "pages" in caught.value.faults
    for title in ("", "two\nlines", "x" * 301):
        with pytest.raises(Invalid):
            build(SANDBOX, [plain()], withheld=Withheld(), title=title)
    with pytest.raises(Invalid):
        build(SANDBOX, [plain()], withheld=Withheld(), title=TITLE, language="en)/AA<<>>")


def test_a_file_that_cannot_be_taken_makes_no_rendition() -> None:
    with pytest.raises(FileRefused) as caught:
        made(b"GIF89a" + plain())
    assert caught.value.reason is Reason.NOT_PDF


def page(**entries: object) -> list[str]:
    head = {"number": 1, "points": [9, 9], "kept": True, "grown": [], "dropped": 0, "width": 2, "height": 2, "channels": 1}
    return ["PAGE", json.dumps(head | entries)]


ONE, FOUR = ["DOCU", '{"pages":1}'], ["PIXL", "abcd"]
EMPTY, TREE = ["TREE", "[]"], ["TREE", '[["P",0,[[1,0]]]]']
GARBAGE: dict[str, list[list[str]]] = {
    "no pages": [["DOCU", '{"pages":0}']],
    "endless pages": [["DOCU", '{"pages":999999999}']],
    "nested": [["DOCU", "[" * 60000]],
    "true pages": [["DOCU", '{"pages":true}']],
    "wrong number": [ONE, page(number=2), FOUR, ["WORD", "[]"], EMPTY],
    "withheld unasked": [ONE, page(kept=False), FOUR, ["WORD", "[]"], EMPTY],
    "no size": [ONE, page(points=[float("nan"), 9]), FOUR, ["WORD", "[]"], EMPTY],
    "endless size": [ONE, page(points=[10**9, 9]), FOUR, ["WORD", "[]"], EMPTY],
    "too many pixels": [ONE, page(width=90000, height=90000)],
    "third size": [ONE, page(points=[9, 9, 9]), FOUR, ["WORD", "[]"], EMPTY],
    "channels": [ONE, page(channels=2), ["PIXL", "abcdefgh"], ["WORD", "[]"], EMPTY],
    "few pixels": [ONE, page(), ["PIXL", "abc"]],
    "many pixels": [ONE, page(), ["PIXL", "abcde"]],
    "control in a word": [ONE, page(), FOUR, ["WORD", '[[["a\\u0000",0,0,1,1]]]'], EMPTY],
    "space in a word": [ONE, page(), FOUR, ["WORD", '[[["a b",0,0,1,1]]]'], EMPTY],
    "endless box": [ONE, page(), FOUR, ["WORD", '[[["a",0,0,1,1e999]]]'], EMPTY],
    "box outside": [ONE, page(), FOUR, ["WORD", '[[["a",0,0,1,1.5]]]'], EMPTY],
    "box turned": [ONE, page(), FOUR, ["WORD", '[[["a",0.5,0,0.1,1]]]'], EMPTY],
    "no structure": [ONE, page(), FOUR, ["WORD", "[]"]],
    "a structure of other lines": [ONE, page(), FOUR, ["WORD", "[]"], TREE],
    "more words": [ONE, page(), FOUR, ["WORD", "[]"], ["WORD", "[]"], EMPTY],
}


def test_the_frames_that_the_garbage_is_made_of_are_good_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.confidentiality.render.build._JOB", "tests.rooms.render.probes:garbage")
    frames = [ONE, page(), FOUR, ["WORD", '[[["a",0,0,1,1]]]'], TREE]
    assert build(SANDBOX, [repr(frames).encode()], withheld=Withheld(), title=TITLE).kept_words == 1


@pytest.mark.parametrize("name", GARBAGE)
def test_a_child_that_answers_garbage_makes_no_rendition(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.confidentiality.render.build._JOB", "tests.rooms.render.probes:garbage")
    with pytest.raises(RenderFailed):
        build(SANDBOX, [repr(GARBAGE[name]).encode()], withheld=Withheld(), title=TITLE)


DRAWN = Withheld(boxes=(Box(1, 0.2, 0.2, 0.4, 0.4),))
GROWN: dict[str, list[list[str]]] = {
    "not grown": [ONE, page(), FOUR, ["WORD", "[]"], EMPTY],
    "not around it": [ONE, page(grown=[[0.2, 0.2, 0.4, 0.3]]), FOUR, ["WORD", "[]"], EMPTY],
    "more than were drawn": [ONE, page(grown=[[0.2, 0.2, 0.4, 0.4], [0.5, 0.5, 0.6, 0.6]]), FOUR, ["WORD", "[]"], EMPTY],
    "off the page": [ONE, page(grown=[[0.2, 0.2, 0.4, 1.4]]), FOUR, ["WORD", "[]"], EMPTY],
    "not a box": [ONE, page(grown=[[0.2, 0.2, 0.4]]), FOUR, ["WORD", "[]"], EMPTY],
    "no number": [ONE, page(grown=[["0", 0.2, 0.4, 0.4]]), FOUR, ["WORD", "[]"], EMPTY],
    "withheld though not grown whole": [ONE, page(kept=False, grown=[[0.2, 0.2, 0.4, 0.4]])],
}


@pytest.mark.parametrize("name", GROWN)
def test_a_child_whose_boxes_are_not_grown_from_ours_makes_no_rendition(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.confidentiality.render.build._JOB", "tests.rooms.render.probes:garbage")
    with pytest.raises(RenderFailed):
        build(SANDBOX, [repr(GROWN[name]).encode()], withheld=DRAWN, title=TITLE)
    good = [ONE, page(grown=[[0, 0.2, 1, 0.4]]), FOUR, ["WORD", "[]"], EMPTY]
    assert build(SANDBOX, [repr(good).encode()], withheld=DRAWN, title=TITLE).withheld.grown == (Box(1, 0, 0.2, 1, 0.4),)


def test_a_page_of_more_pixels_than_a_page_may_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.confidentiality.render.build._JOB", "tests.rooms.render.probes:garbage")
    monkeypatch.setattr("portal.confidentiality.render.arrival._MAX_PIXELS", 3)
    with pytest.raises(RenderFailed):
        build(SANDBOX, [repr([ONE, page(), FOUR, ["WORD", "[]"], EMPTY]).encode()], withheld=Withheld(), title=TITLE)
