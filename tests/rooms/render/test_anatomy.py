"""Whatever may not be in a rendition is found: objects, keys, values, operators, and bytes between them."""

import io
from collections.abc import Callable
from dataclasses import replace

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from portal.confidentiality.render.anatomy import Dissection
from portal.confidentiality.render.assemble import serialise
from portal.confidentiality.render.build import BuiltRendition
from portal.confidentiality.render.findings import Kind
from portal.confidentiality.render.pixels import Picture
from tests.rooms.render.forgery import found, parts, put_together


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
