"""tus 1.0, as far as it is headers: what came is parsed strictly, what goes out is written here. https://tus.io/protocols/resumable-upload"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

from werkzeug.datastructures import Headers

from portal.cases.upload_file import ALGORITHMS
from portal.kernel.errors import Invalid, PortalError

VERSION = "1.0.0"
EXTENSIONS = ("creation", "termination", "checksum", "expiration")
CONTENT_TYPE = "application/offset+octet-stream"
_NUMBER = re.compile(r"[0-9]{1,15}")


class OtherProtocol(PortalError):
    """Another version of tus, or none."""

    status = 412
    code = "tus_version"
    public = f"This door speaks tus {VERSION}: send the header Tus-Resumable: {VERSION}."


class Malformed(Invalid):
    """A header that is not as tus 1.0 says."""

    status = 400
    code = "malformed"


class OtherContent(Invalid):
    """A piece that does not come as one."""

    status = 415
    code = "content_type"


class NoLength(Invalid):
    """A piece of unknown length."""

    status = 411
    code = "no_length"


def demand_protocol(headers: Headers) -> None:
    if headers.get("Tus-Resumable") != VERSION:
        raise OtherProtocol(f"Tus-Resumable: {headers.get('Tus-Resumable', '')[:20]!r}")


def announced_size(headers: Headers) -> int:
    """The size of the whole file in bytes. It must be known: an upload of a length to be told later is not taken."""
    if "Upload-Defer-Length" in headers:
        raise Malformed({"Upload-Defer-Length": "Say with Upload-Length how many bytes the file has; it cannot be told later."})
    return _number(headers, "Upload-Length")


def offset(headers: Headers) -> int:
    return _number(headers, "Upload-Offset")


def metadata(headers: Headers) -> dict[str, str]:
    """`Upload-Metadata` in words: each key once, its value Base64 of UTF-8, or nothing."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in headers.get("Upload-Metadata", "").split(","))):
        key, _, value = pair.partition(" ")
        try:
            if key in found or not key.isascii():
                raise ValueError(key)
            found[key] = base64.b64decode(value, validate=True).decode()
        except (ValueError, binascii.Error) as error:
            raise Malformed(
                {"Upload-Metadata": "Give pairs of a key and a value in Base64, separated by commas, each key once."}
            ) from error
    return found


def metadata_header(values: Mapping[str, str]) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items() if value)


def checksum(headers: Headers) -> tuple[str, bytes] | None:
    """(algorithm, digest) of the piece, if its sender says one."""
    text = headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        digest = b""
    if algorithm not in ALGORITHMS or not digest:
        raise Malformed({"Upload-Checksum": f"Give one of {', '.join(ALGORITHMS)} and the digest in Base64, separated by a space."})
    return algorithm, digest


def expires(at: datetime) -> str:
    """RFC 9110, section 5.6.7."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _number(headers: Headers, name: str) -> int:
    text = headers.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise Malformed({name: f"Send the header {name} with a whole number of bytes."})
    return int(text)
