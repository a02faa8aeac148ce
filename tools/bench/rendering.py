"""Renditions of long reports: what a reader of other pages notices while one is built and proved, and what that takes against PyMuPDF.

The report is made here: 144 pages of invented words, 20 of them with a passage that stays. The first row asks the real server (`portal
serve`) for one page over and over, with nothing else to do and while it makes a rendition, in turn. The second compares with a tool that
takes the text out of the file and keeps the rest of it: faster by design, and less is gone (docs/renditions.md).
"""

import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf

from portal.confidentiality.boxes import Box, Withheld, boxes_text
from portal.confidentiality.render.build import build
from portal.confidentiality.render.proof import prove
from portal.confidentiality.render.sandbox import Sandbox
from portal.confidentiality.render.tesseract import installed
from tools.bench.figures import Figure, alternating, timed
from tools.bench.memory import register
from tools.bench.transfer import serving
from tools.tour.browser import Person
from tools.tour.sample import report_pdf

READ, COMPARED, PASSAGES = 144, 200, 20
#: Renditions of the first row, readings while nothing else is done, and seconds a rendition may take there.
TIMES, IDLE, PATIENCE = 3, 150, 1800
LINES = 36
_SYLLABLES = ["ba", "co", "du", "fe", "gi", "ka", "lo", "mi", "nu", "pa", "re", "si", "to", "va", "wu", "ze"]


def rendering(folder: Path) -> Iterator[Figure]:
    yield from _read_meanwhile(folder / "portal")
    yield from _compared()


def report(pages: int) -> bytes:
    """So many pages of invented words, numbered line by line. The same each time."""
    chance = random.Random(pages)  # nosec B311
    return report_pdf("A long report", [[_line(chance) for _ in range(LINES)] for _ in range(pages)])


def passages(pages: int) -> tuple[Box, ...]:
    """A passage of some lines on so many pages of the report, evenly apart."""
    return tuple(Box(1 + at * pages // PASSAGES, 0.1, 0.3, 0.9, 0.45) for at in range(PASSAGES))


def _line(chance: random.Random) -> str:
    return " ".join("".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(11))


def _read_meanwhile(folder: Path) -> Iterator[Figure]:
    with serving(folder) as stage:
        uploader, officer = Person(stage.portal, "ada", patience=PATIENCE), Person(stage.portal, "carla")
        uploader.sign_in(), officer.sign_in()
        document = register(uploader, "CTED/2026/XSM/144")
        answer = uploader.upload(f"{document}/file", report(READ), "long.pdf")
        assert answer.status_code == 201, answer.text
        kept = {"state": "XSM", "reference": "SM/NV/2026/41", "dated": "2026-11-02", "received": "note verbale", "at": "1"}
        answer = officer.post(f"{document}/passages", {**kept, "boxes": boxes_text(passages(READ))})
        assert answer.status_code == 302, answer.text
        idle, busy = list[float](), list[float]()
        for _ in range(TIMES):
            idle += [_read(officer, document) for _ in range(IDLE)]
            busy += _while(lambda: _prepared(uploader, document), lambda: _read(officer, document))
        yield Figure(
            name=f"read a page while a rendition of {READ} pages is built and proved (95th percentile), against reading it idle",
            ours=_p95(busy) * 1000, theirs=_p95(idle) * 1000, unit="ms", target=2.0, better="lower", runs=TIMES,
        )  # fmt: skip


def _while(act: Callable[[], None], measure: Callable[[], float]) -> list[float]:
    """What `measure` gives again and again until `act` is done."""
    acting = threading.Thread(target=act)
    acting.start()
    times = []
    while acting.is_alive():
        times.append(measure())
    acting.join()
    return times


def _read(person: Person, document: str) -> float:
    begun = time.perf_counter()
    assert person.get(document).status_code == 200
    return time.perf_counter() - begun


def _prepared(person: Person, document: str) -> None:
    answer = person.post(f"{document}/renditions", {"recipient": "OCT"})
    assert answer.status_code == 302, answer.text


def _p95(times: list[float]) -> float:
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]


def _compared() -> Iterator[Figure]:
    content, boxes = report(COMPARED), passages(COMPARED)
    sandbox = Sandbox(seconds=PATIENCE, tesseract=installed)

    def ours() -> float:
        def made() -> None:
            built = build(sandbox, [content], withheld=Withheld(boxes=boxes), title="A rendition")
            assert prove(sandbox, [content], built.pdf, built.pack, built.withheld).ok

        return timed(made)

    a, b = alternating(ours, lambda: timed(lambda: _redacted(content, boxes)), runs=TIMES)
    yield Figure(
        name=f"build and prove a rendition of {COMPARED} pages, {PASSAGES} passages withheld, against PyMuPDF's apply_redactions",
        ours=a, theirs=b, unit="s", target=3.0, better="lower", runs=TIMES,
    )  # fmt: skip


def _redacted(content: bytes, boxes: tuple[Box, ...]) -> bytes:
    with pymupdf.open(stream=content, filetype="pdf") as opened:
        for box in boxes:
            page = opened[box.page - 1]
            width, height = page.rect.width, page.rect.height
            page.add_redact_annot((box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height))
            page.apply_redactions()
        return bytes(opened.tobytes(garbage=3, deflate=True))
