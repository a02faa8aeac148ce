"""An office file is a document and nothing else: what is on no list, doubled, hidden, encrypted or blown up is refused for its reason."""

import io
import struct
import zipfile

import pytest

from portal.confidentiality.render.filetype import MIME, Kind, check_members, kind_of
from portal.confidentiality.render.inspection import inspect_pdf
from portal.confidentiality.render.refusal import FileRefused, Reason
from portal.confidentiality.render.remote import Content, OnDemand
from portal.confidentiality.render.sandbox import Sandbox
from tests.rooms.render import office_papers as papers
from tools.tour.sample import SAMORIA

SANDBOX = Sandbox(seconds=60)
WORD = papers.docx_members(["The mission met the ministry."])
TEXT = papers.open_members("text", "<text:p>The mission</text:p>")
ODT = "application/vnd.oasis.opendocument.text"


def refused(kind: Kind, content: bytes | Content) -> Reason:
    with pytest.raises(FileRefused) as caught:
        check_members(SANDBOX, kind, [content] if isinstance(content, bytes) else content)
    return caught.value.reason


def with_parts(**members: str | bytes) -> bytes:
    return papers.zipped({**WORD, **{name.replace("__", "/"): content for name, content in members.items()}})


def spoilt(content: bytes, at: int, value: bytes, *, everywhere: bytes = b"PK\x01\x02") -> bytes:
    """Each entry of the directory with other bytes at an offset."""
    whole = bytearray(content)
    place = whole.find(everywhere)
    while place >= 0:
        whole[place + at : place + at + len(value)] = value
        place = whole.find(everywhere, place + 1)
    return bytes(whole)


def test_a_name_says_what_a_file_claims_to_be() -> None:
    assert kind_of("Mission report (v2).DOCX") is Kind.DOCX
    assert kind_of("a.docx.pdf") is Kind.PDF
    assert [kind_of(name) for name in ("report", "report.doc", "report.docm", ".pdf", "pdf", "x.pdf.exe")] == [None] * 6
    assert set(MIME) == set(Kind)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Kind.DOCX, papers.docx(["x"])),
        (Kind.XLSX, papers.xlsx([["x"]])),
        (Kind.PPTX, papers.pptx(["x"])),
        (Kind.ODT, papers.odt(["x"])),
        (Kind.ODS, papers.ods([["x"]])),
        (Kind.ODP, papers.odp(["x"])),
    ],
)
def test_a_document_is_taken_as_its_own_kind_and_as_no_other(kind: Kind, content: bytes) -> None:
    check_members(SANDBOX, kind, [content])
    check_members(SANDBOX, kind, OnDemand(len(content), lambda at, length: content[at : at + length]))
    for other in (kind for kind in Kind if kind is not Kind.PDF):
        if other is not kind:
            assert refused(other, content) in {Reason.NOT_OFFICE, Reason.EMBEDDED}


@pytest.mark.parametrize(
    "name",
    [
        "docProps/app.xml", "docProps/thumbnail.jpeg", "customXml/item1.xml", "customXml/_rels/item1.xml.rels", "word/theme/theme1.xml",
        "word/media/image1.png", "word/media/image2.emf", "word/fonts/font1.odttf", "word/printerSettings/printerSettings1.bin",
        "word/charts/chart1.xml", "_xmlsignatures/sig1.xml", "word/_rels/document.xml.rels",
    ],
)  # fmt: skip
def test_what_an_ordinary_document_has_is_on_the_list(name: str) -> None:
    check_members(SANDBOX, Kind.DOCX, [papers.zipped({**WORD, name: "<x/>"})])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("word/vbaProject.bin", Reason.MACROS),
        ("WORD/VBAPROJECT.BIN", Reason.MACROS),
        ("word/vbaData.xml", Reason.MACROS),
        ("word/activeX/activeX1.xml", Reason.MACROS),
        ("word/macrosheets/sheet1.xml", Reason.MACROS),
        ("word/embeddings/oleObject1.bin", Reason.EMBEDDED),
        ("word/embeddings/sheet.xlsx", Reason.EMBEDDED),
        ("word/media/clip.mp4", Reason.EMBEDDED),
        ("word/media/setup.exe", Reason.EMBEDDED),
        ("word/afchunk.mht", Reason.EMBEDDED),
        ("word/media/picture.png.exe", Reason.EMBEDDED),
        ("report.pdf", Reason.EMBEDDED),
        ("xl/worksheets/sheet1.xml", Reason.EMBEDDED),
        ("content.xml", Reason.EMBEDDED),
        ("word/../../evil.xml", Reason.BROKEN),
        ("/word/evil.xml", Reason.BROKEN),
        ("word//evil.xml", Reason.BROKEN),
        ("word\\evil.xml", Reason.BROKEN),
        ("C:/evil.xml", Reason.EMBEDDED),
        ("word/document.XML", Reason.BROKEN),
    ],
)
def test_what_is_on_no_list_is_refused(name: str, reason: Reason) -> None:
    assert refused(Kind.DOCX, papers.zipped({**WORD, name: "<x/>"})) is reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Basic/Standard/Module1.xml", Reason.MACROS),
        ("Scripts/python/evil.py", Reason.MACROS),
        ("Dialogs/Standard/dialog-lb.xml", Reason.MACROS),
        ("META-INF/macrosignatures.xml", Reason.MACROS),
        ("Object 1", Reason.EMBEDDED),
        ("Pictures/setup.exe", Reason.EMBEDDED),
        ("encrypted-package", Reason.ENCRYPTED),
    ],
)
def test_likewise_in_opendocument(name: str, reason: Reason) -> None:
    assert refused(Kind.ODT, papers.zipped({**TEXT, name: "<x/>"}, first=ODT)) is reason
    check_members(SANDBOX, Kind.ODT, [papers.zipped({**TEXT, "Object 1/content.xml": "<x/>", "Pictures/a.png": b"x"}, first=ODT)])


