"""The proof can fail: every wrong rendition made here is found, and no finding repeats a word of what is withheld."""

import io
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.render import prover
from portal.confidentiality.render.anatomy import Dissection, PageParts
from portal.confidentiality.render.assemble import Assembly, serialise
from portal.confidentiality.render.build import BuiltRendition, build
from portal.confidentiality.render.findings import Finding, Kind, Repeat
from portal.confidentiality.render.pack import write_pack
from portal.confidentiality.render.pixels import Picture, decode, encode
from portal.confidentiality.render.proof import LeakFound, Proof, _proof, prove
from portal.confidentiality.render.refusal import RenderFailed
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.wire import Frame
from portal.confidentiality.render.words import Word, as_text
from tests.rooms.render.papers import KEPT, SECRET, SECRET_PHRASE, document, hostile, marker, plain, says

SANDBOX = Sandbox(seconds=30)
TITLE = "Rendition for reading"
SOURCE = plain()
Parts = list[PageParts]


@pytest.fixture(scope="module")
def good() -> BuiltRendition:
    return build(SANDBOX, [SOURCE], withheld=frozenset({2}), title=TITLE)


def examine(pdf: bytes, pack: bytes, source: bytes = SOURCE, withheld: frozenset[int] = frozenset({2})) -> Proof:
    """The prover's own job, here in the test's process: a child for each of a hundred proofs would take minutes."""
    (answer,) = prover.prove({"withheld": sorted(withheld), "max_pages": 99}, [source, pdf, pack])
    proof = _proof(Frame(*answer))
    assert proof.ok == (not proof.findings)
    return proof


def parts(pdf: bytes) -> Parts:
    return [page for page in Dissection().take_apart(pdf).pages if page is not None]


def put_together(pages: Parts, *, title: str = TITLE) -> tuple[bytes, bytes]:
    """A well-formed rendition with these pages, true or not."""
    assembly, packed = Assembly(title, "en"), []
    for page in pages:
        lines = [tuple(_place(word, row, column) for column, word in enumerate(line)) for row, line in enumerate(page.lines)]
        assembly.add(page.points, page.picture, lines)
        packed.append((page.picture.file(), as_text(lines)))
    return assembly.finish(), write_pack(packed)


def _place(word: str, row: int, column: int) -> Word:
    left, top = 0.02 + 0.025 * column, 0.1 + 0.1 * row
    return Word(word, (left, top, left + 0.02, top + 0.05))


def found(made: tuple[bytes, bytes], **options: object) -> set[tuple[int, str]]:
    return {(finding.page, finding.kind.value) for finding in examine(*made, **options).findings}  # type: ignore[arg-type]


def altered(page: PageParts, row: int = 3, column: int = 3) -> PageParts:
    """The page with one pixel changed by one level of sixteen."""
    pixels = decode(page.picture).copy()
    pixels[row, column] -= 17
    return replace(page, picture=encode(pixels, exact=True))


def test_a_true_rendition_is_proved(good: BuiltRendition) -> None:
    proof = prove(SANDBOX, [SOURCE], good.pdf, good.pack, {2})
    assert proof.ok
    assert proof == examine(good.pdf, good.pack)
    assert proof.repeated == ()
    assert all(name in proof.engine for name in ("pixels/1", "pdfium", "pikepdf"))
    assert put_together(parts(good.pdf))[1] == good.pack


def test_a_withheld_page_left_in_is_found() -> None:
    whole = build(SANDBOX, [SOURCE], withheld=frozenset(), title=TITLE)
    wrong = (Finding(2, Kind.NOTICE_PIXELS), Finding(2, Kind.NOTICE_WORDS))
    assert prove(SANDBOX, [SOURCE], whole.pdf, whole.pack, {2}).findings == wrong


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
    built = build(SANDBOX, [source], withheld=frozenset({2}), title=TITLE)
    first, notice, third = parts(built.pdf)
    for place in ("white", "actual", "whiteunder", "modeover", "layer", "tiny"):
        made = put_together([replace(first, lines=(*first.lines, (marker(place),))), notice, third])
        assert found(made, source=source) == {(1, "unseen_words")}, place


