"""Child only: a redacted page is read once more, by a program that knows pictures alone. Apart from every other check on purpose.

Everything else goes by what text objects claim. Here nothing is claimed: whatever way it came there, wording that can be read is found.
"""

from collections.abc import Sequence
from typing import Any

from portal.confidentiality.boxes import Box
from portal.confidentiality.render.glyphs import text_objects
from portal.confidentiality.render.paint import paint
from portal.confidentiality.render.raster import interleaved
from portal.confidentiality.render.scanned import Reader, texts_of
from portal.confidentiality.render.visibility import without_text
from portal.confidentiality.render.wording import Secrets, Wording, wording


def read_again(
    reader: Reader, page: Any, grown: Sequence[Box], read: Sequence[str], taken: Secrets, seen: Wording, language: str = "en"
) -> tuple[set[str], set[str]]:
    """Wording that was `taken` from this page of the source and is `read` in its finished picture: (what leaked, what is repeated).

    Repeated is what the page says beside the paint too: in words that are `seen` there, or in a picture or a letterhead, which is no text.
    What those say is read where all text is taken away from the page.
    """
    found = {run for run in _found(read, taken) if run not in seen.squeezed}
    if not found:
        return set(), set()
    pictures = interleaved(paint(without_text(page, text_objects(page)), grown, language))
    repeated = found & _found(texts_of(reader.read(pictures)), taken)
    return found - repeated, repeated


def _found(texts: Sequence[str], taken: Secrets) -> set[str]:
    return {run for text in texts for run in taken.found_in(wording(text))}
