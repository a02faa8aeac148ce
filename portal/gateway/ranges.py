"""Which part of a stored file is asked for (RFC 9110, sections 13 and 14): one range of bytes, or the whole.

Several ranges, another unit, or what is no range gives the whole file, as the RFC allows. A validator is a strong tag of its asker's own,
so a date, a weak tag or another person's never fits. Pure: nothing here reads or opens anything, and it is asked after the decision.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from werkzeug.http import parse_etags

from portal.kernel.errors import PortalError

_RANGE = re.compile(r"[ \t]*bytes=[ \t]*([0-9]{0,50})-([0-9]{0,50})[ \t]*", re.IGNORECASE)


class Unsatisfiable(PortalError):
    """The range lies behind the end of the file."""

    status = 416
    code = "unsatisfiable"
    public = "The file ends before the part that was asked for. Ask for the whole file."

    def __init__(self, size: int) -> None:
        super().__init__(f"a range behind the end of {size} bytes")
        self.headers = {"Content-Range": f"bytes */{size}"}


class Changed(PortalError):
    """What was asked for under a condition (`If-Match`) is another file by now, or another person's."""

    status = 412
    code = "changed"
    public = "This is not the file that was begun. Download it again from its beginning."


class Headers(Protocol):
    def get(self, name: str, /) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What leaves: `length` bytes from `offset` of a file of `size`; none for HEAD, and for what the asker has already (304)."""

    status: int
    offset: int
    length: int
    size: int
    tag: str

    @property
    def headers(self) -> Mapping[str, str]:
        said = {"Accept-Ranges": "bytes", "ETag": f'"{self.tag}"'}
        if self.status == 206:
            said["Content-Range"] = f"bytes {self.offset}-{self.offset + self.length - 1}/{self.size}"
        if self.status != 304:
            said["Content-Length"] = str(self.length or self.size)
        return said


def part_of(method: str, headers: Headers, size: int, tag: str) -> Part:
    """What this request gets of a file of `size` bytes, at least one. Raises `Unsatisfiable` or `Changed`."""
    if (wanted := headers.get("If-Match")) is not None and not _fits(wanted, tag, weak=False):
        raise Changed("If-Match names another tag")
    if (known := headers.get("If-None-Match")) is not None and _fits(known, tag, weak=True):
        return Part(status=304, offset=0, length=0, size=size, tag=tag)
    if method == "HEAD":
        return Part(status=200, offset=0, length=0, size=size, tag=tag)
    found = _range(headers.get("Range") or "", size) if _unchanged(headers, tag) else None
    if found is None:
        return Part(status=200, offset=0, length=size, size=size, tag=tag)
    first, last = found
    return Part(status=206, offset=first, length=last - first + 1, size=size, tag=tag)


def _fits(names: str, tag: str, *, weak: bool) -> bool:
    tags = parse_etags(names)
    return tags.star_tag or (tags.contains_weak(tag) if weak else tags.contains(tag))


def _unchanged(headers: Headers, tag: str) -> bool:
    """Without `If-Range`, or with exactly this tag: a range of another file must not be joined to what the asker has."""
    named = headers.get("If-Range")
    return named is None or named.strip() == f'"{tag}"'


def _range(text: str, size: int) -> tuple[int, int] | None:
    """First and last byte of the one range, or None if it is none, or not one."""
    found = _RANGE.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        suffix = min(int(last), size)
        if not suffix:
            raise Unsatisfiable(size)
        return size - suffix, size - 1
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable(size)
    return int(first), min(int(last), size - 1) if last else size - 1
