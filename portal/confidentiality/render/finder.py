"""Find the passages of a PDF: numbered paragraphs, sections, annexes, tables, footnotes, each with its label and boxes.

The parent half; the child half is `contents.contents`. The text is the original's: show it to nobody but its originator.
"""

from dataclasses import dataclass

from portal.confidentiality.render.arrival import page_count
from portal.confidentiality.render.found import Found, passage_of, shared_of
from portal.confidentiality.render.refusal import RenderFailed
from portal.confidentiality.render.remote import Content
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.shared import Shared
from portal.confidentiality.render.text_passages import Passage
from portal.confidentiality.render.wire import SMALL, Frame

_JOB = "portal.confidentiality.render.contents:contents"
_LONGEST = 16 << 20
_MOST = 100_000  # passages of a document


@dataclass(frozen=True, slots=True)
class Alike:
    """Two passages say the same in `times` sequences of twelve words. By their labels, or by the page where one has none."""

    one: str
    other: str
    times: int


def find_passages(sandbox: Sandbox, chunks: Content) -> Found:
    """Read a PDF in the sandbox. Raises `FileRefused` (the file), `RenderFailed` (us)."""
    with sandbox.run(_JOB, {"max_pages": sandbox.max_pages}, chunks) as answers:
        pages = page_count(answers.expect("DOCU", SMALL), sandbox.max_pages)
        found: list[Passage] = []
        while (frame := answers.next(PASS=_LONGEST, SAME=_LONGEST)) is not None and frame.kind == "PASS":
            found.append(_passage(frame, pages))
            if len(found) > _MOST:
                raise RenderFailed("more passages than a document can have")
        if frame is None:
            raise RenderFailed("the child ended too early")
        shared = _shared(frame, len(found))
        answers.end()
    try:
        return Found(pages, tuple(found), shared)
    except ValueError as error:
        raise RenderFailed("two passages of one label") from error


def _passage(frame: Frame, pages: int) -> Passage:
    try:
        return passage_of(frame.json(), pages)
    except (ValueError, KeyError, TypeError) as error:
        raise RenderFailed("a passage of the child is not one") from error


def _shared(frame: Frame, passages: int) -> tuple[Shared, ...]:
    try:
        return shared_of(frame.json(), passages)
    except (ValueError, TypeError) as error:
        raise RenderFailed("what two passages share is not that") from error


def alike(found: Found) -> tuple[Alike, ...]:
    """Passages with the same wording, in reading order: who withholds one must look at the other. Two without a label are left out."""
    pairs = [(found.passages[one], found.passages[other], times) for one, other, times in found.shared]
    return tuple(Alike(_name(one), _name(other), times) for one, other, times in pairs if one.label or other.label)


def _name(passage: Passage) -> str:
    return passage.label or f"text on page {passage.pages[0]}"
