"""A sketch shows where things stand on a page, and none of what stands there."""

import io

import pytest
from PIL import Image, ImageDraw, ImageFont

from portal.confidentiality.render.sketch import ACROSS, Sketches, sketch
from portal.kernel.errors import Tampered


def page(text: str, size: int = 26) -> bytes:
    image = Image.new("L", (1240, 1754), 255)
    pen = ImageDraw.Draw(image)
    for y in range(120, 1600, size * 2):
        pen.text((120, y), text, fill=0, font=ImageFont.load_default(size))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_sketch_has_fewer_dots_than_a_line_has_letters() -> None:
    with Image.open(io.BytesIO(sketch(page("The delegation was informed that two carriers transmit the data by hand")))) as made:
        assert made.size == (ACROSS, 51)
        assert ACROSS < 40


def test_two_texts_of_the_same_shape_give_nearly_the_same_sketch() -> None:
    """A letter is less than a dot: what tells HERON from another word of as many letters is not in it."""
    one, other = (sketch(page(f"Two informants, code names {name}, were named to the delegation.")) for name in ("HERON", "BARON"))
    with Image.open(io.BytesIO(one)) as first, Image.open(io.BytesIO(other)) as second:
        apart = [abs(a - b) for a, b in zip(first.tobytes(), second.tobytes(), strict=True)]
    assert max(apart) < 40


def test_no_picture_is_a_damaged_page() -> None:
    with pytest.raises(Tampered):
        sketch(b"no picture")


def test_a_picture_is_asked_for_once_and_only_the_last_sketches_are_kept() -> None:
    asked: list[int] = []

    def picture(number: int) -> bytes:
        asked.append(number)
        return page(str(number))

    kept = Sketches(2)
    for number in (1, 1, 2, 1, 3, 1, 2):
        kept.of(number, lambda number=number: picture(number))  # type: ignore[misc]
    assert asked == [1, 2, 3, 2]
