"""Child only: the job of `proof`. Never the process that built the rendition; it trusts nothing the builder said."""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np
import pikepdf
import pypdfium2 as pdfium

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render.anatomy import Anatomy, Dissection, PageParts
from portal.confidentiality.render.findings import Finding, Kind, Repeat
from portal.confidentiality.render.glyphs import Glyphs, forget_actual_text, read_glyphs, text_objects
from portal.confidentiality.render.kept import kept_lines
from portal.confidentiality.render.notice import notice, notice_pixels
from portal.confidentiality.render.pack import PackReader
from portal.confidentiality.render.paint import paint
from portal.confidentiality.render.passages import faults, four_bits, taken_texts
from portal.confidentiality.render.pixels import Pixels, decode, encode
from portal.confidentiality.render.raster import interleaved
from portal.confidentiality.render.reread import read_again
from portal.confidentiality.render.running import edges, running, without
from portal.confidentiality.render.scanned import Reader, only_marks, scanned_lines, texts_of
from portal.confidentiality.render.source import Source, open_page, open_source
from portal.confidentiality.render.stored import document_texts, page_texts, structure_texts
from portal.confidentiality.render.visibility import Planes, draw, visible_lines
from portal.confidentiality.render.wire import pack_json
from portal.confidentiality.render.wording import Secrets, Wording, addresses, wording
from portal.confidentiality.render.words import Line, as_text
from portal.kernel.errors import Tampered

_SHORT = 5  # letters: shorter metadata meets any text


def prove(header: Mapping[str, Any], parts: list[Any]) -> Iterator[tuple[str, bytes]]:
    """`STEP` after each page, then `PROF`, with findings, repeats and the engine."""
    source, reader = open_source(parts[0], int(header["max_pages"])), Reader(parts[3]) if len(parts) > 3 else None
    proof = _Proof(source, Withheld.from_text(header["withheld"]), str(header["language"]), reader)
    for _ in proof.run(parts[1], parts[2]):
        yield "STEP", b""
    yield (
        "PROF",
        pack_json(
            {
                "findings": sorted({(finding.page, finding.kind.value) for finding in proof.findings}),
                "repeated": [(repeat.page, repeat.sequences) for repeat in proof.repeated],
                "running": proof.running,
                "engine": f"pdfium {pdfium.PDFIUM_INFO}; pikepdf {pikepdf.__version__}; qpdf {pikepdf.__libqpdf_version__}",
            }
        ),
    )


