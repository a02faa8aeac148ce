"""Scans get their words from Tesseract, read from the finished picture: what is withheld is painted before anybody reads."""

import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render.build import BuiltRendition, build
from portal.confidentiality.render.notice import NOTICE
from portal.confidentiality.render.paint import patch, pixel_edges
from portal.confidentiality.render.passages import four_bits
from portal.confidentiality.render.proof import prove
from portal.confidentiality.render.refusal import RenderFailed
from portal.confidentiality.render.scanned import Reader, scanned_lines
from portal.confidentiality.render.tesseract import nobody
from portal.confidentiality.render.wire import PICTURE
from tests.rooms.render.forgery import SANDBOX, TITLE, examine, found, parts, put_together
from tests.rooms.render.papers import document, plain, says
from tests.rooms.render.passages import ABOVE, BELOW, SPY, around, paragraph, three_lines
from tests.rooms.render.scans import READING, TESSERACT, Counted, Having, Saying, limited, read, scan

PAGE = three_lines(paragraph)
SCAN = scan(PAGE)
DRAWN = around(20, 158, 400, 198)
HEAD = b"level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"


@pytest.fixture(scope="module")
def made() -> BuiltRendition:
    return build(READING, [SCAN], withheld=Withheld(boxes=(DRAWN,)), title=TITLE)


def said_by(command: str, pdf: bytes, folder: Path) -> str:
    file = folder / "rendition.pdf"
    file.write_bytes(pdf)
    arguments = {"pdftotext": [command, file, "-"], "pdfinfo": [command, "-struct-text", file]}[command]
    return " ".join(subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=60).stdout.split())


def test_what_is_kept_of_a_scan_can_be_searched_and_heard_and_what_is_withheld_cannot(made: BuiltRendition, tmp_path: Path) -> None:
    for command in ("pdftotext", "pdfinfo"):
        text = said_by(command, made.pdf, tmp_path)
        assert ABOVE in text
        assert BELOW in text
        assert text.index(ABOVE) < text.index(NOTICE) < text.index(BELOW)
        assert not {"Agent", "Kestrel", "Heron", "jetty", "blue", "folder"} & set(text.split())
    assert made.kept_words == len([*ABOVE.split(), *NOTICE.split(), *BELOW.split()])


def test_a_scan_with_a_painted_box_is_proved_in_a_child_and_the_reader_is_recorded(made: BuiltRendition) -> None:
    proof = prove(READING, [SCAN], made.pdf, made.pack, made.withheld)
    assert proof.findings == ()
    assert proof.engine.endswith(f"; tesseract {TESSERACT.version} eng")


def test_the_same_scan_gives_the_same_bytes(made: BuiltRendition) -> None:
    again = build(READING, [SCAN], withheld=Withheld(boxes=(DRAWN,)), title=TITLE)
    assert hashlib.sha256(again.pdf).digest() == hashlib.sha256(made.pdf).digest()
    assert again.pack == made.pack


def test_without_tesseract_a_scan_is_a_rendition_without_text(tmp_path: Path) -> None:
    for sandbox in (SANDBOX, replace(SANDBOX, tesseract=nobody)):
        built = build(sandbox, [SCAN], withheld=Withheld(boxes=(DRAWN,)), title=TITLE)
        proof = prove(sandbox, [SCAN], built.pdf, built.pack, built.withheld)
        assert proof.ok
        assert "tesseract" not in proof.engine
        assert said_by("pdftotext", built.pdf, tmp_path) == NOTICE


def test_a_colour_scan_is_read_as_it_will_be_shown() -> None:
    def stamped(canvas) -> None:  # type: ignore[no-untyped-def]
        paragraph(canvas)
        canvas.setFillColorRGB(0.8, 0.1, 0.1)
        canvas.rect(300, 20, 60, 20, fill=1)

    with_colour = scan(three_lines(stamped), colour=True)
    built = build(READING, [with_colour], withheld=Withheld(boxes=(DRAWN,)), title=TITLE)
    assert parts(built.pdf)[0].picture.channels == 3
    assert ABOVE in " ".join(word for line in parts(built.pdf)[0].lines for word in line)
    assert prove(READING, [with_colour], built.pdf, built.pack, built.withheld).ok


def test_only_scans_and_pages_with_boxes_are_read_and_blank_pages_never() -> None:
    reader = Counted(TESSERACT, "eng")
    source = document(says(ABOVE), lambda canvas: None, says(SPY, BELOW))
    withheld = Withheld(boxes=(around(20, 240, 400, 262, page=3),))
    built = build(Having(seconds=30, by=reader), [source], withheld=withheld, title=TITLE)
    assert len(reader.seen) == 0
    assert prove(Having(seconds=30, by=reader), [source], built.pdf, built.pack, built.withheld).ok
    assert len(reader.seen) == 1
    build(Having(seconds=30, by=reader), [scan(plain())], withheld=Withheld(frozenset({2})), title=TITLE)
    assert len(reader.seen) == 3


def test_what_is_read_is_painted_before() -> None:
    reader = Counted(TESSERACT, "eng")
    built = build(Having(seconds=30, by=reader), [SCAN], withheld=Withheld(boxes=(DRAWN,)), title=TITLE)
    (picture,), (box,) = reader.seen, built.withheld.grown
    width, height = PICTURE.unpack_from(picture)
    pixels = np.frombuffer(picture, np.uint8, offset=PICTURE.size).reshape(height, width)
    left, top, right, bottom = pixel_edges(box, width, height)
    assert (pixels[top:bottom, left:right] == four_bits(patch(right - left, bottom - top))).all()


