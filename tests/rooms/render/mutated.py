"""Files that went wrong on the way, by chance: bytes changed, pieces lost, doubled or exchanged, numbers that are far too large."""

import random
import re
from collections import Counter
from collections.abc import Sequence

from portal.confidentiality.boxes import Box, Withheld
from portal.confidentiality.render.build import build
from portal.confidentiality.render.inspection import inspect_pdf
from portal.confidentiality.render.proof import prove
from portal.confidentiality.render.refusal import FileRefused, RenderFailed
from portal.confidentiality.render.sandbox import Sandbox
from tests.rooms.render.forgery import TITLE
from tests.rooms.render.papers import hostile, plain
from tests.rooms.render.passages import paragraph, three_lines

NUMBER = re.compile(rb"(?<=[ \[])\d{1,10}(?=[ \]/\n>])")
HUGE = (b"-1", b"0", b"99999999", b"2147483648", b"1e400", b"0.0000001", b"NaN")
WITHHELD = Withheld(boxes=(Box(1, 0.1, 0.35, 0.5, 0.45),))


def files(count: int, seed: int) -> list[bytes]:
    chance, sources = random.Random(seed), (plain(), three_lines(paragraph), hostile())
    return [mutated(chance.choice(sources), chance) for _ in range(count)]


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The file after one to eight changes; its first five bytes stay, or nobody would open it."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(5, len(changed))
        length = chance.choice((1, 4, 40, 400))
        match chance.randrange(6):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = changed[at : at + length]
            case 3:
                other = chance.randrange(5, len(changed))
                changed[at : at + length] = changed[other : other + length]
            case 4:
                changed[at : at + length] = chance.randbytes(length)
            case 5 if numbers := list(NUMBER.finditer(changed)):
                found = chance.choice(numbers)
                changed[found.start() : found.end()] = chance.choice(HUGE)
        if len(changed) < 50:
            break
    return bytes(changed)


def fates(sandbox: Sandbox, contents: Sequence[bytes]) -> Counter[str]:
    """What became of each: refused and why, not proved, our own failure, or a proved rendition."""
    return Counter(_fate(sandbox, content) for content in contents)


def _fate(sandbox: Sandbox, content: bytes) -> str:
    try:
        inspect_pdf(sandbox, [content])
        built = build(sandbox, [content], withheld=WITHHELD, title=TITLE)
        return "proved" if prove(sandbox, [content], built.pdf, built.pack, built.withheld).ok else "not proved"
    except FileRefused as refused:
        return f"refused: {refused.reason.value}"
    except RenderFailed as failed:
        return f"failed: {failed.detail}"
