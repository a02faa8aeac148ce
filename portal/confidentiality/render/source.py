"""Child only: open a file that came from outside, or refuse it. Two readers must agree that it is whole and how many pages it has."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from portal.confidentiality.render.magic import demand_recognised
from portal.confidentiality.render.refusal import JobRefused, Reason
from portal.confidentiality.render.remote import Remote
from portal.confidentiality.render.wire import pack_json

DPI = 150
MAX_PIXELS = 36_000_000  # at 150 dpi a little more than A0
_XFA = (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND)


@dataclass(frozen=True, slots=True)
class Source:
    """The same file as both readers see it: `shown` draws and reads words, `objects` walks what is stored."""

    shown: Any
    objects: Any
    pages: int


def inspect(header: Mapping[str, Any], parts: list[Any]) -> Iterator[tuple[str, bytes]]:
    """The job of `inspection`: open the file and every page of it."""
    source = open_source(parts[0], int(header["max_pages"]))
    demand_recognised(parts[0] if isinstance(parts[0], Remote) else io.BytesIO(parts[0]), "pdf")
    for number in range(1, source.pages + 1):
        open_page(source, number).close()
    yield "INSP", pack_json({"pages": source.pages, "signed": _signed(source.objects)})


def _signed(objects: Any) -> bool:
    form = objects.Root.get("/AcroForm")
    fields = form.get("/Fields") if isinstance(form, pikepdf.Dictionary) else None
    return isinstance(fields, pikepdf.Array) and any(
        isinstance(field, pikepdf.Dictionary) and field.get("/FT") == "/Sig" and "/V" in field for field in fields
    )


def open_source(content: bytes | Remote, max_pages: int) -> Source:
    """Raises `JobRefused` with the first thing that stands against the file."""
    begin = content.read(5) if isinstance(content, Remote) else content[:5]
    if not begin:
        raise JobRefused(Reason.EMPTY)
    if begin != b"%PDF-":  # a header further down makes a file that is two things at once
        raise JobRefused(Reason.NOT_PDF)
    shown = _shown(content)  # first: it knows protection without asking the system for random bytes, which a child cannot have
    objects = _objects(content)
    pages = len(shown)
    if pages < 1 or pages != len(objects.pages):
        raise JobRefused(Reason.BROKEN)
    if pages > max_pages:
        raise JobRefused(Reason.TOO_MANY_PAGES)
    for number in range(pages):
        _size_or_refuse(shown, number)
    return Source(shown, objects, pages)


def open_page(source: Source, number: int) -> Any:
    """Page `number` (1-based). Raises `JobRefused` if it cannot be read."""
    try:
        return source.shown[number - 1]
    except pdfium.PdfiumError as error:
        raise JobRefused(Reason.BROKEN) from error


def _objects(content: bytes | Remote) -> Any:
    try:
        stream: Any = content if isinstance(content, Remote) else io.BytesIO(content)
        opened = pikepdf.open(stream, access_mode=pikepdf.AccessMode.stream)
        if opened.is_encrypted:
            raise JobRefused(Reason.ENCRYPTED)
        form = opened.Root.get("/AcroForm")
        if isinstance(form, pikepdf.Dictionary) and "/XFA" in form:
            raise JobRefused(Reason.XFA)
        len(opened.pages)
    except pikepdf.PasswordError as error:
        raise JobRefused(Reason.ENCRYPTED) from error
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise JobRefused(Reason.BROKEN) from error
    return opened


def _shown(content: bytes | Remote) -> Any:
    try:
        opened = pdfium.PdfDocument(content)
        opened.init_forms()  # or the values of form fields are not drawn
    except pdfium.PdfiumError as error:
        protected = error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise JobRefused(Reason.ENCRYPTED if protected else Reason.BROKEN) from error
    if raw.FPDF_GetSecurityHandlerRevision(opened.raw) != -1:
        raise JobRefused(Reason.ENCRYPTED)
    if opened.get_formtype() in _XFA:
        raise JobRefused(Reason.XFA)
    return opened


def _size_or_refuse(shown: Any, number: int) -> None:
    size = raw.FS_SIZEF()
    if not raw.FPDF_GetPageSizeByIndexF(shown.raw, number, size):
        raise JobRefused(Reason.BROKEN)
    scale = DPI / 72
    if not (size.width >= 3 and size.height >= 3) or (size.width * scale + 1) * (size.height * scale + 1) > MAX_PIXELS:
        raise JobRefused(Reason.PAGE_TOO_LARGE)  # written so that NaN is refused too
