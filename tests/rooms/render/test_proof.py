"""The proof can fail: every wrong rendition made here is found, and no finding repeats a word of what is withheld."""

from dataclasses import replace

import pytest
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render.build import BuiltRendition, build
from portal.confidentiality.render.findings import Finding, Kind, Repeat
from portal.confidentiality.render.pack import write_pack
from portal.confidentiality.render.proof import LeakFound, prove
from portal.confidentiality.render.refusal import RenderFailed
from tests.rooms.render.forgery import SANDBOX, SECOND, SOURCE, TITLE, UNSEEN, altered, examine, found, parts, put_together, says_unseen
from tests.rooms.render.papers import KEPT, SECRET, SECRET_PHRASE, document, hostile, marker, says


def test_a_true_rendition_is_proved(good: BuiltRendition) -> None:
    proof = prove(SANDBOX, [SOURCE], good.pdf, good.pack, SECOND)
    assert proof.ok
    assert proof == examine(good.pdf, good.pack)
    assert proof.repeated == ()
    assert all(name in proof.engine for name in ("pixels/3", "pdfium", "pikepdf"))
    assert put_together(parts(good.pdf))[1] == good.pack


def test_a_withheld_page_left_in_is_found() -> None:
    whole = build(SANDBOX, [SOURCE], withheld=Withheld(), title=TITLE)
    wrong = (Finding(2, Kind.NOTICE_PIXELS), Finding(2, Kind.NOTICE_WORDS))
    assert prove(SANDBOX, [SOURCE], whole.pdf, whole.pack, SECOND).findings == wrong


def test_one_wrong_pixel_on_a_notice_is_found(good: BuiltRendition) -> None:
    first, notice, third = parts(good.pdf)
    assert found(put_together([first, altered(notice), third])) == {(2, "notice_pixels")}


def test_words_of_a_withheld_page_in_the_text_layer_are_found_however_they_are_written(good: BuiltRendition) -> None:
    pages = parts(good.pdf)
    ways = (
        tuple(SECRET.split()),
        tuple(SECRET_PHRASE.upper().split()),
        ("".join(SECRET_PHRASE.split()),),
        tuple(SECRET_PHRASE.replace(" ", "")),
        ("7391846",),
        ("farouk@secret.example",),
        ("Witness",),
    )
    for words in ways:
        for at in (0, 2):
            changed = list(pages)
            changed[at] = replace(pages[at], lines=(*pages[at].lines, words))
            assert found(put_together(changed)) == {(at + 1, "withheld_words")}, words


def test_a_notice_set_in_other_words_is_found(good: BuiltRendition) -> None:
    first, notice, third = parts(good.pdf)
    for lines in ((("NOT", "included", "in", "this", "rendition"),), (*notice.lines, ("Not",)), ()):
        assert found(put_together([first, replace(notice, lines=lines), third])) == {(2, "notice_words")}, lines


def test_words_that_nobody_can_see_are_found(good: BuiltRendition) -> None:
    first, notice, third = parts(good.pdf)
    assert found(put_together([replace(first, lines=(*first.lines, ("elsewhere",))), notice, third])) == {(1, "unseen_words")}


def test_hidden_text_copied_by_a_careless_builder_is_found() -> None:
    source = hostile()
    built = build(SANDBOX, [source], withheld=SECOND, title=TITLE)
    first, notice, third = parts(built.pdf)
    for place in ("white", "actual", "whiteunder", "modeover", "layer", "tiny"):
        made = put_together([replace(first, lines=(*first.lines, (marker(place),))), notice, third])
        assert found(made, source=source) == {(1, "unseen_words")}, place


def test_a_title_or_metadata_of_the_source_in_the_title_is_found(good: BuiltRendition) -> None:
    source = hostile()
    built = build(SANDBOX, [source], withheld=SECOND, title=TITLE)
    values = [marker(place) for place in ("title", "author", "xmp", "label", "layername", "dest", "closing", "desc", "piece", "attachment")]
    for value in (*values, marker("attached") + ".txt", f"app.alert('{marker('script')}')", f"{marker('outline')} {SECRET}"):
        made = put_together(parts(built.pdf), title=f"Report {value.upper()}")
        assert (0, "metadata") in found(made, source=source), value
    assert found(put_together(parts(good.pdf), title=SECRET)) == {(0, "withheld_words")}


def test_whatever_a_withheld_pagesays_unseen_is_looked_for() -> None:
    source = says_unseen()
    built = build(SANDBOX, [source], withheld=SECOND, title=TITLE)
    assert examine(built.pdf, built.pack, source).ok
    for place, words in UNSEEN.items():
        assert found(put_together(parts(built.pdf), title=f"On {words}"), source=source) == {(0, "withheld_words")}, place