class _Proof:
    def __init__(self, source: Source, withheld: Withheld, language: str, reader: Reader | None) -> None:
        self._source = source
        self._language = language
        self._reader = reader
        self._asked = withheld
        self._withheld = withheld.pages | {box.page for box in withheld.grown if box.whole}
        self._secrets = Secrets()
        self._beside = Secrets()  # the same without what withheld pages say at their edges
        self._shared: dict[int, tuple[set[str], set[str]]] = {}  # by kept page, what it says of both
        self._edges: dict[int, str] = {}  # by kept page, what stands at its head and foot
        self._taken: dict[int, Secrets] = {}  # by page, what its boxes take
        self._about: list[Wording] = []
        self.findings: list[Finding] = []
        self.repeated: list[Repeat] = []
        self.running = False

    def run(self, pdf: bytes, pack: bytes) -> Iterator[int]:
        """Examine everything; the number of each page after it was looked at."""
        dissection = Dissection()
        try:
            anatomy = dissection.take_apart(pdf)
            extracted = _extracted(pdf, {box.page for box in (*self._asked.boxes, *self._asked.grown)})
        except (pikepdf.PdfError, pdfium.PdfiumError, ValueError, TypeError, AttributeError, KeyError, IndexError):
            self._find(0, Kind.BROKEN)
            return
        self.findings += dissection.findings
        if not len(anatomy.pages) == len(extracted) == self._source.pages:
            self._find(0, Kind.PAGES)
            return
        if anatomy.language != self._language:
            self._find(0, Kind.LANGUAGE)
        self._pack(pack, anatomy.pages)
        self._gather()
        self._title(anatomy)
        for number, (page, text) in enumerate(zip(anatomy.pages, extracted, strict=True), start=1):
            if page is not None:
                self._page(number, page, text)
            elif not dissection.findings:
                self._find(number, Kind.FOREIGN)
            yield number
        self._repeats()

    def _find(self, page: int, kind: Kind) -> None:
        self.findings.append(Finding(page, kind))

    def _gather(self) -> None:
        """Everything that withheld pages and passages say, seen or unseen, and everything the source says about itself."""
        structure = structure_texts(self._source.objects)
        for number in sorted({box.page for box in self._asked.grown} - self._withheld):
            page = open_page(self._source, number)
            taken = taken_texts(page, draw(page), self._grown(number))
            self._secrets.add(taken)
            self._beside.add(taken)
            if any(text.strip() for text in taken):
                self._taken[number] = Secrets()
                self._taken[number].add(taken)
            page.close()
        for number in self._withheld:
            page = open_page(self._source, number)
            edge = edges(visible_lines(page, draw(page))[0])
            texts = [_all_text(page), *page_texts(self._source.objects, number), *structure.get(number, ())]
            forget_actual_text(text_objects(page))
            texts.append(_all_text(page))
            self._secrets.add(texts)
            self._beside.add(piece for text in texts for piece in (*without(text, edge), *addresses(text)))
            page.close()
        about = (wording(text) for text in {*document_texts(self._source.objects), *structure.get(0, ())})
        self._about = [said for said in about if len(said.squeezed) >= _SHORT]

    def _grown(self, number: int) -> tuple[Box, ...]:
        return tuple(box for box in self._asked.grown if box.page == number)

    def _title(self, anatomy: Anatomy) -> None:
        title = wording(anatomy.title)
        if any(about.squeezed in title.squeezed for about in self._about):
            self._find(0, Kind.METADATA)
        if self._secrets.found_in(title):
            self._find(0, Kind.WITHHELD_WORDS)

    def _pack(self, pack: bytes, pages: Sequence[PageParts | None]) -> None:
        try:
            reader = PackReader(lambda offset, length: pack[offset : offset + length])
            if reader.pages != len(pages) or reader.length != len(pack):
                self._find(0, Kind.PAGES)
                return
            for number, page in enumerate(pages, start=1):
                packed = reader.page(number)
                if page is not None and packed.image != page.picture.file():
                    self._find(number, Kind.PACK_PICTURE)
                if page is not None and packed.text != "".join(" ".join(line) + "\n" for line in page.lines):
                    self._find(number, Kind.PACK_WORDS)
        except Tampered:
            self._find(0, Kind.BROKEN)

    def _page(self, number: int, page: PageParts, extracted: tuple[str, Glyphs | None]) -> None:
        try:
            pixels = decode(page.picture)
        except ValueError:
            self._find(number, Kind.CONTENT)
            return
        shown = open_page(self._source, number)
        if any(abs(ours - theirs) > 0.01 for ours, theirs in zip(page.points, shown.get_size(), strict=True)):
            self._find(number, Kind.PAGES)
        if number in self._withheld:
            self._notice(number, page, pixels, extracted[0])
        else:
            drawn = draw(shown)
            boxes, grown = self._asked.on(number), self._grown(number)
            if extracted[1] is not None:
                found = faults(shown, drawn, boxes, grown, pixels, extracted[1], self._language)
                self.findings += [Finding(number, kind) for kind in found]
            self._kept(number, page, extracted[0], shown, drawn, pixels)
        shown.close()

    def _notice(self, number: int, page: PageParts, pixels: Pixels, extracted: str) -> None:
        if not np.array_equal(pixels, four_bits(notice_pixels(page.points, self._language))):
            self._find(number, Kind.NOTICE_PIXELS)
        said = notice(self._language)
        if page.lines != (tuple(said.split()),) or wording(extracted) != wording(said):
            self._find(number, Kind.NOTICE_WORDS)

    def _kept(self, number: int, page: PageParts, extracted: str, shown: Any, drawn: Planes, pixels: Pixels) -> None:
        grown = self._grown(number)
        painted = interleaved(paint(drawn, grown, self._language))
        if encode(painted, exact=bool(grown)) != page.picture:  # the same installation draws and encodes alike
            self._find(number, Kind.KEPT_PIXELS)
        lines, _ = kept_lines(shown, drawn, grown, self._language)
        if self._reader and (number in self._taken or only_marks(lines)):
            lines = self._read(self._reader, number, shown, pixels, lines)
        seen = wording(as_text(lines))
        layer = wording("\n".join(" ".join(line) for line in page.lines))
        seen_words, unseen = set(seen.tokens), set[str]()
        for said in (layer, wording(extracted)):
            unseen |= {word for word in set(said.tokens) - seen_words if word not in seen.squeezed and word[::-1] not in seen.squeezed}
            unseen |= {run for run in self._secrets.found_in(said) if run not in seen.squeezed}
            unseen |= {about.squeezed for about in self._about if about.squeezed in said.squeezed and about.squeezed not in seen.squeezed}
        if unseen:
            told = unseen & self._secrets.words or any(self._secrets.found_in(wording(word)) for word in unseen)
            self._find(number, Kind.WITHHELD_WORDS if told else Kind.UNSEEN_WORDS)
        self._edges[number] = "".join(wording(line).squeezed for line in edges(lines))
        if shared := self._secrets.found_in(layer):
            self._shared[number] = shared, shared & self._beside.found_in(layer)

    def _repeats(self) -> None:
        """Which kept pages say what is withheld. What a withheld page says at its edge alone, and most pages at theirs, is told once."""
        for number, (shared, beside) in self._shared.items():
            often = running(self._edges, shared - beside)
            self.running = self.running or bool(often)
            if told := shared - often:
                self.repeated.append(Repeat(number, len(told)))

    def _read(self, reader: Reader, number: int, shown: Any, pixels: Pixels, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        """Look for what was taken from the page in its picture; the lines that can be seen on it: those given, or of a scan those read."""
        read = reader.read(pixels)
        if number in self._taken:
            taken = texts_of(read), self._taken[number], wording(as_text(lines))
            leaked, repeated = read_again(reader, shown, self._grown(number), *taken, self._language)
            self.findings += [Finding(number, Kind.PICTURE_WORDS)] if leaked else []
            self.repeated += [Repeat(number, len(repeated))] if repeated else []
        return scanned_lines(read, self._grown(number), pixels.shape[:2], self._language) if only_marks(lines) else lines


def _extracted(pdf: bytes, boxed: Set[int]) -> list[tuple[str, Glyphs | None]]:
    """What another program finds in the rendition when it extracts its text; on pages with boxes also where."""
    texts = []
    with pdfium.PdfDocument(pdf) as opened:
        for number, page in enumerate(opened, start=1):
            texts.append((_all_text(page), read_glyphs(page) if number in boxed else None))
            page.close()
    return texts


def _all_text(page: Any) -> str:
    textpage = page.get_textpage()
    try:
        return str(textpage.get_text_range()).replace("\x02", "-").replace("\ufffe", "-")
    finally:
        textpage.close()
