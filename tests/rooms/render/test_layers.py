"""The text layer and the pictures: what is read is what was written, and nothing else is read."""

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.confidentiality.render import textlayer
from portal.confidentiality.render.pixels import Picture, decode, encode
from portal.confidentiality.render.wording import Secrets, wording
from portal.confidentiality.render.words import Word, clean

POINTS = (420.0, 300.0)
WORDS = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=12).map(clean).filter(bool)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=4), max_size=4))
def test_words_of_any_script_come_back_from_the_text_layer(lines: list[list[str]]) -> None:
    written = textlayer.write(POINTS, [tuple(Word(word, (0.1, 0.1, 0.3, 0.2)) for word in line) for line in lines])
    assert textlayer.read(written, POINTS) == tuple(tuple(line) for line in lines)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content + b" 0 0 m",
        lambda content: content.replace(b"BT 3 Tr", b"BT 0 Tr"),
        lambda content: content.replace(b"/I Do", b"/J Do"),
        lambda content: content.replace(b"EMC\n", b"EMC (more) Tj\n"),
        lambda content: content.replace(b"Tj\n", b"Tj % note\n"),
        lambda content: content.replace(b"/MCID 0", b"/MCID 1"),
        lambda content: content.replace(b"/MCID 0", b"/ActualText (x) /MCID 0"),
        lambda content: content.replace(b"0020> Tj", b"> Tj"),
        lambda content: content.replace(b"0020> Tj", b"002000410020> Tj"),
        lambda content: b"q " + content,
        lambda content: content.replace(b"q 420", b"q 421"),
    ],
)
def test_a_page_with_any_other_operator_is_not_read(change: object) -> None:
    content = textlayer.write(POINTS, [(Word("word", (0.1, 0.1, 0.3, 0.2)),)])
    changed = change(content)  # type: ignore[operator]
    assert changed != content
    with pytest.raises(ValueError):
        textlayer.read(changed, POINTS)


@pytest.mark.parametrize("width", [8, 9])
def test_a_grey_picture_comes_back_in_sixteen_levels(width: int) -> None:
    pixels = np.arange(5 * width, dtype=np.uint8).reshape(5, width, 1) * 5
    back = decode(encode(pixels, exact=True))
    assert back.shape == pixels.shape
    assert np.abs(back.astype(int) - pixels).max() <= 8


def test_something_in_the_odd_half_byte_of_a_row_is_refused() -> None:
    rows = bytearray(zlib.decompress(encode(np.zeros((2, 3, 1), dtype=np.uint8), exact=True).data))
    assert decode(Picture(3, 2, 1, "image/png", zlib.compress(bytes(rows)))).max() == 0
    for at, value in ((2, 1), (0, 1)):
        changed = bytearray(rows)
        changed[at] = value
        with pytest.raises(ValueError):
            decode(Picture(3, 2, 1, "image/png", zlib.compress(bytes(changed))))


@pytest.mark.parametrize("data", [b"", zlib.compress(b""), zlib.compress(bytes(1 << 20)), zlib.compress(bytes(6))[:-4]])
def test_rows_of_another_size_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode(Picture(3, 2, 1, "image/png", data))


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("The office filed its final report", "oﬃce ﬁled its ﬁnal"),
        ("information about the crossing point", "infor\u00admation about the crossing"),
        ("information about the crossing point", "infor- mation about the cross- ing"),
        ("STRASSE NACH DER GRENZE", "straße nach der grenze"),
        ("call +1 555 0123456 now", "0123456"),
        ("write to Farouk@Example.org today", "farouk@example.org"),
    ],
)
def test_wording_is_found_however_it_is_set(secret: str, text: str) -> None:
    secrets = Secrets()
    secrets.add([secret])
    assert secrets.found_in(wording(text))


def test_common_words_and_sequences_across_texts_are_no_secret() -> None:
    secrets = Secrets()
    secrets.add(["The mission met the", "ministry in the capital 2024"])
    assert not secrets.found_in(wording("the mission was in 2024 and met the ministry in spring"))
