"""Which files are taken, how they must be called, and that a file is what its name says. Parent half; the child's is `members`.

The ending, the first bytes, puremagic's opinion and, for office files, the list of members must agree (ASVS 5.0, 5.2.2). No one of them
suffices: a file can be two things at once. A PDF is looked at by `inspection`.
"""

from enum import StrEnum
from pathlib import PurePosixPath

from portal.confidentiality.render.refusal import RenderFailed
from portal.confidentiality.render.remote import Content
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.wire import SMALL

_JOB = "portal.confidentiality.render.members:examine"
_OOXML = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"


class Kind(StrEnum):
    """A kind of file, by its ending."""

    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    XLSX = "xlsx"
    ODS = "ods"
    PPTX = "pptx"
    ODP = "odp"

    @property
    def mime(self) -> str:
        return MIME[self]


MIME = {
    Kind.PDF: "application/pdf",
    Kind.DOCX: f"{_OOXML}.wordprocessingml.document",
    Kind.ODT: f"{_OPEN}.text",
    Kind.XLSX: f"{_OOXML}.spreadsheetml.sheet",
    Kind.ODS: f"{_OPEN}.spreadsheet",
    Kind.PPTX: f"{_OOXML}.presentationml.presentation",
    Kind.ODP: f"{_OPEN}.presentation",
}
OFFICE = tuple(kind for kind in Kind if kind is not Kind.PDF)


def kind_of(name: str) -> Kind | None:
    """What a file of this name says it is; None for nothing that is taken."""
    ending = PurePosixPath(name).suffix.lower().removeprefix(".")
    return next((kind for kind in Kind if kind.value == ending), None)


def check_members(sandbox: Sandbox, kind: Kind, content: Content) -> None:
    """Look into an office file in the sandbox. Raises `FileRefused` unless it is of this kind and holds nothing but a document."""
    with sandbox.run(_JOB, {"kind": kind.value}, content) as answers:
        said = answers.expect("KIND", SMALL).payload
        answers.end()
    if said != kind.value.encode("ascii"):
        raise RenderFailed("the child looked for another kind")