def test_macros_that_only_the_content_types_tell_of_are_refused() -> None:
    types = str(WORD["[Content_Types].xml"])
    for said in ("application/vnd.ms-word.document.macroEnabled.main+xml", "application/vnd.ms-office.vbaProject"):
        told = types.replace("</Types>", f'<Override PartName="/word/x.xml" ContentType="{said}"/></Types>')
        assert refused(Kind.DOCX, papers.zipped({**WORD, "[Content_Types].xml": told})) is Reason.MACROS
    template = types.replace("document.main+xml", "template.main+xml")
    assert refused(Kind.DOCX, papers.zipped({**WORD, "[Content_Types].xml": template})) is Reason.NOT_OFFICE


@pytest.mark.parametrize(
    "raw",
    [
        '<w:p><w:ins w:id="1" w:author="A"><w:r><w:t>x</w:t></w:r></w:ins></w:p>',
        '<w:p><w:del w:id="1" w:author="A"><w:r><w:delText>x</w:delText></w:r></w:del></w:p>',
        '<w:p><w:moveFrom w:id="1" w:author="A"/></w:p>',
        '<w:p><w:r><w:rPr><w:b/><w:rPrChange w:id="1" w:author="A"><w:rPr/></w:rPrChange></w:rPr><w:t>x</w:t></w:r></w:p>',
    ],
)
def test_changes_that_nobody_decided_on_are_refused(raw: str) -> None:
    assert refused(Kind.DOCX, papers.docx(["x"], raw=raw)) is Reason.TRACKED


def test_likewise_under_another_prefix_and_in_other_kinds() -> None:
    word = str(WORD["word/document.xml"]).replace(
        "<w:sectPr>", '<q:p xmlns:q="http://purl.oclc.org/ooxml/wordprocessingml/main"><q:del/></q:p><w:sectPr>'
    )
    assert refused(Kind.DOCX, papers.zipped({**WORD, "word/document.xml": word})) is Reason.TRACKED
    changed = '<text:tracked-changes><text:changed-region text:id="c1"/></text:tracked-changes>'
    assert refused(Kind.ODT, papers.odt(["x"], raw=changed)) is Reason.TRACKED
    check_members(SANDBOX, Kind.ODT, [papers.odt(["x"], raw="<text:tracked-changes/>")])  # recording, and nothing recorded


def test_a_document_type_and_what_is_not_xml_are_refused() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    for content in (laughs, laughs.encode("utf-16"), "<x>", "", b"\xff\xfe\x00"):
        assert refused(Kind.DOCX, papers.zipped({**WORD, "word/styles.xml": content})) is Reason.BROKEN


def test_what_an_event_would_start_is_refused() -> None:
    listener = (
        '<office:event-listeners xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0"><script:event-listener '
        'script:event-name="dom:load" xlink:href="vnd.sun.star.script:LibreLogo|LibreLogo.py$run"/></office:event-listeners>'
    )
    assert refused(Kind.ODT, papers.odt(["x"], raw=listener)) is Reason.MACROS


def test_what_is_encrypted_is_refused_in_every_form_of_it() -> None:
    assert refused(Kind.DOCX, spoilt(papers.zipped(WORD), 8, b"\x01")) is Reason.ENCRYPTED
    compound = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000)
    assert refused(Kind.DOCX, compound + "EncryptedPackage".encode("utf-16-le") + bytes(99)) is Reason.ENCRYPTED
    assert refused(Kind.DOCX, compound) is Reason.NOT_OFFICE  # an old .doc
    manifest = str(TEXT["META-INF/manifest.xml"]).replace('"text/xml"/>', '"text/xml"><manifest:encryption-data/></manifest:file-entry>')
    assert refused(Kind.ODT, papers.zipped({**TEXT, "META-INF/manifest.xml": manifest}, first=ODT)) is Reason.ENCRYPTED


