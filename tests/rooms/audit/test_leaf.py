"""From a row to its leaf: vectors made by an independent writing-down of docs/formats/log.md, and what depends on what."""

import hashlib
import struct
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from portal.audit.canonical import COMMITTED, SHARED, Unreadable, blank_entry, event_entry, private_digest, shared_digest

ROW: dict[str, Any] = {
    "id": UUID("00112233-4455-4677-8899-aabbccddeeff"),
    "at": 1_795_521_600_000_000,
    "event": "share.page_read",
    "outcome": "done",
    "code": "",
    "actor": UUID(int=1),
    "actor_body": "OCT",
    "actor_roles": ",reviewer,",
    "session": None,
    "who": b"sealed name",
    "address": b"sealed address",
    "action": "share:read",
    "object_type": "Share",
    "object_id": "7",
    "document": None,
    "share": UUID(int=7),
    "bodies": ",CTED,OCT,",
    "rules": ",recipient-reads,",
    "policy_hash": "abc",
    "detail": '{"page":3}',
    "originator": "CTED",
    "private_part": b"sealed private part",
    "salt": bytes(range(32)),
}
SHARED_DIGEST = "099499c4100b3a253ab78a94ea1c57d484d5dfe12c1af8af5ca4d703a9e42b4e"
PRIVATE_DIGEST = "2d2692860256145f551cb7bf4fc12a127604435674e880b9629e721fca6359bb"
ENTRY = "0100112233445546778899aabbccddeeff9ac20f831f293fbea4adb361fbb8db2bea1eb2a620e8ccd1c4dfcf9933ed9689"
BLANK = "01000102030405060708090a0b0c0d0e0f56cb7e241bde1d49aa55b00e0b45a236b37394c830d7b8b21e9ba56731ce8b80"


def framed(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def written_down() -> tuple[bytes, bytes, bytes]:
    sha = hashlib.sha256
    shared = sha(
        b"portal/event/v1\x00"
        + framed(
            bytes.fromhex("00112233445546778899aabbccddeeff"),
            struct.pack(">q", 1_795_521_600_000_000),
            b"share.page_read",
            b"done",
            b"",
            bytes(15) + b"\x01",
            b"OCT",
            b",reviewer,",
            b"",
            sha(b"sealed name").digest(),
            sha(b"sealed address").digest(),
            b"share:read",
            b"Share",
            b"7",
            b"",
            bytes(15) + b"\x07",
            b",CTED,OCT,",
            b",recipient-reads,",
            b"abc",
            b'{"page":3}',
        )
    ).digest()
    private = sha(b"portal/event-private/v1\x00" + framed(b"CTED", b"sealed private part")).digest()
    commitment = sha(b"portal/leaf/v1\x00" + bytes(range(32)) + shared + private).digest()
    return shared, private, b"\x01" + bytes.fromhex("00112233445546778899aabbccddeeff") + commitment


def test_the_leaf_of_a_known_event_is_known() -> None:
    assert shared_digest(ROW).hex() == SHARED_DIGEST
    assert private_digest(ROW).hex() == PRIVATE_DIGEST
    assert event_entry(ROW).hex() == ENTRY
    assert (shared_digest(ROW), private_digest(ROW), event_entry(ROW)) == written_down()


def test_a_blank_leaf_is_known_and_has_the_shape_of_any_other() -> None:
    entry = blank_entry(bytes(range(16)), bytes(range(32)))
    assert entry.hex() == BLANK
    assert entry == b"\x01" + bytes(range(16)) + hashlib.sha256(b"portal/blank/v1\x00" + bytes(range(32))).digest()
    assert len(entry) == len(event_entry(ROW)) == 49


def test_both_databases_spellings_of_a_row_give_one_leaf() -> None:
    """SQLite read raw gives bytes for everything, a UUID as its hexadecimal digits, a number as its decimal ones."""
    raw = {
        name: value.hex.encode() if isinstance(value, UUID) else str(value).encode() if isinstance(value, str | int) else value
        for name, value in ROW.items()
    }
    assert event_entry(raw) == event_entry(ROW)


def test_the_page_on_formats_shows_the_same_vectors() -> None:
    page = (Path(__file__).parents[3] / "docs/formats/log.md").read_text(encoding="utf-8")
    assert all(vector in page for vector in (SHARED_DIGEST, PRIVATE_DIGEST, ENTRY, BLANK))


@pytest.mark.parametrize("name", COMMITTED)
def test_every_column_is_in_the_commitment(name: str) -> None:
    value = ROW[name]
    if isinstance(value, UUID):
        other: Any = UUID(int=value.int ^ 1)
    elif value is None:
        other = UUID(int=0)
    elif isinstance(value, int):
        other = value + 1
    elif isinstance(value, bytes):
        other = bytes([value[0] ^ 1]) + value[1:]
    else:
        other = value + "x"
    assert event_entry({**ROW, name: other}) != event_entry(ROW)


def test_a_letter_moved_from_one_column_to_the_next_is_another_event() -> None:
    assert shared_digest({**ROW, "event": "share.page_readd", "outcome": "one"}) != shared_digest(ROW)


def test_the_shared_part_does_not_tell_whether_there_is_an_originator() -> None:
    names = {name for name, _ in SHARED}
    assert names.isdisjoint({"originator", "private_part", "salt"})
    assert shared_digest({**ROW, "originator": "", "private_part": b"other"}) == shared_digest(ROW)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", b"00112233445546778899AABBCCDDEEFF"),
        ("id", None),
        ("id", b"0011"),
        ("at", b"1.5"),
        ("at", b"+1"),
        ("at", b"9" * 30),
        ("at", None),
        ("actor", b"nobody"),
        ("who", None),
        ("event", None),
        ("salt", bytes(31)),
        ("private_part", "text"),
    ],
)
def test_what_a_column_cannot_hold_is_unreadable(name: str, value: object) -> None:
    with pytest.raises(Unreadable, match=name):
        event_entry({**ROW, name: value})
