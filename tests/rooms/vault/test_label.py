"""The label's bytes: fixed for good, and different for any two labels."""

from dataclasses import fields, replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.vault.errors import Broken
from portal.vault.framing import framed
from portal.vault.label import ObjectLabel

OWN = ObjectLabel(
    object_id=UUID(int=1),
    document_id=UUID(int=2),
    version=1,
    rendition_id=None,
    share_id=None,
    terms=None,
    level=1,
    caveats=frozenset(),
    body="CTED",
    payload_nonce=bytes(range(16)),
    payload_size=16 + 3 + 16,
    kc=b"\x11" * 32,
    ph=b"\x22" * 32,
)
SHARED = replace(
    OWN,
    rendition_id=UUID(int=3),
    share_id=UUID(int=4),
    terms=b"\x33" * 32,
    level=2,
    caveats=frozenset({"originator_control", "a", "ab"}),
    body="OCT",
)

# Written out by hand from docs/formats/wrap.md, a field a line.
OWN_BYTES = bytes.fromhex(
    "706f7274616c2f777261702f763100"
    "00000010" + "00" * 15 + "01"  # object
    "00000010" + "00" * 15 + "02"  # document
    "00000008" + "0000000000000001"  # version
    "ffffffff"  # rendition
    "ffffffff"  # share
    "ffffffff"  # terms
    "00000008" + "0000000000000001"  # level
    "00000004" + "00000000"  # caveats: none
    "00000004" + "43544544"  # body
    "0000000f" + "4145532d3235362d47434d2d534956"  # algorithm
    "00000006" + "435445442f31"  # key
    "00000008" + "0000000000000000"  # floor
    "00000010" + "000102030405060708090a0b0c0d0e0f"  # payload nonce
    "00000008" + "0000000000000023"  # payload size
    "00000020" + "11" * 32 + "00000020" + "22" * 32  # kc, ph
)
SHARED_BYTES = bytes.fromhex(
    "706f7274616c2f777261702f763100"
    "00000010" + "00" * 15 + "01"
    "00000010" + "00" * 15 + "02"
    "00000008" + "0000000000000001"
    "00000010" + "00" * 15 + "03"
    "00000010" + "00" * 15 + "04"
    "00000020" + "33" * 32 + "00000008" + "0000000000000002"
    "00000025" + "00000003" + "00000001" + "61" + "00000002" + "6162" + "00000012" + "6f726967696e61746f725f636f6e74726f6c"
    "00000003" + "4f4354"
    "0000000f" + "4145532d3235362d47434d2d534956"
    "00000005" + "4f43542f37"
    "00000008" + "0000000000000009"
    "00000010" + "000102030405060708090a0b0c0d0e0f"
    "00000008" + "0000000000000023"
    "00000020" + "11" * 32 + "00000020" + "22" * 32
)


def test_the_bytes_are_those_of_the_format_page() -> None:
    assert OWN.encode("AES-256-GCM-SIV", "CTED/1", 0) == OWN_BYTES
    assert SHARED.encode("AES-256-GCM-SIV", "OCT/7", 9) == SHARED_BYTES


CHANGES: dict[str, list[object]] = {
    "object_id": [UUID(int=9)],
    "document_id": [UUID(int=9)],
    "version": [2, 0],
    "rendition_id": [None, UUID(int=9)],
    "share_id": [None, UUID(int=9)],
    "terms": [None, bytes(32)],
    "level": [0, 1],
    "caveats": [frozenset(), frozenset({"a"}), frozenset({"aab", "originator_control"})],
    "body": ["CTED", "OC", ""],
    "payload_nonce": [bytes(16)],
    "payload_size": [34, 36],
    "kc": [bytes(32)],
    "ph": [bytes(32)],
}


def test_every_field_of_the_label_changes_the_bytes() -> None:
    assert set(CHANGES) == {field.name for field in fields(ObjectLabel)}
    seen = {SHARED_BYTES}
    for name, values in CHANGES.items():
        for value in values:
            encoded = replace(SHARED, **{name: value}).encode("AES-256-GCM-SIV", "OCT/7", 9)  # type: ignore[arg-type]
            assert encoded not in seen, name
            seen.add(encoded)
    for algorithm, kek, floor in (("AES-256-GCM", "OCT/7", 9), ("AES-256-GCM-SIV", "OCT/8", 9), ("AES-256-GCM-SIV", "OCT/7", 8)):
        assert SHARED.encode(algorithm, kek, floor) not in seen


def test_the_bare_label_is_the_label_without_what_belongs_to_one_wrap() -> None:
    with_wrap = framed("AES-256-GCM-SIV", "OCT/7", 9)
    assert b"portal/wrap/v1\0" + SHARED.bare() == SHARED_BYTES.replace(with_wrap, b"")


VALUES = st.none() | st.binary(max_size=6) | st.text(max_size=4) | st.integers(0, 300) | st.frozensets(st.text(max_size=3), max_size=3)


@settings(max_examples=200, deadline=None)
@given(first=st.lists(VALUES, max_size=4), second=st.lists(VALUES, max_size=4))
def test_framed_fields_read_back_in_one_way_only(first: list, second: list) -> None:  # type: ignore[type-arg]
    """Fields have no types in the bytes; what each stands for as bytes is all that may coincide."""

    def flat(values: list) -> list[bytes | None]:  # type: ignore[type-arg]
        return [None if value is None else framed(value)[4:] for value in values]

    assert (framed(*first) == framed(*second)) == (flat(first) == flat(second))


def test_absent_is_not_empty() -> None:
    assert framed(None) != framed(b"")
    assert framed(frozenset()) != framed(frozenset({""}))


@pytest.mark.parametrize("number", [-1, 1 << 64])
def test_a_number_that_no_honest_row_holds_is_broken(number: int) -> None:
    with pytest.raises(Broken):
        framed(number)
