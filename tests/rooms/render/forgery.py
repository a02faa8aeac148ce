"""Taking renditions apart and putting wrong ones together, well-formed and untrue; and a source that says more than it shows."""

import io
from collections.abc import Callable
from dataclasses import replace

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render import prover
from portal.confidentiality.render.anatomy import Dissection, PageParts
from portal.confidentiality.render.assemble import Assembly
from portal.confidentiality.render.pack import write_pack
from portal.confidentiality.render.pixels import decode, encode
from portal.confidentiality.render.proof import Proof, _proof
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.wire import Frame
from portal.confidentiality.render.words import Word, as_text
from tests.rooms.render.papers import plain

SANDBOX = Sandbox(seconds=30)
TITLE = "Rendition for reading"
SOURCE = plain()
SECOND = Withheld(frozenset({2}))  # the second page is left out
Parts = list[PageParts]


def examine(
    pdf: bytes,
    pack: bytes,
    source: bytes = SOURCE,
    withheld: Withheld = SECOND,
    read: Callable[[bytes], bytes] | None = None,
    *,
    language: str = "en",
) -> Proof:
    """The prover's own job, here in the test's process: a child for each of a hundred proofs would take minutes. `read`: by Tesseract."""
    header = {"withheld": withheld.to_text(), "max_pages": 99, "language": language}
    *_, answer = prover.prove(header, [source, pdf, pack, *([read] if read else [])])
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


def says_unseen() -> bytes:
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