def test_a_title_or_metadata_of_the_source_in_the_title_is_found(good: BuiltRendition) -> None:
    source = hostile()
    built = build(SANDBOX, [source], withheld=frozenset({2}), title=TITLE)
    values = [marker(place) for place in ("title", "author", "xmp", "label", "layername", "dest", "closing", "desc", "piece", "attachment")]
    for value in (*values, marker("attached") + ".txt", f"app.alert('{marker('script')}')", f"{marker('outline')} {SECRET}"):
        made = put_together(parts(built.pdf), title=f"Report {value.upper()}")
        assert (0, "metadata") in found(made, source=source), value
    assert found(put_together(parts(good.pdf), title=SECRET)) == {(0, "withheld_words")}


UNSEEN = {
    "invisible text": "amber badger carries driftwood",
    "kerned text": "every falcon guards harbours",
    "actual text": "icy jackdaw keeps lanterns",
    "alternative": "merry newt orders pebbles",
    "comment": "quiet raven sings tomorrow",
    "field value": "under velvet willow yonder",
    "private": "zebra apples beside candles",
    "page metadata": "distant elephants follow gardens",
    "structure": "hollow icebergs join kingdoms",
    "form": "lonely mountains need owls",
}


def _says_unseen() -> bytes:
    """A document whose second page says more than it shows."""
    pdf = pikepdf.open(io.BytesIO(plain()))
    page = pdf.pages[1].obj
    form = f"/Span << /E ({UNSEEN['form']}) >> BDC EMC".encode()
    page.Resources.XObject = Dictionary(
        Fm=pdf.make_stream(form, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9], Resources=Dictionary())
    )
    kerned = " ".join(f"({part}) 9" for part in UNSEEN["kerned text"].replace("o", "o|").replace("e", "e|").split("|") if part)
    page.Contents = Array([page.Contents]) if not isinstance(page.Contents, Array) else page.Contents
    page.Contents.append(
        pdf.make_stream(
            f"BT /F1 12 Tf 3 Tr 40 100 Td ({UNSEEN['invisible text']}) Tj 0 -20 Td [{kerned}] TJ 0 -20 Td "
            f"/Span << /ActualText ({UNSEEN['actual text']}) >> BDC (x) Tj EMC "
            f"/Span << /Alt <{UNSEEN['alternative'].encode().hex()}> >> BDC (y) Tj EMC ET /Fm Do".encode()
        )
    )
    parent = pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("f"), V=String(UNSEEN["field value"])))
    field = pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=[0, 0, 9, 9], Parent=parent, P=page))
    parent.Kids = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([parent]))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9], Contents=String(UNSEEN["comment"]), P=page)
    page.Annots = Array([pdf.make_indirect(note), field])
    page.PieceInfo = Dictionary(App=Dictionary(Private=Array([String(UNSEEN["private"])])))
    page.Metadata = pdf.make_stream(f"<a>{UNSEEN['page metadata']}</a>".encode(), Type=Name.Metadata, Subtype=Name.XML)
    element = pdf.make_indirect(Dictionary(S=Name.P, Pg=page, K=0, Alt=String(UNSEEN["structure"])))
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([element])))
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def test_whatever_a_withheld_page_says_unseen_is_looked_for() -> None:
    source = _says_unseen()
    built = build(SANDBOX, [source], withheld=frozenset({2}), title=TITLE)
    assert examine(built.pdf, built.pack, source).ok
    for place, words in UNSEEN.items():
        assert found(put_together(parts(built.pdf), title=f"On {words}"), source=source) == {(0, "withheld_words")}, place


def test_a_kept_page_that_shows_another_is_found(good: BuiltRendition) -> None:
    whole = parts(build(SANDBOX, [SOURCE], withheld=frozenset(), title=TITLE).pdf)
    first, notice, third = parts(good.pdf)
    assert found(put_together([replace(first, picture=whole[1].picture), notice, third])) == {(1, "kept_pixels")}
    assert found(put_together([first, notice, replace(third, picture=notice.picture)])) == {(3, "kept_pixels")}
    assert found(put_together([altered(first), notice, third])) == {(1, "kept_pixels")}


