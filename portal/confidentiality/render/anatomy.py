"""Child only: take a rendition apart, knowing every object and key it may have. Whatever is not on the list is a finding.

This is written apart from `assemble` on purpose: that one says what is made, this one what may be there.
"""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from portal.confidentiality.render import glyphless, textlayer
from portal.confidentiality.render.assemble import serialise
from portal.confidentiality.render.findings import Finding, Kind
from portal.confidentiality.render.pixels import JPEG, PNG, Picture

Rule = Callable[[Any], bool]

_TELLING = {
    "/Annots": Kind.ANNOTATION, "/AcroForm": Kind.FORM, "/Names": Kind.ATTACHMENT, "/AF": Kind.ATTACHMENT, "/Outlines": Kind.OUTLINE,
    "/Metadata": Kind.METADATA, "/PieceInfo": Kind.METADATA, "/OpenAction": Kind.ACTION, "/AA": Kind.ACTION, "/Thumb": Kind.THUMBNAIL,
    "/OCProperties": Kind.LAYER, "/ActualText": Kind.ALTERNATIVE, "/Alt": Kind.ALTERNATIVE, "/Prev": Kind.HISTORY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageParts:
    """What a page of a rendition consists of: its size in points, its picture, the words of its text layer by line."""

    points: tuple[float, float]
    picture: Picture
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Anatomy:
    title: str
    language: str
    pages: tuple[PageParts | None, ...]


class Dissection:
    """Collects findings while it walks. `parts` is None where a page is not one of ours."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._page = 0

    def take_apart(self, content: bytes) -> Anatomy:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            self._shape(pdf.trailer, _trailer(), only_keys=True)
            info, root = pdf.trailer.get("/Info"), pdf.Root
            self._shape(info, {"/Title": _text})
            self._shape(root, _CATALOG)
            pages = root.get("/Pages")
            self._shape(pages, _PAGES)
            kids = list(pages.get("/Kids", ())) if isinstance(pages, Dictionary) else []
            parts = []
            for self._page, kid in enumerate(kids, start=1):
                parts.append(self._one_page(kid))
            self._page = 0
            self._structure(root.get("/StructTreeRoot"), kids, parts)
            if serialise(pdf) != content:  # comments, older revisions, objects that nothing points to, another writer
                self._find(Kind.HISTORY)
            title = str(info.get("/Title", "")) if isinstance(info, Dictionary) else ""
            return Anatomy(title, str(root.get("/Lang", "")), tuple(parts))

    def _find(self, kind: Kind) -> None:
        self.findings.append(Finding(self._page, kind))

    def _shape(self, item: Any, rules: Mapping[str, Rule], *, only_keys: bool = False) -> bool:
        """Are exactly these keys there, each as its rule wants it?"""
        before = len(self.findings)
        if not isinstance(item, Dictionary | Stream):
            self._find(Kind.FOREIGN)
            return False
        for key in item.keys():  # noqa: SIM118
            if key not in rules:
                self._find(_TELLING.get(key, Kind.FOREIGN))
            elif not rules[key](item[key]):
                self._find(Kind.FOREIGN)
        if not only_keys and any(key not in item for key in rules if key not in _OPTIONAL):
            self._find(Kind.FOREIGN)
        return len(self.findings) == before

    def _one_page(self, page: Any) -> PageParts | None:
        if not self._shape(page, _PAGE):
            return None
        resources = page.Resources
        picture = self._picture(resources.XObject.I)
        sound = self._font(resources.Font.F) and self._shape(page.Contents, _CONTENT)
        if picture is None or not sound:
            return None
        points = (round(float(page.MediaBox[2]), 2), round(float(page.MediaBox[3]), 2))
        try:
            return PageParts(points, picture, textlayer.read(page.Contents.read_bytes(), points))
        except (ValueError, pikepdf.PdfError):
            self._find(Kind.CONTENT)
            return None

    def _picture(self, image: Any) -> Picture | None:
        if not isinstance(image, Stream):
            self._find(Kind.FOREIGN)
            return None
        jpeg = image.get("/Filter") == Name.DCTDecode
        if not self._shape(image, _JPEG_IMAGE if jpeg else _GREY_IMAGE):
            return None
        width, height = int(image.Width), int(image.Height)
        channels = 3 if image.ColorSpace == Name.DeviceRGB else 1
        data = image.read_raw_bytes()
        if jpeg and not plain_jpeg(data):
            self._find(Kind.METADATA)
            return None
        if not jpeg and dict(image.DecodeParms) != {"/Predictor": 15, "/Colors": 1, "/BitsPerComponent": 4, "/Columns": width}:
            self._find(Kind.FOREIGN)
            return None
        return Picture(width, height, channels, JPEG if jpeg else PNG, data)

    def _font(self, font: Any) -> bool:
        if not self._shape(font, _FONT):
            return False
        descendant = font.DescendantFonts[0]
        if not self._shape(descendant, _DESCENDANT) or not self._shape(descendant.FontDescriptor, _DESCRIPTOR):
            return False
        exact = (
            (font.ToUnicode, glyphless.TO_UNICODE),
            (descendant.CIDToGIDMap, glyphless.GLYPHS),
            (descendant.FontDescriptor.FontFile2, _FONT_FILE),
        )
        if any(not self._shape(stream, _STREAM) or stream.read_bytes() != wanted for stream, wanted in exact):
            self._find(Kind.FOREIGN)
            return False
        return True

    def _structure(self, tree: Any, kids: Sequence[Any], parts: Sequence[PageParts | None]) -> None:
        """One document of elements that we make, no other; every line of a page in one of them; and the table from lines to elements."""
        if not self._shape(tree, _TREE) or not self._shape(tree.ParentTree, {"/Nums": _array}):
            return
        owners: dict[tuple[int, int], Any] = {}
        numbers = {page.objgen: number for number, page in enumerate(kids)}
        self._element(tree.K, tree, ("/Document",), numbers, owners)
        table = list(tree.ParentTree.Nums)
        expected = {(page, at) for page, part in enumerate(parts) for at in range(len(part.lines) if part else 0)}
        if len(table) != 2 * len(kids) or (all(parts) and set(owners) != expected):
            self._find(Kind.FOREIGN)
            return
        for page in range(len(kids)):
            marked = table[2 * page + 1]
            mine = [owners[key].objgen for key in sorted(owners) if key[0] == page]
            if table[2 * page] != page or not isinstance(marked, Array) or [item.objgen for item in marked] != mine:
                self._find(Kind.FOREIGN)

    def _element(
        self, element: Any, above: Any, kinds: Sequence[str], numbers: Mapping[Any, int], owners: dict[tuple[int, int], Any]
    ) -> None:
        """An element of one of these kinds. It goes no deeper than what may stand below each kind."""
        if not self._shape(element, _ELEMENT):
            return
        kind = str(element.S)
        if kind not in kinds or element.P.objgen != above.objgen:
            self._find(Kind.FOREIGN)
            return
        for item in element.K:
            if kind in _BELOW:
                self._element(item, element, _BELOW[kind], numbers, owners)
            elif self._shape(item, _MARKED):
                key = (numbers.get(item.Pg.objgen, -1), int(item.MCID))
                if key in owners:
                    self._find(Kind.FOREIGN)
                owners[key] = element


def plain_jpeg(data: bytes) -> bool:
    """Is this one baseline picture and nothing else: no comment, no camera data, no thumbnail, nothing after its end?"""
    at = 2
    while data[:2] == b"\xff\xd8" and at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            scan = data[at + 2 + length : -2]
            return data.endswith(b"\xff\xd9") and re.search(rb"\xff(?!\x00)", scan) is None
        if marker not in (0xC0, 0xC4, 0xDB) and not (marker == 0xE0 and length == 16 and data[at + 4 : at + 9] == b"JFIF\0"):
            return False
        at += 2 + length
    return False


def _is(value: object) -> Rule:
    return lambda item: bool(item == value)


def _among(*values: object) -> Rule:
    return lambda item: any(item == value for value in values)


def _text(item: Any) -> bool:
    return isinstance(item, String) and len(str(item)) <= 300


def _language(item: Any) -> bool:
    return isinstance(item, String) and re.fullmatch(r"[A-Za-z0-9-]{1,35}", str(item)) is not None


def _whole(item: Any) -> bool:
    return isinstance(item, int)


def _number(item: Any) -> bool:
    return isinstance(item, int | Decimal | float)


def _array(item: Any) -> bool:
    return isinstance(item, Array)


def _dictionary(item: Any) -> bool:
    return isinstance(item, Dictionary)


def _stream(item: Any) -> bool:
    return isinstance(item, Stream)


def _box(item: Any) -> bool:
    return isinstance(item, Array) and len(item) == 4 and all(map(_number, item)) and item[0] == 0 and item[1] == 0


def _exactly(rules: Mapping[str, Rule]) -> Rule:
    """A dictionary with exactly these keys."""
    return lambda item: (
        isinstance(item, Dictionary) and set(item.keys()) == set(rules) and all(rule(item[key]) for key, rule in rules.items())
    )


def _trailer() -> dict[str, Rule]:
    keys = ("/Size", "/Root", "/Info", "/ID", "/Type", "/W", "/Index", "/Length", "/Filter", "/DecodeParms")
    return dict.fromkeys(keys, lambda item: True)


_OPTIONAL = {"/Filter", "/Length1"}  # qpdf leaves a very short stream as it is; only font programs have the second
_STREAM: dict[str, Rule] = {"/Length": _whole, "/Filter": _is(Name.FlateDecode), "/Length1": _whole}
_CONTENT: dict[str, Rule] = {"/Length": _whole, "/Filter": _is(Name.FlateDecode)}
_CATALOG: dict[str, Rule] = {
    "/Type": _is(Name.Catalog), "/Pages": _dictionary, "/Lang": _language, "/StructTreeRoot": _dictionary,
    "/MarkInfo": _exactly({"/Marked": _is(True)}), "/ViewerPreferences": _exactly({"/DisplayDocTitle": _is(True)}),
}  # fmt: skip
_PAGES: dict[str, Rule] = {"/Type": _is(Name.Pages), "/Kids": _array, "/Count": _whole}
_PAGE: dict[str, Rule] = {
    "/Type": _is(Name.Page), "/Parent": _dictionary, "/MediaBox": _box, "/Contents": _stream, "/StructParents": _whole,
    "/Tabs": _is(Name.S), "/Resources": _exactly({"/Font": _exactly({"/F": _dictionary}), "/XObject": _exactly({"/I": _stream})}),
}  # fmt: skip
_IMAGE: dict[str, Rule] = {
    "/Type": _is(Name.XObject), "/Subtype": _is(Name.Image), "/Width": _whole, "/Height": _whole, "/Length": _whole,
}  # fmt: skip
_JPEG_IMAGE = _IMAGE | {
    "/Filter": _is(Name.DCTDecode), "/BitsPerComponent": _is(8), "/ColorSpace": _among(Name.DeviceGray, Name.DeviceRGB),
}  # fmt: skip
_GREY_IMAGE = _IMAGE | {
    "/Filter": _is(Name.FlateDecode), "/BitsPerComponent": _is(4), "/ColorSpace": _is(Name.DeviceGray), "/DecodeParms": _dictionary,
}  # fmt: skip
_FONT_FILE = glyphless.font_file()  # now: fontTools loads modules as it writes, and later no path can be opened
_OUR_FONT = Name(glyphless.NAME)
_FONT: dict[str, Rule] = {
    "/Type": _is(Name.Font), "/Subtype": _is(Name.Type0), "/BaseFont": _is(_OUR_FONT), "/Encoding": _is(Name("/Identity-H")),
    "/DescendantFonts": lambda item: _array(item) and len(item) == 1 and _dictionary(item[0]), "/ToUnicode": _stream,
}  # fmt: skip
_DESCENDANT: dict[str, Rule] = {
    "/Type": _is(Name.Font), "/Subtype": _is(Name.CIDFontType2), "/BaseFont": _is(_OUR_FONT), "/DW": _is(500),
    "/FontDescriptor": _dictionary, "/CIDToGIDMap": _stream,
    "/CIDSystemInfo": _exactly({"/Registry": _is(String("Adobe")), "/Ordering": _is(String("Identity")), "/Supplement": _is(0)}),
}  # fmt: skip
_DESCRIPTOR: dict[str, Rule] = {
    "/Type": _is(Name.FontDescriptor), "/FontName": _is(_OUR_FONT), "/Flags": _is(4), "/FontBBox": _is(Array([0, -200, 500, 800])),
    "/ItalicAngle": _is(0), "/Ascent": _is(800), "/Descent": _is(-200), "/CapHeight": _is(800), "/StemV": _is(80),
    "/FontFile2": _stream,
}  # fmt: skip
_TREE: dict[str, Rule] = {
    "/Type": _is(Name.StructTreeRoot), "/K": _dictionary, "/ParentTree": _dictionary, "/ParentTreeNextKey": _whole,
}  # fmt: skip
_ELEMENT: dict[str, Rule] = {
    "/Type": _is(Name.StructElem), "/S": lambda item: isinstance(item, Name), "/P": _dictionary, "/K": _array,
}  # fmt: skip
_MARKED: dict[str, Rule] = {"/Type": _is(Name.MCR), "/Pg": _dictionary, "/MCID": _whole}
_BELOW = {
    "/Document": ("/H1", "/H2", "/H3", "/P", "/L", "/Table", "/Note"), "/L": ("/LI",), "/LI": ("/LBody",),
    "/Table": ("/Caption", "/TR"), "/TR": ("/TD",),
}  # fmt: skip
