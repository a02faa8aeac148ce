"""What LibreOffice makes of a document: what it prints, and nothing that it hides, links to or runs."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pypdfium2
import pytest

from portal.confidentiality.render.bubble import Bubble
from portal.confidentiality.render.filetype import Kind, check_members
from portal.confidentiality.render.inspection import inspect_pdf
from portal.confidentiality.render.office import Office
from portal.confidentiality.render.refusal import FileRefused, Reason, RenderFailed
from portal.confidentiality.render.sandbox import Sandbox
from tests.rooms.render import office_papers as papers

OFFICE = Office(enabled=True, bubble=Bubble())


def record(kind: Kind, content: bytes, office: Office = OFFICE) -> bytes:
    """As a deposit does it: looked into, converted, inspected."""
    check_members(Sandbox(), kind, [content])
    pdf = office.record_of(kind, [content])
    inspect_pdf(Sandbox(), [pdf])
    return pdf


def text_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Kind.DOCX, papers.docx(["The mission", "met the ministry"])),
        (Kind.ODT, papers.odt(["The mission", "met the ministry"])),
        (Kind.XLSX, papers.xlsx([["The mission"], ["met the ministry"]])),
        (Kind.ODS, papers.ods([["The mission"], ["met the ministry"]])),
        (Kind.PPTX, papers.pptx(["The mission", "met the ministry"])),
        (Kind.ODP, papers.odp(["The mission", "met the ministry"])),
    ],
)
def test_a_document_of_every_kind_becomes_pages(kind: Kind, content: bytes) -> None:
    text = text_of(record(kind, content))
    assert "The mission" in text
    assert "met the ministry" in text


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Kind.DOCX, papers.commented_docx("Seen by all", "HIDDEN")),
        (Kind.DOCX, papers.docx(["Seen by all"], raw=f"<w:p>{papers.run('HIDDEN', '<w:vanish/>')}{papers.run('and after')}</w:p>")),
        (Kind.ODT, papers.odt(["Seen by all"], raw="<text:p>At<office:annotation><text:p>HIDDEN</text:p></office:annotation></text:p>")),
        (Kind.ODT, papers.odt(["Seen by all"], raw='<text:p><text:hidden-text text:condition="ooow:1" text:string-value="HIDDEN" '
                                                   'text:is-hidden="true"/></text:p>')),
        (Kind.XLSX, papers.xlsx([["Seen by all"]], hidden=[["HIDDEN"]])),
        (Kind.PPTX, papers.pptx(["Seen by all", "And this"], hidden="HIDDEN")),
        (Kind.PPTX, papers.pptx(["Seen by all"], notes="HIDDEN")),
    ],
    ids=["comment", "hidden text", "annotation", "hidden field", "hidden sheet", "hidden slide", "notes"],
)  # fmt: skip
def test_what_a_document_does_not_print_does_not_enter(kind: Kind, content: bytes) -> None:
    pdf = record(kind, content)
    assert "Seen by all" in text_of(pdf)
    assert "HIDDEN" not in text_of(pdf)
    assert sum(pypdfium2.raw.FPDFPage_GetAnnotCount(page) for page in pypdfium2.PdfDocument(pdf)) == 0
    for form in (b"HIDDEN", "HIDDEN".encode("utf-16-be"), "HIDDEN".encode("utf-16-be").hex().upper().encode()):
        assert form not in pdf


class Asked(BaseHTTPRequestHandler):
    paths: list[str] = []

    def do_GET(self) -> None:
        self.paths.append(self.path)
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keeps quiet."""


def test_a_link_fetches_nothing_from_a_network_and_nothing_from_the_machine(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("THE SECRET FILE")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        linked = [f"{address}/section.odt", "file:///etc/passwd", f"file://{tmp_path}/secret.txt", "file:///proc/self/environ"]
        sections = "".join(
            f'<text:section text:name="s{n}"><text:section-source xlink:href="{target}"/><text:p>Section {n}</text:p></text:section>'
            for n, target in enumerate(linked)
        )
        frame = (
            f'<text:p><draw:frame svg:width="5cm" svg:height="5cm"><draw:image xlink:href="{address}/picture.png"/></draw:frame></text:p>'
        )
        odt = text_of(record(Kind.ODT, papers.odt(["Seen by all"], raw=sections + frame)))
        fields = "".join(
            f'<w:p><w:fldSimple w:instr=" INCLUDETEXT &quot;{target}&quot; "><w:r><w:t>old</w:t></w:r></w:fldSimple></w:p>'
            for target in linked
        )
        docx = text_of(record(Kind.DOCX, papers.docx(["Seen by all"], raw=fields)))
    finally:
        server.shutdown()
        server.server_close()
    assert Asked.paths == []
    for text in (odt, docx):
        assert "Seen by all" in text
        for leaked in ("root:", "THE SECRET", "HOME=", "PATH="):
            assert leaked not in text


def test_a_converter_that_hangs_or_eats_memory_is_ended_and_the_next_document_is_taken() -> None:
    content = papers.docx(["Seen by all"])
    with pytest.raises(FileRefused) as slow:
        record(Kind.DOCX, content, Office(enabled=True, bubble=Bubble(seconds=0.2)))
    assert slow.value.reason is Reason.TOO_SLOW
    with pytest.raises(FileRefused) as heavy:
        record(Kind.DOCX, content, Office(enabled=True, bubble=Bubble(memory_bytes=200 << 20)))
    assert heavy.value.reason in {Reason.UNREADABLE, Reason.TOO_HEAVY}
    with pytest.raises(FileRefused) as large:
        record(Kind.DOCX, content, Office(enabled=True, bubble=Bubble(max_output=5000)))
    assert large.value.reason in {Reason.UNREADABLE, Reason.TOO_HEAVY}
    assert "Seen by all" in text_of(record(Kind.DOCX, content))


def test_a_document_that_libreoffice_cannot_read_is_refused() -> None:
    members = papers.docx_members(["x"])
    del members["word/document.xml"]
    with pytest.raises(FileRefused) as caught:
        record(Kind.DOCX, papers.zipped(members))
    assert caught.value.reason is Reason.UNREADABLE


def test_where_it_is_not_installed_or_not_wanted_pdf_is_all_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    unwanted = Office(enabled=False, bubble=Bubble())
    assert OFFICE.takes() == tuple(Kind)
    assert unwanted.takes() == (Kind.PDF,)
    monkeypatch.setattr("portal.confidentiality.render.bubble._BWRAP", "no-such-bwrap")
    assert "no-such-bwrap" in OFFICE.lacking()
    for office in (unwanted, OFFICE):
        assert office.takes() == (Kind.PDF,)
        with pytest.raises(FileRefused) as caught:
            office.record_of(Kind.DOCX, [b""])
        assert caught.value.reason is Reason.PDF_ONLY


def test_a_kernel_that_makes_no_bubble_is_told_in_words_for_the_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.confidentiality.render.bubble._BWRAP", "false")
    with pytest.raises(RenderFailed, match="bubble") as caught:
        OFFICE.record_of(Kind.DOCX, [b"x"])
    assert "Save it as PDF" in caught.value.public
