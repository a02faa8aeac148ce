"""The age header: a file made by the stock tool opens here, and whatever is not exactly a header is refused."""

import base64
import hmac
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.kernel.errors import Misconfigured
from portal.vault import bech32
from portal.vault.age import (
    decode_identity,
    decode_recipient,
    encode_identity,
    encode_recipient,
    new_recovery_identity,
    open_header,
    write_header,
)
from portal.vault.errors import Broken
from portal.vault.filekey import FileKey
from portal.vault.stream import Opening
from tests.rooms.vault.stage import IDENTITY, RECIPIENT

# Made for RECIPIENT with `age -r`, version 1.1.1.
STOCK_FILE = bytes.fromhex(
    "6167652d656e6372797074696f6e2e6f72672f76310a2d3e2058323535313920444d723977657a6565484e374461616278576b783243587731744251"
    "2f612f5041385468764d636257556f0a582f6574764f6d42664f7233324b58756a774c69584e4f2f31365549506f38616b794b393136496c7063450a"
    "2d2d2d20664a42526c7241685345526f38647857625674494e57493361474777414c6a505273662b355079556e45510a56f5805614b9e4d25e4a6a81"
    "619271afec61c6351705d19b1d3b4a524cdcee71c1313f9ef28c08725ab3bbcee924fd8b75e83ef59a021e4509fa551b219d8af24f604c40ed7dace6"
    "8582ad271c015908748cede872"
)
STOCK_WORDS = b"Samoria asked that page 3 stays with its originator.\n"
HEADER_SIZE = 168

KEY = FileKey(bytes(range(16)))
HEADER = write_header(KEY, RECIPIENT)


def test_a_file_of_the_stock_tool_opens_here() -> None:
    header, payload = STOCK_FILE[:HEADER_SIZE], STOCK_FILE[HEADER_SIZE:]
    key = open_header(header, IDENTITY)
    opening = Opening(key, payload[:16], len(payload), lambda offset, length: payload[offset : offset + length])
    assert opening.read() == STOCK_WORDS


def test_names_of_the_stock_tool_are_read_and_written_alike() -> None:
    assert encode_identity(decode_identity(IDENTITY)) == IDENTITY
    assert encode_recipient(decode_recipient(RECIPIENT)) == RECIPIENT


def test_a_header_gives_its_key_to_the_recovery_identity_alone() -> None:
    assert len(HEADER) == HEADER_SIZE
    assert open_header(HEADER, IDENTITY) == KEY
    with pytest.raises(Broken, match="another identity"):
        open_header(HEADER, new_recovery_identity()[0])


def test_two_headers_of_one_key_have_nothing_in_common() -> None:
    assert write_header(KEY, RECIPIENT).splitlines()[1:] != HEADER.splitlines()[1:]


def test_every_changed_byte_of_a_header_is_refused() -> None:
    for place in range(len(HEADER)):
        for bit in (1, 128):
            changed = bytearray(HEADER)
            changed[place] ^= bit
            with pytest.raises(Broken):
                open_header(bytes(changed), IDENTITY)


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(0, HEADER_SIZE - 1), more=st.binary(min_size=1, max_size=20))
def test_a_cut_or_extended_header_is_refused(cut: int, more: bytes) -> None:
    for changed in (HEADER[:cut], HEADER + more, more + HEADER):
        with pytest.raises(Broken):
            open_header(changed, IDENTITY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\n", b"\r\n"),
        (b"v1\n", b"v2\n"),
        (b"-> X25519", b"->  X25519"),
        (b"-> X25519", b"-> X25519 argument"),
        (b"--- ", b"---"),
        (b"--- ", b"---  "),
        (b"-> X25519", b"-> x25519"),
    ],
)
def test_a_header_in_another_shape_is_refused(old: bytes, new: bytes) -> None:
    assert old in HEADER
    with pytest.raises(Broken):
        open_header(HEADER.replace(old, new), IDENTITY)


def _by_hand(*lines: bytes) -> bytes:
    """A header with whatever lines one likes, and a MAC that is right."""
    head = b"\n".join(lines) + b"\n---"
    return head + b" " + base64.b64encode(hmac.digest(KEY.header_key(), head, "sha256")).rstrip(b"=") + b"\n"


_, STANZA, BODY, _, _ = HEADER.split(b"\n")
V1 = b"age-encryption.org/v1"


def test_a_header_by_hand_opens_if_it_is_right() -> None:
    assert open_header(_by_hand(V1, STANZA, BODY), IDENTITY) == KEY
    assert open_header(_by_hand(V1, b"-> other argument", b"", STANZA, BODY), IDENTITY) == KEY
    assert open_header(_by_hand(V1, b"-> other", b"A" * 64, b"", STANZA, BODY), IDENTITY) == KEY


