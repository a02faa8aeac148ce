"""Tesseract, where it is installed, reads pictures: scans for their words, redacted pages once more for the proof. Parent only.

It is given what a hostile file drew, so it runs in a bubble (`bubble`): grey pixels go in, a table of words comes out. The parent reads
neither; the table goes on into the child that asked.
"""

import os
import re
import shutil
import subprocess  # nosec B404
from dataclasses import dataclass
from functools import lru_cache

from portal.confidentiality.render.bubble import Bubble, Program, missing
from portal.confidentiality.render.refusal import FileRefused, RenderFailed
from portal.confidentiality.render.wire import PICTURE, TABLE

PROGRAM = "tesseract"
_DPI = 150
#: What Tesseract calls the languages of the United Nations. A document in another is read with those of them that are installed.
_CODES = {"en": "eng", "fr": "fra", "es": "spa", "ru": "rus", "ar": "ara", "zh": "chi_sim"}
_VERSION = re.compile(r"tesseract v?(\d[\w.-]{0,30})")
_LANGUAGE = re.compile(r"[A-Za-z][A-Za-z_]{1,30}")
_LIMITS = Bubble(memory_bytes=2 << 30, seconds=120.0, processes=4, max_output=TABLE)


@dataclass(frozen=True, slots=True)
class Tesseract:
    """A Tesseract that is installed, and its limits for one page."""

    version: str
    languages: tuple[str, ...]
    bubble: Bubble = _LIMITS

    def speaking(self, language: str) -> "Reading":
        """For documents in this language (`en`, `pt-BR`): with its own data if that is there, else with what there is."""
        code = _CODES.get(language.lower().split("-")[0], "")
        there = [name for name in _CODES.values() if name in self.languages]
        return Reading(self, code if code in there else "+".join(there) or self.languages[0])


@dataclass(frozen=True, slots=True)
class Reading:
    """Tesseract as the child of one job may ask it."""

    tesseract: Tesseract
    language: str

    @property
    def engine(self) -> str:
        """What is recorded with a proof: another version, or another language, may read another word."""
        return f"{PROGRAM} {self.tesseract.version} {self.language}"

    def table(self, picture: bytes) -> bytes:
        """The words of a picture, as Tesseract's table (TSV), not looked at. Raises `RenderFailed`."""
        width, height = PICTURE.unpack_from(picture) if len(picture) >= PICTURE.size else (0, 0)
        if not width * height or len(picture) != PICTURE.size + width * height:
            raise RenderFailed("the child asked for the words of a picture that is none")
        argv = (PROGRAM, "/in/picture.pgm", "stdout", "--dpi", str(_DPI), "-l", self.language, "tsv")
        program = Program(argv=argv, document="/in/picture.pgm", needs=(PROGRAM,), environment={"OMP_THREAD_LIMIT": "1"})
        pgm = [b"P5 %d %d 255\n" % (width, height), picture[PICTURE.size :]]
        try:
            return self.tesseract.bubble.run(program, pgm)
        except FileRefused as error:  # the picture is ours, so it is not the file that is refused
            raise RenderFailed(f"Tesseract did not read a page: {error.reason}") from error


def nobody() -> Tesseract | None:
    """Where pictures are not to be read."""
    return None


@lru_cache(maxsize=1)
def installed() -> Tesseract | None:
    """The Tesseract of this machine. None without it, without bubblewrap to run it in, or without a language."""
    if missing(Program(argv=(), needs=(PROGRAM,))):
        return None
    version = _VERSION.match(_said("--version"))
    languages = tuple(sorted(name for name in _said("--list-langs").split("\n")[1:] if _LANGUAGE.fullmatch(name) and name != "osd"))
    return Tesseract(version[1], languages) if version and languages else None


def _said(question: str) -> str:
    program = shutil.which(PROGRAM, path=os.defpath)
    if program is None:
        return ""
    return subprocess.run([program, question], env={}, capture_output=True, check=False, timeout=30, text=True).stdout  # nosec B603
