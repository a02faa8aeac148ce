"""Why a file is not taken, and what the person who sent it can do. Child and parent share these codes; no text of a file is in them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from portal.kernel.errors import Invalid, PortalError


class Reason(StrEnum):
    """Stable codes of a refused file."""

    EMPTY = "empty"
    NOT_PDF = "not_pdf"
    BROKEN = "broken"
    ENCRYPTED = "encrypted"
    XFA = "xfa"
    TOO_MANY_PAGES = "too_many_pages"
    PAGE_TOO_LARGE = "page_too_large"
    TOO_LARGE = "too_large"
    TOO_HEAVY = "too_heavy"
    TOO_SLOW = "too_slow"
    MALWARE = "malware"
    UNSCANNABLE = "unscannable"
    NOT_TAKEN = "not_taken"
    PDF_ONLY = "pdf_only"
    NOT_OFFICE = "not_office"
    UNREADABLE = "unreadable"
    MACROS = "macros"
    EMBEDDED = "embedded"
    TRACKED = "tracked"


SENTENCES = {
    Reason.EMPTY: "The file is empty. Choose the file again.",
    Reason.NOT_PDF: "This is not a PDF: it does not begin as one. Save the document as PDF and send that file.",
    Reason.BROKEN: "This file is damaged and cannot be read whole. Open it, save it anew or print it to a new PDF, and send that file.",
    Reason.ENCRYPTED: "This file is protected by a password or by rights. Save it without protection and send that file.",
    Reason.XFA: "This PDF is a dynamic form (XFA), which cannot be shown reliably. Print it to a new PDF and send that file.",
    Reason.TOO_MANY_PAGES: "This document has more pages than the portal takes. Divide it and send the parts.",
    Reason.PAGE_TOO_LARGE: "A page of this document is too large, or has no size. Print it to A3 or smaller and send that file.",
    Reason.TOO_LARGE: "This file is larger than the portal can make renditions of. Reduce its images, or divide it, and send that.",
    Reason.MALWARE: "The virus scanner found malware in this file. Do not open or send it again; tell your security administrator.",
    Reason.UNSCANNABLE: "This file is larger than the virus scanner takes. Reduce its images, or divide it, and send that.",
    Reason.TOO_HEAVY: "This file could not be opened with the memory that a document may use. Print it to a new PDF and send that file.",
    Reason.TOO_SLOW: "This file took longer to open than a document may take. Print it to a new PDF, or divide it, and send that.",
    Reason.NOT_TAKEN: "The portal takes files whose name ends in .pdf, .docx, .odt, .xlsx, .ods, .pptx or .odp. Save the document as one "
    "of these, best as PDF, and send that file.",
    Reason.PDF_ONLY: "This portal takes no files of this kind. Save the document as PDF, and send that file.",
    Reason.NOT_OFFICE: "This file is not what the end of its name says. Open it in your office program, save it anew in that format or as "
    "PDF, and send that file.",
    Reason.UNREADABLE: "This document could not be made into pages. Open it, save it as PDF, and send that file.",
    Reason.MACROS: "This document holds macros or controls. Save it without them (as .docx, .xlsx, .pptx, or an OpenDocument file without "
    "macros), or as PDF, and send that file.",
    Reason.EMBEDDED: "This document holds other files: a workbook behind a chart, an attached document, sound or film. Paste charts as "
    "pictures, take the others out, or save it as PDF, and send that file.",
    Reason.TRACKED: "This document has tracked changes that nobody has accepted or rejected yet. Decide on them and send it again.",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """Whose file it was, what it was called, and how many bytes it had."""

    by: UUID
    name: str
    size: int


class FileRefused(Invalid):
    """The file cannot be taken. `reason` is the stable code; `faults["file"]` the sentence for the person who sent it.

    `sent` is filled in where a file was sent to be deposited.
    """

    code = "file_refused"
    sent: Sent | None = None

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__({"file": SENTENCES[reason]}, f"file refused: {reason}. {detail}".strip(), public=SENTENCES[reason])
        self.reason = reason


class Infected(FileRefused):
    """The virus scanner knows this file, or a part of it, by the name `signature`."""

    code = "infected"

    def __init__(self, signature: str) -> None:
        super().__init__(Reason.MALWARE, signature)
        self.faults = {"file": f"{SENTENCES[Reason.MALWARE]} It is called {signature}."}
        self.signature = signature


class RenderFailed(PortalError):
    """The child answered something it may not, or our own code failed in it. Nothing of its answer is used."""

    code = "render_failed"
    public = (
        "The rendition could not be made, and nothing was released. Try again; if it happens again, print the document to a new PDF "
        "and tell your security administrator."
    )


class NotInstalled(RenderFailed):
    """A program that this needs is not on this machine."""

    code = "not_installed"

    def __init__(self, lacking: str) -> None:
        super().__init__(f"not installed: {lacking}")


class JobRefused(Exception):
    """Raised inside the child: the file is refused. Crosses to the parent as its code alone."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