def test_a_kept_page_that_shows_another_is_found(good: BuiltRendition) -> None:
    whole = parts(build(SANDBOX, [SOURCE], withheld=Withheld(), title=TITLE).pdf)
    first, notice, third = parts(good.pdf)
    assert found(put_together([replace(first, picture=whole[1].picture), notice, third])) == {(1, "kept_pixels")}
    assert found(put_together([first, notice, replace(third, picture=notice.picture)])) == {(3, "kept_pixels")}
    assert found(put_together([altered(first), notice, third])) == {(1, "kept_pixels")}


def test_a_missing_or_added_page_is_found(good: BuiltRendition) -> None:
    first, notice, third = parts(good.pdf)
    for pages in ([first, third], [first, notice, notice, third], [first, notice, replace(third, points=(421.0, 300.0))]):
        assert any(kind == "pages" for _, kind in found(put_together(pages)))


def test_a_pack_that_holds_the_withheld_page_is_found(good: BuiltRendition) -> None:
    whole = build(SANDBOX, [SOURCE], withheld=Withheld(), title=TITLE)
    original, pages = parts(whole.pdf)[1], parts(good.pdf)

    def pack(at: int, image: bytes | None = None, text: str | None = None) -> bytes:
        packed = [(page.picture.file(), "".join(" ".join(line) + "\n" for line in page.lines)) for page in pages]
        packed[at] = (packed[at][0] if image is None else image, packed[at][1] if text is None else text)
        return write_pack(packed)

    assert pack(0) == good.pack
    assert found((good.pdf, pack(1, image=original.picture.file()))) == {(2, "pack_picture")}
    assert found((good.pdf, pack(1, text=SECRET + "\n"))) == {(2, "pack_words")}
    assert found((good.pdf, pack(0, text=KEPT[0] + "\n" + KEPT[1] + "\n\n"))) == {(1, "pack_words")}
    assert found((good.pdf, good.pack + b"more")) == {(0, "pages")}
    assert found((good.pdf, good.pack[:-1])) in ({(0, "broken")}, {(0, "pages")})
    assert found((good.pdf, b"GIF89a")) == {(0, "broken")}


def test_pages_in_colour_are_proved() -> None:
    def coloured(canvas: Canvas) -> None:
        for row, colour in enumerate([(1, 0, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1)]):
            canvas.setFillColorRGB(*colour)
            canvas.drawString(40, 250 - 20 * row, "Words in colour")

    source = document(coloured, says(SECRET))
    built = build(SANDBOX, [source], withheld=SECOND, title=TITLE)
    assert examine(built.pdf, built.pack, source).ok
    assert built.kept_words == 12


def test_wording_that_stands_on_a_kept_page_too_is_a_warning() -> None:
    source = document(says(KEPT[0], SECRET_PHRASE), says(SECRET), says(KEPT[2]))
    built = build(SANDBOX, [source], withheld=SECOND, title=TITLE)
    proof = examine(built.pdf, built.pack, source)
    assert proof.ok
    assert proof.repeated == (Repeat(1, 2),)


def test_a_leak_tells_kind_and_page_and_never_a_word(good: BuiltRendition) -> None:
    first, notice, third = parts(good.pdf)
    proof = examine(*put_together([replace(first, lines=(*first.lines, tuple(SECRET.split()))), notice, third]))
    leak = LeakFound(proof)
    assert leak.findings == (Finding(1, Kind.WITHHELD_WORDS),)
    assert "withheld_words on page 1" in leak.detail
    told = f"{proof!r} {leak} {leak.detail} {leak.public}".lower()
    assert not any(word.lower() in told for word in ("Farouk", "northern", "crossing", "7391846"))


@pytest.mark.parametrize(
    "answer", ["[]", '{"findings":[[1,"poem"]],"repeated":[],"engine":"x"}', '{"findings":[[-1,"pages"]],"repeated":[],"engine":"x"}',
               '{"findings":[],"repeated":[],"engine":"\\u00e9","running":false}', '{"repeated":[],"engine":"x"}',
               '{"findings":[],"repeated":[],"engine":"x"}', '{"findings":[],"repeated":[],"engine":"x","running":1}'],
)  # fmt: skip
def test_a_prover_that_answers_garbage_proves_nothing(answer: str, good: BuiltRendition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.confidentiality.render.proof._JOB", "tests.rooms.render.probes:garbage")
    with pytest.raises(RenderFailed):
        prove(SANDBOX, [repr([["PROF", answer]]).encode()], good.pdf, good.pack, SECOND)
