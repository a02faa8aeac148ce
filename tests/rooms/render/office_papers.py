"""Office files made of a few lines of XML each: what an honest sender has, and what a hostile one tries."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SLIDE = "http://schemas.openxmlformats.org/presentationml/2006/main"
_DRAWN = "http://schemas.openxmlformats.org/drawingml/2006/main"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_VENDOR = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"

Members = dict[str, str | bytes]


def zipped(members: Mapping[str, str | bytes], *, first: str = "") -> bytes:
    """The members as they come, compressed; `first` stands uncompressed at the beginning, as OpenDocument wants it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if first:
            archive.writestr(zipfile.ZipInfo("mimetype"), first, zipfile.ZIP_STORED)
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _ooxml(main: str, parts: Mapping[str, str]) -> Members:
    """A package whose main part is of a kind; `parts`: each part and its content type."""
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{_VENDOR}.{about}+xml"/>' for name, about in parts.items())
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="{_RELATIONS}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": relations({"rId1": ("officeDocument", main)}),
    }


def relations(targets: Mapping[str, tuple[str, str]], *, external: bool = False) -> str:
    mode = ' TargetMode="External"' if external else ""
    inner = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"{mode}/>' for key, (kind, target) in targets.items()
    )
    return f'{HEAD}<Relationships xmlns="{_PACKAGE}">{inner}</Relationships>'


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def docx_members(paragraphs: Sequence[str], *, raw: str = "") -> Members:
    """A text; `raw` is WordprocessingML after the paragraphs."""
    body = "".join(f'<w:p><w:pPr><w:spacing w:after="240"/></w:pPr>{run(text)}</w:p>' for text in paragraphs)
    members = _ooxml("word/document.xml", {"word/document.xml": "wordprocessingml.document.main"})
    members["word/document.xml"] = (
        f'{HEAD}<w:document xmlns:w="{_WORD}" xmlns:r="{_OFFICE}"><w:body>{body}{raw}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440"/></w:sectPr></w:body></w:document>'
    )
    return members


def docx(paragraphs: Sequence[str], *, raw: str = "", **more: str | bytes) -> bytes:
    return zipped({**docx_members(paragraphs, raw=raw), **more})


def commented_docx(text: str, comment: str) -> bytes:
    members = docx_members(
        [],
        raw=f'<w:p><w:commentRangeStart w:id="0"/>{run(text)}<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r></w:p>',
    )
    members |= _ooxml(
        "word/document.xml",
        {"word/document.xml": "wordprocessingml.document.main", "word/comments.xml": "wordprocessingml.comments"},
    )
    members["word/_rels/document.xml.rels"] = relations({"rId1": ("comments", "comments.xml")})
    members["word/comments.xml"] = (
        f'{HEAD}<w:comments xmlns:w="{_WORD}"><w:comment w:id="0" w:author="Somebody Else" w:initials="SE"><w:p>{run(comment)}</w:p>'
        "</w:comment></w:comments>"
    )
    return zipped(members)