def test_words_planted_in_the_text_layer_of_a_scan_are_found(made: BuiltRendition) -> None:
    (page,) = parts(made.pdf)
    for words in (tuple(SPY.split()), ("Kestrel",)):
        wrong = put_together([replace(page, lines=(*page.lines, words))])
        assert (1, "unseen_words") in found(wrong, source=SCAN, withheld=made.withheld, read=read), words
    assert (1, "unseen_words") in found((made.pdf, made.pack), source=SCAN, withheld=made.withheld)  # nobody reads: nothing is vouched for


def test_the_proof_of_a_scan_looks_at_every_pixel_of_the_paint(made: BuiltRendition) -> None:
    whole = build(SANDBOX, [SCAN], withheld=Withheld(), title=TITLE)
    (page,), (unpainted,) = parts(made.pdf), parts(whole.pdf)
    wrong = put_together([replace(page, picture=unpainted.picture)])
    assert {(1, "box_paint"), (1, "kept_pixels")} <= found(wrong, source=SCAN, withheld=made.withheld)
    assert examine(made.pdf, made.pack, SCAN, made.withheld, read).ok


def table(*rows: str) -> bytes:
    return HEAD + "".join(row.replace(" ", "\t") + "\n" for row in rows).encode()


def test_words_that_are_not_sure_or_touch_the_paint_are_left_out() -> None:
    rows = (
        "5 1 1 1 1 1 10 10 20 10 96.5 sure",
        "5 1 1 1 1 2 40 8 20 9 39.9 perhaps",
        "5 1 1 1 1 3 70 10 20 14 40 enough",
        "4 1 1 1 1 0 0 0 9 9 -1 ",
    )
    words = ("5 1 1 1 2 1 10 25 20 10 90 above", "5 1 1 1 3 1 10 40 20 10 90 within", "5 1 1 1 4 1 10 85 20 10 90 below")
    pixels = np.zeros((100, 100, 1), dtype=np.uint8)
    lines = scanned_lines(Reader(lambda picture: table(*rows, *words)).read(pixels), [Box(1, 0.0, 0.4, 1.0, 0.8)], (100, 100))
    assert [" ".join(word.text for word in line) for line in lines] == ["sure enough", "above", NOTICE, "below"]
    assert lines[0][0].box == (0.1, 0.1, 0.3, 0.24)  # as high as its line


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\xff\xfe\x00",
        b"<html>no table</html>",
        HEAD + b"5\t1\n",
        table("5 1 1 1 1 1 10 10 20 10 96 too many"),
        table("5 1 1 1 1 1 10 10 200000 10 96 wide"),
        table("5 1 1 1 1 1 -1 10 20 10 96 beside"),
        table("5 1 1 1 1 1 10 10 x 10 96 none"),
        table("5 1 1 1 1 1 10 10 20 10 sure none"),
    ],
)
def test_a_table_that_is_none_fails_the_rendition(said: bytes) -> None:
    with pytest.raises(RenderFailed):
        build(Having(seconds=30, by=Saying(TESSERACT, "eng", said)), [SCAN], withheld=Withheld(), title=TITLE)


@pytest.mark.parametrize("limits", [{"seconds": 0.01}, {"memory_bytes": 24 << 20}, {"max_output": 100}])
def test_a_tesseract_that_hangs_dies_or_floods_fails_the_rendition_and_not_the_file(limits: dict[str, float]) -> None:
    with pytest.raises(RenderFailed, match="Tesseract did not read a page"):
        build(limited(**limits), [SCAN], withheld=Withheld(), title=TITLE)


def test_a_child_may_ask_for_pictures_of_the_size_they_say_and_only_where_somebody_reads() -> None:
    reading = TESSERACT.speaking("en")
    for picture in (b"", PICTURE.pack(0, 9), PICTURE.pack(9, 9) + bytes(80), PICTURE.pack(1 << 31, 1 << 31)):
        with pytest.raises(RenderFailed, match="a picture that is none"):
            reading.table(picture)
    job = "tests.rooms.render.probes:asks_to_read"
    cases = (
        (SANDBOX, 10, "not expected"),
        (READING, 10, "a picture that is none"),
        (READING, 40_000_001, "not expected"),
        (replace(READING, max_output=2_000), 3_000, "more to be read than a document may hold"),
    )
    for sandbox, size, told in cases:
        with pytest.raises(RenderFailed, match=told), sandbox.run(job, {"size": size}, *sandbox.reading("en")) as answers:
            answers.end()


def test_a_language_that_is_known_and_installed_is_read_with_its_own_data() -> None:
    some = replace(TESSERACT, languages=("ara", "eng", "fra", "swe"))
    assert [some.speaking(code).language for code in ("en", "en-GB", "FR", "ar")] == ["eng", "eng", "fra", "ara"]
    assert [some.speaking(code).language for code in ("ru", "pt-BR", "", "../en")] == ["eng+fra+ara"] * 4
    assert replace(TESSERACT, languages=("swe",)).speaking("en").language == "swe"
