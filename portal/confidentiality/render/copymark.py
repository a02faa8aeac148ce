"""Write who took a copy, for which body, when and under which number on every page of a rendition's PDF. A deterrent and a trace.

Runs in the web process, on PDFs that we built and sealed ourselves. The marks are one picture shared by all pages of a size, drawn
over them: the page's own picture and words stay as they are, so that the copy is as readable and searchable as the rendition.
"""

import io
import zlib
from collections.abc import Sequence

import pikepdf
from pikepdf import Dictionary, Name, Stream

from portal.confidentiality.render.watermark import pattern
from portal.kernel.errors import Tampered

_SCALE = 1.5  # pixels of a mark for one point of the page
_LARGEST = 4000  # pixels along an edge: a poster's marks are drawn coarser


def mark_copy(pdf: bytes, lines: Sequence[str]) -> bytes:
    """The PDF with these lines over every page. Raises `Tampered` for bytes that are no PDF of ours."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            marks: dict[tuple[int, int], Stream] = {}
            for page in opened.pages:
                left, bottom, right, top = (float(edge) for edge in page.mediabox)
                width, height = right - left, top - bottom
                scale = min(_SCALE, _LARGEST / max(width, height, 1))
                size = max(1, round(width * scale)), max(1, round(height * scale))
                if size not in marks:
                    marks[size] = _mark(opened, lines, size)
                page.obj.Resources.XObject.Mark = marks[size]
                drawn = f"/Artifact BMC q {width:.2f} 0 0 {height:.2f} {left:.2f} {bottom:.2f} cm /Mark Do Q EMC"
                page.contents_add(drawn.encode())
            out = io.BytesIO()
            opened.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=False)
            return out.getvalue()
    except (pikepdf.PdfError, AttributeError, KeyError, ValueError) as error:
        raise Tampered("a rendition's PDF is not one of ours") from error


def _mark(pdf: pikepdf.Pdf, lines: Sequence[str], size: tuple[int, int]) -> Stream:
    """A black picture that shows through the marks only."""
    width, height = size
    mask = Stream(pdf, zlib.compress(pattern(lines, width, height).tobytes(), 6))
    mask.stream_dict = _picture(size)
    black = Stream(pdf, zlib.compress(bytes(width * height), 6))
    black.stream_dict = _picture(size)
    black.stream_dict.SMask = pdf.make_indirect(mask)
    marked = pdf.make_indirect(black)
    assert isinstance(marked, Stream)
    return marked


def _picture(size: tuple[int, int]) -> Dictionary:
    grey: dict[str, object] = {"/Type": Name.XObject, "/Subtype": Name.Image, "/ColorSpace": Name.DeviceGray, "/BitsPerComponent": 8}
    return Dictionary(grey | {"/Width": size[0], "/Height": size[1], "/Filter": Name.FlateDecode})
