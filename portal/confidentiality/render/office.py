"""A PDF of record of an office file, made by LibreOffice in a bubble, with a profile that is new each time.

It shows what the document prints: no comments, no speaker's notes, no hidden slides, sheets or text. Macros are off, links are not
followed, and there is nothing in the bubble that a link could lead to. What LibreOffice may be given is decided before, by `filetype`.
"""

from dataclasses import dataclass

from portal.confidentiality.render.bubble import Bubble, Program, missing
from portal.confidentiality.render.filetype import Kind
from portal.confidentiality.render.refusal import FileRefused, Reason, RenderFailed
from portal.confidentiality.render.remote import Content

#: How LibreOffice calls the reader and the part of it that prints, so that it guesses nothing from the content.
_FILTERS = {
    Kind.DOCX: ("MS Word 2007 XML", "writer"),
    Kind.ODT: ("writer8", "writer"),
    Kind.XLSX: ("Calc MS Excel 2007 XML", "calc"),
    Kind.ODS: ("calc8", "calc"),
    Kind.PPTX: ("Impress MS PowerPoint 2007 XML", "impress"),
    Kind.ODP: ("impress8", "impress"),
}
_OFF = ("ExportNotes", "ExportNotesInMargin", "ExportNotesPages", "ExportOnlyNotesPages", "ExportHiddenSlides", "ExportFormFields")
_OPTIONS = "{" + ",".join(f'"{name}":{{"type":"boolean","value":"false"}}' for name in _OFF) + "}"
_SOFFICE = "/usr/lib/libreoffice/program/soffice.bin"
_REGISTRY = "/usr/lib/libreoffice/share/registry"
#: With a new profile it first sets itself up and asks to be started again (81).
_SCRIPT = (
    'for _ in 1 2 3; do "$@" >&2; code=$?; [ $code = 81 ] || break; done; '
    "[ $code = 0 ] && [ -s /out/document.pdf ] && exec cat /out/document.pdf; exit $((code ? code : 1))"
)
_ITEM = '<item oor:path="/org.openoffice.Office.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
_SETTINGS = (
    '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    + _ITEM.format("Common/Security/Scripting", "DisableMacrosExecution", "true")
    + _ITEM.format("Common/Security/Scripting", "MacroSecurityLevel", "3")
    + _ITEM.format("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true")
    + _ITEM.format("Writer/Content/Update", "Link", "0")  # never
    + _ITEM.format("Calc/Content/Update", "Link", "1")  # never
    + "</oor:items>"
)
#: One for each kind: nothing of a document or a person is in it.
_PROGRAMS = {
    kind: Program(
        argv=(
            "/bin/sh", "-c", _SCRIPT, "sh", _SOFFICE, "-env:UserInstallation=file:///own/profile", "--headless", "--norestore",
            "--nolockcheck", f"--infilter={reader}", "--convert-to", f"pdf:{part}_pdf_Export:{_OPTIONS}", "--outdir", "/out",
            f"/in/document.{kind.value}",
        ),
        document=f"/in/document.{kind.value}",
        etc=("/etc/fonts", "/etc/libreoffice", "/etc/ld.so.cache"),
        files={"/own/profile/user/registrymodifications.xcu": _SETTINGS.encode("ascii")},
        needs=(_SOFFICE, f"{_REGISTRY}/{part}.xcd"),
        refusal=Reason.UNREADABLE,
    )
    for kind, (reader, part) in _FILTERS.items()
}  # fmt: skip
_FAILED = (
    "No pages could be made of this document, and nothing of it was kept. Save it as PDF and send that file; if other documents fail as "
    "well, tell your security administrator."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """LibreOffice, as far as this portal uses it. `enabled`: the configuration says that office files are taken."""

    enabled: bool
    bubble: Bubble

    def lacking(self) -> str:
        """What is not installed that any conversion needs; "" if nothing."""
        return ", ".join(sorted({missing(program) for program in _PROGRAMS.values()} - {""}))

    def demand_ready(self, kind: Kind) -> None:
        """Raises `FileRefused` where this portal does not take this kind."""
        if kind not in self.takes():
            raise FileRefused(Reason.PDF_ONLY)

    def takes(self) -> tuple[Kind, ...]:
        """The kinds of files that this portal takes now."""
        ready = [kind for kind, program in _PROGRAMS.items() if self.enabled and not missing(program)]
        return (Kind.PDF, *ready)

    def record_of(self, kind: Kind, content: Content) -> bytes:
        """A PDF of record. Raises `FileRefused`, also where this portal makes none; `RenderFailed`."""
        self.demand_ready(kind)
        try:
            return self.bubble.run(_PROGRAMS[kind], content)
        except RenderFailed as error:
            raise RenderFailed(error.detail, public=_FAILED) from error