def test_a_missing_or_added_page_is_found(good: BuiltRendition) -> None:
    first, notice, third = parts(good.pdf)
    for pages in ([first, third], [first, notice, notice, third], [first, notice, replace(third, points=(421.0, 300.0))]):
        assert any(kind == "pages" for _, kind in found(put_together(pages)))


def test_a_pack_that_holds_the_withheld_page_is_found(good: BuiltRendition) -> None:
    whole = build(SANDBOX, [SOURCE], withheld=frozenset(), title=TITLE)
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


def _annotation(pdf: pikepdf.Pdf) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9], Contents=String("note"))
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def _outline(pdf: pikepdf.Pdf) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Annex", 1))


def _operator(pdf: pikepdf.Pdf) -> None:
    content = pdf.pages[0].obj.Contents
    content.write(content.read_bytes().replace(b"BT 3 Tr", b"BT 0 Tr"))


def _second_image(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Resources.XObject.J = pdf.pages[1].obj.Resources.XObject.I


def _comment_in_picture(pdf: pikepdf.Pdf) -> None:
    out = io.BytesIO()
    image = pdf.pages[0].obj.Resources.XObject.I
    Image.new("L", (int(image.Width), int(image.Height)), 255).save(out, "JPEG", comment=b"camera")
    image.write(out.getvalue(), filter=Name.DCTDecode)
    image.BitsPerComponent = 8


def _other_font(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Resources.Font.F.ToUnicode = pdf.make_stream(b"1 beginbfchar <0041> <0042> endbfchar")


def _loose_paragraph(pdf: pikepdf.Pdf) -> None:
    element = Dictionary(Type=Name.StructElem, S=Name.P, P=pdf.Root.StructTreeRoot.K, Pg=pdf.pages[0].obj, K=0, T=String("words"))
    pdf.Root.StructTreeRoot.K.K.append(pdf.make_indirect(element))


def _set(path: str, key: str, value: Callable[[pikepdf.Pdf], object]) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0].obj
        targets = {"root": pdf.Root, "page": page, "info": pdf.docinfo, "element": pdf.Root.StructTreeRoot.K.K[0]}
        targets |= {"image": page.Resources.XObject.I, "tree": pdf.Root.StructTreeRoot}
        targets[path][key] = value(pdf)

    return change


def _text(pdf: pikepdf.Pdf) -> object:
    return String("words")


def _script(pdf: pikepdf.Pdf) -> object:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def _stream(pdf: pikepdf.Pdf) -> object:
    return pdf.make_stream(b"<x>data</x>", Type=Name.Metadata, Subtype=Name.XML)


ADDED = {
    "annotation": (_annotation, Kind.ANNOTATION),
    "outline": (_outline, Kind.OUTLINE),
    "attachment": (_set("root", "/AF", lambda pdf: Array([_stream(pdf)])), Kind.ATTACHMENT),
    "names": (_set("root", "/Names", lambda pdf: Dictionary(Dests=Dictionary(Names=Array([])))), Kind.ATTACHMENT),
    "form": (_set("root", "/AcroForm", lambda pdf: Dictionary(Fields=Array([]))), Kind.FORM),
    "script": (_set("root", "/OpenAction", _script), Kind.ACTION),
    "page script": (_set("page", "/AA", lambda pdf: Dictionary(O=_script(pdf))), Kind.ACTION),
    "xmp": (_set("root", "/Metadata", _stream), Kind.METADATA),
    "author": (_set("info", "/Author", _text), Kind.FOREIGN),
    "private": (_set("page", "/PieceInfo", lambda pdf: Dictionary()), Kind.METADATA),
    "picture metadata": (_set("image", "/Metadata", _stream), Kind.METADATA),
    "mask": (_set("image", "/SMask", lambda pdf: pdf.pages[1].obj.Resources.XObject.I), Kind.FOREIGN),
    "comment in a picture": (_comment_in_picture, Kind.METADATA),
    "thumbnail": (_set("page", "/Thumb", lambda pdf: pdf.pages[1].obj.Resources.XObject.I), Kind.THUMBNAIL),
    "layer": (_set("root", "/OCProperties", lambda pdf: Dictionary(OCGs=Array([]))), Kind.LAYER),
    "actual text": (_set("element", "/ActualText", _text), Kind.ALTERNATIVE),
    "alternative": (_set("element", "/Alt", _text), Kind.ALTERNATIVE),
    "element title": (_set("element", "/T", _text), Kind.FOREIGN),
    "loose paragraph": (_loose_paragraph, Kind.FOREIGN),
    "class map": (_set("tree", "/ClassMap", lambda pdf: Dictionary(words=Dictionary())), Kind.FOREIGN),
    "page label": (_set("root", "/PageLabels", lambda pdf: Dictionary(Nums=Array([]))), Kind.FOREIGN),
    "any key": (_set("page", "/Other", _text), Kind.FOREIGN),
    "visible text": (_operator, Kind.CONTENT),
    "second picture": (_second_image, Kind.FOREIGN),
    "font": (_other_font, Kind.FOREIGN),
}


@pytest.mark.parametrize("name", ADDED)
def test_any_object_that_is_not_ours_is_found(name: str, good: BuiltRendition) -> None:
    change, kind = ADDED[name]
    with pikepdf.open(io.BytesIO(good.pdf)) as pdf:
        change(pdf)
        changed = serialise(pdf)
    dissection = Dissection()
    dissection.take_apart(changed)
    assert kind in {finding.kind for finding in dissection.findings}


def test_a_foreign_object_stops_the_whole_proof(good: BuiltRendition) -> None:
    with pikepdf.open(io.BytesIO(good.pdf)) as pdf:
        _annotation(pdf)
        assert (1, "annotation") in found((serialise(pdf), good.pack))


@pytest.mark.parametrize(
    "change",
    [
        lambda pdf: pdf + b"\n% a comment\n",
        lambda pdf: pdf.replace(b"\nendobj\n", b"\nendobj\n% a comment\n", 1),
        lambda pdf: pdf + pdf[pdf.rindex(b"startxref") :],
    ],
)
def test_bytes_between_and_after_the_objects_are_found(change: Callable[[bytes], bytes], good: BuiltRendition) -> None:
    assert (0, "history") in found((change(good.pdf), good.pack))


def test_an_object_that_nothing_points_to_is_found(good: BuiltRendition) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(good.pdf)) as pdf:
        pdf.make_indirect(Dictionary(Words=String("left over")))
        pdf.save(out, preserve_pdfa=False, deterministic_id=True)
    assert found((out.getvalue(), good.pack)) == {(0, "history")}


