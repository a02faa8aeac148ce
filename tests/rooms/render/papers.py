"""PDFs for these tests: a plain one, and one that hides a marker word in every place we know of."""

import io
from collections.abc import Callable, Iterator
from contextlib import suppress

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

SIZE = (420, 300)
SECRET = "Witness Farouk described the northern crossing before dawn"
SECRET_PHRASE = "Farouk described the northern crossing"
KEPT = ("The mission met the ministry in Samoria", "Border posts were visited by the team", "Recommendations follow in the annex")


def document(*pages: Callable[[Canvas], None], **options: object) -> bytes:
    """A PDF whose pages are drawn by these functions."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=SIZE, invariant=1, **options)
    for draw in pages:
        canvas.setFont("Helvetica", 12)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def says(*lines: str) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            canvas.drawString(40, 250 - 30 * number, line)

    return draw


def plain() -> bytes:
    """Three pages; the second holds what a State asked to keep."""
    return document(says(KEPT[0], KEPT[1]), says(SECRET, "Case 7391846 farouk@secret.example"), says(KEPT[2]))


def marker(place: str) -> str:
    """A word that stands in one place only."""
    return f"qx{place}zq"


_XMP = (
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
    f"<dc>{marker('xmp')}</dc></rdf:RDF></x:xmpmeta>"
)


def _hidden(canvas: Canvas) -> None:
    """Text on a kept page that no reader sees, with visible words around it."""
    canvas.drawString(40, 270, KEPT[0])
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(40, 250, marker("white"))
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawString(SIZE[0] + 50, 250, marker("offpage"))
    canvas.drawString(40, -40, marker("below"))
    canvas.setFont("Helvetica", 1)
    canvas.drawString(40, 240, marker("tiny"))
    canvas.setFont("Helvetica", 12)
    canvas.saveState()
    invisible = canvas.beginText(40, 225)
    invisible.setTextRenderMode(3)
    invisible.textOut(marker("mode3"))
    canvas.drawText(invisible)
    canvas.restoreState()
    canvas.drawString(40, 205, KEPT[1])
    canvas.saveState()
    over = canvas.beginText(40, 205)
    over.setTextRenderMode(3)
    over.textOut(marker("modeover"))
    canvas.drawText(over)
    canvas.restoreState()
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(40, 180, marker("whiteunder"))
    canvas.setFillColorRGB(0, 0, 0)
    canvas.drawString(40, 180, KEPT[2])
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(0, 0, 1, 1)
    canvas.clipPath(clip, stroke=0)
    canvas.drawString(40, 160, marker("clipped"))
    canvas.restoreState()
    canvas.drawString(40, 140, marker("underbar"))
    canvas.rect(30, 132, 200, 24, fill=1, stroke=0)
    canvas.drawString(240, 140, marker("underimage"))
    canvas.drawImage(ImageReader(Image.new("RGB", (40, 8), (250, 250, 250))), 230, 130, 170, 30)
    canvas._code.append(f"/Span << /ActualText ({marker('actual')}) >> BDC")
    canvas.drawString(40, 110, "Visible instead")
    canvas._code.append("EMC /OC /Layer BDC")
    canvas.drawString(40, 90, marker("layer"))
    canvas._code.append(f"EMC /Span << /Alt ({marker('alt')}) /E ({marker('expansion')}) >> BDC")
    canvas.drawString(40, 70, "Last visible")
    canvas._code.append("EMC")
    canvas.beginForm("inner")
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(40, 50, marker("nested"))
    canvas.endForm()
    canvas.beginForm("outer")
    canvas.doForm("inner")
    canvas.endForm()
    canvas.doForm("outer")


def _jpeg_with_comment() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 8), (250, 250, 250)).save(out, "JPEG", comment=marker("jpeg").encode())
    return out.getvalue()


def _fields(canvas: Canvas) -> None:
    canvas.drawString(40, 250, KEPT[2])
    canvas.acroForm.textfield(
        name=marker("fieldname"),
        tooltip=marker("fieldtip"),
        value="Shown in the box",
        x=40,
        y=180,
        width=200,
        height=30,
        forceBorder=True,
    )


def hostile() -> bytes:
    """Page 1 hides text, page 2 is what a State asked to keep, page 3 has a form; the file hides a marker in everything else."""
    first = document(_hidden, says(SECRET, "Case 7391846 farouk@secret.example"), _fields)
    pdf = pikepdf.open(io.BytesIO(first))
    root, page, secret = pdf.Root, pdf.pages[0].obj, pdf.pages[1].obj
    for image in page.Resources.XObject.values():
        if image.Subtype == Name.Image:
            image.write(_jpeg_with_comment(), filter=Name.DCTDecode)
    script = Dictionary(S=Name.JavaScript, JS=String(f"app.alert('{marker('script')}')"))
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(marker("layername"))))
    root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer]), BaseState=Name.ON, Order=Array([layer])))
    page.Resources.Properties = Dictionary(Layer=layer)
    root.OpenAction = script
    root.AA = Dictionary(WC=Dictionary(S=Name.JavaScript, JS=String(marker("closing"))))
    root.PageLabels = Dictionary(Nums=Array([0, Dictionary(P=String(marker("label")))]))
    root.PieceInfo = Dictionary(App=Dictionary(LastModified=String("D:2026"), Private=Dictionary(Note=String(marker("piece")))))
    page.PieceInfo = Dictionary(App=Dictionary(Private=String(marker("pagepiece"))))
    page.Thumb = pdf.make_stream(marker("thumb").encode() * 4, Width=8, Height=8, ColorSpace=Name.DeviceGray, BitsPerComponent=8)
    root.Metadata = pdf.make_stream(_XMP.encode(), Type=Name.Metadata, Subtype=Name.XML)
    page.Metadata = pdf.make_stream(f"<a>{marker('pagexmp')}</a>".encode(), Type=Name.Metadata, Subtype=Name.XML)
    for key, place in (
        ("/Title", "title"),
        ("/Author", "author"),
        ("/Subject", "subject"),
        ("/Keywords", "keywords"),
        ("/Own", "own"),
    ):
        pdf.docinfo[key] = String(marker(place))
    root.Lang = String(marker("lang"))
    root[Name("/" + marker("key"))] = String(marker("custom"))
    look = pdf.make_stream(f"BT /Helv 9 Tf ({marker('appearance')}) Tj ET".encode(), Subtype=Name.Form, BBox=[0, 0, 99, 20])
    page.Annots = Array(
        pdf.make_indirect(Dictionary(Type=Name.Annot, Rect=[300, 20, 320, 40], **entries))
        for entries in (
            {"Subtype": Name.Text, "Contents": String(SECRET), "T": String(marker("commenter")), "Open": True},
            {
                "Subtype": Name.FreeText,
                "Contents": String(marker("freetext")),
                "DA": String("/Helv 9 Tf"),
                "AP": Dictionary(N=look),
            },
            {"Subtype": Name.Link, "A": Dictionary(S=Name.URI, URI=String("https://example.org/" + marker("link")))},
        )
    )
    pdf.attachments[marker("attached") + ".txt"] = pikepdf.AttachedFileSpec(pdf, marker("attachment").encode(), description=marker("desc"))
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(f"{marker('outline')} {SECRET}", 1))
    root.Names.Dests = Dictionary(Names=Array([String(marker("dest")), Array([secret, Name.Fit])]))
    element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, Pg=secret, K=0, Alt=String(marker("structalt"))))
    element.ActualText, element.T = String(marker("structactual")), String(marker("structtitle"))
    root.StructTreeRoot = pdf.make_indirect(
        Dictionary(Type=Name.StructTreeRoot, K=element, ClassMap=Dictionary({"/" + marker("class"): Dictionary(O=Name.Layout)}))
    )
    sentence = f"{marker('sign')} {SECRET_PHRASE} {marker('signs')}".encode("utf-16-be").hex()
    lie = f"begincmap 1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <2E> <{sentence}> endbfchar endcmap"
    page.Resources.Font.Lie = Dictionary(
        Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, ToUnicode=pdf.make_stream(lie.encode())
    )
    pdf.pages[0].contents_add(b"BT /Lie 12 Tf 320 110 Td (.) Tj ET")
    loose = pdf.make_indirect(Dictionary(Old=String(marker("revision"))))
    root.Loose = loose
    out = io.BytesIO()
    pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return _revised(out.getvalue())


def _revised(content: bytes) -> bytes:
    """Append a revision in which the object with the marker is replaced: the old one stays in the file."""
    at = content.index(marker("revision").encode())
    number = int(content[:at].rsplit(b" 0 obj", 1)[0].rsplit(b"\n", 1)[1])
    start = int(content.rsplit(b"startxref", 1)[1].split()[0])
    trailer = content.rsplit(b"trailer", 1)[1].split(b"startxref")[0].strip()
    trailer = trailer[:-2] + b" /Prev %d >>" % start
    body = b"\n%d 0 obj\n<< /New true >>\nendobj\n" % number
    offset = len(content) + 1
    xref = len(content) + len(body)
    table = b"xref\n%d 1\n%010d 00000 n \ntrailer\n" % (number, offset)
    comment = b"\n%% %s\n" % marker("comment").encode()
    return content + body + table + trailer + b"\nstartxref\n%d\n%%%%EOF" % xref + comment


def every_byte(content: bytes) -> Iterator[bytes]:
    """A PDF's raw bytes, every decoded stream, every string and name: where a word could be."""
    yield content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        todo = [*pdf.objects, pdf.trailer]
        while todo:
            item = todo.pop()
            if isinstance(item, pikepdf.Stream):
                yield item.read_raw_bytes()
                with suppress(pikepdf.PdfError):  # a picture's own coding is not taken apart
                    yield item.read_bytes()
            if isinstance(item, String):
                yield bytes(item) + b"\n" + str(item).encode("utf-8")
            if isinstance(item, Name):
                yield str(item).encode("utf-8")
            if isinstance(item, Array):
                todo += [kid for kid in item if not getattr(kid, "is_indirect", False)]
            if isinstance(item, Dictionary | pikepdf.Stream):
                for key in item.keys():  # noqa: SIM118
                    yield key.encode("utf-8")
                    if not getattr(item[key], "is_indirect", False):
                        todo.append(item[key])


def mentions(content: bytes, word: str) -> bool:
    """Is the word anywhere in this PDF, in plain, UTF-16 or hexadecimal letters?"""
    lower = word.lower()
    forms = [lower.encode(), lower.encode("utf-16-be"), lower.encode("utf-16-le"), lower.encode().hex().encode()]
    forms.append(lower.encode("utf-16-be").hex().encode())
    return any(form in piece.lower() for piece in every_byte(content) for form in forms)
