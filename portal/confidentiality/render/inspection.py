"""Is this a PDF we can make renditions of, and how many pages has it? Asked once, when a file is deposited.

The parent half; the child half is `source.inspect`. A parent never imports a reader of files.
"""

from dataclasses import dataclass

from portal.confidentiality.render.refusal import RenderFailed
from portal.confidentiality.render.remote import Content
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.wire import SMALL, Frame

_JOB = "portal.confidentiality.render.source:inspect"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the portal needs to know of a file that it takes. `encrypted` is always False: protected files are refused."""

    pages: int
    signed: bool = False
    encrypted: bool = False


def inspect_pdf(sandbox: Sandbox, chunks: Content) -> Inspection:
    """Read every page of a PDF in the sandbox. Raises `FileRefused`, whose `reason` is a stable code and whose sentence says what to do."""
    with sandbox.run(_JOB, {"max_pages": sandbox.max_pages}, chunks) as answers:
        answer = answers.expect("INSP", SMALL)
        answers.end()
    return _inspection(answer, sandbox.max_pages)


def _inspection(answer: Frame, max_pages: int) -> Inspection:
    try:
        value = answer.json()
        pages, signed = value["pages"], value["signed"]
        if type(pages) is int and 1 <= pages <= max_pages and type(signed) is bool:
            return Inspection(pages, signed)
    except (ValueError, KeyError, TypeError):
        pass
    raise RenderFailed("the inspection is not one")