def test_something_beside_the_rows_of_a_picture_is_found(good: BuiltRendition) -> None:
    first, notice, third = parts(good.pdf)
    picture = Picture(first.picture.width, first.picture.height, 1, "image/png", first.picture.data + b"more")
    assert (1, "content") in found(put_together([replace(first, picture=picture), notice, third]))


def test_what_is_no_pdf_is_a_finding_not_a_failure(good: BuiltRendition) -> None:
    assert found((b"%PDF-1.7 nothing", good.pack)) == {(0, "broken")}
    assert found((b"", good.pack)) == {(0, "broken")}


def test_pages_in_colour_are_proved() -> None:
    def coloured(canvas: Canvas) -> None:
        for row, colour in enumerate([(1, 0, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1)]):
            canvas.setFillColorRGB(*colour)
            canvas.drawString(40, 250 - 20 * row, "Words in colour")

    source = document(coloured, says(SECRET))
    built = build(SANDBOX, [source], withheld=frozenset({2}), title=TITLE)
    assert examine(built.pdf, built.pack, source).ok
    assert built.kept_words == 12


def test_wording_that_stands_on_a_kept_page_too_is_a_warning() -> None:
    source = document(says(KEPT[0], SECRET_PHRASE), says(SECRET), says(KEPT[2]))
    built = build(SANDBOX, [source], withheld=frozenset({2}), title=TITLE)
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
               '{"findings":[],"repeated":[],"engine":"\\u00e9"}', '{"repeated":[],"engine":"x"}'],
)  # fmt: skip
def test_a_prover_that_answers_garbage_proves_nothing(answer: str, good: BuiltRendition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.confidentiality.render.proof._JOB", "tests.rooms.render.probes:garbage")
    with pytest.raises(RenderFailed):
        prove(SANDBOX, [repr([["PROF", answer]]).encode()], good.pdf, good.pack, {2})
