"""One range of a file, by the words of RFC 9110, sections 13 and 14; whatever is not one is the whole file."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from portal.gateway.ranges import Changed, Part, Unsatisfiable, part_of

SIZE, TAG = 1000, "0123456789abcdef0123456789abcdef"


def asked(method: str = "GET", size: int = SIZE, **fields: str) -> Part:
    return part_of(method, Headers({name.replace("_", "-"): value for name, value in fields.items()}), size, TAG)


@pytest.mark.parametrize(
    ("wanted", "offset", "length"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-999", 0, 1000),
        ("bytes=0-", 0, 1000),
        ("bytes=999-", 999, 1),
        ("bytes=10-19", 10, 10),
        ("bytes=10-5000", 10, 990),
        ("bytes=-1", 999, 1),
        ("bytes=-1000", 0, 1000),
        ("bytes=-5000", 0, 1000),
        ("bytes=0-99999999999999999999999999999999999", 0, 1000),
        ("Bytes=0-0", 0, 1),
        ("bytes= 5-9 ", 5, 5),
    ],
)
def test_one_range_is_a_part(wanted: str, offset: int, length: int) -> None:
    part = asked(Range=wanted)
    assert (part.status, part.offset, part.length) == (206, offset, length)
    assert part.headers["Content-Range"] == f"bytes {offset}-{offset + length - 1}/1000"
    assert part.headers["Content-Length"] == str(length)


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-1,5-6",
        "bytes=0-1, -1",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=0x1-2",
        "bytes=+1-2",
        "bytes=\u0661-\u0662",
        "bytes=1 -2",
        "bytes 0-1",
        "items=0-1",
        "0-1",
        "",
        "bytes=" + "9" * 60 + "-",
        "bytes=0-1;x",
    ],
)
def test_what_is_no_single_range_is_the_whole_file(wanted: str) -> None:
    part = asked(Range=wanted)
    assert (part.status, part.offset, part.length) == (200, 0, SIZE)
    assert "Content-Range" not in part.headers


@pytest.mark.parametrize("wanted", ["bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=99999999999999999999-"])
def test_a_range_behind_the_end_is_refused_with_the_size(wanted: str) -> None:
    with pytest.raises(Unsatisfiable) as refused:
        asked(Range=wanted)
    assert refused.value.status == 416
    assert refused.value.headers == {"Content-Range": "bytes */1000"}


@given(text=st.text(max_size=40) | st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True), size=st.integers(1, 2000))
@example(text="bytes=-0", size=1)
def test_no_header_asks_for_what_is_not_there(text: str, size: int) -> None:
    try:
        part = asked(size=size, Range=text.replace("\r", "").replace("\n", ""))
    except Unsatisfiable:
        return
    assert 0 <= part.offset < part.offset + part.length <= size


def test_a_range_counts_only_if_the_file_is_still_the_same() -> None:
    assert asked(Range="bytes=5-", If_Range=f'"{TAG}"').status == 206
    for other in ('"another"', f'W/"{TAG}"', TAG, "Tue, 24 Nov 2026 12:00:00 GMT", ""):
        assert asked(Range="bytes=5-", If_Range=other).status == 200, other


def test_conditions_come_before_ranges() -> None:
    assert asked(If_Match=f'"x", "{TAG}"', Range="bytes=5-").status == 206
    assert asked(If_Match="*").status == 200
    for other in ('"x"', f'W/"{TAG}"'):
        with pytest.raises(Changed):
            asked(If_Match=other, Range="bytes=5000-")
    for known in (f'"{TAG}"', f'W/"{TAG}"', "*"):
        part = asked(If_None_Match=known, Range="bytes=5-")
        assert (part.status, part.length) == (304, 0)
        assert "Content-Length" not in part.headers
    assert asked(If_None_Match='"x"').status == 200


def test_head_tells_the_size_and_gives_no_byte() -> None:
    part = asked("HEAD", Range="bytes=5-9")
    assert (part.status, part.length) == (200, 0)
    assert part.headers == {"Accept-Ranges": "bytes", "ETag": f'"{TAG}"', "Content-Length": "1000"}
