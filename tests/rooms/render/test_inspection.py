"""Which files are taken, and what a refusal tells."""

import io
import zlib

import pikepdf
import pytest

from portal.confidentiality.render.inspection import Inspection, inspect_pdf
from portal.confidentiality.render.refusal import SENTENCES, FileRefused, Reason
from portal.confidentiality.render.sandbox import Sandbox
from tests.rooms.render.papers import document, hostile, plain, says

SANDBOX = Sandbox(seconds=20)


def one_page(page: bytes, *objects: bytes) -> bytes:
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n3 0 obj<</Type/Page"
    return head + b"/Parent 2 0 R" + page + b">>endobj\n" + b"".join(objects) + b"trailer<</Root 1 0 R>>\n%%EOF"


def changed(change: str) -> bytes:
    pdf = pikepdf.open(io.BytesIO(plain()))
    out = io.BytesIO()
    if change == "xfa":
        pdf.Root.AcroForm = pikepdf.Dictionary(XFA=pdf.make_stream(b"<xdp/>"), Fields=[])
        pdf.save(out)
    else:
        user = "open sesame" if change == "password" else ""
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user=user))
    return out.getvalue()


REFUSED = {
    "empty": (b"", Reason.EMPTY),
    "text": (b"Dear colleagues,", Reason.NOT_PDF),
    "polyglot": (b"GIF89a" + b"\0" * 20 + plain(), Reason.NOT_PDF),
    "blank before": (b"\n" + plain(), Reason.NOT_PDF),
    "broken": (b"%PDF-1.7 nonsense" * 100, Reason.BROKEN),
    "no pages": (one_page(b"").replace(b"/Count 1/Kids[3 0 R]", b"/Count 0/Kids[]"), Reason.BROKEN),
    "password": (changed("password"), Reason.ENCRYPTED),
    "rights": (changed("rights"), Reason.ENCRYPTED),
    "xfa": (changed("xfa"), Reason.XFA),
    "page bomb": (one_page(b"/MediaBox[0 0 200000 200000]"), Reason.PAGE_TOO_LARGE),
    "no size": (one_page(b"/MediaBox[0 0 0.5 0.5]"), Reason.PAGE_TOO_LARGE),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_taken_is_refused_with_its_reason(name: str) -> None:
    content, reason = REFUSED[name]
    with pytest.raises(FileRefused) as caught:
        inspect_pdf(SANDBOX, [content])
    assert caught.value.reason is reason
    assert caught.value.public == SENTENCES[reason]


def test_a_document_is_taken_whole_in_any_chunks() -> None:
    content = plain()
    assert inspect_pdf(SANDBOX, (content[at : at + 7] for at in range(0, len(content), 7))) == Inspection(pages=3)


def test_a_document_that_hides_things_is_still_taken() -> None:
    assert inspect_pdf(SANDBOX, [hostile()]).pages == 3


def test_too_many_pages_are_refused() -> None:
    with pytest.raises(FileRefused) as caught:
        inspect_pdf(Sandbox(seconds=20, max_pages=2), [plain()])
    assert caught.value.reason is Reason.TOO_MANY_PAGES


def bomb(megabytes: int) -> bytes:
    """A page whose content is that many megabytes, in a file of a few kilobytes."""
    block = b"q Q " * (1 << 18)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(megabytes):
        check = zlib.adler32(block, check)
    packed = zlib.compress(b"\x78\xda" + one * megabytes + b"\x03\x00" + check.to_bytes(4, "big"), 9)
    stream = b"4 0 obj<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream endobj\n" % (len(packed), packed)
    return one_page(b"/MediaBox[0 0 600 800]/Contents 4 0 R", stream)


def test_a_stream_that_unpacks_without_end_is_refused_with_bounded_memory() -> None:
    content = bomb(600)
    assert len(content) < 1 << 20
    with pytest.raises(FileRefused) as caught:
        inspect_pdf(Sandbox(memory_bytes=512 << 20, seconds=20), [content])
    assert caught.value.reason in (Reason.TOO_HEAVY, Reason.TOO_SLOW)


def test_every_reason_tells_what_to_do() -> None:
    assert set(SENTENCES) == set(Reason)
    assert all(sentence.count(".") >= 2 or ":" in sentence or "Choose" in sentence for sentence in SENTENCES.values())


def test_a_signed_document_is_taken_and_said_to_be_signed() -> None:
    pdf = pikepdf.open(io.BytesIO(document(says("Signed"))))
    field = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T=pikepdf.String("s"), V=pikepdf.Dictionary(Type=pikepdf.Name.Sig))
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[pdf.make_indirect(field)], SigFlags=3)
    out = io.BytesIO()
    pdf.save(out)
    assert inspect_pdf(SANDBOX, [out.getvalue()]) == Inspection(pages=1, signed=True)
