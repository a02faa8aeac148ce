"""The post-quantum recipient, beside X25519 (test_age.py) and the vectors of C2SP (test_vectors.py)."""

import json
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

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
from portal.vault.keyring import create_keyring, load_keyring
from portal.vault.models import SealedObjectRow
from portal.vault.recipients import Stanza, from64, parse_identity, parse_recipient, to64
from tests.rooms.vault.stage import CHEAP, IDENTITY, PASSPHRASE, RECIPIENT

KEY = FileKey(bytes(range(16)))
#: From the vectors of C2SP.
HYBRID = "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG"
HYBRID_RECIPIENT = parse_identity(HYBRID).recipient()
HEADER = write_header(KEY, HYBRID_RECIPIENT)
PUBLIC = decode_recipient(HYBRID_RECIPIENT)


def test_the_recipients_kind_decides_the_stanza_and_there_is_one() -> None:
    for recipient, kind in ((RECIPIENT, b"X25519"), (HYBRID_RECIPIENT, b"mlkem768x25519")):
        lines = write_header(KEY, recipient).splitlines()
        assert [line.split(b" ")[1] for line in lines if line.startswith(b"-> ")] == [kind]
        assert len(lines) == 4


@pytest.mark.parametrize("both", [f"{RECIPIENT} {HYBRID_RECIPIENT}", f"{RECIPIENT},{HYBRID_RECIPIENT}", RECIPIENT + HYBRID_RECIPIENT])
def test_two_recipients_at_once_are_none(both: str) -> None:
    with pytest.raises(Misconfigured):
        write_header(KEY, both)


def test_a_post_quantum_header_opens_with_its_identity_alone() -> None:
    assert open_header(HEADER, HYBRID) == KEY
    for other in (IDENTITY, new_recovery_identity(post_quantum=True)[0]):
        with pytest.raises(Broken, match="another identity"):
            open_header(HEADER, other)
    with pytest.raises(Broken, match="another identity"):
        open_header(write_header(KEY, RECIPIENT), HYBRID)


def test_a_post_quantum_header_fits_into_its_column() -> None:
    column = SealedObjectRow.__table__.c.header.type
    assert isinstance(column, LargeBinary)
    assert column.length is not None
    assert len(HEADER) == 1627 < column.length


def test_every_changed_character_of_a_post_quantum_header_is_refused() -> None:
    for place in [*range(60), *range(60, len(HEADER) - 100, 37), *range(len(HEADER) - 100, len(HEADER))]:
        changed = bytearray(HEADER)
        changed[place] ^= 1
        with pytest.raises(Broken):
            open_header(bytes(changed), HYBRID)


def test_a_new_identity_is_of_the_kind_asked_for_and_never_twice_the_same() -> None:
    made = [new_recovery_identity(post_quantum=post_quantum) for post_quantum in (False, True) for _ in range(2)]
    assert len(set(made)) == 4
    for (identity, recipient), starts in zip(made, ["AGE-SECRET-KEY-1"] * 2 + ["AGE-SECRET-KEY-PQ-1"] * 2, strict=True):
        assert identity.startswith(starts)
        assert recipient.startswith("age1pq1" if "PQ" in starts else "age1")
        assert parse_identity(identity).recipient() == recipient
        assert open_header(write_header(KEY, recipient), identity) == KEY


def test_names_of_both_kinds_are_read_and_written_alike() -> None:
    assert encode_identity(decode_identity(HYBRID), post_quantum=True) == HYBRID
    assert encode_recipient(PUBLIC) == HYBRID_RECIPIENT
    assert encode_recipient(decode_recipient(RECIPIENT)) == RECIPIENT


@pytest.mark.parametrize(
    "text",
    [
        HYBRID_RECIPIENT.upper(),
        HYBRID_RECIPIENT[:-1],
        HYBRID_RECIPIENT + "q",
        bech32.encode("age1pq", bytes(32)),
        bech32.encode("age1pq", PUBLIC + b"\0"),
        bech32.encode("age", PUBLIC),
        bech32.encode("age1tagpq", PUBLIC),
        HYBRID,
    ],
)
def test_a_text_that_is_no_recipient_of_its_kind_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured):
        parse_recipient(text)


@pytest.mark.parametrize("text", [HYBRID.lower(), HYBRID[:-1], bech32.encode("age-secret-key-pq-", bytes(31)).upper(), HYBRID_RECIPIENT])
def test_a_text_that_is_no_identity_of_its_kind_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        parse_identity(text)
    assert text not in str(refused.value)


def test_a_post_quantum_recipient_whose_numbers_are_none_is_refused() -> None:
    with pytest.raises(Misconfigured, match=r"^the recovery recipient is no key of ML-KEM-768: copy it again, in full$"):
        write_header(KEY, encode_recipient(b"\xff" * 1184 + PUBLIC[1184:]))
    with pytest.raises(Misconfigured, match=r"^the recovery recipient has a point of low order: make a new one$"):
        write_header(KEY, encode_recipient(PUBLIC[:1184] + bytes(32)))


def test_an_identity_is_x25519_unless_one_asks() -> None:
    """Debian's age opens no other."""
    assert new_recovery_identity()[0].startswith("AGE-SECRET-KEY-1")


def test_the_share_of_a_post_quantum_stanza_must_be_whole_and_have_a_usable_point() -> None:
    stanza = parse_recipient(HYBRID_RECIPIENT).wrap(KEY)
    share = from64(stanza.arguments[0])
    for wrong, says in (
        (share[:-1], "the share of an mlkem768x25519 stanza has another length"),
        (share + b"\0", "the share of an mlkem768x25519 stanza has another length"),
        (share[:-32] + bytes(32), "the share of an mlkem768x25519 stanza has no usable point"),
    ):
        with pytest.raises(Broken) as refused:
            parse_identity(HYBRID).unwrap(Stanza(stanza.kind, (to64(wrong),), stanza.body))
        assert refused.value.detail == says


def test_base64_ends_with_whatever_letter_it_ends_with() -> None:
    for letter in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/":
        text = b"AAA" + bytes([letter])
        assert to64(from64(text)) == text


@pytest.mark.parametrize("text", [HYBRID, IDENTITY])
def test_the_length_of_a_wrapped_key_is_checked_before_it_is_opened(text: str) -> None:
    """A longer one that opens under several keys tells which identity somebody holds (C2SP: partitioning oracle)."""
    identity = parse_identity(text)
    stanza = parse_recipient(identity.recipient()).wrap(KEY)
    for body in (stanza.body[:-1], stanza.body + b"\0", b""):
        with pytest.raises(Broken, match="another shape"):
            identity.unwrap(Stanza(stanza.kind, stanza.arguments, body))
    assert identity.unwrap(stanza) == KEY


def test_post_quantum_identities_come_from_a_keyring_that_was_made_so(tmp_path: Path) -> None:
    identities = create_keyring(tmp_path / "keyring.json", PASSPHRASE, ["CTED", "OCT"], post_quantum=True, **CHEAP)
    keyring = load_keyring(tmp_path / "keyring.json", PASSPHRASE)
    assert all(identity.startswith("AGE-SECRET-KEY-PQ-1") for identity in identities.values())
    for body, identity in identities.items():
        assert parse_identity(identity).recipient() == keyring.recovery(body)
        assert identity not in json.dumps((tmp_path / "keyring.json").read_text())