def test_what_blows_up_is_refused_before_it_has() -> None:
    assert refused(Kind.DOCX, with_parts(word__media__a_png=b"")) is Reason.EMBEDDED
    blown = {f"word/media/a{n}.png": bytes(60 << 20) for n in range(1)}
    assert refused(Kind.DOCX, papers.zipped({**WORD, **blown})) is Reason.TOO_LARGE
    many = {f"word/media/a{n}.png": b"x" for n in range(10_001)}
    assert refused(Kind.DOCX, papers.zipped({**WORD, **many})) is Reason.TOO_LARGE
    modest = papers.zipped({**WORD, "word/media/a.png": bytes(60 << 20)})
    assert refused(Kind.DOCX, spoilt(modest, 24, struct.pack("<L", 100))) is Reason.BROKEN  # its sizes lie


def test_all_members_together_may_not_be_larger_than_a_document_is() -> None:
    noise = bytes(range(256)) * 64 + bytes(1_000_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in WORD.items():
            archive.writestr(name, content)
        for n in range(600):
            archive.writestr(f"word/media/a{n}.png", noise)
    assert refused(Kind.DOCX, out.getvalue()) is Reason.TOO_LARGE


def test_a_file_that_is_two_things_at_once_is_refused() -> None:
    whole = papers.zipped(WORD)
    assert refused(Kind.DOCX, b"MZ" + whole) is Reason.NOT_OFFICE
    assert refused(Kind.DOCX, SAMORIA + whole) is Reason.NOT_OFFICE
    assert refused(Kind.DOCX, whole + b"more") is Reason.BROKEN
    assert refused(Kind.DOCX, whole[:-2] + b"\x04\x00more") is Reason.BROKEN  # a comment
    assert refused(Kind.DOCX, whole[:20]) is Reason.BROKEN
    assert refused(Kind.DOCX, b"") is Reason.EMPTY
    directory = whole.find(b"PK\x01\x02")
    gap = b"<script>hidden between members</script>"
    end = bytearray(whole[directory:])
    at = end.rfind(b"PK\x05\x06")
    end[at + 16 : at + 20] = struct.pack("<L", directory + len(gap))
    assert refused(Kind.DOCX, whole[:directory] + gap + bytes(end)) is Reason.BROKEN


def test_bytes_between_two_members_are_refused() -> None:
    for gap, taken in ((b"", True), (b"<script>hidden between members</script>", False)):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in WORD.items():
                archive.writestr(name, content)
                if name == "_rels/.rels":
                    out.seek(archive.start_dir)
                    out.write(gap)
                    archive.start_dir += len(gap)
        if taken:
            check_members(SANDBOX, Kind.DOCX, [out.getvalue()])
        else:
            assert refused(Kind.DOCX, out.getvalue()) is Reason.BROKEN


def test_a_document_that_looks_more_like_something_else_is_refused() -> None:
    types = str(WORD["[Content_Types].xml"])
    at = 257 - len("[Content_Types].xml") - 30  # where a tar file says what it is
    told = types[: types.index("<Types")] + "<!--" + " " * 400 + "-->" + types[types.index("<Types") :]
    for planted, taken in (("        ", True), ("ustar\x0000", False)):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("[Content_Types].xml", (told[:at] + "#" * 8 + told[at + 8 :]).replace("#" * 8, planted.replace("\0", " ")))
            for name in ("_rels/.rels", "word/document.xml"):
                archive.writestr(name, WORD[name])
        whole = out.getvalue()
        assert whole[257:262] == planted[:5].encode()
        if taken:
            check_members(SANDBOX, Kind.DOCX, [whole])
        else:
            assert refused(Kind.DOCX, whole) is Reason.NOT_OFFICE


def test_a_member_twice_is_refused() -> None:
    out = io.BytesIO(papers.zipped(WORD))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/document.xml", "<other/>")
    assert refused(Kind.DOCX, out.getvalue()) is Reason.BROKEN


def test_what_was_changed_within_a_member_is_refused() -> None:
    whole = bytearray(papers.zipped({**WORD, "word/media/a.png": bytes(range(256)) * 40}))
    whole[whole.find(b"word/media/a.png") + 40] ^= 0xFF
    assert refused(Kind.DOCX, bytes(whole)) is Reason.BROKEN


@pytest.mark.parametrize(
    ("content", "taken"),
    [
        (SAMORIA, True),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;\n" + SAMORIA, False),
        (b"\x00" + SAMORIA, False),
        (papers.docx(["x"]), False),
        (SAMORIA[:257] + b"ustar\x0000" + SAMORIA[257:], False),  # begins as a PDF, and is a tar file as well
    ],
    ids=["a PDF", "GIF and PDF", "PDF later", "DOCX", "PDF and tar"],
)
def test_a_pdf_begins_as_one_and_looks_like_nothing_else(content: bytes, taken: bool) -> None:
    if taken:
        assert inspect_pdf(SANDBOX, [content]).pages == 4
        return
    with pytest.raises(FileRefused) as caught:
        inspect_pdf(SANDBOX, [content])
    assert caught.value.reason is Reason.NOT_PDF
