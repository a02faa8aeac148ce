"""Prove that nothing withheld is in a rendition: in another process than the builder's, from the source and the finished bytes alone.

A rendition that is not proved is not shared. What is proved, and what cannot be, stands in docs/renditions.md.
"""

from dataclasses import dataclass

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render.findings import Finding, Kind, Repeat
from portal.confidentiality.render.places import Stage
from portal.confidentiality.render.refusal import RenderFailed
from portal.confidentiality.render.remote import Content
from portal.confidentiality.render.sandbox import Answers, Sandbox
from portal.confidentiality.render.wire import Frame
from portal.kernel.errors import PortalError

_JOB = "portal.confidentiality.render.prover:prove"
_ENGINE = "pixels/3"
_LONGEST = 8 << 20


@dataclass(frozen=True, slots=True)
class Proof:
    """`ok` is true when nothing was found. `repeated` warns of kept pages that show wording of withheld ones.

    `running`: besides, what stands at the edge of a withheld page stands at those of most pages.
    """

    ok: bool
    findings: tuple[Finding, ...]
    repeated: tuple[Repeat, ...]
    engine: str
    running: bool = False


class LeakFound(PortalError):
    """Something withheld, hidden or foreign is in a rendition. It must not be released. `detail` has kinds and pages, never words."""

    status = 409
    code = "leak_found"
    public = (
        "This rendition cannot be proved free of what is withheld, so it was not released and not kept. Prepare it again with a neutral "
        "title; if that fails too, withhold the pages named, or the whole document, and tell your security administrator."
    )

    def __init__(self, proof: Proof) -> None:
        found = ", ".join(f"{finding.kind} on {f'page {finding.page}' if finding.page else 'the file'}" for finding in proof.findings[:50])
        super().__init__(f"the proof found: {found}")
        self.findings = proof.findings


def prove(sandbox: Sandbox, source_chunks: Content, pdf: bytes, pack: bytes, withheld: Withheld, language: str = "en") -> Proof:
    """Examine a rendition (`pdf`, `pack`) against the file it was made from. `withheld` is the builder's, with `grown`; so is `language`.

    Raises `FileRefused`, `RenderFailed`; a leak is a finding.
    """
    header = {"withheld": withheld.to_text(), "max_pages": sandbox.max_pages, "language": language}
    reading = sandbox.reading(language)
    with sandbox.run(_JOB, header, source_chunks, [pdf], [pack], *reading) as answers:
        answer = _awaited(sandbox, answers)
        answers.end()
    return _proof(answer, *(reader.engine for reader in reading))


def _awaited(sandbox: Sandbox, answers: Answers) -> Frame:
    """The proof, and on the way to it one empty frame for each page that was looked at."""
    page = 0
    while True:
        sandbox.tell(Stage.PROVING, page)
        answer = answers.next(STEP=0, PROF=_LONGEST)
        if answer is None or page > sandbox.max_pages:
            raise RenderFailed("the child proved nothing")
        if answer.kind == "PROF":
            return answer
        page += 1


def _proof(answer: Frame, *readers: str) -> Proof:
    """The child's answer. Nothing but numbers, known codes and the names of libraries is taken from it."""
    try:
        value = answer.json()
        findings = tuple(Finding(_whole(page), Kind(kind)) for page, kind in value["findings"])
        repeated = tuple(Repeat(_whole(page), _whole(times)) for page, times in value["repeated"])
        engine, running = str(value["engine"]), value["running"]
        if type(running) is not bool:
            raise ValueError("neither true nor false")
    except (ValueError, KeyError, TypeError) as error:
        raise RenderFailed("the proof is not one") from error
    if not engine.isascii() or not engine.isprintable() or len(engine) > 200:
        raise RenderFailed("the proof names no engine")
    return Proof(not findings, findings, repeated, "; ".join((_ENGINE, engine, *readers)), running)


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("not a count")
    return value
