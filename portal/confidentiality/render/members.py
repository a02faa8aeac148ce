"""Child only: is an office file a document and nothing else? It is a ZIP file; every member must be on the list of what such a document
has, and every byte must belong to a member.

Not on it: macros, controls, files within the file, sound and film. Refused as well: members that are encrypted, doubled, misnamed or blown
up, another document than the name says, and changes that nobody has decided on (`parts_read`).
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from portal.confidentiality.render.magic import demand_recognised
from portal.confidentiality.render.parts_read import Reading
from portal.confidentiality.render.refusal import JobRefused, Reason
from portal.confidentiality.render.remote import Remote

#: Members; bytes of all of them, and of one for each byte that it takes in the file, beyond a first million.
MOST_MEMBERS, MOST_BYTES, MOST_RATIO, FREE = 10_000, 512 << 20, 250, 1 << 20
_PIECE = 1 << 18
_NAME = r"[\w .()+@~-]+"
_PICTURE = r"\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|wdp)"
_OOXML = (
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:app|core|custom)\.xml|docProps/thumbnail" + _PICTURE + r"|docMetadata/LabelInfo\.xml"
    rf"|customXml/(?:_rels/)?{_NAME}\.(?:xml|rels)|_xmlsignatures/(?:_rels/)?{_NAME}\.(?:xml|rels|sigs)"
    rf"|ROOT/(?:{_NAME}/)*(?:{_NAME})?\.(?:xml|rels)|ROOT/media/{_NAME}{_PICTURE}|ROOT/fonts/{_NAME}\.(?:odttf|fntdata)"
    rf"|ROOT/printerSettings/{_NAME}\.bin"
)
_OPEN_PART = r"(?:content|styles|meta|settings)\.xml"
_OPEN = (
    rf"mimetype|META-INF/(?:manifest|documentsignatures)\.xml|manifest\.rdf|layout-cache|(?:Object \d+/)*{_OPEN_PART}"
    rf"|Thumbnails/thumbnail\.png|(?:Object \d+/)*Pictures/{_NAME}{_PICTURE}|ObjectReplacements/{_NAME}|Fonts/{_NAME}\.(?:ttf|otf)"
    rf"|Configurations2/(?:{_NAME}/)*{_NAME}\.xml"
)
_MACROS = re.compile(
    r"vbaProject|vbaData|macrosheets/|dialogsheets/|activeX/|^(?:Basic|Scripts|Dialogs)/|macrosignatures|\.(?:js|vbs|py|bas)$", re.I
)
#: For each kind its folder and main content type, or its media type.
_KINDS = {
    "docx": ("word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"),
    "xlsx": ("xl", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt", "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"),
    "odt": ("", "application/vnd.oasis.opendocument.text"),
    "ods": ("", "application/vnd.oasis.opendocument.spreadsheet"),
    "odp": ("", "application/vnd.oasis.opendocument.presentation"),
}
_END = 22
_LOCAL = struct.Struct("<4s22xHH")
_COMPOUND, _PROTECTED = bytes.fromhex("d0cf11e0a1b11ae1"), "EncryptedPackage".encode("utf-16-le")


def examine(header: Mapping[str, Any], parts: list[Any]) -> Iterator[tuple[str, bytes]]:
    """The job of `filetype.check_members`."""
    kind = str(header["kind"])
    content: Any = parts[0] if isinstance(parts[0], Remote) else io.BytesIO(parts[0])
    try:
        _examine(kind, content)
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError, UnicodeDecodeError, ValueError) as error:
        raise JobRefused(Reason.BROKEN) from error
    yield "KIND", kind.encode("ascii")


def _examine(kind: str, content: Any) -> None:
    begin = content.read(8)
    if not begin:
        raise JobRefused(Reason.EMPTY)
    if begin == _COMPOUND:  # what an older office wrote, or a newer one under a password
        raise JobRefused(Reason.ENCRYPTED if _holds(content, _PROTECTED) else Reason.NOT_OFFICE)
    if begin[:4] != b"PK\x03\x04":
        raise JobRefused(Reason.NOT_OFFICE)
    demand_recognised(content, kind)
    with zipfile.ZipFile(content) as archive:
        members = archive.infolist()
        _demand_whole(archive, content, members)
        _demand_names(kind, [member.orig_filename for member in members])
        _demand_sizes(members)
        reading = Reading()
        for member in members:
            _read(archive, member, reading)
        _demand_kind(kind, archive, members, reading)


def _demand_names(kind: str, names: list[str]) -> None:
    root, _ = _KINDS[kind]
    allowed = re.compile(_OOXML.replace("ROOT", root) if root else _OPEN, re.I | re.A)
    if len({name.lower() for name in names}) != len(names):
        raise JobRefused(Reason.BROKEN)
    if "encrypted-package" in names:
        raise JobRefused(Reason.ENCRYPTED)
    for name in names:
        if any(piece in ("", ".", "..") for piece in name.removesuffix("/").split("/")) or "\\" in name:
            raise JobRefused(Reason.BROKEN)
    if any(_MACROS.search(name) for name in names):
        raise JobRefused(Reason.MACROS)
    if not all(allowed.fullmatch(name) for name in names if not name.endswith("/")):
        raise JobRefused(Reason.EMBEDDED)


def _demand_whole(archive: zipfile.ZipFile, content: Any, members: list[zipfile.ZipInfo]) -> None:
    """One file from its first byte to its last: every byte is of a member, of its description, or of the directory at the end."""
    if not 1 <= len(members) <= MOST_MEMBERS:
        raise JobRefused(Reason.TOO_LARGE if members else Reason.BROKEN)
    at = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if not 0 <= member.header_offset - at <= _described(member, at):
            raise JobRefused(Reason.BROKEN)
        content.seek(member.header_offset)
        signature, name, extra = _LOCAL.unpack(content.read(_LOCAL.size))
        if signature != b"PK\x03\x04":
            raise JobRefused(Reason.BROKEN)
        at = member.header_offset + _LOCAL.size + name + extra + member.compress_size
    content.seek(-_END, io.SEEK_END)
    if not 0 <= archive.start_dir - at <= _MOST_DESCRIBED or content.read(4) != b"PK\x05\x06":  # more, or a comment
        raise JobRefused(Reason.BROKEN)


#: After a member its sizes may stand once more.
_MOST_DESCRIBED = 24


def _described(member: zipfile.ZipInfo, at: int) -> int:
    return _MOST_DESCRIBED if at else 0


def _demand_sizes(members: list[zipfile.ZipInfo]) -> None:
    for member in members:
        if member.flag_bits & 0x2041:  # encrypted, strongly encrypted, with a hidden directory
            raise JobRefused(Reason.ENCRYPTED)
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or (member.is_dir() and member.file_size):
            raise JobRefused(Reason.BROKEN)
        if member.file_size > FREE + MOST_RATIO * member.compress_size:
            raise JobRefused(Reason.TOO_LARGE)
    if sum(member.file_size for member in members) > MOST_BYTES:
        raise JobRefused(Reason.TOO_LARGE)


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, reading: Reading) -> None:
    """Every byte, held against its size and checksum; what is XML is looked at."""
    parser = reading.of(member.filename) if member.filename.lower().endswith((".xml", ".rels", ".rdf")) else None
    with archive.open(member) as stream:
        while piece := stream.read(_PIECE):
            if parser is not None:
                parser.feed(piece)
    if parser is not None:
        parser.end()


def _demand_kind(kind: str, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], reading: Reading) -> None:
    root, said = _KINDS[kind]
    if root:
        if reading.holds_macros:
            raise JobRefused(Reason.MACROS)
        if said not in reading.content_types:
            raise JobRefused(Reason.NOT_OFFICE)
        return
    first = min(members, key=lambda member: member.header_offset)
    if first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED or archive.read(first) != said.encode("ascii"):
        raise JobRefused(Reason.NOT_OFFICE)


def _holds(content: Any, what: bytes) -> bool:
    content.seek(0)
    kept = b""
    while piece := content.read(_PIECE):
        if what in kept + piece:
            return True
        kept = piece[-len(what) :]
    return False
