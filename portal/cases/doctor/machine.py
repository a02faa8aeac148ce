"""This process and this machine: memory that could reach a disk, files that could be open to others, and room to write."""

import os
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from portal.cases.doctor.findings import Finding, attention, fault, ok
from portal.cases.doctor.site import Site
from portal.kernel.config import DatabaseSection, LogSection, StoreSection, UploadSection

#: Where the kernel says what becomes of the memory of a process that dies.
CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")
#: Bytes that database and log must find; ten times as much is comfortable.
LEAST = 100_000_000


def process(site: Site) -> Iterator[Finding]:
    """Core dumps off, and what is made is closed to others, in a process started as this one was."""
    found = [*dumps(resource.getrlimit(resource.RLIMIT_CORE)[0], _pattern()), *masked(_umask())]
    yield from found
    if not found:
        yield ok("core dumps are off, and new files are closed to others")


def dumps(limit: int, pattern: str) -> Iterator[Finding]:
    """`limit` in bytes (RLIMIT_CORE); `pattern` is the kernel's. A program that dumps are piped to gets them whatever the limit says."""
    if limit != 0:
        yield attention(
            "a process started like this one writes its memory, keys and all, to a core dump when it dies",
            "ulimit -c 0, or LimitCORE=0 for systemd (`portal serve` turns dumps off for itself)",
        )
    if pattern.startswith("|") and "systemd-coredump" not in pattern:  # that one heeds the limit
        yield attention(
            "the kernel hands core dumps to a program, which may keep them whatever the limit says",
            "sysctl kernel.core_pattern=core, or tell that program to leave the portal out",
        )


def masked(umask: int) -> Iterator[Finding]:
    if umask & 0o077 != 0o077:
        yield attention(f"with umask {umask:03o} new files could be read by others", "umask 077, or UMask=0077 for systemd")


def space(site: Site) -> Iterator[Finding]:
    """Room on the disks of database, log and store."""
    upload = site.section(UploadSection).max_bytes
    for section in site.sections.values():
        match section:
            case DatabaseSection() if make_url(section.url).get_backend_name() == "sqlite":
                yield from _room("the database", Path(make_url(section.url).database or "").parent, LEAST)
            case LogSection():
                yield from _room("the log", section.path, LEAST)
            case StoreSection():
                yield from _room("the store", section.path, max(upload, LEAST))


def _room(what: str, folder: Path, least: int) -> Iterator[Finding]:
    while not folder.exists() and folder != folder.parent:  # that it is missing is told elsewhere
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    yield room(what, usage.free, usage.total, least)


def room(what: str, free: int, total: int, least: int) -> Finding:
    """A judgement of `free` of `total` bytes where at least `least` must be free."""
    said = f"{_bytes(free)} of {_bytes(total)} are free on the disk of {what}"
    if free < least:
        return fault(said, f"make room: {_bytes(least)} are needed at once")
    if free < 10 * least or free * 20 < total:
        return attention(said, "make room soon")
    return ok(said)


def _bytes(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"


def _pattern() -> str:
    try:
        return CORE_PATTERN.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _umask() -> int:
    """The mask can only be asked for by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
