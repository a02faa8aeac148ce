"""The layers around the process that parses files: one child is started, and says which of them this kernel granted."""

import os
from collections.abc import Iterator
from pathlib import Path

from portal.cases.doctor.files import Kept
from portal.cases.doctor.files import judged as judged_file
from portal.cases.doctor.findings import Finding, attention, fault, ok
from portal.cases.doctor.site import Site
from portal.cases.file_content import AT_ONCE
from portal.confidentiality.render.refusal import FileRefused, RenderFailed
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.tesseract import Tesseract, installed
from portal.kernel.config import LogSection, RenderSection, UploadSection
from portal.kernel.sections import beside

#: Each layer, and what a kernel lacks that does not grant it. `process` and `limits` are never left out: without them the child ends.
LAYERS = {
    "process": "an own process",
    "limits": "limits of memory, time and files",
    "no_new_privs": "no_new_privs (Linux 3.5)",
    "network": "a network namespace of its own (as root, or with user namespaces: sysctl kernel.unprivileged_userns_clone=1)",
    "landlock": "Landlock (Linux 5.13 with landlock in the list `lsm=`)",
    "uid": "another user (the portal runs as root)",
    "undumpable": "no core dump (prctl PR_SET_DUMPABLE)",
    "seccomp": "a filter of system calls (seccomp, on x86_64 and aarch64)",
}

#: How often a file that is handed over at once stands in its process's memory, and what the process needs beside it, in bytes.
TIMES, BESIDE = 2, 500_000_000


def sandbox(site: Site) -> Iterator[Finding]:
    limits = site.section(RenderSection)
    try:
        granted = Sandbox(memory_bytes=limits.memory_bytes, seconds=limits.seconds, max_pages=limits.max_pages).layers()
    except (FileRefused, RenderFailed, OSError) as error:
        said = "the process that parses files does not start, so no file can be taken"
        yield fault(f"{said} ({type(error).__name__})", "is render.seconds too small, or does this user have too many processes?")
        return
    yield from judged(granted, root=os.geteuid() == 0)
    needed = TIMES * min(site.section(UploadSection).max_bytes, AT_ONCE) + BESIDE
    if limits.memory_bytes < needed:
        said = f"in {limits.memory_bytes} bytes of memory a file may not fit into the process that looks at it"
        yield attention(said, f"set render.memory_bytes to {needed} or more")
    yield reader(installed() if limits.read_scans else None, wanted=limits.read_scans)
    yield from _places(limits.places or beside(site.section(LogSection)), site.user)


def reader(tesseract: Tesseract | None, *, wanted: bool) -> Finding:
    """Who reads pictures of pages here, if they are to be read."""
    if tesseract:
        return ok(f"scans are read, and redacted pages once more, by tesseract {tesseract.version} ({', '.join(tesseract.languages)})")
    if not wanted:
        return ok("scans are not read (render.read_scans)")
    said = "scans have no text in renditions, and redacted pages are not read once more: tesseract or bubblewrap is not installed"
    return attention(said, "install tesseract-ocr, its languages and bubblewrap, or set render.read_scans to false")


def _places(folder: Path, user: int) -> Iterator[Finding]:
    """The folder is made when it is needed first."""
    if folder.exists():
        yield from judged_file(Kept(folder, "the folder of places"), user)
    elif not os.access(folder.parent, os.W_OK | os.X_OK):
        yield fault(f"the folder of places {folder} cannot be made, so no file can be taken", "name another in render.places, or make it")


def judged(granted: tuple[str, ...], *, root: bool) -> Iterator[Finding]:
    """What is lacking, a line each; the others stay in force. Who is not root needs no other user."""
    wanted = [layer for layer in LAYERS if root or layer != "uid"]
    for layer in wanted:
        if layer not in granted:
            yield attention(f"files are parsed without {LAYERS[layer]}", "run the portal on a kernel that grants it; the other layers hold")
    if set(wanted) <= set(granted):
        yield ok(f"files are parsed behind {', '.join(granted)}")
