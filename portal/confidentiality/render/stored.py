"""Child only: what a file stores beside what it shows. For the proof, which looks for each of these texts in the rendition."""

import re
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from portal.confidentiality.render.refusal import JobRefused, Reason

_TEXTS = ("/ActualText", "/Alt", "/E", "/T", "/Contents", "/TU", "/V")
_WHOLE = (
    "/Metadata",
    "/Outlines",
    "/Names",
    "/PageLabels",
    "/PieceInfo",
    "/OpenAction",
    "/AA",
    "/OCProperties",
    "/Collection",
    "/Dests",
)
_XML = re.compile(r">([^<>]+)<|=\"([^\"]+)\"|='([^']+)'")
_MANY = 1_000_000  # objects looked at from one start: a file cannot make the proof endless


def page_texts(objects: Any, number: int) -> Iterator[str]:
    """Every string kept with page `number` (1-based): comments, field values, marked content, private data, names of layers, metadata."""
    page = objects.pages[number - 1].obj
    yield from _strings(page)
    for content in _contents(page):
        yield from _marked_content(content)


def structure_texts(objects: Any) -> dict[int, list[str]]:
    """The texts of structure elements by page number: alternatives, expansions, titles. An element inherits the page of its parent."""
    numbers = {page.obj.objgen: number for number, page in enumerate(objects.pages, start=1)}
    found: dict[int, list[str]] = {}
    todo: list[tuple[Any, int]] = [(objects.Root.get("/StructTreeRoot"), 0)]
    seen: set[tuple[int, int]] = set()
    steps = 0
    while todo:
        item, number = todo.pop()
        steps += 1
        if steps > _MANY:
            raise JobRefused(Reason.TOO_HEAVY)
        if isinstance(item, Array):
            todo += [(kid, number) for kid in item]
        if not isinstance(item, Dictionary) or (item.is_indirect and item.objgen in seen):
            continue
        seen.add(item.objgen)
        on = item.get("/Pg")
        number = numbers.get(on.objgen, number) if isinstance(on, Dictionary) else number
        found.setdefault(number, []).extend(str(item[key]) for key in _TEXTS if isinstance(item.get(key), String))
        todo.append((item.get("/K"), number))
    return found


def document_texts(objects: Any) -> Iterator[str]:
    """Strings that belong to the file as a whole: information, XMP, outlines, names of attachments, scripts, page labels, layers."""
    info = objects.trailer.get("/Info")
    yield from _strings(info)
    root = objects.Root
    for key in _WHOLE:
        yield from _strings(root.get(key))


def _strings(start: Any) -> Iterator[str]:
    """Every string from here on, without walking into pages or the structure tree. Raises `JobRefused` for a file without end."""
    todo: list[Any] = [start]
    seen: set[tuple[int, int]] = set()
    steps = 0
    while todo:
        item = todo.pop()
        steps += 1
        if steps > _MANY:
            raise JobRefused(Reason.TOO_HEAVY)
        if isinstance(item, String):
            yield str(item)
        elif isinstance(item, Array):
            todo += list(item)
        elif isinstance(item, Dictionary | Stream):
            if item.is_indirect and item.objgen in seen:
                continue
            seen.add(item.objgen)
            if steps > 1 and item.get("/Type") in (Name.Page, Name.Pages, Name.Catalog, Name.StructTreeRoot, Name.StructElem):
                continue
            if isinstance(item, Stream):
                yield from _stream_strings(item)
            todo += [item[key] for key in item.keys()]  # noqa: SIM118


def _stream_strings(stream: Any) -> Iterator[str]:
    """XMP's values, and scripts. Pictures, fonts and content are not texts of this kind."""
    kind = stream.get("/Type")
    if kind == Name.Metadata or stream.get("/Subtype") == Name.XML:
        text = _decoded(stream).decode("utf-8", "replace")
        yield from (" ".join(filter(None, match)).strip() for match in _XML.findall(text))
    elif kind == Name.EmbeddedFile or (kind is None and stream.get("/Subtype") is None and stream.get("/Length", 0) < 1 << 16):
        yield _decoded(stream)[: 1 << 20].decode("utf-8", "replace")


def _contents(page: Any) -> Iterator[Any]:
    """The page's own content, and that of the forms it may draw."""
    yield page
    todo = [page.get("/Resources")]
    seen: set[tuple[int, int]] = set()
    while todo:
        resources = todo.pop()
        forms = resources.get("/XObject") if isinstance(resources, Dictionary) else None
        for form in forms.values() if isinstance(forms, Dictionary) else ():
            if isinstance(form, Stream) and form.get("/Subtype") == Name.Form and form.objgen not in seen:
                seen.add(form.objgen)
                yield form
                todo.append(form.get("/Resources"))


def _marked_content(content: Any) -> Iterator[str]:
    try:
        operations = pikepdf.parse_content_stream(content, "BDC DP")
    except (pikepdf.PdfError, ValueError, TypeError):
        return  # no reader shows it either; what pdfium reads of it is looked at anyway
    for operation in operations:
        for operand in getattr(operation, "operands", ()):
            yield from _strings(operand)


def _decoded(stream: Any) -> bytes:
    try:
        return bytes(stream.read_bytes())
    except pikepdf.PdfError:
        return b""
