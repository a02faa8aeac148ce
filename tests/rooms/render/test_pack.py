"""The page pack: read a page at a time, and nothing but what was written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.confidentiality.render.pack import MAGIC, PackPage, PackReader, write_pack
from portal.kernel.errors import Tampered

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def reader(pack: bytes) -> PackReader:
    return PackReader(lambda offset, length: pack[offset : offset + length])


def test_a_pack_has_the_documented_bytes() -> None:
    pack = write_pack([(PNG + b"one", "words\n"), (JPEG, "")])
    assert pack[:19] == b"portal/pack/v1\0" + b"\0\0\0\x02"
    assert pack[19:43] == (67).to_bytes(8, "big") + (11).to_bytes(4, "big") + (78).to_bytes(8, "big") + (6).to_bytes(4, "big")
    assert pack[67:84] == PNG + b"onewords\n"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=50), st.text(alphabet=st.characters(codec="utf-8"), max_size=30)), min_size=1, max_size=6))
def test_what_was_written_is_read(pages: list[tuple[bytes, str]]) -> None:
    opened = reader(write_pack([(PNG + image, text) for image, text in pages]))
    read = [opened.page(number) for number in range(1, opened.pages + 1)]
    assert read == [PackPage(PNG + image, "image/png", text) for image, text in pages]


def test_a_page_is_read_without_reading_the_others() -> None:
    pack = write_pack([(PNG + b"x" * 1000, "one")] * 3)
    asked: list[tuple[int, int]] = []

    def read(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return pack[offset : offset + length]

    PackReader(read).page(2)
    assert sum(length for _, length in asked) < 1200


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 66), st.integers(1, 255))
def test_a_changed_table_is_never_read_as_if_it_were_true(at: int, change: int) -> None:
    pack = bytearray(write_pack([(PNG + b"one", "text\n"), (JPEG + b"two", "more\n")]))
    pack[at] ^= change

    def whole() -> None:
        opened = reader(bytes(pack))
        for number in range(1, opened.pages + 1):
            opened.page(number)
        if opened.length != len(pack):
            raise Tampered("the data does not end where the table ends")

    with pytest.raises(Tampered):
        whole()


@pytest.mark.parametrize(
    "pack",
    [b"", MAGIC, MAGIC + b"\0\0\0\0", MAGIC + b"\xff\xff\xff\xff", b"portal/pack/v2\0" + b"\0\0\0\x01" + bytes(24),
     write_pack([(b"GIF89a", "")]), write_pack([(PNG, "")])[:-1], write_pack([(PNG, "x")])[:-1] + b"\xff"],
)  # fmt: skip
def test_nonsense_is_an_alarm(pack: bytes) -> None:
    with pytest.raises(Tampered):
        reader(pack).page(1)


def test_a_page_that_is_not_there_is_an_index_error() -> None:
    for number in (0, 2, -1):
        with pytest.raises(IndexError):
            reader(write_pack([(PNG, "")])).page(number)
