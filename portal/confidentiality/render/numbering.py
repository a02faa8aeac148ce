"""How passages are numbered in the six languages: what the beginning of a line may count, as ordinals. Pure.

The ordinal is the same in every language (`(е)`, `(ه)` and `(e)` may all be the fifth or sixth of their list), so that a language version
can take over what stands at the same number. Which reading is meant, only the sequence tells (`outline`).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """From the widest to the narrowest."""

    ANNEX = 0
    SECTION = 1
    PART = 2
    TITLE = 3  # a heading with a number of its own: "1. Border control"
    PARAGRAPH = 4
    ITEM = 5
    SUBITEM = 6


@dataclass(frozen=True, slots=True)
class Reading:
    """A line may begin number `ordinal` (0: without a number) of this level. `rest` is what it says after that; `word` as in "Annex"."""

    level: Level
    ordinal: int
    rest: str
    word: str = ""


_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзиклмнопрстуфхцчшщэюя", "ابجدهوزحطيكلمنسعفصقرشتثخذضظغ")
_ROMAN = re.compile(r"(x{0,3})(ix|iv|v?i{0,3})")
_HAN = "一二三四五六七八九"
_SECTIONS_AR = ("اولا", "ثانيا", "ثالثا", "رابعا", "خامسا", "سادسا", "سابعا", "ثامنا", "تاسعا", "عاشرا", "حادي عشر", "ثاني عشر")
_PARTS_AR = ("الف", "باء", "جيم", "دال", "هاء", "واو", "زاي", "حاء", "طاء", "ياء", "كاف", "لام")
_ORDINALS_AR = ("الاول", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن", "التاسع", "العاشر")
_ANNEXES = {
    "Annex": ("annex", "annexe", "anexo", "приложение", "المرفق", "مرفق", "附件"),
    "Appendix": ("appendix", "appendice", "apendice", "добавление", "التذييل", "تذييل", "附录"),
    "Enclosure": ("enclosure", "piece jointe", "الضميمة", "ضميمة", "附文"),
}
_TABLES = {"Table": ("table", "tableau", "cuadro", "tabla", "таблица", "الجدول", "جدول", "表")}

_NUMBERED = re.compile(r"(\d{1,3}) ?[.、](?=$|[^\d.,)])")
_NUMBERED_AR = re.compile(r"(?:(\d{1,3}) ?[-–—.]|[-–—.] ?(\d{1,3}))(?= |$|[^\d.,)/])")
_HEADED = re.compile(r"([^\W\d_]{1,6}) ?[.、](?= |$|[^\x00-\x7f])")
_HEADED_AR = re.compile(r"([^\W\d_]+(?: عشر)?) ?[-–—.:]")
_BRACKETED = re.compile(r"\(?([^\W\d_]{1,5}|\d{1,2})\)(?= |$|[^\x00-\x7f])")
_BRACKETED_AR = re.compile(r"[()‘’']([^\W\d_]{1,2}|\d{1,2})[()‘’'](?= |$|\W)")
_NAMED = re.compile(r"(?:№ ?|no\. ?|n° ?)?([^\W_]{1,6})(?=$|[ .:：)—–-])")


def plain(text: str) -> str:
    """Full-width signs as plain ones, Arabic without its marks and kinds of alif."""
    folded = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in ("Mn", "Cf") and c != "ـ")
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def arabic(text: str) -> bool:
    """Is it written from right to left, by its first letter?"""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False


def readings(text: str) -> tuple[Reading, ...]:
    """What the line may begin, the likelier first; none for a line of running text."""
    said = plain(text)
    return tuple(_arabic(said) if arabic(said) else _others(said))


def annex(text: str) -> Reading | None:
    """ "Annex II", "Приложение", "附件一": a heading, whatever follows on the line."""
    return _named(plain(text), _ANNEXES)


def table(text: str) -> Reading | None:
    """ "Table 3. Visits", "表3": a caption."""
    return _named(plain(text), _TABLES)


def _others(said: str) -> Iterator[Reading]:
    if match := _NUMBERED.match(said):
        yield Reading(Level.PARAGRAPH, int(match[1]), said[match.end() :])
    if match := _HEADED.match(said):
        sign, rest = match[1], said[match.end() :]
        if ordinal := han(sign):
            yield Reading(Level.SECTION, ordinal, rest)
        if sign.isupper() and (ordinal := roman(sign.lower())):
            yield Reading(Level.SECTION, ordinal, rest)
        if sign.isupper() and len(sign) == 1 and (ordinal := letter(sign.lower())):
            yield Reading(Level.PART, ordinal, rest)
    if match := _BRACKETED.match(said):
        sign, rest = match[1], said[match.end() :]
        if ordinal := han(sign):
            yield Reading(Level.ITEM, ordinal, rest, "han")
        if ordinal := letter(sign):
            yield Reading(Level.ITEM, ordinal, rest)
        if ordinal := roman(sign) or (int(sign) if sign.isdecimal() else 0):
            yield Reading(Level.SUBITEM, ordinal, rest)


def _arabic(said: str) -> Iterator[Reading]:
    if match := _NUMBERED_AR.match(said):
        yield Reading(Level.PARAGRAPH, int(match[1] or match[2]), said[match.end() :])
    if match := _HEADED_AR.match(said):
        for level, names in ((Level.SECTION, _SECTIONS_AR), (Level.PART, _PARTS_AR)):
            if ordinal := _place(match[1], names):
                yield Reading(level, ordinal, said[match.end() :])
    if match := _BRACKETED_AR.match(said):
        sign, rest = match[1], said[match.end() :]
        if sign.isdecimal():
            yield Reading(Level.SUBITEM, int(sign), rest)
        elif ordinal := letter(sign):
            yield Reading(Level.ITEM, ordinal, rest)


def _named(said: str, words: Mapping[str, tuple[str, ...]]) -> Reading | None:
    lower = said.lower()
    for word, forms in words.items():
        for form in sorted((*forms, *map(_swapped, forms)), key=len, reverse=True):
            rest = lower[len(form) :]
            if not lower.startswith(form) or (rest[:1].isalpha() and form.isascii()):
                continue
            match = _NAMED.match(rest.strip())
            ordinal = _counted(match[1]) if match else 0
            if match and ordinal:
                return Reading(Level.ANNEX, ordinal, rest.strip()[match.end() :].strip(), word)
            if not rest or rest[0] in " .:：*":
                return Reading(Level.ANNEX, 0, rest.strip(), word)
    return None


def _counted(sign: str) -> int:
    if sign.isdecimal():
        return int(sign)
    single = letter(sign) if len(sign) == 1 and sign not in "ivx" else 0
    return roman(sign) or han(sign) or _place(sign, _ORDINALS_AR) or single


def _place(word: str, names: tuple[str, ...]) -> int:
    return next((at for at, name in enumerate(names, start=1) if word in (name, _swapped(name))), 0)


def _swapped(word: str) -> str:
    """Fonts draw lam and alif as one sign, which readers of files often take apart the wrong way round."""
    return word.replace("لا", "ال")


def letter(sign: str) -> int:
    """a → 1, aa → 27; 0 for what is no letter of a list."""
    if not sign or sign != sign[0] * len(sign) or len(sign) > 2:
        return 0
    alphabet = next((letters for letters in _ALPHABETS if sign[0] in letters), "")
    return (len(sign) - 1) * len(alphabet) + alphabet.index(sign[0]) + 1 if alphabet else 0


def roman(sign: str) -> int:
    """xiv → 14; 0 for what is no such number up to 39."""
    match = _ROMAN.fullmatch(sign)
    if not match:
        return 0
    ones = {"iv": 4, "ix": 9}.get(match[2])
    return 10 * len(match[1]) + (ones if ones is not None else 5 * match[2].count("v") + match[2].count("i"))


def han(sign: str) -> int:
    """十二 → 12; 0 for what is no such number up to 99."""
    tens, ten, ones = sign.rpartition("十")
    if not ten:
        return _HAN.index(sign) + 1 if len(sign) == 1 and sign in _HAN else 0
    if any(len(part) > 1 or (part and part not in _HAN) for part in (tens, ones)):
        return 0
    return 10 * (_HAN.index(tens) + 1 if tens else 1) + (_HAN.index(ones) + 1 if ones else 0)


def as_letter(ordinal: int) -> str:
    """1 → a, 27 → aa."""
    repeat, at = divmod(ordinal - 1, 26)
    return _ALPHABETS[0][at] * (repeat + 1)


def as_roman(ordinal: int) -> str:
    """14 → XIV."""
    signs = ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    text = ""
    for value, sign in signs:
        text += sign * (ordinal // value)
        ordinal %= value
    return text
