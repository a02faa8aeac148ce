"""A stamped page names its reader everywhere, and can still be read."""

import io

import numpy as np
import pytest
from PIL import Image

from portal.confidentiality.render.pixels import encode
from portal.confidentiality.render.watermark import _printable, stamp
from portal.kernel.errors import Tampered

LINES = ("Ilsa Vorne (p-7K3F)", "Office", "2026-11-24 17:10 UTC", "Share 7F3A-91C2")


def page(level: int, channels: int = 1) -> bytes:
    pixels = np.full((1650, 1275, channels), level, dtype=np.uint8)
    if channels == 3:
        pixels[:, :, 0] ^= 60
    return encode(pixels).file()


def levels(image: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(image)).convert("L")).astype(int)


@pytest.mark.parametrize(("level", "channels"), [(255, 1), (0, 1), (128, 1), (255, 3), (10, 3)])
def test_every_quarter_of_a_page_is_marked_on_light_and_dark(level: int, channels: int) -> None:
    before = page(level, channels)
    after = stamp(before, LINES)
    assert after[:4] == before[:4]
    change = np.abs(levels(after) - levels(before)) > 20
    height, width = change.shape
    for top in (0, height // 4, height // 2):
        for left in (0, width // 4, width // 2):
            assert change[top : top + height // 2, left : left + width // 2].mean() > 0.01


def test_the_words_under_a_mark_can_still_be_read() -> None:
    pixels = np.full((600, 600, 1), 255, dtype=np.uint8)
    pixels[100:500, 100:500] = 0
    after = levels(stamp(encode(pixels).file(), LINES))[:560]
    black = np.zeros((560, 600), dtype=bool)
    black[100:500, 100:500] = True
    assert after[black].max() < 100 < 180 < after[~black].min()


def test_another_reader_gives_another_picture_and_the_same_gives_the_same() -> None:
    assert stamp(page(255), LINES) == stamp(page(255), LINES)
    assert stamp(page(255), LINES) != stamp(page(255), ("Another", *LINES[1:]))


def test_letters_that_the_font_lacks_are_replaced_and_the_rest_stays() -> None:
    assert _printable("Jürgen Łęcki Østby (p-7K3F)") == "Jurgen Lecki Ostby (p-7K3F)"
    assert _printable("王小明 (p-9A)") == "??? (p-9A)"
    assert _printable("‏سارة") == "????"


@pytest.mark.parametrize("size", [(8, 8), (40, 900), (900, 30)])
def test_a_page_of_any_shape_can_be_stamped(size: tuple[int, int]) -> None:
    image = encode(np.full((*size, 1), 255, dtype=np.uint8)).file()
    assert levels(stamp(image, LINES)).shape == size


@pytest.mark.parametrize("image", [b"", b"GIF89a", page(255)[:200], b"\x89PNG\r\n\x1a\n" + bytes(30)])
def test_what_is_not_a_picture_is_an_alarm(image: bytes) -> None:
    with pytest.raises(Tampered):
        stamp(image, LINES)
