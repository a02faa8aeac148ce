"""What programs that others wrote find in a rendition: poppler, pdfminer, qpdf, and one that looks for words under black boxes."""

import asyncio
import io
import re
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pikepdf
import pytest
import xray
from pdfminer.high_level import extract_text
from reportlab.pdfgen.canvas import Canvas

from portal.confidentiality.boxes import Withheld
from portal.confidentiality.render.build import build
from tests.rooms.render.forgery import SANDBOX, TITLE
from tests.rooms.render.papers import SECRET, document, every_byte, hostile, mentions
from tests.rooms.render.passages import ABOVE, BELOW, around, three_lines

Read = Callable[[Path], str]


def poppler(*options: str) -> Read:
    return lambda file: subprocess.run(["pdftotext", *options, file, "-"], capture_output=True, text=True, check=True, timeout=60).stdout


def heard(file: Path) -> str:
    return subprocess.run(["pdfinfo", "-struct-text", file], capture_output=True, text=True, check=True, timeout=60).stdout


def decoded(file: Path) -> str:
    """Every object as qpdf writes it when it packs nothing."""
    out = io.BytesIO()
    with pikepdf.open(file) as pdf:
        options = {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.all, "qdf": True}
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, **options)
    return out.getvalue().decode("latin-1")


def raw(file: Path) -> str:
    return file.read_bytes().decode("latin-1")


def utf16(file: Path) -> str:
    """As UTF-16, from even and from odd places."""
    content = file.read_bytes()
    return "".join(content[at:].decode(kind, errors="replace") for kind in ("utf-16-be", "utf-16-le") for at in (0, 1))


READERS: dict[str, Read] = {
    "pdftotext": poppler(),
    "pdftotext -layout": poppler("-layout"),
    "pdftotext -raw": poppler("-raw"),
    "pdfinfo -struct-text": heard,
    "pdfminer": lambda file: extract_text(str(file)),
    "qpdf, decoded": decoded,
    "raw bytes": raw,
    "UTF-16": utf16,
}
#: Of the names of withheld things, such as no kept page has.
TELLING = [word for word in SECRET.split() if word not in ("the", "described", "before")]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A file that hides words in over forty places, and its rendition without its second page."""
    folder = tmp_path_factory.mktemp("readers")
    source, rendition = folder / "source.pdf", folder / "rendition.pdf"
    source.write_bytes(hostile())
    built = build(SANDBOX, [source.read_bytes()], withheld=Withheld(frozenset({2})), title=TITLE)
    rendition.write_bytes(built.pdf)
    return source, rendition


def planted(source: Path) -> set[str]:
    """Every marker that the source hides somewhere."""
    return set(re.findall(r"qx[a-z0-9]+zq", b"".join(every_byte(source.read_bytes())).decode("latin-1")))


@pytest.mark.parametrize("reader", READERS)
def test_no_reader_finds_what_was_hidden_or_withheld(reader: str, files: tuple[Path, Path]) -> None:
    found, markers = READERS[reader](files[1]), planted(files[0])
    assert len(markers) >= 40
    assert [marker for marker in markers if marker in found.lower()] == []
    assert [word for word in TELLING if word in found] == []


@pytest.mark.parametrize("reader", ["pdftotext", "pdftotext -layout", "pdfminer", "pdfinfo -struct-text"])
def test_the_readers_do_read(reader: str, files: tuple[Path, Path]) -> None:
    """They would find something: they do in the source, and in the rendition what is kept."""
    assert any(word in READERS[reader](files[0]) for word in TELLING) or reader == "pdfinfo -struct-text"
    for words in (ABOVE, "Not included in this rendition"):
        assert words.split()[0] in READERS[reader](files[1])


def under_a_bar(canvas: Canvas) -> None:
    """What not to do: a black bar over the words."""
    canvas.drawString(40, 180, SECRET)
    canvas.rect(30, 170, 360, 24, fill=1, stroke=0)


def bad_redactions(content: bytes) -> dict[str, object]:
    """In a thread of its own: a browser's loop may run in this one."""
    with ThreadPoolExecutor(1) as apart:
        return dict(apart.submit(lambda: asyncio.run(xray.inspect(content))).result())


def test_no_bad_redaction_is_found_in_a_rendition(files: tuple[Path, Path], tmp_path: Path) -> None:
    barred = document(under_a_bar)
    assert bad_redactions(barred), "the tool finds the bar in the source"
    built = build(SANDBOX, [barred], withheld=Withheld(), title=TITLE)
    assert bad_redactions(built.pdf) == {}
    assert not mentions(built.pdf, "Farouk")
    assert bad_redactions(files[1].read_bytes()) == {}
    passage = build(SANDBOX, [three_lines(under_a_bar)], withheld=Withheld(boxes=(around(60, 182, 70, 186),)), title=TITLE)
    assert bad_redactions(passage.pdf) == {}
    assert not mentions(passage.pdf, "Farouk")
    kept = tmp_path / "kept.pdf"
    kept.write_bytes(passage.pdf)
    assert BELOW in READERS["pdftotext"](kept)