def xlsx_members(rows: Sequence[Sequence[str]], *, hidden: Sequence[Sequence[str]] = ()) -> Members:
    """A workbook of one sheet, and of a hidden one."""
    sheets = {1: rows, **({2: hidden} if hidden else {})}
    parts = {"xl/workbook.xml": "spreadsheetml.sheet.main"} | {f"xl/worksheets/sheet{n}.xml": "spreadsheetml.worksheet" for n in sheets}
    members = _ooxml("xl/workbook.xml", parts)
    state = {1: "", 2: ' state="hidden"'}
    entries = "".join(f'<sheet name="Sheet{n}" sheetId="{n}"{state[n]} r:id="rId{n}"/>' for n in sheets)
    members["xl/workbook.xml"] = f'{HEAD}<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>{entries}</sheets></workbook>'
    members["xl/_rels/workbook.xml.rels"] = relations({f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in sheets})
    for n, sheet in sheets.items():
        cells = "".join(
            f'<row r="{at}">' + "".join(f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>' for text in row) + "</row>"
            for at, row in enumerate(sheet, start=1)
        )
        members[f"xl/worksheets/sheet{n}.xml"] = f'{HEAD}<worksheet xmlns="{_SHEET}"><sheetData>{cells}</sheetData></worksheet>'
    return members


def xlsx(rows: Sequence[Sequence[str]], *, hidden: Sequence[Sequence[str]] = ()) -> bytes:
    return zipped(xlsx_members(rows, hidden=hidden))


def _shape(text: str, kind: str = "") -> str:
    holder = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind else "<p:nvPr/>"
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="Text"/><p:cNvSpPr/>{holder}</p:nvSpPr><p:spPr><a:xfrm><a:off x="600000" y="600000"/>'
        '<a:ext cx="7000000" cy="2000000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr/>'
        f"<a:p><a:r><a:rPr/><a:t>{escape(text)}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def _slide(tag: str, shapes: str, more: str = "") -> str:
    return (
        f'{HEAD}<p:{tag} xmlns:a="{_DRAWN}" xmlns:r="{_OFFICE}" xmlns:p="{_SLIDE}"{more}><p:cSld><p:spTree><p:nvGrpSpPr>'
        f'<p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>{shapes}</p:spTree></p:cSld>'
    )


def pptx(slides: Sequence[str], *, hidden: str = "", notes: str = "") -> bytes:
    """A presentation; `hidden` is the text of a last, hidden slide, `notes` are the speaker's to the first one."""
    texts = [*slides, *([hidden] if hidden else [])]
    numbers = range(1, len(texts) + 1)
    parts = {
        "ppt/presentation.xml": "presentationml.presentation.main",
        "ppt/slideMasters/slideMaster1.xml": "presentationml.slideMaster",
        "ppt/slideLayouts/slideLayout1.xml": "presentationml.slideLayout",
        **{f"ppt/slides/slide{n}.xml": "presentationml.slide" for n in numbers},
        **({"ppt/notesSlides/notesSlide1.xml": "presentationml.notesSlide"} if notes else {}),
    }
    members = _ooxml("ppt/presentation.xml", parts)
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n + 1}"/>' for n in numbers)
    members["ppt/presentation.xml"] = (
        f'{HEAD}<p:presentation xmlns:r="{_OFFICE}" xmlns:p="{_SLIDE}"><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/>'
        f'</p:sldMasterIdLst><p:sldIdLst>{listed}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/>'
        "</p:presentation>"
    )
    master = {"rId1": ("slideMaster", "slideMasters/slideMaster1.xml")}
    members["ppt/_rels/presentation.xml.rels"] = relations(master | {f"rId{n + 1}": ("slide", f"slides/slide{n}.xml") for n in numbers})
    colours = "".join(
        f' {name}="{name}"' for name in ("accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink", "folHlink")
    )
    members["ppt/slideMasters/slideMaster1.xml"] = (
        _slide("sldMaster", "")
        + f'<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2"{colours}/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/>'
        "</p:sldLayoutIdLst></p:sldMaster>"
    )
    layout = relations({"rId1": ("slideLayout", "../slideLayouts/slideLayout1.xml")})
    members["ppt/slideMasters/_rels/slideMaster1.xml.rels"] = layout
    members["ppt/slideLayouts/slideLayout1.xml"] = _slide("sldLayout", "") + "</p:sldLayout>"
    members["ppt/slideLayouts/_rels/slideLayout1.xml.rels"] = relations({"rId1": ("slideMaster", "../slideMasters/slideMaster1.xml")})
    for n, text in enumerate(texts, start=1):
        shown = ' show="0"' if hidden and n == len(texts) else ""
        members[f"ppt/slides/slide{n}.xml"] = _slide("sld", _shape(text), shown) + "</p:sld>"
        members[f"ppt/slides/_rels/slide{n}.xml.rels"] = layout
    if notes:
        members["ppt/notesSlides/notesSlide1.xml"] = _slide("notes", _shape(notes, "body")) + "</p:notes>"
        members["ppt/notesSlides/_rels/notesSlide1.xml.rels"] = relations({"rId1": ("slide", "../slides/slide1.xml")})
        members["ppt/slides/_rels/slide1.xml.rels"] = relations(
            {"rId1": ("slideLayout", "../slideLayouts/slideLayout1.xml"), "rId2": ("notesSlide", "../notesSlides/notesSlide1.xml")}
        )
    return zipped(members)


def open_members(kind: str, body: str, *, styles: str = "") -> Members:
    """OpenDocument: `text`, `spreadsheet` or `presentation`, and what stands in its body."""
    spaces = "".join(
        f' xmlns:{short}="{_ODF}:{name}:1.0"'
        for short, name in {"office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style"}.items()
    )
    spaces += ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    spaces += f' xmlns:svg="{_ODF}:svg-compatible:1.0" xmlns:presentation="{_ODF}:presentation:1.0" xmlns:fo="{_ODF}:xsl-fo-compatible:1.0"'
    return {
        "content.xml": f'{HEAD}<office:document-content{spaces} office:version="1.3"><office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        "META-INF/manifest.xml": f'{HEAD}<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_OPEN}.{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" '
        'manifest:media-type="text/xml"/></manifest:manifest>',
    }


def odt(paragraphs: Sequence[str], *, raw: str = "", **more: str | bytes) -> bytes:
    body = "".join(f"<text:p>{escape(text)}</text:p>" for text in paragraphs)
    return zipped({**open_members("text", raw + body), **more}, first=f"{_OPEN}.text")


def ods(rows: Sequence[Sequence[str]]) -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>' for text in row)
        + "</table:table-row>"
        for row in rows
    )
    body = f'<table:table table:name="Sheet1">{cells}</table:table>'
    return zipped(open_members("spreadsheet", body), first=f"{_OPEN}.spreadsheet")


def odp(slides: Sequence[str]) -> bytes:
    body = "".join(
        f'<draw:page draw:name="page{n}"><draw:frame svg:width="20cm" svg:height="3cm" svg:x="2cm" svg:y="2cm"><draw:text-box><text:p>'
        f"{escape(text)}</text:p></draw:text-box></draw:frame></draw:page>"
        for n, text in enumerate(slides, start=1)
    )
    return zipped(open_members("presentation", body), first=f"{_OPEN}.presentation")
