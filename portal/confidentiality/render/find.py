"""Find words in the kept text of a rendition: on which pages they stand, and how often. Nothing of the text is given back.

Both sides are folded, so that what a reader sees alike is alike: capitals, accents and vowel signs, Arabic and Latin digits, presentation
forms and ligatures, dashes and quotation marks; soft hyphens and marks of direction are nothing, any white space is one space, and between
Chinese characters, which a line may part anywhere, none.
"""

import re
import unicodedata
from collections.abc import Iterable

#: What may be looked for, in letters after folding. One Chinese character is a word; of other letters, one is on every page.
LEAST, MOST = 2, 100

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_QUOTES = dict.fromkeys(map(ord, "‘’‚‛ʼ´`"), "'") | dict.fromkeys(map(ord, "“”„«»"), '"')
_LIKE = _DASHES | _QUOTES | {0x0640: None, 0x0671: "\u0627", 0x0649: "\u064a", 0x06CC: "\u064a", 0x06A9: "\u0643", 0x00DF: "ss"}
_BROKEN = re.compile("\u00ad\\s*")
_SPACE = re.compile(r"\s+")
_HAN = "\u2e80-\u2fdf\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_HAN = re.compile(f"(?<=[{_HAN}])\\s+(?=[{_HAN}])")
_ONLY_HAN = re.compile(f"[{_HAN}]+")


def folded(text: str) -> str:
    """The text as it is compared."""
    text = _SPACE.sub(" ", _BROKEN.sub("", text))
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(_plain(letter) for letter in letters).translate(_LIKE)
    return _BETWEEN_HAN.sub("", _SPACE.sub(" ", unicodedata.normalize("NFC", plain))).strip()


def _plain(letter: str) -> str:
    if unicodedata.combining(letter) or unicodedata.category(letter) == "Cf":
        return ""
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)


def findable(words: str) -> bool:
    """Can these folded words be looked for?"""
    return (LEAST if not _ONLY_HAN.fullmatch(words) else 1) <= len(words) <= MOST


def places(texts: Iterable[tuple[int, str]], words: str) -> dict[int, int]:
    """On which pages these folded words stand and how often, of (page, text), which are taken one by one."""
    found: dict[int, int] = {}
    for page, text in texts:
        times = folded(text).count(words)
        if times:
            found[page] = times
    return found