@pytest.mark.parametrize(
    "lines",
    [
        (b"age-encryption.org/v2", STANZA, BODY),
        (V1 + b" ", STANZA, BODY),
        (V1,),
        (V1, STANZA + b" argument", BODY),
        (V1, b"-> X25519", BODY),
        (V1, STANZA, BODY + b"AA"),
        (V1, STANZA, b""),
        (V1, STANZA, BODY, b""),
        (V1, b"-> other", b"A" * 68, b"", STANZA, BODY),
        (V1, b"-> other", b"A" * 64, STANZA, BODY),
        (V1, b"-> other", STANZA, BODY),
        (V1, b"-> ", b"", STANZA, BODY),
        (V1, b"-> other  two", b"", STANZA, BODY),
        (V1, b"-> other \xc3\xa9", b"", STANZA, BODY),
        (V1, b"->other", b"", STANZA, BODY),
    ],
)
def test_a_header_in_another_shape_is_refused_even_with_a_right_mac(lines: tuple[bytes, ...]) -> None:
    with pytest.raises(Broken):
        open_header(_by_hand(*lines), IDENTITY)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (HEADER[:-1], "the age header is cut"),
        (b"age-encryption.org/v2" + HEADER[21:], "not an age v1 header"),
        (HEADER + b"\n", "the age header does not end with its MAC"),
        (HEADER[:-44] + b"A" * 40 + b"\n", "the age header's MAC has another length"),
        (V1 + b"\n--- " + b"A" * 43 + b"\n", "the age header names no recipient"),
        (_by_hand(V1, b"-> scrypt", b"", STANZA, BODY), "the age header has a passphrase beside other recipients"),
        (_by_hand(V1, b"-> scrypt", b""), "the age header is for another identity"),
        (_by_hand(V1, b"->other", b""), "a stanza of the age header does not begin as it must"),
        (_by_hand(V1, b"-> other  two", b""), "a stanza of the age header has an argument that is none"),
        (_by_hand(V1, b"-> other", b"A" * 65, b""), "a line of the age header is too long"),
        (_by_hand(V1, b"-> other", b"A" * 64), "a stanza of the age header has no end"),
        (_by_hand(V1, b"-> other", b"A" * 5), "the age header holds something that is not base64"),
        (_by_hand(V1, b"-> other", b"AB"), "the age header holds base64 that is not canonical"),
        (_by_hand(V1, STANZA + b" argument", BODY), "an X25519 stanza of the age header has another shape"),
        (_by_hand(V1, b"-> X25519 " + b"A" * 42, BODY), "the share of an X25519 stanza has another length"),
        (_by_hand(V1, b"-> X25519 " + b"A" * 43, BODY), "the share of an X25519 stanza is no usable point"),
        (_by_hand(V1, b"-> mlkem768x25519", BODY), "the age header is for another identity"),
        (HEADER.replace(b"X25519 ", b"x25519 "), "the age header is for another identity"),
        (HEADER[:-44] + b"A" * 43 + b"\n", "the age header's MAC does not match"),
    ],
    ids=lambda value: value if isinstance(value, str) else "header",
)
def test_a_header_that_is_refused_says_why(header: bytes, says: str) -> None:
    with pytest.raises(Broken) as refused:
        open_header(header, IDENTITY)
    assert refused.value.detail == says


def test_base64_that_is_not_canonical_is_refused() -> None:
    """43 letters hold two bits more than 32 bytes: a reader that ignores them takes four texts for one."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = HEADER[-2]
    other = alphabet[alphabet.index(last) ^ 1]
    with pytest.raises(Broken, match="not canonical"):
        open_header(HEADER[:-2] + bytes([other]) + b"\n", IDENTITY)
    with pytest.raises(Broken):
        open_header(HEADER[:-1] + b"=\n", IDENTITY)


def test_a_point_of_low_order_is_refused() -> None:
    lines = HEADER.split(b"\n")
    lines[1] = b"-> X25519 " + b"A" * 43
    with pytest.raises(Broken, match="no usable point"):
        open_header(b"\n".join(lines), IDENTITY)
    with pytest.raises(Misconfigured, match=r"^the recovery recipient is a point of low order: make a new one with age-keygen$"):
        write_header(KEY, encode_recipient(bytes(32)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        IDENTITY,
        RECIPIENT.upper(),
        RECIPIENT[:-1],
        RECIPIENT + "q",
        RECIPIENT.replace("qnq", "qNq"),
        RECIPIENT[:-1] + ("q" if RECIPIENT[-1] != "q" else "p"),
        bech32.encode("age", bytes(31)),
        bech32.encode("agd", bytes(32)),
    ],
)
def test_a_recipient_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured):
        decode_recipient(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("age2", "it does not begin with age1"),
        (RECIPIENT[:-1], "wrong checksum: a letter was mistyped"),
        (bech32.encode("age", bytes(31)), "it is of another kind"),
        (bech32.encode("age1pq", bytes(31)), "it is of another kind"),
    ],
)
def test_a_recipient_that_is_refused_says_why(text: str, fault: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        decode_recipient(text)
    assert refused.value.detail == f"the recovery recipient is not one that age would take: {fault}; copy it again, in full"


def test_an_identity_that_is_refused_says_why() -> None:
    with pytest.raises(Misconfigured) as refused:
        decode_identity("AGE-SECRET-KEY-2")
    fault = "it does not begin with AGE-SECRET-KEY-1"
    assert refused.value.detail == f"the recovery identity is not one that age would take: {fault}; copy it again, in full"


def test_an_identity_in_lower_case_or_of_another_kind_is_refused_and_not_repeated() -> None:
    for text in (IDENTITY.lower(), RECIPIENT, IDENTITY[:-1]):
        with pytest.raises(Misconfigured) as refused:
            decode_identity(text)
        assert text not in str(refused.value)


def test_padding_of_bech32_must_be_zero() -> None:
    # 33 values hold 165 bits: 20 bytes and 5 bits too many
    values = [0] * 33
    check = bech32._polymod(bech32._expanded("age") + values + [0] * 6) ^ 1
    text = "age1" + "q" * 33 + "".join(bech32._ALPHABET[check >> 5 * (5 - place) & 31] for place in range(6))
    with pytest.raises(ValueError, match="padding"):
        bech32.decode(text)


def test_a_file_key_shows_nothing_and_stays_here() -> None:
    assert "0" not in repr(KEY)
    assert "0" not in str(KEY)
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
    with pytest.raises(ValueError, match="16 bytes"):
        FileKey(bytes(15))
    assert FileKey.new() != KEY
