"""Child only: what the XML of an office file says that decides whether it is taken. Names of elements are looked at, never words.

Nothing outside a part is read: a document type, and so every entity, is refused.
"""

from collections.abc import Mapping
from xml.parsers import expat  # nosec B405

from portal.confidentiality.render.refusal import JobRefused, Reason

_WORD = ("http://schemas.openxmlformats.org/wordprocessingml/2006/main", "http://purl.oclc.org/ooxml/wordprocessingml/main")
_CHANGES = ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge")
_FORMATS = ("rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblPrExChange", "tblGridChange", "tcPrChange", "trPrChange")
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
#: Changes that somebody has yet to accept or to reject.
_OPEN_CHANGES = frozenset(
    [f"{space} {name}" for space in _WORD for name in (*_CHANGES, *_FORMATS)]
    + [f"{_ODF}:text:1.0 changed-region"]
    + [f"{_ODF}:table:1.0 {name}" for name in ("cell-content-change", "insertion", "deletion", "movement")]
    + ["http://schemas.openxmlformats.org/spreadsheetml/2006/main header"]
)
_ENCRYPTION = f"{_ODF}:manifest:1.0 encryption-data"
_LISTENER = f"{_ODF}:script:1.0 event-listener"
_CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types "


class Reading:
    """What was found in the parts so far."""

    def __init__(self) -> None:
        self.content_types: set[str] = set()

    @property
    def holds_macros(self) -> bool:
        return any("macroenabled" in said.lower() or "vba" in said.lower() for said in self.content_types)

    def of(self, name: str) -> "Part":
        return Part(self, types=name == "[Content_Types].xml")


class Part:
    """One part, piece by piece. Raises `JobRefused`."""

    def __init__(self, reading: Reading, *, types: bool) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._element
        self._parser.StartDoctypeDeclHandler = self._document_type
        self._into = reading.content_types if types else None

    def feed(self, piece: bytes) -> None:
        self._parse(piece, last=False)

    def end(self) -> None:
        self._parse(b"", last=True)

    def _parse(self, piece: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise JobRefused(Reason.BROKEN) from error

    def _element(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _OPEN_CHANGES:
            raise JobRefused(Reason.TRACKED)
        if name == _ENCRYPTION:
            raise JobRefused(Reason.ENCRYPTED)
        if name == _LISTENER:
            raise JobRefused(Reason.MACROS)
        if self._into is not None and name.startswith(_CONTENT_TYPES) and "ContentType" in attributes:
            self._into.add(attributes["ContentType"])

    def _document_type(self, *_: object) -> None:
        raise JobRefused(Reason.BROKEN)
