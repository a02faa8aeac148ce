"""The rendition's PDF, written from nothing: pictures, invisible words, a structure for screen readers, a neutral title. Parent only.

Every object is made here; the proof (`anatomy`) knows each of them and allows no other. The same input gives the same bytes.
"""

import io
from collections.abc import Sequence
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from portal.confidentiality.render import glyphless, textlayer
from portal.confidentiality.render.elements import Elements
from portal.confidentiality.render.pixels import JPEG, Picture
from portal.confidentiality.render.structure import Leaf, Role
from portal.confidentiality.render.words import Line


class Assembly:
    """Pages are added in order; `finish` gives the file."""

    def __init__(self, title: str, language: str) -> None:
        self._pdf: Any = pikepdf.new()
        self._font = _font(self._pdf)
        self._lines: list[int] = []
        self._pdf.Root.Lang = String(language)
        self._pdf.docinfo[Name.Title] = String(title)

    def add(self, points: tuple[float, float], picture: Picture, lines: Sequence[Line]) -> None:
        """One more page of this size (points)."""
        pdf = self._pdf
        number = len(pdf.pages)
        page = pdf.add_blank_page(page_size=points).obj
        page.Contents = pdf.make_stream(textlayer.write(points, lines))
        page.Resources = Dictionary(Font=Dictionary(F=self._font), XObject=Dictionary(I=_image(pdf, picture)))
        page.StructParents = number
        page.Tabs = Name.S
        self._lines.append(len(lines))

    def finish(self, leaves: Sequence[Leaf] = ()) -> bytes:
        """The file. `leaves`: what the lines are, every line in one of them; without any, each is a paragraph."""
        pdf = self._pdf
        plain = (Leaf(Role.P, ((page, at),)) for page, count in enumerate(self._lines, start=1) for at in range(count))
        pdf.Root.StructTreeRoot = Elements(pdf).grown(leaves or plain, self._lines)
        pdf.Root.MarkInfo = Dictionary(Marked=True)
        pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        return serialise(pdf)


def serialise(pdf: Any) -> bytes:
    """The one way in which a rendition is written. Opening its result and writing it again gives the same bytes: the proof asks for that.

    Objects are numbered in the order in which they are met; a second writing settles it.
    """
    with pikepdf.open(io.BytesIO(_save(pdf))) as ours:
        return _save(ours)


def _save(pdf: Any) -> bytes:
    out = io.BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        recompress_flate=False,
        compress_streams=True,
        fix_metadata_version=False,
    )
    return out.getvalue()


def _image(pdf: Any, picture: Picture) -> Any:
    """The image object. Its bytes are those of the page pack's picture."""
    space = Name.DeviceGray if picture.channels == 1 else Name.DeviceRGB
    entries = Dictionary(
        Type=Name.XObject, Subtype=Name.Image, Width=picture.width, Height=picture.height, ColorSpace=space, BitsPerComponent=8
    )
    if picture.mime == JPEG:
        entries.Filter = Name.DCTDecode
    else:
        entries.BitsPerComponent = 4
        entries.Filter = Name.FlateDecode
        entries.DecodeParms = Dictionary(Predictor=15, Colors=1, BitsPerComponent=4, Columns=picture.width)
    stream = pikepdf.Stream(pdf, picture.data)
    stream.stream_dict = entries
    return pdf.make_indirect(stream)


def _font(pdf: Any) -> Any:
    name = Name(glyphless.NAME)
    program = pdf.make_stream(glyphless.font_file())
    program.Length1 = len(glyphless.font_file())
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=name, Flags=4, FontBBox=Array([0, -200, 500, 800]), ItalicAngle=0, Ascent=800,
        Descent=-200, CapHeight=800, StemV=80, FontFile2=program,
    )  # fmt: skip
    descendant = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=name, DW=500, FontDescriptor=pdf.make_indirect(descriptor),
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        CIDToGIDMap=pdf.make_stream(glyphless.GLYPHS),
    )  # fmt: skip
    whole = Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=name, Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(descendant)]), ToUnicode=pdf.make_stream(glyphless.TO_UNICODE),
    )  # fmt: skip
    return pdf.make_indirect(whole)
